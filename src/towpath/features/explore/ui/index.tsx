import { IconDatabaseSearch, IconTerminal2 } from "@tabler/icons-react";
import type { FeatureUi } from "@ui/feature";

const explore: FeatureUi = {
  name: "explore",
  routes: [
    { path: "/catalog", load: () => import("./CatalogPage"), right: "see" },
    { path: "/catalog/$table", load: () => import("./TablePage"), right: "see" },
    { path: "/explore", load: () => import("./ExplorerPage"), right: "read_data" },
  ],
  menu: [
    { title: "explore.catalog", path: "/catalog", icon: IconDatabaseSearch, order: 30, right: "see" },
    { title: "explore.explorer", path: "/explore", icon: IconTerminal2, order: 40, right: "read_data" },
  ],
};

export default explore;
