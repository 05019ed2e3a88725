import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { allPages, api, unwrap } from "../../api/client";
import { explain } from "../../api/problems";
import type { components } from "../../api/schema";
import { useRole } from "../../app/context";
import { findingWords } from "../../editor/finding-words";
import { type Definition, parametersOf } from "./definition";
import { SetSecretButton } from "./set-secret-button";
import "./integrations.css";

type Trial = components["schemas"]["Trial"];

/** Makes the call once with sample values, and shows what was sent and what came back. */
export function TryIt({ name, definition, secrets }: { name: string; definition: Definition; secrets: string[] }) {
  const parameters = parametersOf(definition);
  const [values, setValues] = useState<Record<string, string>>({});
  const [files, setFiles] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [trial, setTrial] = useState<Trial | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const isAdmin = useRole("admin");
  const assets = useQuery({
    queryKey: ["assets"],
    queryFn: () => allPages((cursor) => api().GET("/assets", { params: { query: { cursor, limit: 100 } } })),
    enabled: parameters.some((each) => each.file),
  });
  const known = useQuery({
    queryKey: ["secrets"],
    queryFn: () => allPages((cursor) => api().GET("/secrets", { params: { query: { cursor, limit: 100 } } })),
    enabled: isAdmin && secrets.length > 0,
  });
  const missing = known.data ? secrets.filter((secret) => !known.data.some((each) => each.name === secret)) : [];

  async function run() {
    setBusy(true);
    setFailure(null);
    try {
      const body = {
        parameters: Object.fromEntries(
          parameters.filter((each) => !each.file).map((each) => [each.name, values[each.name] ?? ""]),
        ),
        file: Object.fromEntries(
          parameters.filter((each) => each.file).map((each) => [each.name, files[each.name] ?? ""]),
        ),
        document: definition as unknown as Record<string, unknown>,
        save_as: "",
      };
      const params = { path: { integration: name }, header: { "Idempotency-Key": crypto.randomUUID() } };
      setTrial((await unwrap(api().POST("/integrations/{integration}/try", { params, body }))) as Trial);
    } catch (error) {
      setTrial(null);
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }

  const unchosen = parameters.some((each) => each.file && !files[each.name]);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description="The call is really made, with the text as it is now, published or not.">
            Sample values
          </Header>
        }
      >
        <SpaceBetween size="m">
          {missing.map((secret) => (
            <Alert key={secret} type="warning" action={<SetSecretButton secret={secret} />}>
              The secret {secret} has no value yet.
            </Alert>
          ))}
          {parameters.length === 0 ? <Box>It takes no values.</Box> : null}
          {parameters.map((each) =>
            each.file ? (
              <FormField
                key={each.name}
                label={each.name}
                description="A file of the library stands in for the customer's."
              >
                <Select
                  selectedOption={files[each.name] ? { value: files[each.name] } : null}
                  placeholder="Choose a file"
                  options={(assets.data ?? [])
                    .filter((asset) => asset.version)
                    .map((asset) => ({ value: asset.name, description: asset.filename }))}
                  filteringType="auto"
                  empty="The library is empty: add a file on the page Assets."
                  statusType={assets.isLoading ? "loading" : "finished"}
                  loadingText="Loading the library"
                  onChange={({ detail }) => setFiles({ ...files, [each.name]: detail.selectedOption.value ?? "" })}
                />
              </FormField>
            ) : (
              <FormField key={each.name} label={each.name}>
                <Input
                  value={values[each.name] ?? ""}
                  onChange={({ detail }) => setValues({ ...values, [each.name]: detail.value })}
                />
              </FormField>
            ),
          )}
          <Button variant="primary" loading={busy} disabled={unchosen} onClick={() => void run()}>
            Make the call
          </Button>
        </SpaceBetween>
      </Container>
      {failure ? (
        <Alert type="error" header="The call was not made">
          {explain(failure)}
        </Alert>
      ) : null}
      <div aria-live="polite">{trial ? <TrialReport trial={trial} /> : null}</div>
    </SpaceBetween>
  );
}

function TrialReport({ trial }: { trial: Trial }) {
  const isAdmin = useRole("admin");
  const { request, response } = trial;
  const failed = trial.exit === "failure";
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Result</Header>}>
        <SpaceBetween size="m">
          <StatusIndicator type={failed ? "error" : "success"}>
            {`A node would take the exit ${trial.exit}${trial.reason ? ` (${trial.reason})` : ""}, after ${trial.seconds.toFixed(2)} s and ${trial.attempts.length} ${trial.attempts.length === 1 ? "attempt" : "attempts"}.`}
          </StatusIndicator>
          {trial.error ? <Alert type="error">{trial.error}</Alert> : null}
          {trial.warnings_found.map((warning) => (
            <Alert
              key={warning.message}
              type="warning"
              action={isAdmin && warning.subject && <SetSecretButton secret={warning.subject} />}
            >
              {findingWords(warning, null, []).what}
            </Alert>
          ))}
          <Values label="Variables that a node would set" values={trial.variables} />
        </SpaceBetween>
      </Container>
      <ColumnLayout columns={2}>
        <Container header={<Header variant="h2">Request</Header>}>
          {request ? (
            <SpaceBetween size="s">
              <Box variant="code">{`${request.method} ${request.url}`}</Box>
              <Values label="Headers" values={request.headers} />
              {request.parts.map((part, index) => (
                // Parts may have the same name; their order never changes.
                <Box key={index}>
                  <strong>{part.name}</strong>
                  {": "}
                  {part.filename != null
                    ? `file ${part.filename}, ${part.mime}, ${part.size?.toLocaleString()} bytes, SHA-256 ${part.sha256?.slice(0, 12)}`
                    : (part.value ?? "")}
                </Box>
              ))}
              {request.body ? <Pre>{request.body}</Pre> : null}
            </SpaceBetween>
          ) : (
            "No request could be built from these values."
          )}
        </Container>
        <Container header={<Header variant="h2">Answer</Header>}>
          {response ? (
            <SpaceBetween size="s">
              <Box variant="code">{`Status ${response.status}`}</Box>
              <Values label="Headers" values={response.headers} />
              {response.file ? (
                <Box>{`A file: ${response.file.filename}, ${response.file.mime}, ${response.file.size.toLocaleString()} bytes`}</Box>
              ) : null}
              {response.body ? <Pre>{response.body}</Pre> : null}
            </SpaceBetween>
          ) : (
            "No answer came."
          )}
        </Container>
      </ColumnLayout>
    </SpaceBetween>
  );
}

/** Names and values, a line each, as a developer reads them. */
function Values({ label, values }: { label: string; values: Record<string, unknown> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      {entries.map(([key, value]) => (
        <Box key={key} variant="code" display="block">
          <span className="integration-url">{`${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`}</span>
        </Box>
      ))}
    </div>
  );
}

function Pre({ children }: { children: string }) {
  // A region that scrolls must take the focus.
  return (
    <pre className="integration-body" tabIndex={0}>
      {children}
    </pre>
  );
}
