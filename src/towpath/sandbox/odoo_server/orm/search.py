# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Searching: ids, counts, and the order of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import access, order, where
from towpath.sandbox.odoo_server.orm.compare17 import Sql

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["count", "ids", "in_order", "select"]


def select(
    records: RecordSet,
    columns: str,
    domain: Any,
    offset: Any = 0,
    limit: Any = None,
    sorting: str | None = None,
) -> Sql:
    """The statement of a search that asks for some columns of the table ``t``.

    Raises:
        AccessError: when the user may not read the model.
        ValueError and others: for a bad domain or order.
    """
    env, model = records.env, records._model
    if not env.su:
        access.check_model(env, model, "read")
    sql, params = where.visible(env, model, where.tree(env, domain), "t")
    sort = order.clause(env, model, sorting, "t")
    query = f'SELECT {columns} FROM "{model.table}" AS t{sort.joins} WHERE {sql} ORDER BY {sort.terms}'
    if limit:
        query += " LIMIT %s"
        params = [*params, limit]
    if offset:
        query += " OFFSET %s"
        params = [*params, offset]
    return query, params


def ids(
    records: RecordSet, domain: Any, offset: Any = 0, limit: Any = None, sorting: str | None = None
) -> tuple[int, ...]:
    """Ids of the records that fulfil a domain."""
    if not records._model.stored:
        if not records.env.su:
            access.check_model(records.env, records._model, "read")
        return ()
    sql, params = select(records, "t.id", domain, offset, limit, sorting)
    return tuple(records.env.cr.execute(sql, params).column())


def count(records: RecordSet, domain: Any, limit: Any = None) -> int:
    """How many records fulfil a domain, counted up to a limit."""
    env, model = records.env, records._model
    if not env.su:
        access.check_model(env, model, "read")
    if not model.stored:
        return 0
    sql, params = where.visible(env, model, where.tree(env, domain), "t")
    query = f'SELECT count(*) FROM "{model.table}" AS t WHERE {sql}'
    if limit:
        query = f'SELECT count(*) FROM (SELECT FROM "{model.table}" AS t WHERE {sql} LIMIT %s) AS few'
        params = [*params, limit]
    row = env.cr.execute(query, params).fetchone()
    return int(row[0]) if row else 0


def in_order(records: RecordSet) -> tuple[int, ...]:
    """The ids of a set in the model's order."""
    env, model = records.env, records._model
    sort = order.clause(env, model, None, "t")
    query = f'SELECT t.id FROM "{model.table}" AS t{sort.joins} WHERE t.id = ANY(%s) ORDER BY {sort.terms}'
    return tuple(env.cr.execute(query, [list(records.ids)]).column())
