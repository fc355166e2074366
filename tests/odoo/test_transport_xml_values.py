"""XML-RPC text: the same values as the standard library reads, and nothing dangerous."""

from __future__ import annotations

import xmlrpc.client
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.odoo.xml_read import XmlFault, read_answer
from towpath.odoo.xml_write import write_call

TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff")
    | st.sampled_from("\n\t"),
    max_size=30,
)
VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_answers_read_as_they_were_written(value: Any):
    text = xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True)
    assert read_answer(text.encode()) == value


@given(st.lists(VALUES, max_size=4))
def test_calls_are_read_by_the_servers_own_library(values: Any):
    params, method = xmlrpc.client.loads(write_call("execute_kw", values))
    assert (method, list(params)) == ("execute_kw", values)


@given(st.binary(max_size=200))
def test_garbage_never_crashes(body: Any):
    with pytest.raises((errors.ProtocolError, XmlFault)):
        read_answer(body)


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><methodResponse><params/></methodResponse>',
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><methodResponse>&b;</methodResponse>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><methodResponse/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><methodResponse/>'.encode("utf-16"),
        b"<methodResponse><params><param><value>&a;</value></param></params></methodResponse>",
        b"<methodResponse><params><param><value><unknown/></value></param></params></methodResponse>",
        b"<methodResponse><params/></methodResponse>",
        b"<methodResponse><fault/></methodResponse>",
        b"<methodResponse><params><param>" + b"<value><array><data>" * 500 + b"x" + b"</data></array></value>" * 500 + b"</param></params></methodResponse>",
        b"<html><body>hello</body></html>",
        b"",
    ],
)  # fmt: skip
def test_anything_but_a_plain_answer_is_refused(body: Any):
    with pytest.raises(errors.ProtocolError):
        read_answer(body)


def test_a_fault_keeps_its_code_and_text():
    with pytest.raises(XmlFault) as caught:
        read_answer(xmlrpc.client.dumps(xmlrpc.client.Fault(4, "no <rights>")).encode())
    assert (caught.value.code, caught.value.text) == (4, "no <rights>")


def test_values_without_a_form_of_their_own_take_odoos():
    sent = [
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
        date(2026, 1, 2), Decimal("1.5"), b"\x00\xff", (1, 2), 2**40, None, "a\r\nb",
    ]  # fmt: skip
    params, _ = xmlrpc.client.loads(write_call("x", sent))
    assert list(params) == [
        "2026-01-02 03:04:05", "2026-01-02 03:04:05", "2026-01-02", 1.5, "AP8=", [1, 2], 2**40, None, "a\r\nb",
    ]  # fmt: skip


def test_a_character_that_xml_can_not_carry_is_named():
    with pytest.raises(errors.RecordRefusedError, match=r"U\+0001"):
        write_call("x", ["a\x01b"])


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("plain text", "plain text"),
        ("", ""),
        (" <string> two  spaces </string> ", " two  spaces "),
        ("<string>line\r\nend</string>", "line\r\nend"),
        ("<string>&lt;&amp;&gt;&quot;&apos;&#233;&#x1F6B2;</string>", "<&>\"'é🚲"),
        ("<string>&amp;lt;</string>", "&lt;"),
        ("<string/>", ""),
        ("<nil/>", None),
        ("<i4>7</i4>", 7),
        ("<i8>99999999999</i8>", 99999999999),
        ("<base64>\nAP8=\n</base64>", "AP8="),
        ("<array><data></data></array>", []),
        ("<struct></struct>", {}),
        ("<array>\n <data>\n <value>a</value> <value><int>1</int></value></data> </array>", ["a", 1]),
        ("<struct><member><name>a&amp;b</name><value>x</value></member></struct>", {"a&b": "x"}),
        ("<struct> <member> <name>a</name> <value><array><data/></array></value> </member> </struct>", None),
    ],
)
def test_every_form_of_a_value(inner: str, value: Any):
    body = f"<?xml version='1.0'?>\n<methodResponse><params><param><value>{inner}</value></param></params></methodResponse>\n"
    if value is None and "data/" in inner:
        with pytest.raises(errors.ProtocolError):
            read_answer(body.encode())
    else:
        assert read_answer(body.encode()) == value


@pytest.mark.parametrize(
    "inner",
    [
        "<int>x</int>", "<boolean>2</boolean>", "<boolean></boolean>", "<double>one</double>", "<string>&foo;</string>",
        "<string>&</string>", "<string>&#99999999;</string>", "<int>1</string>", "<int>1</int>2", "text<int>1</int>",
        "<struct><value>1</value></struct>", "<struct>x</struct>", "<array><data>x</data></array>", "<array></array>",
        "<array><data><member><name>a</name><value>1</value></member></data></array>", "<nil>x</nil>",
        "<struct><member><name>a</name><value>1</value></struct>", "<string a='b'>x</string>", "<!-- c -->", "<?pi?>",
        "<![CDATA[x]]>", "<string>a</string><string>b</string>", "<", "a<b", "</value>", "<value>1</value>",
    ],
)  # fmt: skip
def test_every_damage_is_seen(inner: str):
    body = f"<methodResponse><params><param><value>{inner}</value></param></params></methodResponse>"
    with pytest.raises(errors.ProtocolError):
        read_answer(body.encode())


@given(
    VALUES, st.integers(0, 10_000), st.sampled_from([b"", b"<", b">", b"&", b"</value>", b"<value>", b"\x00"])
)
def test_a_damaged_answer_never_crashes(value: Any, place: int, change: bytes):
    text = xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode()
    at = place % len(text)
    for damaged in (text[:at], text[:at] + change + text[at:], text[:at] + text[at + 1 :]):
        try:
            read_answer(damaged)
        except (errors.ProtocolError, XmlFault):
            continue


def test_times_read_in_odoos_form():
    text = "<methodResponse><params><param><value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value></param></params></methodResponse>"
    assert read_answer(text.encode()) == "2026-01-02 03:04:05"
