"""What an attacker tries who has one account, one old session, or none at all."""

from __future__ import annotations

import importlib
import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from towpath.access import Role
from towpath.errors import RateLimitedError, ServerBusyError, SignInError
from towpath.features.people import attempts, service
from towpath.features.people.tables import attempts as table
from towpath.logins import password as passwords

digest = importlib.import_module("towpath.logins.password.digest")
PASSWORD = "slow green canal boats"


@pytest.mark.feature("S0.17")
def test_an_account_of_ones_own_does_not_make_guessing_at_others_free(hub):
    """An address that signs in somewhere now and then still waits after too many failures."""

    def guess_between_sign_ins() -> None:
        for number in range(60):
            attempts.begin(hub, login=f"guessed{number}", address="203.0.113.5")
            if number % 10 == 9:
                attempts.begin(hub, login="own", address="203.0.113.5")
                with hub.store.begin() as db:
                    attempts.succeeded(db, login="own", address="203.0.113.5")

    with pytest.raises(RateLimitedError):
        guess_between_sign_ins()


def test_another_address_of_the_same_line_is_no_other_asker(hub):
    def guess_from_everywhere() -> None:
        for number in range(60):
            attempts.begin(hub, login=f"guessed{number}", address=f"2001:db8:7::{number:x}")

    with pytest.raises(RateLimitedError):
        guess_from_everywhere()


@pytest.mark.feature("S0.17")
def test_an_address_that_has_to_wait_makes_nobody_else_wait(hub):
    """What is refused for its address is not counted against the person whose login was typed."""
    with hub.store.begin() as db:
        db.execute(
            table.insert().values(
                name=attempts._name("address", "203.0.113.6"),
                failures=50,
                last_at=datetime.now(UTC),
                next_at=datetime.now(UTC) + timedelta(minutes=5),
            )
        )
    for _ in range(10):
        with pytest.raises(RateLimitedError):
            attempts.begin(hub, login="victim", address="203.0.113.6")
    with hub.store.begin() as db:
        counted = db.execute(table.select().where(table.c.name == attempts._name("login", "victim")))
        assert counted.first() is None
    attempts.begin(hub, login="victim", address="198.51.100.7")


def test_strangers_who_fail_on_and_on_do_not_shut_anybody_out_where_they_are_at_home(hub, boss):
    def sign_in(password: str, address: str) -> None:
        service.sign_in(hub, login=boss.login, password=password, address=address, device="")

    sign_in(PASSWORD, "203.0.113.20")
    with hub.store.begin() as db:  # as after failures without end from all over the world
        row = {"name": attempts._name("login", boss.login), "failures": 90, "last_at": datetime.now(UTC)}
        db.execute(table.insert().values(**row, next_at=datetime.now(UTC) + timedelta(minutes=5)))
    with pytest.raises(RateLimitedError):
        sign_in(PASSWORD, "203.0.113.21")
    sign_in(PASSWORD, "203.0.113.20")
    for _ in range(5):
        with pytest.raises(SignInError):
            sign_in("wrong", "203.0.113.20")
    with pytest.raises(RateLimitedError):  # guessing there is no freer
        sign_in(PASSWORD, "203.0.113.20")


def test_a_link_that_does_not_work_costs_no_digest(client, monkeypatch):
    """Strangers can not make the server work for nothing: links are looked at before passwords are."""
    monkeypatch.setattr(digest, "_AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(digest, "PATIENCE", 0.01)
    digest._AT_ONCE.acquire()  # whoever wants a digest made is refused with 503
    bodies = {
        "/setup": {"token": "x" * 32, "login": "eve", "name": "Eve", "password": PASSWORD},
        "/password-link": {"token": "x" * 32, "password": PASSWORD},
    }
    for path, body in bodies.items():
        assert client.post("/api/v1" + path, json=body).status_code == 401
    assert client.post("/api/v1/session", json={"login": "eve", "password": PASSWORD}).status_code == 503


def test_a_flood_of_sign_ins_is_sent_away_and_not_queued_without_end(monkeypatch):
    """Who can not be looked at within a moment is told to come back, so that other requests find a thread."""
    monkeypatch.setattr(digest, "PATIENCE", 0.05)
    told: list[float | None] = []

    def ask() -> None:
        try:
            passwords.fits(None, PASSWORD)
        except ServerBusyError as problem:
            told.append(problem.retry_after)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told
    assert set(told) == {5}


@pytest.mark.feature("S3.2fa.4")
def test_setting_up_codes_ends_sessions_begun_without_them(signed_in):
    here = signed_in(Role.VIEWER)
    login = here.get("/api/v1/session").json()["login"]
    elsewhere = signed_in_again(here, login)
    assert elsewhere.get("/api/v1/session").status_code == 200
    secret = here.post("/api/v1/session/totp", json={"password": PASSWORD}).json()["secret"]
    code = pyotp.TOTP(secret).now()
    assert here.post("/api/v1/session/totp/confirm", json={"code": code}).status_code == 200
    assert here.get("/api/v1/session").status_code == 200
    assert elsewhere.get("/api/v1/session").status_code == 401


def signed_in_again(client, login):
    other = TestClient(client.app, base_url="http://localhost", headers={"X-Towpath": "1"})
    assert other.post("/api/v1/session", json={"login": login, "password": PASSWORD}).status_code == 201
    return other


@pytest.mark.feature("S0.19")
def test_a_token_does_not_end_sessions_or_other_tokens_of_its_person(signed_in):
    """A token that leaked may read; it may not shut its owner out."""
    person = signed_in(Role.VIEWER)
    made = [
        person.post("/api/v1/tokens", json={"name": name, "rights": ["see"], "days": 1}).json()
        for name in ("one", "two")
    ]
    session_id = person.get("/api/v1/session").json()["session_id"]
    token = signed_out(person, made[0]["token"])
    assert token.get("/api/v1/session").status_code == 200
    assert token.delete(f"/api/v1/sessions/{session_id}").status_code in {403, 422}
    assert token.delete(f"/api/v1/tokens/{made[1]['id']}").status_code in {403, 422}
    assert person.get("/api/v1/session").status_code == 200
    # Itself it may: a program that ends takes its token with it.
    assert token.delete(f"/api/v1/tokens/{made[0]['id']}").status_code == 204
    assert token.get("/api/v1/session").status_code == 401


def signed_out(client, bearer):
    return TestClient(client.app, base_url="http://localhost", headers={"Authorization": f"Bearer {bearer}"})


@pytest.mark.feature("S0.18")
def test_an_administrator_sees_and_ends_sessions_of_a_person_and_nobody_else_does(signed_in):
    admin, person, other = signed_in(Role.ADMIN), signed_in(Role.VIEWER), signed_in(Role.VIEWER)
    user_id = person.get("/api/v1/session").json()["user_id"]
    assert other.get(f"/api/v1/sessions?user_id={user_id}").status_code == 403
    (found,) = admin.get(f"/api/v1/sessions?user_id={user_id}").json()["items"]
    assert found["this"] is False
    assert admin.delete(f"/api/v1/sessions/{found['id']}").status_code == 204
    assert person.get("/api/v1/session").status_code == 401


NUL = [
    ("POST", "/session", {"login": "a\x00b", "password": PASSWORD}),
    ("POST", "/setup", {"token": "\x00", "login": "a\x00", "name": "A\x00", "password": PASSWORD}),
    ("POST", "/users", {"login": "nul", "name": "N", "email": "a\x00@b"}),
    ("POST", "/groups", {"name": "Nul", "description": "a\x00b"}),
    ("POST", "/grants", {"user_id": "a\x00", "role": "viewer"}),
    ("POST", "/tokens", {"name": "nul", "rights": ["see"], "days": 1, "connection_ids": ["a\x00"]}),
    ("GET", "/users/a%00b", None),
    ("GET", "/grants?user_id=%00", None),
    ("DELETE", "/sessions/%00", None),
    ("DELETE", "/tokens/%00", None),
    ("PUT", "/groups/%00/members/%00", None),
]


def test_a_sign_that_postgresql_does_not_keep_is_refused_and_breaks_nothing(signed_in):
    client = signed_in()
    answers = {path: client.request(method, "/api/v1" + path, json=body) for method, path, body in NUL}
    assert all(400 <= answer.status_code < 500 for answer in answers.values()), answers


def test_many_requests_of_one_session_at_once_all_pass(hub, signed_in):
    client = signed_in(Role.VIEWER)
    text = client.cookies["towpath"]
    with hub.store.begin() as db:
        db.exec_driver_sql("update towpath.sessions set used_at = now() - interval '5 minutes'")
    found = []

    def ask() -> None:
        found.append(service.actor_of(hub, session=text, bearer=None, address="127.0.0.1"))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert all(found)


def test_a_stored_secret_of_a_directory_goes_to_no_other_server(signed_in):
    client = signed_in()
    ldap = {"kind": "ldap", "host": "ldap.example.com", "base": "dc=example,dc=com", "filter": "(uid=%s)"}
    made = client.post(
        "/api/v1/sign-in-methods", json={"title": "Ours", "config": ldap, "secret": "of the searching user"}
    )
    assert made.status_code == 201, made.text
    path = f"/api/v1/sign-in-methods/{made.json()['id']}"

    def change(config, **more):
        return client.patch(path, json={"config": config, **more}, headers={"If-Match": "*"})

    for news in ({"host": "ldap.example.net"}, {"port": 3389}, {"tls": "starttls"}):
        refused = change(ldap | news)
        assert (refused.status_code, "enter the secret" in refused.text) == (422, True), refused.text
    assert change(ldap | {"base": "dc=example,dc=org"}).status_code == 200
    assert change(ldap | {"host": "ldap.example.net"}, secret="entered once more").status_code == 200
    assert client.delete(path).status_code == 204


def test_cookies_of_other_programs_of_the_host_do_not_sign_anybody_out(signed_in):
    client = signed_in(Role.VIEWER)
    mine = f"towpath={client.cookies['towpath']}"
    for theirs in ('layout={"left":1}', "a b=c", "flag", 'open="', "user@host=1"):
        for given in (f"{theirs}; {mine}", f"{mine}; {theirs}"):
            asked = browser_without_cookies(client, given)
            assert asked.status_code == 200, given


def browser_without_cookies(client, cookie):
    held = dict(client.cookies)
    client.cookies.clear()
    try:
        return client.get("/api/v1/session", headers={"Cookie": cookie})
    finally:
        client.cookies.update(held)


@pytest.mark.parametrize("kind", ["users", "groups", "sign-in-methods"])
def test_who_edits_the_same_at_the_same_moment_is_told_and_overwrites_nothing(hub, signed_in, kind):
    boss = signed_in()
    made = {
        "users": {"login": "edited", "name": "As it was"},
        "groups": {"name": "As it was"},
        "sign-in-methods": {
            "title": "As it was",
            "config": {"kind": "oidc", "issuer": "https://issuer.example", "client_id": "towpath"},
        },
    }[kind]
    answer = boss.post(f"/api/v1/{kind}", json=made)
    assert answer.status_code == 201, answer.text
    path = f"/api/v1/{kind}/{answer.json()['id']}"
    name = "title" if kind == "sign-in-methods" else "name"
    read = boss.get(path).headers["ETag"]
    answers = []
    rival = threading.Thread(
        target=lambda: answers.append(boss.patch(path, json={name: "Second"}, headers={"If-Match": read}))
    )
    with hub.store.begin() as db:
        table_name = kind.replace("-", "_")
        first = sa.text(f"update towpath.{table_name} set {name} = 'First' where id = :id")
        db.execute(first, {"id": answer.json()["id"]})
        rival.start()
        waiting = sa.text("select count(*) from pg_locks where not granted")
        while rival.is_alive():  # it waits for us, or has been answered without
            with hub.store.begin() as beside:
                if beside.execute(waiting).scalar_one():
                    break
    rival.join()
    assert answers[0].status_code == 412
    assert boss.get(path).json()[name] == "First"
    assert boss.delete(path).status_code == 204
