"""Saved queries: a person's own, and those that others share with everybody or with a group.

Who sees a shared query sees its text; its rows are read with the rights of whoever runs it. Only its owner changes or
removes it, and whoever manages people may remove it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from towpath.access import Actor, Right, who
from towpath.errors import AccessError, ConflictError, InputError, NotFoundError
from towpath.features.explore.guard import examine, one_line
from towpath.features.explore.tables import query_history, saved_queries
from towpath.features.people import service as people
from towpath.hub import Hub

__all__ = [
    "CHARTS",
    "EVERYBODY",
    "Saved",
    "add",
    "change",
    "find",
    "forget",
    "groups",
    "listed",
    "owner_of",
    "remove",
]

EVERYBODY = "everybody"
CHARTS = ("bar", "line", "pie")
_LONGEST_TITLE = 120
_LONGEST_TEXT = 100_000
_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One saved query."""

    id: str
    owner: str
    owner_name: str
    title: str
    description: str
    sql: str
    chart: Mapping[str, Any] | None = None
    """``type`` (one of `CHARTS`), ``x`` (a column), ``y`` (columns)."""
    shared_with: Sequence[str] = field(default_factory=tuple)
    """``everybody``, or ``group:<id>`` of groups."""
    revision: int = 1
    """Rises with every change."""
    created_at: datetime
    changed_at: datetime

    def to_json(self) -> dict[str, Any]:
        """The query as plain values."""
        return {
            "id": self.id,
            "owner": self.owner_name,
            "title": self.title,
            "description": self.description,
            "sql": self.sql,
            "chart": dict(self.chart) if self.chart else None,
            "shared_with": list(self.shared_with),
            "revision": self.revision,
            "created_at": self.created_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
        }


def owner_of(actor: Actor) -> str:
    """Under which name things of somebody are kept: the person's id, whatever session or token they came by."""
    return actor.user_id or actor.name


def forget(db: sa.Connection, user_id: str) -> None:
    """Remove what a deleted person kept for themselves; what they shared stays, for administrators to change."""
    theirs = saved_queries.c.owner == user_id
    db.execute(saved_queries.delete().where(theirs, saved_queries.c.shared_with == sa.cast([], JSONB)))
    db.execute(query_history.delete().where(query_history.c.owner == user_id))


def groups(hub: Hub, actor: Actor) -> dict[str, str]:
    """Names of the groups they may share with, by how sharing writes them: those they are in."""
    return {f"group:{group}": name for group, name in people.groups_of(hub, actor).items()}


def listed(hub: Hub, actor: Actor, *, search: str = "") -> list[Saved]:
    """Their own queries and those shared with them, by title; the command line's user sees all."""
    query = saved_queries.select().where(_seen(hub, actor))
    # Their own come first: what others share, however much, takes no place from it.
    mine = saved_queries.c.owner == owner_of(actor)
    query = query.order_by(sa.desc(mine), sa.func.lower(saved_queries.c.title), saved_queries.c.id)
    if search.strip():
        wanted = f"%{_escaped(search.strip())}%"
        query = query.where(
            saved_queries.c.title.ilike(wanted)
            | saved_queries.c.description.ilike(wanted)
            | saved_queries.c.sql.ilike(wanted)
        )
    with hub.store.begin() as db:
        found = [_saved(row) for row in db.execute(query.limit(_MOST))]
    return sorted(found, key=lambda one: (one.title.lower(), one.id))


def _seen(hub: Hub, actor: Actor) -> sa.ColumnElement[bool]:
    """Of a saved query: they may see it."""
    if _sees_all(actor):
        return sa.true()
    shared = [saved_queries.c.shared_with.contains([one]) for one in [EVERYBODY, *groups(hub, actor)]]
    return sa.or_(saved_queries.c.owner == owner_of(actor), *shared)


def find(hub: Hub, actor: Actor, query_id: str) -> Saved:
    """One of those queries, by its id or, where that is clear, its title.

    :raises NotFoundError: there is none that they may see.
    """
    named = sa.or_(saved_queries.c.id == query_id, saved_queries.c.title == query_id)
    # The one of that id is among them whoever else calls theirs so.
    query = saved_queries.select().where(_seen(hub, actor), named)
    query = query.order_by(sa.desc(saved_queries.c.id == query_id)).limit(2)
    with hub.store.begin() as db:
        found = [_saved(row) for row in db.execute(query)]
    exact = [one for one in found if one.id == query_id]
    if not found or (len(found) > 1 and not exact):
        raise NotFoundError(
            f"There is no saved query {one_line(query_id)}; the list of saved queries has those there are."
            if not found
            else f"Several saved queries are called {one_line(query_id)}; name one by its id."
        )
    return (exact or found)[0]


def add(
    hub: Hub,
    actor: Actor,
    *,
    title: str,
    sql: str,
    description: str = "",
    chart: Mapping[str, Any] | None = None,
    shared_with: Sequence[str] = (),
) -> Saved:
    """Keep a query.

    :raises InputError: title, SQL, chart or sharing are not valid, or there are too many.
    """
    row = _valid(
        {
            "title": title,
            "sql": sql,
            "description": description,
            "chart": chart,
            "shared_with": list(shared_with),
        }
    )
    _require_groups(hub, actor, row["shared_with"])
    row |= {"id": uuid.uuid4().hex[:12], "owner": owner_of(actor), "owner_name": actor.title or actor.name}
    with hub.store.begin() as db:
        mine = saved_queries.c.owner == row["owner"]
        if (db.scalar(sa.select(sa.func.count()).select_from(saved_queries).where(mine)) or 0) >= _MOST:
            raise InputError(f"There are {_MOST:,} saved queries of yours already; remove some first.")
        kept = _saved(db.execute(saved_queries.insert().values(row).returning(saved_queries)).one())
        _audit(hub, db, "query.save", kept)
    return kept


def change(hub: Hub, actor: Actor, query: Saved, news: Mapping[str, Any]) -> Saved:
    """Change what is given of ``title``, ``description``, ``sql``, ``chart`` and ``shared_with``.

    :raises AccessError: it is somebody else's.
    :raises ConflictError: it was changed since `query` was read.
    """
    if query.owner != owner_of(actor) and not _sees_all(actor):
        raise AccessError("Only its owner may change this query; save a copy of your own.")
    row = _valid(news)
    _require_groups(hub, actor, set(row.get("shared_with", ())) - set(query.shared_with))
    with hub.store.begin() as db:
        # Rival: the same owner in another window.
        unchanged = (saved_queries.c.id == query.id) & (saved_queries.c.revision == query.revision)
        statement = saved_queries.update().where(unchanged)
        statement = statement.values(**row, revision=query.revision + 1, changed_at=sa.func.now())
        found = db.execute(statement.returning(saved_queries)).one_or_none()
        if found is None:
            raise ConflictError("The query was changed meanwhile; load it again and repeat your change.")
        kept = _saved(found)
        action = (
            "query.share" if "shared_with" in row and kept.shared_with != query.shared_with else "query.save"
        )
        _audit(hub, db, action, kept)
    return kept


def remove(hub: Hub, actor: Actor, query: Saved) -> None:
    """Forget a query.

    :raises AccessError: it is somebody else's.
    """
    if query.owner != owner_of(actor) and not (actor.may(Right.MANAGE_PEOPLE) or _sees_all(actor)):
        raise AccessError("Only its owner or an administrator may remove this query.")
    with hub.store.begin() as db:
        db.execute(saved_queries.delete().where(saved_queries.c.id == query.id))
        _audit(hub, db, "query.remove", query)


def _require_groups(hub: Hub, actor: Actor, shared: Collection[str]) -> None:
    wanted = set(shared) - {EVERYBODY}
    if wanted and not _sees_all(actor) and not wanted <= set(groups(hub, actor)):
        raise InputError("Share a query with groups you are in; the list of your groups has their ids.")


def _audit(hub: Hub, db: sa.Connection, action: str, query: Saved) -> None:
    details = {"title": query.title, "sql": query.sql, "shared_with": list(query.shared_with)}
    hub.store.audit(who(), action, f"query/{query.id}", details=details, connection=db)


def _sees_all(actor: Actor) -> bool:
    """The command line acts for the whole machine."""
    return actor.name == "cli" or actor.name.startswith("cli:")


def _valid(news: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are stored, when all are valid."""
    row = dict(news)
    if "title" in row:
        row["title"] = " ".join(str(row["title"]).split())
        if not 0 < len(row["title"]) <= _LONGEST_TITLE:
            raise InputError(f"Give the query a title of 1 to {_LONGEST_TITLE} characters.")
    if len(row.get("description") or "") > 2_000:
        raise InputError("The description is longer than 2,000 characters; shorten it.")
    if "sql" in row:
        if len(row["sql"]) > _LONGEST_TEXT:
            raise InputError("The SQL text is too long to be saved; 100,000 characters are the limit.")
        examine(row["sql"])
    if row.get("chart") is not None:
        row["chart"] = _chart(row["chart"])
    elif "chart" in row:
        row["chart"] = sa.null()
    if "shared_with" in row:
        shared = list(dict.fromkeys(row["shared_with"]))
        if len(shared) > 100 or any(one != EVERYBODY and not one.startswith("group:") for one in shared):
            raise InputError("A query is shared with `everybody` or with groups, written `group:<id>`.")
        row["shared_with"] = shared
    return row


def _chart(chart: Mapping[str, Any]) -> dict[str, Any]:
    kind, x, y = chart.get("type"), chart.get("x"), chart.get("y")
    if kind not in CHARTS or not isinstance(x, str) or not isinstance(y, list) or not 0 < len(y) <= 12:
        raise InputError(f"A chart has a type ({', '.join(CHARTS)}), a column x and 1 to 12 columns y.")
    return {"type": kind, "x": x[:300], "y": [str(one)[:300] for one in y]}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:200]


def _saved(row: sa.Row[Any]) -> Saved:
    return Saved(**row._asdict())
