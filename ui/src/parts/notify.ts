import { notifications } from "@mantine/notifications";
import type { Translate } from "@ui/i18n";
import { sentence } from "@ui/parts/ProblemAlert";

/** Say that something was done. */
export function done(message: string): void {
  notifications.show({ message, color: "canal", withBorder: true });
}

/** Say that something was refused, in the server's words. */
export function failed(error: unknown, t: Translate): void {
  notifications.show({ title: t("shell.failed"), message: sentence(error, t), color: "red", autoClose: 12_000, withBorder: true });
}
