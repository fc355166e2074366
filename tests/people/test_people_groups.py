"""Groups: what is granted to one, its members have, for as long as they belong to it."""

from __future__ import annotations

from towpath.access import Role


def test_members_have_what_was_granted_to_their_group(signed_in):
    boss, member = signed_in(), signed_in(Role.VIEWER)
    me = member.get("/api/v1/session").json()["user_id"]
    group = boss.post("/api/v1/groups", json={"name": "Accounting"}).json()
    place = f"/api/v1/groups/{group['id']}"
    assert boss.post("/api/v1/groups", json={"name": "Accounting"}).status_code == 409
    boss.post("/api/v1/grants", json={"role": "analyst", "group_id": group["id"]})
    assert "read_data" not in member.get("/api/v1/session").json()["rights"]
    for _ in range(2):  # to belong twice is to belong
        assert boss.put(f"{place}/members/{me}").json()["members"] == [me]
    assert "read_data" in member.get("/api/v1/session").json()["rights"]

    read = boss.get(place)
    assert read.json()["members"] == [me]
    news = {"name": "Books", "description": "Who keeps them"}
    assert boss.patch(place, json=news).status_code == 428
    edited = boss.patch(place, json=news, headers={"If-Match": read.headers["etag"]})
    assert (edited.status_code, edited.json()["name"]) == (200, "Books")
    assert boss.patch(place, json=news, headers={"If-Match": read.headers["etag"]}).status_code == 412

    assert boss.delete(f"{place}/members/{me}").json()["members"] == []
    assert "read_data" not in member.get("/api/v1/session").json()["rights"]
    boss.put(f"{place}/members/{me}")
    assert boss.delete(place).status_code == 204
    assert boss.get(place).status_code == 404
    assert "read_data" not in member.get("/api/v1/session").json()["rights"]
