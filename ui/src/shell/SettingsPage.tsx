import { Skeleton, Tabs } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { SettingsTab } from "@ui/feature";
import { features } from "@ui/features";
import { useSpeech } from "@ui/i18n";
import { PageHeader } from "@ui/parts/PageHeader";
import { useInSight } from "@ui/parts/useInSight";
import { may, useSession } from "@ui/session";
import { NotFound } from "@ui/shell/NotFound";

const tabs: (SettingsTab & { Page: ReturnType<typeof lazy> })[] = features
  .flatMap((feature) => feature.settings ?? [])
  .sort((one, other) => one.order - other.order)
  .map((tab) => ({ ...tab, Page: lazy(tab.load) }));

/** The page Settings: a tab from every feature that has one. */
export default function SettingsPage() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  const { tab } = useParams({ strict: false });
  const navigate = useNavigate();
  const row = useInSight(tab);
  const shown = tabs.filter((one) => may(session, one.right));
  const chosen = tab === "first" ? shown[0] : shown.find((one) => one.name === tab);
  if (session && !chosen) return <NotFound />;
  return (
    <>
      <PageHeader title={t("shell.settings")} />
      <Tabs value={chosen?.name ?? null} onChange={(name) => name && void navigate({ to: `/settings/${name}` })}>
        <Tabs.List mb="lg" aria-label={t("shell.settings")} className="towpath-tabs" ref={row}>
          {shown.map((one) => (
            <Tabs.Tab key={one.name} value={one.name}>
              {t(one.title)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {chosen ? (
          <Tabs.Panel value={chosen.name}>
            <Suspense fallback={<Skeleton height={220} radius="lg" />}>
              <chosen.Page />
            </Suspense>
          </Tabs.Panel>
        ) : null}
      </Tabs>
    </>
  );
}
