"""Every route by every role, on all connections and on one, and signed out: the right that it declares decides.

The routes come from the application itself, so a new one is held to this by being there.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, APIRouter
from starlette.testclient import TestClient

from towpath import plugins
from towpath.access import MATRIX, Grant, Right, Role
from towpath.features.connections.tables import connections
from towpath.features.people import service
from towpath.hub import Hub
from towpath.server.application import create_app
from towpath.server.health import health_routes
from towpath.web import asking
from towpath.web.cookies import session_cookie

#: Open to anybody, and why.
PUBLIC = {
    "healthz": "whoever watches the process",
    "readyz": "whoever watches the process",
    "sign_in_ways": "the page to sign in",
    "begin_sign_in": "the way to another service",
    "finish_sign_in": "the way back from it",
    "set_up": "proved by the token on the console",
    "sign_in": "proved by the password",
    "choose_password": "proved by the link's token",
}
#: Never ends for whom it is allowed; `test_api_events` reads it.
ENDLESS = re.compile(r"/events$")
#: What is the same for the whole installation: a role on one connection does not reach it.
WHOLE = {Right.MANAGE_PEOPLE, Right.MANAGE_SETTINGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A route as it is asked here."""

    name: str
    method: str
    path: str
    #: What it declares; none for who only has to be signed in.
    rights: frozenset[Right]
    signed: bool
    #: What the document says of that.
    said: tuple[str | None, bool]

    @property
    def url(self) -> str:
        """Its path, with an id that nothing has."""
        return re.sub(r"\{[^}]+\}", "0123456789ab", self.path)


def declared(dependant: object) -> tuple[set[Right], bool]:
    """The rights that a route's dependencies ask for, and whether they ask who it is at all."""
    rights: set[Right] = set()
    signed = False
    for inner in dependant.dependencies:  # type: ignore[attr-defined]
        signed = signed or inner.call in {asking.actor_of, asking.half_actor_of}
        if (right := getattr(inner.call, "right", None)) is not None:
            rights.add(right)
        below, below_signed = declared(inner)
        rights |= below
        signed = signed or below_signed
    return rights, signed


def inside(router: APIRouter) -> Iterator[APIRoute]:
    """The routes of a router, those of routers that it includes among them."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif (included := getattr(route, "original_router", None)) is not None:
            yield from inside(included)


def own_routes() -> Iterator[APIRoute]:
    yield from inside(health_routes())
    for feature in plugins.features():
        for target in (feature.routes, feature.integrations):
            if target:
                yield from inside(plugins.load(target)())  # type: ignore[operator]


@pytest.fixture(scope="module")
def routes(hub: Hub) -> list[Asked]:
    """All routes of the OpenAPI document, with what they declare."""
    dependants = {route.name: route.dependant for route in own_routes()}
    found = []
    for path, operations in create_app(hub).openapi()["paths"].items():
        for method, operation in operations.items():
            name = operation["operationId"]
            rights, signed = declared(dependants[name])
            found.append(
                Asked(
                    name=name,
                    method=method.upper(),
                    path=path,
                    rights=frozenset(rights),
                    signed=signed,
                    said=(operation.get("x-right"), bool(operation["security"])),
                )
            )
    return found


@pytest.fixture(scope="module")
def place(hub: Hub) -> Iterator[str]:
    """A connection."""
    key = uuid.uuid4().hex[:12]
    row = {
        "id": key,
        "name": f"matrix{key}",
        "url": "http://localhost",
        "protocol": "json2",
        "version": "19.0",
    }
    with hub.store.begin() as db:
        db.execute(connections.insert().values(row))
    yield key
    with hub.store.begin() as db:
        db.execute(connections.delete().where(connections.c.id == key))


@pytest.fixture(scope="module")
def app(hub: Hub, boss: service.User) -> object:
    del boss  # there is an administrator, whatever the roles here do
    return create_app(hub)


def signed(hub: Hub, app: object, grant: Grant | None) -> TestClient:
    """A browser of a new person with one role."""
    client = TestClient(
        app,  # type: ignore[arg-type]
        base_url="http://localhost",
        headers={"X-Towpath": "1"},
        raise_server_exceptions=False,
        follow_redirects=False,
    )
    if grant is not None:
        login = f"m{uuid.uuid4().hex[:10]}"
        user = service.add_user(hub, login=login, name=login, grants=[grant])
        opened = service.open_session(hub, user.id, method="password", address="127.0.0.1", device="test")
        client.cookies.set(session_cookie(hub.settings), opened.token)
    return client


def ask(client: TestClient, one: Asked) -> int:
    body = {"json": {}} if one.method in {"POST", "PUT", "PATCH"} else {}
    return client.request(one.method, one.url, **body).status_code  # type: ignore[arg-type]


def test_each_route_says_who_may_ask_it(routes):
    undeclared = {one.name for one in routes if not one.signed and not one.rights}
    assert undeclared == set(PUBLIC), (
        "declare a right (towpath.web.asking), or list a route that is open to anybody"
    )
    assert len(routes) > 60
    for one in routes:
        assert one.said == (next(iter(one.rights), None), one.signed), (
            f"the document is wrong about {one.name}"
        )


def test_routes_of_the_document_are_all_that_there_are(routes):
    names = [route.name for route in own_routes()]
    assert len(names) == len(set(names)), "two routes of one name"
    assert set(names) == {one.name for one in routes}, "a route is not in the document"
    sources = Path(plugins.__file__).parent / "features"
    assert not [
        path.name for path in sources.rglob("*.py") if "include_in_schema=False" in path.read_text("utf-8")
    ]


def test_who_is_signed_out_gets_401_from_everything_that_is_not_public(hub, app, routes):
    client = signed(hub, app, None)
    found = {one.name: ask(client, one) for one in routes if one.name not in PUBLIC}
    assert {name: status for name, status in found.items() if status != 401} == {}


@pytest.mark.feature("S0.15", "S0.19")
@pytest.mark.parametrize("role", list(Role))
def test_a_role_on_the_whole_installation(hub, app, routes, role):
    faults = {}
    client = signed(hub, app, Grant(role=role))
    for one in routes:
        may = all(role in MATRIX[right] for right in one.rights)
        if one.name in PUBLIC or (may and ENDLESS.search(one.path)):
            continue
        status = ask(client, one)
        if (may and (status in {401, 403} or status >= 500)) or (not may and status != 403):
            faults[one.name] = status
        if one.name == "sign_out":
            client = signed(hub, app, Grant(role=role))
    assert faults == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_on_one_connection(hub, app, routes, role, place):
    """What is everybody's own stays refused; elsewhere the body asks once more, for that connection."""
    faults = {}
    client = signed(hub, app, Grant(role=role, connection_id=place))
    for one in routes:
        may = all(role in MATRIX[right] for right in one.rights)
        if one.name in PUBLIC or (may and ENDLESS.search(one.path)):
            continue
        status = ask(client, one)
        if may and one.rights & WHOLE:
            # What is sent is looked at before the body asks.
            right = status in ({403} if one.method == "GET" else {403, 404, 422, 428})
        elif may:
            right = status != 401 and status < 500
        else:
            right = status == 403
        if not right:
            faults[one.name] = status
        if one.name == "sign_out":
            client = signed(hub, app, Grant(role=role, connection_id=place))
    assert faults == {}
