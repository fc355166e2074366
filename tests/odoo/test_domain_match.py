"""Domains worked out on records at hand."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.errors import InputError
from towpath.odoo.domain import MemoryRecords, Term, evaluate, matcher, parse
from towpath.odoo.schema import Field, Model
from towpath.odoo.text_pattern import like

CHOICES = (("a", "A"), ("b", "B"))
THING = Model(
    name="thing",
    fields={
        f.name: f
        for f in (
            Field(name="id", type="integer"),
            Field(name="name", type="char"),
            Field(name="n", type="integer"),
            Field(name="day", type="date"),
            Field(name="at", type="datetime"),
            Field(name="write_date", type="datetime"),
            Field(name="ok", type="boolean"),
            Field(name="kind", type="selection", selection=CHOICES),
            Field(name="up_id", type="many2one", relation="thing"),
            Field(name="tag_ids", type="many2many", relation="thing"),
        )
    },
)


def passes(domain: str, version: int, **record: Any) -> bool:
    return evaluate(parse(domain), {"id": 1, **record}, THING, version=version)


@pytest.mark.parametrize(
    ("domain", "value", "before", "since"),
    [
        ("[('write_date', '=', '2026-01-01 10:00:00')]", "2026-01-01 10:00:00", False, True),
        ("[('write_date', '>', '2026-01-01 10:00:00')]", "2026-01-01 10:00:00", True, False),
        ("[('write_date', '>=', '2026-01-01 10:00:00')]", "2026-01-01 10:00:00", True, True),
        ("[('write_date', '<=', '2026-01-01 10:00:00')]", "2026-01-01 10:00:00", False, True),
        ("[('write_date', '<', '2026-01-01 10:00:01')]", "2026-01-01 10:00:00", True, True),
        ("[('write_date', '!=', '2026-01-01 10:00:00')]", "2026-01-01 10:00:00", True, False),
        ("[('write_date', '>', '2026-01-01 10:00:00.2')]", "2026-01-01 10:00:00.3", True, False),
        ("[('write_date', '=', '2026-01-01 10:00:00.300000')]", "2026-01-01 10:00:00.3", True, True),
    ],
)
def test_stamps_have_microseconds_that_are_not_shown(domain: str, value: str, before: bool, since: bool):
    assert passes(domain, 17, write_date=value) is before
    assert passes(domain, 19, write_date=value) is since


@pytest.mark.parametrize(
    ("domain", "record", "before", "since"),
    [
        ("['!', ('day', '<', '2026-01-01')]", {"day": False}, False, True),
        ("['!', ('n', '<', 5)]", {"n": None}, False, False),
        ("['!', ('n', '>', 5)]", {"n": None}, False, True),
        ("['!', ('name', '=like', 'x')]", {"name": False}, False, True),
        ("['!', ('name', 'like', 'x')]", {"name": False}, True, True),
        ("['!', '|', ('name', '=', 'x'), ('n', '=', 1)]", {"name": "y", "n": 2}, True, True),
        ("['!', '!', ('name', '=', 'x')]", {"name": "x"}, True, True),
        ("[('name', 'like', '')]", {"name": False}, True, True),
        ("[('name', 'not like', '')]", {"name": False}, True, False),
        ("[('name', '=like', '')]", {"name": False}, False, True),
        ("[('kind', '=', False)]", {"kind": False}, True, True),
        ("[('kind', 'in', ['a', False])]", {"kind": False}, True, True),
        ("[('name', '=?', False)]", {"name": "x"}, True, True),
        ("[('name', '=?', 'y')]", {"name": "x"}, False, False),
        ("[('up_id', '=', 5)]", {"up_id": [5, "Five"]}, True, True),
        ("[('up_id', '!=', 5)]", {"up_id": False}, True, True),
        ("[('n', '>=', '2')]", {"n": 2}, True, True),
        ("[('day', '<', '2026-01-02 10:00:00')]", {"day": "2026-01-01"}, True, True),
        ("[(0, '=', 1)]", {}, False, False),
        ("[('ok', '=', None)]", {"ok": False}, False, True),
        ("[('ok', '!=', None)]", {"ok": False}, True, False),
        ("[('ok', '=', 'False')]", {"ok": False}, False, True),
        ("[('ok', '=', '0')]", {"ok": True}, True, False),
        ("[('up_id', 'in', 5)]", {"up_id": 5}, True, True),
        ("[('up_id', 'in', False)]", {"up_id": False}, False, False),
        ("[('up_id', 'not in', False)]", {"up_id": False}, True, True),
        ("[('up_id', '<', 6)]", {"up_id": 5}, True, True),
        ("[('up_id', '>', 6)]", {"up_id": False}, False, False),
        ("[('tag_ids', '!=', [])]", {"tag_ids": [1]}, True, True),
        ("[('tag_ids', '=', [])]", {"tag_ids": []}, False, True),
        ("[('at', '=', False)]", {"at": False}, True, True),
        ("[('at', '>', False)]", {"at": "2026-01-01 00:00:00"}, False, False),
        ("[('day', '>', None)]", {"day": "2026-01-01"}, False, False),
    ],
)
def test_versions_see_empty_values_differently(
    domain: str, record: dict[str, Any], before: bool, since: bool
):
    assert passes(domain, 17, **record) is before
    assert passes(domain, 18, **record) is before
    assert passes(domain, 19, **record) is since


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("[('nope', '=', 1)]", "has no field 'nope'"),
        ("[('name', '=', 'x')]", "'name', which was not read"),
        ("[('up_id.name', '=', 'x')]", "asks about other records, which are not at hand"),
        ("[('up_id', 'ilike', 'x')]", "asks about other records"),
        ("[('at', '>', 'nonsense')]", "is not a moment"),
        ("[('n', '>', 'nonsense')]", "can not be compared with 'n'"),
        ("[('tag_ids', '>', 5)]", "does not work on a list"),
        ("[('name.x', '=', 5)]", "leads to no record"),
    ],
)
def test_what_can_not_be_worked_out_is_said(domain: str, message: str):
    with pytest.raises(InputError, match=message):
        evaluate(parse(domain), {"id": 1}, THING, version=19)
    with pytest.raises(InputError):
        matcher(Term("up_id", "any", 5), THING, version=19)


def test_records_at_hand_answer_paths_names_and_trees():
    rows = [
        {"id": 1, "name": "Root", "up_id": False, "tag_ids": []},
        {"id": 2, "name": "Branch", "up_id": 1, "tag_ids": [1, 3]},
        {"id": 3, "name": "Leaf", "up_id": [2, "Branch"], "tag_ids": [2]},
        {"id": 4, "name": "Other", "up_id": False, "tag_ids": []},
    ]
    for version in (17, 19):
        records = MemoryRecords([THING], {"thing": rows}, version=version)
        assert records.search("thing", "[('up_id.name', '=', 'Root')]") == [2]
        assert records.search("thing", "[('up_id', 'ilike', 'ROOT')]") == [2]
        assert records.search("thing", "[('up_id', '=', 'Root')]") == [2]
        assert records.search("thing", "[('up_id', 'child_of', 'Root')]") == [1, 2, 3]
        assert records.search("thing", "[('up_id', 'parent_of', 3)]") == [1, 2, 3]
        assert records.search("thing", "[('tag_ids', 'any', [('name', '=', 'Leaf')])]") == [2]
        assert records.search("thing", "[('tag_ids', 'not any', [('name', '=', 'Leaf')])]") == [1, 3, 4]
        assert records.search("thing", "[('tag_ids.up_id.name', '=', 'Branch')]") == [2]
        assert records.search("thing", "[('tag_ids', 'not ilike', 'leaf')]") == [1, 3, 4]
        assert records.search("thing", "['!', ('up_id.name', '=', 'Root')]") == [1, 3, 4]
    records = MemoryRecords([THING], {"thing": rows}, version=16)
    assert records.search("thing", "['!', ('up_id.name', '=', 'Root')]") == [3]
    with pytest.raises(InputError, match="'nope' are not at hand"):
        records.search("nope", "[]")


@pytest.mark.parametrize(
    ("pattern", "text", "exact", "loose"),
    [
        ("a%c", "abc", True, True),
        ("a%c", "ABC", False, True),
        ("a_c", "ac", False, False),
        ("a\\_c", "a_c", True, True),
        ("a\\_c", "abc", False, False),
        ("100\\%", "100%", True, True),
        ("%", "", True, True),
        ("a.c", "abc", False, False),
        ("a%", "a\nb", True, True),
        ("é%", "Écu", False, True),
        ("a\\", "a\\", True, True),
    ],
)
def test_patterns_are_postgresqls(pattern: str, text: str, exact: bool, loose: bool):
    assert like(pattern)(text) is exact
    assert like(pattern, ignore_case=True)(text) is loose
