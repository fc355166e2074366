import { Group, Stack, Text } from "@mantine/core";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { lasted } from "@ui/parts/TimeAgo";
import classes from "./home.module.css";

type Lag = Schemas["LagOut"];

/** How far the tables are behind Odoo, the furthest first. */
export function Lags({ items }: { items: Lag[] }) {
  const { t, language } = useSpeech();
  // Minutes and months stand in one list: lengths go by the logarithm.
  const size = (seconds: number) => Math.log10(1 + seconds / 10);
  const most = Math.max(size(3_600), ...items.map((one) => size(one.lag_seconds ?? 0)));
  return (
    <Panel title={t("home.lag")} hint={t("home.lagHint")}>
      {items.length === 0 ? <Text c="dimmed">{t("home.noStreams")}</Text> : null}
      <Stack component="ul" gap={10} className={classes.plain} mt={items.length > 0 ? "sm" : 0}>
        {items.slice(0, 8).map((one) => (
          <li key={one.stream_id}>
            <Group justify="space-between" gap="sm" wrap="nowrap">
              <Text size="sm" className={classes.anywhere}>
                {one.model}
              </Text>
              <Text size="sm" c="dimmed" className={classes.noWrap}>
                {one.lag_seconds === null ? t("home.noLag") : lasted(one.lag_seconds, language)}
              </Text>
            </Group>
            <div className={classes.track} aria-hidden>
              <div
                className={classes.fill}
                data-state={one.state}
                style={{ inlineSize: one.lag_seconds === null ? 0 : `${Math.max(2, (size(one.lag_seconds) / most) * 100)}%` }}
              />
            </div>
          </li>
        ))}
      </Stack>
    </Panel>
  );
}
