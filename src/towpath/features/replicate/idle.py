"""Telling with one call that a stream has nothing new, so that polling many quiet models costs next to nothing.

Before it reads, a run takes a *sight* of the model: how many records Odoo shows, the sum and the greatest of their
ids, the newest stamp. While a later sight is the same, nothing was created, deleted, shown, hidden or stamped anew.
What a sight can not see is a transaction that was open at that time and commits behind the newest stamp (facts §0.1).
It is possible only where the newest stamp lay within the overlap when the sight was taken: any transaction younger
than the overlap raises the newest stamp when it commits. So a stream whose records were changed lately is read as
usual, until one run has seen it quiet for the length of the overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Self

import structlog

from towpath.errors import TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import runs, streams, work
from towpath.features.replicate.cursor import BLUR as CLOCK_BLUR
from towpath.features.replicate.cursor import set_back
from towpath.features.replicate.followers import due
from towpath.features.replicate.probe import Figures, probe
from towpath.features.replicate.streams import INCREMENTAL, Stream, overlap_of
from towpath.features.replicate.work import Work
from towpath.hub import Hub
from towpath.lake.table import Table
from towpath.odoo import Odoo, domain
from towpath.odoo.schema import Field, Model, from_json

__all__ = ["Sight", "look", "quiet", "take"]

log = structlog.get_logger(__name__)

#: A model's fields are looked at again after this time even where nothing tells that they changed.
DESCRIBE_AFTER = timedelta(hours=1)
#: The same for users who may not read the list of fields, by which a change shows.
DESCRIBE_UNTOLD_AFTER = timedelta(minutes=15)
#: Seconds that the blur of Odoo's clock and of stamps cut to seconds may amount to.
BLUR = timedelta(seconds=2)
_FIELDS = Model(
    name="ir.model.fields", fields={name: Field(name=name, type="datetime") for name in ("id", "write_date")}
)
#: Databases that are asked at the same time.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of a model before it was read."""

    #: Odoo's clock, taken before anything else was asked.
    at: datetime
    figures: Figures
    #: Differs when any field of the database came, went or changed; None where the user may not know.
    fields: str | None
    #: The stream's last commit when the run had ended.
    sequence: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "at": self.at.isoformat(),
            "figures": self.figures.to_json(),
            "fields": self.fields,
            "sequence": self.sequence,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The sight as it was stored."""
        return cls(
            at=datetime.fromisoformat(data["at"]),
            figures=Figures.from_json(data["figures"]),
            fields=data["fields"],
            sequence=data["sequence"],
        )


def take(at_work: Work) -> Sight | None:
    """See the model now; None where Odoo does not give the figures, or where they would be of no use."""
    odoo, model = at_work.odoo, at_work.model
    if not model.has_write_date or at_work.stream.sync_type != INCREMENTAL:
        return None
    at = odoo.clock()
    newest = _newest_held(at_work.table)
    if newest is not None and newest > at - at_work.overlap:
        return None
    try:
        fields = _fields(odoo)
        figures = probe(odoo, model, at_work.filter)
    except TowpathError:  # the reading that follows meets the same trouble and speaks of it
        return None
    return None if figures.id_sum is None else Sight(at=at, figures=figures, fields=fields)


def _fields(odoo: Odoo) -> str | None:
    """What the list of all fields looks like, in short."""
    try:
        seen = probe(odoo, _FIELDS, [])
    except TowpathError:
        return None
    return None if seen.id_sum is None else f"{seen.count}/{seen.id_sum}/{seen.newest}"


def _newest_held(table: Table) -> datetime | None:
    """The newest stamp of a table, by its files' statistics; None where they do not say."""
    found = [file.bounds("write_date")[1] for file in table.files()] if table.exists else []
    return datetime.fromisoformat(max(found)) if found and all(found) else None


def quiet(before: Sight, now: Sight, overlap: timedelta) -> bool:
    """Whether nothing can have changed since the run that took the sight ``before``."""
    longest = DESCRIBE_UNTOLD_AFTER if now.fields is None else DESCRIBE_AFTER
    return (
        _settled(before, overlap)
        and before.figures == now.figures
        and before.fields == now.fields
        and timedelta() <= now.at - before.at < longest
    )


def _settled(before: Sight, overlap: timedelta) -> bool:
    """Whether no transaction can have been open that commits behind the newest stamp."""
    newest = before.figures.newest
    # A clock that steps back by less than its blur is not noticed, and stamps that much earlier.
    return newest is None or newest < before.at - max(overlap, CLOCK_BLUR) - BLUR


def look(hub: Hub, chosen: Sequence[Stream]) -> dict[str, str]:
    """Ask Odoo which of these streams have nothing new, and record a run of kind ``idle`` for each of them.

    :returns: stream id -> run id of the quiet ones. A database that can not be asked has none: its runs say why.
    """
    wanted = {stream.id for stream in chosen}
    with hub.store.begin() as db:  # as they are now: whoever chose them may have waited
        usual = hub.settings.overlap_seconds
        asked = [s for s in streams.listed(db) if s.id in wanted and _may_be_quiet(s, usual)]
    asked.sort(key=lambda stream: stream.connection_id)
    by_connection = [list(members) for _, members in groupby(asked, key=lambda s: s.connection_id)]
    if not by_connection:
        return {}
    with ThreadPoolExecutor(min(_AT_ONCE, len(by_connection)), thread_name_prefix="look") as pool:
        answers = list(pool.map(lambda members: _look_at(hub, members), by_connection))
    cursors = {stream_id: cursor for answer in answers for stream_id, cursor in answer.items()}
    with hub.store.begin() as db:
        if cursors:
            streams.seen(db, list(cursors))
        return runs.idle(db, cursors)


def _may_be_quiet(stream: Stream, usual: int) -> bool:
    return (
        stream.sync_type == INCREMENTAL
        and stream.sight is not None
        and stream.schema is not None
        and stream.active_run_id is None
        and stream.reread_at is None
        and not stream.missed
        and not due(stream, datetime.now(UTC))
        and _settled(Sight.from_json(stream.sight), overlap_of(stream, usual))
    )


def _look_at(hub: Hub, members: Sequence[Stream]) -> dict[str, dict[str, Any]]:
    """Stream id -> cursor of those streams of one connection that are quiet."""
    found: dict[str, dict[str, Any]] = {}
    try:
        with connections.open_odoo(hub, members[0].connection_id) as odoo:
            # An Odoo that has trouble is waited for by the runs, which say so; a look goes on without an answer.
            odoo.retry = odoo.retry.but(attempts=1)
            fields = _fields(odoo)
            for stream in members:
                if (cursor := _quiet_cursor(hub, odoo, stream, fields)) is not None:
                    found[stream.id] = cursor
    except TowpathError as problem:
        log.info("could_not_look", connection=members[0].connection_id, why=problem.message)
    return found


def _quiet_cursor(hub: Hub, odoo: Odoo, stream: Stream, fields: str | None) -> dict[str, Any] | None:
    """The cursor of a stream that has nothing new; None when it has to be read, or nobody can tell."""
    before = Sight.from_json(stream.sight or {})
    overlap = overlap_of(stream, hub.settings.overlap_seconds)
    table = Table(f"{hub.lake_root}/{stream.path}", hub.settings.storage_options)
    cursor = work.cursor_of(table, stream)
    # The table says how far it is: one that was removed or restored from a copy is read.
    if cursor.through is None or cursor.window or table.sequence(stream.app_id) != before.sequence:
        return None
    at = odoo.clock()
    if set_back(cursor.ahead, (at - datetime.now(UTC)).total_seconds(), overlap):
        return None
    condition = domain.to_list(domain.parse(stream.filter)) if stream.filter else []
    figures = probe(odoo, from_json(stream.schema or ""), condition)
    if figures.id_sum is None or not quiet(before, Sight(at=at, figures=figures, fields=fields), overlap):
        return None
    return cursor.to_json()
