"""Discovery of a model's fields, with the shapes that real servers answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from towpath.errors import (
    CallError,
    ConnectionLostError,
    DamagedError,
    InputError,
    KeyRefusedError,
    RightMissingError,
)
from towpath.odoo.drift import drift
from towpath.odoo.readable import readable
from towpath.odoo.schema import Field, Model, discover, from_json, to_json
from towpath.odoo.schemas import Schemas

RECORDED = Path(__file__).parents[3] / "shared" / "odoo"
SMALL = {
    "id": {"type": "integer", "string": "ID", "store": True},
    "name": {"type": "char", "string": "Name", "store": True},
    "write_date": {"type": "datetime", "store": True},
    "create_date": {"type": "datetime", "store": True},
    "active": {"type": "boolean", "store": True},
    "image": {"type": "binary", "store": True},
    "comment": {"type": "html", "store": True},
    "child_ids": {"type": "one2many", "relation": "res.partner", "store": True},
    "category_id": {"type": "many2many", "relation": "res.partner.category", "store": True},
    "balance": {"type": "monetary", "store": False, "currency_field": "currency_id"},
    "x_size": {
        "type": "selection",
        "selection": [["s", "Small"], ["l", "Large"]],
        "store": True,
        "manual": True,
    },
    "access_token": {"type": "char", "store": True},
}


class Server:
    """A connection whose fields_get fails for the first ``failures`` attribute lists."""

    def __init__(self, answer: Any, failures: Sequence[Exception] = ()) -> None:
        self.answer, self.failures, self.asked = answer, list(failures), []

    def fields_get(self, model: str, fields: Any = None, attributes: Sequence[str] | None = None) -> Any:
        self.asked.append((model, fields, tuple(attributes or ())))
        if self.failures:
            raise self.failures.pop(0)
        return self.answer


class Reads:
    """A connection where reading some fields raises."""

    def __init__(self, bad: dict[str, Exception]) -> None:
        self.bad, self.calls = bad, 0

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        self.calls += 1
        assert model
        for name in fields:
            if name in self.bad:
                raise self.bad[name]
        return [dict.fromkeys(fields, False) for _ in ids]


@pytest.mark.feature("S2.52", "S2.53")
def test_fields_get_becomes_typed_fields():
    model = discover(Server(SMALL), "res.partner", label="Contact")
    assert model.label == "Contact"
    assert not model.note
    assert model.fields["x_size"].selection == (("s", "Small"), ("l", "Large"))
    assert model.fields["x_size"].custom
    assert model.fields["balance"].currency_field == "currency_id"
    assert model.has_write_date
    assert model.has_active
    assert model.fields["access_token"].secret


def test_default_fields_leave_out_the_costly_and_put_stamps_last():
    model = discover(Server(SMALL), "res.partner")
    assert model.default_fields() == (
        "id", "name", "access_token", "active", "category_id", "x_size", "create_date", "write_date",
    )  # fmt: skip


def test_fields_on_request_may_be_any_readable_one():
    model = discover(Server(SMALL), "res.partner")
    assert model.choose(["balance", "image", "balance"]) == ("id", "balance", "image")
    with pytest.raises(InputError, match=r"has no field 'naem' .* did you mean 'name'"):
        model.choose(["naem"])


@pytest.mark.feature("S2.54")
def test_failing_discovery_falls_back_to_fewer_attributes_then_to_id_alone():
    server = Server(SMALL, [CallError("ValueError: selection")])
    model = discover(server, "m")
    assert set(model.fields) == set(SMALL)
    assert "ValueError" in model.note
    assert len(server.asked) == 2
    server = Server(SMALL, [CallError("boom.")] * 3)
    model = discover(server, "m")
    assert model.id_only
    assert model.default_fields() == ("id",)
    assert model.note == "The fields of m could not be read, so only its ids are: boom."
    assert discover(Server({}), "m").id_only
    assert discover(Server(SMALL, [RightMissingError()] * 3), "m").id_only


@pytest.mark.parametrize("error", [ConnectionLostError(), KeyRefusedError(), InputError("no such model")])
def test_errors_that_are_not_the_schemas_are_raised(error: Exception):
    with pytest.raises(type(error)):
        discover(Server(SMALL, [error]), "m")


def test_a_model_without_write_date_is_known_as_such():
    assert not discover(
        Server({"id": {"type": "integer"}, "name": {"type": "char"}}), "sale.report"
    ).has_write_date
    unstored = {"id": {"type": "integer"}, "write_date": {"type": "datetime", "store": False}}
    assert not discover(Server(unstored), "m").has_write_date


def test_odd_attributes_do_not_stop_discovery():
    odd = {
        "id": {"type": "integer", "store": False},
        "a": {},
        "b": None,
        "c": {
            "type": "selection",
            "selection": "compute()",
            "digits": "16,2",
            "string": 5,
            "relation": False,
        },
        "d": {"type": "selection", "selection": [[1, "One"], ["x"], None, [2, 3]]},
        "e": {"type": "float", "digits": [16, 2]},
    }
    model = discover(Server(odd), "m")
    assert model.fields["id"].store
    assert model.fields["c"].selection == ()
    assert model.fields["d"].selection == (("1", "One"), ("2", "3"))
    assert model.fields["e"].digits == (16, 2)


@pytest.mark.parametrize("version", ["17.0", "19.0"])
def test_every_recorded_model_is_discovered_and_survives_json(version: str):
    models = json.loads((RECORDED / f"fields-{version}.json").read_text())
    for name, described in models.items():
        model = discover(Server(described["fields"]), name, label=described["name"])
        assert from_json(to_json(model)) == model
        assert model.fields["id"].type == "integer"
        assert model.default_fields()[0] == "id"
    with pytest.raises(DamagedError):
        from_json("{}")
    with pytest.raises(DamagedError):
        from_json('{"format": 99}')


@pytest.mark.feature("S2.37")
@pytest.mark.parametrize(
    ("model", "name", "type_", "secret", "personal"),
    [
        ("mut.insurance.quotation", "access_token", "char", True, None),
        ("mut.insurance.quotation", "proponent_vat", "char", False, "identity"),
        ("mut.insurance.quotation", "proponent_zip_number", "char", False, "address"),
        ("mut.insurance.quotation", "proponent_birth_date", "date", False, "birth"),
        ("account.payment", "payment_token_id", "many2one", False, None),
        ("account.move", "name", "char", False, None),
        ("res.partner", "name", "char", False, "name"),
        ("res.partner", "email_normalized", "char", False, "email"),
        ("res.partner", "phone_sanitized", "char", False, "phone"),
        ("res.partner", "street2", "char", False, "address"),
        ("res.partner.bank", "acc_number", "char", False, "bank"),
        ("ir.config_parameter", "value", "text", True, None),
        ("ir.mail_server", "smtp_pass", "char", True, None),
        ("res.users", "password", "char", True, None),
        ("product.product", "image_1920", "binary", False, None),
        ("account.move", "message_needaction", "boolean", False, None),
        ("res.partner", "signup_type", "char", False, None),
        ("res.company", "email_primary_color", "char", False, None),
        ("mail.push.device", "keys", "char", True, None),
    ],
)
def test_secrets_and_personal_data_are_hinted(
    model: str, name: str, type_: str, secret: bool, personal: str | None
):
    field = discover(Server({name: {"type": type_}}), model).fields[name]
    assert (field.secret, field.personal) == (secret, personal)


def test_drift_tells_added_removed_retyped_and_new_choices():
    before = discover(Server(SMALL), "m")
    after_fields = {k: v for k, v in SMALL.items() if k != "comment"} | {
        "x_new": {"type": "char"},
        "category_id": {"type": "many2many", "relation": "other"},
        "name": {"type": "text"},
        "x_size": {"type": "selection", "selection": [["s", "Small"], ["m", "Middle"]]},
    }
    found = drift(before, discover(Server(after_fields), "m"))
    assert found
    assert found.added == ("x_new",)
    assert found.removed == ("comment",)
    assert found.retyped == {
        "name": ("char", "text"),
        "category_id": ("many2many to res.partner.category", "many2many to other"),
    }
    assert found.reselected == {"x_size": (("m",), ("l",))}
    assert found.sentences()[-1] == "The choices of 'x_size' changed: 1 came and 1 went."
    assert json.loads(json.dumps(found.to_json()))["retyped"]["name"] == ["char", "text"]
    assert not drift(before, before)
    assert drift(before, before).sentences() == []


def test_raising_fields_are_found_by_halving():
    names = ["id", *(f"f{n}" for n in range(64))]
    server = Reads({"f7": CallError("keys must be str."), "f40": RightMissingError("no access")})
    found = readable(server, "m", names, [1, 2])
    assert found.dropped == {"f7": "keys must be str", "f40": "no access"}
    assert found.fields == tuple(n for n in names if n not in {"f7", "f40"})
    assert server.calls <= 2 * 2 * 7
    model = Model(name="m", fields={n: Field(name=n, type="char") for n in names}).without(found.dropped)
    assert "f7" not in model.fields
    with pytest.raises(InputError, match="can not be read: keys must be str"):
        model.choose(["f7"])


def test_when_all_fields_raise_it_is_not_the_fields():
    with pytest.raises(RightMissingError):
        readable(Reads({"a": RightMissingError(), "b": RightMissingError()}), "m", ["id", "a", "b"], [1])
    with pytest.raises(ConnectionLostError):
        readable(Reads({"a": ConnectionLostError()}), "m", ["id", "a", "b"], [1])
    assert readable(Reads({}), "m", ["id"], [1]).fields == ("id",)


def test_models_are_discovered_once():
    server = Server(SMALL)
    schemas = Schemas(server, limit=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        assert schemas.model(name).name == name
    assert [asked[0] for asked in server.asked] == ["a", "b", "c", "b"]
    assert schemas("a") is not None
    schemas.forget()
    assert Schemas(Server({}))("unreadable") is None
