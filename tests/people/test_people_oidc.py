"""Sign-in at an OpenID issuer: a real one of ours, honest and lying."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pyotp
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from towpath.access import Role
from towpath.errors import AddressError, InputError, ProtocolError
from towpath.features.people import examining, granting, methods, policy, service
from towpath.features.people.tables import sessions
from towpath.hub import Hub
from towpath.logins import oidc
from towpath.sandbox.oidc_issuer import Issuer
from towpath.server.application import create_app
from towpath.server.running import running

PASSWORD = "slow green canal boats"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def open_hub_(hub: Hub, boss: service.User) -> Hub:
    """The same hub, reached by a name and allowed to reach this machine."""
    del boss
    settings = hub.settings.model_copy(update={"public_url": "http://localhost", "private_addresses": True})
    changed = Hub(settings, works=False)
    changed.__dict__["store"], changed.__dict__["cabinet"] = hub.store, hub.cabinet
    changed.__dict__["app"] = create_app(changed)
    return changed


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@pytest.fixture
def offered(open_hub_: Hub, issuer: Issuer) -> Callable[..., methods.Method]:
    """A way to sign in at the issuer."""

    def make(**config: object) -> methods.Method:
        config = {"issuer": issuer.url, "client_id": "towpath"} | config
        title = f"Issuer {next(_NUMBERS)}"
        return methods.add(open_hub_, kind="oidc", title=title, config=config, secret="sandbox-secret")

    return make


def browser(hub: Hub) -> TestClient:
    return TestClient(
        hub.__dict__["app"], base_url="http://localhost", headers={"X-Towpath": "1"}, follow_redirects=False
    )


def moved(hub: Hub, client: TestClient) -> TestClient:
    """The same person, at the application of another hub."""
    there = browser(hub)
    there.cookies = client.cookies
    return there


def go(client: TestClient, method: methods.Method, target: str = "/") -> str:
    """Through the issuer and back; the last address."""
    there = client.get(f"/api/v1/sign-in/{method.id}/begin", params={"next": target})
    assert there.status_code == 303, there.text
    back = httpx2.get(there.headers["location"], follow_redirects=False).headers["location"]
    return client.get(back.removeprefix("http://localhost")).headers["location"]


def test_an_answer_that_names_another_issuer_opens_nothing(open_hub_, issuer, offered):
    method = offered(create_users=True, template_role="viewer")
    for named, reached in (("https://issuer.invalid", "/sign-in?problem=refused"), (issuer.url, "/")):
        client = browser(open_hub_)
        there = client.get(f"/api/v1/sign-in/{method.id}/begin")
        back = httpx2.get(there.headers["location"], follow_redirects=False).headers["location"]
        answer = client.get(back.removeprefix("http://localhost"), params={"iss": named} | query_of(back))
        assert answer.headers["location"].endswith(reached)


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.mark.feature("S3.azure_signin.9", "S3.google_signin.5")
def test_somebody_new_comes_with_the_template_and_the_roles_of_their_groups(open_hub_, issuer, offered):
    method = offered(
        create_users=True,
        template_role="viewer",
        mapping=[{"group": "finance", "role": "analyst"}, {"group": "ops", "role": "operator"}],
    )
    issuer.person = {"sub": "77", "name": "Nora", "preferred_username": "Nora@Ex.com", "groups": ["finance"]}
    client = browser(open_hub_)
    assert go(client, method) == "http://localhost/"
    session = client.get("/api/v1/session").json()
    assert (session["login"], session["name"]) == ("nora@ex.com", "Nora")
    assert session["roles"] == ["analyst", "viewer"]
    assert session["has_password"] is False
    # Groups are looked at again each time; what was given by hand stays.
    granting.grant(open_hub_, Role.AUDITOR, user_id=session["user_id"])
    issuer.person |= {"groups": ["ops"]}
    assert go(client, method) == "http://localhost/"
    again = client.get("/api/v1/session").json()
    assert again["user_id"] == session["user_id"]
    assert again["roles"] == ["auditor", "operator", "viewer"]


@pytest.mark.parametrize(
    "fault",
    [
        "nonce",
        "audience",
        "expired",
        "signature",
        "issuer",
        "unsigned",
        "shared_secret",
        "party",
        "no_subject",
        "at_hash",
    ],
)
def test_a_proof_that_is_wrong_in_one_point_opens_nothing(open_hub_, issuer, offered, fault):
    method = offered(create_users=True, template_role="viewer")
    issuer.faults = {fault}
    client = browser(open_hub_)
    assert go(client, method) == "http://localhost/sign-in?problem=refused"
    assert client.get("/api/v1/session").status_code == 401
    issuer.faults = set()
    assert go(client, method) == "http://localhost/"


def test_what_an_issuer_publishes_is_asked_once_and_a_changed_key_is_seen(open_hub_, issuer, offered):
    method = offered(create_users=True, template_role="viewer")
    for _ in range(3):
        assert go(browser(open_hub_), method) == "http://localhost/"
    documents = ("/.well-known/openid-configuration", "/keys")
    assert [issuer.asked[path] for path in documents] == [1, 1]
    issuer.change_key("two")
    for _ in range(3):
        assert go(browser(open_hub_), method) == "http://localhost/"
    assert [issuer.asked[path] for path in documents] == [1, 2]
    # Tokens that no key fits do not make us ask it again and again.
    issuer.faults = {"signature"}
    for _ in range(5):
        assert go(browser(open_hub_), method) == "http://localhost/sign-in?problem=refused"
    assert [issuer.asked[path] for path in documents] == [1, 2]
    # Who tests the way wants to know how it is now.
    examining.examine(open_hub_, method.id, redirect_uri=methods.redirect_uri(open_hub_))
    assert issuer.asked[documents[0]] == 2


@pytest.mark.feature("S3.google_signin.5")
def test_of_google_only_people_of_named_domains_come(open_hub_, issuer, offered):
    method = offered(create_users=True, template_role="viewer", domains=["Example.com"])
    begun = browser(open_hub_).get(f"/api/v1/sign-in/{method.id}/begin").headers["location"]
    assert parse_qs(urlsplit(begun).query)["hd"] == ["example.com"]
    for domain, reached in {
        "example.com": "/",
        "elsewhere.example": "/sign-in?problem=refused",
        None: "/sign-in?problem=refused",
    }.items():
        issuer.person = {"sub": f"google-{domain}", "name": "Somebody"} | ({"hd": domain} if domain else {})
        assert go(browser(open_hub_), method) == f"http://localhost{reached}"
    with pytest.raises(InputError, match="Workspace domains"):
        offered(issuer="https://accounts.google.com", create_users=True, template_role="viewer")


def test_an_answer_works_once_and_in_the_browser_that_asked(open_hub_, issuer, offered):
    method = offered(create_users=True, template_role="viewer")
    issuer.person = {"sub": "once"}
    client, victim = browser(open_hub_), browser(open_hub_)
    there = client.get(f"/api/v1/sign-in/{method.id}/begin").headers["location"]
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert "sandbox-secret" not in there
    back = httpx2.get(there, follow_redirects=False).headers["location"].removeprefix("http://localhost")
    # Somebody else's browser is not signed in as us ...
    assert victim.get(back).headers["location"].endswith("problem=refused")
    cookie = client.cookies["towpath-sign-in"]
    assert client.get(back).headers["location"] == "http://localhost/"
    # ... and the same answer is good for nothing a second time.
    client.cookies.set("towpath-sign-in", cookie, domain="localhost.local", path="/api/v1/sign-in")
    assert client.get(back).headers["location"].endswith("problem=refused")


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("/catalog/table?x=1#rows", "/catalog/table?x=1#rows"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("@evil.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ],
)
def test_after_signing_in_one_is_on_a_page_of_ours(open_hub_, issuer, offered, target, reached):
    method = offered(create_users=True, template_role="viewer")
    assert go(browser(open_hub_), method, target) == "http://localhost" + reached


def test_who_is_not_known_and_may_not_come_is_told_so(open_hub_, issuer, offered):
    method = offered()
    issuer.person = {"sub": "stranger", "email": "boss@example.com", "email_verified": True}
    assert go(browser(open_hub_), method).endswith("problem=unknown")


def test_an_address_links_only_when_it_is_wanted_and_vouched_for(open_hub_, issuer, offered):
    service.add_user(open_hub_, login="lena", name="Lena", email="Lena@example.com", password=PASSWORD)
    issuer.person = {"sub": "lena-1", "email": "lena@example.com", "email_verified": True}
    assert go(browser(open_hub_), offered()).endswith("problem=unknown")
    method = offered(link_by_email=True)
    for doubtful in (False, "false", None):
        issuer.person["email_verified"] = doubtful
        assert go(browser(open_hub_), method).endswith("problem=unknown")
    issuer.person["email_verified"] = True
    client = browser(open_hub_)
    assert go(client, method) == "http://localhost/"
    assert client.get("/api/v1/session").json()["login"] == "lena"
    # Domains of different owners, which casefold() makes one.
    service.add_user(open_hub_, login="lenz", name="Lenz", email="lenz@strasse.example", password=PASSWORD)
    issuer.person = {"sub": "lenz-2", "email": "lenz@straße.example", "email_verified": True}
    assert go(browser(open_hub_), method).endswith("problem=unknown")
    # From then on the subject counts, whatever becomes of the address.
    issuer.person = {"sub": "lena-1", "email": "other@example.com"}
    assert go(client, method) == "http://localhost/"


@pytest.mark.feature("S0.19")
def test_who_came_by_a_way_that_is_not_trusted_any_more_does_not_stay(open_hub_, issuer, offered, signed_in):
    issuer.person = {"sub": "guest", "preferred_username": "guest", "name": "Guest"}
    ways = [offered(create_users=True, template_role="viewer") for _ in range(3)]
    clients = [browser(open_hub_) for _ in ways]
    assert [go(client, way) for client, way in zip(clients, ways, strict=True)] == ["http://localhost/"] * 3
    local = moved(open_hub_, signed_in(Role.VIEWER))
    methods.change(open_hub_, ways[0].id, title="Renamed")
    methods.change(open_hub_, ways[1].id, enabled=False)
    methods.remove(open_hub_, ways[2].id)
    asked = [client.get("/api/v1/session").status_code for client in (*clients, local)]
    assert asked == [200, 401, 401, 200]


def test_a_login_that_somebody_has_is_not_taken_over(open_hub_, issuer, offered):
    method = offered(create_users=True, template_role="viewer")
    issuer.person = {"sub": "evil", "preferred_username": "boss", "name": "Boss"}
    client = browser(open_hub_)
    assert go(client, method) == "http://localhost/"
    assert client.get("/api/v1/session").json()["login"] == "boss-2"


def test_who_is_disabled_does_not_come_in_by_another_door(open_hub_, issuer, offered):
    from towpath.features.people import users

    method = offered(create_users=True, template_role="viewer")
    issuer.person = {"sub": "gone", "preferred_username": "gone"}
    client = browser(open_hub_)
    assert go(client, method) == "http://localhost/"
    users.edit(open_hub_, client.get("/api/v1/session").json()["user_id"], {"disabled": True})
    assert client.get("/api/v1/session").status_code == 401
    assert go(client, method).endswith("problem=refused")


def test_of_an_issuer_for_many_companies_only_named_ones_may_come(open_hub_, issuer, offered):
    service.add_user(open_hub_, login="mia", name="Mia", email="mia@example.com", password=PASSWORD)
    issuer.called = issuer.url + "/{tenantid}/v2.0"
    with pytest.raises(AddressError, match="tenant"):
        oidc.discover(oidc.Provider(issuer=issuer.url, client_id="x", client_secret=None, private=True))
    method = offered(create_users=True, template_role="viewer", tenants=["ours"], link_by_email=True)
    issuer.person = {"sub": "t1", "tid": "theirs", "email": "mia@example.com", "email_verified": True}
    assert go(browser(open_hub_), method).endswith("problem=refused")
    issuer.person["tid"] = "ours"
    client = browser(open_hub_)
    assert go(client, method) == "http://localhost/"
    # Another company's administrators write whatever they like into an address: it links nobody.
    assert client.get("/api/v1/session").json()["login"] != "mia"


def test_an_issuer_that_calls_itself_otherwise_is_not_taken(issuer):
    issuer.called = "https://accounts.example.com"
    with pytest.raises(ProtocolError, match="calls itself"):
        oidc.discover(oidc.Provider(issuer=issuer.url, client_id="x", client_secret=None, private=True))


@pytest.mark.parametrize(
    "address",
    [
        "http://issuer.example.com",
        "https://127.0.0.1:1",
        "https://169.254.169.254",
        "https://user:pass@example.com",
        "file:///etc/passwd",
        "https://[::1]",
        "https://10.0.0.1",
        "https://[",
        "https://issuer.example.com:port",
        "https://issuer.example.com:99999999",
        "https://",
    ],
)
def test_addresses_that_are_nobodys_business_are_not_asked(address):
    with pytest.raises(AddressError):
        oidc.discover(oidc.Provider(issuer=address, client_id="x", client_secret=None))


def test_settings_tell_no_secret_and_are_for_administrators(open_hub_, issuer, signed_in):
    admin = moved(open_hub_, signed_in())
    body = {
        "title": "Google",
        "config": {"kind": "oidc", "issuer": issuer.url, "client_id": "towpath", "create_users": True},
        "secret": "sandbox-secret",
    }
    refused = admin.post("/api/v1/sign-in-methods", json=body)
    assert refused.status_code == 422
    assert "first time" in refused.json()["detail"]
    body["config"]["template_role"] = "viewer"
    made = admin.post("/api/v1/sign-in-methods", json=body)
    assert made.status_code == 201, made.text
    assert "sandbox-secret" not in made.text
    assert made.json()["secret_set_at"]
    assert made.json()["redirect_uri"] == "http://localhost/api/v1/sign-in/callback"
    path = f"/api/v1/sign-in-methods/{made.json()['id']}"
    tested = admin.post(f"{path}/test").json()
    assert [(one["name"], one["ok"]) for one in tested["steps"]] == [
        ("discovery", True),
        ("keys", True),
        ("client", True),
    ]
    issuer.client_secret = "changed there"
    tested = admin.post(f"{path}/test").json()
    assert (tested["ok"], tested["steps"][2]["ok"]) == (False, False)
    assert "secret" in tested["steps"][2]["message"]
    offered = browser(open_hub_).get("/api/v1/sign-in").json()["methods"]
    assert {"id": made.json()["id"], "title": "Google", "kind": "oidc"} in offered
    tag = admin.get(path).headers["etag"]
    assert admin.patch(path, json={"enabled": False}).status_code == 428
    assert admin.patch(path, json={"enabled": False}, headers={"If-Match": tag}).status_code == 200
    assert browser(open_hub_).get(f"/api/v1/sign-in/{made.json()['id']}/begin").status_code == 404
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    viewer = moved(open_hub_, signed_in(Role.OPERATOR))
    assert viewer.get("/api/v1/sign-in-methods").status_code == 403


@pytest.mark.feature("S3.2fa.5", "S3.azure_signin.9")
def test_codes_of_ours_are_asked_for_unless_the_issuer_has_asked_or_is_trusted_to(open_hub_, issuer, offered):
    policy.set_code_roles(open_hub_, [Role.APPROVER])
    try:
        way = offered(create_users=True, template_role="approver", acr_values=["gold"])
        trusted = offered(create_users=True, template_role="approver", asks_second_factor=True)
        for number, (method, told, pending) in enumerate(
            [
                (way, {}, "enrol"),
                (way, {"amr": ["pwd"], "acr": "1"}, "enrol"),
                (way, {"amr": "mfa"}, "enrol"),
                (way, {"amr": ["pwd", "mfa"]}, None),
                (way, {"amr": ["pwd", "otp"]}, None),
                (way, {"acr": "gold"}, None),
                (trusted, {}, None),
            ]
        ):
            issuer.person = {"sub": f"factor-{number}", **told}
            client = browser(open_hub_)
            assert go(client, method) == "http://localhost/"
            assert client.get("/api/v1/session").json()["pending"] == pending, told
        begun = client.get(f"/api/v1/sign-in/{way.id}/begin").headers["location"]
        assert parse_qs(urlsplit(begun).query)["acr_values"] == ["gold"]

        # Who has no password shows by coming anew that it is them.
        issuer.person = {"sub": "factor-0"}
        client = browser(open_hub_)
        go(client, way)
        me = client.get("/api/v1/session").json()
        assert (me["pending"], me["proof"], me["rights"]) == ("enrol", "sign_in", [])
        mine = sessions.c.id == me["session_id"]
        for age, status in ((timedelta(minutes=11), 422), (timedelta(0), 200)):
            with open_hub_.store.begin() as db:
                db.execute(sessions.update().where(mine).values(created_at=sa.func.now() - age))
            made = client.post("/api/v1/session/totp", json={})
            assert made.status_code == status, made.text
        app = pyotp.TOTP(made.json()["secret"])
        assert client.post("/api/v1/session/totp/confirm", json={"code": app.now()}).status_code == 200
        assert client.get("/api/v1/session").json()["roles"] == ["approver"]
        go(client, way)
        assert client.get("/api/v1/session").json()["pending"] == "code"
        issuer.person["amr"] = ["pwd", "hwk"]
        go(client, way)
        assert client.get("/api/v1/session").json()["pending"] is None
    finally:
        policy.set_code_roles(open_hub_, [])


def test_an_issuer_that_does_not_answer_stops_nobody_else(open_hub_, monkeypatch):
    """Who waits for it, and anybody may, takes none of the threads that all other requests share."""
    waiting = 45  # more than there are of those threads
    monkeypatch.setattr("towpath.logins.oidc.provider._PATIENCE", 600.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, running(open_hub_) as server:
        config = {"issuer": f"http://127.0.0.1:{silent.getsockname()[1]}", "client_id": "towpath"}
        method = methods.add(open_hub_, kind="oidc", title="Silent", config=config, secret="sandbox-secret")
        place = f"http://127.0.0.1:{server.port}/api/v1"
        assert httpx2.get(f"{place}/sign-in", timeout=60).status_code == 200  # it makes the measures
        under_way = open_hub_.__dict__["measures"].under_way

        def begin() -> None:
            with suppress(httpx2.HTTPError):
                httpx2.get(f"{place}/sign-in/{method.id}/begin", timeout=600)

        people = [threading.Thread(target=begin, daemon=True) for _ in range(waiting)]
        for one in people:
            one.start()
        held = [silent.accept()[0]]
        while under_way._value.get() < waiting:
            threading.Event().wait(0.01)
        try:
            assert httpx2.get(f"{place}/sign-in", timeout=60).status_code == 200
            assert all(one.is_alive() for one in people)
        finally:
            silent.close()  # whoever asks from now on is refused at once
            held[0].close()
            for one in people:
                one.join()
    methods.remove(open_hub_, method.id)
