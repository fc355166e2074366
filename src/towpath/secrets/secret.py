"""A secret value that does not show itself."""

from __future__ import annotations

import hmac
from typing import NoReturn

from towpath.secrets.redaction import REDACTED, redactor

__all__ = ["Secret"]


class Secret:
    """Holds a secret text; ``reveal()`` is the only way to read it.

    ``str``, ``repr`` and ``format`` give ``***``, pickling is refused, comparison takes constant time. Making
    one tells the redactor, so that the value is also taken out of any log line it might slip into.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        redactor.add(value)

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, _specification: str) -> str:
        return REDACTED

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash in a table would tell equal secrets apart

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret can not be pickled; seal it")
