import { Badge, Button, Checkbox, Group, ScrollArea, Select, Stack, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { IconSearch, IconShieldLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { said } from "@ui/i18n/said";
import { Loaded } from "@ui/parts/Loaded";
import classes from "./FieldsPicker.module.css";
import { maskWords } from "./shown";

/** Which fields are read, and how they are masked. */
export interface Picked {
  /** null: the usual ones. */
  fields: string[] | null;
  masks: Record<string, string>;
}

type Found = Schemas["ModelFields"];
type Field = Schemas["FieldOut"];

export function useFields(connectionId: string, model: string, enabled = true) {
  return useQuery({
    queryKey: ["fields", connectionId, model],
    queryFn: () =>
      data(
        api.GET("/api/v1/connections/{connection_id}/models/{model}/fields", {
          params: { path: { connection_id: connectionId, model } },
        }),
      ),
    staleTime: 300_000,
    enabled,
  });
}

/** Masks that are taken without anyone asking: keys and passwords never go into a table as they are. */
export function secretMasks(found: Found): Record<string, string> {
  return Object.fromEntries(found.fields.filter((one) => one.secret && one.usual && one.masks.length).map((one) => [one.name, one.mask ?? "hash"]));
}

/** Masks that are suggested for the fields that are read. */
export function suggested(found: Found, fields: string[] | null): Record<string, string> {
  const read = (one: Field) => (fields ? fields.includes(one.name) : one.usual);
  return Object.fromEntries(found.fields.filter((one) => one.mask && read(one)).map((one) => [one.name, one.mask as string]));
}

interface Props {
  connectionId: string;
  model: string;
  value: Picked;
  onChange: (value: Picked) => void;
}

/** The fields of a model, to be chosen and masked. */
export function FieldsPicker({ connectionId, model, value, onChange }: Props) {
  const query = useFields(connectionId, model);
  return <Loaded query={query}>{(found) => <Fields found={found} value={value} onChange={onChange} />}</Loaded>;
}

function Fields({ found, value, onChange }: { found: Found; value: Picked; onChange: (value: Picked) => void }) {
  const { t } = useSpeech();
  const [word, setWord] = useState("");
  const usual = found.fields.filter((one) => one.usual).map((one) => one.name);
  const chosen = new Set(value.fields ?? usual);
  const hints = suggested(found, value.fields);
  const missing = Object.entries(hints).filter(([name]) => !value.masks[name]);
  const shown = found.fields.filter((one) => `${one.name} ${one.label}`.toLowerCase().includes(word.toLowerCase()));
  const toggle = (name: string, on: boolean) => {
    const next = found.fields.map((one) => one.name).filter((one) => (one === name ? on : chosen.has(one)));
    const same = next.length === usual.length && next.every((one) => usual.includes(one));
    onChange({ ...value, fields: same ? null : next });
  };
  const mask = (name: string, how: string | null) => {
    const { [name]: _, ...rest } = value.masks;
    onChange({ ...value, masks: how ? { ...rest, [name]: how } : rest });
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <TextInput
          aria-label={t("replicate.searchFields")}
          placeholder={t("replicate.searchFields")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
          w={{ base: "100%", xs: 260 }}
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t("replicate.fieldsChosen", { n: chosen.size, total: found.fields.length })}
          </Text>
          {value.fields ? (
            <Button size="xs" variant="default" onClick={() => onChange({ ...value, fields: null })}>
              {t("replicate.usualFields")}
            </Button>
          ) : null}
          {missing.length ? (
            <Button size="xs" variant="light" leftSection={<IconShieldLock size={14} aria-hidden />} onClick={() => onChange({ ...value, masks: { ...hints, ...value.masks } })}>
              {t("replicate.maskSuggested", { n: missing.length })}
            </Button>
          ) : null}
        </Group>
      </Group>
      {found.note ? (
        <Text size="sm" c="var(--towpath-warn)">
          {said(found.note)}
        </Text>
      ) : null}
      <ScrollArea.Autosize mah={420} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": t("replicate.fields") }}>
        {shown.length ? null : (
          <Text size="sm" c="dimmed" py="xs">
            {t("replicate.noFieldFits")}
          </Text>
        )}
        <Table hidden={!shown.length} verticalSpacing={6} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("replicate.field")}</Table.Th>
              <Table.Th>{t("replicate.type")}</Table.Th>
              <Table.Th>{t("replicate.hint")}</Table.Th>
              <Table.Th>{t("replicate.mask")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((one) => (
              <Table.Tr key={one.name} data-off={chosen.has(one.name) ? undefined : true}>
                <Table.Td>
                  <Tooltip label={one.help} disabled={!one.help} multiline maw={360} position="top-start">
                    <Checkbox
                      checked={chosen.has(one.name)}
                      disabled={one.name === "id"}
                      onChange={(event) => toggle(one.name, event.currentTarget.checked)}
                      label={one.label}
                      description={one.name}
                    />
                  </Tooltip>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{one.type}</Text>
                  {one.relation ? (
                    <Text size="xs" c="dimmed">
                      {one.relation}
                    </Text>
                  ) : null}
                </Table.Td>
                <Table.Td>
                  <Group gap={4}>
                    {one.secret ? <Badge color="red" c="var(--towpath-bad)">{t("replicate.secret")}</Badge> : null}
                    {one.personal ? <Badge color="orange" c="var(--towpath-warn)">{t(`replicate.personal.${one.personal.replace(" ", "_")}`)}</Badge> : null}
                    {one.stored ? null : <Badge color="gray" c="var(--mantine-color-text)">{t("replicate.computed")}</Badge>}
                    {one.custom ? <Badge color="gray" c="var(--mantine-color-text)">{t("replicate.custom")}</Badge> : null}
                  </Group>
                </Table.Td>
                <Table.Td>
                  {chosen.has(one.name) && one.masks.length ? (
                    <Select
                      size="xs"
                      w={150}
                      clearable
                      aria-label={t("replicate.maskOf", { field: one.label })}
                      placeholder={t("replicate.plain")}
                      value={value.masks[one.name] ?? null}
                      onChange={(how) => mask(one.name, how)}
                      data={[...new Set([...one.masks, ...(value.masks[one.name] ? [value.masks[one.name] as string] : [])])].map((how) => ({
                        value: how,
                        label: maskWords(how, t),
                      }))}
                    />
                  ) : null}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </Stack>
  );
}
