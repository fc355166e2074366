# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Access groups: their full names, and who belongs to them by implication."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.records import Records, model, returns

__all__ = ["ResGroups"]

UP = (
    "WITH RECURSIVE held (gid, other) AS (SELECT g, g FROM unnest(%s::int4[]) g UNION "
    "SELECT h.gid, i.hid FROM held h JOIN res_groups_implied_rel i ON i.gid = h.other) "
)
DOWN = (
    "WITH RECURSIVE held (gid, other) AS (SELECT g, g FROM unnest(%s::int4[]) g UNION "
    "SELECT h.gid, i.gid FROM held h JOIN res_groups_implied_rel i ON i.hid = h.other) "
)


class ResGroups(Records, model="res.groups"):
    """A group of users."""

    _odoo_class = "ResGroups"

    @property
    def _above(self) -> str:
        """The field that says what a group belongs to: a category on 17.0, a privilege on 19.0."""
        return "privilege_id" if self.env.is19 else "category_id"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make groups; on 17.0 their users get what the groups imply."""
        found = super().create(vals_list)
        found._after_change()
        return found

    def write(self, vals: Any) -> bool:
        """Change groups; on 17.0 their users get what the groups imply."""
        if str(vals.get("name") or "").startswith("-"):
            raise UserError('The name of the group can not start with "-"')
        done = super().write(vals)
        if {"implied_ids", "users", "user_ids"} & set(vals):
            self._after_change()
        return done

    def _after_change(self) -> None:
        users = self.env.cr.execute(
            f"{DOWN}SELECT DISTINCT u.uid FROM held JOIN res_groups_users_rel u ON u.gid = held.other",
            [list(self.ids)],
        ).column()
        if users:
            self.env.sudo()["res.users"].browse(users)._after_groups()

    @model
    def name_create(self, name: Any) -> Any:
        """A group made of its name alone."""
        made = self.create({"name": name})
        return made.id, made._display_names().get(made.id)

    def _compute_full_name(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for one in self.sudo():
            above = one[self._above]
            found[one.id] = f"{above['name']} / {one['name']}" if above else one["name"]
        return found

    def _display_names(self) -> dict[int, Any]:
        return self.exists()._compute_full_name()

    def _search_full_name(self, operator: str, value: Any) -> list[Any]:
        if isinstance(value, str) and "/" in value:
            above, _, name = (part.strip() for part in value.rpartition("/"))
            return ["&", ("name", operator, name), (f"{self._above}.name", operator, above)]
        if operator.startswith(("not", "!")):
            return ["&", ("name", operator, value), (f"{self._above}.name", operator, value)]
        return ["|", ("name", operator, value), (f"{self._above}.name", operator, value)]

    def _search_display_name(self, operator: str, value: Any) -> list[Any]:
        return self._search_full_name(operator, value)

    def _pairs(self, query: str) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {one: [] for one in self.ids}
        for group, other in self.env.cr.execute(query, [list(self.ids)]).fetchall():
            found[group].append(other)
        return found

    def _compute_trans_implied_ids(self) -> dict[int, Any]:
        return dict(self._pairs(f"{UP}SELECT gid, other FROM held WHERE gid <> other ORDER BY other"))

    def _compute_all_implied_ids(self) -> dict[int, Any]:
        return dict(self._pairs(f"{UP}SELECT gid, other FROM held ORDER BY other"))

    def _compute_all_implied_by_ids(self) -> dict[int, Any]:
        return dict(self._pairs(f"{DOWN}SELECT gid, other FROM held ORDER BY other"))

    def _compute_all_user_ids(self) -> dict[int, Any]:
        return dict(
            self._pairs(
                f"{DOWN}SELECT DISTINCT held.gid, u.uid FROM held JOIN res_groups_users_rel u ON u.gid = held.other "
                "JOIN res_users s ON s.id = u.uid AND s.active ORDER BY 1, 2"
            )
        )

    def _compute_all_users_count(self) -> dict[int, Any]:
        return {one: len(users) for one, users in self._compute_all_user_ids().items()}

    def _search_all_user_ids(self, operator: str, value: Any) -> list[Any]:
        users = [value] if isinstance(value, int) else list(value or ())
        groups = (
            self.env.sudo()["res.users"]
            .browse(users)
            .mapped("all_group_ids" if self.env.is19 else "groups_id")
        )
        return [("id", "not in" if operator in {"!=", "not in"} else "in", list(groups.ids))]
