import { Box, Button, Menu, Text, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconDatabase, IconSelector } from "@tabler/icons-react";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";

interface Choice {
  key: string;
  words: string;
  chosen: boolean;
  choose: () => void;
}

function Choices({ choices }: { choices: Choice[] }) {
  const { t } = useSpeech();
  return choices.map((one) => (
    <Menu.Item key={one.key} onClick={one.choose} rightSection={one.chosen ? <IconCheck size={16} aria-label={t("shell.chosen")} /> : null}>
      {one.words}
    </Menu.Item>
  ));
}

/** Which connection, and which of its companies, the pages show. */
export function Switcher() {
  const { t } = useSpeech();
  const { connection, connections, choose, company, companies, chooseCompany } = useConnection();
  if (connections.length === 0) return null;
  const shown = connection ? [connection.name, company?.name].filter(Boolean).join(" · ") : t("shell.allConnections");
  const all = { key: "", words: t("shell.allConnections"), chosen: connection === null, choose: () => choose(null) };
  const everyone = { key: "", words: t("shell.allCompanies"), chosen: company === null, choose: () => chooseCompany(null) };
  return (
    <Menu position="bottom-start" width={280}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          c="var(--mantine-color-text)"
          px="xs"
          maw={{ base: 190, xs: 320 }}
          leftSection={
            <Box visibleFrom="xs" lh={0}>
              <IconDatabase size={18} stroke={1.6} aria-hidden />
            </Box>
          }
          rightSection={<IconSelector size={14} aria-hidden />}
        >
          <VisuallyHidden>{t("shell.switchConnection")}: </VisuallyHidden>
          <Text span truncate fw={550}>
            {shown}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        <Menu.Label>{t("shell.connections")}</Menu.Label>
        <Choices
          choices={[all, ...connections.map((one) => ({ key: one.id, words: one.name, chosen: connection?.id === one.id, choose: () => choose(one.id) }))]}
        />
        {companies.length > 1 ? (
          <>
            <Menu.Divider />
            <Menu.Label>{t("shell.companies")}</Menu.Label>
            <Choices
              choices={[
                everyone,
                ...companies.map((one) => ({ key: String(one.id), words: one.name, chosen: company?.id === one.id, choose: () => chooseCompany(one.id) })),
              ]}
            />
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
