import { Box, SimpleGrid, type SimpleGridProps, Text } from "@mantine/core";
import type { ReactNode } from "react";

export interface Fact {
  title: string;
  value: ReactNode;
  /** Where it comes from, or what it means. */
  below?: ReactNode;
}

/** What is known of something, side by side: short names over their values. */
export function Facts({ facts, cols }: { facts: Fact[]; cols: SimpleGridProps["cols"] }) {
  return (
    <SimpleGrid component="dl" cols={cols} m={0} spacing="md">
      {facts.map(({ title, value, below }) => (
        <Box key={title}>
          <Text component="dt" size="xs" c="dimmed">
            {title}
          </Text>
          <Text component="dd" m={0} size="sm" fw={550}>
            {value}
          </Text>
          {below ? (
            <Text component="dd" m={0} size="xs" c="dimmed">
              {below}
            </Text>
          ) : null}
        </Box>
      ))}
    </SimpleGrid>
  );
}
