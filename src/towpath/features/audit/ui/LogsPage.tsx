import { Anchor, Button, Group, Menu, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconDownload, IconListSearch, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { type Translate, useSpeech } from "@ui/i18n";
import { DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { MoreButton } from "@ui/parts/MoreButton";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { Chain } from "./Chain";
import { Details } from "./Details";

type Row = Schemas["AuditRow"];

/** What is looked for; it stands in the address. */
export interface Wanted {
  text?: string;
  actor?: string;
  action?: string;
  object?: string;
  result?: string;
  address?: string;
  since?: string;
  until?: string;
}

const words = ["actor", "action", "object", "result", "address"] as const;
const times = { since: "audit.from", until: "audit.to" } as const;
const names = ["text", ...words, "since", "until"] as const;

/** The filters that are set; anything else in the address is left alone. */
function wantedOf(search: Record<string, unknown>): Wanted {
  return Object.fromEntries(names.filter((name) => search[name]).map((name) => [name, String(search[name])]));
}

/** The word for an action or a result; the server's own where there is none. */
function named(t: Translate, part: "do" | "end", code: string): string {
  const key = `audit.${part}.${code}`;
  const words = t(key);
  return words === key ? code : words;
}

/** The audit: who did what, whether the chain is whole, and its export. */
export default function LogsPage() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const wanted = wantedOf(useSearch({ strict: false }) as Record<string, unknown>);
  const [open, setOpen] = useState<Row | null>(null);
  const [more, setMore] = useState(words.some((name) => wanted[name]) || Boolean(wanted.since ?? wanted.until));
  const [turn, setTurn] = useState(0);
  const set = (news: Partial<Wanted>) => {
    const next = Object.fromEntries(Object.entries({ ...wanted, ...news }).filter(([, value]) => value));
    void navigate({ to: "/logs", search: next as never, replace: true });
  };
  const narrow = (news: Partial<Wanted>) => {
    set(news);
    setMore(true);
    setTurn(turn + 1);
  };
  const typed = useDebouncedCallback(set, 350);
  const rows = useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam }) =>
      data(api.GET("/api/v1/audit", { params: { query: { ...wanted, limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const download = (format: string) => `/api/v1/audit/export?${new URLSearchParams({ ...(wanted as Record<string, string>), format })}`;
  return (
    <>
      <PageHeader
        title={t("audit.menu")}
        lead={t("audit.lead")}
        actions={
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
                {t("audit.export")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item component="a" href={download("csv")}>
                {t("audit.exportCsv")}
              </Menu.Item>
              <Menu.Item component="a" href={download("json")}>
                {t("audit.exportJson")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        }
      />
      <Stack gap="lg">
        <Chain />
        <Stack gap="sm" key={turn}>
          <Group gap="sm" align="flex-end">
            <TextInput
              flex="1 1 16rem"
              type="search"
              aria-label={t("audit.search")}
              placeholder={t("audit.search")}
              leftSection={<IconSearch size={16} aria-hidden />}
              defaultValue={wanted.text ?? ""}
              onChange={(event) => typed({ text: event.currentTarget.value })}
            />
            <Button variant="subtle" aria-expanded={more} onClick={() => setMore(!more)}>
              {t("audit.more")}
            </Button>
            {Object.keys(wanted).length > 0 ? (
              <Button
                variant="subtle"
                onClick={() => {
                  void navigate({ to: "/logs", search: {} as never, replace: true });
                  setTurn(turn + 1);
                }}
              >
                {t("audit.clear")}
              </Button>
            ) : null}
          </Group>
          {more ? (
            <Group gap="sm" align="flex-end">
              {words.map((name) => (
                <TextInput
                  key={name}
                  flex="1 1 9rem"
                  label={t(`audit.${name}`)}
                  placeholder="*"
                  title={t("audit.star")}
                  defaultValue={wanted[name] ?? ""}
                  onChange={(event) => typed({ [name]: event.currentTarget.value.trim() })}
                />
              ))}
              {(["since", "until"] as const).map((name) => (
                <TextInput
                  key={name}
                  flex="1 1 12rem"
                  type="datetime-local"
                  label={t(times[name])}
                  defaultValue={wanted[name] ?? ""}
                  onChange={(event) => typed({ [name]: event.currentTarget.value })}
                />
              ))}
            </Group>
          ) : null}
        </Stack>
        <Panel flush>
          <Loaded query={rows}>
            {({ pages }) => (
              <>
                <DataTable
                  label={t("audit.menu")}
                  rows={pages.flatMap((page) => page.items)}
                  keyOf={(row) => String(row.number)}
                  onOpen={setOpen}
                  empty={
                    <EmptyState icon={IconListSearch} title={t("audit.none")}>
                      {t("audit.noneLead")}
                    </EmptyState>
                  }
                  columns={[
                    {
                      key: "at",
                      title: t("audit.at"),
                      render: (row) => (
                        <Anchor component="button" type="button" size="sm" onClick={() => setOpen(row)}>
                          <TimeAgo at={row.at} />
                        </Anchor>
                      ),
                    },
                    { key: "actor", title: t("audit.actor"), phone: "plain", render: (row) => row.actor },
                    { key: "action", title: t("audit.action"), phone: "plain", render: (row) => <span title={row.action}>{named(t, "do", row.action)}</span> },
                    { key: "object", title: t("audit.object"), phone: "plain", render: (row) => <span style={{ overflowWrap: "anywhere" }}>{row.object}</span> },
                    {
                      key: "result",
                      title: t("audit.result"),
                      phone: "corner",
                      render: (row) => <Status tone={["ok", "succeeded"].includes(row.result) ? "good" : "warn"}>{named(t, "end", row.result)}</Status>,
                    },
                    { key: "address", title: t("audit.address"), render: (row) => row.address ?? "" },
                  ]}
                />
                <MoreButton query={rows} label={t("audit.load")} />
              </>
            )}
          </Loaded>
        </Panel>
      </Stack>
      <Details row={open} close={() => setOpen(null)} narrow={narrow} />
    </>
  );
}
