import { SegmentedControl, Select, SimpleGrid, Stack, Table, Text, TextInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import { StepActions } from "../StepActions";
import { type StepProps, type SyncType, tableOf, wrongIn } from "../draft";
import classes from "../FieldsPicker.module.css";
import { HistorySwitch } from "../StreamSettings";

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Where the tables land, what they are called, and how each is kept (S2.9-S2.15). */
export function Place({ draft, set, next, back }: StepProps) {
  const { t } = useSpeech();
  const models = Object.keys(draft.models);
  const wrong = (name: string) => (NAME.test(name) ? undefined : t("replicate.nameRule"));
  const names = models.map((model) => tableOf(draft, model));
  const twice = (name: string) => (names.filter((one) => one === name).length > 1 ? t("replicate.nameTwice") : undefined);
  const bad = Boolean(wrong(draft.layer) ?? wrong(draft.folder)) || names.some((name) => Boolean(wrong(name) ?? twice(name)));
  const alike = new Set(models.map((model) => draft.sync[model] ?? "INCREMENTAL"));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!bad) next();
      }}
    >
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextInput label={t("replicate.layer")} description={t("replicate.layerHint")} value={draft.layer} error={wrong(draft.layer)} onChange={(event) => set({ layer: event.currentTarget.value })} />
          <TextInput label={t("replicate.folder")} description={t("replicate.folderHint")} value={draft.folder} error={wrong(draft.folder)} onChange={(event) => set({ folder: event.currentTarget.value })} />
          <TextInput label={t("replicate.prefix")} description={t("replicate.prefixHint")} value={draft.prefix} onChange={(event) => set({ prefix: event.currentTarget.value })} />
        </SimpleGrid>
        <Stack gap={6} align="flex-start">
          <Text size="sm" fw={500}>
            {t("replicate.syncType")}
          </Text>
          <SegmentedControl
            aria-label={t("replicate.syncType")}
            value={alike.size === 1 ? [...alike][0] : ""}
            onChange={(sync) => set({ sync: Object.fromEntries(models.map((model) => [model, sync as SyncType])) })}
            data={[
              { value: "INCREMENTAL", label: t("replicate.sync.INCREMENTAL") },
              { value: "FULL_TABLE", label: t("replicate.sync.FULL_TABLE") },
            ]}
          />
          <Text size="sm" c="dimmed">
            {alike.size === 1 ? t(`replicate.syncHint.${[...alike][0]}`) : t("replicate.syncMixed")}
          </Text>
        </Stack>
        <HistorySwitch value={draft.history} onChange={(history) => set({ history })} />
        <Table verticalSpacing={8} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("replicate.model")}</Table.Th>
              <Table.Th>{t("replicate.table")}</Table.Th>
              <Table.Th>{t("replicate.syncType")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {models.map((model) => {
              const name = tableOf(draft, model);
              return (
                <Table.Tr key={model}>
                  <Table.Td>
                    <Text size="sm" fw={550}>
                      {draft.models[model]}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {model}
                    </Text>
                  </Table.Td>
                  <Table.Td className={classes.wide}>
                    <TextInput
                      size="sm"
                      aria-label={t("replicate.tableOf", { model: draft.models[model] ?? model })}
                      value={name}
                      error={wrong(name) ?? twice(name) ?? wrongIn(draft, model)("table_name")}
                      onChange={(event) => set({ tables: { ...draft.tables, [model]: event.currentTarget.value }, wrong: null })}
                      spellCheck={false}
                    />
                  </Table.Td>
                  <Table.Td className={classes.wide}>
                    <Select
                      size="sm"
                      w={{ base: "100%", xs: 170 }}
                      allowDeselect={false}
                      aria-label={t("replicate.syncOf", { model: draft.models[model] ?? model })}
                      value={draft.sync[model] ?? "INCREMENTAL"}
                      onChange={(sync) => set({ sync: { ...draft.sync, [model]: sync as SyncType } })}
                      data={[
                        { value: "INCREMENTAL", label: t("replicate.sync.INCREMENTAL") },
                        { value: "FULL_TABLE", label: t("replicate.sync.FULL_TABLE") },
                      ]}
                    />
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Stack>
      <StepActions back={back} disabled={bad} />
    </form>
  );
}
