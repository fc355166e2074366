"""How often one may try: after some failures each further attempt has to wait, over all processes.

An attempt is counted as failed before it is looked at and forgotten when it succeeded, so that a hundred at the same
moment are not all looked at.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.errors import RateLimitedError
from towpath.features.people.tables import attempts, sessions
from towpath.hub import Hub
from towpath.web.neighbours import network

__all__ = ["begin", "counted_at", "succeeded"]

#: Failures before the first wait, by what is counted: one address may serve many people.
_FREE = {"login": 4, "place": 4, "address": 30, "code": 4}
#: The longest wait; long enough to make guessing useless, short enough not to shut its owner out.
_LONGEST = 300
#: Failures are forgotten after so long.
_KEPT = timedelta(hours=24)
#: Some of them; those that somebody else removes at this moment are left to them.
_OLD = (
    sa.select(attempts.c.name)
    .where(attempts.c.last_at < sa.func.now() - _KEPT)
    .limit(200)
    .with_for_update(skip_locked=True)
)


def counted_at(hub: Hub, login: str, user_id: str | None, address: str) -> dict[str, str]:
    """What an attempt to sign in is counted by: the address, and the login, whoever tries it.

    Where the person has been signed in before, what fails at that place is counted by itself: strangers who fail on
    and on with their login do not shut them out.

    :param login: as it was typed.
    :param user_id: whose it is, where it is somebody's.
    """
    been = (sessions.c.user_id == user_id) & (sessions.c.address == address[:64])
    through = sa.or_(~sessions.c.code_needed, sessions.c.code_given_at.is_not(None))
    with hub.store.begin() as db:
        known = db.execute(sa.select(sa.exists().where(been, through))).scalar_one()
    return {"address": address} | ({"place": f"{user_id} {address}"} if known else {"login": login})


def begin(hub: Hub, **counted: str) -> None:
    """Count an attempt for a login, a person at a place, an address or a code, before it is looked at.

    :raises RateLimitedError: one of them has to wait, with the seconds.
    """
    wait = 0.0
    with hub.store.begin() as db:
        db.execute(attempts.delete().where(attempts.c.name.in_(_OLD)))
        # In one order always, so that two attempts do not wait for each other. The address comes first: what is
        # refused for it is not counted against the person whose login was typed.
        for kind, whose in sorted(counted.items()):
            if (wait := _count(db, kind, whose)) > 0:
                break
    if wait > 0:
        raise RateLimitedError(
            "There were too many failed attempts; wait a moment before the next one.", retry_after=wait
        )


def _count(db: sa.Connection, kind: str, whose: str) -> float:
    """Count one; the seconds to wait when it is too early. Rival: the same attempt at the same moment."""
    name = _name(kind, whose)
    now = sa.func.clock_timestamp()
    failures = attempts.c.failures + 1
    power = sa.func.least(sa.func.greatest(failures - _FREE[kind], 0), 12)
    seconds = sa.case((failures <= _FREE[kind], 0), else_=sa.func.least(sa.func.power(2, power), _LONGEST))
    first = insert(attempts).values(name=name, failures=1, last_at=now, next_at=now)
    counted = first.on_conflict_do_update(
        index_elements=[attempts.c.name],
        set_={
            "failures": failures,
            "last_at": now,
            "next_at": now + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds),
        },
        where=attempts.c.next_at <= now,
    )
    if db.execute(counted.returning(attempts.c.name)).first() is not None:
        return 0.0
    left = sa.select(sa.func.extract("epoch", attempts.c.next_at - now)).where(attempts.c.name == name)
    return max(0.1, float(db.execute(left).scalar_one()))


def succeeded(db: sa.Connection, **counted: str) -> None:
    """Forget the failures: it was the person themselves.

    Of an address only this one attempt is: whoever has an account there may still guess at others'.
    """
    for kind, whose in sorted(counted.items()):
        this = attempts.c.name == _name(kind, whose)
        if kind == "address":
            fewer = sa.func.greatest(attempts.c.failures - 1, 0)
            db.execute(attempts.update().where(this).values(failures=fewer))
        else:
            db.execute(attempts.delete().where(this))


def _name(kind: str, whose: str) -> str:
    whose = network(whose) if kind == "address" else whose
    return f"{kind}:{hashlib.sha256(whose.encode()).hexdigest()[:32]}"
