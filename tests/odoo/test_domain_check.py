"""Domains checked against the schema before Odoo is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from towpath.errors import InputError
from towpath.odoo.domain import parse, problems, validate
from towpath.odoo.schema import Model, discover

RECORDED = Path(__file__).parents[3] / "shared" / "odoo"


class Recorded:
    def __init__(self, version: str) -> None:
        self.models = json.loads((RECORDED / f"fields-{version}.json").read_text())

    def fields_get(self, model: str, fields: Any = None, attributes: Any = None) -> Any:
        assert fields is None
        assert attributes
        return self.models[model]["fields"]

    def __call__(self, name: str) -> Model | None:
        return discover(self, name) if name in self.models else None


LOOKUP = Recorded("19.0")


def model(name: str) -> Model:
    found = LOOKUP(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("res.partner", "[]"),
        (
            "res.partner",
            "[('name', 'ilike', 'x'), '|', ('country_id.code', '=', 'BE'), ('country_id', '=', False)]",
        ),
        (
            "res.partner",
            "[('country_id', '=', 'Belgium'), ('country_id', 'ilike', 'bel'), ('country_id', 'in', [1, False])]",
        ),
        (
            "res.partner",
            "[('child_ids.name', '!=', 'x'), ('category_id', 'in', [1, 2]), ('child_ids', '=', False)]",
        ),
        ("res.partner", "[('child_ids', 'any', [('country_id', 'not any', [('code', '=', 'BE')])])]"),
        (
            "res.partner",
            "[('id', 'child_of', 5), ('parent_id', 'parent_of', [1, 2]), ('id', 'in', [1]), ('id', '>', 5)]",
        ),
        (
            "res.partner",
            "[('is_company', '=', True), ('active', 'in', [True, False]), ('customer_rank', '>', 0)]",
        ),
        (
            "res.partner",
            "[('partner_latitude', '>=', '1.5'), ('partner_latitude', '=', False), ('color', '=', 2)]",
        ),
        ("res.partner", "[('write_date', '>=', '2026-01-31 00:00:00'), ('write_date', '<', '2026-02-01')]"),
        ("res.partner", "[('write_date', '=', False), ('create_date', '!=', None), ('ref', '=?', False)]"),
        (
            "res.partner",
            "[('image_1920', '!=', False), ('type', '=', 'invoice'), ('type', 'not in', ['other', False])]",
        ),
        (
            "res.partner",
            "[('create_uid.partner_id.parent_id.name', '=like', 'A%'), ('parent_id.id', '=', 5)]",
        ),
        (
            "account.move",
            "[('invoice_date', '>=', '2026-01-01'), ('state', '=', 'posted'), ('amount_total', '>', 0)]",
        ),
        (
            "account.move",
            "[('line_ids.account_id.code', '=like', '4%'), ('invoice_date.month_number', '=', 3)]",
        ),
        ("project.task", "[('task_properties.colour', '=', 'blue')]"),
    ],
)
def test_good_domains_pass(name: str, domain: str):
    validate(parse(domain), model(name), LOOKUP, version=19)
    validate(parse(domain), model(name), LOOKUP)
    validate(parse(domain), model(name))


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ("[('nme', '=', 'x')]", "Term 1, ('nme', '=', 'x'): res.partner has no field 'nme' that this user may read; did you mean 'name'?"),
        ("[('zzzz', '=', 'x')]", "no field 'zzzz' that this user may read; check its spelling and the user's rights."),
        ("[('name', '=', 'x'), ('country_id.kode', '=', 'BE')]", "Term 2, ('country_id.kode', '=', 'BE'): res.country has no field 'kode'"),
        ("[('name.x', '=', 1)]", "the field 'name' of res.partner is of the type char and leads nowhere; end the path there ('name')."),
        ("[('create_date.x', '=', 1)]", "is of the type datetime and leads nowhere"),
        ("[('country_id', 'any', [('cod', '=', 'BE')])]", "Term 2, ('cod', '=', 'BE'): res.country has no field 'cod' that this user may read; did you mean 'code'?"),
        ("[('name', 'child_of', 1)]", "'child_of' does not work on 'name', which is of the type char; it needs a field that leads to other records."),
        ("[('country_id', '>', 5)]", "'>' does not work on 'country_id', which is of the type many2one; compare a field of the other record, as in 'country_id.id'."),
        ("[('active', 'ilike', 'x')]", "'ilike' does not work on 'active', which is of the type boolean; use '=', '!=', 'in' or 'not in'."),
        ("[('write_date', 'like', '2026')]", "use '>=' and '<' with two dates."),
        ("[('image_1920', 'in', [1])]", "only '=' and '!=' with False do."),
        ("[('image_1920', '=', 'abc')]", "only whether 'image_1920' is filled can be asked; write False."),
        ("[('name', 'in', 'x')]", "'in' takes a list; write ['x']."),
        ("[('name', '>', ['x'])]", "'>' takes one value, not a list; write one value."),
        ("[('name', 'ilike', 5)]", "'ilike' compares with a text; put 5 in quotes or use '='."),
        ("[('name', '=', 5)]", "'name' holds text; put 5 in quotes."),
        ("[('name', '=', True)]", "True is not a value of 'name'; to ask whether it is filled write ('name', '!=', False)."),
        ("[('color', '=', 'red')]", "'red' is not a number; write one without quotes."),
        ("[('color', 'in', [1, 1.5])]", "'color' holds whole numbers and never equals 1.5; write a whole number."),
        ("[('color', '>', False)]", "nothing is larger or smaller than False; write a value, or use '=' or '!='."),
        ("[('active', '=', 'yes')]", "'active' is yes or no, which versions of Odoo see in 'yes' differently; write True or False."),
        ("[('active', '=', None)]", "write True or False."),
        ("[('write_date', '>', '31/01/2026')]", "'31/01/2026' is not a date as Odoo writes it; write '2026-01-31 13:00:00'."),
        ("[('write_date', '>', '2026-02-30')]", "there is no such day or time as '2026-02-30'"),
        ("[('write_date', '>', '2026-01-31T00:00:00Z')]", "'2026-01-31T00:00:00Z' names a time zone, which 19.0 refuses; write the time in UTC without it"),
        ("[('write_date', '>', 20260131)]", "20260131 is not a date as Odoo writes it"),
        ("[('write_date', '=', '2026-01-31')]", "a whole day equals no moment; write ('write_date', '>=', '2026-01-31') and '<' the next day."),
        ("[('type', '=', 'Invoice')]", "'Invoice' is what people read; write its key 'invoice'."),
        ("[('type', '=', 'invoic')]", "'invoic' is not a choice of 'type'; did you mean 'invoice'?"),
        ("[('type', 'in', ['zzz'])]", "'zzz' is not a choice of 'type'; write one of 'contact', 'invoice', 'delivery', 'other'."),
        ("[('country_id', '=', 1.5)]", "1.5 is not an id; write the id or the name of a record of res.country."),
        ("[('id', 'child_of', True)]", "True is not a record; write its id, a list of ids, or its name."),
        ("[('id', 'ilike', '5')]", "'ilike' does not work on 'id'"),
        ("[('credit', '=', 5.0), ('same_vat_partner_id', '=', 1)]", "Term 2, ('same_vat_partner_id', '=', 1): 'same_vat_partner_id' is worked out when read and can not be searched; filter by a stored field."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_fix(domain: str, message: str):
    with pytest.raises(InputError) as caught:
        validate(parse(domain), model("res.partner"), LOOKUP, version=19)
    assert message in caught.value.message
    text, carets = caught.value.details["where"].split("\n")
    start = carets.index("^")
    assert text[start : start + carets.count("^")].startswith("(")


def test_all_problems_are_listed_with_their_place():
    domain = parse("[('nme', '=', 'x'), ('active', '=', 'y'), '!', ('country_id', 'any', [('x', '=', 1)])]")
    found = problems(domain, model("res.partner"), LOOKUP)
    assert [problem.index for problem in found] == [1, 2, 4]
    for problem in found:
        text, carets = problem.where.split("\n")
        assert text[carets.index("^") :].startswith(str(problem.term)[1:-1][:8])


def test_versions_differ():
    partner = model("res.partner")
    with pytest.raises(InputError, match="'any' is known from Odoo 17 on and this is 16; use a dotted path"):
        validate(parse("[('country_id', 'any', [])]"), partner, LOOKUP, version=16)
    with pytest.raises(
        InputError, match="'not =like' is known from Odoo 19 on and this is 17; negate the term"
    ):
        validate(parse("[('name', 'not =like', 'x')]"), partner, LOOKUP, version=17)
    with pytest.raises(InputError, match="parts of a date can be filtered from Odoo 19 on"):
        validate(parse("[('create_date.year_number', '=', 2026)]"), partner, LOOKUP, version=18)


def test_relations_that_may_not_be_read_are_named():
    with pytest.raises(InputError, match=r"'country_id' leads to res\.country, which this user may not read"):
        validate(parse("[('country_id.code', '=', 'BE')]"), model("res.partner"), lambda _: None)


def test_a_model_of_which_only_ids_are_known_lets_all_fields_pass():
    bare = discover(Bare(), "x_model")
    validate(parse("[('x_anything', '=', 5), ('id', '>', 3)]"), bare)
    with pytest.raises(InputError):
        validate(parse("[('id', 'ilike', 'x')]"), bare)


class Bare:
    def fields_get(self, model: str, fields: Any = None, attributes: Any = None) -> Any:
        del model, fields, attributes
        return {}


@pytest.mark.parametrize("version", ["17.0", "19.0"])
def test_no_recorded_search_that_both_versions_answer_alike_is_refused_without_need(version: str):
    lookup = Recorded(version)
    passed = 0
    for path in sorted((RECORDED / "scenarios").glob("search-*.json")):
        for step in json.loads(path.read_text())["steps"]:
            answer = (step.get("expect") or {}).get("*")
            if step["method"] != "search" or not answer or "ok" not in answer:
                continue
            text = json.dumps(step["args"][0]).replace("${run}", "R")
            domain = parse(
                json.loads(
                    text, object_hook=lambda value: [1] if value.get("$ref") in {"ps", "ev", "pr"} else 1
                )
            )
            on = lookup(step["model"])
            if on is None:
                continue
            found = problems(domain, on, lookup, version=int(version[:2]))
            # `in` with a single value is an error in 17.0, unless that value is False
            assert all("'in' takes a list" in problem.sentence for problem in found), found
            passed += not found
    assert passed > 150
