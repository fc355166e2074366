"""Odoo keys are renewed; killed anywhere, the stored key works and no key stays unknown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from towpath.commit_point import ENVIRONMENT
from towpath.errors import AskHumanError, NotFoundError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.keys import clock, rotation, service
from towpath.features.keys.tables import key_rotations
from towpath.hub import Hub
from towpath.store.tables import audit

POINTS = ["key-rotation-noted", "key-made-in-odoo", "key-made-kept", "key-switched", "key-revoked"]


def stored(hub: Hub, known: connections.Connection) -> str:
    return hub.cabinet.get(connections.owner_of(known.id)).reveal()


def owners(hub: Hub, known: connections.Connection) -> set[str]:
    return {info.owner for info in hub.cabinet.all() if known.id in info.owner}


def actions(hub: Hub, name: str) -> list[str]:
    with hub.store.begin() as db:
        query = (
            sa.select(audit.c.action).where(audit.c.object == f"connection/{name}").order_by(audit.c.number)
        )
        return list(db.scalars(query))


@pytest.mark.feature("S0.20", "S0.34")
def test_a_key_is_renewed_and_the_old_one_revoked(hub: Hub, keys: Any, connected: Callable[..., Any]):
    known, old = connected("renewed")
    done = service.rotate_key(hub, "renewed", days=30)
    new = stored(hub, known)
    assert done.revoked
    assert new != old
    assert (keys.works(new), keys.works(old)) == (True, False)
    assert keys.names() == {done.key_name}
    assert done.expires_at is not None
    assert timedelta(days=29) < done.expires_at - datetime.now(UTC) < timedelta(days=30)
    assert owners(hub, known) == {connections.owner_of(known.id)}
    assert actions(hub, "renewed")[-2:] == ["secret.rotate", "secret.revoke"]
    assert connections.test(hub, "renewed").user_name
    with pytest.raises(NotFoundError):
        service.rotate_key(hub, "renewed", resume=True)


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_it_is_gone_on_with(point: str, hub: Hub, keys: Any, connected: Callable[..., Any]):
    name = f"k{uuid.uuid4().hex[:8]}"
    known, old = connected(name)
    environment = os.environ | {ENVIRONMENT: point, "TOWPATH_HOME": str(hub.settings.home)}
    ended = subprocess.run(
        [sys.executable, "-m", "towpath", "connection", "rotate", name],
        env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert keys.works(stored(hub, known)), "the stored key works at every moment"
    assert clock.go_on(hub, after=timedelta(0)) == [name]
    new = stored(hub, known)
    assert new != old
    assert (keys.works(new), keys.works(old)) == (True, False)
    told = actions(hub, name).count("secret.lost")
    assert len(keys.names()) == 1 + told, "no key is left that nobody was told of"
    assert told == (point == "key-made-in-odoo")
    assert owners(hub, known) == {connections.owner_of(known.id)}
    assert clock.go_on(hub, after=timedelta(0)) == []


def test_an_answer_that_was_lost_leaves_no_key(hub: Hub, keys: Any, connected: Callable[..., Any]):
    known, old = connected("lost")
    keys.server.add_fault("drop", method="generate")
    with pytest.raises(TowpathError):
        service.rotate_key(hub, "lost")
    assert stored(hub, known) == old
    keys.server.faults.clear()
    done = service.rotate_key(hub, "lost")
    assert done.revoked
    (gone,) = keys.names() - {done.key_name}
    assert gone in str(done.remark)
    found = keys.call("search_read", domain=[["name", "=", gone]], fields=["expiration_date"]).json()
    assert found[0]["expiration_date"], "it ends by itself"
    assert "secret.lost" in actions(hub, "lost")


def test_runs_that_hold_the_old_key_may_end_with_it(hub: Hub, keys: Any, connected: Callable[..., Any]):
    from towpath.features.replicate import service as replicate
    from towpath.features.replicate.choice import Choice
    from towpath.features.replicate.tables import streams

    known, old = connected("busy")
    replicate.add(hub, "busy", ["res.currency"], Choice())
    with hub.store.begin() as db:
        mine = streams.c.connection_id == known.id
        db.execute(streams.update().where(mine).values(active_run_id="a run"))
    try:
        done = service.rotate_key(hub, "busy")
        assert not done.revoked
        assert keys.works(old)
        assert stored(hub, known) != old
        assert "revoked when" in str(service.find(hub, "connection/busy").rotating)
        assert clock.go_on(hub, after=timedelta(0)) == []
    finally:
        with hub.store.begin() as db:
            db.execute(streams.update().where(mine).values(active_run_id=None))
    assert clock.go_on(hub, after=timedelta(0)) == ["busy"]
    assert not keys.works(old)
    with hub.store.begin() as db:
        db.execute(streams.delete().where(mine))


def test_where_odoo_refuses_a_person_is_told_the_steps(hub: Hub, odoo17: Any, odoo19: Any):
    for name, server, login in (("old17", odoo17, "admin"), ("narrow", odoo19, "limited")):
        account = server.users[login]
        known = connections.add(
            hub, name=name, url=server.url, database=server.db, login=account.login, secret=account.key
        )
        with pytest.raises(AskHumanError, match="New API Key"):
            service.rotate_key(hub, name)
        assert stored(hub, known) == account.key
        with hub.store.begin() as db:
            assert db.execute(sa.select(key_rotations)).all() == []
        connections.remove(hub, name)


def test_a_key_that_ends_soon_is_renewed_by_the_clock(hub: Hub, keys: Any, connected: Callable[..., Any]):
    known, old = connected("soon")
    service.expire(hub, "connection/soon", datetime.now(UTC) + timedelta(days=20))
    owner = connections.owner_of(known.id)
    assert clock.remind(hub) == [(owner, 30)]
    assert clock.remind(hub) == []
    assert stored(hub, known) == old
    service.expire(hub, "connection/soon", datetime.now(UTC) + timedelta(days=10))
    assert service.find(hub, owner).state == "expiring"
    assert clock.remind(hub) == [(owner, 14)]
    assert stored(hub, known) != old
    assert service.find(hub, owner).state == "good"
    assert clock.remind(hub) == []


def test_reminders_come_once_a_stage(hub: Hub):
    hub.cabinet.put("webhook/one", "a value of some length", expires_at=datetime.now(UTC) + timedelta(days=6))
    stages = []
    for days in (6, 6, 0.5, -1, -2):
        with hub.store.begin() as db:
            db.exec_driver_sql(
                f"update towpath.secrets set expires_at = now() + interval '{days} days' where owner = 'webhook/one'"
            )
        stages += [stage for owner, stage in clock.remind(hub) if owner == "webhook/one"]
    assert stages == [7, 1, 0]
    assert service.find(hub, "webhook/one").state == "expired"
    with hub.store.begin() as db:
        rows = db.execute(audit.select().where(audit.c.object == "secret/webhook/one")).all()
    assert [row.result for row in rows if row.action == "secret.reminder"] == [
        "expires",
        "expires",
        "expired",
    ]
    hub.cabinet.remove("webhook/one")


def test_one_process_at_a_time(hub: Hub, keys: Any, connected: Callable[..., Any]):
    known, _ = connected("alone")
    with (
        rotation._alone(hub, known),
        pytest.raises(TowpathError, match="another process"),
    ):  # holds the lock as a process in the middle would
        service.rotate_key(hub, "alone")
