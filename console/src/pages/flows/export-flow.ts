import { readText } from "./flow-requests";
import type { FlowHead } from "./flow-rules";

/** Save the YAML text of a flow as a file of the user's. */
export async function exportFlow(flow: FlowHead, which: "draft" | number): Promise<void> {
  const text = await readText(flow.name, which);
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${flow.name}.yaml`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
