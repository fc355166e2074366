import { ActionIcon, Button, Group, Menu, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { IconCalendar, IconDots, IconKey, IconPencil, IconRefresh } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { said } from "@ui/i18n/said";
import { useConfirm } from "@ui/parts/confirm";
import { DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { done } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Status } from "@ui/parts/Status";
import { TimeAgo } from "@ui/parts/TimeAgo";

type Secret = Schemas["SecretOut"];
type Change = { secret: Secret; value: boolean };

const tones = { good: "good", expiring: "warn", expired: "bad" } as const;

/** Stored secrets: whose, how old, when they end; each can be replaced and none be seen. */
export default function SecretsTab() {
  const { t, language } = useSpeech();
  const cache = useQueryClient();
  const { ask, dialog } = useConfirm();
  const [change, setChange] = useState<Change | null>(null);
  const secrets = useQuery({
    queryKey: ["secrets"],
    queryFn: () => data(api.GET("/api/v1/secrets", { params: { query: { limit: 500 } } })),
  });
  const again = () => cache.invalidateQueries({ queryKey: ["secrets"] });
  const day = new Intl.DateTimeFormat(region(language), { dateStyle: "medium", timeZone: "UTC" });
  const renew = (secret: Secret) =>
    ask({
      title: t("keys.renewTitle", { title: secret.title }),
      body: t("keys.renewBody"),
      action: t("keys.renew"),
      run: async () => {
        const path = { connection_id: secret.connection_id ?? "" };
        const made = await data(api.POST("/api/v1/connections/{connection_id}/rotate-key", { params: { path }, body: { days: 90 } }));
        done(t(made.revoked ? "keys.renewed" : "keys.renewedLater", { title: secret.title }));
        await again();
      },
    });
  const rotate = () =>
    ask({
      title: t("keys.rotateTitle"),
      body: t("keys.rotateBody"),
      action: t("keys.rotate"),
      run: async () => {
        const made = await data(api.POST("/api/v1/secrets/rotate-master-key"));
        done(t("keys.rotated", { n: made.rewrapped, key: made.key_id }));
        await again();
      },
    });
  return (
    <Stack gap="lg">
      <Text c="dimmed" maw="46rem">
        {t("keys.lead")}
      </Text>
      <Panel flush>
        <Loaded query={secrets}>
          {({ items }) => (
            <DataTable
              label={t("keys.title")}
              rows={items}
              keyOf={(one) => one.owner}
              empty={
                <EmptyState icon={IconKey} title={t("keys.none")}>
                  {t("keys.noneLead")}
                </EmptyState>
              }
              columns={[
                {
                  key: "title",
                  title: t("keys.whose"),
                  render: (one) => (
                    <Stack gap={0}>
                      <Text fw={600}>{said(one.title)}</Text>
                      <Text size="sm" c="dimmed">
                        {one.rotating ?? t(`keys.kind.${one.kind}`)}
                      </Text>
                    </Stack>
                  ),
                },
                { key: "set", title: t("keys.set"), render: (one) => <TimeAgo at={one.set_at} /> },
                { key: "used", title: t("keys.used"), render: (one) => <TimeAgo at={one.used_at} /> },
                {
                  key: "ends",
                  title: t("keys.ends"),
                  render: (one) =>
                    one.expires_at ? (
                      <Status tone={tones[one.state]}>{day.format(new Date(one.expires_at))}</Status>
                    ) : one.kind === "internal" ? null : (
                      <Text size="sm" c="dimmed">
                        {t("keys.unknown")}
                      </Text>
                    ),
                },
                {
                  key: "actions",
                  title: "",
                  end: true,
                  phone: "corner",
                  render: (one) => (one.kind === "internal" ? null : <Actions secret={one} change={setChange} renew={renew} />),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Panel
        title={t("keys.master")}
        hint={t("keys.masterLead")}
        actions={
          <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={rotate}>
            {t("keys.rotate")}
          </Button>
        }
      >
        <Text size="sm" ff="monospace">
          {[...new Set(secrets.data?.items.map((one) => one.key_id))].join(", ")}
        </Text>
      </Panel>
      {dialog}
      {change ? <ChangeDialog change={change} close={() => setChange(null)} changed={again} /> : null}
    </Stack>
  );
}

interface ActionsProps {
  secret: Secret;
  change: (change: Change) => void;
  renew: (secret: Secret) => void;
}

function Actions({ secret, change, renew }: ActionsProps) {
  const { t } = useSpeech();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" aria-label={t("keys.actions", { title: secret.title })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => change({ secret, value: true })}>
          {t("keys.replace")}
        </Menu.Item>
        <Menu.Item leftSection={<IconCalendar size={16} aria-hidden />} onClick={() => change({ secret, value: false })}>
          {t("keys.endOf")}
        </Menu.Item>
        {secret.kind === "odoo" ? (
          <Menu.Item leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => renew(secret)}>
            {t("keys.renew")}
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ChangeProps {
  change: Change;
  close: () => void;
  changed: () => Promise<unknown>;
}

function ChangeDialog({ change: { secret, value }, close, changed }: ChangeProps) {
  const { t } = useSpeech();
  const [text, setText] = useState("");
  const [end, setEnd] = useState(value ? "" : (secret.expires_at?.slice(0, 10) ?? ""));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const expires_at = end ? `${end}T00:00:00Z` : null;
    try {
      if (value) await api.PUT("/api/v1/secrets", { body: { owner: secret.owner, value: text, expires_at } });
      else await api.PUT("/api/v1/secrets/expiry", { body: { owner: secret.owner, expires_at } });
      done(t(value ? "keys.replaced" : "keys.endKept", { title: secret.title }));
      await changed();
      close();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t(value ? "keys.replaceTitle" : "keys.endTitle", { title: secret.title })}
      closeButtonProps={{ "aria-label": t("shell.close") }}
    >
      <form onSubmit={(event) => void save(event)}>
        <Stack>
          {value ? (
            <PasswordInput
              label={t("keys.value")}
              description={secret.kind === "odoo" ? t("keys.valueHint") : undefined}
              autoComplete="off"
              required
              data-autofocus
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : null}
          <TextInput
            type="date"
            label={t("keys.end")}
            description={t("keys.endHint")}
            value={end}
            onChange={(event) => setEnd(event.currentTarget.value)}
          />
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("shell.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t(value ? "keys.save" : "keys.keep")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
