import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useDraft } from "../drafts/draft-provider";
import { type Findings, useEditor } from "../editor-state";

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
        {broken && (
          <Link
            onFollow={(event) => {
              event.preventDefault();
              showLine(broken.line);
            }}
            href="#"
          >
            Line {broken.line}: {broken.message}
          </Link>
        )}
        {findings && <FindingList findings={findings} />}
      </SpaceBetween>
    </section>
  );
}

/** Problems, then warnings. */
export function FindingList({ findings, onGo }: { findings: Findings; onGo?(): void }) {
  const { open, select, showLine, view, shown, name } = useEditor();
  const here = new Set(shown?.nodes.map((node) => node.id));
  const go = (problem: Findings["problems"][number]) => {
    onGo?.();
    if (view !== "text" && here.has(problem.node)) {
      select([problem.node]);
      open(problem.node, problem.field || undefined);
    } else showLine(problem.line || 1);
  };
  return (
    <SpaceBetween size="s">
      {findings.problems.length > 0 && (
        <ul aria-label="Problems" style={{ margin: 0, paddingLeft: 20 }}>
          {findings.problems.map((problem, at) => (
            <li key={`${at} ${problem.message}`}>
              {problem.flow && problem.flow !== name ? (
                <Box>
                  Flow {problem.flow}, {problem.node}: {problem.message}
                </Box>
              ) : (
                <Link
                  href="#"
                  onFollow={(event) => {
                    event.preventDefault();
                    go(problem);
                  }}
                >
                  {[problem.node, problem.field].filter(Boolean).join(", ") || "Flow"}: {problem.message}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
      {findings.warnings.length > 0 && (
        <Alert
          type="warning"
          header={findings.warnings.length === 1 ? "A warning" : `${findings.warnings.length} warnings`}
        >
          <ul style={{ margin: 0, paddingLeft: 20 }}>
            {findings.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
    </SpaceBetween>
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
