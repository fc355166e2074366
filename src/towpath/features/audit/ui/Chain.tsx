import { Button, Code, CopyButton, Group, Popover, Stack, Text } from "@mantine/core";
import { IconCertificate, IconKey, IconShieldCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import { Loaded } from "@ui/parts/Loaded";
import { done, failed } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { Status } from "@ui/parts/Status";

/** How the chain stands, and its check at a click. */
export function Chain() {
  const { t, language } = useSpeech();
  const cache = useQueryClient();
  const status = useQuery({ queryKey: ["audit-status"], queryFn: () => data(api.GET("/api/v1/audit/status")) });
  const again = () => void cache.invalidateQueries({ queryKey: ["audit-status"] });
  const check = useMutation({
    mutationFn: () => data(api.POST("/api/v1/audit/verify", { body: { since_checkpoint: false } })),
    onError: (error) => failed(error, t),
    onSettled: again,
  });
  const sign = useMutation({
    mutationFn: () => data(api.POST("/api/v1/audit/checkpoints")),
    onSuccess: (made) => done(t("audit.signedNow", { number: made.number })),
    onError: (error) => failed(error, t),
    onSettled: again,
  });
  const day = new Intl.DateTimeFormat(region(language), { dateStyle: "medium" });
  return (
    <Panel>
      <Loaded query={status} lines={2}>
        {(found) => (
          <Group justify="space-between" gap="md">
            <Stack gap={4} flex="1 1 18rem" aria-live="polite">
              {check.data ? (
                <Status tone={check.data.whole ? "good" : "bad"}>
                  {check.data.whole
                    ? t("audit.whole", { n: check.data.rows })
                    : t("audit.broken", { number: check.data.wrong_number ?? 0, reason: check.data.reason ?? "" })}
                </Status>
              ) : (
                <Text fw={600}>{t("audit.rows", { n: found.oldest ? found.newest - found.oldest + 1 : 0 })}</Text>
              )}
              <Text size="sm" c="dimmed">
                {found.unsigned ? t("audit.unsigned", { n: found.unsigned }) : t("audit.signedAll")}{" "}
                {found.oldest_at ? t("audit.since", { date: day.format(new Date(found.oldest_at)) }) : ""}{" "}
                {found.keep_days ? t("audit.keep", { n: found.keep_days }) : ""}
              </Text>
            </Stack>
            <Group gap="xs">
              <Popover width={360} position="bottom-end" withArrow trapFocus>
                <Popover.Target>
                  <Button variant="subtle" leftSection={<IconKey size={16} aria-hidden />}>
                    {t("audit.key")}
                  </Button>
                </Popover.Target>
                <Popover.Dropdown>
                  <Stack gap="xs">
                    <Text size="sm">{t("audit.keyLead")}</Text>
                    <Code block>{found.public_key.trim()}</Code>
                    <CopyButton value={found.public_key}>
                      {({ copied, copy }) => (
                        <Button size="xs" variant="default" onClick={copy}>
                          {copied ? t("shell.copied") : t("shell.copy")}
                        </Button>
                      )}
                    </CopyButton>
                  </Stack>
                </Popover.Dropdown>
              </Popover>
              <Button
                variant="default"
                loading={sign.isPending}
                disabled={found.unsigned === 0}
                leftSection={<IconCertificate size={16} aria-hidden />}
                onClick={() => sign.mutate()}
              >
                {t("audit.sign")}
              </Button>
              <Button
                loading={check.isPending}
                leftSection={<IconShieldCheck size={16} aria-hidden />}
                onClick={() => check.mutate()}
              >
                {t("audit.verify")}
              </Button>
            </Group>
          </Group>
        )}
      </Loaded>
    </Panel>
  );
}
