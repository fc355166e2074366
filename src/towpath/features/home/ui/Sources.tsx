import { Anchor, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Panel } from "@ui/parts/Panel";
import { Status, type Tone } from "@ui/parts/Status";
import { lasted } from "@ui/parts/TimeAgo";
import classes from "./home.module.css";

type Health = Schemas["HealthOut"];

const tones: Record<Health["state"], Tone> = { ok: "good", attention: "bad", new: "quiet" };

function host(url: string): string {
  return url.replace(/^https?:\/\//, "");
}

/** Health of every connection. */
export function Sources({ items }: { items: Health[] }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t("home.sources")} flush>
      <ul className={classes.list}>
        {items.map((one) => {
          const counts = [
            t("home.streams", { n: one.streams }),
            one.running ? t("home.running", { n: one.running }) : "",
            one.failed ? t("home.failing", { n: one.failed }) : "",
            one.paused ? t("home.paused", { n: one.paused }) : "",
          ].filter(Boolean);
          return (
            <Group component="li" key={one.id} className={classes.line} justify="space-between" gap="md">
              <Stack gap={0} flex="1 1 14rem" miw={0}>
                <Anchor component={Link} to={`/sources/${one.id}`} fw={600} c="var(--mantine-color-text)" w="fit-content">
                  {one.name}
                </Anchor>
                <Text size="sm" c="dimmed" className={classes.anywhere}>
                  Odoo {one.version} · {host(one.url)}
                </Text>
              </Stack>
              <Stack gap={0} className={classes.atEnd}>
                <Status tone={one.running && one.state !== "attention" ? "busy" : tones[one.state]}>{t(`home.health.${one.state}`)}</Status>
                <Text size="sm" c="dimmed">
                  {counts.join(" · ")}
                  {one.lag_seconds === null ? "" : ` · ${t("home.behind", { time: lasted(one.lag_seconds, language) })}`}
                </Text>
              </Stack>
            </Group>
          );
        })}
      </ul>
    </Panel>
  );
}
