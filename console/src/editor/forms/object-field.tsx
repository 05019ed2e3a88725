import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { type Placed, resolved } from "../../node-types/schemas";
import { FieldList } from "./field-list";
import { fieldName, messageAt } from "./field-problems";
import type { FieldProps } from "./field-props";
import { useForm } from "./form-scope";
import { newEntry } from "./new-values";

interface Props extends FieldProps {
  /** The schema with the words of this field. */
  words: Placed;
  /** It may be left out, and is switched on and off. */
  optional: boolean;
}

/** An object in a form: its fields, below its label. */
export function ObjectField({ placed, words, optional, path, label, required, value, onChange }: Props) {
  const { problems, readOnly } = useForm();
  const isOn = value !== undefined && value !== null;
  const message = messageAt(problems, path, isOn ? Object.keys(placed.schema.properties ?? {}) : []);
  const { description } = resolved(words).schema;
  const mayBeOff = optional && !required;
  return (
    <div data-field={fieldName(path)}>
      <SpaceBetween size="xs">
        {mayBeOff ? (
          <Toggle
            checked={isOn}
            readOnly={readOnly}
            description={description}
            onChange={({ detail }) => onChange(detail.checked ? switchedOn(placed) : undefined)}
          >
            <b>{label}</b>
          </Toggle>
        ) : (
          <div>
            <Box variant="awsui-key-label">{label}</Box>
            {description && <Box variant="small">{description}</Box>}
          </div>
        )}
        {message && <StatusIndicator type="error">{message}</StatusIndicator>}
        {(isOn || !mayBeOff) && (
          <div className="form-group" role="group" aria-label={label}>
            <FieldList placed={placed} path={path} values={value} />
          </div>
        )}
      </SpaceBetween>
    </div>
  );
}

/** What is written when an object is switched on: its required fields, else the first with its default. */
function switchedOn(placed: Placed) {
  const entry = newEntry(placed, 1);
  if (Object.keys(entry).length > 0) return entry;
  const counted = Object.entries(placed.schema.properties ?? {}).filter(([, { type }]) => type === "integer");
  const [name, schema] = counted.at(-1) ?? [];
  return name && typeof schema?.default === "number" ? { [name]: schema.default } : entry;
}
