import Box from "@cloudscape-design/components/box";
import { Dialog } from "../app/dialog";
import { KEYS_SHOWN } from "./keys";

export function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <Box color="text-body-secondary">
        They act while the canvas or the outline has the focus, not in a text field.
      </Box>
      <table className="keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          {KEYS_SHOWN.map(({ keys, what }) => (
            <tr key={keys}>
              <td>
                <b>{keys}</b>
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
