"""Deleting a person: what goes, what stays, and who can not."""

from __future__ import annotations

import threading

from click.testing import CliRunner

from towpath.access import Role
from towpath.cli.entry import cli
from towpath.features.people import granting, service

PASSWORD = "slow green canal boats"


def test_a_person_goes_with_what_is_theirs_and_the_audit_stays_whole(hub, signed_in):
    boss, leaver = signed_in(), signed_in(Role.ANALYST, login="leaver")
    me = leaver.get("/api/v1/session").json()["user_id"]
    token = leaver.post("/api/v1/tokens", json={"name": "job", "rights": ["see"], "days": 5}).json()
    held = {"Authorization": f"Bearer {token['token']}"}
    assert boss.get("/api/v1/session", headers=held).json()["user_id"] == me
    assert leaver.post("/api/v1/session/totp", json={"password": PASSWORD}).status_code == 200
    own = {"sql": "select 1 as a", "title": "Mine"}
    assert leaver.post("/api/v1/queries", json=own).status_code == 201
    assert (
        leaver.post("/api/v1/queries", json=own | {"title": "Ours", "shared_with": ["everybody"]}).status_code
        == 201
    )

    assert boss.delete(f"/api/v1/users/{me}").status_code == 204
    assert boss.delete(f"/api/v1/users/{me}").status_code == 404
    assert leaver.get("/api/v1/session").status_code == 401
    assert boss.get("/api/v1/session", headers=held).status_code == 401
    assert boss.get(f"/api/v1/users/{me}").status_code == 404
    shared = {query["title"]: query["owner"] for query in boss.get("/api/v1/queries").json()["items"]}
    assert shared["Ours"] == "leaver"
    assert "Mine" not in shared
    assert not [one for one in hub.cabinet.all() if me in one.owner]
    row = boss.get("/api/v1/audit", params={"action": "user.delete"}).json()["items"][0]
    assert (row["object"], row["actor"]) == ("user/leaver", "user:boss")
    assert boss.get("/api/v1/audit", params={"actor": "user:leaver"}).json()["items"]
    assert hub.store.verify_audit().whole
    # Somebody new of that name has nothing of it.
    again = signed_in(Role.ANALYST, login="leaver")
    assert again.get("/api/v1/session").json()["user_id"] != me
    assert "Mine" not in {query["title"] for query in again.get("/api/v1/queries").json()["items"]}


def test_nobody_deletes_themselves_and_one_administrator_stays(boss, signed_in):
    refused = signed_in().delete(f"/api/v1/users/{boss.id}")
    assert (refused.status_code, refused.json()["detail"][:20]) == (409, "You can not delete y")
    assert signed_in(Role.OPERATOR).delete(f"/api/v1/users/{boss.id}").status_code == 403
    # Two administrators delete the same person at the same moment: one of them did it.
    whom = signed_in(Role.VIEWER).get("/api/v1/session").json()["user_id"]
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda who=who: answers.append(who.delete(f"/api/v1/users/{whom}").status_code)
        )
        for who in (signed_in(), signed_in(Role.ADMIN))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [204, 404]


def test_at_the_command_line(tmp_path, monkeypatch):
    from towpath.hub import open_hub
    from towpath.settings import load

    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    with open_hub(load(home=tmp_path), works=False) as hub:
        for login in ("one", "two"):
            user = service.add_user(hub, login=login, name=login)
            granting.grant(hub, Role.ADMIN, user_id=user.id)
        run = CliRunner()
        assert run.invoke(cli, ["user", "delete", "one"]).exit_code == 2
        done = run.invoke(cli, ["user", "delete", "one", "--yes"])
        assert (done.exit_code, done.output) == (0, "one is deleted; the audit keeps what they did.\n")
        last = run.invoke(cli, ["user", "delete", "two", "--yes"])
        assert "Nobody would be left" in str(last.exception or last.output)
