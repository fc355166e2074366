import { Group, NumberInput, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { sentence } from "@ui/parts/ProblemAlert";
import type { When } from "./when";

const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

interface Props {
  value: When;
  onChange: (value: When) => void;
}

/** When streams run, when everything is read again, and how long old states are kept (S2.17-S2.19). */
export function WhenFields({ value, onChange }: Props) {
  const { t } = useSpeech();
  const set = (news: Partial<When>) => onChange({ ...value, ...news });
  return (
    <Stack gap="lg">
      <Radio.Group label={t("replicate.trigger")} description={t("replicate.triggerHint")} value={value.way} onChange={(way) => set({ way: way as When["way"] })}>
        <Stack gap="sm" mt="sm">
          <Radio value="every" label={t("replicate.way.every")} />
          {value.way === "every" ? (
            <Group ps="xl" gap="xs">
              <NumberInput
                aria-label={t("replicate.howOften")}
                min={1}
                max={999}
                allowDecimal={false}
                w={96}
                value={value.every}
                onChange={(every) => set({ every: Math.max(1, Number(every) || 1) })}
              />
              <Select
                aria-label={t("replicate.unit")}
                w={150}
                allowDeselect={false}
                value={value.unit}
                onChange={(unit) => set({ unit: (unit ?? "h") as When["unit"] })}
                data={[
                  { value: "m", label: t("replicate.minutes") },
                  { value: "h", label: t("replicate.hours") },
                  { value: "d", label: t("replicate.days") },
                ]}
              />
            </Group>
          ) : null}
          <Radio value="at" label={t("replicate.way.at")} />
          {value.way === "at" ? (
            <TextInput ps="xl" maw={360} label={t("replicate.times")} description={t("replicate.timesHint")} value={value.at} onChange={(event) => set({ at: event.currentTarget.value })} />
          ) : null}
          <Radio value="cron" label={t("replicate.way.cron")} />
          {value.way === "cron" ? (
            <TextInput ps="xl" maw={360} label={t("replicate.cronText")} description={t("replicate.cronHint")} value={value.cron} onChange={(event) => set({ cron: event.currentTarget.value })} />
          ) : null}
          <Radio value="manual" label={t("replicate.way.manual")} />
        </Stack>
      </Radio.Group>
      {value.way !== "manual" ? (
        <Group align="flex-start" gap="lg">
          <Select searchable label={t("replicate.zone")} w={280} allowDeselect={false} value={value.tz} onChange={(tz) => set({ tz: tz ?? "UTC" })} data={zones.includes(value.tz) ? zones : [value.tz, ...zones]} limit={80} />
          <Preview value={value} />
        </Group>
      ) : null}
      <Group align="flex-start" grow preventGrowOverflow={false} gap="lg">
        <Stack gap="xs" maw={420} miw={260}>
          <Select
            label={t("replicate.fullSync")}
            description={t("replicate.fullSyncHint")}
            allowDeselect={false}
            value={value.full}
            onChange={(full) => set({ full: (full ?? "never") as When["full"] })}
            data={["never", "week", "month", "cron"].map((one) => ({ value: one, label: t(`replicate.full.${one}`) }))}
          />
          {value.full === "cron" ? (
            <TextInput label={t("replicate.cronText")} value={value.fullCron} onChange={(event) => set({ fullCron: event.currentTarget.value })} />
          ) : null}
        </Stack>
        <Select
          maw={420}
          miw={260}
          label={t("replicate.retention")}
          description={t("replicate.retentionHint")}
          allowDeselect={false}
          value={value.retention}
          onChange={(retention) => set({ retention: (retention ?? "") as When["retention"] })}
          data={["", "7 days", "30 days", "90 days", "365 days"].map((one) => ({
            value: one,
            label: t(one ? `replicate.keep.${one.split(" ")[0]}` : "replicate.keep.usual"),
          }))}
        />
      </Group>
    </Stack>
  );
}

function Preview({ value }: { value: When }) {
  const { t, language } = useSpeech();
  const [asked] = useDebouncedValue(value, 350);
  const query = {
    tz: asked.tz,
    count: 3,
    ...(asked.way === "every" ? { every: `${asked.every}${asked.unit}` } : asked.way === "at" ? { at: asked.at } : { cron: asked.cron }),
  };
  const preview = useQuery({
    queryKey: ["schedule", query],
    queryFn: () => data(api.GET("/api/v1/schedules/preview", { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const format = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: asked.tz });
  return (
    <Stack gap={2} aria-live="polite" pt={4}>
      <Text size="sm" fw={500}>
        {t("replicate.nextTimes")}
      </Text>
      {preview.error ? (
        <Text size="sm" c="var(--mantine-color-error)">
          {sentence(preview.error, t)}
        </Text>
      ) : (
        preview.data?.next.map((at) => (
          <Text key={at} size="sm" c="dimmed">
            {format.format(new Date(at))}
          </Text>
        ))
      )}
    </Stack>
  );
}
