import { IconListSearch } from "@tabler/icons-react";
import type { FeatureUi } from "@ui/feature";

const audit: FeatureUi = {
  name: "audit",
  routes: [{ path: "/logs", right: "read_audit", load: () => import("./LogsPage") }],
  menu: [{ title: "audit.menu", path: "/logs", icon: IconListSearch, order: 50, right: "read_audit" }],
};

export default audit;
