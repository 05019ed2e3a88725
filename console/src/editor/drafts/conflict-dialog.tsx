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
import { EditRefused, type FlowModel, parseFlow } from "../../flow-text/flow-text";
import { FieldTable } from "../publishing/difference-list";
import { flowDifference } from "../publishing/flow-difference";
import type { Stored } from "./draft-state";
import { differences, type Side, withMine } from "./merging";
import { download, timeWords } from "./texts";

interface Props {
  flow: string;
  /** The text that both changes go back to. */
  base: string;
  mine: string;
  theirs: Stored;
  onDecide(what: string, text: string): void;
  onLater(): void;
}

/** Someone else saved the draft meanwhile: both texts side by side, and the user decides, for all or node by node. */
export function ConflictDialog({ flow, base, mine, theirs, onDecide, onLater }: Props) {
  const me = useMe().data?.name;
  const flows = useMemo(() => {
    const [one, other] = [parseFlow(mine).flow, parseFlow(theirs.text).flow];
    return one && other ? { mine: one, theirs: other, base: parseFlow(base).flow } : null;
  }, [base, mine, theirs]);
  const parts = useMemo(() => (flows ? differences(flows.base, flows.mine, flows.theirs) : []), [flows]);
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  const [refused, setRefused] = useState("");
  const sideOf = (part: (typeof parts)[number]): Side | null =>
    chosen[part.node ?? ""] ?? (part.changedBy === "both" ? null : part.changedBy);
  const open = parts.filter((part) => sideOf(part) === null).length;
  const who = theirs.by === me ? "You, in another window" : theirs.by;

  const merge = (models: { mine: FlowModel; theirs: FlowModel }) => {
    const mineParts = parts.filter((part) => sideOf(part) === "mine").map((part) => part.node);
    try {
      onDecide("Merge with the other changes", withMine(theirs.text, models.mine, models.theirs, mineParts));
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
          <Button onClick={() => onDecide("Take the other changes", theirs.text)}>Take theirs</Button>
          <Button onClick={() => onDecide("Keep my text", mine)}>Keep mine</Button>
          {flows && parts.length > 0 && (
            <Button
              variant="primary"
              disabled={open > 0}
              disabledReason="Choose for each node first."
              onClick={() => merge(flows)}
            >
              Save what is chosen below
            </Button>
          )}
        </>
      }
    >
      <Box>
        {theirs.etag === null
          ? "The draft was deleted while you changed it. What is live now stands beside your text."
          : `${who} saved it on ${timeWords(theirs.at)}, while you changed it.`}{" "}
        Your text is not saved. It is kept in this browser until you decide, and undo brings it back afterwards.
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
      {!flows && <Alert type="info">One of the texts is broken, so they cannot be shown node by node.</Alert>}
      {flows && parts.length === 0 && <Box>Only comments and layout of the text differ.</Box>}
      {flows &&
        parts.map((part) => (
          <Part
            key={part.node ?? ""}
            title={part.node ?? "Settings of the flow"}
            node={part.node}
            changedBy={part.changedBy}
            flows={flows}
            side={sideOf(part)}
            onChoose={(side) => setChosen((now) => ({ ...now, [part.node ?? ""]: side }))}
          />
        ))}
    </Dialog>
  );
}

const CHANGED_BY = { mine: "changed by you", theirs: "changed by the other", both: "changed by both: choose" };

interface PartProps {
  title: string;
  node: string | null;
  changedBy: Side | "both";
  flows: { mine: FlowModel; theirs: FlowModel };
  side: Side | null;
  onChoose(side: Side): void;
}

function Part({ title, node, changedBy, flows, side, onChoose }: PartProps) {
  const fields = useMemo(() => {
    const difference = flowDifference(flows.theirs, flows.mine);
    return node === null ? difference.settings : (difference.nodes.find((each) => each.node === node)?.fields ?? []);
  }, [flows, node]);
  return (
    <Container
      header={
        <Header variant="h3" description={CHANGED_BY[changedBy]}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <FieldTable title={`Differences of ${title}`} fields={fields} names={["Theirs", "Mine"]} />
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
