import { Accordion, Button, Checkbox, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { api, data, type Schemas } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { refusal } from "./refusal";
import {
  Companies,
  DirectoryGroups,
  DirectoryMore,
  Finding,
  Issuer,
  IssuerGroups,
  IssuerMore,
  Place,
  SecretField,
} from "./WayFields";
import { tenantOf, useGuide, WayGuide } from "./WayGuide";
import classes from "./WayGuide.module.css";
import { GroupRoles, WhoComes } from "./WayPeople";
import { beginnings, type Config, type Kind, KINDS, type Ldap, type Method, type Oidc } from "./ways";

/** Fields by what the server's sentence says, where it names none. */
const SAID = {
  issuer: /issuer/i,
  domains: /workspace domains/i,
  host: /host|directory/i,
  base: /\bbase\b/i,
  filter: /filter/i,
  title: /title|called/i,
};

function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section">
      <div>
        <Text fw={650} component="h3" m={0}>
          {title}
        </Text>
        {hint ? (
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        ) : null}
      </div>
      {children}
    </Stack>
  );
}

interface Props {
  /** The way that is changed, with the mark of the state that is shown; none: a new one. */
  known?: { method: Method; mark: string };
  finished: (method: Method) => void;
}

/** All settings of a way to sign in: where it is, who may come, which roles groups give. */
export function MethodForm({ known, finished }: Props) {
  const { t } = useSpeech();
  const [kind, setKind] = useState<Kind>(known?.method.provider ?? "entra");
  const [title, setTitle] = useState(known?.method.title ?? beginnings.entra.title);
  const [config, setConfig] = useState<Config>((known?.method.config as Config | undefined) ?? beginnings.entra.config);
  const [tenant, setTenant] = useState(config.kind === "oidc" && kind === "entra" ? tenantOf(config.issuer) : "");
  // Null: it stays as it is; empty: it is removed.
  const [secret, setSecret] = useState<string | null>(null);
  const change = (news: Partial<Config>) => setConfig((before) => ({ ...before, ...news }) as Config);
  const keep = useMutation({
    mutationFn: () => {
      const body = { title, config: config as Schemas["MethodIn"]["config"], secret };
      if (!known) return data(api.POST("/api/v1/sign-in-methods", { body }));
      const params = { path: { method_id: known.method.id }, header: { "If-Match": known.mark } };
      return data(api.PATCH("/api/v1/sign-in-methods/{method_id}", { params, body }));
    },
    onSuccess: finished,
  });
  const wrong = refusal(keep.error, t, SAID);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  const begin = (value: string) => {
    const next = value as Kind;
    if (!title || title === beginnings[kind].title) setTitle(beginnings[next].title);
    setConfig(beginnings[next].config);
    setKind(next);
    setTenant("");
  };
  const oidc = config.kind === "oidc" ? { config, change: (news: Partial<Oidc>) => change(news), wrong: wrong.at } : null;
  const ldap = config.kind === "ldap" ? { config, change: (news: Partial<Ldap>) => change(news), wrong: wrong.at } : null;
  const guide = useGuide({ provider: kind, tenant, methodId: known?.method.id, issuer: (issuer) => change({ issuer }) });
  return (
    <form onSubmit={submit} className={classes.beside}>
      {known ? null : (
        <SegmentedControl
          mb="lg"
          fullWidth
          aria-label={t("people.way")}
          value={kind}
          onChange={begin}
          data={KINDS.map((one) => ({ value: one, label: t(`people.kind.${one}`) }))}
        />
      )}
      <div className={classes.columns}>
        <WayGuide {...guide} opened={!known} />
        <Stack gap="xl">
          <Section title={t(oidc ? "people.wayIssuer" : "people.wayDirectory")}>
            <TextInput
              label={t("people.methodTitle")}
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
              error={wrong.at("title")}
              maxLength={60}
              required
              withAsterisk={false}
            />
            {oidc ? <Issuer {...oidc} tenant={kind === "entra" && guide.audience === "staff" ? { tenant, setTenant } : null} /> : null}
            {ldap ? <Place {...ldap} /> : null}
            <SecretField
              label={t(oidc ? "people.clientSecret" : "people.bindPassword")}
              isSet={Boolean(known?.method.secret_set_at)}
              // A directory's searching user has a password; only who searches without a name does without.
              without={oidc ? t("people.withoutSecret") : ldap?.config.bind_dn ? null : t("people.withoutPassword")}
              value={secret}
              change={setSecret}
              wrong={wrong.at("secret")}
            />
            {ldap ? <Finding {...ldap} /> : null}
          </Section>
          <Section title={t("people.whoComes")}>
            {oidc ? <Companies {...oidc} /> : null}
            <WhoComes config={config} change={change} />
          </Section>
          <Section title={t("people.mapping")} hint={t("people.mappingHint")}>
            {oidc ? <IssuerGroups {...oidc} /> : null}
            {ldap ? <DirectoryGroups {...ldap} /> : null}
            <GroupRoles config={config} change={change} />
          </Section>
          {oidc ? (
            <Section title={t("people.codes")} hint={t("people.secondFactorLead")}>
              <Checkbox
                label={t("people.asksSecondFactor")}
                description={t("people.asksSecondFactorHint")}
                checked={oidc.config.asks_second_factor}
                onChange={(event) => change({ asks_second_factor: event.currentTarget.checked })}
              />
            </Section>
          ) : null}
          <Accordion variant="separated">
            <Accordion.Item value="more">
              <Accordion.Control>{t("people.moreSettings")}</Accordion.Control>
              <Accordion.Panel>
                <Stack gap="sm">
                  {oidc ? <IssuerMore {...oidc} /> : null}
                  {ldap ? <DirectoryMore {...ldap} /> : null}
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
          <ProblemAlert error={wrong.rest} />
          <Button type="submit" loading={keep.isPending}>
            {t(known ? "shell.save" : "people.addMethod")}
          </Button>
        </Stack>
      </div>
    </form>
  );
}
