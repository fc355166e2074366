"""What Odoo says of all records of a stream together, in one call: how many, their ids added up, the newest.

A grouped read without a grouping gives it (real-odoo §3): ``formatted_read_group`` where JSON-2 is spoken,
``read_group`` elsewhere. Where grouping does not work (a model that answers it in its own way, a right that is
missing), a count has to do, and the other figures are None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from towpath.errors import GiveUpError, InputError, RightMissingError, SkipRecordError
from towpath.odoo import Model, Odoo

__all__ = ["REFUSED", "Figures", "probe"]

_CONTEXT = {"active_test": False}
#: How an Odoo refuses a read that is not for this model, this field, this user or this version.
REFUSED = (GiveUpError, InputError, RightMissingError, SkipRecordError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A set of records in four figures; two sets that differ rarely agree in all of them."""

    count: int
    #: The ids added up; None where Odoo would not say. 0 without records.
    id_sum: int | None = None
    #: The greatest id; None where Odoo would not say, 0 without records.
    max_id: int | None = None
    #: The newest ``write_date``, whole seconds, UTC; None without records, or where it is not known.
    newest: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "count": self.count,
            "id_sum": self.id_sum,
            "max_id": self.max_id,
            "newest": self.newest.isoformat() if self.newest else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The figures as they were stored."""
        newest = data["newest"]
        return cls(**{**data, "newest": datetime.fromisoformat(newest) if newest else None})


def probe(odoo: Odoo, model: Model, domain: Sequence[Any]) -> Figures:
    """The figures of all records of a domain that the user may see, archived ones included.

    One call; a second one, a plain count, where the grouped read is refused.

    :raises RightMissingError: the user may not read the model at all.
    """
    try:
        return _grouped(odoo, model, list(domain))
    except REFUSED:
        return Figures(count=odoo.search_count(model.name, domain, context=_CONTEXT))


def _grouped(odoo: Odoo, model: Model, domain: list[Any]) -> Figures:
    # XML-RPC has no whole numbers above 2^31; there the mean, which comes as a float, stands for the sum.
    add = "avg" if odoo.protocol == "xmlrpc" else "sum"
    wanted = {"total": ("id", add), "greatest": ("id", "max")}
    if model.has_write_date:
        wanted["newest"] = ("write_date", "max")
    if odoo.protocol == "json2":
        keys = {key: f"{name}:{how}" for key, (name, how) in wanted.items()}
        rows = odoo.call(
            model.name,
            "formatted_read_group",
            domain=domain,
            groupby=[],
            aggregates=["__count", *keys.values()],
            context=_CONTEXT,
            repeatable=True,
        )
    else:
        keys = {key: f"towpath_{key}" for key in wanted}
        rows = odoo.call(
            model.name,
            "read_group",
            domain=domain,
            fields=[f"towpath_{key}:{how}({name})" for key, (name, how) in wanted.items()],
            groupby=[],
            lazy=False,
            context=_CONTEXT,
            repeatable=True,
        )
    row: dict[str, Any] = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    count = row.get("__count")
    if count == 0:
        return Figures(count=0, id_sum=0, max_id=0)
    total, greatest = (_number(row.get(keys[key])) for key in ("total", "greatest"))
    if type(count) is not int or total is None or greatest is None:
        raise GiveUpError(f"Odoo answered the grouped read of {model.name} in a form that is not known.")
    return Figures(
        count=count,
        id_sum=round(total * count) if add == "avg" else int(total),
        max_id=int(greatest),
        newest=_moment(row.get(keys.get("newest", ""))),
    )


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: Any) -> datetime | None:
    """Odoo's text for a time, cut to whole seconds."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).replace(microsecond=0, tzinfo=UTC)
    except ValueError:
        return None
