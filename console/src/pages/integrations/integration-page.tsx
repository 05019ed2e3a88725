import Header from "@cloudscape-design/components/header";

export function IntegrationPage() {
  return <Header variant="h1">Integration</Header>;
}
