"""Partners by their addresses: the contact for a purpose, the company behind one, one found by its e-mail address."""

from __future__ import annotations

import re
from typing import Any, Self

from towpath.sandbox.odoo_server.models.res_partner import ADDRESS, normalized_email
from towpath.sandbox.odoo_server.records import Records, model, returns

__all__ = ["ResPartnerAddresses"]


class ResPartnerAddresses(Records, model="res.partner"):
    """Partners with addresses for several purposes."""

    _odoo_class = "ResPartner"

    def address_get(self, adr_pref: Any = None) -> dict[str, Any]:
        """The contact of each kind asked for, and of kind ``contact``; the partner itself where there is none."""
        wanted = {"contact", *(adr_pref or ())}
        found: dict[str, Any] = {}
        seen: set[int] = set()
        for partner in self:
            here = partner
            while here:
                waiting = [here]
                while waiting:
                    one = waiting.pop(0)
                    seen.add(one.id)
                    if one.type in wanted:
                        found.setdefault(one.type, one.id)
                    inner = [
                        child for child in one.child_ids if child.id not in seen and not child.is_company
                    ]
                    waiting = [*inner, *waiting]
                if set(found) == wanted or here.is_company or not here.parent_id:
                    break
                here = here.parent_id
        other = found.get("contact", self.id or False)
        return {kind: found.get(kind) or other for kind in wanted}

    @model
    @returns("id")
    def find_or_create(self, email: Any, assert_valid_email: bool = False) -> Self:
        """The partner with an e-mail address, made when there is none.

        Raises:
            ValueError: without an address.
        """
        if not email:
            raise ValueError("An email is required for find_or_create to work")
        given = re.fullmatch(r"\s*\"?(.*?)\"?\s*<([^<>]+)>\s*", email)
        name, address = (given[1], given[2]) if given else (email, email)
        normalized = normalized_email(address)
        if not normalized and assert_valid_email:
            raise ValueError("A valid email is required for find_or_create to work properly.")
        if normalized:
            known: Self = self.search([("email_normalized", "=", normalized)], limit=1)
            if known:
                return known
        return self.create({"name": name or normalized, "email": normalized or address})

    def create_company(self) -> bool:
        """Make the company whose name a contact carries, and put the contact below it."""
        self._one()
        if self.company_name:
            own = {name: self[name] for name in ADDRESS}
            address = {name: value.id if hasattr(value, "ids") else value for name, value in own.items()}
            company: Any = self.create(
                {"name": self.company_name, "is_company": True, "vat": self.vat, **address}
            )
            self.write({"parent_id": company.id})
        return True

    def open_commercial_entity(self) -> dict[str, Any]:
        """The action that opens the company behind a contact."""
        self._one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.commercial_partner_id.id,
            "target": "current",
        }

    def update_address(self, vals: Any) -> Any:
        """Set the fields of an address, and nothing else."""
        address = {name: vals[name] for name in ADDRESS if name in vals}
        return self.write(address) if address else None
