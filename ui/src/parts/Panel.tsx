import { Box, Group, Paper, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Panel.module.css";

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
        <Box className={classes.head} pb={flush ? "sm" : children ? 0 : "md"}>
          {title ? <Title order={2} className={classes.title}>{title}</Title> : null}
          {actions ? (
            <Group gap="xs" className={classes.actions}>
              {actions}
            </Group>
          ) : null}
          {hint ? (
            <Text size="sm" c="dimmed" className={classes.hint}>
              {hint}
            </Text>
          ) : null}
        </Box>
      ) : null}
      {children ? <Box p={flush ? 0 : "md"}>{children}</Box> : null}
    </Paper>
  );
}
