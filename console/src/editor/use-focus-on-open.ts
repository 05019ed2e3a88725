import type { InputProps } from "@cloudscape-design/components/input";
import { type RefObject, useEffect, useRef } from "react";

/** The field of a dialog that has the focus when the dialog opens; Cloudscape's dialogs give it to their close button. */
export function useFocusOnOpen(): RefObject<InputProps.Ref | null> {
  const field = useRef<InputProps.Ref>(null);
  useEffect(() => {
    const timer = setTimeout(() => field.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  return field;
}
