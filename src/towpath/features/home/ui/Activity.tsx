import { Group, Text } from "@mantine/core";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { Panel } from "@ui/parts/Panel";
import classes from "./home.module.css";

type Hour = Schemas["HourOut"];

/** A day's work as bars, one an hour; hours with failed runs are marked. */
export function Activity({ hours }: { hours: Hour[] }) {
  const { t, language } = useSpeech();
  const rows = hours.reduce((sum, hour) => sum + hour.rows, 0);
  const runs = hours.reduce((sum, hour) => sum + hour.runs, 0);
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  // Roots, so that the hour of a first full read does not flatten all others.
  const most = Math.sqrt(Math.max(1, ...hours.map((hour) => hour.rows)));
  const clock = new Intl.DateTimeFormat(region(language), { hour: "numeric", minute: "2-digit" });
  const number = new Intl.NumberFormat(language);
  const at = (hour: Hour | undefined) => (hour ? clock.format(new Date(hour.start)) : "");
  return (
    <Panel title={t("home.activity")}>
      {runs === 0 ? (
        <Text c="dimmed">{t("home.quietDay")}</Text>
      ) : (
        <>
          <Group gap="xs" align="baseline" mt={2}>
            <Text fz={30} fw={650} lh={1.2}>
              {number.format(rows)}
            </Text>
            <Text c="dimmed">{t("home.rowsChanged", { n: rows })}</Text>
          </Group>
          <Text size="sm" c="dimmed">
            {t("home.runsDone", { n: runs })}
            {failed > 0 ? (
              <Text span c="var(--towpath-bad)" fw={550}>
                {" · "}
                {t("home.runsFailed", { n: failed })}
              </Text>
            ) : null}
          </Text>
          <div className={classes.bars} role="img" aria-label={t("home.chart", { rows, runs, failed })}>
            {hours.map((hour) => (
              <div
                key={hour.start}
                className={classes.slot}
                title={t("home.hour", { hour: at(hour), rows: hour.rows, runs: hour.runs, failed: hour.failed })}
              >
                {hour.failed > 0 ? <div className={classes.failed} /> : null}
                <div
                  className={classes.bar}
                  data-idle={hour.runs === 0 || undefined}
                  style={{ blockSize: `${Math.max(4, (Math.sqrt(hour.rows) / most) * 88)}%` }}
                />
              </div>
            ))}
          </div>
          <Group justify="space-between" mt={6} aria-hidden>
            {[hours[0], hours[Math.floor(hours.length / 2)], hours[hours.length - 1]].map((hour) => (
              <Text key={hour?.start} size="xs" c="dimmed">
                {at(hour)}
              </Text>
            ))}
          </Group>
        </>
      )}
    </Panel>
  );
}
