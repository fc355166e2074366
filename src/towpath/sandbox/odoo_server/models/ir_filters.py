# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Saved searches: own ones, and ones shared with everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns, versions

__all__ = ["IrFilters"]

TAKEN = (
    "The operation cannot be completed: duplicate key value violates unique constraint "
    "\"ir_filters_name_model_uid_unique_action_index\"\nDETAIL:  Key (model_id, COALESCE(user_id, '-1'::integer), "
    "COALESCE(action_id, '-1'::integer), lower(name::text))=({}, {}, {}, {}) already exists."
)
SHOWN = ("name", "is_default", "domain", "context", "sort")


class IrFilters(Records, model="ir.filters"):
    """A saved search."""

    _odoo_class = "IrFilters"
    _field_overrides: ClassVar[dict[str, dict[str, Any]]] = {"model_id": {"selection": []}}

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Save searches; on 17.0 for the caller unless told otherwise, and each name once."""
        rows = vals_rows(vals_list)
        if self.env.is19:
            return super().create(rows)
        for vals in rows:
            name = vals.get("model_id")
            if name and name not in self.env.registry:
                raise ValueError(f"Wrong value for ir.filters.model_id: {name!r}")
        found = super().create([{"user_id": self.env.uid, **vals} for vals in rows])
        found._check_unique()
        return found

    def write(self, vals: Any) -> bool:
        """Change saved searches."""
        done = super().write(vals)
        if not self.env.is19 and {"name", "model_id", "user_id", "action_id"} & set(vals):
            self._check_unique()
        return done

    def _check_unique(self) -> None:
        for one in self.sudo():
            key = [
                one["model_id"],
                one["user_id"].id or -1,
                one["action_id"].id or -1,
                (one["name"] or "").lower(),
            ]
            row = self.env.cr.execute(
                "SELECT 1 FROM ir_filters WHERE model_id = %s AND COALESCE(user_id, -1) = %s "
                "AND COALESCE(action_id, -1) = %s AND lower(name) = %s AND id <> %s",
                [*key, one.id],
            ).fetchone()
            if row:
                raise ValidationError(TAKEN.format(*key))

    def _selection_model_id(self) -> list[list[str]]:
        models = self.env.registry.models.values()
        return [[one.name, one.description] for one in sorted(models, key=lambda one: one.name)]

    @model
    def get_filters(self, model: Any, action_id: Any = None, *_embedded: Any) -> list[dict[str, Any]]:
        """The searches of a model that the caller sees: own and shared ones."""
        mine = "user_ids" if self.env.is19 else "user_id"
        own: list[Any] = [("user_id", "in", [self.env.uid, False])]
        if self.env.is19:
            own = ["|", ("user_ids", "=", False), ("user_ids", "in", [self.env.uid])]
        domain: list[Any] = [("model_id", "=", model), ("action_id", "in", [action_id or False, False]), *own]
        found = self.sudo().search(domain)
        names = [*SHOWN, mine]
        rows: list[dict[str, Any]] = found.read([name for name in names if name in self._model.fields])
        return rows

    @model
    @versions("17.0")
    def create_or_replace(self, vals: Any) -> Self:
        """Save a search under a name, in place of one of that name; a new default takes the place of the old."""
        user = vals.get("user_id")
        domain = [("model_id", "=", vals["model_id"]), ("action_id", "=", vals.get("action_id") or False)]
        same = self.search([*domain, ("user_id", "=", user or False)])
        if vals.get("is_default"):
            self._replace_default(vals, same)
        found = same.filtered(lambda one: one["name"].lower() == str(vals["name"]).lower())
        if found:
            found.write(vals)
            first: Self = found[:1]
            return first
        return self.create(vals)

    def _replace_default(self, vals: Mapping[str, Any], same: Any) -> None:
        defaults = same.filtered(lambda one: one["is_default"])
        if vals.get("user_id"):
            defaults.write({"is_default": False})
            return
        others = defaults.filtered(lambda one: one["name"] != vals["name"])
        if others:
            raise UserError(
                f"There is already a shared filter set as default for {vals['model_id']}, delete or change it before "
                "setting a new default"
            )

    @model
    @versions("19.0")
    def create_filter(self, vals: Any) -> Self:
        """Save a search."""
        users = vals.get("user_ids")
        if vals.get("is_default") and users:
            ids = [one for command in users for one in (command[2] if command[0] == 6 else [command[1]])]
            same = [("model_id", "=", vals["model_id"]), ("action_id", "=", vals.get("action_id") or False)]
            self.search([*same, ("user_ids", "in", ids), ("is_default", "=", True)]).write(
                {"is_default": False}
            )
        return self.create(vals)
