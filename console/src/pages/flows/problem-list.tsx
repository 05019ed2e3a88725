const MOST = 8;

interface Problem {
  flow?: string;
  node?: string;
  line?: number;
  message: string;
}

/** Problems of flows in words: where, and what. */
export function ProblemList({ problems, withFlow = false }: { problems: readonly Problem[]; withFlow?: boolean }) {
  return (
    <>
      <ul>
        {problems.slice(0, MOST).map((problem) => {
          const where = [
            withFlow && problem.flow ? `flow ${problem.flow}` : "",
            problem.node ? `node ${problem.node}` : problem.line ? `line ${problem.line}` : "",
          ].filter(Boolean);
          const text = `${where.length > 0 ? `${where.join(", ")}: ` : ""}${problem.message}`;
          return <li key={`${problem.line} ${text}`}>{text}</li>;
        })}
      </ul>
      {problems.length > MOST && `And ${problems.length - MOST} more.`}
    </>
  );
}
