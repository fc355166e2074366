import { ActionIcon, Badge, Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { type Grant, type Role, ROLES, useGrants } from "./people";

const EVERYWHERE = "*";

/** A role and where it holds, such as "Analyst · demo". */
export function useGrantName() {
  const { t } = useSpeech();
  const { connections } = useConnection();
  return (grant: Pick<Grant, "role" | "connection_id">) => {
    const role = t(`people.role.${grant.role}`);
    const place = connections.find((one) => one.id === grant.connection_id)?.name ?? grant.connection_id;
    return place ? `${role} · ${place}` : role;
  };
}

/** The roles of a person or a group, each on one connection or on all: taken back and given. */
export function GrantEditor({ of, label }: { of: { user_id: string } | { group_id: string }; label: string }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { connections } = useConnection();
  const nameOf = useGrantName();
  const grants = useGrants();
  const [role, setRole] = useState<string | null>(null);
  const [place, setPlace] = useState(EVERYWHERE);
  const refresh = () => cache.invalidateQueries({ queryKey: ["grants"] });
  const give = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/grants", {
        body: { ...of, role: role as Role, connection_id: place === EVERYWHERE ? null : place },
      }),
    onSuccess: () => {
      setRole(null);
      return refresh();
    },
  });
  const take = useMutation({
    mutationFn: (grant_id: string) => api.DELETE("/api/v1/grants/{grant_id}", { params: { path: { grant_id } } }),
    onSettled: refresh,
  });
  const mine = (grants.data ?? []).filter((one) => ("user_id" in of ? one.user_id === of.user_id : one.group_id === of.group_id));
  return (
    <Stack gap="sm">
      <Text fw={600}>{label}</Text>
      {grants.data && mine.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("people.noRoles")}
        </Text>
      ) : null}
      <Group gap="xs" role="list" aria-label={label}>
        {mine.map((grant) => (
          <Badge
            key={grant.id}
            role="listitem"
            size="lg"
            rightSection={
              <ActionIcon
                size="xs"
                variant="transparent"
                c="inherit"
                onClick={() => take.mutate(grant.id)}
                aria-label={t("people.takeRole", { role: nameOf(grant) })}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            }
          >
            {nameOf(grant)}
          </Badge>
        ))}
      </Group>
      <ProblemAlert error={take.error ?? give.error ?? grants.error} />
      <Group gap="xs" align="flex-end">
        <Select
          flex="1 1 8rem"
          label={t("people.role")}
          placeholder={t("people.chooseRole")}
          data={ROLES.map((one) => ({ value: one, label: t(`people.role.${one}`) }))}
          value={role}
          onChange={setRole}
        />
        <Select
          flex="1 1 9rem"
          label={t("people.where")}
          data={[{ value: EVERYWHERE, label: t("shell.allConnections") }, ...connections.map((one) => ({ value: one.id, label: one.name }))]}
          value={place}
          onChange={(value) => setPlace(value ?? EVERYWHERE)}
          allowDeselect={false}
        />
        <Button variant="default" disabled={!role} loading={give.isPending} onClick={() => give.mutate()}>
          {t("people.giveRole")}
        </Button>
      </Group>
    </Stack>
  );
}
