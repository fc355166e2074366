# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""``export_data``: rows of cells, lines of x2many fields on rows of their own, external ids made where missing.

Dates and times are in the user's time zone here, unlike everywhere else (real-odoo §4).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from towpath.sandbox.odoo_server.orm import external_ids, field_access, periods
from towpath.sandbox.odoo_server.orm.write import check

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.records import Records

__all__ = ["export_rows", "path", "user_zone"]

Path = Sequence[str]


def path(text: str) -> list[str]:
    """``partner_id:id`` and ``partner_id.id`` are old ways to write ``partner_id/id`` and ``partner_id/.id``."""
    fixed = re.sub(r"([^/])\.id", r"\1/.id", text)
    return re.sub(r"([^/]):id", r"\1/id", fixed).split("/")


def user_zone(env: Env) -> ZoneInfo:
    """The time zone of the context, else of the user, else UTC."""
    asked = periods.zone(env)
    if asked is None:
        name = env.user.tz
        asked = periods.zone(env.with_context(tz=name)) if name else None
    return ZoneInfo(asked or "UTC")


def export_rows(records: Records, paths: Sequence[Path], *, top: bool = True) -> list[list[Any]]:
    """One row per record, and further ones for what does not fit into one; "" is an empty cell.

    Raises:
        AccessError: when the user may not read a model, a record or a field.
        MissingError: for a record that is gone.
        KeyError (17.0), ValueError (19.0): for an unknown field.
    """
    if top and records.env.is19:
        for one in paths:
            _check(records, one)
    lines: list[list[Any]] = []
    if records.ids and any(paths):
        check(records, "read")
        field_access.check(records.env, records._model, [one[0] for one in paths if one], "read")
    for record in records:
        lines += _record(record, paths)
    if top and any(one and one[-1] == "id" for one in paths):
        _name(records.env, lines)
    return lines


def _check(records: Records, one: Path) -> None:
    """Refuse a path that leads over an unknown field."""
    model = records._model
    for name in one:
        if name in {"id", ".id"}:
            return
        field = model.fields.get(name.partition(".")[0])
        if field is None:
            raise ValueError(f"Invalid field {name!r} on {model.name!r}")
        if field.relational and field.relation in records.env.registry:
            model = records.env.registry[field.relation]


def _record(record: Any, paths: Sequence[Path]) -> list[list[Any]]:
    """The lines of one record; external ids stand as (model, id) until all are known."""
    current: list[Any] = [""] * len(paths)
    lines = [current]
    done: list[str] = []
    for place, one in enumerate(paths):
        if not one or one[0] in done:
            continue
        name = one[0]
        if name == ".id":
            current[place] = str(record.ids[0])
            continue
        if name == "id":
            current[place] = (record._name, record.ids[0])
            continue
        field = record._model.fields.get(name)
        if field is None:
            raise KeyError(name)
        value = record[name]
        if not field.relational:
            current[place] = _cell(record, field, value)
            continue
        done.append(name)
        below = [
            (list(other[1:]) or ["display_name"]) if other and other[0] == name else [] for other in paths
        ]
        if field.type == "many2many" and record.env.context.get("import_compat", True):
            _many2many(record.env, field, value, below, place, current)
            continue
        found = export_rows(value, below, top=False)
        if not found:
            current[place] = ""
            continue
        for column, cell in enumerate(found[0]):
            if cell or isinstance(cell, int | float):
                current[column] = cell
        lines += found[1:]
    return lines


def _many2many(
    env: Env, field: FieldDef, value: Any, below: list[list[str]], place: int, current: list[Any]
) -> None:
    """All linked records in one cell: their external ids if asked for, else their names."""
    for wanted in ("id", "name", "display_name"):
        if [wanted] in below:
            index = below.index([wanted])
            break
    else:
        wanted, index = "", place
    if wanted == "id":
        known = external_ids.ensure(env, field.relation, value.ids)
        current[index] = ",".join(known[one] for one in value.ids)
    else:
        names = value.sudo()._display_names()
        current[index] = ",".join(str(names.get(one) or "") for one in value.ids)


def _cell(record: Any, field: FieldDef, value: Any) -> Any:
    """A plain value as exported."""
    kind = field.type
    if kind in {"boolean", "integer", "float", "monetary", "many2one_reference"}:
        return value
    if not value:
        return ""
    if kind == "datetime" and isinstance(value, datetime):
        local = value.replace(tzinfo=UTC).astimezone(user_zone(record.env))
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if kind == "date" and isinstance(value, date):
        return value.isoformat()
    if kind == "selection":
        choices = getattr(type(record), f"_selection_{field.name}", None)
        pairs = choices(record) if choices else field.attrs.get("selection") or []
        return next((label for key, label in pairs if key == value), "")
    return value


def _name(env: Env, lines: list[list[Any]]) -> None:
    """Put external ids where (model, id) stands."""
    wanted: dict[str, dict[int, None]] = {}
    for line in lines:
        for cell in line:
            if isinstance(cell, tuple):
                wanted.setdefault(cell[0], {})[cell[1]] = None
    known = {model: external_ids.ensure(env, model, list(ids)) for model, ids in wanted.items()}
    for line in lines:
        for place, cell in enumerate(line):
            if isinstance(cell, tuple):
                line[place] = known[cell[0]][cell[1]]
