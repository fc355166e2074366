import { Tabs, Title } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { SettingsTab } from "@ui/feature";
import { features } from "@ui/features";
import { useSpeech } from "@ui/i18n";
import { may, useSession } from "@ui/session";

const tabs: (SettingsTab & { Page: ReturnType<typeof lazy> })[] = features
  .flatMap((feature) => feature.settings ?? [])
  .sort((one, other) => one.order - other.order)
  .map((tab) => ({ ...tab, Page: lazy(tab.load) }));

export default function SettingsPage() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  const { tab } = useParams({ strict: false });
  const navigate = useNavigate();
  const shown = tabs.filter((one) => may(session, one.right));
  const chosen = shown.find((one) => one.name === tab) ?? shown[0];
  return (
    <>
      <Title order={1} mb="md">
        {t("shell.settings")}
      </Title>
      <Tabs value={chosen?.name ?? null} onChange={(name) => void navigate({ to: `/settings/${name}` })}>
        <Tabs.List mb="lg">
          {shown.map((one) => (
            <Tabs.Tab key={one.name} value={one.name}>
              {t(one.title)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <Suspense>{chosen ? <chosen.Page /> : null}</Suspense>
    </>
  );
}
