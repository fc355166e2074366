"""Rows for many tables at once: ids given here, references by external id, written by COPY.

A `Batch` knows the fields of a registry and writes what each column wants (translated texts as
`{"en_US": ...}`, values per company as `{"<company>": ...}`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["Batch", "tables"]

STAMPS = ("create_uid", "create_date", "write_uid", "write_date")


class Batch:
    """Rows waiting to be written into a database.

    `stamp` is the creation and write time of rows that bring none. References may be made before the row
    they lead to is written, but only to external ids that are known already.
    """

    def __init__(self, env: Env, stamp: datetime | None = None) -> None:
        self.env = env
        self.registry = env.registry
        self.stamp = stamp or env.now
        self.xmlids: dict[str, tuple[str, int]] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._links: dict[tuple[str, str, str], set[tuple[int, int]]] = {}
        self._next: dict[str, int] = {}
        self.pinned: dict[str, int] = {}
        self._first_choices: dict[str, dict[str, str]] = {}
        self._named: list[tuple[str, str, str, int]] = []
        query = "SELECT module || '.' || name, model, res_id FROM ir_model_data"
        for xmlid, model, record in env.cr.execute(query).fetchall():
            self.xmlids[xmlid] = (model, record)

    def ref(self, xmlid: str) -> int:
        """The id behind an external id; KeyError when there is none."""
        return self.xmlids[xmlid][1]

    def next_id(self, model: str) -> int:
        """The id the next row of a model gets."""
        if model not in self._next:
            table = self.registry[model].table
            row = self.env.cr.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"').fetchone()
            self._next[model] = (row[0] if row else 0) + 1
        return self._next[model]

    def add(self, model: str, xmlid: str | None = None, /, **vals: Any) -> int:
        """Add a row and return its id.

        Many2one values may be external ids, many2many values are lists of ids or external ids. Fields this
        version does not have are left out.
        """
        record = self.next_id(model)
        self._next[model] = record + 1
        fields = self.registry[model].fields
        row: dict[str, Any] = {"id": record}
        for name, value in vals.items():
            field = fields.get(name)
            if field is None:
                continue
            if field.type == "many2many":
                self.link(model, name, record, [self._id(one) for one in value])
            elif field.type == "many2one" and isinstance(value, str):
                row[name] = self.ref(value) if value != xmlid else record
            else:
                row[name] = value
        for name, choice in self._choices(model).items():
            if row.get(name) is None:
                row[name] = choice
        if "active" not in row and "active" in fields and model != "res.lang":
            row["active"] = True
        self._rows.setdefault(model, []).append(row)
        if xmlid:
            self.name(xmlid, model, record)
        return record

    def _choices(self, model: str) -> dict[str, str]:
        """What required selections of a model hold unless told otherwise: the default, else the first choice."""
        if model not in self._first_choices:
            found: dict[str, str] = {}
            for name, field in self.registry[model].fields.items():
                choices = field.attrs.get("selection")
                if field.type == "selection" and field.required and field.plain_column and choices:
                    found[name] = field.default if isinstance(field.default, str) else choices[0][0]
            self._first_choices[model] = found
        return self._first_choices[model]

    def _id(self, value: int | str) -> int:
        return self.ref(value) if isinstance(value, str) else value

    def rows(self, model: str) -> list[dict[str, Any]]:
        """The waiting rows of a model, for changes before they are written."""
        return self._rows.setdefault(model, [])

    def link(self, model: str, field: str, record: int, others: Iterable[int]) -> None:
        """Add the rows of a many2many field of one record."""
        found = self.registry[model].fields[field].relation_table
        if found is None:
            raise KeyError(f"{model}.{field}")
        pairs = self._links.setdefault((found.table, found.column1, found.column2), set())
        pairs.update((record, other) for other in others)

    def links(self, model: str, field: str) -> set[tuple[int, int]]:
        """The waiting rows of a many2many field, own id first."""
        found = self.registry[model].fields[field].relation_table
        if found is None:
            raise KeyError(f"{model}.{field}")
        return set(self._links.get((found.table, found.column1, found.column2), ()))

    def name(self, xmlid: str, model: str, record: int) -> None:
        """Give a record an external id."""
        module, _, name = xmlid.partition(".")
        self.xmlids[xmlid] = (model, record)
        self._named.append((module, name, model, record))

    def flush(self) -> None:
        """Write everything that waits; foreign keys are checked at the end."""
        for module, name, model, record in self._named:
            self.add("ir.model.data", module=module, name=name, model=model, res_id=record, noupdate=False)
        self._named.clear()
        self._pin()
        connection = self.env.cr.connection
        with connection.cursor() as cursor:
            # rows refer to each other in circles (companies, users, partners); they are complete at the end
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model, rows in self._rows.items():
                self._copy(cursor, model, rows)
            for (table, column1, column2), pairs in self._links.items():
                query = sql.SQL("COPY {} ({}, {}) FROM STDIN").format(
                    *map(sql.Identifier, (table, column1, column2))
                )
                with cursor.copy(query) as copy:
                    for pair in sorted(pairs):
                        copy.write_row(pair)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        self._rows.clear()
        self._links.clear()
        self.env.forget()

    def _pin(self) -> None:
        """Give some external ids the row ids they are known by, in exchange with whoever has them."""
        rows = {f"{row['module']}.{row['name']}": row for row in self.rows("ir.model.data")}
        by_id = {row["id"]: row for row in self.rows("ir.model.data")}
        for xmlid, wanted in self.pinned.items():
            if xmlid in rows and wanted in by_id:
                by_id[wanted]["id"], rows[xmlid]["id"] = rows[xmlid]["id"], wanted

    def _copy(self, cursor: Any, model: str, rows: list[dict[str, Any]]) -> None:
        definition = self.registry[model]
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = [
            definition.fields[n] for n in names if definition.fields[n].sql_type is not None or n == "id"
        ]
        kept = [one.name for one in columns]
        defaults: dict[str, Any] = {}
        if definition.log_access:
            defaults = {"create_uid": 1, "write_uid": 1, "create_date": self.stamp, "write_date": self.stamp}
        for name in defaults:
            if name not in kept:
                kept.append(name)
                columns.append(definition.fields[name])
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(definition.table), sql.SQL(", ").join(map(sql.Identifier, kept))
        )
        encoders = [encoder(one) for one in columns]
        with cursor.copy(query) as copy:
            for row in rows:
                copy.write_row(
                    [encode(row.get(n, defaults.get(n))) for n, encode in zip(kept, encoders, strict=True)]
                )
        sequence = f"{definition.table}_id_seq"
        cursor.execute(
            "SELECT setval(%s, (SELECT max(id) FROM " + f'"{definition.table}"' + "))", [f'"{sequence}"']
        )


def encoder(field: FieldDef) -> Any:
    """A function from a field's value to what its column takes."""
    if field.sql_type == "jsonb":
        if field.company_dependent:
            return lambda value: None if value is None or value is False else Jsonb(value)
        if field.translate and field.type in {"char", "text", "html"}:
            return lambda value: None if not value else Jsonb({"en_US": value})
        return lambda value: None if value is None or value is False else Jsonb(value)
    if field.type == "boolean":
        return lambda value: None if value is None else bool(value)
    return lambda value: None if value is False else value


def parsed(field: FieldDef, text: str) -> Any:
    """A value of a text table, by the field's type; None when the cell is empty."""
    if not text:
        return None
    if field.company_dependent:
        return json.loads(text) if text.startswith("{") else {"1": text}
    kind = field.type
    if kind == "boolean":
        return text == "t"
    if kind in {"integer", "many2one_reference"}:
        return int(text)
    if kind in {"float", "monetary"}:
        return float(text)
    if kind == "many2one":
        return int(text) if text.isdigit() else text
    if kind in {"many2many", "one2many"}:
        return text.split()
    if kind in {"properties", "properties_definition", "json"}:
        return json.loads(text)
    return text.replace("\\n", "\n")


def tables(folder: str, version: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Every row of the text tables in `data/<folder>`: (model, field names, [external id, cells...]).

    A table begins with `@model field field ...`, or `@17.0 model ...` for one version only.
    """
    place = resources.files(__package__).joinpath(folder)
    for path in sorted(place.iterdir(), key=lambda one: one.name):
        if not path.name.endswith(".txt"):
            continue
        model, names, wanted = "", [], False
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("@"):
                words = line[1:].split()
                wanted = words[0] == version or not words[0][0].isdigit()
                model, *names = words[1:] if words[0][0].isdigit() else words
            elif wanted:
                yield model, names, [cell.strip() for cell in line.split("|")]
