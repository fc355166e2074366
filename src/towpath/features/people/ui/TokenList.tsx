import { Button, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { useConfirm } from "@ui/parts/confirm";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { TimeAgo } from "@ui/parts/TimeAgo";

type Token = Schemas["TokenOut"];

interface Props {
  everybody: boolean;
  /** Whose a token is, where those of all are shown. */
  ownerOf?: (token: Token) => string;
}

/** API tokens with what they may and when they were used; each can be revoked. */
export function TokenList({ everybody, ownerOf }: Props) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const { connections } = useConnection();
  const { ask, dialog } = useConfirm();
  const tokens = useQuery({
    queryKey: ["tokens", everybody],
    queryFn: () => data(api.GET("/api/v1/tokens", { params: { query: { everybody, limit: 500 } } })),
  });
  const places = (token: Token) =>
    token.connection_ids?.map((id) => connections.find((one) => one.id === id)?.name ?? id).join(", ") ??
    t("shell.allConnections");
  const revoke = (token: Token) =>
    ask({
      title: t("people.revokeTitle", { name: token.name }),
      body: t("people.revokeBody"),
      action: t("people.revoke"),
      danger: true,
      run: async () => {
        await api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: token.id } } });
        await cache.invalidateQueries({ queryKey: ["tokens"] });
      },
    });
  const columns: Column<Token>[] = [
    {
      key: "name",
      title: t("people.token"),
      render: (one) => (
        <Stack gap={2}>
          <Text fw={550} size="sm">
            {one.name}
          </Text>
          <Text size="sm" c="dimmed">
            {one.rights.map((right) => t(`people.right.${right}`)).join(", ")}
          </Text>
        </Stack>
      ),
    },
    ...(ownerOf ? [{ key: "owner", title: t("people.owner"), render: (one: Token) => ownerOf(one) }] : []),
    { key: "places", title: t("shell.connections"), render: places },
    {
      key: "used",
      title: t("people.lastUsed"),
      render: (one) => (
        <span title={one.used_from ?? undefined}>
          <TimeAgo at={one.used_at} />
        </span>
      ),
    },
    { key: "expires", title: t("people.expires"), render: (one) => <TimeAgo at={one.expires_at} /> },
    {
      key: "revoke",
      title: t("people.actions"),
      end: true,
      phone: "corner" as const,
      render: (one) => (
        <Button variant="default" size="xs" onClick={() => revoke(one)} aria-label={t("people.revokeTitle", { name: one.name })}>
          {t("people.revoke")}
        </Button>
      ),
    },
  ];
  return (
    <>
      {dialog}
      <Loaded query={tokens}>
        {({ items }) => (
          <DataTable
            label={t("people.tokens")}
            columns={columns}
            rows={items}
            keyOf={(one) => one.id}
            empty={
              <EmptyState icon={IconKey} title={t("people.noTokens")}>
                {t(everybody ? "people.noTokensAll" : "people.noTokensMine")}
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </>
  );
}
