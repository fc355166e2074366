import { Group, MultiSelect, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { type Chart as Choice, fits, option } from "./chart";
import { isNumber, shown } from "./format";

const Chart = lazy(() => import("@ui/parts/Chart"));

interface Props {
  answer: Schemas["AnswerOut"];
  chart: Choice | null;
  onChange: (chart: Choice) => void;
}

/** The answer as bars, a line or a pie, with the columns a person chooses. */
export function AnswerChart({ answer, chart, onChange }: Props) {
  const { t, language } = useSpeech();
  const columns = answer.columns;
  const now: Choice = chart && fits(chart, columns) ? chart : { type: chart?.type ?? "bar", x: columns[0]?.name ?? "", y: [] };
  const drawn = useMemo(
    () => (fits(now, columns) ? option(now, columns, answer.rows, (value, column) => shown(value, column.kind, language)) : null),
    [now, columns, answer.rows, language],
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
