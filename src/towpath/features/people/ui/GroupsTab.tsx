import { Button, Drawer, Group as Row, Modal, Stack, Text } from "@mantine/core";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useState } from "react";
import { useSpeech } from "@ui/i18n";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import { Named, Roles } from "./Listed";
import { GroupForm, OneGroup } from "./OneGroup";
import { type Group, useGroups } from "./people";

/** Groups: people who have their roles together. */
export default function GroupsTab() {
  const { t } = useSpeech();
  const groups = useGroups();
  const [adding, setAdding] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  const shown = groups.data?.find((one) => one.id === opened);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {t("people.addGroup")}
    </Button>
  );
  const columns: Column<Group>[] = [
    {
      key: "name",
      title: t("people.group"),
      render: (one) => <Named name={one.name} lead={one.description} open={() => setOpened(one.id)} />,
    },
    { key: "members", title: t("people.members"), phone: "corner", render: (one) => t("people.memberCount", { n: one.members.length }) },
    {
      key: "roles",
      title: t("people.roles"),
      phone: "plain",
      render: (one) => <Roles given={(grant) => grant.group_id === one.id} />,
    },
  ];
  return (
    <Stack gap="md">
      <Row justify="space-between" gap="sm">
        <Text c="dimmed" maw="40rem">
          {t("people.groupsLead")}
        </Text>
        {groups.data?.length ? add : null}
      </Row>
      <Panel flush>
        <Loaded query={groups}>
          {(all) => (
            <DataTable
              label={t("people.groups")}
              columns={columns}
              rows={all}
              keyOf={(one) => one.id}
              onOpen={(one) => setOpened(one.id)}
              empty={
                <EmptyState icon={IconUsersGroup} title={t("people.noGroups")} action={add}>
                  {t("people.noGroupsHint")}
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </Panel>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t("people.addGroup")}
        closeButtonProps={{ "aria-label": t("shell.close") }}
      >
        <GroupForm
          finished={(group) => {
            setAdding(false);
            setOpened(group.id);
          }}
        />
      </Modal>
      <Drawer
        opened={shown !== undefined}
        onClose={() => setOpened(null)}
        position="right"
        size={480}
        title={<Text fw={650}>{shown?.name}</Text>}
        closeButtonProps={{ "aria-label": t("shell.close") }}
      >
        {shown ? <OneGroup key={shown.id} group={shown} removed={() => setOpened(null)} /> : null}
      </Drawer>
    </Stack>
  );
}
