"""Which fields really can be read: a field that raises must not cost the stream.

A field can be listed by ``fields_get`` and still raise when it is read (a computed field that fails for some
records, a group's field: real-odoo §3), and one such field fails the whole page. When a page fails, the fields
are halved until those that raise are found; a page with k of them among n costs about 2 k log2(n) small calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from towpath.errors import GiveUpError, RightMissingError, SkipRecordError, TowpathError

__all__ = ["FIELD_ERRORS", "ReadSource", "Readable", "readable"]

#: What a raising field looks like. Anything else (no connection, wrong key) is not the field's fault.
FIELD_ERRORS = (GiveUpError, RightMissingError, SkipRecordError)


class ReadSource(Protocol):
    """The one call this needs of a connection."""

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The records with these ids."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The fields that can be read of these records, in the order asked for, and why each other one can not."""

    fields: tuple[str, ...]
    dropped: dict[str, str] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        """One sentence for each field that was dropped."""
        return [
            f"The field '{name}' was left out, reading it fails: {why}." for name, why in self.dropped.items()
        ]


def readable(odoo: ReadSource, model: str, fields: Sequence[str], ids: Sequence[int]) -> Readable:
    """Tell the fields that raise from the others by reading ``ids`` (the page that failed, or a few records).

    When every field fails, the fields are not to blame (the records or the model may not be read at all) and
    the first error is raised. Errors that pass or that a person must correct are raised too.
    """
    wanted = list(dict.fromkeys(name for name in fields if name != "id"))
    lead = ("id",) if "id" in fields else ()
    dropped: dict[str, str] = {}
    first: list[TowpathError] = []

    def halve(part: Sequence[str]) -> None:
        try:
            odoo.read(model, ids, [*lead, *part])
        except FIELD_ERRORS as error:
            first.append(error)
            if len(part) == 1:
                dropped[part[0]] = error.message.rstrip(".")
                return
            middle = len(part) // 2
            halve(part[:middle])
            halve(part[middle:])

    if wanted:
        halve(wanted)
        if first and len(dropped) == len(wanted):
            raise first[0]
    return Readable(fields=(*lead, *(name for name in wanted if name not in dropped)), dropped=dropped)
