import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { done } from "@ui/parts/notify";
import { Panel } from "@ui/parts/Panel";
import { ProblemAlert } from "@ui/parts/ProblemAlert";
import { Methods } from "./Methods";
import { type Role, ROLES } from "./people";

function CodePolicy({ first }: { first: Role[] }) {
  const { t } = useSpeech();
  const cache = useQueryClient();
  const [roles, setRoles] = useState<string[]>(first);
  const keep = useMutation({
    mutationFn: () => data(api.PUT("/api/v1/sign-in/policy", { body: { code_roles: roles as Role[] } })),
    onSuccess: (kept) => {
      cache.setQueryData(["sign-in", "policy"], kept);
      done(t("people.kept"));
    },
  });
  const all = roles.length === ROLES.length;
  const same = roles.length === first.length && first.every((one) => roles.includes(one));
  return (
    <Stack>
      <Checkbox
        label={t("people.everybody")}
        checked={all}
        indeterminate={roles.length > 0 && !all}
        onChange={() => setRoles(all ? [] : [...ROLES])}
      />
      <Checkbox.Group value={roles} onChange={setRoles} aria-label={t("people.codesFor")}>
        <Stack gap={10} ps="lg">
          {ROLES.map((role) => (
            <Checkbox key={role} value={role} label={t(`people.role.${role}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <ProblemAlert error={keep.error} />
      <Group>
        <Button onClick={() => keep.mutate()} loading={keep.isPending} disabled={same}>
          {t("shell.save")}
        </Button>
      </Group>
    </Stack>
  );
}

/** How people sign in: the ways beside the password, and of whom one-time codes are asked for. */
export default function SignInTab() {
  const { t } = useSpeech();
  const policy = useQuery({ queryKey: ["sign-in", "policy"], queryFn: () => data(api.GET("/api/v1/sign-in/policy")) });
  return (
    <Stack gap="lg" maw="58rem">
      <Panel title={t("people.codesFor")} hint={t("people.codesForLead")}>
        <Loaded query={policy}>{({ code_roles }) => <CodePolicy first={code_roles} />}</Loaded>
      </Panel>
      <Methods />
    </Stack>
  );
}
