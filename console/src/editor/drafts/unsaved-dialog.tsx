import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { Dialog } from "../../app/dialog";
import { parseFlow } from "../../flow-text/flow-text";
import { DifferenceOfFlows } from "../publishing/difference-list";
import type { Stored } from "./draft-state";
import { timeWords } from "./texts";
import type { UnsavedCopy } from "./unsaved-copy";

interface Props {
  copy: UnsavedCopy;
  stored: Stored;
  onTakeUp(): void;
  onDrop(): void;
}

/** Offers the changes of an earlier visit that were not saved. */
export function UnsavedDialog({ copy, stored, onTakeUp, onDrop }: Props) {
  const isStale = copy.etag !== stored.etag;
  const before = parseFlow(copy.base || stored.text).flow;
  const after = parseFlow(copy.text).flow;
  return (
    <Dialog
      size="large"
      title="Changes of yours were not saved"
      closeLabel="Go on with my changes"
      onClose={onTakeUp}
      buttons={
        <>
          <Button onClick={onDrop}>Drop my changes</Button>
          <Button variant="primary" onClick={onTakeUp}>
            Go on with my changes
          </Button>
        </>
      }
    >
      <Box>
        You made them on {timeWords(copy.at)}. They were kept in this browser.
        {isStale && " Someone else saved this draft since then: when you go on, you see both texts and decide."}
      </Box>
      {after ? (
        <DifferenceOfFlows before={before} after={after} names={["Before", "Yours"]} />
      ) : (
        <Box>
          The text of your changes is broken, so they cannot be shown node by node. The text view shows the line.
        </Box>
      )}
    </Dialog>
  );
}
