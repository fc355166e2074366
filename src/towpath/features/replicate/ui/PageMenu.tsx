import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useSpeech } from "@ui/i18n";
import { useConfirm } from "@ui/parts/confirm";

interface Action {
  label: string;
  disabled: boolean;
  run: () => void;
}

interface Props {
  actions: Action[];
  /** Takes away what the page is about, after a question. */
  remove: { title: string; body: string; disabled: boolean; run: () => Promise<unknown> };
}

/** What else can be done with what a page is about. */
export function PageMenu({ actions, remove }: Props) {
  const { t } = useSpeech();
  const { ask, dialog } = useConfirm();
  const { disabled, ...question } = remove;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t("shell.more")}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {actions.map((one) => (
            <Menu.Item key={one.label} disabled={one.disabled} onClick={one.run}>
              {one.label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            color="var(--mantine-color-error)"
            disabled={disabled}
            onClick={() => ask({ ...question, action: t("shell.remove"), danger: true })}
          >
            {t("shell.remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog}
    </>
  );
}
