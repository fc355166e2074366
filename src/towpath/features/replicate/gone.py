"""What became of records that Odoo does not show any more: deleted, hidden from us, or outside the filter.

Odoo keeps no tombstones, and a search leaves out what a record rule hides just as it leaves out what is deleted.
Reading tells them apart: ids that do not exist are left out of the answer, but one that exists and is hidden
makes Odoo refuse the whole call (real-odoo §3). So the ids are read in large parts, and a part that is refused is
halved, all parts of one size before any smaller one: large parts that are clean are told first. What is not
told within the calls of a run counts as ``unreachable`` and is looked at again later. A second connection whose
user may see more, the witness, tells most of that by one search.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from towpath.errors import (
    GiveUpError,
    InputError,
    RecordMissingError,
    RightMissingError,
    SkipRecordError,
    TowpathError,
)
from towpath.odoo import Model, Odoo

if TYPE_CHECKING:
    from towpath.features.replicate.work import Work

__all__ = ["DELETED", "FILTERED", "UNREACHABLE", "Fates", "State", "sudden", "tell"]

State = Literal["deleted", "unreachable", "filtered"]
#: It does not exist in Odoo any more.
DELETED: State = "deleted"
#: Odoo refuses it to this user: it exists, or nobody could tell.
UNREACHABLE: State = "unreachable"
#: It exists and may be read, but the stream's filter does not admit it any more.
FILTERED: State = "filtered"

#: Ids in one call.
CHUNK = 5_000
#: Calls of one run that may be spent on telling hidden from deleted. 25 hidden ones are found among 5,000 with it.
CALLS = 200
#: A loss of more than half the table and of more rows than this is told apart from everyday deletions.
SUDDEN = 1_000

_CONTEXT = {"active_test": False}
_ODD = (GiveUpError, InputError, SkipRecordError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """Ids by what became of them, each list ascending."""

    deleted: list[int] = field(default_factory=list)
    unreachable: list[int] = field(default_factory=list)
    filtered: list[int] = field(default_factory=list)
    #: Those of the unreachable ones that could not be told within the calls.
    undecided: list[int] = field(default_factory=list)

    def states(self) -> Iterator[tuple[State, list[int]]]:
        """The states that occur, with their ids."""
        for state, ids in (
            (DELETED, self.deleted),
            (UNREACHABLE, self.unreachable),
            (FILTERED, self.filtered),
        ):
            if ids:
                yield state, ids

    def parts(self, most: int) -> Iterator[dict[str, Sequence[int]]]:
        """All ids by state, in parts of at most so many; at least one part, which may be empty."""
        part: dict[str, Sequence[int]] = {}
        room = most
        for state, ids in self.states():
            start = 0
            while start < len(ids):
                if not room:
                    yield part
                    part, room = {}, most
                part[state] = ids[start : start + room]
                start += len(part[state])
                room -= len(part[state])
        yield part

    def sentences(self, *, before: int) -> list[str]:
        """What a person should know.

        :param before: rows the table showed before.
        """
        said = []
        lost = len(self.deleted) + len(self.unreachable) + len(self.filtered)
        if sudden(lost, before):
            said.append(
                f"{lost:,} of {before:,} records are not shown by Odoo any more: {len(self.deleted):,} were deleted, "
                f"{len(self.unreachable):,} may be hidden, {len(self.filtered):,} left the filter. If nobody meant "
                "that, see whether the rights of the Odoo user or the connection's address changed."
            )
        if self.unreachable:
            said.append(
                f"{len(self.unreachable):,} of the records that are gone are marked as unreachable, not as deleted: "
                "Odoo refuses them to this user, or it could not be told; later runs look again."
            )
        if self.filtered:
            said.append(
                f"{len(self.filtered):,} of the records that are gone are marked as filtered: "
                "they exist, but the stream's filter does not admit them any more."
            )
        return said


def sudden(lost: int, before: int) -> bool:
    """Whether so many rows went at once that a change of rights is likelier than so many deletions."""
    return lost > SUDDEN and 2 * lost > before


def tell(work: Work, ids: Sequence[int], *, calls: int = CALLS, in_order: bool = False) -> Fates:
    """Tell what became of records that a search with the stream's filter does not show.

    :param calls: at most so many reads are spent on telling hidden from deleted.
    :param in_order: tell the least ids to the end first, instead of the largest parts that are clean.
    :raises RightMissingError: the user may not read the model at all any more; then nothing is said of its records.
    """
    left = sorted(set(ids))
    if not left:
        return Fates()
    filtered = _shown(work.odoo, work.model, left) if work.filter else set()
    left = [one for one in left if one not in filtered]
    hidden = _witnessed(work, left) if left and work.witness is not None else None
    apart = _Apart(odoo=work.odoo, model=work.model, calls=calls, in_order=in_order)
    apart.read([one for one in left if hidden is None or one not in hidden])
    deleted, unreachable = apart.absent, [*(hidden or ()), *apart.refused]
    if hidden is None:
        unreachable += apart.undecided
    else:
        deleted = [*deleted, *apart.undecided]  # the witness does not know them either
    return Fates(
        deleted=sorted(deleted),
        unreachable=sorted(unreachable),
        filtered=sorted([*filtered, *apart.shown]),
        undecided=sorted(apart.undecided) if hidden is None else [],
    )


def _shown(odoo: Odoo, model: Model, ids: Sequence[int]) -> set[int]:
    """Those of the ids that a search without the stream's filter shows."""
    found: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        chosen = list(ids[start : start + CHUNK])
        found.update(odoo.search_ids(model.name, [["id", "in", chosen]], context=_CONTEXT))
    return found


def _witnessed(work: Work, ids: Sequence[int]) -> set[int] | None:
    """Those of the ids that the witness sees; None when it can not be asked."""
    assert work.witness is not None  # noqa: S101  # the caller looked
    try:
        with work.witness() as other:
            return _shown(other, work.model, ids)
    except TowpathError as problem:
        work.check()
        work.remarks.append(
            f"The witness connection could not tell hidden from deleted records: {problem.message}"
        )
        return None


@dataclass(slots=True, kw_only=True)
class _Apart:
    """Ids told apart by reading them."""

    odoo: Odoo
    model: Model
    calls: int
    in_order: bool
    #: They do not exist.
    absent: list[int] = field(default_factory=list)
    #: They can be read, though a search did not show them.
    shown: list[int] = field(default_factory=list)
    #: Odoo refuses them, one by one: they exist.
    refused: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)

    def read(self, ids: Sequence[int]) -> None:
        """Read the ids in parts, and halve the parts that are refused, the largest first."""
        name = _stored_field(self.model)
        if name is None:  # reading nothing but the id asks Odoo nothing (real-odoo §3)
            self.undecided += ids
            return
        parts = deque(list(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK))
        sure = False
        while parts:
            part = parts.popleft()
            if self.calls <= 0:
                self.undecided += part
                continue
            self.calls -= 1
            try:
                rows = self.odoo.read(self.model.name, part, [name], context=_CONTEXT)
            except RightMissingError:
                if not sure:
                    # Is it the records or the whole model? In the latter case this raises.
                    self.odoo.search_count(self.model.name, [["id", "in", part[:1]]], context=_CONTEXT)
                    sure = True
                self._halve(parts, part, self.refused)
            except RecordMissingError:
                self._halve(parts, part, self.absent)
            except _ODD:
                self._halve(parts, part, self.undecided)
            else:
                there = {row["id"] for row in rows}
                self.absent += [one for one in part if one not in there]
                self.shown += [one for one in part if one in there]

    def _halve(self, parts: deque[list[int]], part: list[int], alone: list[int]) -> None:
        if len(part) == 1:
            alone += part
            return
        middle = len(part) // 2
        if self.in_order:
            parts.extendleft([part[middle:], part[:middle]])
        else:
            parts.extend([part[:middle], part[middle:]])


def _stored_field(model: Model) -> str | None:
    """A field that makes Odoo look at the record: stored and cheap."""
    for name in ("create_date", "write_date", *model.fields):
        found = model.fields.get(name)
        if found is not None and name != "id" and found.store and not _costly(found.type):
            return name
    return None


def _costly(kind: str) -> bool:
    return kind in {"binary", "html", "one2many", "many2many", "properties", "properties_definition"}
