"""System parameters: texts by key, for administrators."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.exceptions import ValidationError
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, model

__all__ = ["IrConfigParameter"]

KEPT = frozenset({"database.secret", "database.uuid", "database.create_date", "web.base.url", "base.login_cooldown_after",
                  "base.login_cooldown_duration"})  # fmt: skip
"""Keys that can be neither renamed nor removed."""


class IrConfigParameter(Records, model="ir.config_parameter"):
    """A system parameter."""

    _odoo_class = "IrConfig_Parameter"

    @model
    def get_param(self, key: Any, default: Any = False) -> Any:
        """The value of a key, or a default."""
        check(self, "read")
        row = self.env.cr.execute(
            "SELECT value FROM ir_config_parameter WHERE key = %s", [str(key)]
        ).fetchone()
        return row[0] if row and row[0] else default

    @model
    def set_param(self, key: Any, value: Any) -> Any:
        """Set a key and give its old value (False when it had none); an empty value removes it."""
        found = self.search([("key", "=", key)])
        if found:
            old = found["value"]
            if value is not False and value is not None:
                if str(value) != old:
                    found.write({"value": value})
            else:
                found.unlink()
            return old
        if value is not False and value is not None:
            self.create({"key": key, "value": value})
        return False

    def write(self, vals: Any) -> bool:
        """Change parameters."""
        if self.env.is19:
            check(self, "read")  # their keys are looked at first
        if "key" in vals:
            kept = [one["key"] for one in self if one["key"] in KEPT]
            if kept:
                raise ValidationError(f"You cannot rename config parameters with keys {', '.join(kept)}")
        return super().write(vals)

    def unlink(self) -> bool:
        """Remove parameters."""
        check(self, "read")
        for one in self.sudo():
            if one["key"] in KEPT:
                raise ValidationError(f"You cannot delete the {one['key']} record.")
        return super().unlink()
