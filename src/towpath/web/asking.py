"""Who asks, and the hub they ask: what routes get by FastAPI's dependencies.

A route of a feature reads::

    @router.get("/streams")
    def streams(hub: HubOf, actor: Sees) -> Page[StreamOut]: ...

and so is refused (401, 403) before its body runs. Where the right hangs on a connection, the body asks once more:
``actor.require(Right.RUN, stream.connection_id)``, and lists leave out what ``actor.connections(Right.SEE)`` does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from towpath.access import Actor, Right
from towpath.errors import SignInError
from towpath.hub import Hub

__all__ = [
    "Configures",
    "Connects",
    "Decides",
    "HalfSigned",
    "HubOf",
    "ManagesPeople",
    "ManagesSecrets",
    "ManagesSettings",
    "ReadsAudit",
    "ReadsData",
    "Runs",
    "Sees",
    "Signed",
    "actor_of",
    "allowed",
    "half_actor_of",
]


# Coroutines, though they wait for nothing: FastAPI hands plain functions to another thread, one after the other.
async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def actor_of(request: Request) -> Actor:
    """Who asks.

    :raises SignInError: nobody is signed in, or the second step of the sign-in is missing.
    """
    actor = await half_actor_of(request)
    if actor.pending:
        raise SignInError(
            "Your sign-in is not complete; enter the code of your authenticator."
            if actor.pending == "code"
            else "Your sign-in is not complete; set up an authenticator first.",
            details={"pending": actor.pending},
        )
    return actor


async def half_actor_of(request: Request) -> Actor:
    """Who asks, even when the second step of their sign-in is still missing.

    :raises SignInError: nobody has signed in at all.
    """
    actor = request.scope.get("towpath.actor")
    if not isinstance(actor, Actor):
        raise SignInError(
            "You are not signed in; sign in, or send a token of yours as `Authorization: Bearer ...`."
        )
    return actor


def allowed(right: Right) -> Callable[[Actor], Awaitable[Actor]]:
    """A dependency that gives the actor when the right is theirs on some connection at least."""

    async def check(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
        if not actor.may_somewhere(right):
            raise actor.missing(right)
        return actor

    check.right = right  # type: ignore[attr-defined]  # the list of routes in the documentation reads it
    return check


HubOf = Annotated[Hub, Depends(_hub)]
Signed = Annotated[Actor, Depends(actor_of)]
HalfSigned = Annotated[Actor, Depends(half_actor_of)]
#: The actor, who has the right on some connection at least.
Sees = Annotated[Actor, Depends(allowed(Right.SEE))]
ReadsData = Annotated[Actor, Depends(allowed(Right.READ_DATA))]
Runs = Annotated[Actor, Depends(allowed(Right.RUN))]
Configures = Annotated[Actor, Depends(allowed(Right.CONFIGURE))]
Connects = Annotated[Actor, Depends(allowed(Right.CONNECT))]
Decides = Annotated[Actor, Depends(allowed(Right.DECIDE))]
ReadsAudit = Annotated[Actor, Depends(allowed(Right.READ_AUDIT))]
ManagesPeople = Annotated[Actor, Depends(allowed(Right.MANAGE_PEOPLE))]
ManagesSecrets = Annotated[Actor, Depends(allowed(Right.MANAGE_SECRETS))]
ManagesSettings = Annotated[Actor, Depends(allowed(Right.MANAGE_SETTINGS))]
