import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useSpeech } from "@ui/i18n";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";
import { AddPerson } from "./AddPerson";
import { Named, Roles } from "./Listed";
import { PersonDrawer } from "./PersonDrawer";
import { type User, useGroups, usePeople } from "./people";

/** Everybody who has an account, with their roles. */
export default function PeopleTab() {
  const { t } = useSpeech();
  const people = usePeople();
  const groups = useGroups();
  const [adding, setAdding] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  const [word, setWord] = useState("");
  const standing = (user: User) => {
    if (user.disabled_at) return <Status tone="paused">{t("people.disabled")}</Status>;
    if (user.source === "local" && !user.has_password) return <Status tone="quiet">{t("people.invited")}</Status>;
    return <Status tone="good">{t("people.active")}</Status>;
  };
  const columns: Column<User>[] = [
    {
      key: "name",
      title: t("people.name"),
      render: (one) => <Named name={one.name} lead={one.login} open={() => setOpened(one.id)} />,
    },
    {
      key: "roles",
      title: t("people.roles"),
      phone: "plain",
      render: (one) => <Roles given={(grant) => grant.user_id === one.id} />,
    },
    {
      key: "groups",
      title: t("people.groups"),
      render: (one) =>
        groups.data
          ?.filter((group) => group.members.includes(one.id))
          .map((group) => group.name)
          .join(", "),
    },
    {
      key: "codes",
      title: t("people.codesShort"),
      render: (one) =>
        one.source !== "oidc" || one.totp_since ? <Status tone={one.totp_since ? "good" : "quiet"}>{t(one.totp_since ? "people.on" : "people.off")}</Status> : null,
    },
    { key: "standing", title: t("people.standing"), phone: "corner", render: standing },
  ];
  const wanted = word.trim().toLowerCase();
  const shown = (all: User[]) => all.filter((one) => `${one.name} ${one.login} ${one.email ?? ""}`.toLowerCase().includes(wanted));
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm">
        <TextInput
          flex={{ base: "1 0 100%", xs: "0 1 20rem" }}
          aria-label={t("people.findPerson")}
          placeholder={t("people.findPerson")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
        />
        <Button w={{ base: "100%", xs: "auto" }} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          {t("people.addPerson")}
        </Button>
      </Group>
      <Panel flush>
        <Loaded query={people}>
          {(all) => (
            <DataTable
              label={t("people.people")}
              columns={columns}
              rows={shown(all)}
              keyOf={(one) => one.id}
              onOpen={(one) => setOpened(one.id)}
              empty={
                <Text p="lg" c="dimmed">
                  {t("people.nobodyFound")}
                </Text>
              }
            />
          )}
        </Loaded>
      </Panel>
      <AddPerson opened={adding} close={() => setAdding(false)} />
      <PersonDrawer user={people.data?.find((one) => one.id === opened)} close={() => setOpened(null)} />
    </Stack>
  );
}
