import { Button, Divider, Drawer, Group, Stack, Switch, Text, UnstyledButton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { useConfirm } from "@ui/parts/confirm";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { MethodForm } from "./MethodForm";
import { WayTest } from "./WayTest";
import type { Method } from "./ways";

interface Opened {
  id: string;
  /** Whether it is to be tried as it opens. */
  test: boolean;
}

/** One way: whether it works, and its settings. */
function OneWay({ opened: { id, test }, saved }: { opened: Opened; saved: (one: Method) => void }) {
  const { t } = useSpeech();
  const way = useQuery({
    queryKey: ["sign-in-methods", id],
    queryFn: async () => {
      const { data: method, response } = await api.GET("/api/v1/sign-in-methods/{method_id}", {
        params: { path: { method_id: id } },
      });
      // The mark of the state that is shown: whoever changed it meanwhile is not overwritten.
      return { method: method as Method, mark: response.headers.get("ETag") ?? "" };
    },
    gcTime: 0,
  });
  return (
    <Loaded query={way}>
      {(known) => (
        <Stack gap="lg">
          <Text size="sm" c="dimmed">
            {t("people.testLead")}
          </Text>
          <WayTest key={`test ${known.mark}`} method={known.method} atOnce={test} />
          <Divider />
          <MethodForm key={`form ${known.mark}`} known={known} finished={saved} />
        </Stack>
      )}
    </Loaded>
  );
}

/** Ways to sign in beside the password: OpenID Connect and directories. */
export function Methods() {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { ask, dialog } = useConfirm();
  const [opened, setOpened] = useState<Opened | "new" | null>(null);
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
          <UnstyledButton onClick={() => setOpened({ id: one.id, test: false })}>
            <Text fw={550} size="sm" c="var(--mantine-color-anchor)">
              {one.title}
            </Text>
          </UnstyledButton>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {one.config.kind === "oidc" ? one.config.issuer : one.config.host}
          </Text>
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
            onClick={() => setOpened({ id: one.id, test: true })}
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
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpened("new")}>
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
            onOpen={(one) => setOpened({ id: one.id, test: false })}
            empty={
              <Text px="md" pb="md" c="dimmed">
                {t("people.noWays")}
              </Text>
            }
          />
        )}
      </Loaded>
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="58rem"
        closeOnClickOutside={false}
        title={
          <Text fw={650}>
            {opened === "new" ? t("people.addMethod") : methods.data?.items.find((one) => one.id === opened?.id)?.title}
          </Text>
        }
        closeButtonProps={{ "aria-label": t("shell.close") }}
      >
        {opened === "new" ? (
          <MethodForm
           
            finished={(made) => {
              void refresh();
              // What was just set up is tried: most of what can be wrong shows there.
              setOpened({ id: made.id, test: true });
            }}
          />
        ) : opened ? (
          <OneWay
            key={opened.id}
            opened={opened}
           
            saved={() => {
              done(t("people.kept"));
              void refresh();
              setOpened({ ...opened, test: true });
            }}
          />
        ) : null}
      </Drawer>
    </Panel>
  );
}
