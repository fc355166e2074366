"""REST: everything about replication; the parts stand in files of their own."""

from __future__ import annotations

from fastapi import APIRouter

from towpath.features.replicate import api_live, api_offers, api_runs, api_streams

__all__ = ["router"]


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter()
    for part in (api_offers, api_streams, api_runs, api_live):
        part.add_routes(routes)
    return routes
