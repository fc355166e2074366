import { Box } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { ProblemAlert } from "@ui/parts/ProblemAlert";

/** What stands in a page's place when it broke; the menu around it still works. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <Box py="md" maw={720}>
      <ProblemAlert error={error} retry={reset} />
    </Box>
  );
}
