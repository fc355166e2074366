"""Routes: the overview, the settings as they are, what the storage holds, what runs here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from towpath.access import Right
from towpath.features.home import service
from towpath.features.home.shapes import (
    AboutOut,
    CompaniesOut,
    CompanyOut,
    FoundOut,
    OverviewOut,
    SearchOut,
    SettingsOut,
    StorageOut,
    overview_out,
)
from towpath.features.replicate.service import Standings
from towpath.web.asking import HubOf, ManagesSettings, Sees, Signed
from towpath.web.kept import Kept
from towpath.web.pages import Limit
from towpath.web.texts import Text

__all__ = ["router"]

ConnectionId = Annotated[
    Text | None, Query(max_length=32, description="Only what belongs to that connection.")
]
OneConnection = Annotated[Text, Query(max_length=32, description="The connection.")]
Word = Annotated[
    Text,
    Query(min_length=1, max_length=100, description="Part of a name, address, model or description."),
]


def router() -> APIRouter:
    """The routes of this feature."""
    routes = APIRouter()

    kept: Kept[Standings] = Kept(1.0)

    @routes.get("/overview")
    def get_overview(hub: HubOf, actor: Sees, connection_id: ConnectionId = None) -> OverviewOut:
        """How every connection and stream stands that you may see, and what needs a person."""
        return overview_out(service.overview(hub, actor, connection_id=connection_id, kept=kept))

    @routes.get("/search")
    def search_everything(hub: HubOf, actor: Sees, word: Word, limit: Limit = 20) -> SearchOut:
        """Find connections, streams and tables by a word."""
        found = service.search(hub, actor, word, limit=limit)
        return SearchOut(items=[FoundOut.model_validate(one, from_attributes=True) for one in found])

    @routes.get("/companies")
    def list_companies(hub: HubOf, actor: Sees, connection_id: OneConnection) -> CompaniesOut:
        """The companies of a connection, where they are replicated and you may read rows."""
        found = service.companies(hub, actor, connection_id)
        return CompaniesOut(items=[CompanyOut.model_validate(one, from_attributes=True) for one in found])

    @routes.get("/settings")
    def get_settings(hub: HubOf, actor: ManagesSettings) -> SettingsOut:
        """What every setting is at the moment, without secrets."""
        actor.require(Right.MANAGE_SETTINGS)
        return SettingsOut.of(service.effective(hub.settings))

    @routes.get("/settings/storage")
    def get_storage(hub: HubOf, actor: ManagesSettings) -> StorageOut:
        """Where the tables and the database lie, and what they take."""
        actor.require(Right.MANAGE_SETTINGS)
        return StorageOut.of(service.storage(hub))

    @routes.get("/settings/about")
    def get_about(actor: Signed) -> AboutOut:
        """What runs here."""
        del actor
        return AboutOut.of(service.about())

    return routes
