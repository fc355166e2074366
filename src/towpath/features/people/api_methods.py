"""Routes of ways to sign in: their settings, and the way to an OpenID issuer and back."""

from __future__ import annotations

import hmac
import re
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from towpath.access import Right
from towpath.errors import NotFoundError, SignInError, TowpathError
from towpath.features.people import entering, examining, guiding, methods, service
from towpath.features.people.sessions import digest
from towpath.features.people.shapes_methods import (
    Audience,
    GuideOut,
    MethodEdit,
    MethodIn,
    MethodSettingsOut,
    TestedOut,
    TestedStep,
    TestIn,
)
from towpath.features.people.tables import oidc_flows
from towpath.hub import Hub
from towpath.logins import oidc
from towpath.web import etags
from towpath.web.asking import HubOf, ManagesPeople
from towpath.web.cookies import set_session
from towpath.web.etags import IfMatch
from towpath.web.outside import apart, outside
from towpath.web.pages import Cursor, Limit, Page, page_of
from towpath.web.texts import Id, Text

__all__ = ["add"]

#: How long somebody may take at the issuer.
_PATIENCE = timedelta(minutes=10)
#: Binds a sign-in to the browser that began it: nobody can be made to sign in as somebody else.
_COOKIE = "towpath-sign-in"


def _shown(hub: Hub, method: methods.Method) -> MethodSettingsOut:
    values: dict[str, Any] = {
        "id": method.id,
        "title": method.title,
        "enabled": method.enabled,
        "config": dict(method.config) | {"kind": method.kind},
        "provider": guiding.provider_of(method),
        "secret_set_at": method.secret_set_at,
        "redirect_uri": methods.redirect_uri(hub) if method.kind == "oidc" else None,
    }
    return MethodSettingsOut.model_validate(values)


def add(routes: APIRouter) -> None:
    """Add the routes."""
    _settings(routes)
    _guides(routes)
    _ways(routes)


def _settings(routes: APIRouter) -> None:
    @routes.get("/sign-in-methods")
    def list_sign_in_methods(
        hub: HubOf, actor: ManagesPeople, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[MethodSettingsOut]:
        """Ways to sign in beside the password."""
        actor.require(Right.MANAGE_PEOPLE)
        found = [_shown(hub, methods.find(hub, one.id)) for one in methods.listed(hub)]
        return page_of(found, cursor=cursor, limit=limit)

    @routes.post("/sign-in-methods", status_code=201)
    def add_sign_in_method(body: MethodIn, hub: HubOf, actor: ManagesPeople) -> MethodSettingsOut:
        """Add a way to sign in; test it next."""
        actor.require(Right.MANAGE_PEOPLE)
        config = body.config.model_dump(mode="json", exclude={"kind"})
        made = methods.add(hub, kind=body.config.kind, title=body.title, config=config, secret=body.secret)
        return _shown(hub, made)

    @routes.get("/sign-in-methods/{method_id}")
    def get_sign_in_method(
        method_id: Id, hub: HubOf, actor: ManagesPeople, response: Response
    ) -> MethodSettingsOut:
        """A way to sign in, without its secret."""
        actor.require(Right.MANAGE_PEOPLE)
        shown = _shown(hub, methods.find(hub, method_id))
        etags.stamp(response, shown.model_dump(mode="json"))
        return shown

    @routes.patch("/sign-in-methods/{method_id}")
    def edit_sign_in_method(
        method_id: Id,
        body: MethodEdit,
        hub: HubOf,
        actor: ManagesPeople,
        response: Response,
        if_match: IfMatch = None,
    ) -> MethodSettingsOut:
        """Change a way to sign in."""
        actor.require(Right.MANAGE_PEOPLE)
        known = methods.find(hub, method_id)
        config = None
        if body.config is not None:
            if body.config.kind != known.kind:
                raise NotFoundError("A way to sign in keeps its kind; add another one.")
            config = body.config.model_dump(mode="json", exclude={"kind"})

        def unchanged(now: methods.Method) -> None:
            etags.check(if_match, _shown(hub, now).model_dump(mode="json"))

        changed = methods.change(
            hub,
            method_id,
            title=body.title,
            enabled=body.enabled,
            config=config,
            secret=body.secret,
            check=unchanged,
        )
        shown = _shown(hub, changed)
        etags.stamp(response, shown.model_dump(mode="json"))
        return shown

    @routes.delete("/sign-in-methods/{method_id}", status_code=204)
    def remove_sign_in_method(method_id: Id, hub: HubOf, actor: ManagesPeople) -> None:
        """Forget a way to sign in and the roles it gave."""
        actor.require(Right.MANAGE_PEOPLE)
        methods.remove(hub, method_id)

    @routes.post("/sign-in-methods/{method_id}/test")
    @apart("sign-in")
    def test_sign_in_method(
        method_id: Id, hub: HubOf, actor: ManagesPeople, body: TestIn | None = None
    ) -> TestedOut:
        """Try it step by step: can it be reached and trusted, does it take us, is a person found. Nobody is signed in."""
        actor.require(Right.MANAGE_PEOPLE)
        login = body.login if body else None
        steps = examining.examine(hub, method_id, redirect_uri=methods.redirect_uri(hub), login=login)
        told = [TestedStep.model_validate(asdict(one)) for one in steps]
        return TestedOut(ok=all(one.ok for one in told), steps=told)


def _guides(routes: APIRouter) -> None:
    @routes.get("/sign-in-guides/{provider}")
    def guide_sign_in_method(
        provider: Annotated[
            str,
            Path(
                pattern=r"^[0-9a-z]{1,20}$",
                description="Which service: `entra`, `google`, `oidc` for any other issuer, or `ldap`.",
                examples=["entra"],
            ),
        ],
        hub: HubOf,
        actor: ManagesPeople,
        audience: Annotated[
            Audience | None,
            Query(description="Who is to sign in; without it those whom the way is for already, or staff."),
        ] = None,
        tenant: Annotated[Text | None, Query(max_length=100, description="Of Entra: the tenant id.")] = None,
        method_id: Annotated[
            str | None,
            Query(
                pattern=r"^[0-9a-f]{1,32}$",
                description="The way that exists already; administrators are counted without it.",
            ),
        ] = None,
    ) -> GuideOut:
        """A checklist for the other service with the values of this Towpath, and what is checked here."""
        actor.require(Right.MANAGE_PEOPLE)
        told = guiding.guide(hub, provider, audience=audience, tenant=tenant, method_id=method_id)
        return GuideOut.model_validate(guiding.as_json(told))


def _ways(routes: APIRouter) -> None:
    @routes.get("/sign-in/callback", response_class=RedirectResponse, status_code=303)
    async def finish_sign_in(
        hub: HubOf,
        request: Request,
        state: Annotated[str, Query(max_length=200, description="What was sent along.")] = "",
        code: Annotated[str, Query(max_length=4000, description="What the issuer gave.")] = "",
        iss: Annotated[str, Query(max_length=2000, description="Which issuer it is (RFC 9207).")] = "",
    ) -> Response:
        """Where an OpenID issuer sends the browser back to. Open to anybody."""

        def work() -> Response:
            try:
                return _come_back(hub, request, state, code, iss)
            except SignInError as problem:
                name = "unknown" if "not known here" in problem.message else "refused"
                hub.store.audit("anybody", "session.begin", "user/unknown", "refused", dict(problem.details))
            except TowpathError:
                name = "unavailable"
            return _to(hub, f"/sign-in?problem={name}")

        return await outside("sign-in", work)

    @routes.get("/sign-in/{method_id}/begin", response_class=RedirectResponse, status_code=303)
    async def begin_sign_in(
        method_id: Id,
        hub: HubOf,
        target: Annotated[
            str, Query(alias="next", max_length=1000, description="The page of ours to go to afterwards.")
        ] = "/",
    ) -> Response:
        """Send the browser to an OpenID issuer. Open to anybody."""
        return await outside("sign-in", lambda: _begun(hub, method_id, target))


def _begun(hub: Hub, method_id: str, target: str) -> Response:
    method = methods.find(hub, method_id, kind="oidc")
    try:
        begun = oidc.begin(methods.provider_of(hub, method), methods.redirect_uri(hub))
    except TowpathError:
        return _to(hub, "/sign-in?problem=unavailable")
    row = {
        "state_hash": digest(begun.state),
        "method_id": method.id,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "target": _page_of_ours(target),
    }
    with hub.store.begin() as db:
        db.execute(oidc_flows.delete().where(oidc_flows.c.begun_at < sa.func.now() - _PATIENCE))
        db.execute(oidc_flows.insert().values(row))
    response = RedirectResponse(begun.address, status_code=303)
    response.set_cookie(
        _COOKIE,
        begun.state,
        max_age=round(_PATIENCE.total_seconds()),
        path="/api/v1/sign-in",
        secure=hub.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


def _come_back(hub: Hub, request: Request, state: str, code: str, iss: str) -> Response:
    begun_here = request.cookies.get(_COOKIE, "")
    if not state or not code or not hmac.compare_digest(begun_here.encode(), state.encode()):
        raise SignInError(
            "This sign-in was not begun in this browser; begin again.", details={"check": "state"}
        )
    fresh = (oidc_flows.c.state_hash == digest(state)) & (oidc_flows.c.begun_at > sa.func.now() - _PATIENCE)
    with hub.store.begin() as db:
        # Taken by being removed: a second time the same answer finds nothing.
        flow = db.execute(oidc_flows.delete().where(fresh).returning(*oidc_flows.c)).one_or_none()
    if flow is None:
        raise SignInError("This sign-in took too long; begin again.", details={"check": "state"})
    method = methods.find(hub, flow.method_id, kind="oidc")
    identity = oidc.finish(
        methods.provider_of(hub, method),
        code=code,
        nonce=flow.nonce,
        verifier=flow.verifier,
        redirect_uri=methods.redirect_uri(hub),
        told_by=iss,
    )
    user_id = entering.enter(hub, method, identity)
    device = request.headers.get("user-agent", "")[:400]
    trusted = identity.second_factor or bool(method.config.get("asks_second_factor"))
    opened = service.open_session(
        hub,
        user_id,
        method=method.id,
        address=str(request.scope["towpath.client"]),
        device=device,
        own_codes=not trusted,
    )
    response = _to(hub, flow.target)
    set_session(response, hub.settings, opened.token, round(hub.settings.session_days * 86_400))
    return response


def _page_of_ours(target: str) -> str:
    """The address of a page of ours, or the first one: a link must not lead elsewhere by way of us."""
    ours = re.fullmatch(r"/(?:[A-Za-z0-9_.~%?&=#:@!$'()*+,;-][A-Za-z0-9_.~%?&=#:@!$'()*+,;/-]*)?", target)
    return target if ours else "/"


def _to(hub: Hub, path: str) -> RedirectResponse:
    response = RedirectResponse(hub.settings.public_url + path, status_code=303)
    response.delete_cookie(_COOKIE, path="/api/v1/sign-in")
    return response
