import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
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
    <Modal
      visible
      size="large"
      header="Changes of yours were not saved"
      closeAriaLabel="Go on with my changes"
      onDismiss={onTakeUp}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onDrop}>Drop my changes</Button>
            <Button variant="primary" onClick={onTakeUp}>
              Go on with my changes
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
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
      </SpaceBetween>
    </Modal>
  );
}
