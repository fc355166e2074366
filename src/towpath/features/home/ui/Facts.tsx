import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./home.module.css";

/** Names and what they are, one a line. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className={classes.plain}>
      {facts.map(([name, value]) => (
        <Group key={name} className={classes.line} justify="space-between" gap="md" wrap="nowrap" align="baseline">
          <Text component="dt" c="dimmed" size="sm">
            {name}
          </Text>
          <Text component="dd" m={0} ta="end" className={classes.anywhere}>
            {value}
          </Text>
        </Group>
      ))}
    </dl>
  );
}
