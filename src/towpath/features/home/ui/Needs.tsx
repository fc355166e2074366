import { Anchor, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconClockExclamation, IconKey, IconPlugConnectedX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { TimeAgo } from "@ui/parts/TimeAgo";
import classes from "./home.module.css";

type Need = Schemas["AttentionOut"];

const icons = {
  run_failed: IconAlertTriangle,
  connection_fails: IconPlugConnectedX,
  secret_expires: IconKey,
  secret_expired: IconKey,
  overdue: IconClockExclamation,
} as const;

function place(need: Need): { to: string; words: string } | null {
  if (need.kind.startsWith("secret")) return { to: "/settings/secrets", words: "home.setKey" };
  if (need.kind === "run_failed" && need.run_id) return { to: `/runs/${need.run_id}`, words: "home.seeRun" };
  return need.connection_id ? { to: `/sources/${need.connection_id}`, words: "home.seeSource" } : null;
}

function OneNeed({ need }: { need: Need }) {
  const { t } = useSpeech();
  const Icon = icons[need.kind];
  const goal = place(need);
  const title = need.connection || !need.kind.startsWith("secret") ? need.kind : `someSecret_${need.kind.slice(7)}`;
  const shown = need.models.slice(0, 4);
  return (
    <Group component="li" className={classes.need} data-urgent={need.urgent || undefined} wrap="nowrap" align="flex-start" gap="md">
      <Icon size={20} stroke={1.8} className={classes.needIcon} aria-hidden />
      <Stack gap={2} flex={1} miw={0}>
        <Group justify="space-between" gap="xs">
          <Text fw={600}>{t(`home.${title}`, { n: need.streams, connection: need.connection ?? "" })}</Text>
          <Text size="sm" c="dimmed">
            {need.at ? <TimeAgo at={need.at} /> : null}
          </Text>
        </Group>
        <Text size="sm" className={classes.anywhere}>
          {said(need.sentence)}
        </Text>
        {shown.length > 0 ? (
          <Text size="sm" c="dimmed">
            {shown.join(", ")} {need.streams > shown.length ? t("home.andMore", { n: need.streams - shown.length }) : null}
          </Text>
        ) : null}
        {goal ? (
          <Anchor component={Link} to={goal.to} size="sm" fw={550} mt={4} w="fit-content">
            {t(goal.words)}
          </Anchor>
        ) : null}
      </Stack>
    </Group>
  );
}

/** What needs a person, urgent things first. Nothing at all when there is nothing. */
export function Needs({ items }: { items: Need[] }) {
  const { t } = useSpeech();
  if (items.length === 0) return null;
  return (
    <Paper component="section" aria-label={t("home.needs")} style={{ overflow: "hidden" }}>
      <Title order={2} px="md" pt="md" pb="xs">
        {t("home.needs")}
      </Title>
      <ul className={classes.needs}>
        {items.map((need) => (
          <OneNeed key={`${need.kind} ${need.connection_id} ${need.sentence}`} need={need} />
        ))}
      </ul>
    </Paper>
  );
}
