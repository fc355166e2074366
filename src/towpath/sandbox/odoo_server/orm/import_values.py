# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Cells of an import as values: numbers, dates in the user's time zone, choices by label, records by name or id.

A refusal is an ``ImportProblem``; its text says ``%(field)s`` where the field's label belongs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.exceptions import SandboxError
from towpath.sandbox.odoo_server.orm import external_ids
from towpath.sandbox.odoo_server.orm.export import user_zone
from towpath.sandbox.odoo_server.orm.import_rows import REFERENCES, references
from towpath.sandbox.odoo_server.orm.values import to_date, to_datetime

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["Converter", "ImportProblem"]

YES = frozenset({"1", "true", "yes"})
NO = frozenset({"", "0", "false", "no"})
Cells = Mapping[str | None, Any]
Report = Callable[[str, "ImportProblem"], None]


class ImportProblem(ValueError):  # noqa: N818 - what is said about a cell, not always an error
    """Why a cell was refused, or (``warning``) what was doubtful about it; ``info`` goes into the message."""

    def __init__(self, text: str, info: Mapping[str, Any] | None = None, *, warning: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.info = dict(info) if info else {}
        self.warning = warning


def _quoted(value: Any) -> str:
    return str(value).replace("%", "%%")


def _boolean(cell: Any) -> tuple[Any, list[ImportProblem]]:
    if cell.lower() in YES:
        return True, []
    if cell.lower() in NO:
        return False, []
    info = {"moreinfo": "Use '1' for yes and '0' for no"}
    return True, [ImportProblem(f"Unknown value '{_quoted(cell)}' for boolean field '%(field)s'", info)]


def _integer(cell: Any) -> tuple[Any, list[ImportProblem]]:
    try:
        return int(cell), []
    except ValueError:
        raise ImportProblem(
            f"'{_quoted(cell)}' does not seem to be an integer for field '%(field)s'"
        ) from None


def _float(cell: Any) -> tuple[Any, list[ImportProblem]]:
    try:
        return float(cell), []
    except ValueError:
        raise ImportProblem(f"'{_quoted(cell)}' does not seem to be a number for field '%(field)s'") from None


def _json(cell: Any) -> tuple[Any, list[ImportProblem]]:
    try:
        return json.loads(cell), []
    except ValueError:
        raise ImportProblem(
            f"'{_quoted(cell)}' does not seem to be a valid JSON for field '%(field)s'"
        ) from None


def _date(cell: Any) -> tuple[Any, list[ImportProblem]]:
    try:
        found = to_date(cell)
    except (ValueError, TypeError):
        raise ImportProblem(
            f"'{_quoted(cell)}' does not seem to be a valid date for field '%(field)s'",
            {"moreinfo": "Use the format '2012-12-31'"},
        ) from None
    return (found.isoformat() if found else False), []


PLAIN: Mapping[str, Callable[[Any], tuple[Any, list[ImportProblem]]]] = {
    "boolean": _boolean,
    "integer": _integer,
    "float": _float,
    "monetary": _float,
    "json": _json,
    "date": _date,
}


@dataclass(frozen=True, slots=True)
class Converter:
    """Turns the cells of records of a model into values to write.

    ``flush`` creates the records that were read so far, when one of them may be meant by what follows.
    """

    env: Env
    model: ModelDef
    flush: Callable[..., None]
    module: str
    path: tuple[str, ...] = ()

    def record(self, cells: Cells, report: Report) -> dict[str, Any]:
        """The values of a record; what is refused is reported and left out, empty cells become False."""
        values: dict[str, Any] = {}
        for name, cell in cells.items():
            if name is None or name in REFERENCES:
                continue
            if not cell:
                values[name] = False
                continue
            try:
                values[name], doubts = self.value(self.model.fields[name], cell)
            except ImportProblem as problem:
                report(name, problem)
                continue
            for doubt in doubts:
                report(name, doubt)
        return values

    def value(self, field: FieldDef, cell: Any) -> tuple[Any, list[ImportProblem]]:
        """(value to write, doubts) of a filled cell.

        Raises:
            ImportProblem: when it cannot be read.
        """
        if field.type in PLAIN:
            return PLAIN[field.type](cell)
        if field.type == "datetime":
            return self._datetime(cell)
        found = getattr(self, f"_{field.type}", None)
        return found(field, cell) if found is not None else (cell, [])

    def _datetime(self, cell: Any) -> tuple[Any, list[ImportProblem]]:
        try:
            found = to_datetime(cell)
        except (ValueError, TypeError):
            raise ImportProblem(
                f"'{_quoted(cell)}' does not seem to be a valid datetime for field '%(field)s'",
                {"moreinfo": "Use the format '2012-12-31 23:59:59'"},
            ) from None
        if found is None:
            return False, []
        moment: datetime = found.replace(tzinfo=user_zone(self.env)).astimezone(UTC)
        return moment.strftime("%Y-%m-%d %H:%M:%S"), []

    def _selection(self, field: FieldDef, cell: Any) -> tuple[Any, list[ImportProblem]]:
        chosen = getattr(self.model.cls, f"_selection_{field.name}", None)
        pairs = chosen(self.env[self.model.name]) if chosen else field.attrs.get("selection") or []
        wanted = str(cell).lower()
        for key, label in pairs:
            if str(key).lower() == wanted or str(label).lower() == wanted:
                return key, []
        labels = [label or str(key) for key, label in pairs if label or key]
        raise ImportProblem(
            f"Value '{_quoted(cell)}' not found in selection field '%(field)s'", {"moreinfo": labels}
        )

    def _many2one(self, field: FieldDef, cell: Any) -> tuple[Any, list[ImportProblem]]:
        [cells] = cell
        key = _one_reference(cells)
        return self.link(field, key, cells[key])

    def _many2many(self, field: FieldDef, cell: Any) -> tuple[Any, list[ImportProblem]]:
        [cells] = cell
        key = _one_reference(cells)
        ids: list[Any] = []
        doubts: list[ImportProblem] = []
        for text in str(cells[key]).split(","):
            found, more = self.link(field, key, text)
            ids.append(found)
            doubts += more
        if self.env.context.get("update_many2many"):
            return [(4, one, 0) for one in ids], doubts
        return [(6, 0, ids)], doubts

    def _one2many(self, field: FieldDef, cell: Any) -> tuple[Any, list[ImportProblem]]:
        records = list(cell)
        doubts: list[ImportProblem] = []
        if len(records) == 1 and not _own(records[0]):
            key = _one_reference(records[0])
            records = [{key: text} for text in str(records[0][key]).split(",")]
        comodel = self.env.registry[field.relation]
        below = Converter(self.env, comodel, self.flush, self.module, (*self.path, field.name))

        def report(name: str, problem: ImportProblem) -> None:
            if problem.warning:
                doubts.append(problem)
                return
            label = comodel.fields[name].attrs.get("string")
            raise ImportProblem(problem.text % {"field": f"%(field)s/{label}"}, problem.info)

        commands: list[Any] = []
        for cells in records:
            values = below.record(_own(cells), report)
            named = references(cells)
            one = None
            if named:
                key = _one_reference(named)
                try:
                    one, more = self.link(field, key, cells[key])
                    doubts += more
                except ImportProblem:
                    if key != "id":
                        raise
            if one:
                commands += [(4, one, 0), (1, one, values)]
            else:
                commands.append((0, 0, values))
        return commands, doubts

    def link(self, field: FieldDef, key: str | None, text: Any) -> tuple[Any, list[ImportProblem]]:
        """The id of the record that a cell means, False for none.

        Raises:
            ImportProblem: when there is no such record.
        """
        env = self.env
        comodel = env[field.relation]
        doubts: list[ImportProblem] = []
        found: Any = None
        if key == ".id":
            kind = "database id"
            if str(text).lower() in NO:
                return False, []
            try:
                tentative = int(text)
            except ValueError:
                raise ImportProblem(
                    f"Invalid database id '{_quoted(text)}' for the field '%(field)s'",
                    {"moreinfo": self._choices(field, key)},
                ) from None
            found = tentative if comodel.browse(tentative).exists() else None
        elif key == "id":
            kind = "external id"
            if str(text).lower() in NO:
                return False, []
            found = self._external(comodel, str(text))
        else:
            kind = "name"
            if text == "":
                return False, []
            self.flush(model=field.relation)
            pairs = comodel.name_search(name=text, operator="=")
            if len(pairs) > 1:
                doubts.append(
                    ImportProblem(
                        f"Found multiple matches for value '{_quoted(text)}' in field '%(field)s' "
                        f"({len(pairs)} matches)",
                        warning=True,
                    )
                )
            found = pairs[0][0] if pairs else None
            if found is None and self._may_name(field):
                return self._named(field, comodel, kind, text), doubts
        if found is None:
            raise ImportProblem(
                f"No matching record found for {kind} '{_quoted(text)}' in field '%(field)s'",
                {"moreinfo": self._choices(field, key)},
            )
        return found, doubts

    def _external(self, comodel: Any, text: str) -> int | None:
        """The id behind an external id, if it leads to a record of the model."""
        xmlid = text if "." in text else f"{self.module}.{text}"
        self.flush(xml_id=xmlid)
        found = external_ids.find(self.env, xmlid)
        if found is None:
            return None
        model, one = found
        if model != comodel._name:
            raise ImportProblem(
                f"Invalid external ID {xmlid}: expected model {comodel._name!r}, found {model!r}"
            )
        return one

    def _may_name(self, field: FieldDef) -> bool:
        enabled = self.env.context.get("name_create_enabled_fields") or {}
        return bool(enabled.get("/".join((*self.path, field.name))))

    def _named(self, field: FieldDef, comodel: Any, kind: str, text: Any) -> int:
        """The id of a record made of its name alone."""
        try:
            with self.env.cr.savepoint():
                return int(comodel.name_create(name=text)[0])
        except (SandboxError, ValueError):
            self.env.forget()
            error = (
                f"Cannot create new '{comodel._model.description}' records from their name alone. "
                "Please create those records manually and try importing again."
            )
            raise ImportProblem(
                f"No matching record found for {kind} '{_quoted(text)}' in field '%(field)s' and the following "
                f"error was encountered when we attempted to create one: {error}",
                {"moreinfo": self._choices(field, None)},
            ) from None

    def _choices(self, field: FieldDef, key: str | None) -> dict[str, Any]:
        """The window that shows what could have been meant."""
        action: dict[str, Any] = {
            "name": "Possible Values",
            "type": "ir.actions.act_window",
            "target": "new",
            "view_mode": "list,form" if self.env.is19 else "tree,form",
            "views": [[False, "list"], [False, "form"]],
            "context": {"create": False},
            "help": "See all possible values",
        }
        if key is None:
            action["res_model"] = field.relation
        else:
            action["res_model"] = "ir.model.data"
            action["domain"] = [["model", "=", field.relation]]
        return action


def _own(cells: Cells) -> dict[str | None, Any]:
    return {name: value for name, value in cells.items() if name not in REFERENCES}


def _one_reference(cells: Cells) -> str | None:
    """The only cell of a reference.

    Raises:
        ImportProblem: when there are other cells, or several ways to say which record is meant.
    """
    if _own(cells):
        raise ImportProblem("Can not create Many-To-One records indirectly, import the field separately")
    if len(cells) > 1:
        raise ImportProblem(
            "Ambiguous specification for field '%(field)s', only provide one of name, external id or database id"
        )
    [key] = cells
    return key
