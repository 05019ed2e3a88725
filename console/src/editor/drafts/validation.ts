import { useCallback, useEffect, useRef, useState } from "react";
import { api, unwrap } from "../../api/client";
import type { Findings } from "../editor-state";

const DELAY_MS = 600;

export interface Validation {
  /** A check is due or under way. */
  checking: boolean;
  /** Check now. Throws when the service does not answer. */
  check(): Promise<Findings>;
}

/** Checks the text shortly after each change. Only the answer to the newest question is reported. */
export function useValidation(flow: string, text: string, report: (findings: Findings | null) => void): Validation {
  const newest = useRef(0);
  const [checking, setChecking] = useState(true);
  const check = useCallback(async () => {
    newest.current += 1;
    const question = newest.current;
    setChecking(true);
    try {
      const findings = await unwrap(
        api().POST("/flows/{flow}/validate", { params: { path: { flow } }, body: { yaml: text } }),
      );
      if (question === newest.current) report(findings);
      return findings;
    } finally {
      if (question === newest.current) setChecking(false);
    }
  }, [flow, text, report]);

  useEffect(() => {
    setChecking(true);
    // Without an answer the earlier findings stay; the next change asks again.
    const timer = setTimeout(() => void check().catch(() => undefined), DELAY_MS);
    return () => clearTimeout(timer);
  }, [check]);
  return { checking, check };
}
