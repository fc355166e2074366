import { Group, MultiSelect, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { type Chart as Choice, fits, option } from "./chart";
import { isNumber, shown } from "./format";

const Chart = lazy(() => import("@ui/parts/Chart"));

interface Props {
  answer: Schemas["AnswerOut"];
  chart: Choice | null;
  onChange: (chart: Choice) => void;
}

/** How months are named, where a column holds nothing but first days of months. */
function months(place: number, answer: Props["answer"], language: string): Intl.DateTimeFormat | null {
  const all = answer.rows.map((row) => row[place]);
  if (all.length < 2 || !all.every((value) => typeof value === "string" && /^\d{4}-\d{2}-01(T00:00:00.*)?$/.test(value))) return null;
  return new Intl.DateTimeFormat(region(language), { month: "short", year: "numeric", timeZone: "UTC" });
}

/** The answer as bars, a line or a pie, with the columns a person chooses. */
export function AnswerChart({ answer, chart, onChange }: Props) {
  const { t, language } = useSpeech();
  const columns = answer.columns;
  const now: Choice = chart && fits(chart, columns) ? chart : { type: chart?.type ?? "bar", x: columns[0]?.name ?? "", y: [] };
  const monthly = useMemo(() => months(columns.findIndex((one) => one.name === now.x), answer, language), [columns, now.x, answer, language]);
  const drawn = useMemo(
    () => (fits(now, columns) ? option(now, columns, answer.rows, (value, column) => (column.name === now.x && monthly ? monthly.format(new Date(String(value))) : shown(value, column.kind, language))) : null),
    [now, columns, answer.rows, language, monthly],
  );
  return (
    <Stack p="md">
      <Group align="flex-end" gap="sm">
        <SegmentedControl
          aria-label={t("explore.chart.type")}
          value={now.type}
          onChange={(type) => onChange({ ...now, type: type as Choice["type"] })}
          data={(["bar", "line", "pie"] as const).map((value) => ({ value, label: t(`explore.chart.${value}`) }))}
        />
        <Select
          label={t("explore.chart.x")}
          w={200}
          data={columns.map((one) => one.name)}
          value={now.x}
          onChange={(x) => x && onChange({ ...now, x })}
          allowDeselect={false}
        />
        <MultiSelect
          label={t("explore.chart.y")}
          miw={220}
          maxValues={now.type === "pie" ? 1 : 12}
          data={columns.filter((one) => isNumber(one.kind)).map((one) => one.name)}
          value={now.y}
          onChange={(y) => onChange({ ...now, y })}
        />
      </Group>
      {drawn ? (
        <Suspense fallback={<Skeleton height={380} />}>
          <Chart
            option={drawn}
            height={380}
            label={t("explore.chart.label", { type: t(`explore.chart.${now.type}`), y: now.y.join(", "), x: now.x })}
          />
        </Suspense>
      ) : (
        <Text c="dimmed">{t("explore.chart.choose")}</Text>
      )}
      {answer.count > answer.rows.length ? (
        <Text size="sm" c="dimmed">
          {t("explore.chart.first", { n: answer.rows.length })}
        </Text>
      ) : null}
    </Stack>
  );
}
