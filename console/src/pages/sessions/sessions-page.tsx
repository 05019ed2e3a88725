import Header from "@cloudscape-design/components/header";

export function SessionsPage() {
  return <Header variant="h1">Sessions</Header>;
}
