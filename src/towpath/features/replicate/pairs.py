"""Two sides of a range of records, compared: what differs, and a checksum each.

A side is a mapping from id to the second in which the record was last written. All here is arithmetic; who reads the
sides is ``proof.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

__all__ = ["DOUBLED", "NO_STAMP", "Compared", "Pairs", "checksum", "compare"]

#: Id -> whole seconds since 1970, UTC.
Pairs = Mapping[int, int]
#: Stands for the stamp of a record that has none, and for all stamps where only ids are compared.
NO_STAMP = 0
#: Stands for the stamps of a record that the table has more than once: no stamp of Odoo's is the same.
DOUBLED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How the two sides of a range differ; the lists are ascending and disjoint."""

    odoo_count: int
    table_count: int
    odoo_checksum: str
    table_checksum: str
    #: Odoo has them, the table has not.
    missing: list[int]
    #: Both have them, with another stamp.
    stale: list[int]
    #: The table has them, Odoo has not.
    extra: list[int]

    @property
    def equal(self) -> bool:
        """Whether both sides are the same."""
        return not (self.missing or self.stale or self.extra)

    @property
    def suspects(self) -> list[int]:
        """All ids that differ, ascending."""
        return sorted([*self.missing, *self.stale, *self.extra])


def checksum(pairs: Iterable[tuple[int, int]]) -> str:
    """SHA-256 over ``id:seconds`` lines in ascending order of id, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for number, stamp in sorted(pairs):
        digest.update(b"%d:%d\n" % (number, stamp))
    return digest.hexdigest()


def compare(theirs: Pairs, ours: Pairs, before: int | None = None) -> Compared:
    """Compare Odoo's side of a range with the table's.

    :param before: records Odoo stamped at or after this second were changed since the table was read; they are
        left out on both sides. None compares all.
    """
    moved = set() if before is None else {number for number, stamp in theirs.items() if stamp >= before}
    left = {number: stamp for number, stamp in theirs.items() if number not in moved}
    right = {number: stamp for number, stamp in ours.items() if number not in moved}
    return Compared(
        odoo_count=len(left),
        table_count=len(right),
        odoo_checksum=checksum(left.items()),
        table_checksum=checksum(right.items()),
        missing=sorted(left.keys() - right.keys()),
        stale=sorted(number for number in left.keys() & right.keys() if left[number] != right[number]),
        extra=sorted(right.keys() - left.keys()),
    )
