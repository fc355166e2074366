"""Saved queries over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from towpath.access import Actor
from towpath.features.explore import saved
from towpath.features.explore.api_models import ChartIn, Plain, SavedIn, SavedOut, SavedPatch, SharingOut
from towpath.features.explore.saved import owner_of
from towpath.web.asking import HubOf, ReadsData
from towpath.web.etags import IfMatch, check, stamp
from towpath.web.pages import Cursor, Limit, Page, page_of

__all__ = ["saved_routes"]

QueryId = Annotated[
    str, Path(max_length=120, description="Id of the saved query.", examples=["0c9d8e7f6a5b"])
]


def saved_routes() -> APIRouter:
    """Routes under ``/queries`` for what is kept."""
    router = APIRouter()

    @router.get("/queries")
    def list_queries(
        hub: HubOf,
        actor: ReadsData,
        search: Annotated[
            Plain, Query(max_length=200, description="Part of title, description or text.")
        ] = "",
        limit: Limit = 200,
        cursor: Cursor = None,
    ) -> Page[SavedOut]:
        """List your saved queries and those shared with you."""
        found = [_out(one, actor) for one in saved.listed(hub, actor, search=search)]
        return page_of(found, cursor=cursor, limit=limit)

    @router.post("/queries", status_code=201)
    def save_query(hub: HubOf, actor: ReadsData, body: SavedIn, response: Response) -> SavedOut:
        """Save a query, with how its answer is drawn and with whom it is shared."""
        kept = saved.add(hub, actor, **body.model_dump())
        stamp(response, kept.to_json())
        return _out(kept, actor)

    @router.get("/queries/groups")
    def list_query_groups(
        hub: HubOf, actor: ReadsData, limit: Limit = 200, cursor: Cursor = None
    ) -> Page[SharingOut]:
        """List the groups you may share queries with: those you are in."""
        found = [SharingOut(id=one, name=name) for one, name in saved.groups(hub, actor).items()]
        return page_of(found, cursor=cursor, limit=limit)

    @router.get("/queries/{query}")
    def show_query(hub: HubOf, actor: ReadsData, query: QueryId, response: Response) -> SavedOut:
        """Show a saved query."""
        found = saved.find(hub, actor, query)
        stamp(response, found.to_json())
        return _out(found, actor)

    @router.patch("/queries/{query}")
    def change_query(
        hub: HubOf,
        actor: ReadsData,
        query: QueryId,
        body: SavedPatch,
        response: Response,
        if_match: IfMatch = None,
    ) -> SavedOut:
        """Change a saved query of yours, or with whom it is shared."""
        found = saved.find(hub, actor, query)
        check(if_match, found.to_json())
        news = body.model_dump(exclude_unset=True)
        news = {name: value for name, value in news.items() if value is not None or name == "chart"}
        kept = saved.change(hub, actor, found, news)
        stamp(response, kept.to_json())
        return _out(kept, actor)

    @router.delete("/queries/{query}", status_code=204)
    def remove_query(hub: HubOf, actor: ReadsData, query: QueryId, if_match: IfMatch = None) -> None:
        """Remove a saved query of yours."""
        found = saved.find(hub, actor, query)
        check(if_match, found.to_json())
        saved.remove(hub, actor, found)

    return router


def _out(one: saved.Saved, actor: Actor) -> SavedOut:
    return SavedOut(
        id=one.id,
        owner=one.owner_name,
        mine=one.owner == owner_of(actor),
        title=one.title,
        description=one.description,
        sql=one.sql,
        chart=ChartIn(**one.chart) if one.chart else None,
        shared_with=list(one.shared_with),
        created_at=one.created_at.isoformat(),
        changed_at=one.changed_at.isoformat(),
    )
