"""Default values chosen by people: for a user, a company, or everybody; they go before a model's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.orm.values import to_column
from towpath.sandbox.odoo_server.records import Records, model, returns

__all__ = ["IrDefault", "chosen"]


def chosen(env: Env, model_name: str) -> dict[str, Any]:
    """The defaults of a model's fields for the caller: the nearest one (user, company, all) counts."""
    known = vars(env.cr).setdefault("defaults", {})
    company = env.company_id
    key = (env.uid, company)
    if key not in known:
        rows = env.cr.execute(
            "SELECT f.model, f.name, d.json_value FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id "
            "WHERE (d.user_id IS NULL OR d.user_id = %s) AND (d.company_id IS NULL OR d.company_id = %s) "
            "AND d.condition IS NULL ORDER BY d.user_id NULLS FIRST, d.company_id NULLS FIRST, d.id DESC",
            [env.uid, company],
        ).fetchall()
        found: dict[str, dict[str, Any]] = {}
        for owner, name, text in rows:
            found.setdefault(owner, {})[name] = json.loads(text)
        known[key] = found
    mine: dict[str, Any] = known[key].get(model_name, {})
    return mine


class IrDefault(Records, model="ir.default"):
    """A default value of a field, kept as JSON."""

    _odoo_class = "IrDefault"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Keep default values."""
        rows = vals_rows(vals_list)
        for vals in rows:
            _check_json(vals)
        found = super().create(rows)
        _forget(self.env)
        return found

    def write(self, vals: Any) -> bool:
        """Change default values."""
        _check_json(vals)
        done = super().write(vals)
        _forget(self.env)
        return done

    def unlink(self) -> bool:
        """Forget default values."""
        done = super().unlink()
        _forget(self.env)
        return done

    @model
    def set(
        self,
        model_name: Any,
        field_name: Any,
        value: Any,
        user_id: Any = False,
        company_id: Any = False,
        condition: Any = False,
    ) -> bool:
        """Set the default of a field for a user (True: the caller), a company (True: the caller's) or everybody.

        Raises:
            ValidationError: for an unknown field or a value that does not fit.
        """
        user = self.env.uid if user_id is True else user_id
        company = self.env.company_id if company_id is True else company_id
        definition = self.env.registry.models.get(model_name)
        field = definition.fields.get(field_name) if definition else None
        if field is None:
            raise ValidationError(f"Invalid field {model_name}.{field_name}")
        try:
            to_column(field, value) if not field.multiple else None
            text = json.dumps(value, ensure_ascii=False)
        except (ValueError, TypeError):
            raise ValidationError(f"Invalid value for {model_name}.{field_name}: {value}") from None
        place = self.env.sudo()["ir.model.fields"].search(
            [("model", "=", model_name), ("name", "=", field_name)]
        )
        domain = [
            ("field_id", "=", place.id),
            ("user_id", "=", user),
            ("company_id", "=", company),
            ("condition", "=", condition),
        ]
        found = self.search(domain)
        if found:
            found.write({"json_value": text})
        else:
            self.create(
                {
                    "field_id": place.id,
                    "user_id": user,
                    "company_id": company,
                    "condition": condition,
                    "json_value": text,
                }
            )
        return True

    @model
    def discard_values(self, model_name: Any, field_name: Any, values: Any) -> bool:
        """Forget the defaults of a field that are among some values."""
        texts = [json.dumps(one, ensure_ascii=False) for one in values]
        place = [("field_id.model", "=", model_name), ("field_id.name", "=", field_name)]
        return bool(self.search([*place, ("json_value", "in", texts)]).unlink())


def _forget(env: Env) -> None:
    """Let defaults be read anew."""
    vars(env.cr).pop("defaults", None)


def _check_json(vals: Any) -> None:
    """Refuse what is not JSON.

    Raises:
        ValidationError: then.
    """
    if isinstance(vals, Mapping) and vals.get("json_value"):
        try:
            json.loads(vals["json_value"])
        except ValueError:
            raise ValidationError("Invalid JSON format in Default Value field.") from None
