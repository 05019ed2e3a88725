import type { Json } from "../../flow-text/flow-text";
import type { Placed } from "../../node-types/schemas";
import type { Step } from "./form-scope";

/** What each field gets. */
export interface FieldProps {
  placed: Placed;
  path: Step[];
  label: string;
  required: boolean;
  value: Json | undefined;
  onChange(value: Json | undefined): void;
}
