import { Accordion, Badge, Button, Checkbox, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconShieldLock } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { StepActions } from "../StepActions";
import { type Extras, noExtras, type StepProps, wrongIn } from "../draft";
import { FieldsPicker, type Picked, secretMasks, suggested } from "../FieldsPicker";
import { LinksField, More, RefreshField } from "../MoreFields";
import { Filter } from "../StreamSettings";

const usual: Picked = { fields: null, masks: {} };

/** Which fields are read of each model, and which are masked (S2.37, S2.52-S2.58). */
export function Fields({ draft, set, next, back }: StepProps) {
  const { t } = useSpeech();
  const id = draft.connectionId ?? "";
  const [open, setOpen] = useState<string | null>(draft.wrong ? draft.wrong.model : null);
  const models = Object.keys(draft.models);
  const answers = useQueries({
    queries: models.map((model) => ({
      queryKey: ["fields", id, model],
      queryFn: () =>
        data(
          api.GET("/api/v1/connections/{connection_id}/models/{model}/fields", {
            params: { path: { connection_id: id, model } },
          }),
        ),
      staleTime: 300_000,
    })),
  });
  const found = Object.fromEntries(answers.flatMap((one, place) => (one.data ? [[models[place] as string, one.data]] : [])));
  const loaded = Object.keys(found).length;
  // Keys and passwords are masked before anybody looks.
  const untouched = Object.keys(found).filter((model) => !draft.picked[model]);
  useEffect(() => {
    if (untouched.length === 0) return;
    const fresh = Object.fromEntries(
      untouched.flatMap((model) => (found[model] ? [[model, { fields: null, masks: secretMasks(found[model]) }]] : [])),
    );
    set({ picked: { ...draft.picked, ...fresh } });
  });
  const hints = models.map((model) => {
    const picked = draft.picked[model] ?? usual;
    const all = found[model] ? suggested(found[model], picked.fields) : {};
    return { model, all, open: Object.keys(all).filter((name) => !picked.masks[name]).length };
  });
  const toMask = hints.reduce((sum, one) => sum + one.open, 0);
  const maskAll = () =>
    set({
      picked: Object.fromEntries(
        hints.map(({ model, all }) => {
          const picked = draft.picked[model] ?? usual;
          return [model, { ...picked, masks: { ...all, ...picked.masks } }];
        }),
      ),
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <Stack>
        <Group justify="space-between">
          <Text size="sm" c="dimmed" aria-live="polite">
            {loaded < models.length ? t("replicate.fieldsLoading", { n: loaded, total: models.length }) : t("replicate.personalFound", { n: toMask })}
          </Text>
          {toMask ? (
            <Button size="xs" variant="light" leftSection={<IconShieldLock size={14} aria-hidden />} onClick={maskAll}>
              {t("replicate.maskAll", { n: toMask })}
            </Button>
          ) : null}
        </Group>
        <Accordion variant="separated" value={open} onChange={setOpen}>
          {models.map((model) => {
            const picked = draft.picked[model] ?? usual;
            const masked = Object.keys(picked.masks).length;
            const hint = hints.find((one) => one.model === model);
            const total = picked.fields?.length ?? found[model]?.fields.filter((one) => one.usual).length;
            return (
              <Accordion.Item key={model} value={model}>
                <Accordion.Control>
                  <Group gap="sm">
                    <Text fw={600}>{draft.models[model]}</Text>
                    <Text size="sm" c="dimmed">
                      {model}
                      {total ? ` · ${t("replicate.fieldCount", { n: total })}` : ""}
                    </Text>
                    {masked ? <Badge color="canal" c="var(--mantine-color-anchor)">{t("replicate.maskedCount", { n: masked })}</Badge> : null}
                    {hint?.open ? <Badge color="orange" c="var(--towpath-warn)">{t("replicate.personalCount", { n: hint.open })}</Badge> : null}
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  {open === model ? (
                    <Stack gap="lg">
                      <FieldsPicker
                        connectionId={id}
                        model={model}
                        value={picked}
                        onChange={(value) => set({ picked: { ...draft.picked, [model]: value } })}
                      />
                      <OfModel draft={draft} set={set} model={model} picked={picked} lines={found[model]?.lines.map((one) => one.model) ?? []} />
                    </Stack>
                  ) : null}
                </Accordion.Panel>
              </Accordion.Item>
            );
          })}
        </Accordion>
      </Stack>
      <StepActions back={back} disabled={loaded < models.length && answers.some((one) => one.isPending)} />
    </form>
  );
}

const SELDOM = ["filter", "links", "refresh_every", "children"];

/** What is seldom said of one model: which records, link tables, its lines. */
function OfModel({ draft, set, model, picked, lines }: Pick<StepProps, "draft" | "set"> & { model: string; picked: Picked; lines: string[] }) {
  const { t, language } = useSpeech();
  const extras = draft.extras[model] ?? noExtras;
  const wrong = wrongIn(draft, model);
  const change = (news: Partial<Extras>) => set({ extras: { ...draft.extras, [model]: { ...extras, ...news } }, wrong: null });
  const used = extras.filter || extras.links.length || extras.refreshEvery || extras.children;
  const some = new Intl.ListFormat(language).format(lines.slice(0, 6));
  return (
    <More hint={t("replicate.moreOfModel")} open={Boolean(used) || Boolean(wrong(...SELDOM))}>
      <Stack gap="lg">
        <Filter value={extras.filter} onChange={(filter) => change({ filter })} error={wrong("filter")} />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <LinksField connectionId={draft.connectionId ?? ""} model={model} value={extras.links} onChange={(links) => change({ links })} wrong={wrong} />
          {(draft.sync[model] ?? "INCREMENTAL") === "INCREMENTAL" ? (
            <RefreshField
              connectionId={draft.connectionId ?? ""}
              model={model}
              picked={picked}
              value={extras.refreshEvery}
              onChange={(refreshEvery) => change({ refreshEvery })}
              wrong={wrong}
            />
          ) : null}
        </SimpleGrid>
        {lines.length ? (
          <Checkbox
            label={t("replicate.children")}
            description={t("replicate.childrenHint", { models: lines.length > 6 ? `${some} …` : some })}
            checked={extras.children}
            onChange={(event) => change({ children: event.currentTarget.checked })}
          />
        ) : null}
      </Stack>
    </More>
  );
}
