"""Exports over REST: a table, a query or an answer becomes a file that is fetched for a quarter of an hour."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from towpath.access import Actor, who
from towpath.errors import InputError
from towpath.features.explore import rights, running
from towpath.features.explore.asof import AsOf
from towpath.features.explore.room import Job, room_of
from towpath.features.explore.running import Asked
from towpath.features.explore.saved import owner_of
from towpath.features.explore.service import Limits
from towpath.hub import Hub
from towpath.web.asking import HubOf, ReadsData
from towpath.web.pages import Cursor, Limit, Page, page_of

__all__ = ["router"]

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
ExportId = Annotated[str, Path(max_length=64, description="Id of the export.", examples=["5f2d0a9c41e7aa01"])]


def _no_null_sign(text: str) -> str:
    if "\x00" in text:
        raise InputError("The text must not have a NUL character in it; leave it out.")
    return text


class ExportIn(BaseModel):
    """What is to be put into a file: exactly one of ``table``, ``sql`` and ``answer``."""

    table: str = Field(
        default="", max_length=300, examples=["account_move"], description="All rows of this table."
    )
    sql: str = Field(default="", max_length=200_000, examples=[""], description="The answer to this SELECT.")
    answer: str = Field(
        default="", max_length=64, examples=[""], description="The answer of this run of a query."
    )
    format: Literal["csv", "xlsx", "parquet"] = Field(examples=["xlsx"], description="Kind of file.")
    as_of: str = Field(
        default="", max_length=100, examples=[""], description="A time or `run:ID`: the state then."
    )
    version: int | None = Field(
        default=None, ge=0, le=2**53, examples=[None], description="This version of the table."
    )
    connection: str = Field(
        default="",
        max_length=60,
        examples=[""],
        description="Whose tables the SELECT means, where several have tables of one name.",
    )
    guard_formulas: bool = Field(
        default=True,
        examples=[True],
        description="CSV: put ' before texts that a spreadsheet would run as formulas.",
    )
    name: str = Field(default="", max_length=80, examples=["entries"], description="What to call the file.")
    wait: float = Field(default=20, ge=0, le=55, examples=[20], description="Seconds to wait for it.")


class ExportOut(BaseModel):
    """An export."""

    id: str = Field(examples=["5f2d0a9c41e7aa01"], description="Its id.")
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"] = Field(
        examples=["succeeded"], description="How far it is."
    )
    message: str = Field(examples=[""], description="Why it failed, with what to do.")
    format: str = Field(examples=["xlsx"], description="Kind of file.")
    file: str = Field(examples=["entries.xlsx"], description="Name of the file.")
    rows: int = Field(examples=[98], description="Rows in it.")
    bytes: int = Field(examples=[10_221], description="Its size.")
    remarks: list[str] = Field(examples=[[]], description="What the format could not hold as it was.")
    address: str = Field(
        examples=["/api/v1/exports/5f2d0a9c41e7aa01/file"], description="Where the file is, once it is there."
    )


def router() -> APIRouter:
    """Routes under ``/exports``."""
    router = APIRouter()

    later = {"model": ExportOut, "description": "It is being written still; ask for the export."}

    @router.post("/exports", status_code=201, responses={202: later})
    async def start_export(hub: HubOf, actor: ReadsData, body: ExportIn, response: Response) -> ExportOut:
        """Put a table, a query or an answer into a file."""
        job = await to_thread.run_sync(_start, hub, actor, body)
        await room_of(hub).ended(job, body.wait)
        if job.error is not None:
            raise job.error
        if job.open:
            response.status_code = 202
        return _out(job)

    @router.get("/exports")
    def list_exports(
        hub: HubOf, actor: ReadsData, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[ExportOut]:
        """List your exports that are kept, newest first."""
        found = [_out(job) for job in room_of(hub).of(owner_of(actor)) if "format" in job.about]
        return page_of(found, cursor=cursor, limit=limit)

    @router.get("/exports/{export}")
    async def show_export(
        hub: HubOf,
        actor: ReadsData,
        export: ExportId,
        wait: Annotated[float, Query(ge=0, le=55, description="Seconds to wait for its end.")] = 0,
    ) -> ExportOut:
        """Show how far an export of yours is."""
        job = await to_thread.run_sync(_find, hub, actor, export)
        return _out(await room_of(hub).ended(job, wait))

    @router.get(
        "/exports/{export}/file",
        response_class=FileResponse,
        responses={200: {"content": {kind.partition(";")[0]: {} for kind in _MEDIA.values()}}},
    )
    def export_file(hub: HubOf, actor: ReadsData, export: ExportId) -> Response:
        """Fetch the file."""
        job = _find(hub, actor, export)
        if job.state != "succeeded" or not job.path.is_file():
            raise InputError(f"There is no file: the export is {job.state}. Ask for the export to see more.")
        hub.store.audit(who(), "export.fetch", f"export/{job.id}", details={"file": job.about["file"]})
        return FileResponse(job.path, media_type=_MEDIA[job.about["format"]], filename=job.about["file"])

    @router.delete("/exports/{export}", status_code=204)
    def remove_export(hub: HubOf, actor: ReadsData, export: ExportId) -> None:
        """Stop an export; of one that has ended, remove the file."""
        room = room_of(hub)
        job = _find(hub, actor, export)
        if not room.cancel(job):
            room.forget(job)

    return router


def _find(hub: Hub, actor: Actor, export_id: str) -> Job:
    job = running.answer_of(hub, actor, export_id)
    if "format" not in job.about:
        raise InputError("This is a query, not an export; ask for it under /queries/runs.")
    return job


def _start(hub: Hub, actor: Actor, body: ExportIn) -> Job:
    if sum(map(bool, (body.table, body.sql, body.answer))) != 1:
        raise InputError("Name one thing to export: table, sql or answer.")
    settings = hub.settings
    arguments: dict[str, Any] = {"kind": body.format, "guard": body.guard_formulas}
    limits = Limits(rows=None, seconds=settings.export_seconds, memory_mb=settings.sql_memory_mb)
    details: dict[str, Any] = {"format": body.format}
    name = body.name
    if body.answer:
        job = running.answer_of(hub, actor, body.answer)
        if job.state != "succeeded" or "sql" not in job.about:
            raise InputError("That query has no answer to export; run it again.")
        connections = job.connections
        arguments["answer"] = str(job.path)
        details |= {"sql": job.about["sql"], "tables": list(job.about["tables"])}
    elif body.sql:
        asked = Asked(sql=_no_null_sign(body.sql), as_of=body.as_of, connection=body.connection)
        sql, allowed, state = running.permitted(hub, actor, asked)
        connections = frozenset(table.connection_id for table in allowed.named)
        arguments |= {"sql": sql, "tables": allowed.tables, "limits": limits, "as_of": state}
        details |= {"sql": sql, "tables": [table.path for table in allowed.named], "as_of": body.as_of}
    else:
        table = rights.readable_table(hub, actor, body.table)
        place = (hub.lake_root, settings.storage_options)
        state = AsOf.from_option(body.as_of, *place) if body.as_of.strip() else None
        state = AsOf(version=body.version) if body.version is not None else state
        connections = frozenset({table.connection_id})
        arguments |= {"table": body.table, "tables": [table], "limits": limits, "as_of": state}
        details |= {"table": table.path, "as_of": str(state or "")}
        name = name or table.name
    made = Job(
        owner=owner_of(actor),
        target="towpath.features.export_files.service:produce",
        arguments=arguments,
        seconds=settings.export_seconds,
        connections=connections,
        suffix=f".{body.format}",
        about={"format": body.format, "file": f"{_file_name(name)}.{body.format}"},
    )
    hub.store.audit(who(), "export.start", f"export/{made.id}", details=details)
    return room_of(hub).submit(made)


def _file_name(name: str) -> str:
    """A name that every system takes."""
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip(".-")[:80] or "rows"


def _out(job: Job) -> ExportOut:
    return ExportOut(
        id=job.id,
        state=job.state,
        message=job.error.message if job.error else "",
        format=job.about["format"],
        file=job.about["file"],
        rows=int(job.done.get("rows") or 0),
        bytes=int(job.done.get("bytes") or 0),
        remarks=list(job.done.get("remarks") or ()),
        address=f"/api/v1/exports/{job.id}/file" if job.state == "succeeded" else "",
    )
