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
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconUser,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "@ui/api/client";
import { queries } from "@ui/api/query";
import { useSpeech } from "@ui/i18n";
import { type Language, languages } from "@ui/i18n/messages";
import { keepChoice, useSession } from "@ui/session";
import { openKeys, openPalette } from "@ui/shell/dialogs";
import { Switcher } from "@ui/shell/Switcher";
import mark from "@ui/shell/mark.svg";

const schemes = [
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
  { value: "auto", icon: IconDeviceDesktop },
] as const;

function PersonMenu() {
  const { t, language, setLanguage } = useSpeech();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: session } = useSession();
  const leave = useMutation({
    mutationFn: () => api.DELETE("/api/v1/session"),
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
        <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection={<Kbd size="xs">?</Kbd>} onClick={openKeys}>
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
            onClick={() => {
              setColorScheme(value);
              keepChoice({ theme: value });
            }}
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
            onClick={() => {
              setLanguage(code as Language);
              keepChoice({ language: code as Language });
            }}
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
          styles={{ label: { flex: 1, justifyContent: "flex-start" } }}
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
