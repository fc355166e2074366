import { Center, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  icon: TablerIcon;
  title: string;
  /** What to do next. */
  children?: ReactNode;
  action?: ReactNode;
  /** 1 where it is the whole page. */
  order?: 1 | 2;
}

/** What stands where nothing is yet: it says what to do next. */
export function EmptyState({ icon: Icon, title, children, action, order = 2 }: Props) {
  return (
    <Center p="xl">
      <Stack align="center" gap="sm" maw="30rem" ta="center" py={order === 1 ? "10vh" : "lg"}>
        <ThemeIcon size={56} radius="xl" variant="light">
          <Icon size={28} stroke={1.5} aria-hidden />
        </ThemeIcon>
        <Title order={order}>{title}</Title>
        {children ? <Text c="dimmed">{children}</Text> : null}
        {action}
      </Stack>
    </Center>
  );
}
