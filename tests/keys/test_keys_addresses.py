"""An address typed through the server never leads into private networks: not at first, not by a redirect, not later."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from towpath.access import act_as
from towpath.errors import AddressError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.connections.tables import connections as table
from towpath.hub import Hub

PRIVATE = [
    "127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.0.4", "172.16.9.9", "169.254.169.254",
    "[::ffff:127.0.0.1]", "100.100.100.200", "0.0.0.0", "[fd00:ec2::254]", "2130706433", "0x7f000001",  # noqa: S104  # to be refused
]  # fmt: skip


@pytest.fixture
def through_the_server() -> Iterator[None]:
    with act_as("user:ada", address="192.0.2.9"):
        yield


@pytest.mark.feature("S2.2")
@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_refused_to_who_comes_through_the_server(
    host: str, hub: Hub, through_the_server: None
):
    with pytest.raises(TowpathError) as refused:
        connections.add(
            hub, name="inside", url=f"http://{host}:1/", secret="x-secret", login="a", database="d"
        )
    assert isinstance(refused.value, AddressError)
    assert "not connect" in refused.value.message or "address" in refused.value.message


def test_the_command_line_may(hub: Hub, odoo19: Any):
    account = odoo19.users["limited"]
    given = {"url": odoo19.url, "database": odoo19.db, "login": account.login, "secret": account.key}
    assert not connections.add(hub, name="typed_here", **given).guarded
    connections.test(hub, "typed_here")
    with act_as("user:ada", address="192.0.2.9"):
        # the address is not theirs to choose: a test of what the operator set up goes on working
        connections.test(hub, "typed_here")
        with pytest.raises(AddressError):
            connections.move(hub, "typed_here", odoo19.url)
    connections.remove(hub, "typed_here")


def test_a_name_that_leads_elsewhere_later_is_refused_then(
    hub: Hub, odoo19: Any, monkeypatch: pytest.MonkeyPatch
):
    """DNS rebinding: public while it was typed, this machine by the time it is used."""
    account = odoo19.users["limited"]
    given = {"url": odoo19.url, "database": odoo19.db, "login": account.login, "secret": account.key}
    known = connections.add(hub, name="rebound", **given)
    with hub.store.begin() as db:  # as if it had been typed through the server when its name was public
        url = odoo19.url.replace("127.0.0.1", "odoo.example.com")
        db.execute(table.update().where(table.c.id == known.id).values(guarded=True, url=url))
    real, asked = socket.getaddrinfo, []

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "odoo.example.com":
            asked.append(host)
            host = "127.0.0.1"
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(AddressError, match="private network"):
        connections.test(hub, "rebound")
    with connections.open_odoo(hub, known.id) as odoo, pytest.raises(AddressError, match="private network"):
        odoo.search_count("res.partner", [])
    assert asked, "the name was resolved by us, and the address checked before it was connected to"
    connections.remove(hub, "rebound")
