import Checkbox from "@cloudscape-design/components/checkbox";
import Input from "@cloudscape-design/components/input";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import type { Json } from "../../flow-text/flow-text";
import { alternatives, resolved } from "../../node-types/schemas";
import { inWords } from "./field-kind";
import type { FieldProps } from "./field-props";
import { durationWords, readDuration, toText, UNITS, type Unit, writeDuration } from "./field-values";
import { useForm } from "./form-scope";
import { Framed } from "./framed";
import { LineField } from "./text-fields";
import { useDraft } from "./use-draft";
import { fileOffers } from "./variables";

/** Yes or no; where neither is written and neither is the default, a select box that also says so. */
export function BooleanField(props: FieldProps) {
  const { readOnly } = useForm();
  const { schema } = resolved(props.placed);
  const fallback = schema.default;
  if (typeof fallback !== "boolean") return <ChoiceField {...props} values={[true, false]} words={["Yes", "No"]} />;
  return (
    <Framed {...props} required label={props.label}>
      <Toggle
        checked={typeof props.value === "boolean" ? props.value : fallback}
        readOnly={readOnly}
        ariaLabel={props.label}
        onChange={({ detail }) => props.onChange(detail.checked === fallback ? undefined : detail.checked)}
      >
        {(typeof props.value === "boolean" ? props.value : fallback) ? "Yes" : "No"}
      </Toggle>
    </Framed>
  );
}

/** One of a few values. */
export function ChoiceField({ values, words, ...props }: FieldProps & { values: Json[]; words?: string[] }) {
  const { readOnly } = useForm();
  const fallback = resolved(props.placed).schema.default as Json | undefined;
  const options: SelectProps.Option[] = values.map((value, at) => ({
    value: String(at),
    label: words?.[at] ?? inWords(toText(value)),
  }));
  const usual = values.findIndex((value) => value === fallback);
  const none = { value: "", label: usual >= 0 ? `${options[usual]?.label} (if nothing is chosen)` : "Nothing chosen" };
  const at = values.findIndex((value) => value === props.value);
  return (
    <Framed {...props}>
      <Select
        selectedOption={(at >= 0 ? options[at] : none) ?? none}
        options={props.required ? options : [none, ...options]}
        readOnly={readOnly}
        ariaRequired={props.required}
        expandToViewport
        onChange={({ detail }) => {
          const { value } = detail.selectedOption;
          props.onChange(value ? values[Number(value)] : undefined);
        }}
      />
    </Framed>
  );
}

/** Several of a few values. None of them written means the default. */
export function ChoicesField({ values, ...props }: FieldProps & { values: Json[] }) {
  const { readOnly } = useForm();
  const fallback = resolved(props.placed).schema.default;
  const ticked = Array.isArray(props.value) ? props.value : Array.isArray(fallback) ? (fallback as Json[]) : [];
  return (
    <Framed {...props}>
      <div role="group" aria-label={props.label}>
        <SpaceBetween size="xs" direction="horizontal">
          {values.map((value) => (
            <Checkbox
              key={toText(value)}
              checked={ticked.includes(value)}
              readOnly={readOnly}
              onChange={({ detail }) =>
                props.onChange(values.filter((each) => (each === value ? detail.checked : ticked.includes(each))))
              }
            >
              {inWords(toText(value))}
            </Checkbox>
          ))}
        </SpaceBetween>
      </div>
    </Framed>
  );
}

/** A time span: a number and its unit. */
export function DurationField(props: FieldProps) {
  const { readOnly } = useForm();
  const read = readDuration(props.value);
  const unit = read?.unit ?? "m";
  const draft = useDraft({
    value: props.value,
    toText: (value) => readDuration(value)?.amount ?? "",
    toValue: (text) => (props.required && text === "" ? "" : writeDuration({ amount: text, unit })),
    onChange: props.onChange,
  });
  if (!read && toText(props.value) !== "" && draft.text === "") return <LineField {...props} />;
  const options = UNITS.map((each) => ({ value: each.unit, label: each.word }));
  return (
    <Framed {...props}>
      <div className="form-duration">
        <Input
          value={draft.text}
          readOnly={readOnly}
          inputMode="decimal"
          autoComplete={false}
          placeholder={durationWords(resolved(props.placed).schema.default as Json | undefined)}
          onChange={({ detail }) => draft.type(detail.value)}
          onBlur={draft.flush}
        />
        <Select
          selectedOption={options.find(({ value }) => value === unit) ?? null}
          options={options}
          ariaLabel={`${props.label}: unit`}
          readOnly={readOnly}
          expandToViewport
          onChange={({ detail }) => {
            const chosen = detail.selectedOption.value as Unit;
            props.onChange(writeDuration({ amount: draft.text || "1", unit: chosen }));
          }}
        />
      </div>
    </Framed>
  );
}

/** A variable that holds a file. */
export function FileField(props: FieldProps) {
  const { readOnly, variables } = useForm();
  const written = toText(props.value);
  const options = fileOffers(variables).map(({ name, type, about }) => ({
    value: `[[${name}]]`,
    label: name,
    labelTag: type === "any" ? "" : type,
    description: about,
  }));
  const found = options.find(({ value }) => value === written);
  const other = { value: written, label: written, description: "No file that is set before this node" };
  const mayBeEmpty = !props.required || alternatives(props.placed).some(({ schema }) => schema.type === "null");
  return (
    <Framed {...props}>
      <Select
        selectedOption={found ?? (written ? other : null)}
        options={[
          ...(mayBeEmpty && written ? [{ value: "", label: "No variable" }] : []),
          ...options,
          ...(written && !found ? [other] : []),
        ]}
        placeholder="Choose a variable"
        empty="No file is set before this node: no customer sent one, and no integration fetched one."
        filteringType={options.length > 8 ? "auto" : "none"}
        readOnly={readOnly}
        expandToViewport
        onChange={({ detail }) => props.onChange(detail.selectedOption.value || undefined)}
      />
    </Framed>
  );
}
