import { IconHome } from "@tabler/icons-react";
import type { FeatureUi } from "@ui/feature";
import en from "./en";
import fr from "./fr";

const home: FeatureUi = {
  name: "home",
  routes: [{ path: "/", load: () => import("./HomePage") }],
  menu: [{ title: "home.menu", path: "/", icon: IconHome, order: 0 }],
  settings: [
    { name: "limits", title: "home.limits", order: 80, right: "manage_settings", load: () => import("./LimitsTab") },
    { name: "storage", title: "home.storage", order: 85, right: "manage_settings", load: () => import("./StorageTab") },
    { name: "about", title: "home.about", order: 90, load: () => import("./AboutTab") },
  ],
  messages: { en, fr },
};

export default home;
