import type { FeatureUi } from "@ui/feature";

const people: FeatureUi = {
  name: "people",
  routes: [
    { path: "/sign-in", bare: true, load: () => import("./SignInPage") },
    { path: "/setup", bare: true, load: () => import("./SetUpPage") },
    { path: "/choose-password", bare: true, load: () => import("./ChoosePasswordPage") },
  ],
};

export default people;
