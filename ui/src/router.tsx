import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import type { FeatureRoute } from "@ui/feature";
import { features } from "@ui/features";
import { Broken } from "@ui/shell/Broken";
import { guarded } from "@ui/shell/Guarded";
import { NotFound } from "@ui/shell/NotFound";
import { Shell } from "@ui/shell/Shell";

const rootRoute = createRootRoute({ notFoundComponent: NotFound });
const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Shell, notFoundComponent: NotFound });
const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/$tab",
  component: lazyRouteComponent(() => import("@ui/shell/SettingsPage")),
});
const anySettingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  // The page chooses the first tab that the person may see.
  beforeLoad: () => {
    throw redirect({ to: "/settings/$tab", params: { tab: "first" } });
  },
});
// Inside the shell, so that whoever is lost still has the menu.
const lostRoute = createRoute({ getParentRoute: () => shellRoute, path: "$", component: NotFound });

const pages = features.flatMap((feature) => feature.routes ?? []);

function route(parent: typeof rootRoute | typeof shellRoute) {
  return (page: FeatureRoute) => {
    const Page = lazyRouteComponent(page.load);
    return createRoute({
      getParentRoute: () => parent as typeof rootRoute,
      path: page.path,
      component: page.right ? guarded(Page, page.right) : Page,
    });
  };
}

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...pages.filter((page) => page.bare).map(route(rootRoute)),
    shellRoute.addChildren([
      anySettingsRoute,
      settingsRoute,
      lostRoute,
      ...pages.filter((page) => !page.bare).map(route(shellRoute)),
    ]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});
