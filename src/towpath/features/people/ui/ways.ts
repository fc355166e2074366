import type { Schemas } from "@ui/api/client";

export type Method = Schemas["MethodSettingsOut"];
export type Oidc = Required<Extract<Method["config"], { kind: "oidc" }>>;
export type Ldap = Required<Extract<Method["config"], { kind: "ldap" }>>;
export type Config = Oidc | Ldap;
export type Mapping = Config["mapping"][number];

/** What a new way begins as. Entra and Google are OpenID issuers with one thing or the other known. */
export type Kind = "entra" | "google" | "oidc" | "ldap";
export const KINDS: Kind[] = ["entra", "google", "oidc", "ldap"];

const shared = {
  create_users: false,
  template_role: null,
  template_connection_id: null,
  mapping: [],
  link_by_email: false,
} as const;

const oidc: Oidc = {
  ...shared,
  mapping: [],
  kind: "oidc",
  issuer: "",
  client_id: "",
  scopes: "openid profile email",
  groups_claim: "groups",
  asks_second_factor: false,
  acr_values: [],
  tenants: [],
  domains: [],
};

const ldap: Ldap = {
  ...shared,
  mapping: [],
  kind: "ldap",
  host: "",
  port: 636,
  tls: "ldaps",
  ca: "",
  bind_dn: "",
  base: "",
  filter: "(uid=%s)",
  name_attribute: "cn",
  email_attribute: "mail",
  group_base: "",
  group_filter: "",
};

export const beginnings: Record<Kind, { title: string; config: Config }> = {
  entra: { title: "Microsoft", config: { ...oidc, groups_claim: "roles" } },
  google: { title: "Google", config: { ...oidc, issuer: "https://accounts.google.com" } },
  oidc: { title: "", config: oidc },
  ldap: { title: "", config: ldap },
};

/** The port that a directory listens on by the book. */
export const PORTS = { ldaps: 636, starttls: 389 } as const;
