import { Button, Checkbox, Chip, Group, Input, Modal, NumberInput, Select, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { done } from "@ui/parts/notify";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { type Day, dayName, days, type Hours } from "./hours";
import type { Connection } from "./live";
import { beside, isRival, settingOf } from "./refusal";
import { zonesWith } from "./zones";

type Edit = Schemas["ConnectionEdit"];
type Limits = Pick<Connection, "calls_per_second" | "calls_at_once" | "working_hours">;

const names = ["calls_per_second", "calls_at_once", "working_hours"] as const;
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

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Calls a second and at once at most, and what holds while people work in the Odoo. */
export function LimitsForm({ known, close }: { known: Connection; close: () => void }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const [before, setBefore] = useState(limitsOf(known));
  const [form, setForm] = useState(before);
  const [etag, setEtag] = useState<string | null>(null);
  const set = (news: Partial<Limits>) => setForm((now) => ({ ...now, ...news }));
  const path = { path: { connection_id: known.id } };
  // The state that is edited, as the server names it: read when the form opens.
  const opened = useQuery({
    queryKey: ["connection", known.id, "limited"],
    queryFn: async () => (await api.GET("/api/v1/connections/{connection_id}", { params: path })).response.headers.get("ETag"),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const save = useMutation({
    mutationFn: async () => {
      const changed = Object.fromEntries(names.filter((name) => !same(form[name], before[name])).map((name) => [name, form[name]]));
      if (Object.keys(changed).length === 0) return null;
      return data(
        api.PATCH("/api/v1/connections/{connection_id}", {
          params: { ...path, header: { "If-Match": etag ?? opened.data ?? "" } },
          body: { ...changed, force: false } as Edit,
        }),
      );
    },
    onSuccess: () => {
      for (const key of ["connection", "connections", "sources", "streams"]) void client.invalidateQueries({ queryKey: [key] });
      done(t("replicate.saved"));
      close();
    },
  });
  const again = useMutation({
    mutationFn: () => api.GET("/api/v1/connections/{connection_id}", { params: path }),
    onSuccess: ({ data: now, response }) => {
      if (!now) return;
      const theirs = limitsOf(now);
      // What was set here stays; the rest is as somebody else has left it.
      setForm(Object.fromEntries(names.map((name) => [name, same(form[name], before[name]) ? theirs[name] : form[name]])) as Limits);
      setBefore(theirs);
      setEtag(response.headers.get("ETag"));
      save.reset();
    },
  });
  const wrong = beside(save.error);
  const about = settingOf(save.error);
  return (
    <Modal opened onClose={close} size="lg" title={t("replicate.load")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
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
          {isRival(save.error) ? (
            <Group gap="xs" role="alert">
              <Text size="sm" c="var(--mantine-color-error)">
                {t("replicate.conflictSource")}
              </Text>
              <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
                {t("replicate.keepMine")}
              </Button>
            </Group>
          ) : about && (names as readonly string[]).includes(about) ? null : (
            <ProblemAlert error={save.error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("shell.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!opened.data}>
              {t("shell.save")}
            </Button>
          </Group>
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
        maw={250}
        label={t("replicate.hoursMost")}
        description={t("replicate.limitEmpty")}
        min={0.1}
        max={1000}
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
