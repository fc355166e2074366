import {
  ActionIcon,
  Avatar,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from "@mantine/core";
import {
  IconDatabase,
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSelector,
  IconSun,
  IconUser,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "@ui/api/query";
import { useConnection } from "@ui/connection";
import { useSpeech } from "@ui/i18n";
import { type Language, languages } from "@ui/i18n/messages";
import { useSession } from "@ui/session";
import { openKeys, openPalette } from "@ui/shell/dialogs";
import mark from "@ui/shell/mark.svg";

const schemes = [
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
  { value: "auto", icon: IconDeviceDesktop },
] as const;

/** Which connection the pages show. */
function Switcher() {
  const { t } = useSpeech();
  const { connection, connections, choose } = useConnection();
  if (connections.length === 0) return null;
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          c="var(--mantine-color-text)"
          px="xs"
          maw={{ base: 150, xs: 260 }}
          leftSection={<IconDatabase size={18} stroke={1.6} aria-hidden />}
          rightSection={<IconSelector size={14} aria-hidden />}
        >
          <VisuallyHidden>{t("shell.switchConnection")}: </VisuallyHidden>
          <Text span truncate fw={550}>
            {connection?.name ?? t("shell.allConnections")}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => choose(null)} rightSection={connection ? null : <IconCheck size={16} />}>
          {t("shell.allConnections")}
        </Menu.Item>
        {connections.map((one) => (
          <Menu.Item key={one.id} onClick={() => choose(one.id)} rightSection={connection?.id === one.id ? <IconCheck size={16} /> : null}>
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PersonMenu() {
  const { t, language, setLanguage } = useSpeech();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: session } = useSession();
  const leave = useMutation({
    mutationFn: () => fetch("/api/v1/session", { method: "DELETE", headers: { "X-Towpath": "1" } }),
    onSettled: () => {
      queries.clear();
      window.location.assign("/sign-in");
    },
  });
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton>
          <Avatar name={session?.name ?? ""} color="canal" size={34} radius="xl" />
          <VisuallyHidden>{t("shell.person", { name: session?.name ?? "" })}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session?.name}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} />}>
          {t("shell.account")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection={<Kbd size="xs">Ctrl /</Kbd>} onClick={openKeys}>
          {t("shell.keys")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("shell.look")}</Menu.Label>
        {schemes.map(({ value, icon: Icon }) => (
          <Menu.Item
            key={value}
            closeMenuOnClick={false}
            leftSection={<Icon size={16} />}
            rightSection={colorScheme === value ? <IconCheck size={16} aria-label={t("shell.chosen")} /> : null}
            onClick={() => setColorScheme(value)}
          >
            {t(`shell.look.${value}`)}
          </Menu.Item>
        ))}
        <Menu.Label>{t("shell.language")}</Menu.Label>
        {Object.entries(languages).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            closeMenuOnClick={false}
            leftSection={<IconLanguage size={16} />}
            rightSection={language === code ? <IconCheck size={16} aria-label={t("shell.chosen")} /> : null}
            onClick={() => setLanguage(code as Language)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()}>
          {t("shell.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function Header({ opened, toggle }: { opened: boolean; toggle: () => void }) {
  const { t } = useSpeech();
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t("shell.menu")} aria-expanded={opened} />
        <UnstyledButton component={Link} to="/" aria-label={t("shell.toHome")}>
          <Group gap={10} wrap="nowrap">
            <img src={mark} width={28} height={28} alt="" />
            <Text fw={650} fz="lg" visibleFrom="xs">
              {t("shell.name")}
            </Text>
          </Group>
        </UnstyledButton>
        <Switcher />
      </Group>
      <Group gap="sm" wrap="nowrap">
        <Button
          visibleFrom="md"
          variant="default"
          c="dimmed"
          fw={400}
          w={240}
          justify="space-between"
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<Kbd size="xs">Ctrl K</Kbd>}
          onClick={openPalette}
        >
          {t("shell.search")}
        </Button>
        <Tooltip label={t("shell.search")}>
          <ActionIcon hiddenFrom="md" variant="subtle" color="gray" size="lg" onClick={openPalette} aria-label={t("shell.search")}>
            <IconSearch size={20} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <PersonMenu />
      </Group>
    </Group>
  );
}
