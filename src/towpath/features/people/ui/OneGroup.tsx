import { Button, Divider, Group as Row, MultiSelect, Stack, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { useConfirm } from "@ui/parts/confirm";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { GrantEditor } from "./GrantEditor";
import { NameField } from "./PersonFields";
import { type Group, usePeople } from "./people";
import { refusal } from "./refusal";

/** Name and description of a group, a new one or one that is there. */
export function GroupForm({ group, finished }: { group?: Group; finished?: (group: Group) => void }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const path = { group_id: group?.id ?? "" };
  // The mark of the state that is shown: whoever changed it meanwhile is not overwritten.
  const mark = useQuery({
    queryKey: ["groups", group?.id, "mark"],
    queryFn: async () => (await api.GET("/api/v1/groups/{group_id}", { params: { path } })).response.headers.get("ETag"),
    enabled: group !== undefined,
  });
  const keep = useMutation({
    mutationFn: () => {
      const body = { name, description };
      if (!group) return data(api.POST("/api/v1/groups", { body }));
      const header = { "If-Match": mark.data ?? undefined };
      return data(api.PATCH("/api/v1/groups/{group_id}", { params: { path, header }, body }));
    },
    onSuccess: async (kept) => {
      await cache.invalidateQueries({ queryKey: ["groups"] });
      finished?.(kept);
    },
  });
  const wrong = refusal(keep.error, t, { name: /name|already/i });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <NameField value={name} change={setName} error={wrong.at("name")} first />
        <Textarea
          label={t("people.description")}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          maxLength={500}
          autosize
          minRows={2}
        />
        <ProblemAlert error={wrong.rest} />
        <Row>
          <Button
            type="submit"
            variant={group ? "default" : "filled"}
            loading={keep.isPending}
            disabled={group !== undefined && name === group.name && description === group.description}
          >
            {t(group ? "shell.save" : "people.addGroup")}
          </Button>
        </Row>
      </Stack>
    </form>
  );
}

/** A group: what it is, who belongs to it, its roles. */
export function OneGroup({ group, removed }: { group: Group; removed: () => void }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const people = usePeople();
  const { ask, dialog } = useConfirm();
  const change = useMutation({
    mutationFn: async (wanted: string[]) => {
      const joins = wanted.filter((id) => !group.members.includes(id));
      const leaves = group.members.filter((id) => !wanted.includes(id));
      const at = (user_id: string) => ({ params: { path: { group_id: group.id, user_id } } });
      for (const id of joins) await api.PUT("/api/v1/groups/{group_id}/members/{user_id}", at(id));
      for (const id of leaves) await api.DELETE("/api/v1/groups/{group_id}/members/{user_id}", at(id));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ["groups"] }),
  });
  const remove = () =>
    ask({
      title: t("people.removeGroupTitle", { name: group.name }),
      body: t("people.removeGroupBody"),
      action: t("people.removeGroup"),
      danger: true,
      run: async () => {
        await api.DELETE("/api/v1/groups/{group_id}", { params: { path: { group_id: group.id } } });
        removed();
        await Promise.all(["groups", "grants"].map((key) => cache.invalidateQueries({ queryKey: [key] })));
      },
    });
  return (
    <Stack gap="lg">
      {dialog}
      <GroupForm group={group} />
      <Divider />
      <MultiSelect
        label={t("people.members")}
        data={(people.data ?? []).map((one) => ({ value: one.id, label: `${one.name} (${one.login})` }))}
        value={change.isPending ? change.variables : group.members}
        onChange={(wanted) => change.mutate(wanted)}
        placeholder={group.members.length ? undefined : t("people.chooseMembers")}
        searchable
        nothingFoundMessage={t("people.nobodyFound")}
      />
      <ProblemAlert error={change.error ?? people.error} />
      <GrantEditor of={{ group_id: group.id }} label={t("people.roles")} />
      <Divider />
      <Row>
        <Button variant="light" color="red" c="var(--towpath-bad)" onClick={remove}>
          {t("people.removeGroup")}
        </Button>
      </Row>
    </Stack>
  );
}
