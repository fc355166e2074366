import { Anchor, Code, Drawer, Stack, Text } from "@mantine/core";
import type { Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { region } from "@ui/i18n/region";
import type { Wanted } from "./LogsPage";

type Row = Schemas["AuditRow"];

interface Props {
  row: Row | null;
  close: () => void;
  narrow: (news: Partial<Wanted>) => void;
}

/** One row in full; its values lead to rows like it. */
export function Details({ row, close, narrow }: Props) {
  const { t, language } = useSpeech();
  const exact = new Intl.DateTimeFormat(region(language), { dateStyle: "full", timeStyle: "long" });
  const parts = ["actor", "action", "object", "result", "address"] as const;
  return (
    <Drawer
      opened={row !== null}
      onClose={close}
      position="right"
      title={row ? t("audit.row", { number: row.number }) : ""}
      closeButtonProps={{ "aria-label": t("shell.close") }}
    >
      {row ? (
        <Stack gap="md">
          <Part title={t("audit.at")}>
            <time dateTime={row.at}>{exact.format(new Date(row.at))}</time>
          </Part>
          {parts.map((part) =>
            row[part] ? (
              <Part key={part} title={t(`audit.${part}`)}>
                <Anchor
                  component="button"
                  type="button"
                  ta="start"
                  title={t("audit.only")}
                  onClick={() => {
                    narrow({ [part]: row[part] ?? undefined });
                    close();
                  }}
                >
                  {row[part]}
                </Anchor>
              </Part>
            ) : null,
          )}
          {Object.keys(row.details).length > 0 ? (
            <Part title={t("audit.details")}>
              <Code block tabIndex={0}>
                {JSON.stringify(row.details, null, 2)}
              </Code>
            </Part>
          ) : null}
          <Part title={t("audit.hash")}>
            <Code style={{ overflowWrap: "anywhere" }}>{row.hash}</Code>
          </Part>
          <Part title={t("audit.before")}>
            <Code style={{ overflowWrap: "anywhere" }}>{row.prev_hash}</Code>
          </Part>
        </Stack>
      ) : null}
    </Drawer>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack gap={2} align="flex-start">
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      {children}
    </Stack>
  );
}
