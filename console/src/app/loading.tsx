import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";

/** Shown while something loads; `what` such as "the flow". */
export function Loading({ what }: { what: string }) {
  return (
    <Box padding="xxl" textAlign="center" color="text-body-secondary">
      <Spinner /> Loading {what} …
    </Box>
  );
}
