import { ActionIcon, Button, Checkbox, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { type Role, ROLES } from "./people";
import type { Config, Mapping } from "./ways";

interface Props {
  config: Config;
  change: (news: Partial<Config>) => void;
}

const EVERYWHERE = "*";

/** A role, and where it holds. */
function RoleAndPlace({
  role,
  place,
  change,
  named = "",
}: {
  role: Role | null;
  place: string | null;
  change: (role: Role | null, place: string | null) => void;
  /** Of what, for those who hear it, where there are several. */
  named?: string;
}) {
  const { t } = useSpeech();
  const { connections } = useConnection();
  const label = (text: string) => (named ? `${text}: ${named}` : undefined);
  return (
    <>
      <Select
        flex="1 1 8rem"
        label={named ? undefined : t("people.templateRole")}
        aria-label={label(t("people.role"))}
        placeholder={t("people.chooseRole")}
        data={ROLES.map((one) => ({ value: one, label: t(`people.role.${one}`) }))}
        value={role}
        onChange={(value) => change(value as Role | null, place)}
        clearable={!named}
        clearButtonProps={{ "aria-label": t("shell.remove") }}
        allowDeselect={false}
      />
      <Select
        flex="1 1 9rem"
        label={named ? undefined : t("people.where")}
        aria-label={label(t("people.where"))}
        data={[
          { value: EVERYWHERE, label: t("shell.allConnections") },
          ...connections.map((one) => ({ value: one.id, label: one.name })),
        ]}
        value={place ?? EVERYWHERE}
        onChange={(value) => change(role, value === EVERYWHERE ? null : value)}
        allowDeselect={false}
      />
    </>
  );
}

/** Whether people may come who were not added, as what, and whether an address makes them somebody who is here. */
export function WhoComes({ config, change }: Props) {
  const { t } = useSpeech();
  return (
    <>
      <Checkbox
        label={t("people.createUsers")}
        description={t("people.createUsersHint")}
        checked={config.create_users}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          change({ create_users: on, template_role: on ? (config.template_role ?? "viewer") : config.template_role });
        }}
      />
      {config.create_users ? (
        <Group gap="xs" align="flex-end" ps="lg">
          <RoleAndPlace
            role={config.template_role}
            place={config.template_connection_id}
            change={(template_role, template_connection_id) => change({ template_role, template_connection_id })}
          />
        </Group>
      ) : null}
      <Checkbox
        label={t("people.linkByEmail")}
        description={t("people.linkByEmailHint")}
        checked={config.link_by_email}
        onChange={(event) => change({ link_by_email: event.currentTarget.checked })}
      />
    </>
  );
}

/** Which group over there gives which role here. */
export function GroupRoles({ config, change }: Props) {
  const { t } = useSpeech();
  const rows = config.mapping;
  const put = (at: number, news: Partial<Mapping>) =>
    change({ mapping: rows.map((one, n) => (n === at ? { ...one, ...news } : one)) });
  return (
    <Stack gap="xs">
      {rows.map((one, n) => {
        const named = one.group || t("people.groupNumber", { n: n + 1 });
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name of its own while it is typed
          <Group key={n} gap="xs" wrap="wrap" align="center">
            <TextInput
              flex="2 1 11rem"
              aria-label={t("people.groupThere", { n: n + 1 })}
              placeholder={t("people.groupTherePlace")}
              value={one.group}
              onChange={(event) => put(n, { group: event.currentTarget.value })}
              maxLength={300}
              required
              autoComplete="off"
              spellCheck={false}
            />
            <RoleAndPlace
              role={one.role}
              place={one.connection_id ?? null}
              change={(role, connection_id) => put(n, { role: role ?? one.role, connection_id })}
              named={named}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={() => change({ mapping: rows.filter((_, at) => at !== n) })}
              aria-label={t("people.removeMapping", { group: named })}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        );
      })}
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("people.noMapping")}
        </Text>
      ) : null}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => change({ mapping: [...rows, { group: "", role: "viewer", connection_id: null }] })}
        >
          {t("people.addMapping")}
        </Button>
      </Group>
    </Stack>
  );
}
