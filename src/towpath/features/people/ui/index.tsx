import type { FeatureUi } from "@ui/feature";

const people: FeatureUi = {
  name: "people",
  routes: [
    { path: "/sign-in", bare: true, load: () => import("./SignInPage") },
    { path: "/setup", bare: true, load: () => import("./SetUpPage") },
    { path: "/choose-password", bare: true, load: () => import("./ChoosePasswordPage") },
    { path: "/account", load: () => import("./AccountPage") },
  ],
  settings: [
    { name: "people", title: "people.people", order: 10, right: "manage_people", load: () => import("./PeopleTab") },
    { name: "groups", title: "people.groups", order: 15, right: "manage_people", load: () => import("./GroupsTab") },
    { name: "roles", title: "people.roles", order: 20, load: () => import("./RolesTab") },
    { name: "sign-in", title: "people.signInTab", order: 25, right: "manage_people", load: () => import("./SignInTab") },
    { name: "tokens", title: "people.tokens", order: 30, right: "manage_people", load: () => import("./TokensTab") },
  ],
};

export default people;
