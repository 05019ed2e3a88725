import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import {
  copyNodes,
  deleteNodes,
  EditRefused,
  type FlowModel,
  type FlowNode,
  pasteNodes,
  renameNode,
} from "../../flow-text/flow-text";
import { variantOf } from "../../node-types/node-type";
import { NAME_FIELD, useEditor } from "../editor-state";
import { leadingTo } from "./incoming";

const SHOWN = 5;

/** The name of a node and what can be done with the whole of it, and what leads to it. */
export function NodeHeader({ node, flow }: { node: FlowNode; flow: FlowModel }) {
  const { text, nodeTypes, readOnly, change, open, renamed, close, select } = useEditor();
  const [name, setName] = useState(node.id);
  const [refused, setRefused] = useState("");
  const type = nodeTypes.find((each) => each.name === node.type);
  const title = variantOf(nodeTypes, node)?.title ?? type?.title ?? node.type;
  const incoming = useMemo(() => leadingTo(flow, nodeTypes, node.id), [flow, nodeTypes, node.id]);

  function rename() {
    if (name === node.id) return;
    try {
      renameNode(text, node.id, name, nodeTypes);
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      setRefused(error.message);
      return;
    }
    change(`Rename ${node.id} to ${name}`, (now) => renameNode(now, node.id, name, nodeTypes));
    select([name]);
    renamed(name);
  }

  function duplicate() {
    let ids: string[] = [];
    change(`Duplicate ${node.id}`, (now) => {
      const pasted = pasteNodes(now, copyNodes(now, [node.id]), nodeTypes);
      ids = pasted.ids;
      return pasted.text;
    });
    const [copy] = ids;
    if (copy === undefined) return;
    select([copy]);
    open(copy);
  }

  function remove() {
    change(`Delete ${node.id}`, (now) => deleteNodes(now, [node.id], nodeTypes));
    select([]);
    close();
  }

  return (
    <SpaceBetween size="s">
      <Header variant="h2" description={type?.about}>
        {title || "Node"}
      </Header>
      {!readOnly && (
        <SpaceBetween size="xs" direction="horizontal">
          <Button iconName="copy" onClick={duplicate}>
            Duplicate
          </Button>
          <Button iconName="remove" onClick={remove}>
            Delete
          </Button>
        </SpaceBetween>
      )}
      <div data-field={NAME_FIELD}>
        <FormField
          label="Name"
          description="The name in the flow. Exits and variables follow when it changes."
          errorText={refused}
          stretch
        >
          <Input
            value={name}
            readOnly={readOnly}
            spellcheck={false}
            autoComplete={false}
            onChange={({ detail }) => {
              setName(detail.value);
              setRefused("");
            }}
            onBlur={rename}
            onKeyDown={({ detail }) => detail.key === "Enter" && rename()}
          />
        </FormField>
      </div>
      <Box variant="small">
        {node.id === flow.start && "The session begins here. "}
        {incoming.length > 0 && (
          <>
            Reached from{" "}
            {incoming.slice(0, SHOWN).map((each, at) => (
              <span key={`${each.node} ${each.exit}`}>
                {at > 0 && ", "}
                <Link fontSize="inherit" onFollow={() => open(each.node)}>
                  {each.node}
                </Link>{" "}
                ({each.exit})
              </span>
            ))}
            {incoming.length > SHOWN && ` and ${incoming.length - SHOWN} more exits`}.
          </>
        )}
        {incoming.length === 0 && node.id !== flow.start && "No exit leads here yet."}
      </Box>
    </SpaceBetween>
  );
}
