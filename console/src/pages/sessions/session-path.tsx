import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { explain } from "../../api/problems";
import { Loading } from "../../app/loading";
import type { CanvasControl } from "../../editor/canvas/flow-canvas";
import { useNodeTypes } from "../../editor/node-types-query";
import { flowVersionQuery } from "./flow-words";
import { type Path, pathsOf } from "./path";
import type { Turn } from "./transcript";

const FlowCanvas = lazy(async () => ({ default: (await import("../../editor/canvas/flow-canvas")).FlowCanvas }));

/** The nodes and exits that a session came by, on the canvas of the flow's version; loaded when somebody opens it. */
export function SessionPath({ turns }: { turns: readonly Turn[] }) {
  const [opened, setOpened] = useState(false);
  return (
    <ExpandableSection
      headerText="Path through the flow"
      variant="container"
      onChange={({ detail }) => setOpened(detail.expanded)}
    >
      {opened && <Paths turns={turns} />}
    </ExpandableSection>
  );
}

function Paths({ turns }: { turns: readonly Turn[] }) {
  const paths = useMemo(() => pathsOf(turns), [turns]);
  const [chosen, choose] = useState("");
  const path = paths.find((each) => keyOf(each) === chosen) ?? paths.find(({ current }) => current) ?? paths.at(-1);
  if (!path) return <Box color="text-body-secondary">No node was entered.</Box>;
  return (
    <SpaceBetween size="s">
      {paths.length > 1 && (
        <SegmentedControl
          label="Flows of the session"
          selectedId={keyOf(path)}
          options={paths.map((each) => ({ id: keyOf(each), text: `${each.flow}, version ${each.version}` }))}
          onChange={({ detail }) => choose(detail.selectedId)}
        />
      )}
      <Marked key={keyOf(path)} path={path} />
    </SpaceBetween>
  );
}

function Marked({ path }: { path: Path }) {
  const flow = useQuery(flowVersionQuery(path.flow, path.version));
  const types = useNodeTypes();
  const { current } = path;
  const onReady = useCallback((canvas: CanvasControl) => current !== null && canvas.show(current), [current]);
  const error = flow.error ?? types.error;
  if (error) return <Alert type="error">{explain(error)}</Alert>;
  if (flow.isPending || !types.data) return <Loading what="the flow" />;
  if (!flow.data) return <Alert type="warning">The text of this version cannot be read.</Alert>;
  return (
    <section aria-label={`Path through ${path.flow}`} style={{ height: "55vh" }}>
      <Suspense fallback={<Loading what="the canvas" />}>
        <FlowCanvas flow={flow.data} types={types.data} marks={path.marks} readOnly onReady={onReady} />
      </Suspense>
    </section>
  );
}

function keyOf({ flow, version }: Path): string {
  return `${flow}/${version}`;
}
