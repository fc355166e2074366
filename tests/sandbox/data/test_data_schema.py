"""The packed descriptions of models and fields."""

import json
from pathlib import Path

import pytest

from towpath.sandbox.odoo_server.schema import VERSIONS, load

RECORDED = Path(__file__).parents[4] / "shared" / "odoo"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded fields are not on this machine")


@recorded
@pytest.mark.feature("S2.48", "S2.56")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_recorded_attribute_of_every_field_is_kept(version: str) -> None:
    models = json.loads((RECORDED / f"fields-{version}.json").read_text(encoding="utf-8"))
    schema = load(version)
    assert set(models) <= set(schema)
    for name, model in models.items():
        assert schema[name].description == model["name"]
        assert set(schema[name].fields) >= set(model["fields"])
        for key, attributes in model["fields"].items():
            described = schema[name].fields[key].description
            wrong = {one: value for one, value in attributes.items() if described.get(one) != value}
            assert not wrong, f"{name}.{key}: {wrong}"


@pytest.mark.parametrize("version", VERSIONS)
def test_relations_of_both_sides_share_a_table(version: str) -> None:
    schema = load(version)
    groups = "group_ids" if version == "19.0" else "groups_id"
    users = "user_ids" if version == "19.0" else "users"
    one, other = schema["res.users"].fields[groups], schema["res.groups"].fields[users]
    assert one.relation_table == other.relation_table == "res_groups_users_rel"
    assert (one.column1, one.column2) == (other.column2, other.column1)


def test_delegation_wizards_and_hierarchies_are_known() -> None:
    schema = load("17.0")
    assert schema["account.payment"].inherits == {"move_id": "account.move"}
    assert schema["account.payment.register"].kind == "transient"
    assert schema["sale.report"].kind == "view"
    assert schema["mail.thread"].kind == "abstract"
    assert schema.parent_of("res.partner.category") == "parent_id"
    assert load("19.0")["account.payment"].inherits == {}


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(KeyError):
        load("12.0")


def test_the_packed_files_are_small() -> None:
    folder = Path(load.__wrapped__.__code__.co_filename).parent
    assert sum(path.stat().st_size for path in folder.glob("*.xz")) < 1_000_000
