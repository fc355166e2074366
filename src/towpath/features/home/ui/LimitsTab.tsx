import { Badge, Code, Group, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { type Translate, useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import classes from "./home.module.css";

type Setting = Schemas["SettingOut"];

const groups: Setting["group"][] = ["limits", "server", "storage", "secrets", "log"];

function shown(one: Setting, t: Translate, language: string): string {
  if (one.hidden) return t("home.hidden");
  const value: unknown = one.value;
  if (value === null || value === undefined || value === "" || (typeof value === "object" && Object.keys(value).length === 0)) return t("home.unset");
  if (typeof value === "boolean") return t(value ? "home.yes" : "home.no");
  if (typeof value === "number") return new Intl.NumberFormat(language).format(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Line({ one }: { one: Setting }) {
  const { t, language } = useSpeech();
  return (
    <Group component="li" className={classes.line} justify="space-between" align="flex-start" gap="md">
      <Stack gap={2} flex="1 1 22rem" miw={0}>
        <Code w="fit-content" bg="transparent" p={0} fz="sm" fw={600} className={classes.anywhere}>
          {one.environment}
        </Code>
        <Text size="sm" c="dimmed">
          {said(one.help).split("`").map((part, place) => (place % 2 === 1 ? <Code key={part}>{part}</Code> : part))}
        </Text>
      </Stack>
      <Stack gap={4} className={classes.atEnd} flex="0 1 14rem">
        <Text fw={550} className={classes.anywhere}>
          {shown(one, t, language)}
        </Text>
        {one.changed ? <Badge size="sm">{t("home.changed")}</Badge> : null}
      </Stack>
    </Group>
  );
}

/** What every setting is at the moment. */
export default function LimitsTab() {
  const { t } = useSpeech();
  const [changed, setChanged] = useState(false);
  const settings = useQuery({ queryKey: ["settings"], queryFn: () => data(api.GET("/api/v1/settings")) });
  return (
    <Loaded query={settings}>
      {({ items }) => {
        const wanted = items.filter((one) => one.changed || !changed);
        return (
          <Stack gap="lg">
            <Group justify="space-between">
              <Text c="dimmed" maw="46rem">
                {t("home.limitsLead")}
              </Text>
              <Switch label={t("home.onlyChanged")} checked={changed} onChange={(event) => setChanged(event.currentTarget.checked)} />
            </Group>
            {wanted.length === 0 ? <Text>{t("home.noneChanged")}</Text> : null}
            {groups
              .map((group) => ({ group, mine: wanted.filter((one) => one.group === group) }))
              .filter(({ mine }) => mine.length > 0)
              .map(({ group, mine }) => (
                <Panel key={group} title={t(`home.group.${group}`)} flush>
                  <ul className={classes.list}>
                    {mine.map((one) => (
                      <Line key={one.name} one={one} />
                    ))}
                  </ul>
                </Panel>
              ))}
          </Stack>
        );
      }}
    </Loaded>
  );
}
