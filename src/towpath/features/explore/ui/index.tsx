import { IconDatabaseSearch, IconTerminal2 } from "@tabler/icons-react";
import { api, data } from "@ui/api/client";
import type { FeatureUi } from "@ui/feature";
import en from "./messages.en";
import fr from "./messages.fr";

const explore: FeatureUi = {
  name: "explore",
  routes: [
    { path: "/catalog", load: () => import("./CatalogPage"), right: "see" },
    { path: "/catalog/$table", load: () => import("./TablePage"), right: "see" },
    { path: "/explore", load: () => import("./ExplorerPage"), right: "read_data" },
  ],
  menu: [
    { title: "explore.catalog", path: "/catalog", icon: IconDatabaseSearch, order: 40, right: "see" },
    { title: "explore.explorer", path: "/explore", icon: IconTerminal2, order: 50, right: "read_data" },
  ],
  messages: { en, fr },
  find: async (word) => {
    const found = await data(api.GET("/api/v1/catalog", { params: { query: { search: word, limit: 8 } } }));
    return found.items.map((table) => ({
      title: table.path,
      kind: "explore.table",
      path: `/catalog/${table.id}`,
    }));
  },
};

export default explore;
