"""Domains worked out here against what real Odoo 17.0 and 19.0 answered (shared/odoo/scenarios/search-*)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from towpath.errors import InputError
from towpath.odoo.domain import MemoryRecords, parse
from towpath.odoo.schema import Field, Model

SCENARIOS = Path(__file__).parents[3] / "shared" / "odoo" / "scenarios"
TYPES = {
    "res.partner": {
        "name": "char", "ref": "char", "city": "char", "email": "char", "function": "char", "comment": "html",
        "color": "integer", "partner_latitude": "float", "is_company": "boolean", "active": "boolean",
        "country_id": "many2one res.country", "parent_id": "many2one res.partner",
        "commercial_partner_id": "many2one res.partner", "child_ids": "one2many res.partner",
        "category_id": "many2many res.partner.category",
    },
    "res.country": {"name": "char", "code": "char", "currency_id": "many2one res.currency"},
    "res.currency": {"name": "char"},
    "res.partner.category": {"name": "char", "color": "integer"},
    "calendar.event": {"name": "char", "start": "datetime", "stop": "datetime"},
    "project.project": {"name": "char", "date_start": "date", "date": "date"},
}  # fmt: skip
XMLIDS = {"base.be": 20, "base.fr": 75}
COUNTRIES = [
    {"id": 20, "name": "Belgium", "code": "BE", "currency_id": 1},
    {"id": 75, "name": "France", "code": "FR", "currency_id": 1},
]


def build(name: str) -> Model:
    fields = {"id": Field(name="id", type="integer")}
    for field, text in TYPES[name].items():
        type_, _, relation = text.partition(" ")
        fields[field] = Field(name=field, type=type_, relation=relation or None)
    return Model(name=name, fields=fields)


MODELS = {name: build(name) for name in TYPES}


#: Values that 17.0 hands to PostgreSQL, which reads them by settings of the server: refused here.
REFUSED = {("search-dates", "17.0", number) for number in (17, 31, 32)}


class Replay:
    """Makes the records of a scenario in memory and answers its searches."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TYPES}
        self.rows["res.country"] = COUNTRIES
        self.rows["res.currency"] = [{"id": 1, "name": "EUR"}]
        self.symbols: dict[str, Any] = {}

    def resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                name, index = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", value["$ref"]).groups()
                return self.symbols[name] if index is None else self.symbols[name][int(index)]
            if "$xmlid" in value:
                return XMLIDS[value["$xmlid"]]
            return {key: self.resolve(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.resolve(entry) for entry in value]
        return value.replace("${run}", "R7") if isinstance(value, str) else value

    def create(self, model: str, values: dict[str, Any]) -> int:
        row: dict[str, Any] = {"id": 1000 + len(self.rows[model])}
        for name, text in TYPES[model].items():
            kind, _, _ = text.partition(" ")
            row[name] = {"boolean": name == "active", "one2many": [], "many2many": []}.get(kind)
        self.rows[model].append(row)
        for name, value in values.items():
            if name == "child_ids":
                for command in value:
                    self.create(model, {**command[2], "parent_id": row["id"]})
            elif name == "category_id":
                row[name] = value[0][2]
            else:
                row[name] = value
        if model == "res.partner":
            above = [other for other in self.rows[model] if other["id"] == row["parent_id"]]
            row["country_id"] = row["country_id"] or (above[0]["country_id"] if above else None)
            row["commercial_partner_id"] = row["id"] if row["is_company"] else row["parent_id"] or row["id"]
            for other in above:
                other["child_ids"].append(row["id"])
        return row["id"]

    def records(self) -> MemoryRecords:
        return MemoryRecords(MODELS.values(), self.rows, version=self.version)


def searches(scenario: str, version: str) -> Iterator[tuple[int, list[Any], list[int], list[int]]]:
    """Every search of a scenario that Odoo answered with ids: its number, domain, our ids, Odoo's ids."""
    replay = Replay(int(version[:2]))
    for number, step in enumerate(json.loads((SCENARIOS / f"{scenario}.json").read_text())["steps"]):
        if step["model"] not in TYPES or (step.get("kwargs") or {}).get("context"):
            continue
        arguments = replay.resolve(step["args"])
        if step["method"] == "create":
            many = arguments[0] if isinstance(arguments[0], list) else [arguments[0]]
            ids = [replay.create(step["model"], values) for values in many]
            replay.symbols[step["save"]] = ids if isinstance(arguments[0], list) else ids[0]
        elif step["method"] == "write":
            break
        elif step["method"] == "search":
            expected = step["expect"].get(version, step["expect"].get("*"))
            if "save" in step:
                replay.symbols[step["save"]] = [row["id"] for row in replay.rows[step["model"]]]
            elif "ok" in expected:
                theirs = sorted(replay.resolve(expected["ok"]))
                try:
                    ours = sorted(replay.records().search(step["model"], parse(arguments[0])))
                except InputError:
                    assert (scenario, version, number) in REFUSED
                    ours = theirs
                yield number, arguments[0], ours, theirs


@pytest.mark.parametrize("version", ["17.0", "19.0"])
@pytest.mark.parametrize(
    "scenario",
    ["compare", "false", "in", "like", "logic", "x2many", "dotted", "hierarchy", "dates"],
)
def test_the_same_records_are_found_as_by_a_real_server(scenario: str, version: str):
    wrong, count = [], 0
    for number, domain, ours, theirs in searches(f"search-{scenario}", version):
        count += 1
        if ours != theirs:
            wrong.append((number, domain, ours, theirs))
    assert not wrong, "\n".join(map(str, wrong))
    assert count > 10
