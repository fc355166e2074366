"""External ids (ir.model.data): looking them up, writing them, and making up names for records that have none."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = ["ensure", "find", "lookup", "lookup_records", "of_records", "save"]


def find(env: Env, xmlid: str) -> tuple[str, int] | None:
    """(model, id) of the record behind an external id."""
    module, _, name = xmlid.partition(".")
    row = env.cr.execute(
        "SELECT model, res_id FROM ir_model_data WHERE module = %s AND name = %s", [module, name]
    ).fetchone()
    return (str(row[0]), int(row[1])) if row and row[1] else None


def lookup(env: Env, xmlids: Iterable[str]) -> dict[str, tuple[int, str, int, bool]]:
    """(id of the external id, model, record id, noupdate) by external id, for those that exist."""
    wanted = [one.partition(".") for one in xmlids]
    if not wanted:
        return {}
    rows = env.cr.execute(
        "SELECT d.module || '.' || d.name, d.id, d.model, d.res_id, d.noupdate FROM ir_model_data d "
        "JOIN unnest(%s::text[], %s::text[]) w(module, name) ON d.module = w.module AND d.name = w.name",
        [[module for module, _dot, _name in wanted], [name for _module, _dot, name in wanted]],
    ).fetchall()
    return {text: (one, model, res_id, bool(noupdate)) for text, one, model, res_id, noupdate in rows}


def of_records(env: Env, model: str, ids: Sequence[int]) -> dict[int, str]:
    """One external id per record that has any."""
    rows = env.cr.execute(
        "SELECT res_id, module, name FROM ir_model_data WHERE model = %s AND res_id = ANY(%s) ORDER BY id DESC",
        [model, list(ids)],
    ).fetchall()
    return {one: f"{module}.{name}" for one, module, name in rows}


def lookup_records(env: Env, model: str, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """All external ids of records, the newest first, each with its ``noupdate`` mark."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = env.cr.execute(
        "SELECT res_id, module, name, noupdate FROM ir_model_data WHERE model = %s AND res_id = ANY(%s) ORDER BY id DESC",
        [model, list(ids)],
    ).fetchall()
    for one, module, name, noupdate in rows:
        found.setdefault(one, []).append({"xmlid": f"{module}.{name}", "noupdate": bool(noupdate)})
    return found


def ensure(env: Env, model: str, ids: Sequence[int]) -> dict[int, str]:
    """External ids of these records; those without one get a name in ``__export__`` (real-odoo §4)."""
    found = of_records(env, model, ids)
    table = env.registry[model].table
    for one in ids:
        if one not in found:
            found[one] = f"__export__.{table}_{one}_{secrets.token_hex(4)}"
            save(env, found[one], model, one)
    return found


def save(env: Env, xmlid: str, model: str, one: int, *, noupdate: bool = False) -> None:
    """Let an external id mean a record, whatever it meant before."""
    module, _, name = xmlid.partition(".")
    env.cr.execute(
        "INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_uid, create_date, write_uid, write_date) "
        "VALUES (%(module)s, %(name)s, %(model)s, %(id)s, %(noupdate)s, %(uid)s, %(now)s, %(uid)s, %(now)s) "
        "ON CONFLICT (module, name) DO UPDATE SET model = EXCLUDED.model, res_id = EXCLUDED.res_id, "
        "write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date",
        {
            "module": module,
            "name": name,
            "model": model,
            "id": one,
            "noupdate": noupdate,
            "uid": env.uid,
            "now": env.now,
        },
    )
