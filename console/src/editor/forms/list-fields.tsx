import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { isRecord, type Json } from "../../flow-text/model";
import { type Placed, resolved } from "../../node-types/schemas";
import { inWords } from "./field-kind";
import { FieldList } from "./field-list";
import { fieldName, messageAt } from "./field-problems";
import type { FieldProps } from "./field-props";
import { toText } from "./field-values";
import { useForm } from "./form-scope";
import { Framed } from "./framed";
import { emptyValue, newEntry } from "./new-values";
import { SchemaField } from "./schema-field";

/** A list of objects, such as the options of a menu: each with its fields, to add, move and take out. */
export function EntriesField({ item, ...props }: FieldProps & { item: Placed }) {
  const { readOnly, problems } = useForm();
  const entries = Array.isArray(props.value) ? props.value : [];
  const { schema } = resolved(props.placed);
  const one = inWords(item.schema.title ?? "entry");
  const message = messageAt(problems, props.path, [...entries.keys()]);
  return (
    <div data-field={fieldName(props.path)}>
      <SpaceBetween size="s">
        <div>
          <Box variant="awsui-key-label">{props.label}</Box>
          {schema.description && <Box variant="small">{schema.description}</Box>}
          {message && <StatusIndicator type="error">{message}</StatusIndicator>}
        </div>
        {entries.map((entry, at) => {
          const name = titleOf(entry, item);
          return (
            <div className="form-entry" role="group" aria-label={`${one} ${at + 1}`} key={at}>
              <SpaceBetween size="s">
                <EntryHeader
                  one={`${one} ${at + 1}`}
                  name={name}
                  at={at}
                  count={entries.length}
                  least={schema.minItems ?? 0}
                  onOrder={(changed) => props.onChange(changed(entries))}
                />
                <FieldList placed={item} path={[...props.path, at]} values={entry} />
              </SpaceBetween>
            </div>
          );
        })}
        {!readOnly && entries.length < (schema.maxItems ?? Number.POSITIVE_INFINITY) && (
          <Button iconName="add-plus" onClick={() => props.onChange([...entries, newEntry(item, entries.length + 1)])}>
            Add {one.toLowerCase()}
          </Button>
        )}
      </SpaceBetween>
    </div>
  );
}

/** The first text of an entry that its node's card shows. */
function titleOf(entry: Json, item: Placed): string {
  const shown = Object.entries(item.schema.properties ?? {}).find(([, each]) => each["x-card"]);
  return shown && isRecord(entry) ? toText(entry[shown[0]]) : "";
}

interface EntryHeaderProps {
  one: string;
  name: string;
  at: number;
  count: number;
  least: number;
  onOrder(changed: (entries: Json[]) => Json[]): void;
}

function EntryHeader({ one, name, at, count, least, onOrder }: EntryHeaderProps) {
  const { readOnly } = useForm();
  const move = (by: number) =>
    onOrder((entries) => {
      const others = entries.filter((_, other) => other !== at);
      return others.toSpliced(at + by, 0, entries[at] as Json);
    });
  return (
    <div className="form-entry-header">
      <b className="form-entry-name">
        {one}
        {name && `: ${name}`}
      </b>
      {!readOnly && (
        <span className="form-entry-actions">
          <Button
            variant="icon"
            iconName="arrow-up"
            ariaLabel={`Move ${one} up`}
            disabled={at === 0}
            onClick={() => move(-1)}
          />
          <Button
            variant="icon"
            iconName="arrow-down"
            ariaLabel={`Move ${one} down`}
            disabled={at === count - 1}
            onClick={() => move(1)}
          />
          <Button
            variant="icon"
            iconName="remove"
            ariaLabel={`Remove ${one}`}
            disabled={count <= least}
            onClick={() => onOrder((entries) => entries.filter((_, other) => other !== at))}
          />
        </span>
      )}
    </div>
  );
}

/** A list of texts or numbers. */
export function TextsField({ item, ...props }: FieldProps & { item: Placed }) {
  const { readOnly, change } = useForm();
  const entries = Array.isArray(props.value) ? props.value : [];
  const { schema } = resolved(props.placed);
  const least = schema.minItems ?? 0;
  return (
    <Framed {...props}>
      <SpaceBetween size="xs">
        {entries.map((entry, at) => (
          <div className="form-item" key={at}>
            <SchemaField
              placed={item}
              path={[...props.path, at]}
              label={`${props.label} ${at + 1}`}
              required
              value={entry}
              onChange={(value) => change([{ path: [...props.path, at], value: value ?? "" }], props.label)}
            />
            {!readOnly && (
              <Button
                variant="icon"
                iconName="remove"
                ariaLabel={`Remove ${props.label} ${at + 1}`}
                disabled={entries.length <= least && props.required}
                onClick={() => {
                  const left = entries.filter((_, other) => other !== at);
                  props.onChange(left.length === 0 && !props.required ? undefined : left);
                }}
              />
            )}
          </div>
        ))}
        {!readOnly && entries.length < (schema.maxItems ?? Number.POSITIVE_INFINITY) && (
          <Button
            iconName="add-plus"
            ariaLabel={`Add to ${props.label}`}
            onClick={() => props.onChange([...entries, emptyValue(item)])}
          >
            Add
          </Button>
        )}
      </SpaceBetween>
    </Framed>
  );
}
