import { AppShell, Burger, Group, NavLink, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSettings } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { features } from "@ui/features";
import { useSpeech } from "@ui/i18n";
import { may, useSession } from "@ui/session";
import mark from "@ui/shell/mark.svg";

export function Shell() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  const entries = features
    .flatMap((feature) => feature.menu ?? [])
    .filter((entry) => may(session, entry.right))
    .sort((one, other) => one.order - other.order);
  const here = (path: string) => (path === "/" ? pathname === "/" : pathname.startsWith(path));
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !opened } }} padding="lg">
      <AppShell.Header>
        <Group h="100%" px="md">
          <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t("shell.menu")} />
          <img src={mark} width={28} height={28} alt="" />
          <Text fw={600}>{t("shell.name")}</Text>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t("shell.menu")}>
        {entries.map((entry) => (
          <NavLink
            key={entry.path}
            component={Link}
            to={entry.path}
            onClick={close}
            active={here(entry.path)}
            label={t(entry.title)}
            leftSection={<entry.icon size={18} stroke={1.6} />}
          />
        ))}
        <NavLink
          component={Link}
          to="/settings/about"
          onClick={close}
          active={here("/settings")}
          label={t("shell.settings")}
          leftSection={<IconSettings size={18} stroke={1.6} />}
        />
      </AppShell.Navbar>
      <AppShell.Main>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
