import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { useMe } from "../../app/context";
import { Dialog } from "../../app/dialog";
import { EditRefused, parseFlow } from "../../flow-text/flow-text";
import { commentsIn, partsOf } from "../../flow-text/parts";
import { FieldTable } from "../publishing/difference-list";
import { type FieldChange, flowDifference } from "../publishing/flow-difference";
import type { Stored } from "./draft-state";
import { type Difference, differences, linesOf, merged, type Side } from "./merging";
import { download, timeWords } from "./texts";

interface Props {
  flow: string;
  /** The text that both changes go back to; "" where it is not known. */
  base: string;
  mine: string;
  theirs: Stored;
  onDecide(what: string, text: string): void;
  onLater(): void;
}

/** Someone else saved the draft meanwhile: both texts side by side, and the user decides, for all or node by node. */
export function ConflictDialog({ flow, base, mine, theirs, onDecide, onLater }: Props) {
  const me = useMe().data?.name;
  const parts = useMemo(() => differences(base, mine, theirs.text), [base, mine, theirs]);
  const fieldsOf = useMemo(() => fieldChanges(theirs.text, mine), [theirs, mine]);
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  const [refused, setRefused] = useState("");
  const sideOf = ({ node, changedBy }: Difference): Side | null =>
    chosen[node ?? ""] ?? (changedBy === "both" ? null : changedBy);
  const open = parts?.filter((part) => sideOf(part) === null).length ?? 0;
  const who = theirs.by === me ? "You, in another window," : theirs.by;

  const merge = (changed: Difference[]) => {
    const mineParts = new Set(changed.filter((part) => sideOf(part) === "mine").map((part) => part.node));
    try {
      const text = merged(mine, theirs.text, (node) => (mineParts.has(node) ? "mine" : "theirs"));
      onDecide("Merge with the other changes", text);
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      setRefused(error.message);
    }
  };

  return (
    <Dialog
      size="max"
      title="Someone else changed this draft"
      closeLabel="Decide later"
      onClose={onLater}
      buttons={
        <>
          <Button onClick={() => onDecide("Take the other changes", theirs.text)}>Take all of theirs</Button>
          <Button onClick={() => onDecide("Keep my text", mine)}>Keep all of mine</Button>
          {parts && parts.length > 0 && (
            <Button
              variant="primary"
              disabled={open > 0}
              disabledReason="Choose for each node first."
              onClick={() => merge(parts)}
            >
              Save what is chosen
            </Button>
          )}
        </>
      }
    >
      <Box>
        {theirs.etag === null
          ? "The draft was deleted while you changed it. What is live now stands beside your text."
          : `${who} saved it on ${timeWords(theirs.at)}.`}{" "}
        {mine === base
          ? "You have changed nothing since you opened it."
          : "Your changes are not saved. They are kept in this browser until you decide, and undo brings them back afterwards."}
      </Box>
      <SpaceBetween direction="horizontal" size="xs">
        <Button iconName="download" onClick={() => download(`${flow}-mine.yaml`, mine)}>
          Download mine
        </Button>
        <Button iconName="download" onClick={() => download(`${flow}-theirs.yaml`, theirs.text)}>
          Download theirs
        </Button>
      </SpaceBetween>
      {refused && (
        <Alert type="error" header="These choices cannot be put together">
          {refused} Take one of the two texts as a whole, or download both.
        </Alert>
      )}
      {!parts && (
        <Alert type="info">
          One of the texts is broken, or its nodes are written in brackets, so they cannot be shown node by node.
        </Alert>
      )}
      {parts?.length === 0 && <Box>Only empty lines and the order of nodes differ.</Box>}
      {parts?.map((part) => (
        <Part
          key={part.node ?? ""}
          part={part}
          fields={fieldsOf(part.node)}
          side={sideOf(part)}
          onChoose={(side) => setChosen((now) => ({ ...now, [part.node ?? ""]: side }))}
        />
      ))}
    </Dialog>
  );
}

/** What differs in a part, from their text to mine: its fields, and its comments as one more. */
function fieldChanges(theirs: string, mine: string): (node: string | null) => FieldChange[] {
  const [here, there] = [partsOf(mine), partsOf(theirs)];
  const [before, after] = [parseFlow(theirs).flow, parseFlow(mine).flow];
  if (!here || !there || !after) return () => [];
  const { nodes, settings } = flowDifference(before, after);
  return (node) => {
    const fields = node === null ? settings : (nodes.find((each) => each.node === node)?.fields ?? []);
    const [old, now] = [there, here].map((parts) => commentWords(linesOf(parts, node)));
    return old === now ? fields : [...fields, { field: "comments", before: old || null, after: now || null }];
  };
}

function commentWords(lines = ""): string {
  return commentsIn(lines)
    .map((comment) => comment.replace(/^#\s*/, ""))
    .join("\n");
}

const CHANGED_BY = { mine: "changed by you", theirs: "changed by the other", both: "changed by both: choose" };

interface PartProps {
  part: Difference;
  fields: FieldChange[];
  side: Side | null;
  onChoose(side: Side): void;
}

function Part({ part, fields, side, onChoose }: PartProps) {
  const title = part.node ?? "Settings of the flow";
  return (
    <Container
      header={
        <Header variant="h3" description={CHANGED_BY[part.changedBy]}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {fields.length > 0 ? (
          <FieldTable title={`Differences of ${title}`} fields={fields} names={["Theirs", "Mine"]} />
        ) : (
          <Box>Only the layout of the text differs.</Box>
        )}
        <RadioGroup
          ariaLabel={`Which ${title} to keep`}
          direction="horizontal"
          value={side}
          onChange={({ detail }) => onChoose(detail.value as Side)}
          items={[
            { value: "theirs", label: "Theirs" },
            { value: "mine", label: "Mine" },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}
