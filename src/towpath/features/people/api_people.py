"""Routes for those who manage people: users, groups, roles, and of whom codes are asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from towpath.access import MATRIX, Grant, Right, Role
from towpath.features.people import granting, leaving, methods, policy, second_factor, service, users
from towpath.features.people.shapes import (
    GrantIn,
    GrantOut,
    GroupIn,
    GroupOut,
    LinkOut,
    PolicyIn,
    PolicyOut,
    RightOut,
    RoleOut,
    RolesOut,
    UserEdit,
    UserIn,
    UserOut,
)
from towpath.features.people.users import User
from towpath.hub import Hub
from towpath.web import etags
from towpath.web.asking import HubOf, ManagesPeople, Signed
from towpath.web.etags import IfMatch
from towpath.web.pages import Cursor, Limit, Page, decode, encode, page_of

__all__ = ["add"]


def _shown(user: User) -> UserOut:
    return UserOut(**{name: getattr(user, name) for name in UserOut.model_fields})


def _find(hub: Hub, user_id: str) -> User:
    with hub.store.begin() as db:
        return users.find(db, user_id)


def add(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.get("/roles")
    def list_roles(_: Signed) -> RolesOut:
        """All roles and the rights they have: the table that the server goes by."""
        return RolesOut(
            roles=[RoleOut(role=role, summary=role.summary) for role in Role],
            rights=[
                RightOut(
                    right=right, summary=right.summary, roles=[role for role in Role if role in MATRIX[right]]
                )
                for right in Right
            ],
        )

    @routes.get("/users")
    def list_users(
        hub: HubOf, actor: ManagesPeople, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[UserOut]:
        """People, by login."""
        actor.require(Right.MANAGE_PEOPLE)
        with hub.store.begin() as db:
            found = users.listed(db, after=str(decode(cursor) or ""), limit=limit + 1)
        more = len(found) > limit
        return Page(
            items=[_shown(user) for user in found[:limit]],
            next=encode(found[limit - 1].login) if more else None,
        )

    @routes.post("/users", status_code=201)
    def add_user(body: UserIn, hub: HubOf, actor: ManagesPeople) -> UserOut:
        """Add a person. Make a link for them next, by which they choose their password."""
        actor.require(Right.MANAGE_PEOPLE)
        grants = [Grant(role=body.role)] if body.role else []
        return _shown(
            service.add_user(hub, login=body.login, name=body.name, email=body.email, grants=grants)
        )

    @routes.get("/users/{user_id}")
    def get_user(user_id: str, hub: HubOf, actor: ManagesPeople, response: Response) -> UserOut:
        """A person."""
        actor.require(Right.MANAGE_PEOPLE)
        user = _shown(_find(hub, user_id))
        etags.stamp(response, user.model_dump(mode="json"))
        return user

    @routes.patch("/users/{user_id}")
    def edit_user(
        user_id: str,
        body: UserEdit,
        hub: HubOf,
        actor: ManagesPeople,
        response: Response,
        if_match: IfMatch = None,
    ) -> UserOut:
        """Change a person, or disable them, which ends their sessions and tokens at once."""
        actor.require(Right.MANAGE_PEOPLE)
        news: dict[str, Any] = body.model_dump(exclude_unset=True)
        changed = {name: value for name, value in news.items() if value is not None or name == "email"}

        def unchanged(now: User) -> None:
            etags.check(if_match, _shown(now).model_dump(mode="json"))

        user = _shown(users.edit(hub, user_id, changed, check=unchanged))
        etags.stamp(response, user.model_dump(mode="json"))
        return user

    @routes.delete("/users/{user_id}", status_code=204)
    def delete_user(user_id: str, hub: HubOf, actor: ManagesPeople) -> None:
        """Delete a person, with their sessions, tokens, roles and what only they saw. The audit keeps what they did."""
        actor.require(Right.MANAGE_PEOPLE)
        leaving.delete(hub, user_id, by=actor.user_id)

    @routes.post("/users/{user_id}/password-link", status_code=201)
    def make_password_link(user_id: str, hub: HubOf, actor: ManagesPeople, response: Response) -> LinkOut:
        """A link by which a person chooses a password, within a day and once."""
        actor.require(Right.MANAGE_PEOPLE)
        token = service.password_token(hub, user_id)
        response.headers["Cache-Control"] = "no-store, private"
        return LinkOut(link=f"{hub.settings.public_url}/choose-password#{token}")

    @routes.delete("/users/{user_id}/totp", status_code=204)
    def remove_user_totp(user_id: str, hub: HubOf, actor: ManagesPeople) -> None:
        """Ask a person who lost their authenticator for codes no longer."""
        actor.require(Right.MANAGE_PEOPLE)
        second_factor.switch_off(hub, user_id)

    @routes.get("/groups")
    def list_groups(
        hub: HubOf, actor: ManagesPeople, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[GroupOut]:
        """Groups, by name."""
        actor.require(Right.MANAGE_PEOPLE)
        found = [GroupOut(**asdict(group)) for group in granting.groups_listed(hub)]
        return page_of(found, cursor=cursor, limit=limit)

    @routes.post("/groups", status_code=201)
    def add_group(body: GroupIn, hub: HubOf, actor: ManagesPeople) -> GroupOut:
        """Make a group."""
        actor.require(Right.MANAGE_PEOPLE)
        return GroupOut(**asdict(granting.add_group(hub, name=body.name, description=body.description)))

    @routes.get("/groups/{group_id}")
    def get_group(group_id: str, hub: HubOf, actor: ManagesPeople, response: Response) -> GroupOut:
        """A group and who belongs to it."""
        actor.require(Right.MANAGE_PEOPLE)
        group = GroupOut(**asdict(granting.find_group(hub, group_id)))
        etags.stamp(response, group.model_dump(mode="json"))
        return group

    @routes.patch("/groups/{group_id}")
    def edit_group(
        group_id: str,
        body: GroupIn,
        hub: HubOf,
        actor: ManagesPeople,
        response: Response,
        if_match: IfMatch = None,
    ) -> GroupOut:
        """Change a group's name and description."""
        actor.require(Right.MANAGE_PEOPLE)

        def unchanged(now: granting.Group) -> None:
            etags.check(if_match, GroupOut(**asdict(now)).model_dump(mode="json"))

        edited = granting.edit_group(hub, group_id, body.model_dump(), check=unchanged)
        group = GroupOut(**asdict(edited))
        etags.stamp(response, group.model_dump(mode="json"))
        return group

    @routes.delete("/groups/{group_id}", status_code=204)
    def remove_group(group_id: str, hub: HubOf, actor: ManagesPeople) -> None:
        """Remove a group and what was granted to it."""
        actor.require(Right.MANAGE_PEOPLE)
        granting.remove_group(hub, group_id)

    @routes.put("/groups/{group_id}/members/{user_id}")
    def join_group(group_id: str, user_id: str, hub: HubOf, actor: ManagesPeople) -> GroupOut:
        """Let a person belong to a group."""
        actor.require(Right.MANAGE_PEOPLE)
        return GroupOut(**asdict(granting.join(hub, group_id, user_id)))

    @routes.delete("/groups/{group_id}/members/{user_id}")
    def leave_group(group_id: str, user_id: str, hub: HubOf, actor: ManagesPeople) -> GroupOut:
        """Let a person belong to a group no longer."""
        actor.require(Right.MANAGE_PEOPLE)
        return GroupOut(**asdict(granting.leave(hub, group_id, user_id)))

    @routes.get("/grants")
    def list_grants(
        hub: HubOf,
        actor: ManagesPeople,
        user_id: Annotated[str | None, Query(max_length=64, description="Only of this person.")] = None,
        group_id: Annotated[str | None, Query(max_length=64, description="Only of this group.")] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[GrantOut]:
        """Roles that people and groups have."""
        actor.require(Right.MANAGE_PEOPLE)
        found = [GrantOut(**asdict(one)) for one in granting.held(hub, user_id=user_id, group_id=group_id)]
        return page_of(found, cursor=cursor, limit=limit)

    @routes.post("/grants", status_code=201)
    def add_grant(body: GrantIn, hub: HubOf, actor: ManagesPeople) -> GrantOut:
        """Give a role to a person or a group, on one connection or on all."""
        actor.require(Right.MANAGE_PEOPLE)
        made = granting.grant(
            hub, body.role, user_id=body.user_id, group_id=body.group_id, connection_id=body.connection_id
        )
        return GrantOut(**asdict(made))

    @routes.delete("/grants/{grant_id}", status_code=204)
    def revoke_grant(grant_id: str, hub: HubOf, actor: ManagesPeople) -> None:
        """Take a role back."""
        actor.require(Right.MANAGE_PEOPLE)
        granting.revoke(hub, grant_id)

    @routes.get("/sign-in/policy")
    def get_sign_in_policy(hub: HubOf, actor: ManagesPeople) -> PolicyOut:
        """Of whom one-time codes are asked for beside the password."""
        actor.require(Right.MANAGE_PEOPLE)
        with hub.store.begin() as db:
            return PolicyOut(code_roles=policy.code_roles(db), redirect_uri=methods.redirect_uri(hub))

    @routes.put("/sign-in/policy")
    def set_sign_in_policy(body: PolicyIn, hub: HubOf, actor: ManagesPeople) -> PolicyOut:
        """Ask for one-time codes of the holders of these roles, from their next request on."""
        actor.require(Right.MANAGE_PEOPLE)
        roles = policy.set_code_roles(hub, body.code_roles)
        return PolicyOut(code_roles=roles, redirect_uri=methods.redirect_uri(hub))
