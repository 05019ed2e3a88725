import Button from "@cloudscape-design/components/button";
import { Dialog } from "../../app/dialog";

/** Asks before a draft without nodes replaces one that has some. */
export function EmptiesDialog({ onEmpty, onBack }: { onEmpty(): void; onBack(): void }) {
  return (
    <Dialog
      title="Save the flow without nodes?"
      closeLabel="Bring the nodes back"
      onClose={onBack}
      buttons={
        <>
          <Button onClick={onEmpty}>Save without nodes</Button>
          <Button variant="primary" onClick={onBack}>
            Bring the nodes back
          </Button>
        </>
      }
    >
      No nodes are left in this flow. What is stored has nodes, and saving would replace them. The live version stays as
      it is.
    </Dialog>
  );
}
