"""What all parts of the demo share: the batch, the seeded random numbers, the calendar of the past year."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.rows import Batch

__all__ = ["CLOSE", "OPEN", "Firm", "Scene", "money"]

OPEN = datetime(2025, 1, 6, 7, 30, 0)  # noqa: DTZ001 - Odoo keeps naive UTC
"""The first day of the demo's year."""
CLOSE = datetime(2025, 12, 19, 17, 0, 0)  # noqa: DTZ001 - Odoo keeps naive UTC
"""The last stamp of the demo: the data ends in the past, so that cursors never wait for it."""


def money(value: float | Decimal, digits: int = 2) -> Decimal:
    """A value rounded as invoices are: half away from zero."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


@dataclass(slots=True, kw_only=True)
class Firm:
    """One of the two companies: its records by role."""

    id: int
    partner: int
    name: str
    currency: int
    accounts: dict[str, int]
    journals: dict[str, int]
    sale_tax: int
    purchase_tax: int
    sale_tax_line: int
    purchase_tax_line: int
    sale_refund_line: int
    purchase_refund_line: int
    tax_group: int
    term: int
    method_in: int
    method_out: int


@dataclass(slots=True, kw_only=True)
class Scene:
    """The state the parts of the demo hand to each other."""

    batch: Batch
    dice: random.Random
    firms: list[Firm] = field(default_factory=list)
    customers: list[int] = field(default_factory=list)
    vendors: list[int] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    partner_names: dict[int, str] = field(default_factory=dict)
    users: list[int] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    rates: dict[int, Decimal] = field(default_factory=dict)
    sale_orders: list[int] = field(default_factory=list)

    @property
    def is19(self) -> bool:
        """Whether the newer version is filled."""
        return self.batch.env.is19

    def moments(self, count: int, start: datetime = OPEN, end: datetime = CLOSE) -> list[datetime]:
        """`count` stamps in rising order, with microseconds, spread over the year."""
        seconds = (end - start).total_seconds()
        offsets = sorted(self.dice.uniform(0, seconds) for _ in range(count))
        return [start + timedelta(microseconds=int(offset * 1e6)) for offset in offsets]

    def stamps(self, created: datetime, *, days: float = 20.0) -> dict[str, Any]:
        """The four stamps of a row made at a moment; it was written again up to `days` later."""
        written = created
        if self.dice.random() < 0.6:
            written = min(CLOSE, created + timedelta(seconds=self.dice.uniform(60, days * 86400)))
        return {
            "create_date": created,
            "create_uid": self.dice.choice(self.users or [2]),
            "write_date": written,
            "write_uid": self.dice.choice(self.users or [2]),
        }

    def pick(self, values: Any) -> Any:
        """One of some values."""
        return self.dice.choice(values)

    def day(self, around: datetime, spread: int) -> date:
        """A day near a moment, at most `spread` days away."""
        return (around + timedelta(days=self.dice.randint(-spread, spread))).date()
