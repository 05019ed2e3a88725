/**
 * Tries a pattern on sample answers. The service matches with RE2, always the whole answer; the browser's own expressions are
 * close to it, and what they know beyond RE2 is refused here.
 */

const NOT_IN_RE2: { found: RegExp; what: string }[] = [
  { found: /\(\?<?[=!]/, what: "Looking ahead or behind, such as (?=...), is not possible here." },
  { found: /\\[1-9]|\\k</, what: "Going back to a group, such as \\1, is not possible here." },
  { found: /\\u|\\c[A-Za-z]/, what: "\\u and \\c are not known here. Write the character itself." },
];

export type Trial = { problem: string } | { fits: boolean };

/** Whether an answer fits a pattern as a whole, or why the pattern cannot be tried. */
export function tryPattern(pattern: string, answer: string): Trial {
  const bare = pattern.replace(/\\\\/g, "");
  const unknown = NOT_IN_RE2.find(({ found }) => found.test(bare));
  if (unknown) return { problem: unknown.what };
  // RE2 writes named groups (?P<name>...), and flags such as (?i) at the beginning.
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const rest = pattern.slice(flags?.[0].length ?? 0).replace(/\(\?P</g, "(?<");
  try {
    return { fits: new RegExp(`^(?:${rest})$`, `u${flags?.[1] ?? ""}`).test(answer) };
  } catch {
    return tryLoosely(rest, flags?.[1] ?? "", answer);
  }
}

/** Outside of Unicode mode, the browser takes escapes that are not needed, such as `\-`, as RE2 does. */
function tryLoosely(pattern: string, flags: string, answer: string): Trial {
  if (/\\[pPQAz]|\[\[:/.test(pattern)) {
    return { problem: "This pattern cannot be tried in the browser. The check of the flow says whether it is right." };
  }
  try {
    return { fits: new RegExp(`^(?:${pattern})$`, flags).test(answer) };
  } catch {
    return { problem: "This is no pattern: a bracket may be missing, or a sign may stand where none can." };
  }
}
