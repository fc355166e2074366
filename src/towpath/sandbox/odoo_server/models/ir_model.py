# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""The models of the database as records; a custom one (``x_...``) is usable as soon as it is created."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.orm import access, custom
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, model

__all__ = ["IrModel"]

NAME = re.compile(r"^[a-z0-9_.]+$")
LABELS = {"model": "Model", "state": "Type", "abstract": "Abstract Model", "transient": "Transient Model"}


class IrModel(Records, model="ir.model"):
    """A model."""

    _odoo_class = "IrModel"
    _rec_names_search = ("name", "model")

    @model
    def create(self, vals_list: Any) -> Self:
        """Make custom models: row, fields, table. Without ``field_id`` they get the field ``x_name``."""
        rows = vals_rows(vals_list)
        fields: list[list[Mapping[str, Any]]] = []
        prepared = []
        for vals in rows:
            one = {"model": "x_", "state": "manual", "order": "id", **vals}
            fields.append(list(_commanded(one.pop("field_id", None))))
            prepared.append(one)
        found = super().create(prepared)
        for record, given in zip(found, fields, strict=True):
            record._check_name()
            row = record.sudo().read(["model", "name", "order", "is_mail_thread", "is_mail_activity"])[0]
            custom.add_model(self.env, row)
            record._reflect()
            self.env["ir.model.fields"].create([{**one, "model_id": record.id} for one in given])
            custom.name_model(self.env.registry, row["model"])
            record._check_order()
        return found

    def _check_name(self) -> None:
        """Refuse a name that no custom model may have.

        Raises:
            ValidationError: then.
        """
        if not self["model"].startswith("x_"):
            raise ValidationError("The model name must start with 'x_'.")
        if not NAME.match(self["model"]):
            raise ValidationError(
                "The model name can only contain lowercase characters, digits, underscores and dots."
            )

    def _check_order(self) -> None:
        fields = self.env.registry[self["model"]].fields
        for part in (self["order"] or "").split(","):
            name = part.split()[0] if part.split() else ""
            if name and (name not in fields or not fields[name].store):
                raise ValidationError(
                    f"Unable to order by {name}: fields used for ordering must be present on the model and stored."
                )

    def _reflect(self) -> None:
        """Write the rows of the fields every model has."""
        definition = self.env.registry[self["model"]]
        rows = []
        for name, one in definition.fields.items():
            rows.append(
                {
                    "model_id": self.id,
                    "model": definition.name,
                    "name": name,
                    "field_description": one.attrs.get("string") or name,
                    "ttype": one.type,
                    "state": "base",
                    "relation": one.relation or False,
                    "relation_field": one.inverse or False,
                    "readonly": one.readonly,
                    "required": one.required,
                    "store": bool(one.attrs.get("store")),
                    "copied": False,
                }
            )
        self.env["ir.model.fields"].sudo()._insert_base(rows)

    def write(self, vals: Any) -> bool:
        """Change models; what they are called in the database stays."""
        for one in self.sudo():
            for name, label in LABELS.items():
                if name in vals and name in self._model.fields and one[name] != vals[name]:
                    raise UserError(f'Field "{label}" cannot be modified on models.')
        done = super().write(vals)
        for one in self.sudo():
            definition = self.env.registry.models.get(one["model"])
            if one["state"] != "manual" or definition is None:
                continue
            before = definition.description, definition.order
            definition.description = one["name"] or definition.name
            definition.order = one["order"] or "id"

            def undo(definition: Any = definition, before: tuple[str, str] = before) -> None:
                definition.description, definition.order = before

            self.env.transaction.on_rollback.append(undo)
        return done

    def unlink(self) -> bool:
        """Remove custom models with their tables, fields, rights and rules."""
        check(self, "unlink")
        names = []
        for one in self.sudo():
            if one["state"] != "manual":
                raise UserError(f"Model {one['name']!r} contains module data and cannot be removed.")
            names.append(one["model"])
        others = self.env["ir.model.fields"].sudo()
        others.search(
            [("relation", "in", names), ("state", "=", "manual"), ("model", "not in", names)]
        ).unlink()
        self.env.cr.execute("DELETE FROM ir_model_access WHERE model_id = ANY(%s)", [list(self.ids)])
        self.env.cr.execute("DELETE FROM ir_rule WHERE model_id = ANY(%s)", [list(self.ids)])
        self.env.cr.execute("DELETE FROM ir_model_data WHERE model = ANY(%s)", [names])
        self.env.cr.execute(
            "DELETE FROM ir_model_fields_selection WHERE field_id IN (SELECT id FROM ir_model_fields WHERE model_id = ANY(%s))",
            [list(self.ids)],
        )
        self.env.cr.execute("DELETE FROM ir_model_fields WHERE model_id = ANY(%s)", [list(self.ids)])
        for name in names:
            custom.drop_model(self.env, name)
        self.env.forget()
        return super().unlink()

    @model
    def name_create(self, name: Any) -> Any:
        """A custom model named after its label."""
        technical = "x_" + "_".join(str(name).lower().split())
        made = self.create({"name": name, "model": technical})
        return made.id, made._display_names().get(made.id)

    @model
    def display_name_for(self, models: Iterable[str]) -> list[dict[str, str]]:
        """Names of models; those the user may not read, or that do not exist, keep their technical name."""
        known, others = [], []
        for name in models:
            definition = self.env.registry.models.get(name)
            if definition is not None and access.may(self.env, definition, "read"):
                known.append({"display_name": definition.description, "model": name})
            else:
                others.append({"display_name": name, "model": name})
        return known + others

    @model
    def get_available_models(self) -> list[dict[str, str]]:
        """The models the user may read and write, with their names."""
        found = [
            one
            for one in self.env.registry.models.values()
            if one.kind == "table"
            and access.may(self.env, one, "read")
            and access.may(self.env, one, "write")
        ]
        return [{"display_name": one.description, "model": one.name} for one in found]

    def _compute_count(self) -> dict[int, Any]:
        found = {}
        for one in self.sudo():
            definition = self.env.registry.models.get(one["model"])
            found[one.id] = 0
            if definition is not None and definition.stored:
                row = self.env.cr.execute(f'SELECT count(*) FROM "{definition.table}"').fetchone()
                found[one.id] = row[0] if row else 0
        return found

    def _compute_modules(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT res_id, string_agg(DISTINCT module, ', ' ORDER BY module) FROM ir_model_data "
            "WHERE model = 'ir.model' AND res_id = ANY(%s) GROUP BY res_id",
            [list(self.ids)],
        ).fetchall()
        return {**dict.fromkeys(self.ids, ""), **dict(rows)}


def _commanded(commands: Any) -> Iterable[Mapping[str, Any]]:
    """The values of the fields that commands create; ``x_name`` when none are given."""
    if commands is None:
        yield {"name": "x_name", "field_description": "Name", "ttype": "char", "copied": True}
        return
    for command in commands or ():
        if isinstance(command, list | tuple) and command and command[0] == 0:
            yield command[2]
