"""Sign-in by password and code, the first set-up, sessions, tokens: and everything that must not get through."""

from __future__ import annotations

import threading
import time

import pyotp
import pytest
import sqlalchemy as sa

from towpath.access import Right, Role
from towpath.errors import SignInError
from towpath.features.people import service, users
from towpath.features.people.tables import api_tokens, one_time_links, sessions
from towpath.features.people.tables import users as table
from towpath.hub import open_hub
from towpath.logins import totp
from towpath.settings import load
from towpath.store.tables import audit

from .conftest import PASSWORD, browser


def audited(hub, action: str) -> list[sa.Row]:
    with hub.store.begin() as db:
        query = audit.select().where(audit.c.action == action).order_by(audit.c.number)
        return list(db.execute(query))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A hub that nobody has set up."""
    with open_hub(load(home=tmp_path_factory.mktemp("fresh")), works=False) as opened:
        yield opened


def test_the_first_administrator_comes_by_the_link_on_the_console_alone(fresh):
    old = service.first_run_token(fresh)
    token = service.first_run_token(fresh)
    client = browser(fresh)
    assert client.get("/api/v1/sign-in").json()["first_run"] is True
    body = {"login": "Ana@Example.com", "name": "Ana", "password": PASSWORD}
    assert (
        client.post("/api/v1/setup", json=body | {"token": old}).status_code == 401
    )  # a later start made a new one
    assert client.post("/api/v1/setup", json=body | {"token": "guess"}).status_code == 401
    weak = client.post("/api/v1/setup", json=body | {"token": token, "password": "password1234"})
    assert (weak.status_code, "weak" in weak.json()["detail"]) == (422, True)
    done = client.post("/api/v1/setup", json=body | {"token": token})
    assert done.status_code == 201
    assert done.json()["login"] == "ana@example.com"
    assert set(done.json()["rights"]) == set(Right)
    assert client.get("/api/v1/session").json()["name"] == "Ana"
    assert client.post("/api/v1/setup", json=body | {"token": token, "login": "b"}).status_code == 401
    assert client.get("/api/v1/sign-in").json()["first_run"] is False
    assert service.first_run_token(fresh) is None
    with fresh.store.begin() as db:
        assert token.encode() not in bytes(db.execute(sa.select(one_time_links.c.token_hash)).scalar_one())


def test_a_link_opened_twice_at_once_makes_one_administrator(tmp_path):
    with open_hub(load(home=tmp_path), works=False) as hub:
        token = service.first_run_token(hub)
        made, refused = [], []

        def open_it(number: int) -> None:
            try:
                made.append(service.set_up(hub, token, login=f"a{number}", name="A", password=PASSWORD))
            except SignInError as problem:
                refused.append(problem)

        threads = [threading.Thread(target=open_it, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(made), len(refused)) == (1, 2)


@pytest.mark.feature("S0.17")
def test_neither_words_nor_time_tell_whether_a_login_exists(hub, client):
    def tried(login: str) -> tuple[float, dict]:
        began = time.process_time()  # of our own work, whatever else the machine does
        answer = client.post("/api/v1/session", json={"login": login, "password": "wrong"})
        assert answer.status_code == 401
        problem = answer.json()
        problem.pop("instance")
        return time.process_time() - began, problem

    for _ in range(2):  # the first request of a process makes what later ones find
        known, unknown = tried("boss"), tried("nobody-of-that-name")
    assert known[1] == unknown[1]
    assert 0.3 < known[0] / unknown[0] < 3
    objects = [row.object for row in audited(hub, "session.begin") if row.result == "refused"]
    assert objects[-2:] == ["user/boss", "user/unknown"]


def test_after_some_failures_each_further_one_waits(hub, client):
    wrong = {"login": "boss", "password": "wrong"}
    answers = [client.post("/api/v1/session", json=wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 401, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    # The right password has to wait as well: who guesses learns nothing sooner.
    right = client.post("/api/v1/session", json={"login": "boss", "password": PASSWORD})
    assert right.status_code == 429
    # Others do not wait for it.
    service.add_user(hub, login="calm", name="Calm", password=PASSWORD)
    assert client.post("/api/v1/session", json={"login": "calm", "password": PASSWORD}).status_code == 201


def test_a_hundred_at_the_same_moment_are_not_all_looked_at(hub, boss):
    del boss
    outcomes = []
    clients = [browser(hub) for _ in range(20)]

    def guess(client) -> None:
        outcomes.append(
            client.post("/api/v1/session", json={"login": "boss", "password": "wrong"}).status_code
        )

    threads = [threading.Thread(target=guess, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(401) <= 6
    assert outcomes.count(429) >= 14


@pytest.mark.feature("S0.17", "S0.19")
def test_a_session_is_a_cookie_that_no_script_reads_and_can_be_ended(hub, signed_in):
    client = signed_in(Role.VIEWER, login="viewer-one")
    (cookie,) = client.cookies.jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    with hub.store.begin() as db:
        kept = [bytes(one) for one in db.execute(sa.select(sessions.c.token_hash)).scalars()]
    assert cookie.value.encode() not in kept
    other = browser(hub)
    other.post(
        "/api/v1/session", json={"login": "viewer-one", "password": PASSWORD}, headers={"User-Agent": "phone"}
    )
    listed = client.get("/api/v1/sessions").json()["items"]
    assert [(one["device"], one["this"]) for one in listed] in (
        [("phone", False), ("testclient", True)],
        [("testclient", True), ("phone", False)],
    )
    phone = next(one["id"] for one in listed if not one["this"])
    assert client.delete(f"/api/v1/sessions/{phone}").status_code == 204
    assert other.get("/api/v1/session").status_code == 401
    assert client.get("/api/v1/session").status_code == 200
    assert client.delete("/api/v1/session").status_code == 204
    client.cookies.set("towpath", cookie.value)  # kept by somebody
    assert client.get("/api/v1/session").status_code == 401


def test_a_session_ends_by_itself(hub, signed_in):
    client = signed_in(Role.VIEWER)
    user_id = client.get("/api/v1/session").json()["user_id"]
    mine = sessions.update().where(sessions.c.user_id == user_id)
    for value in (
        {"used_at": sa.text("now() - interval '13 hours'")},
        {"used_at": sa.func.now(), "expires_at": sa.text("now() - interval '1 second'")},
    ):
        with hub.store.begin() as db:
            db.execute(mine.values(value))
        assert client.get("/api/v1/session").status_code == 401


def test_nobody_ends_a_session_of_somebody_else(signed_in):
    one, other = signed_in(Role.VIEWER), signed_in(Role.OPERATOR)
    session_id = one.get("/api/v1/session").json()["session_id"]
    assert other.delete(f"/api/v1/sessions/{session_id}").status_code == 404
    assert one.get("/api/v1/session").status_code == 200


def test_who_is_disabled_is_out_at_once(hub, signed_in):
    boss, client = signed_in(), signed_in(Role.ANALYST)
    me = client.get("/api/v1/session").json()
    token = client.post("/api/v1/tokens", json={"name": "t", "rights": ["see"]}).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert browser(hub).get("/api/v1/session", headers=bearer).status_code == 200
    place = f"/api/v1/users/{me['user_id']}"
    etag = boss.get(place).headers["etag"]
    assert boss.patch(place, json={"disabled": True}).status_code == 428
    assert boss.patch(place, json={"disabled": True}, headers={"If-Match": '"old"'}).status_code == 412
    assert boss.patch(place, json={"disabled": True}, headers={"If-Match": etag}).status_code == 200
    assert client.get("/api/v1/session").status_code == 401
    assert browser(hub).get("/api/v1/session", headers=bearer).status_code == 401
    again = browser(hub).post("/api/v1/session", json={"login": me["login"], "password": PASSWORD})
    assert again.status_code == 401


@pytest.mark.feature("S0.19", "S0.20")
def test_a_token_may_what_it_was_made_for_and_never_more_than_its_person(hub, signed_in):
    client = signed_in(Role.ANALYST)
    answer = client.post(
        "/api/v1/tokens", json={"name": "report", "rights": ["see", "manage_people"], "days": 1}
    )
    assert "private" in answer.headers["cache-control"]
    token = answer.json()["token"]
    program = browser(hub)
    program.headers["Authorization"] = f"Bearer {token}"
    me = program.get("/api/v1/session").json()
    assert me["rights"] == [
        "see"
    ]  # no data, as it was not asked for; no people, as the person may not either
    assert program.get("/api/v1/users").status_code == 403
    assert program.post("/api/v1/tokens", json={"name": "wider", "rights": ["read_data"]}).status_code == 422
    assert (
        program.post("/api/v1/session/password", json={"current": PASSWORD, "new": PASSWORD}).status_code
        == 422
    )
    (row,) = client.get("/api/v1/tokens").json()["items"]
    assert "token" not in row
    assert row["used_at"]
    assert row["used_from"] == "testclient"
    with hub.store.begin() as db:
        kept = bytes(
            db.execute(sa.select(api_tokens.c.secret_hash).where(api_tokens.c.id == row["id"])).scalar_one()
        )
    assert token.rsplit("_", 1)[-1].encode() not in kept
    assert client.delete(f"/api/v1/tokens/{row['id']}").status_code == 204
    assert program.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    "text", ["tp_000000000000_" + "x" * 43, "tp__", "nothing", "tp_x_y_z", "tp_" + "é" * 60]
)
def test_a_token_of_nobody_opens_nothing(client, text):
    answer = client.get("/api/v1/session", headers={"Authorization": f"Bearer {text}".encode()})
    assert answer.status_code == 401


def test_an_expired_token_opens_nothing(hub, signed_in):
    client = signed_in(Role.VIEWER)
    made = client.post("/api/v1/tokens", json={"name": "t", "rights": ["see"]}).json()
    with hub.store.begin() as db:
        old = api_tokens.update().where(api_tokens.c.id == made["id"])
        db.execute(old.values(expires_at=sa.text("now() - interval '1 second'")))
    assert (
        browser(hub).get("/api/v1/session", headers={"Authorization": f"Bearer {made['token']}"}).status_code
        == 401
    )


def test_a_new_password_ends_the_other_sessions(hub, signed_in):
    client = signed_in(Role.VIEWER)
    login = client.get("/api/v1/session").json()["login"]
    other = browser(hub)
    other.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    new = "violet lock keeper sings"
    wrong = client.post("/api/v1/session/password", json={"current": "x", "new": new})
    assert wrong.status_code == 422
    done = client.post("/api/v1/session/password", json={"current": PASSWORD, "new": new})
    assert done.json() == {"ended_sessions": 1}
    assert other.get("/api/v1/session").status_code == 401
    assert client.get("/api/v1/session").status_code == 200
    assert browser(hub).post("/api/v1/session", json={"login": login, "password": new}).status_code == 201


def test_a_password_is_chosen_by_a_link_once(hub, signed_in):
    boss = signed_in()
    made = boss.post("/api/v1/users", json={"login": "newcomer", "name": "New", "role": "viewer"}).json()
    assert made["has_password"] is False
    link = boss.post(f"/api/v1/users/{made['id']}/password-link").json()["link"]
    token = link.partition("#")[2]
    client = browser(hub)
    assert (
        client.post("/api/v1/password-link", json={"token": token, "password": "newcomer"}).status_code == 422
    )
    assert (
        client.post("/api/v1/password-link", json={"token": token, "password": PASSWORD}).status_code == 204
    )
    assert (
        client.post("/api/v1/password-link", json={"token": token, "password": PASSWORD}).status_code == 401
    )
    assert client.post("/api/v1/session", json={"login": "Newcomer", "password": PASSWORD}).status_code == 201


def test_a_link_does_not_outlast_what_was_done_about_the_account(hub, signed_in):
    boss, person = signed_in(), signed_in(Role.VIEWER)
    known = person.get("/api/v1/session").json()
    path = f"/api/v1/users/{known['user_id']}"

    def try_link(before) -> int:
        token = boss.post(f"{path}/password-link").json()["link"].partition("#")[2]
        assert before().status_code == 200
        body = {"token": token, "password": "some other towing horse"}
        return browser(hub).post("/api/v1/password-link", json=body).status_code

    def switched(off: bool):
        return boss.patch(path, json={"disabled": off}, headers={"If-Match": "*"})

    changed = {"current": PASSWORD, "new": "violet lock keeper sings"}
    assert try_link(lambda: person.post("/api/v1/session/password", json=changed)) == 401
    assert try_link(lambda: switched(True) and switched(False)) == 401
    assert try_link(lambda: boss.get(path)) == 204


class Phone:
    """An authenticator app."""

    def __init__(self, client, password: str = PASSWORD) -> None:
        self.made = client.post("/api/v1/session/totp", json={"password": password}).json()
        self.app = pyotp.parse_uri(self.made["address"])

    def code(self, ahead: int = 0) -> str:
        return self.app.at(int(time.time()) + 30 * ahead)


@pytest.mark.feature("S3.2fa.1", "S3.2fa.2", "S3.2fa.3", "S3.2fa.4", "S3.2fa.5")
def test_a_code_is_asked_for_once_an_app_is_set_up(hub, signed_in):
    client = signed_in(Role.ANALYST)
    login = client.get("/api/v1/session").json()["login"]
    assert (
        client.post("/api/v1/session/totp", json={"password": "x"}).status_code == 422
    )  # S3.2fa.2: asked again
    phone = Phone(client)
    assert phone.made["picture"].startswith("<svg")
    assert "style" not in phone.made["picture"]
    assert "script" not in phone.made["picture"]
    assert phone.made["secret"] in phone.made["address"]
    assert client.post("/api/v1/session/totp/confirm", json={"code": "000000"}).status_code == 422
    codes = client.post("/api/v1/session/totp/confirm", json={"code": phone.code()}).json()["codes"]
    assert len(set(codes)) == 10
    assert client.get("/api/v1/session").json()["recovery_codes_left"] == 10

    again = browser(hub)
    opened = again.post("/api/v1/session", json={"login": login, "password": PASSWORD}).json()
    assert (opened["pending"], opened["rights"]) == ("code", [])
    assert again.get("/api/v1/sessions").status_code == 401  # half a sign-in is none
    assert again.post("/api/v1/session/totp", json={"password": PASSWORD}).status_code == 422
    replayed = again.post("/api/v1/session/code", json={"code": phone.code()})
    assert replayed.status_code == 401, "it was taken when the app was set up"
    done = again.post("/api/v1/session/code", json={"code": phone.code(ahead=1)})
    assert (done.status_code, done.json()["pending"]) == (200, None)
    assert "read_data" in done.json()["rights"]
    assert again.get("/api/v1/sessions").status_code == 200

    lost = browser(hub)
    lost.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    assert lost.post("/api/v1/session/code", json={"code": codes[3].upper()}).status_code == 200
    assert lost.get("/api/v1/session").json()["recovery_codes_left"] == 9
    other = browser(hub)
    other.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    assert other.post("/api/v1/session/code", json={"code": codes[3]}).status_code == 401
    fresh = client.post("/api/v1/session/totp/recovery-codes", json={"password": PASSWORD}).json()["codes"]
    assert not set(fresh) & set(codes)
    assert client.post("/api/v1/session/totp/off", json={"password": PASSWORD}).json()["totp_since"] is None


@pytest.mark.feature("S3.2fa.6")
def test_an_administrator_helps_who_lost_the_app(hub, signed_in):
    boss, client = signed_in(), signed_in(Role.VIEWER)
    me = client.get("/api/v1/session").json()
    client.post("/api/v1/session/totp/confirm", json={"code": Phone(client).code()})
    assert client.delete(f"/api/v1/users/{me['user_id']}/totp").status_code == 403
    assert boss.delete(f"/api/v1/users/{me['user_id']}/totp").status_code == 204
    again = browser(hub).post("/api/v1/session", json={"login": me["login"], "password": PASSWORD})
    assert again.json()["pending"] is None


def test_codes_can_be_demanded_of_a_role(hub, signed_in):
    boss, client, other = signed_in(), signed_in(Role.APPROVER), signed_in(Role.VIEWER)
    try:
        boss.put("/api/v1/sign-in/policy", json={"code_roles": ["approver"]})
        me = client.get("/api/v1/session").json()
        assert (me["pending"], me["rights"]) == ("enrol", [])
        assert client.get("/api/v1/tokens").status_code == 401
        assert other.get("/api/v1/session").json()["pending"] is None
        client.post("/api/v1/session/totp/confirm", json={"code": Phone(client).code()})
        assert client.get("/api/v1/session").json()["pending"] is None
    finally:
        boss.put("/api/v1/sign-in/policy", json={"code_roles": []})


def test_a_code_is_good_for_its_time_and_a_little_around_it():
    secret = totp.new_secret()
    app = pyotp.TOTP(secret)
    now = 1_800_000_015
    for off, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        step = totp.step_of(secret, app.at(now + 30 * off), at=now)
        assert step == (now // 30 + off if good else None)
    for bad in ("", "12345", "1234567", "١٢٣٤٥٦", "abcdef"):
        assert totp.step_of(secret, bad, at=now) is None


def test_old_digests_are_made_anew_at_the_next_sign_in(hub, client):
    from argon2 import PasswordHasher

    user = service.add_user(hub, login="longago", name="L", password=PASSWORD)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with hub.store.begin() as db:
        users.store_password(db, user.id, weak)
    assert client.post("/api/v1/session", json={"login": "longago", "password": PASSWORD}).status_code == 201
    with hub.store.begin() as db:
        assert db.execute(sa.select(table.c.password_hash).where(table.c.id == user.id)).scalar_one() != weak
