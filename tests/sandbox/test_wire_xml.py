"""XML-RPC documents: what the standard library writes we read, and the other way round."""

import datetime as dt
import xmlrpc.client

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.sandbox.odoo_server.wire import xml

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_answers_are_read_by_the_standard_library(value: object):
    for version in ("17.0", "19.0"):
        assert xmlrpc.client.loads(xml.write_result(value, version))[0] == (value,)


@given(VALUES)
def test_calls_of_the_standard_library_are_read(value: object):
    body = xmlrpc.client.dumps((value, [value]), "execute_kw").encode()
    assert xml.parse_call(body, use_datetime=True) == ((value, [value]), "execute_kw")


def test_control_characters_are_dropped_and_dates_are_text():
    value = {
        "a": "x\x00\x1fy\n",
        "b": dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC),
        "c": dt.date(2026, 1, 2),
        "d": b"AA==",
    }
    read = xmlrpc.client.loads(xml.write_result(value, "19.0"))[0][0]
    assert read == {"a": "xy\n", "b": "2026-01-02 03:04:05", "c": "2026-01-02", "d": "AA=="}


def test_ready_made_json_is_taken_apart():
    assert xmlrpc.client.loads(xml.write_result(orjson.Fragment(b'[{"id": 1}]'), "19.0"))[0] == ([{"id": 1}],)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "cannot marshal None unless allow_none is enabled"),
        ([{"a": None}], "cannot marshal None unless allow_none is enabled"),
        ({1: "x"}, "dictionary key must be string"),
    ],
)
def test_what_xml_rpc_cannot_carry(value: object, message: str):
    with pytest.raises(TypeError, match=message):
        xml.write_result(value, "19.0")


def test_large_numbers_do_not_fit():
    with pytest.raises(OverflowError):
        xml.write_result(2**31, "17.0")


def test_entities_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><methodCall><methodName>v</methodName></methodCall>'
    with pytest.raises(ValueError, match="Entities forbidden"):
        xml.parse_call(bomb, use_datetime=True)


def test_fault_layout_differs_by_version():
    assert xml.write_fault(2, "x", "17.0").startswith(b"<?xml version='1.0'?>\n<methodResponse>\n<fault>\n")
    assert xml.write_fault(2, "x", "17.0").endswith(b"</fault>\n</methodResponse>\n")
    assert xml.write_fault(2, "x", "19.0").startswith(b'<?xml version="1.0"?>\n')
    assert xml.write_fault(2, "x", "19.0").endswith(b"</fault>\n\n</methodResponse>\n")
