import Header from "@cloudscape-design/components/header";

export function FlowsPage() {
  return <Header variant="h1">Flows</Header>;
}
