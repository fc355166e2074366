import { Stack, Table, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconMinus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@ui/api/client";
import { useSpeech } from "@ui/i18n";
import { Loaded } from "@ui/parts/Loaded";
import { Panel } from "@ui/parts/Panel";
import classes from "./RolesTab.module.css";

/** All roles and the rights they have: the table that the server goes by. */
export default function RolesTab() {
  const { t } = useSpeech();
  const table = useQuery({ queryKey: ["roles"], queryFn: () => data(api.GET("/api/v1/roles")), staleTime: 300_000 });
  return (
    <Loaded query={table}>
      {({ roles, rights }) => (
        <Stack gap="lg">
          <Panel title={t("people.roles")} hint={t("people.rolesLead")}>
            <dl className={classes.role}>
              {roles.map(({ role }) => [
                <dt key={role}>{t(`people.role.${role}`)}</dt>,
                <dd key={`${role}.for`}>{t(`people.role.${role}.for`)}</dd>,
              ])}
            </dl>
          </Panel>
          <Panel title={t("people.matrix")} hint={t("people.matrixLead")} flush>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys */}
            <section className={classes.scroll} tabIndex={0} aria-label={t("people.matrix")}>
              <Table className={classes.matrix}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th scope="col">{t("people.mayDo")}</Table.Th>
                    {roles.map(({ role }) => (
                      <Table.Th key={role} scope="col">
                        {t(`people.role.${role}`)}
                      </Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rights.map((one) => (
                    <Table.Tr key={one.right}>
                      <Table.Th scope="row" fw={450}>
                        {t(`people.right.${one.right}`)}
                      </Table.Th>
                      {roles.map(({ role }) => {
                        const has = one.roles.includes(role);
                        return (
                          <Table.Td key={role}>
                            {has ? (
                              <IconCheck size={18} stroke={2.2} color="var(--towpath-good)" aria-hidden />
                            ) : (
                              <IconMinus size={16} color="var(--mantine-color-default-border)" aria-hidden />
                            )}
                            <VisuallyHidden>{t(has ? "people.yes" : "people.no")}</VisuallyHidden>
                          </Table.Td>
                        );
                      })}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </section>
          </Panel>
        </Stack>
      )}
    </Loaded>
  );
}
