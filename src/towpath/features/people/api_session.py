"""Routes to sign in and out, and to set Towpath up."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from towpath.access import Actor, Right
from towpath.errors import SignInError
from towpath.features.people import methods, proving, second_factor, service, sessions, users
from towpath.features.people.shapes import (
    CodeIn,
    LinkPasswordIn,
    MethodOut,
    SessionOut,
    SetUpIn,
    SignInIn,
    SignInOut,
)
from towpath.hub import Hub
from towpath.web.asking import HalfSigned, HubOf
from towpath.web.cookies import clear_session, set_session
from towpath.web.outside import outside

__all__ = ["add", "shown"]


def _client(request: Request) -> tuple[str, str]:
    """Address and device of who asks."""
    return str(request.scope["towpath.client"]), request.headers.get("user-agent", "")[:400]


def shown(hub: Hub, actor: Actor) -> SessionOut:
    """Who somebody is, and what they may do."""
    user, left = None, None
    if actor.user_id is not None:
        with hub.store.begin() as db:
            user = users.find(db, actor.user_id)
        if user.totp_since is not None and not actor.pending:
            left = second_factor.recovery_left(hub, user.id)
    proof = proving.proof_of(hub, actor.session_id) if actor.session_id is not None else None
    everywhere = [right for right in Right if actor.may(right)]
    places = {grant.connection_id for grant in actor.grants if grant.connection_id is not None}
    somewhere = {place: [right for right in Right if actor.may(right, place)] for place in sorted(places)}
    return SessionOut(
        user_id=actor.user_id,
        login=user.login if user else actor.name,
        name=user.name if user else actor.title,
        session_id=actor.session_id,
        rights=everywhere,
        connection_rights={
            place: rights for place, rights in somewhere.items() if set(rights) - set(everywhere)
        },
        roles=sorted({grant.role for grant in actor.grants}),
        pending=actor.pending,  # type: ignore[arg-type]  # one of the two, or None
        language=user.language if user else None,
        theme=user.theme if user else None,
        proof=proof,
        has_password=bool(user and user.has_password),
        totp_since=user.totp_since if user else None,
        recovery_codes_left=left,
    )


def _opened(hub: Hub, response: Response, opened: service.Opened, address: str) -> SessionOut:
    set_session(response, hub.settings, opened.token, round(hub.settings.session_days * 86_400))
    # Not to be kept for who repeats the request: the cookie is a secret.
    response.headers["Cache-Control"] = "no-store, private"
    actor = service.actor_of(hub, session=opened.token, bearer=None, address=address)
    if actor is None:
        raise SignInError
    return shown(hub, actor)


def add(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.get("/sign-in")
    def sign_in_ways(hub: HubOf) -> SignInOut:
        """How one can sign in here. Open to anybody."""
        ways = [
            MethodOut(id=one.id, title=one.title, kind=one.kind) for one in methods.listed(hub, enabled=True)
        ]
        with hub.store.begin() as db:
            return SignInOut(first_run=service.is_first_run(db), methods=ways)

    @routes.post("/setup", status_code=201)
    def set_up(body: SetUpIn, hub: HubOf, request: Request, response: Response) -> SessionOut:
        """Make the first administrator by the one-time token on the console, and sign them in."""
        user = service.set_up(hub, body.token, login=body.login, name=body.name, password=body.password)
        address, device = _client(request)
        opened = service.open_session(hub, user.id, method="password", address=address, device=device)
        return _opened(hub, response, opened, address)

    @routes.post("/session", status_code=201)
    async def sign_in(body: SignInIn, hub: HubOf, request: Request, response: Response) -> SessionOut:
        """Sign in by login and password. Where `pending` is `code`, give the one-time code next."""
        address, device = _client(request)
        typed = {"login": body.login, "password": body.password, "address": address, "device": device}

        def work() -> SessionOut:
            if body.method_id is not None:
                opened = service.sign_in_by_ldap(hub, body.method_id, **typed)
            else:
                opened = service.sign_in(hub, **typed)
            return _opened(hub, response, opened, address)

        return await outside("sign-in", work)

    @routes.post("/session/code")
    def give_code(body: CodeIn, hub: HubOf, actor: HalfSigned) -> SessionOut:
        """Complete a sign-in by a code of the authenticator, or a recovery code."""
        if actor.pending == "code" and actor.user_id and actor.session_id:
            second_factor.give_code(hub, user_id=actor.user_id, session_id=actor.session_id, code=body.code)
            with hub.store.begin() as db:
                held = service.actor_after_code(db, actor)
            return shown(hub, held)
        return shown(hub, actor)

    @routes.get("/session")
    def get_session(hub: HubOf, actor: HalfSigned) -> SessionOut:
        """Who is signed in, and what they may do."""
        return shown(hub, actor)

    @routes.delete("/session", status_code=204)
    def sign_out(hub: HubOf, actor: HalfSigned, response: Response) -> None:
        """End this session."""
        if actor.session_id is not None:
            sessions.end(hub, actor.session_id)
        clear_session(response, hub.settings)

    @routes.post("/password-link", status_code=204)
    def choose_password(body: LinkPasswordIn, hub: HubOf) -> None:
        """Choose a password by a one-time link; then sign in with it."""
        service.choose_password(hub, body.token, body.password)
