"""How many decimals the money of a database has: what the monetary columns of its tables are made by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from towpath.errors import GiveUpError, InputError, RightMissingError

__all__ = ["CurrencySource", "money_decimals"]

_LEAST, _MOST = 2, 6


class CurrencySource(Protocol):
    """The one call this needs of a connection."""

    def search_read(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """The records that match."""
        ...


def money_decimals(odoo: CurrencySource) -> int | None:
    """The most decimals any currency of the database has, 2 at least; None when currencies can not be read.

    Archived currencies count too, so that the columns' type stays when one of them is taken into use.
    """
    try:
        rows = odoo.search_read("res.currency", [], ["decimal_places"], context={"active_test": False})
    except (GiveUpError, InputError, RightMissingError):
        return None
    found = [row.get("decimal_places") for row in rows]
    places = [number for number in found if isinstance(number, int) and not isinstance(number, bool)]
    return min(max(_LEAST, *places), _MOST) if places else None
