import Header from "@cloudscape-design/components/header";

export function AssetsPage() {
  return <Header variant="h1">Assets</Header>;
}
