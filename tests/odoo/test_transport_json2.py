"""JSON-2 over real sockets, with the shapes recorded from Odoo 19.0."""

from __future__ import annotations

from typing import Any

import pytest

from towpath import errors
from towpath.odoo import Access
from towpath.odoo.json2 import Json2
from towpath.odoo.wire import Wire


def refused(name: str, message: str, status: int) -> dict[str, Any]:
    body = {
        "name": name,
        "message": message,
        "arguments": [message],
        "context": {},
        "debug": "Traceback: /srv/odoo",
    }
    return {"body": body, "status": status}


@pytest.fixture
def wire(loopback: Any):
    wire = Wire(loopback.url, timeout=60)
    yield wire
    wire.close()


@pytest.fixture
def json2(loopback: Any, wire: Any):
    return Json2(Access(url=loopback.url, database="acme", secret="top-secret-key"), wire)


@pytest.mark.feature("S1.4", "S1.5", "S2.3", "S2.4", "S2.5")
def test_a_call_names_its_arguments_and_bears_the_key(loopback: Any, json2: Any, answer: Any):
    loopback.on("/json/2/res.partner/search_read", answer([{"id": 1, "name": "A"}]))
    rows = json2.call(
        "res.partner", "search_read", {"domain": [], "fields": ["name"]}, context={"lang": "fr_FR"}
    )
    assert rows == [{"id": 1, "name": "A"}]
    asked = loopback.seen[0]
    assert asked.headers["authorization"] == "bearer top-secret-key"
    assert asked.headers["x-odoo-database"] == "acme"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {"domain": [], "fields": ["name"], "context": {"lang": "fr_FR"}}


@pytest.mark.feature("S2.5")
def test_no_database_header_is_sent_when_no_database_is_set(loopback: Any, wire: Any, answer: Any):
    loopback.on("/json/2/res.partner/search", answer([]))
    Json2(Access(url=loopback.url, secret="k"), wire).call("res.partner", "search", {"domain": []})
    assert "x-odoo-database" not in loopback.seen[0].headers


def test_ids_go_beside_the_arguments_and_null_is_none(loopback: Any, json2: Any, answer: Any):
    loopback.on("/json/2/res.partner/action_archive", answer("null"))
    assert json2.call("res.partner", "action_archive", {}, ids=[3, 4]) is None
    assert loopback.seen[0].json == {"ids": [3, 4]}


@pytest.mark.parametrize(
    ("name", "message", "status", "kind"),
    [
        ("odoo.exceptions.AccessError", "You are not allowed to access 'Models' (ir.model) records.", 403, errors.RightMissingError),
        ("odoo.exceptions.AccessError", "Private methods (such as 'res.partner._search') cannot be called remotely.", 403, errors.CallError),
        ("odoo.exceptions.MissingError", "Record does not exist or has been deleted.\n(Record: res.partner(9,), User: 2)", 404, errors.RecordMissingError),
        ("odoo.exceptions.ValidationError", "You cannot create recursive Partner hierarchies.", 422, errors.RecordRefusedError),
        ("odoo.exceptions.UserError", "In order to delete a purchase order, you must cancel it first.", 422, errors.RecordRefusedError),
        ("werkzeug.exceptions.NotFound", "the model 'tpc.none' does not exist", 404, errors.InputError),
        ("werkzeug.exceptions.NotFound", "The method 'res.partner.tpc_none' does not exist", 404, errors.CallError),
        ("werkzeug.exceptions.UnprocessableEntity", "got an unexpected keyword argument 'x'", 422, errors.CallError),
        ("builtins.ValueError", "Invalid field res.partner.tpc in condition ('tpc', '=', 1)", 500, errors.InputError),
        ("builtins.TypeError", "Domain() invalid argument type for domain: 5", 500, errors.CallError),
        ("psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update", 500, errors.ServerBusyError),
        ("odoo.exceptions.LockError", "Cannot grab a lock on records", 409, errors.ServerBusyError),
        ("psycopg2.OperationalError", "FATAL: sorry, too many clients already", 500, errors.ServerBusyError),
        ("builtins.MemoryError", "", 500, errors.ServerBusyError),
    ],
)  # fmt: skip
def test_each_refusal_becomes_the_error_that_says_who_acts(
    loopback: Any, json2: Any, answer: Any, name: Any, message: Any, status: Any, kind: Any
):
    loopback.on("*", answer(**refused(name, message, status)))
    with pytest.raises(kind) as caught:
        json2.call("res.partner", "search", {"domain": []})
    assert type(caught.value) is kind
    assert caught.value.details["odoo_class"] == name
    assert caught.value.details["odoo_message"] == message.strip()
    sure = kind is not errors.CallError and "OperationalError" not in name and "MemoryError" not in name
    assert (caught.value.details.get("applied") is False) == sure
    assert "/srv/odoo" not in repr(caught.value.details) + str(caught.value)


@pytest.mark.feature("S2.61")
def test_a_missing_right_names_model_operation_and_groups(loopback: Any, json2: Any, answer: Any):
    text = (
        "You are not allowed to modify 'Contact' (res.partner) records.\n\nThis operation is allowed for the "
        "following groups:\n\t- Extra Rights/Contact Creation\n\t- Sales/Administrator\n\nContact your administrator."
    )
    loopback.on("*", answer(**refused("odoo.exceptions.AccessError", text, 403)))
    with pytest.raises(errors.RightMissingError) as caught:
        json2.call("res.partner", "write", {"vals": {}}, ids=[1])
    details = caught.value.details
    assert (details["model"], details["operation"]) == ("res.partner", "write")
    assert details["groups"] == ["Extra Rights/Contact Creation", "Sales/Administrator"]
    assert "Sales/Administrator" in caught.value.message


def test_an_unknown_database_is_told_from_an_unknown_model(json2: Any):
    with pytest.raises(errors.DatabaseError, match="acme"):
        json2.call("res.partner", "search", {"domain": []})


def test_a_refused_key_never_shows_itself(loopback: Any, json2: Any, answer: Any):
    loopback.on(
        "*", answer(**refused("werkzeug.exceptions.Unauthorized", "Invalid apikey top-secret-key", 401))
    )
    with pytest.raises(errors.KeyRefusedError) as caught:
        json2.call("res.partner", "search", {"domain": []})
    assert "top-secret" not in repr(caught.value.details) + caught.value.message


@pytest.mark.feature("S2.60")
@pytest.mark.parametrize(("status", "kind"), [(429, errors.RateLimitedError), (503, errors.ServerBusyError)])
def test_retry_after_is_carried(loopback: Any, json2: Any, answer: Any, status: Any, kind: Any):
    loopback.on("*", answer("slow down", status=status, kind="text/html", headers={"Retry-After": "7"}))
    with pytest.raises(kind) as caught:
        json2.call("res.partner", "search", {"domain": []})
    assert caught.value.retry_after == 7


def test_a_number_that_is_none_does_not_cost_the_page(loopback: Any, json2: Any, answer: Any):
    loopback.on("*", answer('[{"id": 1, "rate": NaN}, {"id": 2, "rate": Infinity}]'))
    rows = json2.call("x.rate", "read", {}, ids=[1, 2])
    assert rows[0]["rate"] != rows[0]["rate"]
    assert rows[1]["rate"] == float("inf")


@pytest.mark.parametrize(
    "message",
    ["Access to the External API requires a Custom plan", "Your pricing plan does not include this"],
)
def test_a_plan_without_the_api_is_told(loopback: Any, json2: Any, answer: Any, message: str):
    loopback.on("*", answer(**refused("odoo.exceptions.AccessError", message, 403)))
    with pytest.raises(errors.PlanError, match="Custom plan"):
        json2.call("res.partner", "search", {"domain": []})


def test_a_web_page_in_place_of_json_is_no_result(loopback: Any, json2: Any, answer: Any):
    loopback.on("*", answer("<html>maintenance</html>", kind="text/html"))
    with pytest.raises(errors.ProtocolError, match="web page"):
        json2.call("res.partner", "search", {"domain": []})


def test_a_redirect_is_not_followed_with_the_key(loopback: Any, json2: Any, answer: Any):
    loopback.on("*", answer("", status=301, kind="text/html", headers={"Location": "https://evil.example/x"}))
    with pytest.raises(errors.AddressError, match=r"https://evil\.example"):
        json2.call("res.partner", "search", {"domain": []})
    assert len(loopback.seen) == 1


@pytest.mark.parametrize("model", ["res.partner/../x", "res partner", "", "a" * 300, "res.partner?x=1"])
def test_names_that_could_change_the_path_are_refused(loopback: Any, json2: Any, model: Any):
    with pytest.raises(errors.InputError):
        json2.call(model, "search", {})
    assert not loopback.seen


def test_a_renamed_parameter_is_read_from_the_contract(loopback: Any, json2: Any, answer: Any):
    contract = {"methods": {"create": {"parameters": {"list_vals": {}, "kw": {"kind": "VAR_KEYWORD"}}}}}
    loopback.on("/doc-bearer/res.partner.json", answer(contract, headers={"ETag": '"7"'}))

    def create(asked: Any) -> Any:
        if "list_vals" in asked.json:
            return answer([5])
        return answer(
            **refused(
                "werkzeug.exceptions.UnprocessableEntity", "missing a required argument: 'list_vals'", 422
            )
        )

    loopback.on("/json/2/res.partner/create", create)
    assert json2.call("res.partner", "create", {"vals_list": [{"name": "A"}]}) == [5]
    assert json2.call("res.partner", "create", {"vals_list": [{"name": "B"}]}) == [5]
    assert [asked.path for asked in loopback.seen].count("/doc-bearer/res.partner.json") == 1
    assert [asked.path for asked in loopback.seen].count("/json/2/res.partner/create") == 3


def test_without_a_contract_the_refusal_itself_gives_the_name(loopback: Any, json2: Any, answer: Any):
    def create(asked: Any) -> Any:
        if "list_vals" in asked.json:
            return answer([5])
        return answer(
            **refused(
                "werkzeug.exceptions.UnprocessableEntity", "missing a required argument: 'list_vals'", 422
            )
        )

    loopback.on("/json/2/res.partner/create", create)
    assert json2.call("res.partner", "create", {"vals_list": [{}]}) == [5]


def test_an_argument_that_nothing_explains_is_reported_once(loopback: Any, json2: Any, answer: Any):
    loopback.on(
        "*",
        answer(**refused("werkzeug.exceptions.UnprocessableEntity", "missing a required argument: 'z'", 422)),
    )
    with pytest.raises(errors.CallError, match="missing a required argument"):
        json2.call("res.partner", "message_post", {"body": "x"}, ids=[1])


def test_a_contract_is_kept_by_its_etag(loopback: Any, json2: Any, answer: Any):
    def contract(asked: Any) -> Any:
        if asked.headers.get("if-none-match") == '"7"':
            return answer("", status=304)
        return answer({"methods": {"write": {"parameters": {"vals": {}}}}}, headers={"ETag": '"7"'})

    loopback.on("/doc-bearer/res.partner.json", contract)
    assert json2.parameters("res.partner", "write") == ("vals",)
    assert json2.parameters("res.partner", "write") == ("vals",)
    assert len(loopback.seen) == 2
