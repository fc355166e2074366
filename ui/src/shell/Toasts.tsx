import "@mantine/notifications/styles.css";
import { MantineThemeProvider, Notification } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { useSpeech } from "@ui/i18n";

/** Where short messages about what was done appear; see `parts/notify`. */
export default function Toasts() {
  const { t } = useSpeech();
  const named = Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": t("shell.close") } } });
  return (
    <MantineThemeProvider inherit theme={{ components: { Notification: named } }}>
      <Notifications position="bottom-right" />
    </MantineThemeProvider>
  );
}
