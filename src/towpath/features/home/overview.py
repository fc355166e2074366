"""How everything stands that somebody may see: health of connections, lag of streams, newest runs, what needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from towpath.access import Actor, Right
from towpath.errors import NotFoundError
from towpath.features.connections import service as connections
from towpath.features.connections.service import Connection
from towpath.features.replicate import service as replicate
from towpath.features.replicate.service import Standing, Standings
from towpath.hub import Hub
from towpath.web.kept import Kept

__all__ = ["EXPIRY_NOTICE", "KINDS", "Attention", "Health", "Overview", "overview"]

#: How long before its end a secret is called expiring: time for somebody on holiday to come back.
EXPIRY_NOTICE = timedelta(days=14)
#: A stream whose time passed so long ago and that did not run has no worker.
_OVERDUE = timedelta(minutes=10)

Kind = Literal["run_failed", "connection_fails", "secret_expires", "secret_expired", "overdue"]
#: All kinds, so that measures name those too that are not there at the moment.
KINDS: tuple[Kind, ...] = get_args(Kind)
State = Literal["ok", "attention", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """Something that a person has to look at."""

    kind: Kind
    #: Urgent: something does not work now. Otherwise it will not, later.
    urgent: bool
    #: What is wrong and what to do, for a person.
    sentence: str
    connection: Connection | None = None
    #: Streams it is about, for ``run_failed`` and ``overdue``.
    streams: tuple[str, ...] = ()
    #: The run to look at first.
    run_id: str | None = None
    #: When a secret ends, when something failed.
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one connection stands."""

    connection: Connection
    state: State
    streams: int
    running: int
    failed: int
    paused: int
    #: The largest lag of its streams, in seconds; None where nothing was read yet.
    lag: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How everything stands."""

    standings: Standings
    connections: list[Health]
    attention: list[Attention]


def overview(
    hub: Hub, actor: Actor, *, connection_id: str | None = None, kept: Kept[Standings] | None = None
) -> Overview:
    """How everything stands that the actor may see.

    :param connection_id: only what belongs to that connection.
    :param kept: how streams stood just before, for hundreds of pages that ask for the same every few seconds.
    :raises NotFoundError: there is no such connection, or it may not be seen.
    """
    seen = actor.connections(Right.SEE)
    known = [one for one in connections.listed(hub) if seen is None or one.id in seen]
    if connection_id is not None:
        known = [one for one in known if one.id == connection_id]
        if not known:
            raise NotFoundError(
                "There is no such connection, or you may not see it; see the list of sources."
            )
    ids = [one.id for one in known]
    stand = (
        replicate.standings(hub, ids)
        if kept is None
        else kept.get(tuple(ids), lambda: replicate.standings(hub, ids))
    )
    needs = [
        *_failed(stand.streams, known),
        *_refused(known),
        *_overdue(stand, known),
        *_secrets(hub, actor, known, stand.now, alone=connection_id is not None),
    ]
    needs.sort(key=lambda one: (not one.urgent, one.at or stand.now))
    return Overview(
        standings=stand,
        connections=[
            _health(one, [s for s in stand.streams if s.stream.connection_id == one.id]) for one in known
        ],
        attention=needs,
    )


def _health(connection: Connection, streams: Sequence[Standing]) -> Health:
    failed = sum(_has_failed(one) for one in streams)
    lags = [one.lag for one in streams if one.lag is not None]
    state: State = "ok" if lags else "new"
    if failed or _tested_badly(connection):
        state = "attention"
    return Health(
        connection=connection,
        state=state,
        streams=len(streams),
        running=sum(one.under_way is not None for one in streams),
        failed=failed,
        paused=sum(one.stream.paused for one in streams),
        lag=max(lags, default=None),
    )


def _has_failed(one: Standing) -> bool:
    return one.ended is not None and one.ended.state == "failed"


def _tested_badly(connection: Connection) -> bool:
    return connection.test_ok is False


def _failed(streams: Sequence[Standing], known: Sequence[Connection]) -> list[Attention]:
    """What fails for one reason in many streams of a connection is one thing to mend."""
    causes: dict[tuple[str, str], list[Standing]] = {}
    for one in streams:
        if one.ended is not None and one.ended.state == "failed":
            causes.setdefault((one.stream.connection_id, one.ended.message or ""), []).append(one)
    by_id = {one.id: one for one in known}
    found = []
    for (connection_id, message), same in causes.items():
        runs = [one.ended for one in same if one.ended is not None]
        newest = max(runs, key=lambda run: run.ended_at or run.created_at)
        found.append(
            Attention(
                kind="run_failed",
                urgent=True,
                sentence=message or "The run failed; see its log.",
                connection=by_id.get(connection_id),
                streams=tuple(one.stream.model for one in same),
                run_id=newest.id,
                at=newest.ended_at,
            )
        )
    return found


def _refused(known: Sequence[Connection]) -> list[Attention]:
    return [
        Attention(
            kind="connection_fails",
            urgent=True,
            sentence=one.test_message or "The connection can not be used; test it.",
            connection=one,
            at=one.tested_at,
        )
        for one in known
        if _tested_badly(one)
    ]


def _overdue(stand: Standings, known: Sequence[Connection]) -> list[Attention]:
    late = [
        one.stream
        for one in stand.streams
        if one.under_way is None
        and not one.stream.paused
        and one.stream.next_run_at is not None
        and one.stream.next_run_at < stand.now - _OVERDUE
    ]
    found = []
    for connection in known:
        mine = [stream for stream in late if stream.connection_id == connection.id]
        if mine:
            found.append(
                Attention(
                    kind="overdue",
                    urgent=True,
                    sentence="Nobody works on what is due; start `towpath up` or one more `towpath worker`.",
                    connection=connection,
                    streams=tuple(stream.model for stream in mine),
                    at=min(stream.next_run_at for stream in mine if stream.next_run_at is not None),
                )
            )
    return found


def _secrets(
    hub: Hub, actor: Actor, known: Sequence[Connection], now: datetime, *, alone: bool
) -> list[Attention]:
    """Secrets that end soon, told to those who can set another one."""
    owners = {f"connection/{one.id}": one for one in known}
    found = []
    for info in hub.cabinet.all():
        if alone and info.owner not in owners:
            continue
        if info.expires_at is None or info.expires_at > now + EXPIRY_NOTICE:
            continue
        connection = owners.get(info.owner)
        if not (
            actor.may(Right.MANAGE_SECRETS)
            or (connection is not None and actor.may(Right.CONNECT, connection.id))
        ):
            continue
        over, end = info.expires_at <= now, f"{info.expires_at:%Y-%m-%d}"
        whose = f"The key of '{connection.name}'" if connection is not None else f"The secret of {info.owner}"
        found.append(
            Attention(
                kind="secret_expired" if over else "secret_expires",
                urgent=over,
                sentence=f"{whose} ended on {end}; set a new one."
                if over
                else f"{whose} ends on {end}; set a new one.",
                connection=connection,
                at=info.expires_at,
            )
        )
    return found
