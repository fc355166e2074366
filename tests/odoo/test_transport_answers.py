"""Whatever a server says becomes one of Towpath's errors, with one sentence and no traceback."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.odoo.answers import Asked, refusal, traceback_tail
from towpath.odoo.outgoing import PLACES, by_place
from towpath.odoo.rights import right_missing
from towpath.odoo.status import refused_status
from towpath.odoo.wire import Reply

NAMES = (
    st.none()
    | st.text(max_size=40)
    | st.sampled_from(
        [
            "odoo.exceptions.AccessError",
            "odoo.exceptions.UserError",
            "builtins.ValueError",
            "psycopg2.errors.X",
            "Unauthorized",
        ]
    )
)
ASKED = Asked(model="res.partner", method="search", database="acme", secret="canary-secret")


@given(NAMES, st.text(max_size=300) | st.none() | st.integers() | st.lists(st.text(max_size=5), max_size=3))
def test_every_refusal_has_a_sentence_and_no_secret(name: Any, text: Any):
    error = refusal(name, f"{text} canary-secret" if isinstance(text, str) else text, ASKED)
    assert isinstance(error, errors.TowpathError)
    assert error.message.strip()
    assert "canary" not in error.message + repr(error.details) + repr(ASKED)


@given(
    st.integers(100, 599),
    st.sampled_from(["json2", "jsonrpc", "xmlrpc"]),
    st.dictionaries(st.sampled_from(["content-type", "location", "retry-after"]), st.text(max_size=30)),
)
def test_every_status_has_a_sentence(status: int, protocol: str, headers: dict[str, str]):
    reply = Reply(status=status, headers=headers, body=b"x", url="http://erp.example.com/jsonrpc", seconds=0)
    error = refused_status(reply, protocol=protocol, database=None)
    assert isinstance(error, errors.TowpathError)
    assert "erp.example.com" in error.message


@given(st.text(max_size=400))
def test_any_text_of_a_traceback_is_cut_down(text: str):
    name, message = traceback_tail(f"Traceback (most recent call last):\n  File x\n{text}")
    assert "Traceback (most" not in message or "Traceback (most" in text
    assert "." in name


def test_long_texts_are_cut():
    error = refusal("odoo.exceptions.UserError", "x" * 10_000, ASKED)
    assert len(error.details["odoo_message"]) == 2_000


@pytest.mark.feature("S2.61")
@pytest.mark.parametrize(
    ("message", "model", "operation", "groups", "fields", "records"),
    [
        (
            "You are not allowed to access 'Contact' (res.partner) records.\n\nThis operation is allowed for the following groups:\n\t- Sales/User\n\t- Role / User\n\nContact your administrator to request access if necessary.",
            "res.partner", "read", ["Sales/User", "Role / User"], [], False,
        ),
        (
            "You are not allowed to delete 'Visit' (x_visit) records.\n\nNo group currently allows this operation.\n\nContact",
            "x_visit", "delete", [], [], False,
        ),
        (
            "The requested operation can not be completed due to security restrictions.\n\nDocument type: Contact (res.partner)\nOperation: read\nUser: 7\nFields:\n- signup_type (allowed for groups 'Administration / Access Rights')",
            "res.partner", "read", ["Administration / Access Rights"], ["signup_type"], False,
        ),
        (
            'You do not have enough rights to access the field "signup_type" on Contact (res.partner). Please contact your system administrator.\n\nOperation: read\nUser: 7\nGroups: allowed for groups \'Access Rights\'',
            "res.partner", "read", ["Access Rights"], ["signup_type"], False,
        ),
        (
            'You do not have enough rights to access the fields "a,b" on Contact (res.partner). Please contact your system administrator.\n\n(Operation: read)',
            "res.partner", "read", [], ["a", "b"], False,
        ),
        (
            "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, Someone (id=7) doesn't have 'write' access to:\n- Filters (ir.filters)\n\nIf you really",
            "ir.filters", "write", [], [], True,
        ),
        ("Accès refusé, texte dans une autre langue", "account.move", "read", [], [], False),
    ],
)  # fmt: skip
def test_recorded_access_errors_are_read(
    message: str, model: str, operation: str, groups: list[str], fields: list[str], records: bool
):
    error = right_missing(message, model if "autre langue" in message else "asked.for", "search_read")
    assert error.details == {
        "model": model, "operation": operation, "groups": groups, "fields": fields, "records": records,
    }  # fmt: skip
    assert model in error.message


@given(
    st.sampled_from([*PLACES, "action_post"]),
    st.dictionaries(st.sampled_from(["domain", "fields", "vals", "limit", "x"]), st.integers()),
)
def test_no_argument_is_lost_on_its_way_to_a_place(method: str, arguments: dict[str, int]):
    leading, named = by_place(method, arguments)
    assert dict(zip(PLACES.get(method, ()), leading, strict=False)) | named == arguments
