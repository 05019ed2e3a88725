import Header from "@cloudscape-design/components/header";

export function SessionPage() {
  return <Header variant="h1">Session</Header>;
}
