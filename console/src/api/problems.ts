import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

/** The API refused a request. `kind` is the last part of the problem's type, such as `edit-conflict`. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly kind: string;
  readonly status: number;
  /** Members that only some kinds have, such as `used_by`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Partial<Problem> & { message?: string }) {
    super(
      fieldErrors(problem) ||
        problem.detail ||
        problem.title ||
        problem.message ||
        `The service answered with status ${status}.`,
    );
    this.kind = String(problem.type ?? "").replace(/^.*:/, "");
    this.status = status;
    this.extra = problem;
  }
}

/** What is wrong with the fields of a request, without the paths that only a program knows. */
function fieldErrors(problem: object): string {
  const errors = (problem as { errors?: unknown }).errors;
  return Array.isArray(errors)
    ? errors
        .map((each) => String(each?.message ?? ""))
        .filter(Boolean)
        .join("; ")
    : "";
}

/** The API did not answer: no network, or the service is away. */
export class ApiUnreachable extends Error {
  override readonly name = "ApiUnreachable";
  constructor() {
    super("The service cannot be reached. Check your connection; what you wrote is kept in this browser.");
  }
}

/** The session has ended, and could not be renewed. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";
  constructor() {
    super("Your session has ended. Sign in again to go on; what you wrote is kept in this browser.");
  }
}

/** What to tell a person about a failure. */
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : "Something unexpected happened. Reload the page and try again.";
}
