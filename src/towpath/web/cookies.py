"""The cookie that carries a session."""

from __future__ import annotations

from fastapi import Response

from towpath.settings import Settings

__all__ = ["clear_session", "session_cookie", "set_session"]


def session_cookie(settings: Settings) -> str:
    """Its name. Over TLS a browser binds ``__Host-`` names to our host alone and to secure requests."""
    return "__Host-towpath" if settings.public_url.startswith("https:") else "towpath"


def set_session(response: Response, settings: Settings, token: str, seconds: int | None) -> None:
    """Give the browser a session; ``seconds`` None ends it with the browser."""
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=seconds,
        path="/",
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def clear_session(response: Response, settings: Settings) -> None:
    """Take the session back."""
    response.delete_cookie(
        session_cookie(settings),
        path="/",
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
