import { Button, Checkbox, PasswordInput, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { type Role, ROLES } from "./people";
import { refusal } from "./refusal";

const FIELDS = {
  oidc: ["issuer", "client_id"],
  ldap: ["host", "base", "filter", "bind_dn"],
} as const;
type Kind = keyof typeof FIELDS;

/** What most services need; the rest (groups, tenants, attributes) is set by the API or the command line. */
export function MethodForm({ finished }: { finished: () => void }) {
  const { t } = useSpeech();
  const [kind, setKind] = useState<Kind>("oidc");
  const [title, setTitle] = useState("");
  const [values, setValues] = useState<Record<string, string>>({ filter: "(uid=%s)" });
  const [secret, setSecret] = useState("");
  const [create, setCreate] = useState(false);
  const [role, setRole] = useState<string | null>("viewer");
  const make = useMutation({
    mutationFn: () => {
      const mine = Object.fromEntries(FIELDS[kind].map((name) => [name, values[name] ?? ""]));
      const config = { kind, ...mine, create_users: create, template_role: create ? (role as Role | null) : null };
      const body = { title, config, secret: secret || null } as Schemas["MethodIn"];
      return data(api.POST("/api/v1/sign-in-methods", { body }));
    },
    onSuccess: finished,
  });
  const wrong = refusal(make.error, t, {
    issuer: /issuer/i,
    client_id: /client id/i,
    host: /host|directory/i,
    base: /\bbase\b/i,
    filter: /filter/i,
    bind_dn: /bind/i,
    title: /title/i,
    secret: /secret/i,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <SegmentedControl
          aria-label={t("people.way")}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={[
            { value: "oidc", label: "OpenID Connect" },
            { value: "ldap", label: "LDAP" },
          ]}
        />
        <TextInput
          label={t("people.methodTitle")}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={wrong.at("title")}
          maxLength={60}
          required
          withAsterisk={false}
        />
        {FIELDS[kind].map((name) => (
          <TextInput
            key={name}
            label={t(`people.method.${name}`)}
            description={t(`people.method.${name}Hint`)}
            value={values[name] ?? ""}
            onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            error={wrong.at(name)}
            required={name !== "bind_dn"}
            withAsterisk={false}
            autoComplete="off"
            spellCheck={false}
          />
        ))}
        <PasswordInput
          label={t(kind === "oidc" ? "people.clientSecret" : "people.bindPassword")}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          error={wrong.at("secret")}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("people.showPassword"), tabIndex: 0 }}
        />
        <Checkbox
          label={t("people.createUsers")}
          checked={create}
          onChange={(event) => setCreate(event.currentTarget.checked)}
        />
        {create ? (
          <Select
            label={t("people.templateRole")}
            data={ROLES.map((one) => ({ value: one, label: t(`people.role.${one}`) }))}
            value={role}
            onChange={setRole}
          />
        ) : null}
        <ProblemAlert error={wrong.rest} />
        <Button type="submit" loading={make.isPending}>
          {t("people.addMethod")}
        </Button>
      </Stack>
    </form>
  );
}
