import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import type { Json } from "../../flow-text/flow-text";
import { resolved } from "../../node-types/schemas";
import type { FieldProps } from "./field-props";
import { fromYaml, toNumber, toScalar, toText, toYaml } from "./field-values";
import { useForm } from "./form-scope";
import { Framed } from "./framed";
import { useDraft } from "./use-draft";
import { VariableText } from "./variable-text";

/** A text of one line without variables, such as a name. */
export function LineField(props: FieldProps) {
  return <PlainInput {...props} toValue={(text) => emptied(text, props.required)} />;
}

export function NumberField(props: FieldProps) {
  const { minimum, maximum } = resolved(props.placed).schema;
  const limits =
    minimum !== undefined && maximum !== undefined
      ? `From ${minimum} to ${maximum}.`
      : maximum !== undefined
        ? `At most ${maximum}.`
        : "";
  return (
    <PlainInput {...props} limits={limits} toValue={(text) => (text.trim() === "" ? undefined : toNumber(text))} />
  );
}

/** A text, a number, or true and false, as it is written. */
export function ScalarField(props: FieldProps) {
  return <PlainInput {...props} toValue={(text) => (text === "" ? emptied("", props.required) : toScalar(text))} />;
}

function PlainInput({
  toValue,
  limits,
  ...props
}: FieldProps & { toValue: (text: string) => Json | undefined; limits?: string }) {
  const { readOnly } = useForm();
  const draft = useDraft({ value: props.value, toText, toValue, onChange: props.onChange });
  const fallback = toText(resolved(props.placed).schema.default as Json | undefined);
  return (
    <Framed {...props} limits={limits}>
      <Input
        value={draft.text}
        readOnly={readOnly}
        placeholder={props.required ? "" : fallback}
        spellcheck={false}
        autoComplete={false}
        ariaRequired={props.required}
        inputMode={limits === undefined ? "text" : "numeric"}
        onChange={({ detail }) => draft.type(detail.value)}
        onBlur={draft.flush}
      />
    </Framed>
  );
}

/** A text that takes variables, of one line or several. */
export function TemplateField({ several = false, ...props }: FieldProps & { several?: boolean }) {
  const { readOnly, variables } = useForm();
  const { schema } = resolved(props.placed);
  const isText = schema.type === "string";
  const draft = useDraft({
    value: props.value,
    toText,
    toValue: (text) => (text === "" || isText ? emptied(text, props.required) : toScalar(text)),
    onChange: props.onChange,
  });
  const longest = schema.maxLength;
  const limits =
    longest && draft.text.length > longest * 0.8 ? `${draft.text.length} of at most ${longest} characters.` : "";
  return (
    <Framed {...props} limits={limits}>
      <VariableText
        label={props.label}
        text={draft.text}
        placeholder={props.required ? "" : toText(schema.default as Json | undefined)}
        readOnly={readOnly}
        required={props.required}
        several={several}
        offers={variables}
        onType={draft.type}
        onLeave={draft.flush}
      />
    </Framed>
  );
}

/** For what no other field can show: the value as YAML. */
export function YamlField(props: FieldProps) {
  const { readOnly } = useForm();
  const draft = useDraft({
    value: props.value,
    toText: toYaml,
    toValue: fromYaml,
    onChange: props.onChange,
  });
  return (
    <Framed {...props} limits={brokenYaml(draft.text) ? "" : "Written as YAML."} error={brokenYaml(draft.text)}>
      <Textarea
        value={draft.text}
        rows={Math.min(10, Math.max(2, draft.text.split("\n").length))}
        readOnly={readOnly}
        spellcheck={false}
        onChange={({ detail }) => draft.type(detail.value)}
        onBlur={draft.flush}
      />
    </Framed>
  );
}

function brokenYaml(text: string): string {
  try {
    fromYaml(text);
    return "";
  } catch {
    return "This cannot be read as YAML. Mend it to keep it.";
  }
}

function emptied(text: string, required: boolean): Json | undefined {
  return text === "" && !required ? undefined : text;
}
