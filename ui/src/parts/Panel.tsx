import { Box, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title?: string;
  hint?: ReactNode;
  actions?: ReactNode;
  /** Lets the content reach the border, for tables. */
  flush?: boolean;
  /** Nothing where the heading and its buttons say it all. */
  children?: ReactNode;
}

/** A surface with a heading: what belongs together on a page. */
export function Panel({ title, hint, actions, flush, children }: Props) {
  return (
    <Paper component="section" style={{ overflow: "clip" }}>
      {title || actions ? (
        <Group justify="space-between" px="md" pt="md" pb={flush ? "sm" : children ? 0 : "md"} gap="sm">
          <Stack gap={2}>
            {title ? <Title order={2}>{title}</Title> : null}
            {hint ? (
              <Text size="sm" c="dimmed">
                {hint}
              </Text>
            ) : null}
          </Stack>
          {actions ? <Group gap="xs">{actions}</Group> : null}
        </Group>
      ) : null}
      {children ? <Box p={flush ? 0 : "md"}>{children}</Box> : null}
    </Paper>
  );
}
