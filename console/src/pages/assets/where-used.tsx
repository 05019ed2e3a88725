import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import { useNavigate } from "react-router";
import { explain } from "../../api/problems";
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
          <FlowLink flow={flow} />
          {nodes.length > 0 && `: ${nodes.join(", ")}`}
        </li>
      ))}
    </ul>
  );
}

/** A link to a flow in the editor. */
export function FlowLink({ flow }: { flow: string }) {
  const navigate = useNavigate();
  const href = `/flows/${encodeURIComponent(flow)}`;
  return (
    <Link
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        navigate(href);
      }}
    >
      {flow}
    </Link>
  );
}
