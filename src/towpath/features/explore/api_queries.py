"""Queries over REST: run, page through the answer, stop, history, ready queries and their dialects."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
import pyarrow as pa
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response

from towpath.access import Actor, Right
from towpath.errors import InputError
from towpath.features.explore import answers, ready, rights, running
from towpath.features.explore.api_models import (
    AnswerOut,
    AnswerRowsOut,
    ChartIn,
    DialectOut,
    PastOut,
    Plain,
    ReadyOut,
    ResultColumnOut,
    RunIn,
    TranslateIn,
)  # fmt: skip
from towpath.features.explore.cells import Cells, kind_of
from towpath.features.explore.guard import examine
from towpath.features.explore.room import Job, room_of
from towpath.features.explore.running import Asked
from towpath.features.explore.service import sql_type
from towpath.hub import Hub
from towpath.web.asking import HubOf, ReadsData
from towpath.web.pages import Cursor, Limit, Page, decode, encode, page_of

__all__ = ["query_routes"]

RunId = Annotated[
    str, Path(max_length=64, description="Id of the run of a query.", examples=["5f2d0a9c41e7aa01"])
]


def query_routes() -> APIRouter:
    """Routes under ``/queries`` that have to do with running."""
    router = APIRouter()

    later = {"model": AnswerOut, "description": "It runs still; ask for the run."}

    @router.post("/queries/run", response_model=AnswerOut, responses={202: later})
    async def run_query(hub: HubOf, actor: ReadsData, body: RunIn, response: Response) -> Response:
        """Run a query over the tables whose rows you may read.

        Answers with the first rows when they are there within `wait` seconds; else ask for the run.
        """
        del response
        asked = Asked(
            sql=body.sql, as_of=body.as_of, connection=body.connection, rows=body.rows, ready=body.ready
        )
        job = await to_thread.run_sync(running.run, hub, actor, asked)
        await room_of(hub).ended(job, body.wait)
        if job.error is not None:
            raise job.error
        return await to_thread.run_sync(_answered, job, body.page, 202 if job.open else 200)

    @router.get("/queries/runs/{run}", response_model=AnswerOut)
    async def show_query_run(
        hub: HubOf,
        actor: ReadsData,
        run: RunId,
        wait: Annotated[float, Query(ge=0, le=55, description="Seconds to wait for its end.")] = 0,
        page: Annotated[int, Query(ge=0, le=500, description="How many rows come with the answer.")] = 200,
    ) -> Response:
        """Show how far a query of yours is, with the first rows once they are there."""
        job = await to_thread.run_sync(running.answer_of, hub, actor, run)
        await room_of(hub).ended(job, wait)
        return await to_thread.run_sync(_answered, job, page)

    @router.get("/queries/runs/{run}/rows", response_model=AnswerRowsOut)
    def query_run_rows(
        hub: HubOf,
        actor: ReadsData,
        run: RunId,
        start: Annotated[int, Query(ge=0, le=2**40, description="Place of the first row, from 0.")] = 0,
        limit: Limit = 200,
    ) -> Response:
        """Read a block of an answer's rows."""
        job = running.answer_of(hub, actor, run)
        if job.state != "succeeded":
            raise InputError(f"The query has no rows: it is {job.state}. Ask for the run to see more.")
        cells = Cells()
        rows = cells.rows(answers.page(job.path, start, limit))
        return _json({"start": start, "rows": rows, "count": job.done["rows"], "shortened": cells.shortened})

    @router.delete("/queries/runs/{run}", status_code=204)
    def stop_query_run(hub: HubOf, actor: ReadsData, run: RunId) -> None:
        """Stop a query that runs; of one that has ended, forget the answer."""
        room = room_of(hub)
        job = running.answer_of(hub, actor, run)
        if not room.cancel(job):
            room.forget(job)

    @router.get("/queries/history")
    def query_history(
        hub: HubOf,
        actor: ReadsData,
        search: Annotated[Plain, Query(max_length=200, description="Part of the text.")] = "",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[PastOut]:
        """List what you ran yourself, newest first."""
        before = _moment(cursor)
        found = running.history(hub, actor, search=search, before=before, limit=limit + 1)
        items = [
            PastOut(
                id=one.id,
                sql=one.sql,
                as_of=one.as_of,
                tables=list(one.tables),
                state=one.state,
                message=one.message,
                rows=one.rows,
                seconds=one.seconds,
                at=one.at.isoformat(),
            )
            for one in found[:limit]
        ]
        return Page(items=items, next=encode(items[-1].at) if len(found) > limit else None)

    @router.delete("/queries/history", status_code=204)
    def forget_query_history(hub: HubOf, actor: ReadsData) -> None:
        """Empty your own history. The audit keeps what it has."""
        running.forget_past(hub, actor)

    @router.get("/queries/ready")
    def ready_queries(
        hub: HubOf, actor: ReadsData, limit: Limit = 100, cursor: Cursor = None
    ) -> Page[ReadyOut]:
        """List the ready queries, and which of the tables they need you have."""
        there = _table_names(hub, actor)
        return page_of([_ready(one, there) for one in ready.ready_queries()], cursor=cursor, limit=limit)

    @router.get("/queries/ready/{name}")
    def ready_query_for(
        actor: ReadsData,
        name: Annotated[
            str, Path(max_length=100, description="Name of the ready query.", examples=["payments-by-month"])
        ],
        dialect: Annotated[
            Plain, Query(max_length=20, description=f"One of {', '.join(ready.DIALECTS)}.")
        ] = "duckdb",
    ) -> DialectOut:
        """Show a ready query in the SQL of an engine: DuckDB, Athena, BigQuery and others."""
        del actor
        sql = ready.ready_query(name).sql
        return DialectOut(dialect=dialect, sql=sql if dialect == "duckdb" else ready.translate(sql, dialect))

    @router.post("/queries/translate")
    def translate_query(actor: ReadsData, body: TranslateIn) -> DialectOut:
        """Say a query in the SQL of another engine. It is not run."""
        del actor
        examine(body.sql)
        return DialectOut(dialect=body.dialect, sql=ready.translate(body.sql, body.dialect))

    return router


def _json(body: Any, *, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")


def _answered(job: Job, page: int, status: int = 200) -> Response:
    return _json(_answer(job, page), status=status)


def _answer(job: Job, page: int) -> dict[str, Any]:
    """A run as JSON, with the first rows of its answer."""
    body: dict[str, Any] = {
        "id": job.id,
        "state": job.state,
        "message": job.error.message if job.error else "",
        "columns": [],
        "rows": [],
        "count": 0,
        "cut": False,
        "shortened": False,
        "seconds": round(job.seconds_taken, 3),
        "tables": list(job.about.get("tables", ())),
    }
    if job.state == "succeeded":
        schema: pa.Schema = job.done["columns"]
        cells = Cells()
        body["columns"] = [
            ResultColumnOut(name=part.name, type=sql_type(part.type), kind=kind_of(part.type)).model_dump()
            for part in schema
        ]
        body["rows"] = cells.rows(answers.page(job.path, 0, page)) if page else []
        body |= {"count": job.done["rows"], "cut": job.done["cut"], "shortened": cells.shortened}
    return body


def _table_names(hub: Hub, actor: Actor) -> set[str]:
    return {
        table.name.casefold()
        for table in rights.seen(hub, actor)
        if rights.may(actor, Right.READ_DATA, table)
    }


def _ready(one: ready.ReadyQuery, there: set[str]) -> ReadyOut:
    needed = sorted({reference.table for reference in examine(one.sql).references})
    return ReadyOut(
        name=one.name,
        title=one.title,
        about=one.about,
        topic=next((topic for topic in ("payments", "quotations") if topic in one.name), "invoices"),
        sql=one.sql,
        tables=needed,
        missing=[name for name in needed if name.casefold() not in there],
        chart=_chart(*one.chart) if one.chart else None,
    )


def _chart(kind: Any, along: str, *values: str) -> ChartIn:
    return ChartIn(type=kind, x=along, y=list(values))


def _moment(cursor: str | None) -> datetime | None:
    found = decode(cursor)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found)
    except (TypeError, ValueError):
        moment = datetime.min  # noqa: DTZ901  # refused below for its lack of a zone
    if moment.tzinfo is None:
        raise InputError("The cursor is not one of a page before; leave it out to begin anew.")
    return moment
