"""Which models a connection offers, in groups a person knows (S2.6-S2.8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from towpath.errors import InputError

__all__ = ["GROUPS", "MESSAGES", "Offer", "among", "group_of", "matching"]

MESSAGES = "Messages"
CUSTOM = "Custom"
OTHER = "Other"

#: Group -> beginnings of technical model names; the first group that fits counts.
GROUPS: dict[str, tuple[str, ...]] = {
    "Contacts": ("res.partner", "res.country", "res.bank", "res.company", "res.currency"),
    "Accounting": ("account.", "payment."),
    "Sales": ("sale.", "crm.team", "pos.", "loyalty."),
    "Purchase": ("purchase.", "product.supplierinfo"),
    "Inventory": ("stock.", "product.", "uom.", "mrp.", "delivery.", "barcode."),
    "CRM": ("crm.", "utm."),
    "Project": ("project.", "helpdesk.", "planning."),
    "HR": ("hr.", "resource."),
    MESSAGES: ("mail.", "discuss.", "calendar.", "sms.", "rating."),
    "System": ("ir.", "res.", "base.", "bus.", "base_import", "web_", "web.", "digest.", "onboarding."),
}


class _Model(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def custom(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that can become a stream."""

    model: str
    label: str
    group: str
    #: True when a stream of this connection reads it already.
    taken: bool = False


def group_of(model: str, *, custom: bool = False) -> str:
    """Group of a model by its technical name."""
    if custom or model.startswith("x_"):
        return CUSTOM
    return next((group for group, starts in GROUPS.items() if model.startswith(starts)), OTHER)


def matching(
    models: Iterable[_Model],
    *,
    search: str | None = None,
    group: str | None = None,
    taken: Iterable[str] = (),
) -> list[Offer]:
    """Models whose name or label contains the text, of one group or of all.

    :raises InputError: the group does not exist.
    """
    held = set(taken)
    offers = [
        Offer(
            model=model.name,
            label=model.label,
            group=group_of(model.name, custom=model.custom),
            taken=model.name in held,
        )
        for model in models
    ]
    return among(offers, search=search, group=group)


def among(offers: Iterable[Offer], *, search: str | None = None, group: str | None = None) -> list[Offer]:
    """Offers whose name or label contains the text, of one group or of all, by group and name.

    :raises InputError: the group does not exist.
    """
    known = [*GROUPS, CUSTOM, OTHER]
    wanted = next((name for name in known if group and name.lower() == group.lower()), None)
    if group and wanted is None:
        raise InputError(f"There is no group '{group}'; choose one of {', '.join(known)}.")
    text, order = (search or "").lower(), {name: place for place, name in enumerate(known)}
    found = [
        offer
        for offer in offers
        if (wanted is None or offer.group == wanted)
        and (text in offer.model.lower() or text in offer.label.lower())
    ]
    return sorted(found, key=lambda offer: (order[offer.group], offer.model))
