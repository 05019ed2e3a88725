import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { FieldsProps } from "./fields-props";

/** What comes back, and what it decides: variables or a file, and the exit. */
export function ResponseFields({ definition, readOnly, set }: FieldsProps) {
  const { response = {} } = definition;
  const isFile = response.content_type === "file";
  return (
    <Container header={<Header variant="h2">What comes back</Header>}>
      <SpaceBetween size="m">
        <FormField label="Response">
          <RadioGroup
            value={isFile ? "file" : "application/json"}
            readOnly={readOnly}
            ariaLabel="Response"
            items={[
              { value: "application/json", label: "Values (JSON)" },
              { value: "file", label: "A file, which a Media node can send" },
            ]}
            onChange={({ detail }) => set(["response", "content_type"], detail.value)}
          />
        </FormField>
        {isFile ? (
          <FormField label="Name of the file" description="Empty: as the API names it. May hold variables.">
            <Input
              value={response.filename ?? ""}
              readOnly={readOnly}
              onChange={({ detail }) => set(["response", "filename"], detail.value || undefined)}
            />
          </FormField>
        ) : (
          <FormField
            label="Base element"
            description="The part of the answer that becomes variables: a JSONPath, such as $.claim."
          >
            <Input
              value={response.base_element ?? "$"}
              readOnly={readOnly}
              spellcheck={false}
              onChange={({ detail }) =>
                set(["response", "base_element"], detail.value === "$" ? undefined : detail.value)
              }
            />
          </FormField>
        )}
        <FormField
          label="Element validation"
          description="HTTP_RESPONSE_CODE: the status decides between the exits success and failure. A JSONPath, such as $.status: each value has an exit of its own in the node."
        >
          <Input
            value={response.element_validation ?? "HTTP_RESPONSE_CODE"}
            readOnly={readOnly}
            spellcheck={false}
            onChange={({ detail }) =>
              set(["response", "element_validation"], detail.value === "HTTP_RESPONSE_CODE" ? undefined : detail.value)
            }
          />
        </FormField>
        <StatusCodes
          value={response.success ?? []}
          readOnly={readOnly}
          onChange={(next) => set(["response", "success"], next.length ? next : undefined)}
        />
      </SpaceBetween>
    </Container>
  );
}

function StatusCodes(props: { value: number[]; readOnly: boolean; onChange: (codes: number[]) => void }) {
  const [draft, setDraft] = useState(() => props.value.join(", "));
  const words = draft.split(/[\s,]+/).filter(Boolean);
  const wrong = words.find((word) => !/^[1-5][0-9]{2}$/.test(word));
  return (
    <FormField
      label="Status codes that mean success"
      description="Such as 200, 201. Empty: every one from 200 to 299."
      errorText={wrong ? `${wrong} is no status code: write numbers from 100 to 599.` : ""}
    >
      <Input
        value={draft}
        readOnly={props.readOnly}
        onChange={({ detail }) => {
          setDraft(detail.value);
          const codes = detail.value.split(/[\s,]+/).filter(Boolean);
          if (codes.every((code) => /^[1-5][0-9]{2}$/.test(code))) props.onChange(codes.map(Number));
        }}
      />
    </FormField>
  );
}
