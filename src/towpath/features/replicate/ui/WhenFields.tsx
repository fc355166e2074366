import { Group, NumberInput, Radio, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { sentence } from "@ui/parts/ProblemAlert";
import { LengthField } from "./LengthField";
import { hasTimes, type When } from "./when";
import { zonesWith } from "./zones";

interface Props {
  value: When;
  onChange: (value: When) => void;
  /** What is wrong with a setting, for the field it stands in. */
  wrong?: (...settings: string[]) => string | undefined;
  /** The stream that is edited: it can not run after itself. */
  own?: string;
}

const nothing = () => undefined;

/** The next times of a schedule, as the server works them out. */
export function timesOf({ way, every, unit, at, cron, tz }: When) {
  const query = { tz, count: 3, ...(way === "every" ? { every: `${every}${unit}` } : way === "at" ? { at } : { cron }) };
  return { queryKey: ["schedule", query], queryFn: () => data(api.GET("/api/v1/schedules/preview", { params: { query } })) };
}

/** When streams run, when everything is read again, and how long old states are kept (S2.17-S2.19). */
export function WhenFields({ value, onChange, wrong = nothing, own }: Props) {
  const { t } = useSpeech();
  const set = (news: Partial<When>) => onChange({ ...value, ...news });
  return (
    <Stack gap="lg">
      <Radio.Group label={t("replicate.trigger")} description={t("replicate.triggerHint")} value={value.way} onChange={(way) => set({ way: way as When["way"] })}>
        <Stack gap="sm" mt="sm">
          <Radio value="every" label={t("replicate.way.every")} />
          {value.way === "every" ? (
            <Group ps="xl" gap="xs" align="flex-start">
              <NumberInput
                aria-label={t("replicate.howOften")}
                min={1}
                max={999}
                allowDecimal={false}
                w={96}
                value={value.every}
                onChange={(every) => set({ every: Math.max(1, Number(every) || 1) })}
                error={wrong("every")}
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
            <TextInput
              ps="xl"
              maw={360}
              label={t("replicate.times")}
              description={t("replicate.timesHint")}
              value={value.at}
              onChange={(event) => set({ at: event.currentTarget.value })}
              error={wrong("at")}
            />
          ) : null}
          <Radio value="cron" label={t("replicate.way.cron")} />
          {value.way === "cron" ? (
            <TextInput
              ps="xl"
              maw={360}
              label={t("replicate.cronText")}
              description={t("replicate.cronHint")}
              value={value.cron}
              onChange={(event) => set({ cron: event.currentTarget.value })}
              error={wrong("cron")}
            />
          ) : null}
          <Radio value="after" label={t("replicate.way.after")} />
          {value.way === "after" ? <After value={value.after} onChange={(after) => set({ after })} own={own} error={wrong("after")} /> : null}
          <Radio value="manual" label={t("replicate.way.manual")} />
        </Stack>
      </Radio.Group>
      {hasTimes(value) ? (
        <Group align="flex-start" gap="lg">
          <Select
            searchable
            label={t("replicate.zone")}
            w={280}
            allowDeselect={false}
            value={value.tz}
            onChange={(tz) => set({ tz: tz ?? "UTC" })}
            data={zonesWith(value.tz)}
            limit={80}
            error={wrong("tz")}
          />
          {["every", "at", "cron"].includes(value.way) ? <Preview value={value} told={Boolean(wrong(value.way))} /> : null}
        </Group>
      ) : null}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Stack gap="xs">
          <LengthField
            label={t("replicate.fullSync")}
            description={t("replicate.fullSyncHint")}
            words={[
              ["never", t("replicate.full.never")],
              ["7 days", t("replicate.full.week")],
              ["30 days", t("replicate.full.month")],
              ["cron", t("replicate.full.cron")],
            ]}
            own={t("replicate.full.own")}
            first="14 days"
            value={value.full === "every" ? value.fullEvery : value.full}
            onChange={(full) => set(full === "never" || full === "cron" ? { full } : { full: "every", fullEvery: full })}
            error={wrong("full_every")}
          />
          {value.full === "cron" ? (
            <TextInput
              label={t("replicate.fullCron")}
              description={t("replicate.cronHint")}
              value={value.fullCron}
              onChange={(event) => set({ fullCron: event.currentTarget.value })}
              error={wrong("full_cron")}
            />
          ) : null}
        </Stack>
        <LengthField
          label={t("replicate.retention")}
          description={t("replicate.retentionHint")}
          words={[
            ["", t("replicate.keep.usual")],
            ["7 days", t("replicate.keep.7")],
            ["30 days", t("replicate.keep.30")],
            ["90 days", t("replicate.keep.90")],
            ["365 days", t("replicate.keep.365")],
          ]}
          own={t("replicate.ownLength")}
          first="14 days"
          value={value.retention}
          onChange={(retention) => set({ retention })}
          error={wrong("retention")}
        />
      </SimpleGrid>
    </Stack>
  );
}

function After({ value, onChange, own, error }: { value: string; onChange: (id: string) => void; own?: string; error?: string }) {
  const { t } = useSpeech();
  const streams = useQuery({
    queryKey: ["streams", "all"],
    queryFn: () => data(api.GET("/api/v1/streams", { params: { query: { limit: 500 } } })),
  });
  const others = streams.data?.items.filter((one) => one.id !== own) ?? [];
  return (
    <Select
      ps="xl"
      maw={420}
      searchable
      required
      label={t("replicate.afterWhich")}
      description={t("replicate.afterHint")}
      placeholder={t("replicate.chooseStream")}
      nothingFoundMessage={t("replicate.noOther")}
      value={value || null}
      onChange={(id) => onChange(id ?? "")}
      data={others.map((one) => ({ value: one.id, label: one.path.replaceAll("/", " / ") }))}
      error={error}
    />
  );
}

function Preview({ value, told }: { value: When; /** Whether its field says what is wrong. */ told: boolean }) {
  const { t, language } = useSpeech();
  const [asked] = useDebouncedValue(value, 350);
  const preview = useQuery({
    ...timesOf(asked),
    placeholderData: keepPreviousData,
    enabled: ["every", "at", "cron"].includes(asked.way),
  });
  if (preview.error && told) return null;
  const format = new Intl.DateTimeFormat(region(language), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: asked.tz });
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
