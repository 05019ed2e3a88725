import Header from "@cloudscape-design/components/header";

export function IntegrationsPage() {
  return <Header variant="h1">Integrations</Header>;
}
