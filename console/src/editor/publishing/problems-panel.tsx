import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { PageLink } from "../../app/page-link";
import { useDraft } from "../drafts/draft-provider";
import { type Findings, useEditor } from "../editor-state";
import { type Finding, findingWords } from "../finding-words";

/** Everything that is wrong with the flow, each a way to the place. */
export function ProblemsPanel() {
  const { findings, document, showLine } = useEditor();
  const { checking } = useDraft();
  const broken = document.errors[0];
  return (
    <section aria-label="Problems">
      <SpaceBetween size="s">
        <div role="status">
          <StatusIndicator type={checking ? "in-progress" : findings ? statusOf(findings) : "info"}>
            {checking ? "Checking" : findings ? countWords(findings) : "Not checked: the service did not answer"}
          </StatusIndicator>
        </div>
        {broken ? (
          <Link
            onFollow={(event) => {
              event.preventDefault();
              showLine(broken.line);
            }}
            href="#"
          >
            Line {broken.line}: {broken.message}
          </Link>
        ) : (
          findings && <FindingList findings={findings} />
        )}
      </SpaceBetween>
    </section>
  );
}

/** Problems, then warnings. */
export function FindingList({ findings, onGo }: { findings: Findings; onGo?(): void }) {
  const { problems, warnings_found: warnings = [] } = findings;
  return (
    <SpaceBetween size="s">
      {problems.length > 0 && <Found label="Problems" found={problems} onGo={onGo} />}
      {warnings.length > 0 && (
        <Alert type="warning" header={warnings.length === 1 ? "A warning" : `${warnings.length} warnings`}>
          <Found label="Warnings" found={warnings} onGo={onGo} />
        </Alert>
      )}
    </SpaceBetween>
  );
}

/** Each finding is a way to its place: the node and field, the line, or the integration. */
function Found({ label, found, onGo }: { label: string; found: Finding[]; onGo: (() => void) | undefined }) {
  const { open, select, showLine, view, shown, name, nodeTypes } = useEditor();
  const here = new Set(shown?.nodes.map((node) => node.id));
  const go = (finding: Finding) => {
    onGo?.();
    if (view !== "text" && here.has(finding.node)) {
      select([finding.node]);
      open(finding.node, finding.field || undefined);
    } else showLine(finding.line || 1);
  };
  return (
    <ul aria-label={label} style={{ margin: 0, paddingLeft: 20 }}>
      {found.map((finding, at) => {
        const isHere = !finding.flow || finding.flow === name;
        const { where, what, integration } = findingWords(finding, isHere ? shown : null, nodeTypes);
        const words = `${where ? `${where}: ` : ""}${what}`;
        return (
          <li key={`${at} ${finding.message}`}>
            {integration ? (
              <PageLink to={`/integrations/${integration}`}>{words}</PageLink>
            ) : isHere ? (
              <Link
                href="#"
                onFollow={(event) => {
                  event.preventDefault();
                  go(finding);
                }}
              >
                {where ? words : `Flow: ${what}`}
              </Link>
            ) : (
              <Box>
                Flow {finding.flow}, {words}
              </Box>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function statusOf({ problems, warnings }: Findings) {
  return problems.length > 0 ? "error" : warnings.length > 0 ? "warning" : "success";
}

/** Such as "2 problems, 1 warning", or "No problems". */
export function countWords({ problems, warnings }: Findings): string {
  const words = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const first = problems.length === 0 ? "No problems" : words(problems.length, "problem");
  return warnings.length === 0 ? first : `${first}, ${words(warnings.length, "warning")}`;
}
