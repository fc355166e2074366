import { Anchor, Collapse, Group, Paper, SegmentedControl, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight, IconFolder, IconSearch, IconTable } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { type Column, DataTable } from "@ui/parts/DataTable";
import { EmptyState } from "@ui/parts/EmptyState";
import { Loaded } from "@ui/parts/Loaded";
import { PageHeader } from "@ui/parts/PageHeader";
import { Panel } from "@ui/parts/Panel";
import { TimeAgo } from "@ui/parts/TimeAgo";
import { bytes } from "./format";
import { NoTables } from "./NoTables";

const Relations = lazy(() => import("./Relations"));

type Table = Schemas["TableOut"];

/** Layers, folders and tables, or the diagram of how the tables refer to each other. */
export default function CatalogPage() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const { view } = useSearch({ strict: false }) as { view?: string };
  const diagram = view === "relations";
  return (
    <>
      <PageHeader
        title={t("explore.catalog")}
        lead={t("explore.catalogLead")}
        actions={
          <SegmentedControl
            aria-label={t("explore.catalog")}
            value={diagram ? "relations" : "tables"}
            onChange={(next) => void navigate({ to: "/catalog", search: (next === "relations" ? { view: next } : {}) as never })}
            data={[
              { value: "tables", label: t("explore.tables") },
              { value: "relations", label: t("explore.relations") },
            ]}
          />
        }
      />
      {diagram ? (
        <Suspense fallback={null}>
          <Relations />
        </Suspense>
      ) : (
        <Tables />
      )}
    </>
  );
}

function Tables() {
  const { t } = useSpeech();
  const { connection } = useConnection();
  const [search, setSearch] = useState("");
  const [word] = useDebouncedValue(search.trim(), 200);
  const query = useInfiniteQuery({
    queryKey: ["catalog", "tables", connection?.name ?? "", word],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/catalog", {
          params: { query: { search: word, connection: connection?.name ?? "", limit: 200, cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    select: (all) => all.pages.flatMap((page) => page.items),
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const nothing = query.data?.length === 0 && word === "" && search === "" && connection === null;
  if (nothing) return <NoTables />;
  return (
    <Stack gap="lg">
      <TextInput
        type="search"
        aria-label={t("explore.search")}
        placeholder={t("explore.searchHint")}
        leftSection={<IconSearch size={16} aria-hidden />}
        maw="28rem"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Loaded query={query}>
        {(tables) => (tables.length ? <Tree tables={tables} /> : <NoMatch />)}
      </Loaded>
    </Stack>
  );
}

function NoMatch() {
  const { t } = useSpeech();
  return (
    <Panel>
      <EmptyState icon={IconSearch} title={t("explore.noMatch")}>
        {t("explore.noMatchHint")}
      </EmptyState>
    </Panel>
  );
}

function Tree({ tables }: { tables: Table[] }) {
  const layers = [...new Set(tables.map((table) => table.layer))];
  return (
    <Stack gap="xl">
      {layers.map((layer) => {
        const here = tables.filter((table) => table.layer === layer);
        return (
          <Stack key={layer} gap="sm" component="section" aria-label={layer}>
            <Text size="xs" fw={700} c="dimmed" tt="uppercase" style={{ letterSpacing: "0.06em" }}>
              {layer}
            </Text>
            {[...new Set(here.map((table) => table.folder))].map((folder) => (
              <Folder key={folder} folder={folder} tables={here.filter((table) => table.folder === folder)} />
            ))}
          </Stack>
        );
      })}
    </Stack>
  );
}

function Folder({ folder, tables }: { folder: string; tables: Table[] }) {
  const { t, language } = useSpeech();
  const navigate = useNavigate();
  const [opened, { toggle }] = useDisclosure(true);
  const numbers = new Intl.NumberFormat(language);
  const columns: Column<Table>[] = [
    {
      key: "name",
      title: t("explore.name"),
      render: (table) => (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <IconTable size={16} stroke={1.6} aria-hidden style={{ marginBlockStart: 3, flexShrink: 0, opacity: 0.6 }} />
          <Stack gap={0}>
            <Anchor component={Link} to={`/catalog/${table.id}`} fw={600}>
              {table.name}
            </Anchor>
            {table.description || table.problem ? (
              <Text size="xs" c={table.problem ? "var(--towpath-bad)" : "dimmed"}>
                {table.problem || table.description}
              </Text>
            ) : null}
          </Stack>
        </Group>
      ),
    },
    { key: "model", title: t("explore.model"), phone: "plain", render: (table) => <Text size="sm" c="dimmed">{table.model}</Text> },
    {
      key: "rows",
      title: t("explore.rows"),
      end: true,
      render: (table) => (table.rows === null ? <Text size="sm" c="dimmed">{t("explore.notRead")}</Text> : numbers.format(table.rows)),
    },
    { key: "size", title: t("explore.size"), end: true, render: (table) => (table.size ? bytes(table.size, language) : "") },
    { key: "changed", title: t("explore.changed"), render: (table) => (table.changed ? <TimeAgo at={table.changed} /> : "") },
  ];
  const Chevron = opened ? IconChevronDown : IconChevronRight;
  return (
    <Paper component="section" style={{ overflow: "hidden" }}>
      <UnstyledButton onClick={toggle} aria-expanded={opened} p="md" w="100%">
        <Group gap="xs">
          <Chevron size={16} aria-hidden />
          <IconFolder size={18} stroke={1.6} aria-hidden />
          <Title order={2}>{folder}</Title>
          <Text size="sm" c="dimmed">
            {numbers.format(tables.length)}
          </Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={opened}>
        <DataTable
          label={t("explore.tablesIn", { folder })}
          columns={columns}
          rows={tables}
          keyOf={(table) => table.path}
          onOpen={(table) => void navigate({ to: `/catalog/${table.id}` })}
        />
      </Collapse>
    </Paper>
  );
}
