"""What a copy is called: most named records get "(copy)" behind their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.records import Records, returns

NAMED = frozenset(
    {
        "account.account", "account.analytic.account", "account.journal", "account.payment.term", "account.tax", "base.automation",
        "crm.tag", "hr.employee.category", "hr.job", "ir.actions.server", "ir.filters", "mail.template", "product.pricelist",
        "product.tag", "product.template", "project.project", "project.tags", "project.task", "project.task.type", "res.groups",
        "res.partner", "res.partner.category", "res.users", "resource.calendar", "stock.location", "stock.warehouse",
    }
)  # fmt: skip
PLAIN_17 = frozenset({"base.automation", "crm.tag", "hr.employee.category", "product.tag", "project.tags"})
"""Models whose copies 17.0 does not rename."""


class CopyName(Records, when=lambda definition: definition.name in NAMED):
    """A record whose copy says that it is one."""

    def copy_data(self, default: Any = None) -> list[dict[str, Any]]:
        """The values copies are made from, with a name of their own."""
        given: Mapping[str, Any] = default or {}
        rows = super().copy_data(default)
        if not self.env.is19 and self._name in PLAIN_17:
            return rows
        for record, row in zip(self, rows, strict=True):
            if "name" not in given and record["name"]:
                row["name"] = f"{record['name']} (copy)"
        return rows


class CopyUser(Records, model="res.users"):
    """A copied user needs a login of its own."""

    def copy_data(self, default: Any = None) -> list[dict[str, Any]]:
        """The values copies are made from."""
        rows = super().copy_data(default)
        for record, row in zip(self, rows, strict=True):
            if "login" not in (default or {}):
                row["login"] = f"{record['login']} (copy)"
        return rows


class CopyAccount(Records, model="account.account"):
    """A copied account takes the next free code."""

    def copy_data(self, default: Any = None) -> list[dict[str, Any]]:
        """The values copies are made from."""
        rows = super().copy_data(default)
        field = "code_store" if self.env.is19 else "code"
        taken = set(self.sudo().search([]).mapped("code"))
        for record, row in zip(self, rows, strict=True):
            if "code" in (default or {}):
                continue
            code = str(record["code"] or "1")
            stem = code.rstrip("0123456789")
            number = int(code[len(stem) :] or 0)
            while code in taken:
                number += 1
                code = f"{stem}{number:0{len(code) - len(stem)}d}"
            taken.add(code)
            row[field] = code
        return rows


class CopyCompany(Records, model="res.company"):
    """Companies are not copied."""

    @returns("id")
    def copy(self, default: Any = None) -> Self:  # noqa: ARG002 - Odoo's parameter
        """Refuse."""
        raise UserError("Duplicating a company is not allowed. Please create a new company instead.")


class CopyVariant(Records, model="product.product"):
    """Copying a variant copies its template."""

    @returns("id")
    def copy(self, default: Any = None) -> Self:
        """The first variant of a copy of each template."""
        made = self.browse(())
        for product in self:
            given = dict(default or {})
            template = product.product_tmpl_id.copy(given)
            made |= template.product_variant_ids[:1] or self.create([{"product_tmpl_id": template.id}])
        return made
