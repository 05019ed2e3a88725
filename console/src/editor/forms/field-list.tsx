import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { isRecord, type Json } from "../../flow-text/model";
import type { Placed } from "../../node-types/schemas";
import { canShow, choiceOf, chosen, fieldKind, labelOf, propertyOf } from "./field-kind";
import { fieldName, isWithin } from "./field-problems";
import { type Change, type Step, useForm } from "./form-scope";
import { emptyValue } from "./new-values";
import { SchemaField } from "./schema-field";

interface Props {
  placed: Placed;
  path: Step[];
  values: Json | undefined;
  /** Fields that are shown elsewhere. */
  without?: ReadonlySet<string>;
  /** The field that has the focus; what is folded opens for it. */
  focus?: string | undefined;
}

/** The fields of an object: what is required or what the card shows first, the others under More. */
export function FieldList({ placed, path, values, without, focus }: Props) {
  const { problems, change, readOnly } = useForm();
  const [unfolded, setUnfolded] = useState<boolean | null>(null);
  const { schema } = placed;
  const choice = choiceOf(placed);
  const inChoice = new Set(choice?.of.flat());
  const names = Object.keys(schema.properties ?? {}).filter((name) => !without?.has(name) && !inChoice.has(name));
  const required = new Set(schema.required);
  const isFirst = (name: string) => required.has(name) || propertyOf(placed, name).schema["x-card"] === true;
  const first = [
    ...names.filter((name) => required.has(name)),
    ...names.filter((name) => !required.has(name) && isFirst(name)),
  ];
  const more = names.filter((name) => !isFirst(name));
  const record = isRecord(values) ? values : {};
  const filled = more.filter((name) => Object.hasOwn(record, name));
  const asked = (name: string) => {
    const own = fieldName([...path, name]);
    return problems.some(({ field }) => isWithin(field, own)) || (focus !== undefined && isWithin(focus, own));
  };
  const expanded = more.some(asked) || (unfolded ?? false);

  const shown = (name: string) => (
    <SchemaField
      key={name}
      placed={propertyOf(placed, name)}
      path={[...path, name]}
      label={labelOf(propertyOf(placed, name), name)}
      required={required.has(name)}
      value={Object.hasOwn(record, name) ? record[name] : undefined}
      onChange={(value) => change([{ path: [...path, name], value }], labelOf(propertyOf(placed, name), name))}
    />
  );
  const at = choice ? chosen(choice, values) : -1;

  function choose(next: number) {
    if (!choice) return;
    const old = choice.of[at] ?? [];
    const kept = old.length === 1 ? record[old[0] as string] : undefined;
    const changes: Change[] = (choice.of[next] ?? []).map((name, order) => {
      const field = propertyOf(placed, name);
      const fits = order === 0 && kept !== undefined && typeof kept !== "object" && canShow(fieldKind(field), kept);
      return { path: [...path, name], value: fits ? kept : emptyValue(field) };
    });
    const removed = old.filter((name) => Object.hasOwn(record, name));
    change(
      [...changes, ...removed.map((name) => ({ path: [...path, name], value: undefined }))],
      "Choose what is filled in",
    );
  }

  const options = choice?.of.map((fields, index) => {
    const field = propertyOf(placed, fields[0] as string);
    return {
      value: String(index),
      label: labelOf(field, fields[0] as string),
      description: field.schema.description ?? "",
    };
  });
  return (
    <SpaceBetween size="m">
      {first.filter((name) => required.has(name) && name !== "then").map(shown)}
      {choice && options && (
        <FormField label={options.length > 3 ? "Comparison" : "One of these"} stretch>
          {options.length > 3 ? (
            <Select
              selectedOption={options[at] ?? null}
              options={options}
              placeholder="Choose one"
              readOnly={readOnly}
              expandToViewport
              onChange={({ detail }) => choose(Number(detail.selectedOption.value))}
            />
          ) : (
            <RadioGroup
              value={at >= 0 ? String(at) : null}
              items={options}
              readOnly={readOnly}
              onChange={({ detail }) => choose(Number(detail.value))}
            />
          )}
        </FormField>
      )}
      {choice?.of[at]?.map(shown)}
      {first.filter((name) => !required.has(name) || name === "then").map(shown)}
      {more.length > 0 && (
        <ExpandableSection
          headerText={filled.length > 0 ? `More (${filled.length} filled in)` : "More"}
          expanded={expanded}
          onChange={({ detail }) => setUnfolded(detail.expanded)}
        >
          <SpaceBetween size="m">{more.map(shown)}</SpaceBetween>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
