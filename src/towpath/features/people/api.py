"""The REST API of people, put together from its parts."""

from __future__ import annotations

from fastapi import APIRouter

from towpath.features.people import api_account, api_methods, api_people, api_session

__all__ = ["router"]


def router() -> APIRouter:
    """All routes of people."""
    routes = APIRouter()
    for part in (api_session, api_account, api_people, api_methods):
        part.add(routes)
    return routes
