"""Connections over REST: found, added, changed and forgotten; a test that explains itself."""

from __future__ import annotations

import pytest

from towpath.access import Role


def typed(server, user="admin", **more):
    account = server.users[user]
    return {"url": server.url, "database": server.db, "login": account.login, "key": account.key, **more}


@pytest.mark.feature("S2.1", "S2.2", "S2.3", "S2.4")
def test_an_odoo_is_tried_added_changed_and_forgotten(admin, odoo19):
    probed = admin.post("/connections/probe", json=typed(odoo19)).json()
    assert probed["ok"]
    assert probed["ask"] is None
    assert probed["user"] == "admin"
    assert [step["ok"] for step in probed["steps"]] == [True, True, True]
    assert "Odoo 19.0" in probed["steps"][0]["sentence"]

    added = admin.post("/connections", json=typed(odoo19, name="town"))
    assert added.status_code == 201, added.text
    known = added.json()
    assert known["test_ok"] is True
    assert known["version"].startswith("19")
    assert odoo19.users["admin"].key not in added.text
    assert {"connect", "run", "see"} <= set(known["rights"])
    assert known["id"] in {one["id"] for one in admin.get("/connections").json()["items"]}
    place = f"/connections/{known['id']}"

    assert admin.post(f"{place}/test").json()["ok"] is True
    assert admin.get(f"{place}/budget").json()["calls_per_minute"] >= 0

    etag = admin.get(place).headers["etag"]
    assert admin.patch(place, json={"url": odoo19.url}).status_code == 428
    moved = admin.patch(place, json={"url": odoo19.url + "/"}, headers={"If-Match": etag})
    assert moved.status_code == 200, moved.text
    assert admin.patch(place, json={}, headers={"If-Match": "*"}).status_code == 422
    assert admin.patch(place, json={"witness_id": known["id"]}, headers={"If-Match": "*"}).status_code == 422

    assert admin.delete(place).status_code == 204
    assert admin.get(place).status_code == 404


def test_a_connection_is_changed_once_it_works_like_that(admin, as_role, connect, odoo19):
    known = connect()
    place = f"/connections/{known.id}"
    shown = admin.get(place)
    assert shown.json()["key"]["set_at"]
    assert as_role(Role.VIEWER).get(place).json()["key"] is None

    def change(client=admin, etag="*", **body):
        return client.patch(place, json=body, headers={"If-Match": etag})

    refused = change(login="nobody@example.com", key="not the key")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/key-refused")
    assert admin.get(place).json()["login"] == known.login  # nothing of it was stored
    key, ends = odoo19.users["admin"].key, "2030-02-01T00:00:00Z"
    assert change(as_role(Role.OPERATOR), key=key).status_code == 403
    set_again = change(key=key, login="admin", key_expires_at=ends)
    assert set_again.status_code == 200, set_again.text
    assert set_again.json()["key"]["expires_at"] == ends
    assert key not in set_again.text

    # A stored key may only be used, so it is sent to no other server: whose that is could read it.
    host = odoo19.url.partition("://")[2].partition(":")[0]
    for elsewhere in ("http://127.0.0.1:9", "127.0.0.1:9", f"https://{host}:9", "https://example.com"):
        for client in (admin, as_role(Role.OPERATOR)):
            refused = change(client, url=elsewhere, force=True)
            assert (refused.status_code, refused.json()["details"]["setting"]) == (422, "key"), refused.text

    wrong = change(name="No Name").json()
    assert wrong["details"]["setting"] == "name"
    name = f"renamed_{known.id[:6]}"
    renamed = change(etag=shown.headers["etag"], name=name)
    assert renamed.json()["name"] == name
    assert change(etag=shown.headers["etag"], name="other").status_code == 412
    assert change(name=known.name).status_code == 200


@pytest.mark.feature("S2.4", "S2.5")
def test_databases_at_an_address_are_found(admin, odoo19):
    found = admin.get("/connections/databases", params={"url": odoo19.url})
    assert found.status_code == 200, found.text
    assert odoo19.db in found.json()["databases"]


@pytest.mark.feature("S2.2", "S2.3")
def test_what_is_wrong_is_told_where_it_is_wrong(admin, odoo19, odoo17):
    wrong = admin.post("/connections/probe", json=typed(odoo19, key="no such key")).json()
    assert not wrong["ok"]
    assert wrong["ask"] == "key"
    assert [step["ok"] for step in wrong["steps"]] == [True, True, False]
    assert "key" in wrong["sentence"]
    assert "no such key" not in str(wrong)

    nowhere = admin.post("/connections/probe", json={"url": "http://127.0.0.1:9"}).json()
    assert nowhere["ask"] == "address"
    assert nowhere["steps"][0]["ok"] is False

    other = admin.post("/connections/probe", json=typed(odoo19, database="no_such")).json()
    assert other["ask"] == "database"
    assert other["steps"][1]["ok"] is False
    assert odoo19.db in (other["databases"] or [])

    # Odoo 17 has no protocol that does without a user name.
    nobody = admin.post("/connections/probe", json=typed(odoo17, login=None)).json()
    assert nobody["ask"] == "login"
    assert nobody["needs_login"] is True

    server = admin.post("/connections/probe", json={"url": odoo19.url, "database": odoo19.db}).json()
    assert server["ask"] == "key"
    assert server["steps"][2]["ok"] is None
    assert server["suggested_name"]


def test_a_name_that_is_taken_is_refused_in_a_sentence(admin, odoo19, connect):
    known = connect()
    again = admin.post("/connections", json=typed(odoo19, name=known.name))
    assert again.status_code == 422
    assert "choose another name" in again.json()["detail"]
    assert again.headers["content-type"] == "application/problem+json"


def test_an_address_inside_is_not_asked_when_only_public_ones_may_be(app, admin, hub, odoo19):
    open_to_all, hub.settings = hub.settings, hub.settings.model_copy(update={"private_addresses": False})
    try:
        told = admin.post("/connections/probe", json=typed(odoo19)).json()
        added = admin.post("/connections", json=typed(odoo19, name="inside"))
        listed = admin.get("/connections/databases", params={"url": odoo19.url})
    finally:
        hub.settings = open_to_all
    assert told["ask"] == "address"
    assert "private network" in told["sentence"]
    assert added.status_code == 422
    assert "private network" in added.json()["detail"]
    assert listed.status_code == 422


def test_who_has_a_role_on_one_connection_may_not_add_another(as_role, connect, odoo19):
    operator = as_role(Role.OPERATOR, connect().id)
    assert operator.post("/connections", json=typed(odoo19, name="mine")).status_code == 403
    assert operator.post("/connections/probe", json=typed(odoo19)).status_code == 403


@pytest.mark.feature("S2.60")
def test_limits_of_calls_are_set_shown_and_taken_away(admin, as_role, connect):
    known = connect()
    place = f"/connections/{known.id}"
    hours = {
        "days": ["mon", "fri"],
        "start": "8:00",
        "end": "18:00",
        "tz": "Europe/Brussels",
        "calls_per_second": 2,
    }

    def change(client=admin, etag="*", **body):
        return client.patch(place, json=body, headers={"If-Match": etag})

    etag = admin.get(place).headers["etag"]
    done = change(etag=etag, calls_per_second=5, calls_at_once=2, working_hours=hours)
    assert done.status_code == 200, done.text
    shown = done.json()
    assert shown["working_hours"] == {**hours, "start": "08:00", "scheduled_runs": True}
    assert (shown["calls"]["calls_at_once"], shown["calls"]["ceiling"] in {2, 5}) == (2, True)
    assert shown["calls"]["ceiling_from"] in {"connection", "working hours"}
    assert change(etag=etag, calls_per_second=6).status_code == 412
    assert change(as_role(Role.ANALYST), calls_per_second=6).status_code == 403
    for setting, value in (
        ("calls_per_second", 0),
        ("calls_at_once", 100),
        ("working_hours", {**hours, "tz": "Mars/Base"}),
        ("working_hours", {**hours, "calls_per_second": None}),
    ):
        refused = change(**{setting: value, "name": "not_stored"})
        assert (refused.status_code, refused.json()["details"]["setting"]) == (422, setting)
    assert admin.get(place).json()["name"] == known.name
    free = change(calls_per_second=None, working_hours=None).json()
    assert (free["calls_per_second"], free["calls_at_once"], free["working_hours"]) == (None, 2, None)
    assert free["calls"]["ceiling"] is None
