import { IconPlugConnected, IconProgressCheck } from "@tabler/icons-react";
import { api, data } from "@ui/api/client";
import type { FeatureUi } from "@ui/feature";
import en from "./en";
import fr from "./fr";

const feature: FeatureUi = {
  name: "replicate",
  routes: [
    { path: "/sources", right: "see", load: () => import("./Sources") },
    { path: "/sources/add", right: "configure", load: () => import("./AddSource") },
    { path: "/sources/$connectionId", right: "see", load: () => import("./Source") },
    { path: "/streams/$streamId", right: "see", load: () => import("./Stream") },
    { path: "/runs", right: "see", load: () => import("./Runs") },
    { path: "/runs/$runId", right: "see", load: () => import("./Run") },
  ],
  menu: [
    { title: "replicate.sources", path: "/sources", icon: IconPlugConnected, order: 20, right: "see" },
    { title: "replicate.runs", path: "/runs", icon: IconProgressCheck, order: 30, right: "see" },
  ],
  messages: { en, fr },
  find: async (word) => {
    const found = await data(api.GET("/api/v1/streams", { params: { query: { search: word, limit: 8 } } }));
    return found.items.map((one) => ({ title: one.table_name, kind: one.connection, path: `/streams/${one.id}` }));
  },
};

export default feature;
