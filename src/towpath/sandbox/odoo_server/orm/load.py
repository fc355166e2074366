# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""``load``: an import of rows, kept as a whole or not at all, with a message for every refusal.

Records are created in batches; when a batch is refused each of its records is tried alone, so that the message
names the row. What the messages say differs by version (scenario load-errors).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError
from towpath.sandbox.odoo_server.orm import external_ids
from towpath.sandbox.odoo_server.orm.export import path
from towpath.sandbox.odoo_server.orm.import_rows import REFERENCES, Extract, check_paths, extract
from towpath.sandbox.odoo_server.orm.import_values import Converter, ImportProblem

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.records import Records

__all__ = ["load"]

MISSING_17 = re.compile(r"Model: .* \((?P<model>[\w.]+)\)\nField: (?P<label>.*) \((?P<name>\w+)\)\s*$")
MISSING_19 = re.compile(
    r"Missing required value for the field (?P<label>'.*'|\".*\") \((?P<name>\w+)\)\.\nModel: .* \((?P<model>[\w.]+)\)\n"
)
HEAD = "The operation cannot be completed:"
ERRORS = 10
MORE = "Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors."


@dataclass(slots=True)
class Job:
    """An import under way: what waits to be created, what was made, what was said."""

    records: Records
    creatable: set[str]
    update: bool
    batch: list[tuple[str | None, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    ids: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def failed(self) -> bool:
        """Whether anything was refused."""
        return any(message["type"] == "error" for message in self.messages)

    def flush(self, *, xml_id: str | None = None, model: str | None = None) -> None:
        """Create what waits; with an argument only if that external id or model may be among it."""
        if (
            not self.batch
            or (xml_id and xml_id not in self.waiting)
            or (model and model not in self.creatable)
        ):
            return
        rows, self.batch = self.batch, []
        self.waiting.clear()
        env = self.records.env
        everything: dict[str, Any] | None = None
        try:
            with env.cr.savepoint():
                self.ids += save(self.records, rows, update=self.update)
        except UserError as problem:
            env.forget()
            if _of_database(problem) is None:
                everything = {**rows[0][2], "type": "error", "message": str(problem)}
        except Exception:  # noqa: BLE001 - whatever it was, each record is tried alone and its refusal reported
            env.forget()
        else:
            return
        failed = self._one_by_one(rows)
        if failed and everything is not None and everything not in self.messages:
            self.messages.insert(0, everything)

    def _one_by_one(self, rows: Sequence[tuple[str | None, dict[str, Any], dict[str, Any]]]) -> int:
        env = self.records.env
        failed = 0
        for tried, row in enumerate(rows, 1):
            try:
                with env.cr.savepoint():
                    self.ids += save(self.records, [row], update=self.update)
            except UserError as problem:
                self.messages.append({**row[2], "type": "error", **_told(self.records, problem)})
                failed += 1
            except psycopg.Error as problem:
                self.messages.append({**row[2], "type": "error", "message": str(problem)})
                failed += 1
            except Exception as problem:  # noqa: BLE001 - Odoo reports any error of a row and goes on
                self.messages.append(
                    {
                        **row[2],
                        "type": "error",
                        "message": f"Unknown error during import: {type(problem)}: {problem}",
                        "moreinfo": "Resolve other errors first",
                    }
                )
                failed += 1
            else:
                continue
            env.forget()
            if failed >= ERRORS and failed >= tried / ERRORS:
                self.messages.append({"type": "warning", "message": MORE})
                break
        return failed


def load(records: Records, fields: Sequence[str], data: Sequence[Any]) -> dict[str, Any]:
    """Import rows of text: ``{"ids": made or changed, or False, "messages": [...], "nextrow": 0 or where to go on}``.

    Raises:
        KeyError (17.0), ValueError (19.0): for an unknown column.
    """
    env = records.env
    model = records._model
    module = str(env.context.get("module", "__import__"))
    paths = [path(text) for text in fields]
    check_paths(env, model, paths)
    job = Job(records, {model.name, *_lines(records, paths)}, env.context.get("mode", "init") == "update")
    limit = env.context.get("_import_limit")
    most = float("inf") if limit is None else limit
    converter = Converter(env, model, job.flush, module)
    last = -1
    with env.cr.savepoint():
        for number, found in enumerate(extract(env, model, paths, data, most)):
            last = found.last
            _take(job, converter, found, number, module)
        job.flush()
        if job.failed():
            env.forget()
            raise psycopg.Rollback
    following = last + 1
    return {
        "ids": False if job.failed() else job.ids,
        "messages": job.messages,
        "nextrow": following if following >= most else 0,
    }


def _lines(records: Records, paths: Sequence[Sequence[str]]) -> set[str]:
    """Models of the one2many lines and of records made by name: what an import may create besides its own."""
    env = records.env
    found: set[str] = set()
    enabled = env.context.get("name_create_enabled_fields") or {}
    for one in paths:
        here = records._model
        for name in one:
            if name in REFERENCES or name not in here.fields:
                break
            known = here.fields[name]
            if known.type == "many2one" and enabled.get(name):
                found.add(known.relation)
            if known.type == "one2many" and known.relation in env.registry:
                found.add(known.relation)
                here = env.registry[known.relation]
    return found


def _take(job: Job, converter: Converter, found: Extract, number: int, module: str) -> None:
    """Turn one record's cells into values and put it into the batch; refusals go to the messages."""
    where = {"rows": {"from": found.first, "to": found.last}}
    model = job.records._model

    def report(name: str, problem: ImportProblem) -> None:
        label = model.fields[name].attrs.get("string")
        message: dict[str, Any] = {
            **where,
            "type": "warning" if problem.warning else "error",
            "record": number,
            "field": name,
            "message": problem.text % {"field": label},
        }
        if problem.info or not problem.warning:
            message |= {**problem.info, "field_name": label}
        job.messages.append(message)

    xmlid = found.cells.get("id") or None
    one: Any = False
    if found.cells.get(".id"):
        try:
            one = int(found.cells[".id"])
        except ValueError:
            # PostgreSQL itself complains about an id that is no number, and that ends the import
            job.records.env.cr.execute(
                f'SELECT 1 FROM "{model.table}" WHERE id = %s::int', [found.cells[".id"]]
            )
        if not job.records.search([["id", "=", one]]):
            job.messages.append(
                {
                    **where,
                    "type": "error",
                    "record": number,
                    "field": ".id",
                    "message": f"Unknown database identifier '{one}'",
                }
            )
            one = False
    values = converter.record(found.cells, report)
    if xmlid:
        xmlid = xmlid if "." in xmlid else f"{module}.{xmlid}"
        job.waiting.add(xmlid)
    elif one:
        values["id"] = one
    job.batch.append((xmlid, values, {**where, "record": number}))


def save(
    records: Records, rows: Sequence[tuple[str | None, dict[str, Any], Mapping[str, Any]]], *, update: bool
) -> list[int]:
    """Create or change the records of some rows, by external id where given, and give their ids.

    Raises:
        ValidationError: when an external id belongs to a record of another model.
        UserError and others: as ``create`` and ``write``.
    """
    env = records.env
    model = records._model
    known = external_ids.lookup(env, [xmlid for xmlid, _values, _info in rows if xmlid])
    found: list[int | None] = []
    made: list[int] = []
    for place, (xmlid, values, _info) in enumerate(rows):
        one: int | None = None
        if xmlid and xmlid in known:
            data, owner, one, noupdate = known[xmlid]
            if owner != model.name:
                raise ValidationError(
                    f"For external id {xmlid} when trying to create/update a record of model {model.name} "
                    f"found record of different model {owner} ({data})"
                )
            if not records.browse(one).exists():
                env.cr.execute("DELETE FROM ir_model_data WHERE id = %s", [data])
                one = None
            elif not (update and noupdate):
                records.browse(one).write(values)
        elif not xmlid and values.get("id"):
            one = int(values["id"])
            records.browse(one).write({name: value for name, value in values.items() if name != "id"})
        if one is None:
            made.append(place)
        found.append(one)
    created = records.create([rows[place][1] for place in made]) if made else records.browse(())
    for place, record in zip(made, created, strict=True):
        xmlid = rows[place][0]
        found[place] = record.ids[0]
        if xmlid:
            _remember(record, xmlid, rows[place][1])
    return [one for one in found if one is not None]


def _remember(record: Any, xmlid: str, values: Mapping[str, Any]) -> None:
    """Write the external id of a new record, and those of the records it delegates to."""
    for link, parent in record._model.inherits.items():
        if not values.get(link):
            suffix = parent.replace(".", "_")
            external_ids.save(record.env, f"{xmlid}_{suffix}", parent, record[link].id)
    external_ids.save(record.env, xmlid, record._name, record.ids[0])


def _missing(problem: UserError) -> re.Match[str] | None:
    """What a refusal for want of a required value names."""
    return MISSING_19.search(str(problem)) or MISSING_17.search(str(problem))


def _of_database(problem: UserError) -> Any:
    """Whether PostgreSQL (or the check that stands for its NOT NULL) refused, rather than the model's own code."""
    if isinstance(problem.__cause__, errors.IntegrityError):
        return problem.__cause__
    return _missing(problem) if isinstance(problem, ValidationError) else None


def _told(records: Records, problem: UserError) -> dict[str, Any]:
    """Message (and field) of a refusal, as the version words it in an import."""
    cause = _of_database(problem)
    text = str(problem)
    if cause is None:
        return {"message": text}
    if isinstance(cause, re.Match):
        own = cause["model"] == records._name
        if records.env.is19:
            message = text.removeprefix(f"{HEAD} ")
            return {"message": message, "field": cause["name"]} if own else {"message": message}
        if not own:
            return {"message": f"Missing required value for the field '{cause['name']}'"}
        label = records._model.fields[cause["name"]].attrs.get("string")
        return {
            "message": f"Missing required value for the field '{label}' ({cause['name']})",
            "field": cause["name"],
        }
    if records.env.is19:
        message = text.removeprefix(f"{HEAD} ")
        columns = _columns(records, cause)
        return {"message": message, "field": columns[0]} if len(columns) == 1 else {"message": message}
    return _told_17(records, cause)


def _columns(records: Records, cause: Any) -> list[str]:
    """The columns of a violated constraint of the model's table."""
    if cause.diag.table_name != records._model.table:
        return []
    return [
        str(one)
        for one in records.env.cr.execute(
            "SELECT a.attname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
            "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(c.conkey) "
            "WHERE c.conname = %s AND t.relname = %s",
            [cause.diag.constraint_name, records._model.table],
        ).column()
    ]


def _told_17(records: Records, cause: Any) -> dict[str, Any]:
    model = records._model
    rule = model.constraints.get(cause.diag.constraint_name or "")
    if isinstance(cause, errors.CheckViolation) and rule:
        return {"message": f"'{rule[1]}'"}
    if isinstance(cause, errors.UniqueViolation):
        columns = _columns(records, cause)
        if rule:  # in the order of the constraint's text
            columns.sort(key=rule[0].find)
        labels = [str(model.fields[name].attrs.get("string")) for name in columns if name in model.fields]
        if len(columns) == 1:
            return {
                "message": (
                    f"The value for the field '{columns[0]}' already exists "
                    f"(this is probably '{labels[0]}' in the current model)."
                ),
                "field": columns[0],
            }
        if columns:
            return {
                "message": (
                    f"The values for the fields '{', '.join(columns)}' already exist "
                    f"(they are probably '{', '.join(labels)}' in the current model)."
                )
            }
    return {"message": str(cause)}
