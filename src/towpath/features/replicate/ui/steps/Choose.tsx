import { Accordion, Alert, Badge, Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconBulb, IconSearch } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { StepActions } from "../StepActions";
import type { StepProps } from "../draft";
import classes from "./Choose.module.css";

type Model = Schemas["ModelOut"];
type Size = Schemas["ModelSize"];

/** Sizes are asked for so many models at a time: each costs a call to Odoo. */
const AT_ONCE = 10;
const SHOWN = 60;

/** Which models are replicated: whole groups or one by one, found by their names (S2.6-S2.8). */
export function Choose({ draft, set, next, back, to }: StepProps) {
  const { t } = useSpeech();
  const id = draft.connectionId ?? "";
  const offers = useQuery({
    queryKey: ["models", id],
    queryFn: () => data(api.GET("/api/v1/connections/{connection_id}/models", { params: { path: { connection_id: id } } })),
    staleTime: 60_000,
  });
  const count = Object.keys(draft.models).length;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (count) next();
      }}
    >
      <Loaded query={offers} lines={8}>
        {(found) => <Groups found={found} chosen={draft.models} choose={(models) => set({ models })} connectionId={id} />}
      </Loaded>
      <StepActions
        back={back}
        disabled={!count}
        label={count ? t("replicate.continueWith", { n: count }) : undefined}
        shortcut={count ? { label: t("replicate.usualRest"), go: () => to("review") } : undefined}
      />
    </form>
  );
}

interface GroupsProps {
  found: Schemas["ModelsOut"];
  chosen: Record<string, string>;
  choose: (models: Record<string, string>) => void;
  connectionId: string;
}

function Groups({ found, chosen, choose, connectionId }: GroupsProps) {
  const { t } = useSpeech();
  const [word, setWord] = useState("");
  const [open, setOpen] = useState<string[]>([]);
  const free = found.models.filter((one) => !one.taken);
  const usual = free.filter((one) => one.usual);
  const toggle = (models: Model[], on: boolean) => {
    const rest = Object.fromEntries(Object.entries(chosen).filter(([name]) => !models.some((one) => one.model === name)));
    choose(on ? { ...rest, ...Object.fromEntries(models.map((one) => [one.model, one.label])) } : rest);
  };
  const searched = useMemo(() => {
    const text = word.trim().toLowerCase();
    return text ? found.models.filter((one) => `${one.model} ${one.label}`.toLowerCase().includes(text)) : null;
  }, [found.models, word]);
  const row = { chosen, toggle };
  return (
    <Stack>
      <Alert icon={<IconBulb aria-hidden />} color="canal">
        {t("replicate.adviceStreams")}
      </Alert>
      <Group justify="space-between" gap="sm">
        <TextInput
          type="search"
          aria-label={t("replicate.searchModels")}
          placeholder={t("replicate.searchModels")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.preventDefault();
          }}
          w={{ base: "100%", sm: 320 }}
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed" aria-live="polite">
            {t("replicate.chosen", { n: Object.keys(chosen).length })}
          </Text>
          <Button size="xs" variant={Object.keys(chosen).length ? "default" : "light"} onClick={() => toggle(usual, true)}>
            {t("replicate.takeUsual", { n: usual.length })}
          </Button>
          {Object.keys(chosen).length ? (
            <Button size="xs" variant="subtle" onClick={() => choose({})}>
              {t("replicate.takeNone")}
            </Button>
          ) : null}
        </Group>
      </Group>
      {searched ? (
        searched.length ? (
          <Models models={searched} connectionId={connectionId} {...row} />
        ) : (
          <Text c="dimmed">{t("replicate.noModelFits")}</Text>
        )
      ) : (
        <Accordion multiple variant="separated" chevronPosition="right" value={open} onChange={setOpen}>
          {found.groups.map((group) => {
            const all = found.models.filter((one) => one.group === group.name);
            const here = all.filter((one) => !one.taken);
            const taken = here.filter((one) => chosen[one.model] !== undefined).length;
            return (
              <Accordion.Item key={group.name} value={group.name}>
                <Group wrap="nowrap" gap={0} align="center">
                  <Checkbox
                    ps="md"
                    aria-label={t("replicate.wholeGroup", { group: groupName(group.name, t), n: here.length })}
                    checked={here.length > 0 && taken === here.length}
                    indeterminate={taken > 0 && taken < here.length}
                    disabled={here.length === 0}
                    onChange={(event) => toggle(here, event.currentTarget.checked)}
                  />
                  <Accordion.Control>
                    <Group gap="sm">
                      <Text fw={600}>{groupName(group.name, t)}</Text>
                      <Text size="sm" c="dimmed">
                        {t("replicate.ofModels", { n: group.models, taken })}
                      </Text>
                      {group.advice ? <Badge color="yellow" c="var(--towpath-warn)">{t("replicate.seldom")}</Badge> : null}
                    </Group>
                  </Accordion.Control>
                </Group>
                <Accordion.Panel>
                  {group.advice ? (
                    <Text size="sm" c="dimmed" mb="sm">
                      {t(`replicate.advice.${group.name}`)}
                    </Text>
                  ) : null}
                  {open.includes(group.name) ? <Models models={all} connectionId={connectionId} {...row} /> : null}
                </Accordion.Panel>
              </Accordion.Item>
            );
          })}
        </Accordion>
      )}
    </Stack>
  );
}

function groupName(name: string, t: (key: string) => string): string {
  return t(`replicate.group.${name}`);
}

interface ModelsProps {
  models: Model[];
  chosen: Record<string, string>;
  toggle: (models: Model[], on: boolean) => void;
  connectionId: string;
}

function Models({ models, chosen, toggle, connectionId }: ModelsProps) {
  const { t, language } = useSpeech();
  const [many, setMany] = useState(SHOWN);
  const shown = [...models].sort((one, other) => Number(other.usual) - Number(one.usual)).slice(0, many);
  const parts = Array.from({ length: Math.ceil(shown.length / AT_ONCE) }, (_, part) =>
    shown.slice(part * AT_ONCE, (part + 1) * AT_ONCE).map((one) => one.model),
  );
  const sizes = useQueries({
    queries: parts.map((names) => ({
      queryKey: ["sizes", connectionId, names],
      queryFn: () =>
        data(
          api.GET("/api/v1/connections/{connection_id}/sizes", {
            params: { path: { connection_id: connectionId }, query: { model: names } },
          }),
        ),
      staleTime: 300_000,
    })),
    combine: (answers) => Object.fromEntries(answers.flatMap((one) => one.data ?? []).map((size: Size) => [size.model, size])),
  });
  return (
    <>
      <ul className={classes.models}>
        {shown.map((one) => {
          const size = sizes[one.model];
          return (
            <li key={one.model}>
              <Checkbox
                className={classes.model}
                checked={one.taken || chosen[one.model] !== undefined}
                disabled={one.taken}
                onChange={(event) => toggle([one], event.currentTarget.checked)}
                label={one.label}
                description={one.model}
              />
              <span className={classes.size}>
                {one.taken ? (
                  <Badge color="gray" c="var(--mantine-color-text)">{t("replicate.taken")}</Badge>
                ) : size?.problem ? (
                  <Text size="xs" c="var(--towpath-warn)" title={size.problem}>
                    {t("replicate.notReadable")}
                  </Text>
                ) : size ? (
                  <>
                    <Text size="sm">{t("replicate.records", { n: size.count ?? 0 })}</Text>
                    <Text size="xs" c="dimmed">
                      {size.last_change ? <TimeAgo at={size.last_change} /> : size.count ? t("replicate.noStamp") : ""}
                    </Text>
                  </>
                ) : (
                  <Text size="xs" c="dimmed" lang={language}>
                    …
                  </Text>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      {models.length > many ? (
        <Button size="xs" variant="default" mt="sm" onClick={() => setMany(many + SHOWN)}>
          {t("replicate.moreModels", { n: models.length - many })}
        </Button>
      ) : null}
    </>
  );
}
