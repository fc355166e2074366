import base64

import pytest

from towpath.sandbox.odoo_server.exceptions import AccessError

pytestmark = pytest.mark.feature("S2.52")
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_empty_values_have_the_type_of_their_field(env):
    partner = env["res.partner"].create({"name": "Bare"})
    assert partner.read(
        ["ref", "color", "partner_latitude", "comment", "country_id", "category_id", "image_1920"]
    ) == [
        {
            "id": partner.id,
            "ref": False,
            "color": 0,
            "partner_latitude": 0.0,
            "comment": False,
            "country_id": False,
            "category_id": [],
            "image_1920": False,
        }
    ]


def test_many2one_comes_with_its_name_unless_load_is_changed(env):
    belgium = env.ref("base.be")
    partner = env["res.partner"].create({"name": "Labelled", "country_id": belgium.id})
    assert partner.read(["country_id"])[0]["country_id"] == [belgium.id, "Belgium"]
    for load in ("", None, "other"):
        assert partner.read(["country_id"], load)[0]["country_id"] == belgium.id
        found = partner.search_read([("id", "=", partner.id)], ["country_id"], load=load)
        assert found == [{"id": partner.id, "country_id": belgium.id}]


def test_read_keeps_order_and_duplicates_and_drops_what_is_gone(env):
    two = env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
    one, other = two.ids
    rows = two.browse([other, 999_999_999, one, other]).read(["name"])
    assert [row["id"] for row in rows] == [other, one, other]
    assert two.browse([999_999_999]).read(["name"]) == []
    assert two.browse([999_999_999]).read(["id"]) == [{"id": 999_999_999}]


def test_links_come_in_the_order_of_the_other_side(env):
    tags = env["res.partner.category"].create([{"name": "Aaa"}, {"name": "Bbb"}])
    partner = env["res.partner"].create(
        {
            "name": "Parent",
            "is_company": True,
            "category_id": [(6, 0, tags.ids[::-1])],
            "child_ids": [(0, 0, {"name": "Kid B"}), (0, 0, {"name": "Kid A"})],
        }
    )
    row = partner.read(["category_id", "child_ids"])[0]
    assert row["category_id"] == list(tags.ids)
    assert [one.name for one in partner.child_ids] == ["Kid A", "Kid B"]
    assert row["child_ids"] == list(partner.child_ids.ids)


def test_without_fields_everything_readable_is_read(env, limited):
    partner = env["res.partner"].create({"name": "Whole"})
    whole = partner.read()[0]
    assert whole["name"] == "Whole"
    assert set(whole) == set(env["res.partner"].fields_get())
    assert "signup_type" not in partner.with_user(limited.uid).read([])[0]


def test_unknown_and_forbidden_fields_fail_the_whole_read(env, version, limited):
    partner = env["res.partner"].create({"name": "Whole"})
    place = "model 'res.partner'" if version == "17.0" else "'res.partner'"
    with pytest.raises(ValueError, match=f"Invalid field 'nope' on {place}"):
        partner.read(["name", "nope"])
    with pytest.raises(AccessError, match="allowed for groups"):
        partner.with_user(limited.uid).read(["name", "signup_type"])


def test_stamps_are_cut_to_seconds(env):
    partner = env["res.partner"].create({"name": "Stamped"})
    row = partner.read(["create_date", "write_date"])[0]
    assert row["create_date"] == row["write_date"] == env.now.strftime("%Y-%m-%d %H:%M:%S")
    assert partner.write_date == env.now


def test_binaries_are_base64_or_a_size(env):
    partner = env["res.partner"].create({"name": "Pictured", "image_1920": PIXEL})
    assert partner.read(["image_1920", "image_128"])[0]["image_128"] == PIXEL
    sized = partner.with_context(bin_size=True).read(["image_1920"])[0]["image_1920"]
    assert sized == f"{len(base64.b64decode(PIXEL))}.00 bytes"
    assert env["res.partner"].search_count([("id", "=", partner.id), ("image_1920", "!=", False)]) == 1


def test_delegated_fields_are_read_from_the_parent(env):
    user = env["res.users"].create({"name": "Delia Gate", "login": "delia"})
    assert user.partner_id.name == "Delia Gate"
    assert user.read(["name", "partner_id"])[0]["name"] == "Delia Gate"
    user.partner_id.write({"name": "Delia Gated"})
    assert env["res.users"].search([("name", "=", "Delia Gated")]).ids == user.ids
    user.write({"email": "delia@example.com"})
    assert user.partner_id.email == "delia@example.com"


def test_translated_values_fall_back_to_english(env):
    env.cr.execute(
        "INSERT INTO res_lang (name, code, iso_code, url_code, active, direction, date_format, time_format, week_start, grouping) VALUES ('French', 'fr_FR', 'fr', 'fr', true, 'ltr', '%%d/%%m/%%Y', '%%H:%%M:%%S', '1', '[]') ON CONFLICT DO NOTHING"
    )
    env.cr.execute("UPDATE res_lang SET active = true WHERE code = 'fr_FR'")
    env.forget()
    tag = env["res.partner.category"].create({"name": "Barge"})
    french = tag.with_context(lang="fr_FR")
    assert french.name == "Barge"
    french.write({"name": "Peniche"})
    assert (tag.name, french.name) == ("Barge", "Peniche")
    assert french.search([("name", "=", "Peniche")]).ids == tag.ids
    assert not tag.search([("name", "=", "Peniche")])


def test_an_unknown_language_is_ignored_on_17_and_refused_on_19(env, version):
    tags = env["res.partner.category"].with_context(lang="zz_ZZ")
    if version == "17.0":
        tags.search([("name", "=", "x")])
    else:
        with pytest.raises(Exception, match="Invalid language code: zz_ZZ"):
            tags.search([("name", "=", "x")])


def test_properties_are_shown_with_their_definition(env, version):
    project = env["project.project"].create(
        {
            "name": "Lock gates",
            "task_properties_definition": [
                {"name": "colour", "type": "char", "string": "Colour"},
                {"name": "size", "type": "integer", "string": "Size", "default": 3},
            ],
        }
    )
    task = env["project.task"].create(
        {"name": "Paint", "project_id": project.id, "task_properties": {"colour": "blue"}}
    )
    shown = {
        one["name"]: one.get("value", "unset") for one in task.read(["task_properties"])[0]["task_properties"]
    }
    assert shown == {"colour": "blue", "size": 3}
    assert task.search([("task_properties.colour", "=", "blue"), ("id", "=", task.id)])
    task.write({"task_properties": {"colour": "red"}})
    shown = {
        one["name"]: one.get("value", "unset") for one in task.read(["task_properties"])[0]["task_properties"]
    }
    assert shown == {"colour": "red", "size": False if version == "17.0" else "unset"}


def test_fields_get_restricts_to_fields_and_attributes(env, limited):
    partner = env["res.partner"]
    assert partner.fields_get(["name", "nope"], ["type", "nope"]) == {"name": {"type": "char"}}
    assert partner.fields_get(["name"], []) == {"name": {}}
    assert partner.fields_get(["city"], ["readonly"])["city"]["readonly"] is False
    assert limited["res.partner"].fields_get(["city"], ["readonly"])["city"]["readonly"] is True


def test_names_are_searched_under_each_versions_argument(env, version):
    partner = env["res.partner"].create({"name": "Zq Acme", "is_company": True, "ref": "ZQREF"})
    assert env["res.partner"].name_search("zq acm") == [(partner.id, "Zq Acme")]
    assert env["res.partner"].name_search("ZQREF") == [(partner.id, "Zq Acme")]
    key = "args" if version == "17.0" else "domain"
    assert env["res.partner"].name_search(name="Zq", **{key: [("is_company", "=", False)]}) == []
    with pytest.raises(TypeError, match=r"BaseModel.name_search\(\) got an unexpected keyword argument"):
        env["res.partner"].name_search(name="Zq", **{"domain" if version == "17.0" else "args": []})
