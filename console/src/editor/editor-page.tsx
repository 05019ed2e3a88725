import Header from "@cloudscape-design/components/header";

export function EditorPage() {
  return <Header variant="h1">Editor</Header>;
}
