"""JSON-RPC and XML-RPC over real sockets, with the shapes recorded from Odoo 17.0 and 19.0."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

import pytest

from towpath import errors
from towpath.odoo import Access, open_transport
from towpath.odoo.jsonrpc import json_service
from towpath.odoo.wire import Wire
from towpath.odoo.xmlrpc import xml_service

XML = "text/xml; charset=utf-8"


@pytest.fixture
def wire(loopback: Any):
    wire = Wire(loopback.url, timeout=60)
    yield wire
    wire.close()


@pytest.fixture
def access(loopback: Any):
    return Access(url=loopback.url, database="acme", login="admin", secret="top-secret-key")


class Rpc:
    """Answers authenticate with 2 and execute_kw with what a test says, over both protocols."""

    def __init__(self, loopback: Any, answer: Any) -> None:
        self.loopback, self.answer = loopback, answer
        self.result: object = None
        self.error: dict | None = None
        self.fault: tuple[int, str] | None = None
        self.user: object = 2
        self.calls: list = []
        loopback.on("/jsonrpc", self.json)
        loopback.on("/xmlrpc/2/common", self.xml)
        loopback.on("/xmlrpc/2/object", self.xml)

    def json(self, asked: Any):
        params = asked.json["params"]
        self.calls.append(params)
        head = {"jsonrpc": "2.0", "id": asked.json["id"]}
        if params["method"] == "authenticate":
            return self.answer({**head, "result": self.user})
        if self.error:
            return self.answer({**head, "error": self.error})
        return self.answer({**head, "result": self.result} if self.result is not None else head)

    def xml(self, asked: Any):
        args, method = xmlrpc.client.loads(asked.body)
        self.calls.append({"method": method, "args": list(args)})
        if method == "authenticate":
            value = self.user
        elif self.fault:
            return self.answer(xmlrpc.client.dumps(xmlrpc.client.Fault(*self.fault)), kind=XML)
        else:
            value = self.result
        return self.answer(xmlrpc.client.dumps((value,), methodresponse=True), kind=XML)


@pytest.fixture
def rpc(loopback: Any, answer: Any):
    return Rpc(loopback, answer)


def transport(access: Any, wire: Any, protocol: Any):
    from dataclasses import replace

    return open_transport(replace(access, protocol=protocol), wire)


@pytest.mark.feature("S1.4", "S1.5")
@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_a_call_signs_in_once_and_puts_known_arguments_in_place(
    rpc: Any, access: Any, wire: Any, protocol: Any
):
    rpc.result = [7]
    odoo = transport(access, wire, protocol)
    for _ in range(2):
        assert odoo.call(
            "res.partner", "search", {"domain": [("a", "=", 1)], "limit": 5}, context={"lang": "x"}
        ) == [7]
    assert [call["method"] for call in rpc.calls] == ["authenticate", "execute_kw", "execute_kw"]
    assert rpc.calls[1]["args"] == [
        "acme", 2, "top-secret-key", "res.partner", "search", [[["a", "=", 1]]], {"limit": 5, "context": {"lang": "x"}},
    ]  # fmt: skip
    odoo.call("res.partner", "write", {"vals": {"name": "A"}}, ids=[3])
    assert rpc.calls[-1]["args"][5:] == [[[3], {"name": "A"}], {}]


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_a_wrong_key_is_a_refused_key(rpc: Any, access: Any, wire: Any, protocol: Any):
    rpc.user = False
    with pytest.raises(errors.KeyRefusedError, match="admin"):
        transport(access, wire, protocol).user_id()


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
@pytest.mark.parametrize("lacking", ["login", "database"])
def test_login_and_database_must_be_there(loopback: Any, wire: Any, protocol: Any, lacking: Any):
    given = {"login": "admin", "database": "acme", lacking: None}
    with pytest.raises(errors.InputError, match=lacking if lacking == "database" else "user name"):
        transport(Access(url=loopback.url, secret="k", **given), wire, protocol).call(
            "res.partner", "search", {}
        )
    assert not loopback.seen


@pytest.mark.parametrize("code", [200, 0])
@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("odoo.exceptions.AccessDenied", "Access Denied", errors.KeyRefusedError),
        ("odoo.exceptions.MissingError", "Record does not exist or has been deleted.\n(Record: res.users(99,), User: 99)", errors.KeyRefusedError),
        ("psycopg2.OperationalError", 'connection to server failed: FATAL:  database "acme" does not exist\n', errors.DatabaseError),
        ("odoo.exceptions.UserError", "Object res.partner doesn't exist", errors.InputError),
        ("builtins.AttributeError", "The method 'search' does not exist on the model 'res.partner'", errors.CallError),
        ("builtins.TypeError", "BaseModel.search() got an unexpected keyword argument 'nope'", errors.CallError),
        ("psycopg2.errors.InvalidTextRepresentation", 'invalid input syntax for type integer: "x"\nLINE 1: SELECT', errors.InputError),
    ],
)  # fmt: skip
def test_the_class_name_decides_and_the_code_does_not(
    rpc: Any, access: Any, wire: Any, code: Any, name: Any, message: Any, kind: Any
):
    rpc.error = {
        "code": code,
        "message": "Odoo Server Error",
        "data": {"name": name, "message": message, "debug": "Traceback /srv"},
    }
    with pytest.raises(kind) as caught:
        transport(access, wire, "jsonrpc").call("res.partner", "search", {"domain": []})
    assert type(caught.value) is kind
    assert "/srv" not in repr(caught.value.details)
    assert "LINE 1" not in caught.value.message


def test_neither_result_nor_error_is_none(rpc: Any, access: Any, wire: Any):
    rpc.result = None
    assert transport(access, wire, "jsonrpc").call("res.partner", "action_archive", {}, ids=[1]) is None


def test_none_over_xmlrpc_is_success_after_the_commit_and_asked_once(rpc: Any, access: Any, wire: Any):
    rpc.fault = (
        1,
        "Traceback (most recent call last):\n  File x\nTypeError: cannot marshal None unless allow_none is enabled\n",
    )
    assert transport(access, wire, "xmlrpc").call("res.partner", "action_archive", {}, ids=[1]) is None
    assert len(rpc.calls) == 2


def test_an_answer_that_xmlrpc_can_not_carry_was_still_done(rpc: Any, access: Any, wire: Any):
    rpc.fault = (
        1,
        "Traceback (most recent call last):\n  File x\nTypeError: dictionary key must be string\n",
    )
    with pytest.raises(errors.CallError) as caught:
        transport(access, wire, "xmlrpc").call("res.partner", "get_external_id", {}, ids=[1])
    assert caught.value.details["applied"] is True


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (1, 'Traceback (most recent call last):\n  File "/srv/x.py"\nValueError: Invalid field res.partner.tpc in leaf', errors.InputError),
        (1, "Traceback (most recent call last):\n  File x\npsycopg2.errors.SerializationFailure: could not serialize access", errors.ServerBusyError),
        (2, "Record does not exist or has been deleted.\n(Record: res.partner(9,), User: 2)", errors.RecordMissingError),
        (2, "Object res.partner doesn't exist", errors.InputError),
        (2, "Contacts require a name", errors.RecordRefusedError),
        (3, "Access Denied", errors.KeyRefusedError),
        (4, "You are not allowed to access 'Contact' (res.partner) records.", errors.RightMissingError),
        (4, "Private methods (such as _search) cannot be called remotely.", errors.CallError),
    ],
)  # fmt: skip
def test_each_fault_becomes_the_error_that_says_who_acts(
    rpc: Any, access: Any, wire: Any, code: Any, text: Any, kind: Any
):
    rpc.fault = (code, text)
    with pytest.raises(kind) as caught:
        transport(access, wire, "xmlrpc").call("res.partner", "search", {"domain": []})
    assert type(caught.value) is kind
    assert "/srv" not in repr(caught.value.details) + caught.value.message


@pytest.mark.parametrize("call", [json_service, xml_service])
def test_protocols_that_were_retired_say_so(wire: Any, call: Any):
    with pytest.raises(errors.AddressError, match="JSON-2"):
        call(wire, "object", "execute_kw", [])


@pytest.mark.parametrize(
    "body", [{"jsonrpc": "1.0"}, [], "text", 5, {"jsonrpc": "2.0", "id": -1, "result": 1}, {"result": 1}]
)
def test_json_that_is_not_json_rpc_is_refused(loopback: Any, wire: Any, answer: Any, body: Any):
    loopback.on("/jsonrpc", answer(body if not isinstance(body, str) else '"text"'))
    with pytest.raises(errors.ProtocolError):
        json_service(wire, "common", "version", [])


def test_cut_json_may_be_asked_for_again_and_is_no_crash(loopback: Any, wire: Any, answer: Any):
    loopback.on("/jsonrpc", answer('{"jsonrpc": "2.0", "result": ['))
    with pytest.raises(errors.RetryLaterError, match="damaged"):
        json_service(wire, "common", "version", [])
