import { IconPlugConnected, IconProgressCheck } from "@tabler/icons-react";
import type { FeatureUi } from "@ui/feature";

const feature: FeatureUi = {
  name: "replicate",
  routes: [
    { path: "/sources", right: "see", load: () => import("./Sources") },
    { path: "/sources/add", right: "configure", load: () => import("./AddSource") },
    { path: "/sources/$connectionId", right: "see", load: () => import("./Source") },
    { path: "/streams/$streamId", right: "see", load: () => import("./Stream") },
    { path: "/runs", right: "see", load: () => import("./Runs") },
    { path: "/runs/$runId", right: "see", load: () => import("./Run") },
    { path: "/batches", right: "see", load: () => import("./Batches") },
    { path: "/batches/$number", right: "see", load: () => import("./Batch") },
  ],
  menu: [
    { title: "replicate.sources", path: "/sources", icon: IconPlugConnected, order: 10, right: "see" },
    { title: "replicate.runs", path: "/runs", icon: IconProgressCheck, order: 20, right: "see" },
  ],
};

export default feature;
