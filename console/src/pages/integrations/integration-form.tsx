import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNotifications } from "../../app/notifications";
import { type Json, setFlowField } from "../../flow-text/flow-text";
import type { Definition } from "./definition";
import { PairsField } from "./pairs-field";
import { RequestFields } from "./request-fields";
import { ResponseFields } from "./response-fields";

interface Props {
  text: string;
  definition: Definition;
  readOnly: boolean;
  onChange: (text: string) => void;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"].map((value) => ({ value }));
/** Edits an integration's YAML field by field; comments and what a field does not concern stay as they are. */
export function IntegrationForm({ text, definition, readOnly, onChange }: Props) {
  const { fail } = useNotifications();
  const set = (path: (string | number)[], value: Json | undefined) => {
    try {
      onChange(setFlowField(text, path, value));
    } catch (error) {
      fail("This field was not changed", error);
    }
  };
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">The call</Header>}>
        <SpaceBetween size="m">
          <FormField label="Title" description="A few words for people.">
            <Input
              value={definition.title ?? ""}
              readOnly={readOnly}
              onChange={({ detail }) => set(["title"], detail.value || undefined)}
            />
          </FormField>
          <Grid gridDefinition={[{ colspan: { default: 12, xs: 3 } }, { colspan: { default: 12, xs: 9 } }]}>
            <FormField label="Method">
              <Select
                selectedOption={{ value: definition.method }}
                options={METHODS}
                disabled={readOnly}
                onChange={({ detail }) => set(["method"], detail.selectedOption.value ?? "GET")}
              />
            </FormField>
            <FormField
              label="Address"
              stretch
              description="[[name]] inserts a value that the flow gives. The host is written out, or one [[deployment:name]] at the start."
            >
              <Input
                value={definition.url ?? ""}
                readOnly={readOnly}
                spellcheck={false}
                onChange={({ detail }) => set(["url"], detail.value)}
              />
            </FormField>
          </Grid>
          <PairsField
            label="Headers"
            description="[[secret:name]] inserts a secret, whose value is never shown here."
            entries={definition.headers ?? {}}
            readOnly={readOnly}
            onChange={(next) => set(["headers"], next)}
          />
          <PairsField
            label="Query"
            description="What is added to the address after the question mark. The same name twice repeats it."
            entries={definition.query ?? {}}
            readOnly={readOnly}
            onChange={(next) => set(["query"], next)}
          />
        </SpaceBetween>
      </Container>

      <RequestFields definition={definition} readOnly={readOnly} set={set} />
      <ResponseFields definition={definition} readOnly={readOnly} set={set} />

      <ExpandableSection headerText="Time and attempts" variant="container">
        <SpaceBetween size="m">
          <FormField label="Time for one attempt" description="Such as 20s; at most 60s.">
            <Input
              value={String(definition.timeout ?? "20s")}
              readOnly={readOnly}
              onChange={({ detail }) => set(["timeout"], detail.value || undefined)}
            />
          </FormField>
          <FormField
            label="Attempts"
            description="How often the call is tried at most when the API has trouble: 1 to 5."
          >
            <Input
              type="number"
              value={String(definition.retry?.attempts ?? 3)}
              readOnly={readOnly}
              onChange={({ detail }) => set(["retry", "attempts"], detail.value ? Number(detail.value) : undefined)}
            />
          </FormField>
          <FormField
            label="Calls at the same time"
            description="How many calls may be at this host at the same time. Empty: half of the conversations that run at once."
          >
            <Input
              type="number"
              value={definition.at_most == null ? "" : String(definition.at_most)}
              readOnly={readOnly}
              onChange={({ detail }) => set(["at_most"], detail.value ? Number(detail.value) : undefined)}
            />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
