import { AppShell, NavLink, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { ConnectionProvider } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { useSession } from "@ui/session";
import { Dialogs } from "@ui/shell/dialogs";
import { entriesFor } from "@ui/shell/entries";
import { Header } from "@ui/shell/Header";
import { useChoices } from "@ui/shell/useChoices";
import { useGoKeys } from "@ui/shell/useGoKeys";

/** What stands around every page: the header, the menu, the palette. */
export function Shell() {
  const { t } = useSpeech();
  const { data: session, error, refetch } = useSession();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Who goes to another page by the keyboard goes on at its beginning, not in the menu.
    if (!first.current && pathname) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);
  useChoices(session);
  const here = (path: string) => (path === "/" ? pathname === "/" : pathname === path || pathname.startsWith(`${path}/`));
  const entries = useMemo(() => entriesFor(session), [session]);
  useGoKeys(entries);
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
                key={entry.path}
                component={Link}
                to={entry.path}
                onClick={close}
                active={here(entry.path)}
                aria-current={here(entry.path) ? "page" : undefined}
                label={t(entry.title)}
                mb={2}
                leftSection={<entry.icon size={19} stroke={1.6} aria-hidden />}
              />
            ))}
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="page" ref={main} tabIndex={-1} style={{ outline: "none" }}>
          {error ? <ProblemAlert error={error} retry={() => void refetch()} /> : null}
          {session ? <Outlet /> : null}
        </AppShell.Main>
      </AppShell>
      <Dialogs entries={entries} />
    </ConnectionProvider>
  );
}
