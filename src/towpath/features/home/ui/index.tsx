import { IconHome } from "@tabler/icons-react";
import { api, data, type Schemas } from "@ui/api/client";
import type { FeatureUi, Finding } from "@ui/feature";

type Found = Schemas["FoundOut"];

const places = {
  connection: (one: Found) => `/sources/${one.id}`,
  stream: (one: Found) => `/streams/${one.id}`,
  table: (one: Found) => `/catalog/${one.id}`,
};

async function find(word: string): Promise<Finding[]> {
  const { items } = await data(api.GET("/api/v1/search", { params: { query: { word } } }));
  return items.map((one) => ({ title: one.title, kind: `home.found.${one.kind}`, hint: one.hint, path: places[one.kind](one) }));
}

const home: FeatureUi = {
  name: "home",
  routes: [{ path: "/", load: () => import("./HomePage") }],
  menu: [{ title: "home.menu", path: "/", icon: IconHome, order: 0 }],
  settings: [
    { name: "limits", title: "home.limits", order: 80, right: "manage_settings", load: () => import("./LimitsTab") },
    { name: "storage", title: "home.storage", order: 85, right: "manage_settings", load: () => import("./StorageTab") },
    { name: "about", title: "home.about", order: 90, load: () => import("./AboutTab") },
  ],
  find,
};

export default home;
