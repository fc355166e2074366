import { Checkbox, Group, NumberInput, PasswordInput, SegmentedControl, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useSpeech } from "@ui/i18n";
import { type Ldap, type Oidc, PORTS } from "./ways";

/** What a refusal says of one field. */
export type Wrong = (field: string) => string | undefined;

interface Props<T> {
  config: T;
  change: (news: Partial<T>) => void;
  wrong: Wrong;
}

type Texts<T> = { [K in keyof T]: T[K] extends string ? K : never }[keyof T] & string;

/** A field for one text of the settings, with what it is and how it looks. */
function Field<T extends Oidc | Ldap>({
  config,
  change,
  wrong,
  name,
  required = false,
  placeholder,
}: Props<T> & { name: Texts<T>; required?: boolean; placeholder?: string }) {
  const { t } = useSpeech();
  return (
    <TextInput
      label={t(`people.method.${name}`)}
      description={t(`people.method.${name}Hint`)}
      placeholder={placeholder}
      value={String(config[name])}
      onChange={(event) => change({ [name]: event.currentTarget.value } as unknown as Partial<T>)}
      error={wrong(name)}
      required={required}
      withAsterisk={false}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
    />
  );
}

/** A list of short texts: each is ended by Enter or a comma. */
function Words({
  name,
  value,
  change,
  wrong,
}: {
  name: string;
  value: string[];
  change: (value: string[]) => void;
  wrong: Wrong;
}) {
  const { t } = useSpeech();
  return (
    <TagsInput
      label={t(`people.method.${name}`)}
      description={t(`people.method.${name}Hint`)}
      value={value}
      onChange={change}
      error={wrong(name)}
      acceptValueOnBlur
      clearButtonProps={{ "aria-label": t("shell.remove") }}
    />
  );
}

/** Where an OpenID issuer is, and what it calls this Towpath. */
export function Issuer({
  tenant,
  ...props
}: Props<Oidc> & {
  /** Of Entra, from which the address follows. */
  tenant: { tenant: string; setTenant: (tenant: string) => void } | null;
}) {
  const { t } = useSpeech();
  return (
    <>
      {tenant ? (
        <TextInput
          label={t("people.tenantId")}
          description={t("people.tenantIdHint")}
          value={tenant.tenant}
          onChange={(event) => tenant.setTenant(event.currentTarget.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      ) : null}
      <Field
        {...props}
        name="issuer"
        required
        placeholder={tenant ? "https://login.microsoftonline.com/…/v2.0" : "https://login.example.com"}
      />
      <Field {...props} name="client_id" required />
    </>
  );
}

const GOOGLE = "accounts.google.com";
const MANY_TENANTS = /\/(common|organizations)\//;

/** Whose people may come, where anybody in the world has an account at the issuer. */
export function Companies({ config, change, wrong }: Props<Oidc>) {
  return (
    <>
      {config.issuer.includes(GOOGLE) || config.domains.length ? (
        <Words name="domains" value={config.domains} change={(domains) => change({ domains })} wrong={wrong} />
      ) : null}
      {MANY_TENANTS.test(`${config.issuer}/`) || config.tenants.length ? (
        <Words name="tenants" value={config.tenants} change={(tenants) => change({ tenants })} wrong={wrong} />
      ) : null}
    </>
  );
}

/** What an OpenID issuer is asked for. */
export function IssuerMore({ config, change, wrong }: Props<Oidc>) {
  return (
    <>
      <Words name="acr_values" value={config.acr_values} change={(acr_values) => change({ acr_values })} wrong={wrong} />
      <Field config={config} change={change} wrong={wrong} name="scopes" required />
    </>
  );
}

/** Which claim lists a person's groups. */
export function IssuerGroups(props: Props<Oidc>) {
  return <Field {...props} name="groups_claim" required />;
}

/** Where a directory is, and how the way to it is protected. */
export function Place({ config, change, wrong }: Props<Ldap>) {
  const { t } = useSpeech();
  return (
    <>
      <Stack gap={4}>
        <Text size="sm" fw={500} id="way-tls">
          {t("people.method.tls")}
        </Text>
        <SegmentedControl
          aria-labelledby="way-tls"
          value={config.tls}
          onChange={(value) => {
            const tls = value as Ldap["tls"];
            // A port that somebody chose stays.
            change({ tls, port: config.port === PORTS[config.tls] ? PORTS[tls] : config.port });
          }}
          data={[
            { value: "ldaps", label: "LDAPS" },
            { value: "starttls", label: "StartTLS" },
          ]}
        />
      </Stack>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Field config={config} change={change} wrong={wrong} name="host" required placeholder="ldap.example.com" />
        <NumberInput
          label={t("people.method.port")}
          description={t("people.method.portHint")}
          value={config.port}
          onChange={(value) => change({ port: Number(value) })}
          error={wrong("port")}
          min={1}
          max={65535}
          allowDecimal={false}
          hideControls
          required
          withAsterisk={false}
        />
      </Group>
      <Textarea
        label={t("people.method.ca")}
        description={t("people.method.caHint")}
        placeholder="-----BEGIN CERTIFICATE-----"
        value={config.ca}
        onChange={(event) => change({ ca: event.currentTarget.value })}
        error={wrong("ca")}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
      />
      <Field config={config} change={change} wrong={wrong} name="bind_dn" />
    </>
  );
}

/** How a directory finds a person. */
export function Finding(props: Props<Ldap>) {
  return (
    <>
      <Field {...props} name="base" required placeholder="dc=example,dc=com" />
      <Field {...props} name="filter" required />
    </>
  );
}

/** How a directory finds the groups of a person. */
export function DirectoryGroups(props: Props<Ldap>) {
  return (
    <>
      <Field {...props} name="group_filter" placeholder="(member=%s)" />
      <Field {...props} name="group_base" />
    </>
  );
}

/** The attributes that a person's name and address stand in. */
export function DirectoryMore(props: Props<Ldap>) {
  return (
    <>
      <Field {...props} name="name_attribute" required />
      <Field {...props} name="email_attribute" required />
    </>
  );
}

/** The secret of a way: typed anew, left as it is, or removed. */
export function SecretField({
  label,
  isSet,
  without,
  value,
  change,
  wrong,
}: {
  label: string;
  isSet: boolean;
  /** How it does without a secret; null: it can not. */
  without: string | null;
  /** Null: it stays as it is; empty: it is removed. */
  value: string | null;
  change: (value: string | null) => void;
  wrong?: string;
}) {
  const { t } = useSpeech();
  const removed = isSet && value === "";
  return (
    <Stack gap="xs">
      <PasswordInput
        label={label}
        description={isSet ? t("people.secretStays") : undefined}
        value={value ?? ""}
        onChange={(event) => change(event.currentTarget.value || null)}
        error={wrong}
        disabled={removed}
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-label": t("people.showPassword"), tabIndex: 0 }}
      />
      {isSet && without ? (
        <Checkbox label={without} checked={removed} onChange={(event) => change(event.currentTarget.checked ? "" : null)} />
      ) : null}
    </Stack>
  );
}
