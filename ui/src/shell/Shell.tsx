import { AppShell, NavLink, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSettings } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { ConnectionProvider } from "@ui/connection";
import { features } from "@ui/features";
import { useSpeech } from "@ui/i18n";
import { may, useSession } from "@ui/session";
import { Header } from "@ui/shell/Header";
import { Palette } from "@ui/shell/Palette";

const menu = features.flatMap((feature) => feature.menu ?? []).sort((one, other) => one.order - other.order);

/** What stands around every page: the header, the menu, the palette. */
export function Shell() {
  const { t } = useSpeech();
  const { data: session } = useSession();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Who goes to another page by the keyboard goes on at its beginning, not in the menu.
    if (!first.current && pathname) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);
  const here = (path: string) => (path === "/" ? pathname === "/" : pathname === path || pathname.startsWith(`${path}/`));
  const entries = [
    ...menu.filter((entry) => may(session, entry.right)).map((entry) => ({ ...entry, shown: entry.path, to: entry.path })),
    { title: "shell.settings", shown: "/settings", to: "/settings/about", icon: IconSettings },
  ];
  return (
    <ConnectionProvider>
      <a href="#page" className="towpath-skip">
        {t("shell.skip")}
      </a>
      <AppShell
        header={{ height: 60 }}
        navbar={{ width: 228, breakpoint: "sm", collapsed: { mobile: !opened } }}
        padding={{ base: "md", sm: "lg", lg: "xl" }}
      >
        <AppShell.Header>
          <Header opened={opened} toggle={toggle} />
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={t("shell.menu")}>
          <AppShell.Section grow component={ScrollArea}>
            {entries.map((entry) => (
              <NavLink
                key={entry.to}
                component={Link}
                to={entry.to}
                onClick={close}
                active={here(entry.shown)}
                aria-current={here(entry.shown) ? "page" : undefined}
                label={t(entry.title)}
                mb={2}
                leftSection={<entry.icon size={19} stroke={1.6} aria-hidden />}
              />
            ))}
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="page" ref={main} tabIndex={-1} style={{ outline: "none" }}>
          <Outlet />
        </AppShell.Main>
      </AppShell>
      <Palette />
    </ConnectionProvider>
  );
}
