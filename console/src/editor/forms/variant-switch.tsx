import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import { useState } from "react";
import { FormDialog } from "../../app/dialog";
import type { FlowNode } from "../../flow-text/flow-text";
import { variantOf } from "../../node-types/node-type";
import { useEditor } from "../editor-state";
import { type Switch, switchTo } from "./variants";

/** Chooses between the variants of a type; asks before what only the old one has is dropped. */
export function VariantSwitch({ node }: { node: FlowNode }) {
  const { nodeTypes, change, readOnly } = useEditor();
  const [asked, setAsked] = useState<(Switch & { title: string }) | null>(null);
  const variants = nodeTypes.find(({ name }) => name === node.type)?.variants ?? [];
  const now = variantOf(nodeTypes, node);
  if (variants.length < 2) return null;

  function choose(title: string) {
    const to = variants.find((each) => each.title === title);
    if (!to || to === now) return;
    const next = { ...switchTo(node, to, nodeTypes), title };
    if (next.dropped.length > 0) setAsked(next);
    else change(`${node.id}: ${title}`, next.edit);
  }

  return (
    <>
      <FormField label="What this node does">
        <RadioGroup
          value={now?.title ?? null}
          items={variants.map(({ title }) => ({ value: title, label: title }))}
          readOnly={readOnly}
          onChange={({ detail }) => choose(detail.value)}
        />
      </FormField>
      {asked && (
        <FormDialog
          title={`Change to "${asked.title}"?`}
          onClose={() => setAsked(null)}
          action="Change"
          onSubmit={() => {
            setAsked(null);
            change(`${node.id}: ${asked.title}`, asked.edit);
          }}
        >
          <div>
            <p>What this node says there has no place then, and is taken out. You can undo it.</p>
            <ul>
              {asked.dropped.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </div>
        </FormDialog>
      )}
    </>
  );
}
