"""A hub for people, and clients signed in as they are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from towpath.access import Grant, Role
from towpath.features.people import service
from towpath.features.people.tables import attempts
from towpath.hub import Hub, open_hub
from towpath.server.application import create_app
from towpath.settings import load

PASSWORD = "slow green canal boats"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    settings = load(home=tmp_path_factory.mktemp("people"), requests_per_minute=0)
    with open_hub(settings, works=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def boss(hub: Hub) -> service.User:
    """The first administrator, made by the link on the console."""
    token = service.first_run_token(hub)
    assert token is not None
    return service.set_up(hub, token, login="boss", name="Boss", password=PASSWORD)


@pytest.fixture
def client(hub: Hub, boss: service.User) -> TestClient:
    """A browser that nobody has signed in with."""
    del boss
    return browser(hub)


def browser(hub: Hub) -> TestClient:
    """A browser with cookies of its own, on our own pages."""
    if (app := hub.__dict__.get("app")) is None:  # made once a hub: it takes its time
        app = hub.__dict__["app"] = create_app(hub)
    return TestClient(app, base_url="http://localhost", headers={"X-Towpath": "1"})


@pytest.fixture
def signed_in(hub: Hub, boss: service.User) -> Callable[..., TestClient]:
    """A browser of a new person with the given grants (none: of the first administrator)."""

    def make(*grants: Grant | Role, login: str | None = None) -> TestClient:
        name = login or (f"p{next(_NUMBERS)}" if grants else boss.login)
        if name != boss.login:
            held = [Grant(role=one) if isinstance(one, Role) else one for one in grants]
            service.add_user(hub, login=name, name=name, password=PASSWORD, grants=held)
        client = browser(hub)
        answer = client.post("/api/v1/session", json={"login": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return client

    return make


@pytest.fixture(autouse=True)
def patient(hub: Hub) -> None:
    """As after a day without failures."""
    with hub.store.begin() as db:
        db.execute(attempts.delete())
