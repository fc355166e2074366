"""Changing the settings of streams: checked against Odoo, stored at once, on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from towpath.access import who
from towpath.errors import InputError
from towpath.features.connections import service as connections
from towpath.features.replicate import choice as choices
from towpath.features.replicate import keeping, streams
from towpath.features.replicate.choice import Choice
from towpath.features.replicate.places import check_beside
from towpath.features.replicate.settings_named import about
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import streams as rows
from towpath.hub import Hub
from towpath.odoo import Odoo

if TYPE_CHECKING:
    from towpath.odoo.schema import Model

__all__ = ["Edited", "after_columns", "checked", "edit", "now_of", "pause", "resume"]

#: Two edits at the same time could make a circle of streams that run after each other.
_AFTER_LOCK = 7_403_211_977
#: Settings that change what a row of the table is: all rows have to be read again.
_CONTENT = ("fields", "filter", "masks")
_MOMENTS = ("next_run_at", "next_full_at", "followed_at")
_PLACE = ("layer", "folder", "table_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A stream after a change."""

    stream: Stream
    #: Setting -> value before and after.
    changes: dict[str, list[Any]] = field(default_factory=dict)
    #: What follows from it, in sentences.
    notes: list[str] = field(default_factory=list)


def edit(
    hub: Hub,
    name: str,
    choice: Choice,
    *,
    check: Callable[[Stream], None] | None = None,
    takes: Callable[[Stream], None] | None = None,
) -> Edited:
    """Change settings of one stream; those that are None in the choice stay.

    Other fields, another filter or other masks make the next run read everything again, even when it is cut
    off and goes on as another attempt. Another place makes it begin anew there; the old table stays.

    :param check: sees the stream as it is when nobody else can change it any more, and may refuse the change.
    :param takes: refuses the place that the stream would take; see :func:`towpath.features.replicate.places.takes`.
    :raises NotFoundError: no stream bears the name.
    :raises InputError: several do, or a setting is not valid.
    """
    if choice.children:
        raise InputError("Child models become streams of their own: towpath stream add ... --children.")
    with hub.store.begin() as db:
        stream = streams.one(db, name)
    if choice.needs_model:
        with connections.open_odoo(hub, stream.connection_id) as odoo:
            checked(odoo, stream.model, choice, stream)
    if choice.retention is not None and choice.retention.strip().lower() in choices.NEVER:
        # Before it is stored: a table that can not be reached now would keep the old one for ever.
        keeping.forget_retention(hub, stream)
    with hub.store.begin() as db:
        # The rival is another edit, or a run that is being made: both take the row first.
        db.execute(sa.select(rows.c.id).where(rows.c.id == stream.id).with_for_update())
        before, now = streams.find(db, stream.id), now_of(db)
        if check is not None:
            check(before)
        news = (
            choices.stored(choice, now, before)
            | _place(choice, before)
            | after_columns(db, choice.after, before)
        )
        changes = {
            column: [_plain(getattr(before, column)), _plain(value)]
            for column, value in news.items()
            if column not in _MOMENTS and getattr(before, column) != value
        }
        news |= _consequences(changes, now)
        after = streams.edit(db, before, news) if changes else before
        if before.path != after.path:
            check_beside(db, after)
            if takes is not None:
                takes(after)
        # What waited for the times of before, such as for the end of working hours, does not start at the new ones.
        if {"schedule", "after_stream_id"} & set(changes):
            streams.forgive(db, stream.id, "sync")
        if "full_schedule" in changes:
            streams.forgive(db, stream.id, "full")
        if changes:
            hub.store.audit(who(), "stream.edit", f"stream/{after.path}", details=changes, connection=db)
    if choice.retention is not None:
        keeping.apply_retention(hub, after)
    return Edited(stream=after, changes=changes, notes=_notes(changes, before, after))


def pause(hub: Hub, name: str) -> list[Stream]:
    """Let streams of that name not run by themselves any more; a person can still run them.

    :raises NotFoundError: there is none.
    """
    return _set_paused(hub, name, paused=True)


def resume(hub: Hub, name: str) -> list[Stream]:
    """Let paused streams of that name run by themselves again; what was missed runs once.

    :raises NotFoundError: there is none.
    """
    return _set_paused(hub, name, paused=False)


def _set_paused(hub: Hub, name: str, *, paused: bool) -> list[Stream]:
    with hub.store.begin() as db:
        found = streams.named(db, name)
        for stream in found:
            if stream.paused != paused:
                streams.edit(db, stream, {"paused": paused})
        for stream in found:
            if stream.paused != paused:
                action = "stream.pause" if paused else "stream.resume"
                hub.store.audit(who(), action, f"stream/{stream.path}", connection=db)
        return [streams.find(db, stream.id) for stream in found]


def now_of(db: sa.Connection) -> datetime:
    """PostgreSQL's clock, by which all workers go; later than the locks this transaction holds."""
    moment: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return moment


def checked(odoo: Odoo, name: str, choice: Choice, before: Stream | None = None) -> Model:
    """The model, when what a choice says of its fields and filter is true.

    :raises InputError: it is not.
    """
    from towpath.features.replicate.work import parsed_filter
    from towpath.odoo.schema import discover as describe

    model = describe(odoo, name)
    choices.check(choice, model, before)
    with about("filter"):
        parsed_filter(odoo, model, choice.filter)
    return model


def _place(choice: Choice, before: Stream) -> dict[str, Any]:
    place = {"layer": choice.layer, "folder": choice.folder, "table_name": choice.table_name}
    if choice.table_name is None and choice.prefix is not None:
        place["table_name"] = streams.table_name_of(before.model, choice.prefix)
    return {column: value for column, value in place.items() if value is not None}


def after_columns(db: sa.Connection, name: str | None, stream: Stream | None) -> dict[str, Any]:
    """The columns of a stream that runs after another one; its runs until now are not followed.

    :raises InputError: they would go round in a circle, or the name is not clear.
    """
    if name is None:
        return {}
    db.execute(sa.select(sa.func.pg_advisory_xact_lock(_AFTER_LOCK)))
    first = at = streams.one(db, name)
    while stream is not None:
        if at.id == stream.id:
            raise InputError(
                f"{stream.table_name} can not run after {first.table_name}: that one runs after it, "
                "and the two would never end."
                if first.id != stream.id
                else "A stream can not run after itself; let it run again and again instead.",
                details={"setting": "after"},
            )
        if at.after_stream_id is None:
            break
        at = streams.find(db, at.after_stream_id)
    return {"after_stream_id": first.id, "followed_at": now_of(db)}


def _consequences(changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Columns that follow from a change."""
    news: dict[str, Any] = {}
    if any(column in changes for column in _CONTENT):
        news["reread_at"] = now
    if any(column in changes for column in _PLACE):
        news |= dict.fromkeys(("linked_at", "named_at", "refreshed_at", "kept_up_at"))
    if "links" in changes:
        news["linked_at"] = None
    return news


def _notes(changes: Mapping[str, Any], before: Stream, after: Stream) -> list[str]:
    notes = []
    if before.path != after.path and before.schema is not None:
        notes.append(f"The next run reads everything into {after.path}; the table {before.path} stays.")
    elif any(column in changes for column in _CONTENT) and before.schema is not None:
        notes.append("The next run reads all records again.")
    if before.fields != after.fields and after.sync_type == streams.INCREMENTAL and before.schema is not None:
        notes.append("Columns that are no longer read stay as they are.")
    return notes


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
