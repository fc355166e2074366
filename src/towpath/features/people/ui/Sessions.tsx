import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { DataTable } from "@ui/parts/DataTable";
import { Loaded } from "@ui/parts/Loaded";
import { failed } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { TimeAgo } from "@ui/parts/TimeAgo";

const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** What a browser said of itself, in two words where they are known. */
function deviceName(device: string): string {
  const known = [browsers, systems].map((some) => some.find(([sign]) => sign.test(device))?.[1]).filter(Boolean);
  return known.join(" · ") || device.slice(0, 60);
}

/** One's own sessions, each of which can be ended. */
export function Sessions() {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: () => data(api.GET("/api/v1/sessions")) });
  const end = useMutation({
    mutationFn: (session_id: string) => api.DELETE("/api/v1/sessions/{session_id}", { params: { path: { session_id } } }),
    onError: (error) => failed(error, t),
    onSettled: () => cache.invalidateQueries({ queryKey: ["sessions"] }),
  });
  const columns = [
    {
      key: "device",
      title: t("people.device"),
      render: (one: Schemas["OpenSessionOut"]) => (
        <Stack gap={2}>
          <Group gap="xs">
            <Text fw={550} size="sm">
              {deviceName(one.device) || t("people.unknownDevice")}
            </Text>
            {one.this ? <Badge>{t("people.thisSession")}</Badge> : null}
          </Group>
          <Text size="sm" c="dimmed">
            {one.address}
          </Text>
        </Stack>
      ),
    },
    { key: "begun", title: t("people.begun"), render: (one: Schemas["OpenSessionOut"]) => <TimeAgo at={one.created_at} /> },
    { key: "used", title: t("people.lastUsed"), render: (one: Schemas["OpenSessionOut"]) => <TimeAgo at={one.used_at} /> },
    {
      key: "end",
      title: t("people.actions"),
      end: true,
      phone: "corner" as const,
      render: (one: Schemas["OpenSessionOut"]) =>
        one.this ? null : (
          <Button
            variant="default"
            size="xs"
            loading={end.isPending && end.variables === one.id}
            aria-label={t("people.endSession", { device: deviceName(one.device) })}
            onClick={() => end.mutate(one.id)}
          >
            {t("people.end")}
          </Button>
        ),
    },
  ];
  return (
    <Panel title={t("people.sessions")} hint={t("people.sessionsLead")} flush>
      <Loaded query={sessions}>
        {({ items }) => <DataTable label={t("people.sessions")} columns={columns} rows={items} keyOf={(one) => one.id} />}
      </Loaded>
    </Panel>
  );
}
