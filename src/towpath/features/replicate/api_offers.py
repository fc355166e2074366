"""REST: what a connection offers to be replicated, schedules in words, and sources at a glance."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query

from towpath.access import Actor, Right
from towpath.errors import InputError, NotFoundError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.connections.service import Connection
from towpath.features.replicate import discover, schedule, service, streams
from towpath.features.replicate.children import children_of
from towpath.features.replicate.discover import MESSAGES, Offer
from towpath.features.replicate.probe import probe
from towpath.features.replicate.shapes_offer import (
    GroupOut,
    ModelFields,
    ModelOut,
    ModelSize,
    ModelsOut,
    ScheduleOut,
    SourceOut,
    fields_out,
)
from towpath.features.replicate.sources import sources
from towpath.hub import Hub
from towpath.odoo import Odoo
from towpath.odoo.model_list import WELL_KNOWN
from towpath.odoo.schema import Field, Model
from towpath.odoo.schema import discover as describe
from towpath.web.asking import Configures, HubOf, Sees
from towpath.web.outside import apart
from towpath.web.pages import Cursor, Limit, Page, page_of
from towpath.web.texts import Id

__all__ = ["add_routes", "configured"]

_ADVICE = (
    "Take what you will use: every stream costs calls to Odoo at each run. Others can be added at any time."
)
_HEAVY = {
    MESSAGES: "Messages are many and change all the time; take them only when you need the conversations.",
    "System": "What Odoo keeps for itself; hardly ever needed in reports.",
}
_MODEL = r"^[A-Za-z_][A-Za-z0-9_.]{0,199}$"

ModelName = Annotated[str, Path(pattern=_MODEL, description="The model.", examples=["account.move"])]


def configured(hub: Hub, actor: Actor, connection_id: str) -> Connection:
    """The connection of an id, for somebody who may set up streams of it.

    :raises NotFoundError: they may not see it.
    :raises AccessError: they may see it only.
    """
    if not actor.may(Right.SEE, connection_id):
        raise NotFoundError(f"There is no connection {connection_id}; see the list of connections.")
    known = connections.find_by_id(hub, connection_id)
    actor.require(Right.CONFIGURE, known.id)
    return known


def add_routes(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.get("/sources")
    def list_sources(hub: HubOf, actor: Sees, limit: Limit = 100, cursor: Cursor = None) -> Page[SourceOut]:
        """The connections you may see with how all their streams stand, by name."""
        return page_of(sources(hub, actor), cursor=cursor, limit=limit)

    @routes.get("/connections/{connection_id}/models")
    @apart("odoo")
    def list_models(
        hub: HubOf,
        actor: Configures,
        connection_id: Id,
        search: Annotated[str | None, Query(max_length=200, description="Part of the name or label.")] = None,
        group: Annotated[str | None, Query(max_length=100, description="Only this group.")] = None,
    ) -> ModelsOut:
        """The models of an Odoo that can become streams, in groups."""
        known = configured(hub, actor, connection_id)
        offers = service.offers(hub, known.name)
        chosen = discover.among(offers, search=search, group=group)
        return ModelsOut(groups=_groups(offers), models=[_model(offer) for offer in chosen], advice=_ADVICE)

    @routes.get("/connections/{connection_id}/sizes")
    @apart("odoo")
    def list_sizes(
        hub: HubOf,
        actor: Configures,
        connection_id: Id,
        model: Annotated[
            list[Annotated[str, Query(pattern=_MODEL)]],
            Query(min_length=1, max_length=50, description="The models; give it several times."),
        ],
    ) -> list[ModelSize]:
        """How large models are, and when they last changed; one call to Odoo for each."""
        known = configured(hub, actor, connection_id)
        with connections.open_odoo(hub, known.id) as odoo:
            return [_size(odoo, name) for name in dict.fromkeys(model)]

    @routes.get("/connections/{connection_id}/models/{model}/fields")
    @apart("odoo")
    def list_fields(hub: HubOf, actor: Configures, connection_id: Id, model: ModelName) -> ModelFields:
        """The fields of a model, with their types, what is probably personal, and masks that fit."""
        known = configured(hub, actor, connection_id)
        with connections.open_odoo(hub, known.id) as odoo:
            found = describe(odoo, model)
        return fields_out(found, children_of(found))

    @routes.get("/schedules/preview")
    def preview_schedule(
        hub: HubOf,
        actor: Sees,
        every: Annotated[str | None, Query(max_length=100, description="Such as `15m`, `1 day`.")] = None,
        cron: Annotated[str | None, Query(max_length=200, description="Such as `0 6 * * 1-5`.")] = None,
        at: Annotated[str | None, Query(max_length=400, description="Such as `06:00,18:30`.")] = None,
        tz: Annotated[str, Query(max_length=100, description="Time zone of the times.")] = "UTC",
        count: Annotated[int, Query(ge=1, le=20, description="How many times to tell.")] = 5,
    ) -> ScheduleOut:
        """A schedule in plain words, with the next times it means. Give one of `every`, `cron` and `at`."""
        del actor
        if sum(one is not None for one in (every, cron, at)) != 1:
            raise InputError("Give one of `every`, `cron` and `at`.")
        with hub.store.begin() as db:
            now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        plan = (
            schedule.every(every, anchor=now, tz=tz)
            if every is not None
            else schedule.cron(cron, tz=tz)
            if cron is not None
            else schedule.daily(at or "", tz=tz)
        )
        times, moment = [], now
        for _ in range(count):
            moment = plan.next_after(moment)
            times.append(moment.astimezone(UTC))
        return ScheduleOut(words=plan.words(), next=times)


def _groups(offers: list[Offer]) -> list[GroupOut]:
    total = Counter(offer.group for offer in offers)
    taken = Counter(offer.group for offer in offers if offer.taken)
    return [
        GroupOut(name=name, models=count, taken=taken[name], advice=_HEAVY.get(name))
        for name, count in total.items()
    ]


def _model(offer: Offer) -> ModelOut:
    return ModelOut(
        model=offer.model,
        label=offer.label,
        group=offer.group,
        table_name=streams.table_name_of(offer.model),
        taken=offer.taken,
        usual=offer.model in WELL_KNOWN,
    )


def _size(odoo: Odoo, name: str) -> ModelSize:
    # Whether it has the stamp is not asked: where it has none, Odoo refuses and a plain count has to do.
    stamped = Model(name=name, fields={"write_date": Field(name="write_date", type="datetime")})
    try:
        figures = probe(odoo, stamped, [])
    except TowpathError as problem:
        return ModelSize(model=name, count=None, last_change=None, problem=problem.message)
    return ModelSize(model=name, count=figures.count, last_change=figures.newest, problem=None)
