import Alert from "@cloudscape-design/components/alert";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import Textarea from "@cloudscape-design/components/textarea";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api, unwrapWithEtag } from "../../api/client";
import { ApiProblem, explain } from "../../api/problems";
import { useRole } from "../../app/context";
import { Loading } from "../../app/loading";
import { readDefinition, secretsOf } from "./definition";
import { DeleteIntegrationButton } from "./delete-integration-button";
import { IntegrationForm } from "./integration-form";
import { IntegrationVersions } from "./integration-versions";
import { PublishIntegrationButton } from "./publish-integration-button";
import { TryIt } from "./try-it";
import { forgetUnpublished, storedUnpublished, storeUnpublished, type Unpublished } from "./unpublished";

/** The live version of an integration as YAML; null for one that was never published. */
function useLive(name: string) {
  return useQuery({
    queryKey: ["integration", name],
    queryFn: async () => {
      try {
        const { data, etag } = await unwrapWithEtag(
          api().GET("/integrations/{integration}", {
            params: { path: { integration: name } },
            headers: { Accept: "application/yaml" },
            parseAs: "text",
          }),
        );
        return { text: String(data), etag };
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: 0,
  });
}

export function IntegrationPage() {
  const { integration: name = "" } = useParams();
  const { data: live, error, isLoading } = useLive(name);
  if (isLoading) return <Loading what="the integration" />;
  if (error) return <Alert type="error">{explain(error)}</Alert>;
  return <OneIntegration key={`${name} ${live?.etag ?? ""}`} name={name} live={live ?? null} />;
}

function OneIntegration({ name, live }: { name: string; live: { text: string; etag: string } | null }) {
  const navigate = useNavigate();
  const mayEdit = useRole("editor");
  const [unpublished, setUnpublished] = useState<Unpublished | null>(() => storedUnpublished(name));
  const [tab, setTab] = useState("form");
  const text = unpublished?.text ?? live?.text ?? "";
  const { definition, errors } = useMemo(() => readDefinition(text), [text]);
  const changed = unpublished !== null && unpublished.text !== live?.text;
  const outdated = changed && unpublished.etag !== (live?.etag ?? null);

  useEffect(() => {
    if (unpublished) storeUnpublished(name, unpublished);
  }, [name, unpublished]);

  const change = (next: string) =>
    setUnpublished((now) => ({ warnings: [], etag: live?.etag ?? null, ...now, text: next }));
  const discard = () => {
    forgetUnpublished(name);
    setUnpublished(null);
    if (!live) navigate("/integrations");
  };

  if (!text) {
    return (
      <Alert
        type="warning"
        header={`There is no integration named ${name}`}
        action={<Button href="/integrations">See all</Button>}
      />
    );
  }
  return (
    <SpaceBetween size="l">
      <BreadcrumbGroup
        ariaLabel="Where you are"
        items={[
          { text: "Integrations", href: "/integrations" },
          { text: name, href: "" },
        ]}
        onFollow={(event) => {
          event.preventDefault();
          if (event.detail.href) navigate(event.detail.href);
        }}
      />
      <Header
        variant="h1"
        description={name}
        info={live ? changed ? <Badge color="blue">Not published yet</Badge> : null : <Badge color="blue">New</Badge>}
        actions={
          mayEdit ? (
            <SpaceBetween direction="horizontal" size="xs">
              {live ? <DeleteIntegrationButton name={name} etag={live.etag} /> : null}
              {changed ? <Button onClick={discard}>Discard changes</Button> : null}
              <PublishIntegrationButton
                name={name}
                text={text}
                live={live}
                disabled={!changed || !definition}
                onPublished={() => {
                  forgetUnpublished(name);
                  setUnpublished(null);
                }}
              />
            </SpaceBetween>
          ) : null
        }
      >
        {definition?.title || name}
      </Header>
      {outdated ? (
        <Alert
          type="warning"
          header="This integration was published by someone else meanwhile"
          action={
            <Button onClick={() => setUnpublished((now) => now && { ...now, etag: live?.etag ?? null })}>
              Keep mine
            </Button>
          }
        >
          Your changes are still here. Keep them to publish over the other version, or discard them to see it. Versions
          shows what was published.
        </Alert>
      ) : null}
      {unpublished?.warnings.length ? (
        <Alert
          type="info"
          header="From the curl command"
          dismissible
          dismissAriaLabel="Close"
          onDismiss={() => setUnpublished((now) => now && { ...now, warnings: [] })}
        >
          <ul>
            {unpublished.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      ) : null}
      <Tabs
        activeTabId={tab}
        onChange={({ detail }) => setTab(detail.activeTabId)}
        ariaLabel="Views of the integration"
        tabs={[
          {
            id: "form",
            label: "Form",
            content: definition ? (
              <IntegrationForm text={text} definition={definition} readOnly={!mayEdit} onChange={change} />
            ) : (
              <Alert
                type="error"
                header={`Line ${errors[0]?.line ?? 1} cannot be read`}
                action={<Button onClick={() => setTab("text")}>Open the text</Button>}
              >
                {errors[0]?.message}
              </Alert>
            ),
          },
          {
            id: "text",
            label: "Text",
            content: (
              <FormField
                label="YAML"
                stretch
                errorText={errors[0] ? `Line ${errors[0].line}: ${errors[0].message}` : undefined}
              >
                <Textarea
                  rows={Math.max(14, text.split("\n").length + 1)}
                  value={text}
                  readOnly={!mayEdit}
                  spellcheck={false}
                  onChange={({ detail }) => change(detail.value)}
                />
              </FormField>
            ),
          },
          {
            id: "try",
            label: "Try it",
            disabled: !mayEdit || !definition,
            disabledReason: mayEdit ? "Mend the text first." : "Only editors may make a call.",
            content: definition ? <TryIt name={name} definition={definition} secrets={secretsOf(text)} /> : null,
          },
          {
            id: "versions",
            label: "Versions and use",
            disabled: !live,
            content: live ? <IntegrationVersions name={name} etag={live.etag} /> : <Box />,
          },
        ]}
      />
    </SpaceBetween>
  );
}
