import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { isRecord } from "../../flow-text/model";
import { type Placed, resolved } from "../../node-types/schemas";
import { fieldName, messageAt } from "./field-problems";
import type { FieldProps } from "./field-props";
import { useForm } from "./form-scope";
import { emptyValue } from "./new-values";
import { SchemaField } from "./schema-field";

/** Values under names that the author chooses, such as variables to set. */
export function MapField({ item, ...props }: FieldProps & { item: Placed }) {
  const { readOnly, change, problems } = useForm();
  const [name, setName] = useState("");
  const entries = isRecord(props.value) ? props.value : {};
  const names = Object.keys(entries);
  const { schema } = resolved(props.placed);
  const pattern = Object.keys(schema.patternProperties ?? {})[0];
  const wrong = name === "" ? "" : wrongName(name, names, pattern);
  const message = messageAt(problems, props.path, names);

  function add() {
    if (name === "" || wrong) return;
    change([{ path: [...props.path, name], value: emptyValue(item) }], props.label);
    setName("");
  }

  return (
    <div data-field={fieldName(props.path)} role="group" aria-label={props.label}>
      <SpaceBetween size="s">
        <div>
          <Box variant="awsui-key-label">{props.label}</Box>
          {schema.description && <Box variant="small">{schema.description}</Box>}
          {message && <StatusIndicator type="error">{message}</StatusIndicator>}
        </div>
        {names.map((each) => (
          <div className="form-map-entry" key={each}>
            <SchemaField
              placed={item}
              path={[...props.path, each]}
              label={each}
              required
              value={entries[each]}
              onChange={(value) => change([{ path: [...props.path, each], value: value ?? "" }], each)}
            />
            {!readOnly && (
              <Button
                variant="icon"
                iconName="remove"
                ariaLabel={`Remove ${each}`}
                onClick={() => {
                  const { [each]: _, ...left } = entries;
                  props.onChange(Object.keys(left).length === 0 && !props.required ? undefined : left);
                }}
              />
            )}
          </div>
        ))}
        {!readOnly && (
          <div>
            <div className="form-add">
              <Input
                value={name}
                ariaLabel={`A new name in ${props.label}`}
                placeholder="Name"
                spellcheck={false}
                autoComplete={false}
                invalid={wrong !== ""}
                onChange={({ detail }) => setName(detail.value)}
                onKeyDown={({ detail }) => detail.key === "Enter" && add()}
              />
              <Button iconName="add-plus" ariaLabel={`Add to ${props.label}`} onClick={add} disabled={!name || !!wrong}>
                Add
              </Button>
            </div>
            {wrong && <StatusIndicator type="error">{wrong}</StatusIndicator>}
          </div>
        )}
      </SpaceBetween>
    </div>
  );
}

function wrongName(name: string, taken: string[], pattern: string | undefined): string {
  if (taken.includes(name)) return `${name} is there already.`;
  if (pattern && !new RegExp(pattern).test(name))
    return "Begin with a small letter; then small letters, digits and _ (at most 64).";
  return "";
}
