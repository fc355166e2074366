import { Checkbox, Chip, Group, Input, Modal, NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import { EditingEnd, useEditing } from "./editing";
import { type Day, dayName, days, type Hours } from "./hours";
import type { Connection } from "./live";
import { beside, settingOf } from "./refusal";
import { zonesWith } from "./zones";

type Limits = Pick<Connection, "calls_per_second" | "calls_at_once" | "working_hours">;

const usual: Hours = {
  days: ["mon", "tue", "wed", "thu", "fri"],
  start: "08:00",
  end: "18:00",
  tz: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
  calls_per_second: 2,
  scheduled_runs: true,
};

function limitsOf(known: Connection): Limits {
  return { calls_per_second: known.calls_per_second, calls_at_once: known.calls_at_once, working_hours: known.working_hours };
}

/** Calls a second and at once at most, and what holds while people work in the Odoo. */
export function LimitsForm({ known, close }: { known: Connection; close: () => void }) {
  const { t } = useSpeech();
  const editing = useEditing(known, limitsOf, close);
  const { form, before, set, save } = editing;
  const wrong = beside(save.error);
  const about = settingOf(save.error);
  return (
    <Modal opened onClose={close} size="lg" title={t("replicate.load")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({});
        }}
      >
        <Stack gap="lg">
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <NumberInput
              data-autofocus
              label={t("replicate.callsPerSecond")}
              description={t("replicate.limitEmpty")}
              min={0.1}
              max={1000}
              clampBehavior="none"
              decimalScale={2}
              value={form.calls_per_second ?? ""}
              onChange={(value) => set({ calls_per_second: value === "" ? null : Number(value) })}
              error={wrong("calls_per_second")}
            />
            <NumberInput
              label={t("replicate.callsAtOnce")}
              description={t("replicate.limitEmpty")}
              min={1}
              max={64}
              clampBehavior="none"
              allowDecimal={false}
              value={form.calls_at_once ?? ""}
              onChange={(value) => set({ calls_at_once: value === "" ? null : Number(value) })}
              error={wrong("calls_at_once")}
            />
          </SimpleGrid>
          <Stack gap="md">
            <Switch
              label={t("replicate.hoursSwitch")}
              checked={form.working_hours !== null}
              onChange={(event) => set({ working_hours: event.currentTarget.checked ? (before.working_hours ?? usual) : null })}
            />
            {form.working_hours ? <HoursFields value={form.working_hours} onChange={(working_hours) => set({ working_hours })} error={wrong("working_hours")} /> : null}
          </Stack>
          <EditingEnd {...editing} told={about !== null && about in form} />
        </Stack>
      </form>
    </Modal>
  );
}

/** The clock of a browser has no 24:00: midnight at the end of a day is its 00:00. */
const clock = (time: string) => (time === "24:00" ? "00:00" : time);

interface HoursProps {
  value: Hours;
  onChange: (value: Hours) => void;
  error?: string;
}

function HoursFields({ value, onChange, error }: HoursProps) {
  const { t, language } = useSpeech();
  const set = (news: Partial<Hours>) => {
    const next = { ...value, ...news };
    onChange({ ...next, end: clock(next.start) === "00:00" && clock(next.end) === "00:00" ? "24:00" : next.end });
  };
  return (
    <Stack gap="md" ps={{ base: 0, xs: 48 }} role="group" aria-label={t("replicate.workingHours")}>
      <Chip.Group multiple value={value.days} onChange={(chosen) => set({ days: days.filter((day) => chosen.includes(day)) as Day[] })}>
        <Group gap={6} role="group" aria-label={t("replicate.hoursDays")}>
          {days.map((day) => (
            <Chip key={day} value={day} size="xs">
              {dayName(day, language)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Group align="flex-start" gap="sm">
        <TextInput type="time" w={120} label={t("replicate.hoursStart")} value={value.start} onChange={(event) => set({ start: event.currentTarget.value })} />
        <TextInput type="time" w={120} label={t("replicate.hoursEnd")} value={clock(value.end)} onChange={(event) => set({ end: event.currentTarget.value })} />
        <Select
          searchable
          allowDeselect={false}
          w={220}
          label={t("replicate.zone")}
          value={value.tz}
          onChange={(tz) => set({ tz: tz ?? "UTC" })}
          data={zonesWith(value.tz)}
          limit={80}
        />
      </Group>
      <NumberInput
        maw={340}
        label={t("replicate.hoursMost")}
        description={t("replicate.limitEmpty")}
        min={0.1}
        max={1000}
        clampBehavior="none"
        decimalScale={2}
        value={value.calls_per_second ?? ""}
        onChange={(most) => set({ calls_per_second: most === "" ? null : Number(most) })}
      />
      <Checkbox
        checked={value.scheduled_runs === false}
        onChange={(event) => set({ scheduled_runs: !event.currentTarget.checked })}
        label={t("replicate.hoursNoRuns")}
        description={t("replicate.hoursNoRunsHint")}
      />
      {error ? <Input.Error role="alert">{error}</Input.Error> : null}
    </Stack>
  );
}
