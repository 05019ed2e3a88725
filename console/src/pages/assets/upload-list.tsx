import Button from "@cloudscape-design/components/button";
import LiveRegion from "@cloudscape-design/components/live-region";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { AssetPicture } from "./asset-picture";
import { type Asset, sizeWords } from "./asset-rules";
import { type FileUpload, isActive, type useUploads } from "./use-uploads";

interface Props {
  work: ReturnType<typeof useUploads>;
  /** The names of the library. */
  taken: ReadonlySet<string>;
  /** What else can be done with a file that is ready. */
  whenReady?(asset: Asset): ReactNode;
}

/** The files that are being uploaded: how far each is, what the server said, and what can be done. */
export function UploadList({ work, taken, whenReady }: Props) {
  return (
    <SpaceBetween size="m">
      {work.uploads.map((upload) => (
        <div key={upload.id} role="group" aria-label={upload.file.name} className="asset-row">
          <AssetPicture asset={upload.asset ?? { thumbnail_url: null }} size="small" />
          <SpaceBetween size="xxs">
            <span className="file-name">
              {upload.file.name} ({sizeWords(upload.file.size)})
            </span>
            <Progress upload={upload} />
            <Choices upload={upload} work={work} taken={taken} whenReady={whenReady} />
          </SpaceBetween>
        </div>
      ))}
      <LiveRegion hidden>{work.uploads.map(announcement).join(" ")}</LiveRegion>
    </SpaceBetween>
  );
}

function Progress({ upload: { phase, percent, reason, file } }: { upload: FileUpload }) {
  if (phase === "sending") return <ProgressBar value={percent} ariaLabel={`${file.name}: sent`} />;
  if (phase === "announced") return <StatusIndicator type="pending">Waiting</StatusIndicator>;
  if (phase === "checking") return <StatusIndicator type="in-progress">Being checked</StatusIndicator>;
  if (phase === "ready") return <StatusIndicator type="success">Ready</StatusIndicator>;
  if (phase === "cancelled") return <StatusIndicator type="stopped">Cancelled</StatusIndicator>;
  if (phase === "slow") {
    return <StatusIndicator type="info">Still being checked. The library will show what became of it.</StatusIndicator>;
  }
  return <StatusIndicator type="error">{reason}</StatusIndicator>;
}

function Choices({ upload, work, taken, whenReady }: Props & { upload: FileUpload }) {
  const name = upload.file.name;
  const button = (text: string, onClick: () => void) => (
    <Button variant="inline-link" ariaLabel={`${text}: ${name}`} onClick={onClick}>
      {text}
    </Button>
  );
  if (isActive(upload)) return button("Cancel", () => work.cancel(upload.id));
  if (upload.phase === "ready") return upload.asset ? whenReady?.(upload.asset) : null;
  return (
    <SpaceBetween size="s" direction="horizontal">
      {upload.taken && button("Replace the file in the library", () => work.replace(upload))}
      {upload.taken && button("Keep both", () => work.addBeside(upload, taken))}
      {!upload.taken && upload.phase !== "slow" && button("Try again", () => work.retry(upload))}
      {button("Remove from this list", () => work.forget(upload.id))}
    </SpaceBetween>
  );
}

/** Changes at each quarter only, so that a screen reader is not flooded. */
function announcement({ file, phase, percent, reason }: FileUpload): string {
  if (phase === "sending") return `${file.name}: ${percent - (percent % 25)} percent sent.`;
  if (phase === "failed") return `${file.name} was not added: ${reason}`;
  return `${file.name}: ${{ announced: "waiting", checking: "being checked", ready: "ready", slow: "still being checked", cancelled: "cancelled" }[phase]}.`;
}
