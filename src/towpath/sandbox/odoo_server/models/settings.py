# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Settings wizard, installing languages, members of sales teams."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns

GROUPS = {
    "group_multi_currency": "base.group_multi_currency",
    "group_product_variant": "product.group_product_variant",
    "group_uom": "uom.group_uom",
    "group_use_lead": "crm.group_use_lead",
}
"""Settings that give every internal user a group."""


class ResConfigSettings(Records, model="res.config.settings"):
    """The settings of the database."""

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """The settings as they are."""
        found = super().default_get(fields_list)
        if "company_id" in fields_list:
            found["company_id"] = self.env.company_id
        implied = self.env.sudo().ref("base.group_user").implied_ids
        for name, xmlid in GROUPS.items():
            group = self.env.ref(xmlid, raise_if_not_found=False)
            if name in fields_list and group is not None:
                found[name] = group.id in implied.ids
        return found

    def execute(self) -> dict[str, Any]:
        """Apply the settings."""
        self._one()
        user = self.env.sudo().ref("base.group_user")
        for name, xmlid in GROUPS.items():
            group = self.env.ref(xmlid, raise_if_not_found=False)
            if group is not None:
                user.write({"implied_ids": [(4 if self[name] else 3, group.id)]})
        return {"type": "ir.actions.client", "tag": "reload"}


class BaseLanguageInstall(Records, model="base.language.install"):
    """The wizard that installs languages."""

    def lang_install(self) -> dict[str, Any]:
        """Make the languages usable."""
        self._one()
        langs = self.with_context(active_test=False).lang_ids
        langs.sudo().write({"active": True})
        return {"type": "ir.actions.client", "tag": "reload_context"}


class CrmTeamMembers(Records, model="crm.team"):
    """The users of a sales team are kept as memberships."""

    def _compute_member_ids(self) -> dict[int, Any]:
        return {one.id: one.sudo().crm_team_member_ids.mapped("user_id") for one in self}

    def _search_member_ids(self, operator: str, value: Any) -> list[Any]:
        return [("crm_team_member_ids.user_id", operator, value)]

    def _inverse_member_ids(self, value: Any) -> None:
        from towpath.sandbox.odoo_server.orm.commands import linked_ids, normalized

        field = self._model.fields["member_ids"]
        commands = normalized(field, value)
        members = self.env.sudo()["crm.team.member"]
        for team in self:
            known = {one.user_id.id: one for one in team.sudo().crm_team_member_ids}
            clear = any(isinstance(one, tuple) and one and one[0] in {5, 6} for one in commands)
            wanted = set(linked_ids(commands)) | (set() if clear else set(known))
            wanted -= {one[1] for one in commands if isinstance(one, tuple) and one and one[0] in {2, 3}}
            members.create(
                [{"crm_team_id": team.id, "user_id": user} for user in sorted(wanted - set(known))]
            )
            for user, member in known.items():
                if user not in wanted:
                    member.unlink()
        self.env.forget()


class ResCountryState(Records, model="res.country.state"):
    """A state of a country."""

    def _display_names(self) -> dict[int, Any]:
        return {one.id: f"{one.name} ({one.country_id.code})" for one in self.sudo().exists()}


class UomUom(Records, model="uom.uom"):
    """A unit of measure."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make units; on 19.0 the factor follows from the unit they are measured in."""
        rows = vals_rows(vals_list)
        units = super().create(rows)
        if self.env.is19:
            units._refresh()
        return units

    def write(self, vals: Any) -> bool:
        """Change units."""
        done = super().write(vals)
        if self.env.is19 and {"relative_factor", "relative_uom_id"} & set(vals):
            self._refresh()
        return done

    def _refresh(self) -> None:
        self._store(
            {
                one.id: {
                    "factor": (one.relative_factor or 1.0)
                    * (one.relative_uom_id.factor if one.relative_uom_id else 1.0)
                }
                for one in self
            }
        )

    def _compute_factor_inv(self) -> dict[int, Any]:
        return {one.id: 1.0 / one.factor if one.factor else 0.0 for one in self}

    def _compute_ratio(self) -> dict[int, Any]:
        return {
            one.id: one.factor if one.uom_type == "smaller" else 1.0 / (one.factor or 1.0) for one in self
        }
