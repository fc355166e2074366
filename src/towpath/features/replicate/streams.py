"""Streams: which model of which connection goes into which table, and how."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.errors import InputError, NotFoundError
from towpath.features.replicate import staging
from towpath.features.replicate.settings_named import about
from towpath.features.replicate.tables import owed_runs, proof_ranges, run_log, runs, stream_owners, streams

__all__ = [
    "FULL_TABLE",
    "INCREMENTAL",
    "MAX_DESCRIPTION",
    "Stream",
    "SyncType",
    "add",
    "caught_up",
    "edit",
    "fetch",
    "find",
    "forgive",
    "listed",
    "missed",
    "one",
    "overlap_of",
    "owners",
    "remember",
    "remove",
    "reread",
    "seen",
    "table_name_of",
    "was_late",
]

#: What a stream's name among the writers of a table begins with.
_APP = "towpath.stream."

SyncType = Literal["INCREMENTAL", "FULL_TABLE"]
INCREMENTAL: SyncType = "INCREMENTAL"
FULL_TABLE: SyncType = "FULL_TABLE"

#: Longest description of a stream, in characters (S2.16).
MAX_DESCRIPTION = 140

#: Seconds; a record that is later than this was hidden, not late.
LONGEST_OVERLAP = 86_400.0

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One model that is replicated."""

    id: str
    connection_id: str
    model: str
    layer: str
    folder: str
    table_name: str
    #: INCREMENTAL keeps every record ever fetched (S2.14); FULL_TABLE holds the current state (S2.15).
    sync_type: SyncType
    #: Field names asked for; None means the model's default fields.
    fields: list[str] | None = None
    #: Odoo domain as text; None for all records.
    filter: str | None = None
    description: str = ""
    #: The model as the last run saw it, as ``towpath.odoo.schema.to_json`` gives it.
    schema: str | None = None
    #: Decimals of the monetary columns; None makes them floats. Settled at the first run.
    money_decimals: int | None = None
    active_run_id: str | None = None
    #: Not run by itself while true.
    paused: bool = False
    #: When it runs by itself, as ``schedule.py`` has it; None: by hand only.
    schedule: dict[str, Any] | None = None
    next_run_at: datetime | None = None
    #: The additional full sync (S2.19).
    full_schedule: dict[str, Any] | None = None
    next_full_at: datetime | None = None
    #: It runs whenever that stream has succeeded.
    after_stream_id: str | None = None
    #: End of that stream's newest run that was followed already.
    followed_at: datetime | None = None
    #: How long old states of the table are kept, in words (S2.18).
    retention: str | None = None
    #: Every version of a record is kept in a table of its own.
    history: bool = False
    #: Field -> ``hash``, ``drop`` or ``truncate:N``, for personal data.
    masks: dict[str, str] = field(default_factory=dict)
    #: Fields that are not stored are read again for all records after so many seconds.
    refresh_seconds: int | None = None
    refreshed_at: datetime | None = None
    #: many2many fields that become link tables, and how often all links are compared.
    links: list[str] | None = None
    links_seconds: int | None = None
    linked_at: datetime | None = None
    #: How often names of linked records are compared.
    names_seconds: int | None = None
    named_at: datetime | None = None
    #: None: the setting's.
    overlap_seconds: int | None = None
    #: The longest that a record was seen to appear behind its stamp.
    late_seconds: float = 0.0
    #: When the model's fields were last looked at, Odoo last asked for changes, upkeep last done.
    described_at: datetime | None = None
    checked_at: datetime | None = None
    kept_up_at: datetime | None = None
    #: When other fields, another filter or other masks were chosen; the next run reads everything again.
    reread_at: datetime | None = None
    #: What the last complete run saw of Odoo before it read (``idle.Sight``).
    sight: dict[str, Any] | None = None
    #: Fields that raised while rows were read -> in which ids, by which run.
    missed: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where the table lies under the lake's root."""
        return f"{self.layer}/{self.folder}/{self.table_name}"

    @property
    def app_id(self) -> str:
        """Name under which the stream commits to its table."""
        return f"{_APP}{self.id}"


def table_name_of(model: str, prefix: str = "") -> str:
    """The table name suggested for a model: dots become underscores (S2.11, S2.12)."""
    return prefix + re.sub(r"[^a-z0-9_]", "_", model.lower())


def _checked(what: str, text: str) -> str:
    if not _NAME.fullmatch(text):
        raise InputError(
            f"'{text}' can not be the name of a {what}; use small letters, digits and _, at most 63, "
            "and begin with a letter."
        )
    return text


def add(
    db: sa.Connection,
    *,
    connection_id: str,
    model: str,
    layer: str,
    folder: str,
    table_name: str,
    **settings: Any,
) -> Stream:
    """Store a new stream.

    :param settings: further columns by name.
    :raises InputError: a name, the sync type or the description is not valid, or the table is taken.
    """
    place = {"layer": layer, "folder": folder, "table_name": table_name}
    row = {"id": uuid.uuid4().hex[:12], "connection_id": connection_id, "model": model, **place}
    row |= {"sync_type": INCREMENTAL, **settings}
    _store(db, streams.insert().values(_valid(row)), place)
    return find(db, row["id"])


def edit(db: sa.Connection, stream: Stream, news: Mapping[str, Any]) -> Stream:
    """Change columns of a stream.

    :raises InputError: as with :func:`add`.
    """
    place = {name: news.get(name, getattr(stream, name)) for name in ("layer", "folder", "table_name")}
    _store(db, streams.update().where(streams.c.id == stream.id).values(_valid(news)), place)
    return find(db, stream.id)


def _store(db: sa.Connection, statement: sa.Insert | sa.Update, place: Mapping[str, str]) -> None:
    try:
        with db.begin_nested():
            db.execute(statement)
    except sa.exc.IntegrityError as problem:
        raise InputError(
            f"There is a table {'.'.join(place.values())} already; give the stream another table, "
            "folder or prefix.",
            details={"setting": "table_name"},
        ) from problem


def _valid(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are stored, when all are valid."""
    for column, what in (("layer", "layer"), ("folder", "folder"), ("table_name", "table")):
        if column in row:
            with about(column):
                _checked(what, row[column])
    if row.get("sync_type", INCREMENTAL) not in get_args(SyncType):
        raise InputError(f"'{row['sync_type']}' is not a sync type; choose INCREMENTAL or FULL_TABLE.")
    if len(row.get("description", "")) > MAX_DESCRIPTION:
        raise InputError(
            f"The description has {len(row['description'])} characters; shorten it to {MAX_DESCRIPTION} or fewer.",
            details={"setting": "description"},
        )
    # None in a JSON column would become the JSON value null.
    return {name: sa.null() if value is None else value for name, value in row.items()}


def _stream(row: sa.Row[Any]) -> Stream:
    values = row._asdict()
    values.pop("created_at")
    return Stream(**values)


def find(db: sa.Connection, stream_id: str) -> Stream:
    """The stream of that id.

    :raises NotFoundError: there is none.
    """
    row = db.execute(streams.select().where(streams.c.id == stream_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no stream {stream_id}; see `towpath stream list`.")
    return _stream(row)


def fetch(db: sa.Connection, query: sa.Select[Any]) -> list[Stream]:
    """The streams whose whole rows a query gives."""
    return [_stream(row) for row in db.execute(query)]


def listed(db: sa.Connection, *, connection_id: str | None = None) -> list[Stream]:
    """All streams (of one connection), by their place in the catalog."""
    query = streams.select().order_by(streams.c.layer, streams.c.folder, streams.c.table_name)
    if connection_id is not None:
        query = query.where(streams.c.connection_id == connection_id)
    return fetch(db, query)


def named(db: sa.Connection, name: str, *, connection_id: str | None = None) -> list[Stream]:
    """Streams a person may mean: by id, model, table name or layer.folder.table.

    :raises NotFoundError: none bears that name.
    """
    found = [
        stream
        for stream in listed(db, connection_id=connection_id)
        if name in {stream.id, stream.model, stream.table_name, stream.path.replace("/", ".")}
    ]
    if not found:
        raise NotFoundError(f"There is no stream '{name}'; see `towpath stream list`.")
    return found


def one(db: sa.Connection, name: str) -> Stream:
    """The stream a person means.

    :raises NotFoundError: none bears that name.
    :raises InputError: several do.
    """
    found = named(db, name)
    if len(found) > 1:
        paths = ", ".join(stream.path.replace("/", ".") for stream in found[:5])
        raise InputError(f"'{name}' may be several streams; name one of them in full: {paths}.")
    return found[0]


def remove(db: sa.Connection, stream_id: str) -> None:
    """Forget a stream and its runs. Its table stays where it is, and of which connection it is.

    What ran after it runs by hand from now on.
    """
    owner = sa.select(streams.c.id, streams.c.connection_id).where(streams.c.id == stream_id)
    noted = insert(stream_owners).from_select(["stream_id", "connection_id"], owner)
    db.execute(noted.on_conflict_do_nothing())
    followers = streams.c.after_stream_id == stream_id
    db.execute(streams.update().where(followers).values(after_stream_id=None))
    db.execute(owed_runs.delete().where(owed_runs.c.stream_id == stream_id))
    staging.clear(db, stream_id)
    db.execute(proof_ranges.delete().where(proof_ranges.c.stream_id == stream_id))
    mine = sa.select(runs.c.id).where(runs.c.stream_id == stream_id)
    db.execute(run_log.delete().where(run_log.c.run_id.in_(mine)))
    db.execute(runs.delete().where(runs.c.stream_id == stream_id))
    db.execute(streams.delete().where(streams.c.id == stream_id))


def owners(db: sa.Connection, app_ids: Collection[str]) -> dict[str, str]:
    """Name under which a stream commits -> its connection, of streams there are or were; others are left out."""
    wanted = {name.removeprefix(_APP): name for name in app_ids if name.startswith(_APP)}
    live = sa.select(streams.c.id, streams.c.connection_id).where(streams.c.id.in_(wanted))
    noted = sa.select(stream_owners).where(stream_owners.c.stream_id.in_(wanted))
    return {wanted[stream]: connection for stream, connection in db.execute(live.union(noted))}


def overlap_of(stream: Stream, usual: int) -> timedelta:
    """How far an incremental read reaches back (facts §0.1, §2.3).

    The stream's own length or the usual one (seconds), and in any case half as much again as the longest that a
    record of it was seen to be late, up to a day. Choose no less than the blur with which Odoo's clock is read
    (``cursor.BLUR``): a step back of that size is not noticed.
    """
    own = usual if stream.overlap_seconds is None else stream.overlap_seconds
    learnt = min(1.5 * stream.late_seconds, LONGEST_OVERLAP)
    return timedelta(seconds=max(own, learnt))


def was_late(db: sa.Connection, stream_id: str, seconds: float) -> None:
    """Note that a record appeared so many seconds behind its stamp; only the longest is kept."""
    # Two runs may learn at once: the statement compares with what stands, not with what was read before.
    db.execute(
        streams.update()
        .where(streams.c.id == stream_id, streams.c.late_seconds < seconds)
        .values(late_seconds=seconds)
    )


def seen(db: sa.Connection, stream_ids: Sequence[str], sight: dict[str, Any] | None = None) -> None:
    """Note that Odoo was asked for changes now, and what was seen of it when that is new."""
    news: dict[str, Any] = {"checked_at": sa.func.now()}
    if sight is not None:
        news["sight"] = sight
    db.execute(streams.update().where(streams.c.id.in_(stream_ids)).values(news))


def remember(db: sa.Connection, stream_id: str, *, schema: str, money_decimals: int | None) -> None:
    """Keep the model as this run saw it, and the decimals its money has."""
    news = {"schema": schema, "money_decimals": money_decimals}
    db.execute(streams.update().where(streams.c.id == stream_id).values(news))


def want_reread(db: sa.Connection, stream_id: str) -> None:
    """Let the next run read everything again, unless that is wanted already (the rival is an edit)."""
    wanted = (streams.c.id == stream_id, streams.c.reread_at.is_(None))
    db.execute(streams.update().where(*wanted).values(reread_at=sa.func.now()))


def reread(db: sa.Connection, stream: Stream, run_id: str) -> None:
    """Note that this run has read everything again, as an edit of the stream wanted.

    The rival is another edit: one that came while the run was open stays for the next run. An edit stamps the
    stream while it holds its row, and a run is made under the same lock, so the two moments can be compared.
    """
    begun = sa.select(runs.c.created_at).where(runs.c.id == run_id).scalar_subquery()
    wanted = (streams.c.id == stream.id, streams.c.reread_at == stream.reread_at, streams.c.reread_at < begun)
    db.execute(streams.update().where(*wanted).values(reread_at=None))


def missed(db: sa.Connection, stream_id: str, fields: Mapping[str, Any]) -> None:
    """Keep that fields could not be read, beside those that are kept already."""
    held = db.execute(sa.select(streams.c.missed).where(streams.c.id == stream_id).with_for_update())
    news = {**held.scalar_one(), **fields}  # the rivals, workers at other ranges, wait for the lock
    db.execute(streams.update().where(streams.c.id == stream_id).values(missed=news))


def caught_up(db: sa.Connection, stream: Stream) -> None:
    """Forget fields that could not be read, as all records have been read again since; not those noted meanwhile."""
    wanted = (streams.c.id == stream.id, streams.c.missed == stream.missed)
    db.execute(streams.update().where(*wanted).values(missed={}))


def forgive(db: sa.Connection, stream_id: str, kind: str) -> None:
    """Take back that a run of a kind is owed to a stream, such as when a person chooses other times for it.

    The rival is a worker that starts it at this moment: it holds the note, and is not waited for, as it may wait for us.
    """
    key = (owed_runs.c.stream_id, owed_runs.c.kind)
    free = sa.select(*key).where(owed_runs.c.stream_id == stream_id, owed_runs.c.kind == kind)
    db.execute(owed_runs.delete().where(sa.tuple_(*key).in_(free.with_for_update(skip_locked=True))))
