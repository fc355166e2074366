# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""External ids as records, and rights and rules as records with the checks made when they are written."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.exceptions import AccessError, SandboxError, ValidationError
from towpath.sandbox.odoo_server.orm import access, rules, where
from towpath.sandbox.odoo_server.orm.expressions import evaluate
from towpath.sandbox.odoo_server.records import Records, constrains, model

__all__ = ["IrModelAccess", "IrModelData", "IrRule"]


class IrModelData(Records, model="ir.model.data"):
    """An external id."""

    _odoo_class = "IrModelData"

    def _compute_complete_name(self) -> dict[int, Any]:
        return {one.id: ".".join(filter(None, [one["module"], one["name"]])) for one in self}

    def _compute_reference(self) -> dict[int, Any]:
        return {one.id: f"{one['model']},{one['res_id']}" for one in self}

    def _display_names(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for one in self.sudo().exists():
            name = False
            if one["model"] in self.env.registry and one["res_id"]:
                record = self.env.sudo()[one["model"]].browse(one["res_id"])
                name = record._display_names().get(record.id)
            found[one.id] = name or ".".join(filter(None, [one["module"], one["name"]]))
        return found

    def _search_complete_name(self, operator: str, value: Any) -> list[Any]:
        if isinstance(value, str) and "." in value and operator in {"=", "!="}:
            module, _, name = value.partition(".")
            pair = [("module", "=", module), ("name", "=", name)]
            return ["&", *pair] if operator == "=" else ["!", "&", *pair]
        return ["|", ("module", operator, value), ("name", operator, value)]

    def _search_display_name(self, operator: str, value: Any) -> list[Any]:
        return self._search_complete_name(operator, value)

    @model
    def check_object_reference(self, module: Any, xml_id: Any, raise_on_access_error: bool = False) -> Any:
        """(model, id) of the record behind an external id, if the caller may read it.

        Raises:
            ValueError: when there is none.
            AccessError: when it may not be read and an error is asked for.
        """
        found = self.env.ref(f"{module}.{xml_id}")
        definition = found._model
        seen = access.may(self.env, definition, "read") and found.exists()
        if seen and not rules.hidden(self.env, definition, found.ids, "read"):
            return [found._name, found.id]
        if raise_on_access_error:
            raise AccessError(f'Not enough access rights on the external ID "{module}.{xml_id}"')
        return [found._name, False]

    @model
    def toggle_noupdate(self, model: Any, res_id: Any) -> None:
        """Switch whether updates of modules leave a record alone."""
        for one in self.search([("model", "=", model), ("res_id", "=", res_id)]):
            one.write({"noupdate": not one["noupdate"]})


class IrRule(Records, model="ir.rule"):
    """A record rule."""

    _odoo_class = "IrRule"

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if "groups" in changed or not changed - {"name"} or "model_id" in changed:
            for one in self:
                one._put({"global": not one["groups"]}, touch=False)

    @constrains("model_id")
    def _check_model(self) -> None:
        if any(one["model_id"]["model"] == "ir.rule" for one in self.sudo()):
            raise ValidationError("Rules can not be applied on the Record Rules model.")

    @constrains("active", "domain_force", "model_id")
    def _check_domain(self) -> None:
        for one in self.sudo():
            if not one["active"] or not one["domain_force"]:
                continue
            definition = self.env.registry.models.get(one["model_id"]["model"])
            if definition is None:
                continue
            try:
                found = evaluate(one["domain_force"], rules._names(self.env))
                where.condition(self.env.sudo(), definition, "t", where.tree(self.env, found))
            except (
                SandboxError,
                ValueError,
                TypeError,
                NameError,
                SyntaxError,
                AssertionError,
                KeyError,
            ) as problem:
                raise ValidationError(f"Invalid domain: {problem}") from problem


class IrModelAccess(Records, model="ir.model.access"):
    """A right of a group on a model."""

    _odoo_class = "IrModelAccess"

    @model
    def check(self, model: Any, mode: str = "read", raise_exception: bool = True) -> bool:
        """Whether the caller has a right on a model.

        Raises:
            AccessError: when not, unless told otherwise.
        """
        definition = self.env.registry.models.get(model)
        if definition is None:
            return False
        if raise_exception:
            access.check_model(self.env, definition, mode)
        return access.may(self.env, definition, mode)
