import { Box, Group } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconLoader,
  IconPlayerPause,
} from "@tabler/icons-react";

export type Tone = "good" | "warn" | "bad" | "busy" | "quiet" | "paused";

const looks = {
  good: { icon: IconCircleCheck, color: "var(--towpath-good)" },
  warn: { icon: IconAlertTriangle, color: "var(--towpath-warn)" },
  bad: { icon: IconCircleX, color: "var(--towpath-bad)" },
  busy: { icon: IconLoader, color: "var(--mantine-color-anchor)" },
  quiet: { icon: IconCircleDashed, color: "var(--mantine-color-dimmed)" },
  paused: { icon: IconPlayerPause, color: "var(--mantine-color-dimmed)" },
} as const;

/** How something stands: a shape and a word, so that the colour alone says nothing. */
export function Status({ tone, children }: { tone: Tone; children: string }) {
  const { icon: Icon, color } = looks[tone];
  return (
    <Group gap={6} wrap="nowrap" display="inline-flex" fw={550} fz="sm" c={color}>
      <Icon size={16} stroke={2} aria-hidden />
      <Box component="span">{children}</Box>
    </Group>
  );
}
