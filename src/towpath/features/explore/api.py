"""The explorer's part of the REST API: catalog, queries, saved queries."""

from __future__ import annotations

from fastapi import APIRouter

from towpath.features.explore.api_catalog import catalog_routes
from towpath.features.explore.api_queries import query_routes
from towpath.features.explore.api_saved import saved_routes

__all__ = ["router"]


def router() -> APIRouter:
    """All routes; those with fixed names come before those with an id in their place."""
    found = APIRouter()
    for part in (catalog_routes(), query_routes(), saved_routes()):
        found.include_router(part)
    return found
