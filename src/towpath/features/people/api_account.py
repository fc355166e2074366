"""Routes of a person about themselves: name, password, one-time codes, sessions, tokens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from towpath.access import Actor, Right
from towpath.errors import InputError
from towpath.features.people import proving, second_factor, service, sessions, tokens, users
from towpath.features.people.api_session import shown
from towpath.features.people.shapes import (
    CodeIn,
    EndedOut,
    EnrolmentOut,
    NewTokenOut,
    OpenSessionOut,
    PasswordIn,
    ProvedIn,
    RecoveryOut,
    SessionEdit,
    SessionOut,
    TokenIn,
    TokenOut,
)
from towpath.web.asking import HalfSigned, HubOf, Signed
from towpath.web.pages import Cursor, Limit, Page, page_of
from towpath.web.texts import Text

__all__ = ["add"]


def _person(actor: Actor) -> str:
    """The id of the person, signed in by themselves: a token must not widen what it may.

    :raises InputError: a token asks.
    """
    if actor.user_id is None or actor.token_id is not None:
        raise InputError(
            "This is for a person who is signed in, not for an API token; do it in the workspace."
        )
    return actor.user_id


def add(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.patch("/session")
    def edit_session(body: SessionEdit, hub: HubOf, actor: Signed) -> SessionOut:
        """Change one's own name, language or appearance."""
        users.edit(hub, _person(actor), body.model_dump(exclude_none=True))
        return shown(hub, actor)

    @routes.post("/session/password")
    def change_password(body: PasswordIn, hub: HubOf, actor: Signed) -> EndedOut:
        """Change one's own password; other sessions end."""
        user_id = _person(actor)
        ended = service.change_password(
            hub, user_id, current=body.current, new=body.new, session_id=actor.session_id
        )
        return EndedOut(ended_sessions=ended)

    @routes.post("/session/totp")
    def enrol_totp(body: ProvedIn, hub: HubOf, actor: HalfSigned, response: Response) -> EnrolmentOut:
        """Begin to set up one-time codes: scan the picture, then confirm with a code."""
        if actor.pending == "code":
            raise InputError("Give the code of your authenticator first.")
        proving.proved_again(hub, _person(actor), actor.session_id, body.password)
        response.headers["Cache-Control"] = "no-store, private"
        return EnrolmentOut(**asdict(second_factor.enrol(hub, _person(actor))))

    @routes.post("/session/totp/confirm")
    def confirm_totp(body: CodeIn, hub: HubOf, actor: HalfSigned, response: Response) -> RecoveryOut:
        """Ask for codes from now on. Answers the recovery codes, once."""
        if actor.pending == "code":
            raise InputError("Give the code of your authenticator first.")
        codes = second_factor.confirm(hub, _person(actor), body.code, session_id=actor.session_id)
        response.headers["Cache-Control"] = "no-store, private"
        return RecoveryOut(codes=codes)

    @routes.post("/session/totp/recovery-codes")
    def renew_recovery_codes(body: ProvedIn, hub: HubOf, actor: Signed, response: Response) -> RecoveryOut:
        """Fresh recovery codes; the old ones are void."""
        proving.proved_again(hub, _person(actor), actor.session_id, body.password)
        response.headers["Cache-Control"] = "no-store, private"
        return RecoveryOut(codes=second_factor.new_recovery_codes(hub, _person(actor)))

    @routes.post("/session/totp/off")
    def switch_totp_off(body: ProvedIn, hub: HubOf, actor: Signed) -> SessionOut:
        """Ask for one-time codes no longer."""
        proving.proved_again(hub, _person(actor), actor.session_id, body.password)
        second_factor.switch_off(hub, _person(actor))
        return shown(hub, actor)

    @routes.get("/sessions")
    def list_sessions(
        hub: HubOf,
        actor: Signed,
        user_id: Annotated[Text | None, Query(description="Those of this person.")] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[OpenSessionOut]:
        """Sessions that work, the one used last first: one's own, or a person's where one manages people."""
        if user_id is not None and user_id != actor.user_id:
            actor.require(Right.MANAGE_PEOPLE)
        found = [
            OpenSessionOut(
                **{name: getattr(one, name) for name in OpenSessionOut.model_fields if name != "this"},
                this=one.id == actor.session_id,
            )
            for one in sessions.listed(hub, user_id or actor.user_id or "")
        ]
        return page_of(found, cursor=cursor, limit=limit)

    @routes.delete("/sessions/{session_id}", status_code=204)
    def end_session(session_id: str, hub: HubOf, actor: Signed) -> None:
        """End a session of one's own, or of anybody where one manages people."""
        anybody = actor.may(Right.MANAGE_PEOPLE)
        sessions.end(hub, session_id, user_id=None if anybody else _person(actor))

    @routes.get("/tokens")
    def list_tokens(
        hub: HubOf,
        actor: Signed,
        everybody: Annotated[bool, Query(description="Those of all people.")] = False,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[TokenOut]:
        """One's own API tokens, or with `everybody` those of all, which takes the right to manage people."""
        if everybody:
            actor.require(Right.MANAGE_PEOPLE)
        found = tokens.listed(hub, user_id=None if everybody else (actor.user_id or ""))
        shapes = [TokenOut(**{name: getattr(one, name) for name in TokenOut.model_fields}) for one in found]
        return page_of(shapes, cursor=cursor, limit=limit)

    @routes.post("/tokens", status_code=201)
    def add_token(body: TokenIn, hub: HubOf, actor: Signed, response: Response) -> NewTokenOut:
        """Make an API token. Its text is answered this once."""
        made, text = tokens.add(
            hub,
            user_id=_person(actor),
            name=body.name,
            rights=body.rights,
            days=body.days,
            connection_ids=body.connection_ids,
        )
        response.headers["Cache-Control"] = "no-store, private"
        return NewTokenOut(**{name: getattr(made, name) for name in TokenOut.model_fields}, token=text)

    @routes.delete("/tokens/{token_id}", status_code=204)
    def revoke_token(token_id: str, hub: HubOf, actor: Signed) -> None:
        """Revoke a token of one's own, or of anybody where one manages people."""
        # A token may end itself, and nothing else of its person.
        anybody = actor.may(Right.MANAGE_PEOPLE) or actor.token_id == token_id
        tokens.revoke(hub, token_id, user_id=None if anybody else _person(actor))
