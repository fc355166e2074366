"""Moving a connection, and naming a witness: only for the same database."""

from __future__ import annotations

import pytest

from towpath.errors import InputError, NotFoundError
from towpath.features.connections import service
from towpath.hub import Hub


def set_uuid(hub: Hub, known: service.Connection, value: str) -> None:
    with service.open_odoo(hub, known.id) as odoo:
        odoo.call("ir.config_parameter", "set_param", key="database.uuid", value=value)


@pytest.fixture
def other(odoo_factory, hub, connect):
    """A sandbox with a database of its own, and of its own identity."""
    server = odoo_factory(version="19.0", data="empty")
    known = connect(server)
    set_uuid(hub, known, "00000000-0000-4000-8000-000000000001")
    service.test(hub, known.name)
    return server, known


@pytest.mark.feature("S1.4")
def test_a_connection_moves_only_to_its_own_database(hub: Hub, connect, odoo19, other):
    server, _ = other
    known = connect(odoo19)
    with pytest.raises(InputError, match="another one than that of"):
        service.move(hub, known.name, server.url)
    assert service.find(hub, known.name) == known
    assert service.move(hub, known.name, odoo19.url).url == odoo19.url
    with hub.store.begin() as db:  # as an older release left it
        db.exec_driver_sql("update towpath.connections set fingerprint = null")
    with pytest.raises(InputError, match="another one than that of"):
        service.move(hub, known.name, server.url)


@pytest.mark.feature("S1.4")
def test_force_moves_to_another_database_and_ends_witnesses(hub: Hub, connect, odoo19, other):
    server, there = other
    known, wide = connect(odoo19, "limited"), connect(odoo19)
    service.set_witness(hub, known.name, wide.name)
    moved = service.move(hub, wide.name, server.url, force=True)
    assert moved.url == server.url
    assert moved.fingerprint == service.find(hub, there.name).fingerprint
    assert service.find(hub, known.name).witness_id is None


@pytest.mark.feature("S2.61")
def test_a_witness_reads_the_same_database_with_another_user(hub: Hub, connect, odoo19, other):
    _, elsewhere = other
    narrow, wide = connect(odoo19, "limited"), connect(odoo19)
    assert (narrow.fingerprint, bool(wide.fingerprint)) == (None, True)
    assert service.set_witness(hub, narrow.name, wide.name).witness_id == wide.id
    assert service.set_witness(hub, narrow.name, None).witness_id is None
    for first, second, reason in (
        (wide, wide, "can not be its own witness"),
        (wide, elsewhere, "leads to another database"),
        (narrow, elsewhere, "leads to another database"),
    ):
        with pytest.raises(InputError, match=reason):
            service.set_witness(hub, first.name, second.name)
    with pytest.raises(NotFoundError):
        service.set_witness(hub, wide.name, "nobody")


def test_the_fingerprint_is_not_the_identifier(hub: Hub, connect, odoo19):
    known = connect(odoo19)
    assert known.fingerprint
    with service.open_odoo(hub, known.id) as odoo:
        assert odoo.call("ir.config_parameter", "get_param", key="database.uuid") != known.fingerprint
    assert "fingerprint" not in known.to_json()
