import Box from "@cloudscape-design/components/box";
import { explain } from "../../api/problems";
import { PageLink } from "../../app/page-link";
import { useUsage } from "./asset-requests";

/** The live flows that send an asset, each with its nodes and a link. */
export function WhereUsed({ name }: { name: string }) {
  const usage = useUsage(name);
  if (usage.isPending) return <Box color="text-body-secondary">Looking ...</Box>;
  if (usage.error) return <Box color="text-status-error">{explain(usage.error)}</Box>;
  return <FlowsAndNodes usedBy={usage.data} />;
}

export function FlowsAndNodes({ usedBy }: { usedBy: readonly { flow: string; nodes?: readonly string[] }[] }) {
  if (usedBy.length === 0) return <Box color="text-body-secondary">In no live flow</Box>;
  return (
    <ul className="used-by">
      {usedBy.map(({ flow, nodes = [] }) => (
        <li key={flow}>
          <PageLink to={`/flows/${encodeURIComponent(flow)}`}>{flow}</PageLink>
          {nodes.length > 0 && `: ${nodes.join(", ")}`}
        </li>
      ))}
    </ul>
  );
}
