import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import mark from "@ui/shell/mark.svg";
import { Facts } from "./Facts";

/** What runs here. */
export default function AboutTab() {
  const { t } = useSpeech();
  const about = useQuery({ queryKey: ["settings", "about"], queryFn: () => data(api.GET("/api/v1/settings/about")) });
  return (
    <Loaded query={about}>
      {(found) => (
        <Stack gap="lg" maw={760}>
          <Group gap="md" py="sm">
            <img src={mark} width={52} height={52} alt="" />
            <Stack gap={0}>
              <Title order={2}>Towpath</Title>
              <Text c="dimmed">{t("home.aboutLead")}</Text>
            </Stack>
          </Group>
          <Panel flush>
            <Facts
              facts={[
                [t("home.version"), found.version],
                [t("home.python"), found.python],
                [t("home.platform"), found.platform],
                [t("home.licence"), found.licence],
                [
                  t("home.api"),
                  <Anchor key="api" href="/api/v1/openapi.json">
                    {t("home.apiLink")}
                  </Anchor>,
                ],
              ]}
            />
          </Panel>
        </Stack>
      )}
    </Loaded>
  );
}
