"""The catalog over REST: tables, columns, rows, versions, differences, lineage, relations."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Annotated, Any, Literal

import orjson
import pyarrow as pa
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response

from towpath.access import Actor, Right, who
from towpath.errors import InputError
from towpath.features.explore import lineage as origin
from towpath.features.explore import rights, service
from towpath.features.explore.api_models import (
    ChangeOut,
    ColumnOut,
    CompletionOut,
    DiagramOut,
    DifferenceOut,
    LineageOut,
    Plain,
    RowsOut,
    SummaryOut,
    TableOut,
    TableWithColumnsOut,
    VersionOut,
)  # fmt: skip
from towpath.features.explore.asof import AsOf
from towpath.features.explore.cells import Cells, kind_of
from towpath.features.explore.completion import completion
from towpath.features.explore.names import short_names
from towpath.features.explore.past import past_versions, snapshots
from towpath.features.explore.rows import Block, Condition, Order, View, block, columns_of
from towpath.features.explore.saved import owner_of
from towpath.lake import difference
from towpath.lake.columns import SYSTEM_COLUMNS
from towpath.lake.log import Snapshot
from towpath.lake.table import Table
from towpath.odoo.schema import Field
from towpath.web.asking import HubOf, ReadsData, Sees
from towpath.web.pages import Cursor, Limit, Page, decode, encode

__all__ = ["catalog_routes"]

TableId = Annotated[
    str,
    Path(
        max_length=300,
        description="`layer.folder.table`, or a name or Odoo model that is clear.",
        examples=["account_move"],
    ),
]
Version = Annotated[int | None, Query(ge=0, le=2**53, description="An earlier version; the newest without.")]
_SEEN_SECONDS = 600.0
_SEEN_MOST = 5_000


def catalog_routes() -> APIRouter:  # a list of routes
    """Routes under ``/catalog``."""
    router = APIRouter()
    told: OrderedDict[tuple[object, ...], float] = OrderedDict()

    @router.get("/catalog")
    def list_tables(
        hub: HubOf,
        actor: Sees,
        search: Annotated[
            Plain, Query(max_length=100, description="Part of a name, model or description.")
        ] = "",
        connection: Annotated[
            Plain, Query(max_length=60, description="Tables of this connection alone.")
        ] = "",
        limit: Limit = 200,
        cursor: Cursor = None,
    ) -> Page[TableOut]:
        """List the tables you may see, by layer, folder and name."""
        wanted = search.casefold()
        found = sorted(
            (
                table
                for table in rights.seen(hub, actor)
                if (not connection or table.connection == connection)
                and wanted in f"{table.path} {table.model} {table.description}".casefold()
            ),
            key=lambda table: table.path,
        )
        after = decode(cursor)
        if after is not None and not isinstance(after, str):
            raise InputError("The cursor is not one of a page before; leave it out to begin anew.")
        rest = [table for table in found if after is None or table.path > after]
        names = short_names(rights.seen(hub, actor))
        page = rest[:limit]
        return Page(
            items=[_table(service.entry(table, names[table]), actor) for table in page],
            next=encode(page[-1].path) if len(rest) > limit else None,
        )

    @router.get("/catalog/relations")
    def table_relations(
        hub: HubOf,
        actor: Sees,
        connection: Annotated[
            Plain, Query(max_length=60, description="Tables of this connection alone.")
        ] = "",
    ) -> DiagramOut:
        """Show how the tables refer to each other, as Odoo's fields say."""
        tables = [one for one in rights.seen(hub, actor) if not connection or one.connection == connection]
        found = origin.relations(hub, tables, count=True)
        return DiagramOut.model_validate(found, from_attributes=True)

    @router.get("/catalog/completion")
    def editor_completion(hub: HubOf, actor: ReadsData) -> CompletionOut:
        """Names of tables, columns and functions, for an editor of SQL."""
        tables = [table for table in rights.seen(hub, actor) if rights.may(actor, Right.READ_DATA, table)]
        return CompletionOut.model_validate(completion(tables), from_attributes=True)

    @router.get("/catalog/tables/{table}")
    def show_table(hub: HubOf, actor: Sees, table: TableId) -> TableWithColumnsOut:
        """Show a table with its columns and what Odoo says of them."""
        found = rights.seen_table(hub, actor, table)
        name = short_names(rights.seen(hub, actor))[found]
        entry = service.entry(found, name)
        columns: list[ColumnOut] = []
        if entry.version is not None:
            stream, _ = origin.origin_of(hub, found)
            fields = origin.fields_of(stream)
            schema = Table(found.uri, found.storage_options).schema
            columns = [_column(part, fields) for part in schema]
        return TableWithColumnsOut(**_table(entry, actor).model_dump(), columns=columns)

    @router.get("/catalog/tables/{table}/rows", response_model=RowsOut)
    async def table_rows(
        hub: HubOf,
        actor: ReadsData,
        table: TableId,
        start: Annotated[int, Query(ge=0, le=2**40, description="Place of the first row, from 0.")] = 0,
        limit: Limit = 200,
        columns: Annotated[
            Plain, Query(max_length=20_000, description="Names, with commas between; all without.")
        ] = "",
        sort: Annotated[
            Plain,
            Query(
                max_length=1_000, description="Names to sort by, with commas; - before one turns it round."
            ),
        ] = "",
        filter: Annotated[
            Plain,
            Query(
                max_length=20_000,
                description='JSON list of conditions that all hold, such as `[{"column": "state", "operator": "eq", '
                '"value": "posted"}]`; operators: eq, ne, lt, le, gt, ge, contains, starts, ends, in, empty, filled.',
            ),
        ] = "",
        rows: Annotated[
            Literal["current", "all", "deleted"],
            Query(description="Which rows: those there, gone too, or gone alone."),
        ] = "current",
        version: Version = None,
        at: Annotated[
            Plain, Query(max_length=60, description="The state at a time; instead of a version.")
        ] = "",
    ) -> Response:
        """Read a block of a table's rows.

        Blocks of one version fit together: give the `version` of the first answer with the next ones.
        """

        def asked() -> tuple[View, Snapshot]:
            found = rights.readable_table(hub, actor, table)
            lake = Table(found.uri, found.storage_options)
            state = (
                AsOf(version=version) if version is not None else AsOf.from_text(at) if at.strip() else None
            )
            snapshot = state.of(lake) if state else lake.require()
            wanted = [name for name in columns.split(",") if name]
            view = View(
                table=found,
                version=snapshot.version,
                columns=columns_of(snapshot.metadata.schema, wanted),
                order=tuple(
                    Order(column=one.lstrip("-"), descending=one.startswith("-"))
                    for one in sort.split(",")
                    if one.strip("-")
                ),
                conditions=_conditions(filter),
                rows=rows,
            )
            key = (owner_of(actor), found.uri, view.order, repr(view.conditions), rows, snapshot.version)
            if _fresh(told, key):
                details: dict[str, Any] = {"version": snapshot.version, "rows": rows}
                details |= {"sort": sort} if sort else {}
                details |= {"filter": filter} if filter else {}
                hub.store.audit(who(), "catalog.read", f"table/{found.path}", details=details)
            return view, snapshot

        view, snapshot = await to_thread.run_sync(asked)
        answer = await block(hub, owner_of(actor), view, snapshot, start=start, limit=limit)
        return await to_thread.run_sync(_rows_response, view, answer, start)

    @router.get("/catalog/tables/{table}/versions")
    def table_versions(
        hub: HubOf, actor: Sees, table: TableId, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[VersionOut]:
        """List the versions of a table that are still known, newest first, with the runs that wrote them."""
        found = rights.seen_table(hub, actor, table)
        before = _number(cursor)
        versions = past_versions(hub, found, limit + 1, before=before)
        return Page(
            items=[VersionOut.model_validate(one, from_attributes=True) for one in versions[:limit]],
            next=encode(versions[limit - 1].version) if len(versions) > limit else None,
        )

    @router.get("/catalog/tables/{table}/difference")
    def table_difference(
        hub: HubOf,
        actor: ReadsData,
        table: TableId,
        old: Annotated[int, Query(ge=0, le=2**53, description="The older version.")],
        new: Annotated[int, Query(ge=0, le=2**53, description="The newer version.")],
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> DifferenceOut:
        """Show row by row what became different between two versions."""
        found = rights.readable_table(hub, actor, table)
        lake, before, after = snapshots(found, old, new)
        position = _number(cursor)
        if position is None:
            details = {"old": old, "new": new}
            hub.store.audit(who(), "catalog.compare", f"table/{found.path}", details=details)
        changes, rest = difference.changes(lake, before, after, after=position, limit=limit)
        columns = difference.columns(before, after)
        return DifferenceOut(
            items=[_change(one) for one in changes],
            next=encode(rest) if rest is not None else None,
            columns_added=list(columns.added),
            columns_removed=list(columns.removed),
            columns_retyped=list(columns.retyped),
        )

    @router.get("/catalog/tables/{table}/difference/summary")
    def table_difference_summary(
        hub: HubOf,
        actor: ReadsData,
        table: TableId,
        old: Annotated[int, Query(ge=0, le=2**53, description="The older version.")],
        new: Annotated[int, Query(ge=0, le=2**53, description="The newer version.")],
    ) -> SummaryOut:
        """Count what became different between two versions."""
        lake, before, after = snapshots(rights.readable_table(hub, actor, table), old, new)
        return SummaryOut.model_validate(difference.summary(lake, before, after), from_attributes=True)

    @router.get("/catalog/tables/{table}/lineage")
    def table_lineage(hub: HubOf, actor: Sees, table: TableId) -> LineageOut:
        """Show where a table comes from: connection, stream, model, and the runs behind its newest versions."""
        tables = rights.seen(hub, actor)
        found = rights.seen_table(hub, actor, table)
        told_of = origin.lineage(hub, found, tables)
        versions = past_versions(hub, found, 20)
        return LineageOut(
            **{name: getattr(told_of, name) for name in told_of.__slots__ if name != "beside"},
            beside=list(told_of.beside),
            versions=[VersionOut.model_validate(one, from_attributes=True) for one in versions],
        )

    return router


def _table(entry: service.Entry, actor: Actor) -> TableOut:
    table = entry.table
    return TableOut(
        path=table.path,
        id=table.path.replace("/", "."),
        layer=table.layer,
        folder=table.folder,
        name=table.name,
        sql_name=entry.name,
        model=table.model,
        description=table.description,
        connection=table.connection,
        connection_id=table.connection_id,
        rows=entry.rows,
        deleted=entry.deleted,
        version=entry.version,
        size=entry.size,
        changed=entry.changed.isoformat() if entry.changed else None,
        problem=entry.problem,
        may_read=rights.may(actor, Right.READ_DATA, table),
    )


def _column(part: pa.Field, fields: dict[str, Field]) -> ColumnOut:
    notes = {key.decode(): value.decode() for key, value in (part.metadata or {}).items()}
    field = fields.get(notes.get("odoo.field", ""))
    kind = notes.get("odoo.part", "")
    label = notes.get("odoo.label") or notes.get("label") or part.name
    selection = orjson.loads(notes["odoo.selection"]) if notes.get("odoo.selection") else []
    return ColumnOut(
        name=part.name,
        type=service.sql_type(part.type),
        kind=kind_of(part.type),
        label=f"{label} ({kind})" if kind in {"name", "label"} else label,
        help=field.help if field else "",
        odoo_type=notes.get("odoo.type", ""),
        relation=notes.get("odoo.relation", ""),
        selection=[[str(key), str(value)] for key, value in selection],
        personal=notes.get("odoo.personal", ""),
        masked=notes.get("odoo.mask", "") or notes.get("odoo.secret", ""),
        system=part.name in SYSTEM_COLUMNS,
    )


def _change(one: difference.Change) -> ChangeOut:
    cells = Cells()
    return ChangeOut(
        kind=one.kind,
        id=one.key,
        columns=list(one.columns),
        old=cells.record(one.old) if one.old else None,
        new=cells.record(one.new) if one.new else None,
        state=one.state,
    )


def _rows_response(view: View, answer: Block, start: int) -> Response:
    cells = Cells()
    body = {
        "start": start,
        "columns": list(view.columns),
        "rows": cells.rows(answer.rows),
        "total": answer.total,
        "version": view.version,
        "cut": answer.cut,
        "shortened": cells.shortened,
    }
    return Response(orjson.dumps(body), media_type="application/json")


def _conditions(text: str) -> tuple[Condition, ...]:
    sentence = "The filter is a JSON list of at most 50 objects with column, operator and value."
    try:
        found = orjson.loads(text) if text.strip() else []
        conditions = tuple(
            Condition(
                column=str(one["column"]), operator=str(one["operator"]), value=_value(one.get("value"))
            )
            for one in found
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(sentence) from None
    if len(conditions) > 50:
        raise InputError(sentence)
    return conditions


def _value(value: Any) -> Any:
    """A value that can be compared: lists as tuples, so that views can be."""
    return tuple(str(part) for part in value) if isinstance(value, list) else value


def _number(cursor: str | None) -> int | None:
    found = decode(cursor)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool) or abs(found) > 2**62):
        raise InputError("The cursor is not one of a page before; leave it out to begin anew.")
    return found


def _fresh(told: OrderedDict[tuple[object, ...], float], key: tuple[object, ...]) -> bool:
    """Whether this was not told to the audit in the last minutes: one row for each look, not for each block."""
    now = time.monotonic()
    known = told.get(key)
    told[key] = now
    told.move_to_end(key)
    while len(told) > _SEEN_MOST:
        told.popitem(last=False)
    return known is None or now - known > _SEEN_SECONDS
