import type { FeatureUi } from "@ui/feature";

const found = import.meta.glob<{ default: FeatureUi }>("../../src/towpath/features/*/ui/index.tsx", { eager: true });

/** All features that have pages, found by their folders. */
export const features: FeatureUi[] = Object.keys(found)
  .sort()
  .map((path) => found[path]?.default)
  .filter((one): one is FeatureUi => one !== undefined);
