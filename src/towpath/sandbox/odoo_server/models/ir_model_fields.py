# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Fields as records: custom ones (``x_...``) can be made, renamed and removed while the server runs (real-odoo §4, §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.orm import access, custom
from towpath.sandbox.odoo_server.orm.expressions import evaluate
from towpath.sandbox.odoo_server.orm.refusals import missing_value
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, model

__all__ = ["IrModelFields", "IrModelFieldsSelection"]

NAME = re.compile(r"^[a-z0-9_]{1,63}$", re.IGNORECASE)
HEAD = "The operation cannot be completed:"
FIXED = (
    "Properties of base fields cannot be altered in this manner! Please modify them through Python code, "
    "preferably through a custom addon!"
)
UNWRITTEN = frozenset({"model_id", "model", "state"})


class IrModelFields(Records, model="ir.model.fields"):
    """A field of a model."""

    _odoo_class = "IrModelFields"

    @model
    def create(self, vals_list: Any) -> Self:
        """Make custom fields usable at once."""
        rows = vals_rows(vals_list)
        prepared = [self._prepared(vals) for vals in rows]
        found = super().create(prepared)
        for record, vals in zip(found, prepared, strict=True):
            if record["state"] == "manual":
                record._check_definition(vals)
                custom.add_field(self.env, record.id)
        return found

    def _prepared(self, vals: Mapping[str, Any]) -> dict[str, Any]:
        """The values to store for a field.

        Raises:
            AccessError: when the user may not see models.
            AssertionError (17.0), ValidationError (19.0): without a model.
            ValidationError: for a name without ``x_``.
        """
        one = dict(vals)
        definition = self._model
        if one.get("model_id"):
            access.check_model(self.env, self.env.registry["ir.model"], "read")
            one["model"] = self.env["ir.model"].browse(one["model_id"]).sudo()["model"]
        elif not self.env.is19:
            if not one.get("model"):
                raise AssertionError(f"missing model name for {vals}")
        else:
            raise missing_value(definition, definition.fields["model_id"], is19=True)
        one.setdefault("name", "x_")
        one.setdefault("field_description", "")
        one.setdefault("domain", "[]")
        kind = one.get("ttype")
        one.setdefault("copied", kind != "one2many" and not one.get("related") and not one.get("compute"))
        if kind == "many2one":
            one.setdefault("on_delete", "set null")
        if one.get("state", "manual") == "manual" and not str(one["name"]).startswith("x_"):
            access.check_model(self.env, definition, "create")
            raise ValidationError(f"{HEAD} Custom fields must have a name that starts with 'x_'!")
        text = one.pop("selection", None)
        if text and "selection_ids" not in one:
            one["selection_ids"] = [
                (0, 0, {"value": value, "name": label, "sequence": place})
                for place, (value, label) in enumerate(_pairs(text))
            ]
        return one

    def _insert_base(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows of fields that are there already."""
        super().create([dict(one) for one in rows])

    def _check_definition(self, vals: Mapping[str, Any]) -> None:
        """Refuse what cannot become a field.

        Raises:
            ValidationError, UserError, KeyError: saying why.
        """
        name, kind = self["name"], self["ttype"]
        if not NAME.match(name):
            raise ValidationError(
                "Field names can only contain characters, digits and underscores (up to 63)."
            )
        relation = self["relation"]
        if relation and relation not in self.env.registry:
            raise ValidationError(f"Unknown model name '{relation}' in Related Model")
        if kind == "monetary":
            self._check_currency()
        if self["related"]:
            self._check_related()
        if self["depends"]:
            self._check_depends()
        if kind == "one2many" and not self["related"] and not self["compute"]:
            inverse = vals["relation_field"]
            target = self.env.registry.models.get(relation or "")
            found = target.fields.get(inverse) if target and inverse else None
            if found is None or found.type != "many2one":
                raise UserError(f"Many2one {inverse} on model {relation} does not exist!")

    def _check_currency(self) -> None:
        fields = self.env.registry[self["model"]].fields
        name = self["currency_field"]
        if not name:
            found = fields.get("currency_id") or fields.get("x_currency_id")
            if found is None:
                raise ValidationError("Currency field is empty and there is no fallback field in the model")
        else:
            found = fields.get(name)
            if found is None:
                text = f"field specified “{name}”" if self.env.is19 else f"field name '{name}'"
                raise ValidationError(f"Unknown {text} in currency_field")
        if found.type != "many2one":
            raise ValidationError("Currency field does not have type many2one")
        if found.relation != "res.currency":
            raise ValidationError("Currency field should have a res.currency relation")

    def _check_related(self) -> None:
        """Follow the path of a related field to a field of its own type."""
        here = self.env.registry[self["model"]]
        names = self["related"].split(".")
        for place, name in enumerate(names):
            found = here.fields.get(name)
            if found is None:
                text = f"“{name}”" if self.env.is19 else f"'{name}'"
                related = f"“{self['related']}”" if self.env.is19 else f"'{self['related']}'"
                raise ValidationError(f"Unknown field name {text} in related field {related}")
            if place < len(names) - 1:
                if not found.relational:
                    raise ValidationError(
                        f"Non-relational field name '{name}' in related field '{self['related']}'"
                    )
                here = self.env.registry[found.relation]
                continue
            if found.type != self["ttype"]:
                raise ValidationError(
                    f"Related field “{self['related']}” does not have type “{self['ttype']}”"
                )
            if found.relational and self["relation"] != found.relation:
                raise ValidationError(
                    f"Related field “{self['related']}” does not have comodel “{self['relation']}”"
                )

    def _check_depends(self) -> None:
        for path in self["depends"].split(","):
            here = self.env.registry[self["model"]]
            for name in path.strip().split("."):
                if name == "id":
                    raise ValidationError("Compute method cannot depend on field 'id'.")
                found = here.fields.get(name)
                if found is None:
                    raise ValidationError(f"Unknown field '{name}' in dependency '{path.strip()}'")
                if found.relational and found.relation in self.env.registry:
                    here = self.env.registry[found.relation]

    def write(self, vals: Any) -> bool:
        """Change custom fields; of others only their texts."""
        texts = all(name in self._model.fields and self._model.fields[name].translate for name in vals)
        before = {one.id: one["name"] for one in self.sudo()}
        if vals and self.ids and not texts:
            check(self, "write")
            for one in self.sudo():
                self._check_change(one, vals)
        changes = {name: value for name, value in dict(vals).items() if name not in UNWRITTEN}
        text = changes.pop("selection", None)
        if text:
            for one in self:
                one._choose(_pairs(text))
        done = super().write(changes)
        for one in self.sudo():
            if one["state"] == "manual":
                if "name" in changes and not NAME.match(one["name"]):
                    raise ValidationError(
                        "Field names can only contain characters, digits and underscores (up to 63)."
                    )
                custom.change_field(self.env, one.id, old_name=before[one.id])
        return done

    def _check_change(self, one: Any, vals: Mapping[str, Any]) -> None:
        if one["state"] != "manual":
            raise UserError(FIXED)
        if vals.get("model_id", one["model_id"].id) != one["model_id"].id:
            raise UserError("Changing the model of a field is forbidden!")
        if vals.get("ttype", one["ttype"]) != one["ttype"]:
            raise UserError(
                "Changing the type of a field is not yet supported. Please drop it and create it again!"
            )
        if "name" in vals and vals["name"] != one["name"]:
            if not str(vals["name"]).startswith("x_"):
                raise ValidationError(f"{HEAD} Custom fields must have a name that starts with 'x_'!")
            if len(self.ids) > 1:
                raise UserError("Can only rename one field at a time!")
            one._check_unused()

    def _check_unused(self) -> None:
        """Refuse to take away a field that another custom field is built on.

        Raises:
            UserError: naming both.
        """
        mine = {(one["model"], one["name"]) for one in self.sudo()}
        rows = self.sudo().search([("state", "=", "manual"), ("id", "not in", list(self.ids))])
        for other in rows:
            used: set[tuple[str, str]] = set()
            if other["ttype"] == "one2many" and other["relation"] and other["relation_field"]:
                used.add((other["relation"], other["relation_field"]))
            for path in filter(None, [other["related"] or "", *(other["depends"] or "").split(",")]):
                here = self.env.registry.models.get(other["model"])
                for name in path.strip().split("."):
                    if here is None:
                        break
                    used.add((here.name, name))
                    found = here.fields.get(name)
                    here = self.env.registry.models.get(found.relation) if found is not None else None
            for model_name, name in mine & used:
                raise UserError(
                    f"The field '{model_name}.{name}' cannot be removed because the field "
                    f"'{other['model']}.{other['name']}' depends on it."
                )

    def unlink(self) -> bool:
        """Remove custom fields with what they hold."""
        check(self, "unlink")
        for one in self.sudo():
            if one["state"] != "manual":
                raise UserError("This column contains module data and cannot be removed!")
        self._check_unused()
        gone = [(one["model"], one["name"]) for one in self.sudo()]
        done = super().unlink()
        for model_name, name in gone:
            custom.drop_field(self.env, model_name, name)
        return done

    def _choose(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Let a selection field offer exactly these choices, keeping those that stay."""
        known = {one["value"]: one for one in self["selection_ids"]}
        for place, (value, label) in enumerate(pairs):
            if value in known:
                known.pop(value).write({"name": label, "sequence": place})
            else:
                self.env["ir.model.fields.selection"].create(
                    {"field_id": self.id, "value": value, "name": label, "sequence": place}
                )
        for one in known.values():
            one.unlink()

    def _compute_selection(self) -> dict[int, Any]:
        found = {}
        for one in self.sudo():
            pairs = [(choice["value"], choice["name"]) for choice in one["selection_ids"]]
            found[one.id] = str(pairs) if one["ttype"] in {"selection", "reference"} else False
        return found

    def _compute_modules(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT res_id, string_agg(DISTINCT module, ', ' ORDER BY module) FROM ir_model_data "
            "WHERE model = 'ir.model.fields' AND res_id = ANY(%s) GROUP BY res_id",
            [list(self.ids)],
        ).fetchall()
        return {**dict.fromkeys(self.ids, ""), **dict(rows)}

    def _display_names(self) -> dict[int, Any]:
        return {one.id: f"{one['field_description']} ({one['model']})" for one in self.sudo().exists()}


class IrModelFieldsSelection(Records, model="ir.model.fields.selection"):
    """A choice of a selection field."""

    @model
    def create(self, vals_list: Any) -> Self:
        """Add choices to custom fields."""
        found = super().create(vals_list)
        found._check_custom()
        found._tell()
        return found

    def write(self, vals: Any) -> bool:
        """Change choices; records that hold a renamed value follow."""
        self._check_custom()
        if "value" in vals:
            for one in self.sudo():
                one._replace(vals["value"])
        done = super().write(vals)
        self._tell()
        return done

    def unlink(self) -> bool:
        """Remove choices; records that hold one become empty there."""
        self._check_custom()
        fields = self.sudo().mapped("field_id")
        for one in self.sudo():
            one._replace(None)
        done = super().unlink()
        for field in fields.exists():
            custom.change_field(self.env, field.id, old_name=field["name"])
        return done

    def _check_custom(self) -> None:
        if any(one["field_id"]["state"] != "manual" for one in self.sudo()):
            raise UserError(FIXED)

    def _replace(self, value: Any) -> None:
        """Put another value where records hold this choice."""
        field = self["field_id"]
        definition = self.env.registry.models.get(field["model"])
        known = definition.fields.get(field["name"]) if definition else None
        if definition is not None and known is not None and known.sql_type is not None:
            self.env.cr.execute(
                f'UPDATE "{definition.table}" SET "{known.name}" = %s WHERE "{known.name}" = %s',
                [value, self["value"]],
            )
            self.env.forget()

    def _tell(self) -> None:
        """Let the registry know the choices of the fields concerned."""
        for field in self.sudo().mapped("field_id"):
            known = self.env.registry.models.get(field["model"])
            if known is not None and field["name"] in known.fields:
                custom.change_field(self.env, field.id, old_name=field["name"])


def _pairs(text: Any) -> list[tuple[str, str]]:
    """The choices of a selection written as a list of pairs.

    Raises:
        ValidationError: when it is none.
    """
    try:
        found = evaluate(text, {}) if isinstance(text, str) else text
        return [(str(value), str(label)) for value, label in found]
    except (SyntaxError, ValueError, NameError, TypeError):
        raise ValidationError(
            "The Selection Options expression is not a valid Pythonic expression. "
            "Please provide expression in the [('key','Label'), ...] format."
        ) from None
