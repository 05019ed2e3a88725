import { useEffect, useRef, useState } from "react";
import type { Json } from "../../flow-text/flow-text";

const PAUSE_MS = 400;

interface Draft {
  text: string;
  /** Write in the field. */
  type(text: string): void;
  /** Hand over what was written, without waiting for the pause. */
  flush(): void;
}

interface Options {
  value: Json | undefined;
  toText(value: Json | undefined): string;
  /** Throws where the text is no value; then it stays in the field, and the old value stays. */
  toValue(text: string): Json | undefined;
  onChange(value: Json | undefined): void;
}

/**
 * The text of a field while a person writes in it. The value follows after a pause, when the field is left, and when it goes
 * away. A value that changes elsewhere, such as by undo, replaces what is written.
 */
export function useDraft({ value, toText, toValue, onChange }: Options): Draft {
  const [typed, setTyped] = useState<{ text: string; fits: string[] } | null>(null);
  const pending = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const handOver = useRef(() => {});
  handOver.current = () => {
    clearTimeout(timer.current);
    const text = pending.current;
    if (text === null) return;
    pending.current = null;
    const read = reading(text, toValue);
    if (read.fails || keyOf(read.value) === keyOf(value)) return;
    setTyped({ text, fits: [keyOf(read.value)] }); // from now on, the old value is one that undo brought back
    onChange(read.value);
  };
  useEffect(() => () => handOver.current(), []);

  return {
    text: typed?.fits.includes(keyOf(value)) ? typed.text : toText(value),
    type(text) {
      const read = reading(text, toValue);
      pending.current = text;
      setTyped({ text, fits: [keyOf(value), ...(read.fails ? [] : [keyOf(read.value)])] });
      clearTimeout(timer.current);
      timer.current = setTimeout(() => handOver.current(), PAUSE_MS);
    },
    flush: () => handOver.current(),
  };
}

function reading(text: string, toValue: Options["toValue"]): { fails: boolean; value?: Json | undefined } {
  try {
    return { fails: false, value: toValue(text) };
  } catch {
    return { fails: true };
  }
}

function keyOf(value: Json | undefined): string {
  return JSON.stringify(value) ?? "";
}
