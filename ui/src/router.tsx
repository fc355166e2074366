import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { features } from "@ui/features";
import { NotFound } from "@ui/shell/NotFound";
import { Shell } from "@ui/shell/Shell";

const rootRoute = createRootRoute({ notFoundComponent: NotFound });
const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Shell });
const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings/$tab",
  component: lazyRouteComponent(() => import("@ui/shell/SettingsPage")),
});

const pages = features.flatMap((feature) => feature.routes ?? []);
const route = (parent: typeof rootRoute | typeof shellRoute) => (page: (typeof pages)[number]) =>
  createRoute({
    getParentRoute: () => parent as typeof rootRoute,
    path: page.path,
    component: lazyRouteComponent(page.load),
  });

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...pages.filter((page) => page.bare).map(route(rootRoute)),
    shellRoute.addChildren([settingsRoute, ...pages.filter((page) => !page.bare).map(route(shellRoute))]),
  ]),
  defaultPreload: "intent",
});
