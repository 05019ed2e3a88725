import type { Json } from "../../flow-text/flow-text";
import type { Definition } from "./definition";

/** What the sections of an integration's form share. */
export interface FieldsProps {
  definition: Definition;
  readOnly: boolean;
  /** Write one field; undefined takes it out. */
  set(path: (string | number)[], value: Json | undefined): void;
}
