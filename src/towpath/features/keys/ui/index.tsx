import type { FeatureUi } from "@ui/feature";

const keys: FeatureUi = {
  name: "keys",
  settings: [
    { name: "secrets", title: "keys.title", order: 50, right: "manage_secrets", load: () => import("./SecretsTab") },
  ],
};

export default keys;
