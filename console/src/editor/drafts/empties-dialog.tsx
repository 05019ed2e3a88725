import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";

/** Asks before a draft without nodes replaces one that has some. */
export function EmptiesDialog({ onEmpty, onBack }: { onEmpty(): void; onBack(): void }) {
  return (
    <Modal
      visible
      header="Save the flow without nodes?"
      closeAriaLabel="Bring the nodes back"
      onDismiss={onBack}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onEmpty}>Save without nodes</Button>
            <Button variant="primary" onClick={onBack}>
              Bring the nodes back
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      No nodes are left in this flow. What is stored has nodes, and saving would replace them. The live version stays as
      it is.
    </Modal>
  );
}
