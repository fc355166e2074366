"""Domains from lists, text, JSON and URLs, and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import InputError
from towpath.odoo.domain import (
    EVERYTHING,
    NOTHING,
    And,
    Domain,
    Not,
    Or,
    Term,
    all_of,
    any_of,
    parse,
    to_list,
)
from towpath.odoo.domain_parse import MAX_DEPTH, MAX_TERMS, MAX_TEXT
from towpath.odoo.domain_tree import OPERATORS, render

SCENARIOS = Path(__file__).parents[3] / "shared" / "odoo" / "scenarios"

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "'",
        '"',
        "\\",
        "a'b\"c",
        "x\ny",
        "%50\\_%",
        "[('a','=',1)]",
        "domain=[]",
        "&",
        "#?",
        "true",
        "é😀",
        "\u2028\0\r\t",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}(\.[a-z0-9_]{1,6}){0,2}", fullmatch=True)
PLAIN = sorted(OPERATORS - {"any", "not any"})
TERMS = st.builds(
    Term, NAMES, st.sampled_from(PLAIN), SCALARS | st.lists(SCALARS, max_size=4).map(tuple)
) | st.sampled_from([EVERYTHING, NOTHING])
DOMAINS: st.SearchStrategy[Domain] = st.recursive(
    TERMS,
    lambda inner: (
        st.builds(Not, inner)
        | st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts)))
        | st.builds(Term, NAMES, st.sampled_from(["any", "not any"]), inner)
    ),
    max_leaves=12,
)


@given(DOMAINS)
def test_a_domain_survives_its_list_text_json_and_url(domain: Domain):
    assert parse(domain.to_list()) == domain
    assert parse(str(domain)) == domain
    assert parse(domain.to_json()) == domain
    assert parse(domain.to_url()) == domain
    assert parse("https://example.com/odoo/contacts?view=list&" + domain.to_url() + "#menu=1") == domain
    assert parse("https://example.com/web#model=res.partner&" + domain.to_url()) == domain
    assert json.loads(domain.to_json()) == json.loads(json.dumps(domain.to_list()))
    assert hash(parse(str(domain))) == hash(domain)


@given(DOMAINS)
def test_render_tells_where_each_term_stands(domain: Domain):
    text, spans = render(domain)
    terms = list(domain.terms())
    assert len(terms) == len(spans)
    for term, (start, end) in zip(terms, spans, strict=True):
        assert parse(f"[{text[start:end]}]") == term


def check_read_or_refused(source: Any):
    problem = None
    try:
        domain = parse(source)
    except InputError as error:
        problem = error
    if problem is None:
        assert parse(str(domain)) == domain
    else:
        assert problem.message[-1] in ".?"


@given(st.text(max_size=60) | st.text(alphabet="[]()'\",|&! =a1\\", max_size=40))
def test_any_text_is_a_domain_or_refused_with_a_sentence(text: str):
    check_read_or_refused(text)


@given(
    st.recursive(
        SCALARS | st.sampled_from(["&", "|", "!", "=", "in", "any", "a"]) | st.binary(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=2),
        max_leaves=12,
    )
)
def test_any_list_is_a_domain_or_refused_with_a_sentence(value: Any):
    check_read_or_refused(value)


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ([], "[]"),
        (None, "[]"),
        ("", "[]"),
        ("[]", "[]"),
        ([[1, "=", 1]], "[]"),
        ([(0, "=", 1)], "[(0, '=', 1)]"),
        (["&", ["a", "=", 1], ["b", "=", 2]], "[('a', '=', 1), ('b', '=', 2)]"),
        (["|", "|", ["a", "=", 1], ["b", "=", 2], ["c", "=", 3]], "['|', '|', ('a', '=', 1), ('b', '=', 2), ('c', '=', 3)]"),
        (["|", ["a", "=", 1], "|", ["b", "=", 2], ["c", "=", 3]], "['|', '|', ('a', '=', 1), ('b', '=', 2), ('c', '=', 3)]"),
        (["!", "&", ["a", "=", 1], ["b", "=", 2]], "['!', '&', ('a', '=', 1), ('b', '=', 2)]"),
        ("[('a','<>',1),]", "[('a', '!=', 1)]"),
        ("(('a','==',(1,2)),)", "[('a', '=', [1, 2])]"),
        ('[["a", "ILIKE", "x"], ["b", "=", null], ["c", "=", true]]', "[('a', 'ilike', 'x'), ('b', '=', None), ('c', '=', True)]"),
        ("[('a','=',u'x'), (\"b\", \"=\", -1.5e3), ('c','in',[])]", "[('a', '=', 'x'), ('b', '=', -1500.0), ('c', 'in', [])]"),
        ("[('a', '=like', 'a\\_b')]", "[('a', '=like', 'a\\\\_b')]"),
        ("[('a','=','\\u00e9\\x41\\101\\n\\N{BULLET}')]", "[('a', '=', 'éAA\\n•')]"),
        ("[('a','not  in',[1])]", "[('a', 'not in', [1])]"),
        ("[('a','any',[('b','not any',[])])]", "[('a', 'any', [('b', 'not any', [])])]"),
        ("%5B%28%27a%27%2C%27%3D%27%2C1%29%5D", "[('a', '=', 1)]"),
        ("domain=", "[]"),
        ("res.partner?domain=[('a','=','x?y')]&limit=5", "[('a', '=', 'x?y')]"),
        ("/odoo?domain=['|',('a','=','&'),('b','=','#')]#x", "['|', ('a', '=', '&'), ('b', '=', '#')]"),
        ("/odoo?domain=[(%22a%22,%20%22=%22,%201)]", "[('a', '=', 1)]"),
        ("?x=1&domain=[['a','ilike','50%25']]", "[('a', 'ilike', '50%25')]"),
        ("?domain=%5B%5B%22a%22%2C+%22%3D%22%2C+%22x+y%22%5D%5D&z=1", "[('a', '=', 'x y')]"),
        ([("d", ">", date(2026, 1, 31))], "[('d', '>', '2026-01-31')]"),
        ([("d", ">", datetime(2026, 1, 31, 5, tzinfo=UTC))], "[('d', '>', '2026-01-31 05:00:00')]"),
    ],
)  # fmt: skip
def test_every_form_is_read_and_printed_normalised(source: Any, printed: str):
    assert str(parse(source)) == printed
    assert parse(printed) == parse(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[('a', '=', context_today())]", r"character 13: 'context_today' is an expression"),
        ("[('a', '>', datetime.now())]", r"'datetime' is an expression"),
        ("[('a', '=', uid)]", r"'uid' is an expression"),
        ("[('a', '=', 1 + 2)]", r"'\+' is an expression"),
        ("[('a', '=', 'x' 'y')]", r"a comma is missing before \"'y'\""),
        ("[('a', '=', 1)", r"character 1: the bracket '\[' is never closed; add '\]'"),
        ("[('a', '=', 1]", r"is closed by '\]'; use '\)'"),
        ("[('a', '=', 'x)]", r"a quote is opened here and never closed"),
        ("[('a', '=', '\\x')]", r"an escape that is not valid"),
        ("[('a', '=', 1)] or 1", r"found 'or' after the closing bracket"),
        ("[('a', '=', {})]", r"'\{' does not belong"),
        ("['a', '=', 1]", r"stands alone; put it into one more pair of brackets"),
        ("name = 5", r"begins with 'name = 5'"),
        ("https://example.com/odoo/contacts", r"begins with 'https://"),
        (["|", ["a", "=", 1]], r"'\|' \(item 1\) needs two conditions after it, but there is one"),
        (["!"], r"needs one condition after it, but there is none"),
        ([["a", "=", 1], "^", ["b", "=", 1]], r"Item 2 of the domain, '\^', is neither a term nor"),
        ([None], r"Item 1 of the domain, None"),
        ([["a", "="]], r"Term 1, \('a', '='\), has 2 parts instead of three"),
        ([["a", "~", 1]], r"unknown operator '~'; use one of !=, <"),
        ([[5, "=", 1]], r"must begin with the name of a field"),
        ([[True, "=", 1]], r"must begin with the name of a field"),
        ([["a b", "=", 1]], r"can not be a field or a dotted path"),
        ([["", "=", 1]], r"can not be a field or a dotted path"),
        ([["a", "any", 5]], r"needs a domain in brackets after 'any', not 5"),
        ([["a", "=", {"x": 1}]], r"a value of the wrong kind, \{'x': 1\}"),
        ([["a", "in", [[1]]]], r"a value of the wrong kind, \[1\]"),
        ([["a", "=", 2**63]], r"more than 64 bits"),
        ([["a", "=", float("nan")]], r"not finite"),
        ([["a", "=", "\ud800"]], r"half of a Unicode character"),
        ([["a", "=", b"x"]], r"wrong kind"),
        (5, r"A domain is a list of terms, not 5"),
        ({"a": 1}, r"A domain is a list of terms"),
        (False, r"A domain is a list of terms, not False"),
        ("[" * 200_000, r"nested deeper than 50 levels"),
        ("[('a','in',[" + "9" * 5000 + "])]", r"is not a number"),
        ("[" + " " * MAX_TEXT + "]", r"more than 1,000,000 characters"),
        ([["a", "=", 1]] * (MAX_TERMS + 1), r"more than 5,000 terms"),
        (["!"] * (MAX_DEPTH + 1) + [["a", "=", 1]], r"nested deeper than 50 levels"),
        (["&", "|"] * 60 + [["a", "=", 1]] * 121, r"nested deeper than 50 levels"),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(source: Any, message: str):
    with pytest.raises(InputError, match=message) as caught:
        parse(source)
    assert "\n" not in caught.value.message


def test_nesting_inside_any_counts_too():
    source: list[Any] = []
    for _ in range(MAX_DEPTH + 2):
        source = [["a", "any", source]]
    with pytest.raises(InputError, match="nested deeper"):
        parse(source)
    with pytest.raises(InputError, match="nested deeper"):
        parse(json.dumps(source))


def test_the_place_is_shown_with_a_caret():
    with pytest.raises(InputError) as caught:
        parse("[('name', '=', uid)]")
    text, carets = caught.value.details["where"].split("\n")
    assert text[carets.index("^") :].startswith("uid")
    with pytest.raises(InputError) as caught:
        parse("[('x', 'in', [" + "1, " * 500 + "uid])]")
    text, carets = caught.value.details["where"].split("\n")
    assert len(text) <= 80
    assert text[carets.index("^") :].startswith("uid")


def test_a_long_chain_needs_no_depth():
    domain = parse(["|"] * 2999 + [["a", "=", n] for n in range(3000)])
    assert isinstance(domain, Or)
    assert len(domain.parts) == 3000
    assert parse(str(domain)) == domain


def test_domains_combine():
    a, b = Term("a", "=", 1), Term("b", "=", 2)
    assert parse((a & b).to_list()) == And((a, b))
    assert (a | b | a) == Or((a, b, a))
    assert ~a == Not(a)
    assert all_of([]) == EVERYTHING
    assert any_of([]) == NOTHING
    assert all_of([a, EVERYTHING]) == a
    assert parse([a, ["b", "=", 2]]) == And((a, b))
    assert parse(a) is a
    assert parse("[('a.b','=',1),'!',('c','any',[('d','=',1)])]").names() == {"a", "c"}
    assert to_list(a) == [("a", "=", 1)]
    assert parse([["x", "any", a]]) == Term("x", "any", a)
    assert Term("a", "=", True) != Term("a", "=", 1)
    with pytest.raises(ValueError, match="at least two"):
        And((a,))


def test_what_real_servers_refuse_as_malformed_is_refused_here():
    refused = 0
    for step in json.loads((SCENARIOS / "search-malformed.json").read_text())["steps"]:
        expected = step.get("expect") or {}
        answers = [expected.get(version, expected.get("*")) for version in ("17.0", "19.0")]
        if step["method"] != "search" or not all(answer and "error" in answer for answer in answers):
            continue
        if "tpc" in json.dumps(step["args"]):  # an unknown field, which only the schema can tell
            continue
        domain = json.loads(
            json.dumps(step["args"][0]).replace('{"$ref": "ps"}', "[1]").replace('{"$ref": "ps[0]"}', "1")
        )
        if domain is None:  # here it means no filter
            continue
        with pytest.raises(InputError):
            parse(domain)
        refused += 1
    assert refused > 12
