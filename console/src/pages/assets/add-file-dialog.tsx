import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useRole } from "../../app/context";
import { Dialog } from "../../app/dialog";
import { useAssets } from "./asset-requests";
import { type Asset, type Kind, wantedKinds } from "./asset-rules";
import { DropArea } from "./drop-area";
import { Library } from "./library";
import { UploadList } from "./upload-list";
import { isActive, useUploads } from "./use-uploads";

interface Props {
  onDismiss(): void;
  /** Called with the file that was chosen; without it, the dialog only uploads. */
  onChosen?(asset: Asset): void;
  /** The kinds that can be chosen; all without it. */
  kinds?: readonly Kind[];
  /** The uploaded file replaces that of this asset. */
  replaces?: Asset;
}

/** Upload files, or choose one of the library. Shown as long as it is mounted. */
export function AddFileDialog({ onDismiss, onChosen, kinds, replaces }: Props) {
  const mayUpload = useRole("editor");
  const [chosen, setChosen] = useState<Asset | null>(null);
  const [leaving, setLeaving] = useState(false);
  const assets = useAssets();
  const fits = (asset: Asset) => !kinds || (asset.kind !== null && kinds.includes(asset.kind));
  const work = useUploads({
    replaces,
    onReady: (asset) => {
      if (fits(asset)) setChosen((now) => now ?? asset);
    },
  });
  const unfinished = work.uploads.some((each) => isActive(each));
  const leave = () => (unfinished && !leaving ? setLeaving(true) : onDismiss());
  const upload = (
    <DropArea several={!replaces} onFiles={work.add}>
      <UploadList
        work={work}
        taken={new Set([...(assets.data ?? []), ...work.uploads].map(({ name }) => name))}
        whenReady={(asset) => {
          if (!onChosen) return null;
          if (!fits(asset)) return `It is in the library. Here, ${wantedKinds(kinds ?? [])} is needed.`;
          if (chosen?.name === asset.name) return "Chosen";
          return (
            <Button variant="inline-link" ariaLabel={`Choose ${asset.filename}`} onClick={() => setChosen(asset)}>
              Choose
            </Button>
          );
        }}
      />
    </DropArea>
  );
  const library = <Library kinds={kinds} chosen={chosen} onChoose={setChosen} />;
  return (
    <Dialog
      size={onChosen ? "large" : "medium"}
      title={replaces ? `Replace ${replaces.filename}` : "Add file"}
      onClose={leave}
      buttons={
        <>
          <Button variant={onChosen ? "link" : "primary"} onClick={leave}>
            {onChosen ? "Cancel" : "Close"}
          </Button>
          {onChosen && (
            <Button variant="primary" disabled={!chosen} onClick={() => chosen && onChosen(chosen)}>
              {chosen ? `Use ${shortened(chosen.filename)}` : "Use the file"}
            </Button>
          )}
        </>
      }
    >
      {replaces && (
        <Box>
          Flows send the new file as soon as it is checked. It must be{" "}
          {wantedKinds(replaces.kind ? [replaces.kind] : [])}, as now.
        </Box>
      )}
      {onChosen && mayUpload ? (
        <Tabs
          ariaLabel="Where the file comes from"
          tabs={[
            { id: "upload", label: "Upload", content: upload },
            { id: "library", label: "Library", content: library },
          ]}
        />
      ) : onChosen ? (
        library
      ) : (
        upload
      )}
      {leaving && unfinished && (
        <Alert
          type="warning"
          header="Files are still on their way"
          action={<Button onClick={onDismiss}>Cancel them and close</Button>}
        >
          Wait a moment, or close the window: what was not sent yet is then not added.
        </Alert>
      )}
    </Dialog>
  );
}

function shortened(filename: string): string {
  return filename.length > 40 ? `${filename.slice(0, 24)}...${filename.slice(-12)}` : filename;
}
