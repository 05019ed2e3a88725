import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import type { FieldProps } from "./field-props";
import { toText } from "./field-values";
import { useForm } from "./form-scope";
import { Framed } from "./framed";
import { tryPattern } from "./sample-answers";
import { useDraft } from "./use-draft";

/** A pattern, and answers to try it on, one a line. The answers are kept nowhere. */
export function PatternField(props: FieldProps) {
  const { readOnly } = useForm();
  const [samples, setSamples] = useState("");
  const draft = useDraft({
    value: props.value,
    toText,
    toValue: (text) => (text === "" && !props.required ? undefined : text),
    onChange: props.onChange,
  });
  const answers = samples.split("\n").filter((line) => line !== "");
  const broken = draft.text ? tryPattern(draft.text, "") : null;
  const problem = broken && "problem" in broken ? broken.problem : "";
  return (
    <SpaceBetween size="xs">
      <Framed {...props}>
        <Input
          value={draft.text}
          readOnly={readOnly}
          spellcheck={false}
          autoComplete={false}
          onChange={({ detail }) => draft.type(detail.value)}
          onBlur={draft.flush}
        />
      </Framed>
      {problem && <StatusIndicator type="warning">{problem}</StatusIndicator>}
      {draft.text && !problem && (
        <FormField
          label="Try it on answers"
          description="One a line. They are not stored. The browser is close to the service, which has the last word."
          stretch
        >
          <SpaceBetween size="xs">
            <Textarea
              value={samples}
              rows={2}
              spellcheck={false}
              ariaLabel={`Answers to try: ${props.label}`}
              onChange={({ detail }) => setSamples(detail.value)}
            />
            {answers.length > 0 && (
              <output aria-label="Which answers fit">
                <SpaceBetween size="xxs">
                  {answers.map((answer, at) => {
                    const trial = tryPattern(draft.text, answer);
                    const fits = "fits" in trial && trial.fits;
                    return (
                      <StatusIndicator type={fits ? "success" : "error"} key={at}>
                        {answer}: {fits ? "fits" : "does not fit"}
                      </StatusIndicator>
                    );
                  })}
                </SpaceBetween>
              </output>
            )}
          </SpaceBetween>
        </FormField>
      )}
    </SpaceBetween>
  );
}
