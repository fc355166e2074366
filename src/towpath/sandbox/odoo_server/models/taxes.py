"""What a line costs with and without taxes: percent, fixed and division taxes, included in the price or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from towpath.sandbox.odoo_server.models.numbering import amount

__all__ = ["LineTotal", "line_total"]


@dataclass(slots=True, kw_only=True)
class LineTotal:
    """Amounts of one line in its currency, rounded; `taxes` holds (tax id, amount) in the order of the taxes."""

    untaxed: float
    total: float
    taxes: list[tuple[int, float]] = field(default_factory=list)


def included(tax: Any) -> bool:
    """Whether a tax is part of the price."""
    if tax.env.is19:
        return bool(
            tax.price_include_override == "tax_included"
            or (not tax.price_include_override and tax.company_id.account_price_include == "tax_included")
        )
    return bool(tax.price_include)


def flat(taxes: Any) -> list[Any]:
    """The taxes, with groups replaced by their parts."""
    found: list[Any] = []
    for tax in sorted(taxes, key=lambda one: (one.sequence, one.id)):
        found += flat(tax.children_tax_ids) if tax.amount_type == "group" else [tax]
    return found


def line_total(
    taxes: Any, price: float, quantity: float, discount: float = 0.0, digits: int = 2
) -> LineTotal:
    """The amounts of `quantity` pieces at `price`, less a discount in percent."""
    gross = amount(quantity * price * (1 - (discount or 0.0) / 100), digits)
    parts = flat(taxes.sudo()) if taxes else []
    inside = [one for one in parts if included(one)]
    rate = sum(one.amount for one in inside if one.amount_type in {"percent", "division"})
    fixed = sum(one.amount * quantity for one in inside if one.amount_type == "fixed")
    untaxed = amount((gross - fixed) / (1 + rate / 100), digits) if inside else gross
    result = LineTotal(untaxed=untaxed, total=untaxed)
    base = untaxed
    for tax in parts:
        if tax.amount_type == "fixed":
            value = amount(tax.amount * quantity, digits)
        elif tax.amount_type == "division" and not included(tax):
            value = amount(base / (1 - tax.amount / 100) - base, digits) if tax.amount != 100 else 0.0
        else:
            value = amount(base * tax.amount / 100, digits)
        result.taxes.append((tax.id, value))
        if tax.include_base_amount:
            base += value
    taxed = sum(value for _tax, value in result.taxes)
    if inside and len(inside) == len(parts):
        # what was in the price comes out to the cent: the last tax takes the difference
        tax, value = result.taxes[-1]
        result.taxes[-1] = (tax, amount(value + gross - untaxed - taxed, digits))
        taxed = gross - untaxed
    result.total = amount(untaxed + taxed, digits)
    return result
