import { Box, Paper, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "@ui/i18n";

interface Item {
  title: string;
  value?: number;
  text?: ReactNode;
  below?: ReactNode;
}

/** A few numbers side by side on one quiet surface. */
export function Numbers({ items }: { items: Item[] }) {
  const { language } = useSpeech();
  const number = new Intl.NumberFormat(language);
  return (
    <Paper p="md">
      <SimpleGrid component="dl" cols={{ base: 2, xs: 3, md: Math.min(items.length, 8) }} spacing="md" verticalSpacing="md" m={0}>
        {items.map((item) => (
          <Box key={item.title}>
            <Text component="dt" size="xs" c="dimmed">
              {item.title}
            </Text>
            <Text component="dd" m={0} fz="lg" fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
              {item.text ?? number.format(item.value ?? 0)}
            </Text>
            {item.below ? (
              <Text component="dd" m={0} size="xs" c="dimmed">
                {item.below}
              </Text>
            ) : null}
          </Box>
        ))}
      </SimpleGrid>
    </Paper>
  );
}
