import "@mantine/notifications/styles.css";
import { Notifications } from "@mantine/notifications";

/** Where short messages about what was done appear; see `parts/notify`. */
export default function Toasts() {
  return <Notifications position="bottom-right" />;
}
