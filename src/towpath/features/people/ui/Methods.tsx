import { Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { useConfirm } from "@ui/parts/confirm";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { MethodForm } from "./MethodForm";

type Method = Schemas["MethodSettingsOut"];

/** Ways to sign in beside the password: OpenID Connect and directories. */
export function Methods() {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { ask, dialog } = useConfirm();
  const [adding, setAdding] = useState(false);
  const methods = useQuery({
    queryKey: ["sign-in-methods"],
    queryFn: () => data(api.GET("/api/v1/sign-in-methods", { params: { query: { limit: 500 } } })),
  });
  const refresh = () => cache.invalidateQueries({ queryKey: ["sign-in-methods"] });
  const path = (one: Method) => ({ path: { method_id: one.id } });
  const offer = useMutation({
    mutationFn: (one: Method) =>
      api.PATCH("/api/v1/sign-in-methods/{method_id}", {
        params: { ...path(one), header: { "If-Match": "*" } },
        body: { enabled: !one.enabled },
      }),
    onError: (error) => failed(error, t),
    onSettled: refresh,
  });
  const test = useMutation({
    mutationFn: (one: Method) => data(api.POST("/api/v1/sign-in-methods/{method_id}/test", { params: path(one) })),
    onSuccess: ({ message }) => done(message),
    onError: (error) => failed(error, t),
  });
  const remove = (one: Method) =>
    ask({
      title: t("people.removeMethodTitle", { title: one.title }),
      body: t("people.removeMethodBody"),
      action: t("shell.remove"),
      danger: true,
      run: async () => {
        await api.DELETE("/api/v1/sign-in-methods/{method_id}", { params: path(one) });
        await refresh();
      },
    });
  const columns: Column<Method>[] = [
    {
      key: "title",
      title: t("people.way"),
      render: (one) => (
        <Stack gap={2}>
          <Text fw={550} size="sm">
            {one.title}
          </Text>
          <Text size="sm" c="dimmed">
            {one.config.kind === "oidc" ? one.config.issuer : one.config.host}
          </Text>
          {one.redirect_uri ? (
            <Text size="xs" c="dimmed">
              {t("people.redirectUri", { address: one.redirect_uri })}
            </Text>
          ) : null}
        </Stack>
      ),
    },
    {
      key: "offered",
      title: t("people.offered"),
      render: (one) => (
        <Switch
          checked={one.enabled}
          onChange={() => offer.mutate(one)}
          aria-label={t("people.offerMethod", { title: one.title })}
        />
      ),
    },
    {
      key: "actions",
      title: t("people.actions"),
      end: true,
      render: (one) => (
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button
            variant="default"
            size="xs"
            loading={test.isPending && test.variables.id === one.id}
            onClick={() => test.mutate(one)}
            aria-label={t("people.testMethod", { title: one.title })}
          >
            {t("people.test")}
          </Button>
          <Button
            variant="default"
            size="xs"
            onClick={() => remove(one)}
            aria-label={t("people.removeMethodTitle", { title: one.title })}
          >
            {t("shell.remove")}
          </Button>
        </Group>
      ),
    },
  ];
  return (
    <Panel
      title={t("people.ways")}
      hint={t("people.waysLead")}
      flush
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          {t("people.addMethod")}
        </Button>
      }
    >
      {dialog}
      <Loaded query={methods}>
        {({ items }) => (
          <DataTable
            label={t("people.ways")}
            columns={columns}
            rows={items}
            keyOf={(one) => one.id}
            empty={
              <Text px="md" pb="md" c="dimmed">
                {t("people.noWays")}
              </Text>
            }
          />
        )}
      </Loaded>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t("people.addMethod")}
        closeOnClickOutside={false}
        closeButtonProps={{ "aria-label": t("shell.close") }}
      >
        <MethodForm
          finished={() => {
            setAdding(false);
            void refresh();
          }}
        />
      </Modal>
    </Panel>
  );
}
