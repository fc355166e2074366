import { Anchor, Group, Paper, Stack, Text } from "@mantine/core";
import { IconArrowRight, IconPlugConnected, IconTable, IconStack2, IconTransform } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import type { Table } from "./useTable";
import { VersionTable } from "./Versions";

/** From Odoo to this table: connection, model, stream, and the runs that wrote its versions. */
export default function Lineage({ table }: { table: Table }) {
  const { t } = useSpeech();
  const query = useQuery({
    queryKey: ["catalog", "lineage", table.id],
    queryFn: () => data(api.GET("/api/v1/catalog/tables/{table}/lineage", { params: { path: { table: table.id } } })),
  });
  return (
    <Loaded query={query}>
      {(found) => (
        <Stack gap="lg">
          <Panel title={t("explore.way")}>
            {found.connection ? (
              <Group component="ol" gap="xs" p={0} m={0} align="stretch" style={{ listStyle: "none" }}>
                <Step icon={<IconPlugConnected size={18} aria-hidden />} title={t("explore.step.connection")}>
                  <Text fw={600}>{found.connection}</Text>
                  <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {found.url}
                  </Text>
                </Step>
                <Step icon={<IconTransform size={18} aria-hidden />} title={t("explore.step.model")} after>
                  <Text fw={600}>{found.model_label || found.model}</Text>
                  <Text size="xs" c="dimmed">
                    {found.model} · {found.sync_type} · {t("explore.fieldsRead", { n: found.fields })}
                  </Text>
                  {found.filter ? (
                    <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                      {t("explore.filter", { filter: found.filter })}
                    </Text>
                  ) : null}
                </Step>
                <Step icon={<IconTable size={18} aria-hidden />} title={t("explore.step.table")} after chosen>
                  <Text fw={600}>{table.name}</Text>
                  <Text size="xs" c="dimmed">
                    {table.layer} / {table.folder}
                  </Text>
                  {found.part_of ? (
                    <Anchor size="xs" component={Link} to={`/catalog/${found.part_of.replaceAll("/", ".")}`}>
                      {t("explore.partOf", { table: found.part_of })}
                    </Anchor>
                  ) : null}
                </Step>
                {found.beside.length ? (
                  <Step icon={<IconStack2 size={18} aria-hidden />} title={t("explore.step.beside")} after>
                    {found.beside.map((path) => (
                      <Anchor key={path} size="sm" component={Link} to={`/catalog/${path.replaceAll("/", ".")}`}>
                        {path.split("/").at(-1)}
                      </Anchor>
                    ))}
                  </Step>
                ) : null}
              </Group>
            ) : (
              <Text c="dimmed">{t("explore.noOrigin")}</Text>
            )}
          </Panel>
          <Panel title={t("explore.runsBehind")} flush>
            <VersionTable versions={found.versions} />
          </Panel>
        </Stack>
      )}
    </Loaded>
  );
}

interface StepProps {
  icon: ReactNode;
  title: string;
  /** An arrow leads to it. */
  after?: boolean;
  chosen?: boolean;
  children: ReactNode;
}

function Step({ icon, title, after, chosen, children }: StepProps) {
  return (
    <Group component="li" gap="xs" wrap="nowrap" style={{ flex: "1 1 13rem" }}>
      {after ? <IconArrowRight size={18} aria-hidden className="towpath-forward" style={{ flexShrink: 0, opacity: 0.5 }} /> : null}
      <Paper p="md" h="100%" style={{ flex: 1, minWidth: 0, ...(chosen ? { borderColor: "var(--mantine-primary-color-filled)" } : {}) }}>
        <Stack gap={4}>
          <Group gap={6} c="dimmed">
            {icon}
            <Text size="xs" tt="uppercase" fw={700} style={{ letterSpacing: "0.05em" }}>
              {title}
            </Text>
          </Group>
          {children}
        </Stack>
      </Paper>
    </Group>
  );
}
