"""The routes under ``/secrets``: they take secrets and never give one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, SecretStr, field_validator

from towpath.access import Actor, Right
from towpath.errors import NotFoundError
from towpath.features.connections import service as connections
from towpath.features.keys import service
from towpath.hub import Hub
from towpath.web.asking import HubOf, ManagesSecrets
from towpath.web.moments import Moment
from towpath.web.outside import apart
from towpath.web.pages import Cursor, Limit, Page, page_of
from towpath.web.texts import Id, Text

__all__ = ["router"]


class SecretOut(BaseModel):
    """A stored secret, without its value."""

    owner: str = Field(description="Whose it is.", examples=["connection/3f1c2a9b0d4e"])
    title: str = Field(description="The same for people.", examples=["acme"])
    kind: Literal["odoo", "internal", "other"] = Field(
        description="`odoo`: the key of a connection. `internal`: made by Towpath itself, can not be set."
    )
    key_id: str = Field(description="The master key it is under.", examples=["5b2c01aa"])
    set_at: datetime = Field(description="When it was set, in UTC.")
    used_at: datetime | None = Field(description="When it was last used; null for never.")
    expires_at: datetime | None = Field(description="When it ends; null where that is not known.")
    state: Literal["good", "expiring", "expired"] = Field(
        description="`expiring` from 30 days before its end on."
    )
    connection_id: str | None = Field(description="The connection whose key it is.")
    connection: str | None = Field(description="The connection's name.")
    rotating: str | None = Field(description="What a rotation that is under way waits for.")


class SecretNew(BaseModel):
    """A secret to put in the place of a stored one."""

    owner: Text = Field(
        min_length=1, description="Whose it is, as the list tells.", examples=["connection/acme"]
    )
    value: SecretStr = Field(
        min_length=1, max_length=20_000, description="The secret; it is never shown again."
    )
    expires_at: Moment | None = Field(default=None, description="When it ends.")

    @field_validator("value")
    @classmethod
    def _storable(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip() or "\x00" in value.get_secret_value():
            raise ValueError("must hold more than spaces, and no NUL character")
        return value


class SecretEnd(BaseModel):
    """When a secret ends."""

    owner: Text = Field(
        min_length=1, description="Whose it is, as the list tells.", examples=["connection/acme"]
    )
    expires_at: Moment | None = Field(description="When it ends; null for never.")


class MasterKeyOut(BaseModel):
    """What a change of the master key did."""

    key_id: str = Field(description="The new master key.", examples=["5b2c01aa"])
    rewrapped: int = Field(description="Secrets that were wrapped anew.", examples=[7])
    old_keys_removed: bool = Field(
        description="False where the key comes from the environment or a command: a person takes the old one out there."
    )


class RotateAsked(BaseModel):
    """How to renew a connection's key."""

    days: int = Field(
        default=90, ge=1, le=3650, description="Days it is to live; less where Odoo grants less."
    )


class RotatedOut(BaseModel):
    """How far the renewal of a connection's key came."""

    connection: str = Field(description="The connection's name.", examples=["acme"])
    key_name: str = Field(description="The new key's name in Odoo.")
    expires_at: datetime | None = Field(description="When the new key ends.")
    revoked: bool = Field(
        description="Whether the old key is revoked; else that follows when its runs have ended."
    )
    remark: str | None = Field(description="What a person should look after.")


def _out(held: service.Held) -> SecretOut:
    return SecretOut(**held.to_json())


async def _whole(actor: ManagesSecrets) -> Actor:
    """For secrets of the whole installation."""
    actor.require(Right.MANAGE_SECRETS)
    return actor


Managing = Annotated[Actor, Depends(_whole)]


def _theirs(hub: Hub, actor: Actor, owner: str) -> service.Held:
    """The secret, for somebody who may manage it."""
    held = service.find(hub, owner)
    if not actor.may(Right.MANAGE_SECRETS, held.connection_id):
        raise NotFoundError(f"There is no secret of '{owner}'; see the list of secrets.")
    return held


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/secrets")
    def list_secrets(
        hub: HubOf,
        actor: ManagesSecrets,
        state: Annotated[
            Literal["good", "expiring", "expired"] | None, Query(description="Only those in this state.")
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[SecretOut]:
        """List the stored secrets, never a value."""
        found = [
            _out(held)
            for held in service.listed(hub)
            if actor.may(Right.MANAGE_SECRETS, held.connection_id) and state in {None, held.state}
        ]
        return page_of(found, cursor=cursor, limit=limit)

    @routes.put("/secrets")
    @apart("odoo")
    def set_secret(hub: HubOf, actor: ManagesSecrets, body: SecretNew) -> SecretOut:
        """Replace a stored secret. A key for Odoo is tried first; when it does not work, the old one stays."""
        held = _theirs(hub, actor, body.owner)
        return _out(
            service.set_secret(hub, held.owner, body.value.get_secret_value(), expires_at=body.expires_at)
        )

    @routes.put("/secrets/expiry")
    def set_secret_expiry(hub: HubOf, actor: ManagesSecrets, body: SecretEnd) -> SecretOut:
        """Note when a secret ends; reminders come 30, 14, 7 and 1 days before."""
        held = _theirs(hub, actor, body.owner)
        return _out(service.expire(hub, held.owner, body.expires_at))

    @routes.post("/secrets/rotate-master-key")
    def rotate_master_key(hub: HubOf, actor: Managing) -> MasterKeyOut:
        """Wrap every stored secret with a new master key; everything goes on meanwhile."""
        del actor
        done = service.rotate(hub)
        return MasterKeyOut(
            key_id=done.key_id, rewrapped=done.rewrapped, old_keys_removed=done.old_keys_removed
        )

    @routes.post("/connections/{connection_id}/rotate-key")
    @apart("odoo")
    def rotate_connection_key(
        hub: HubOf, actor: ManagesSecrets, connection_id: Id, body: RotateAsked
    ) -> RotatedOut:
        """Give a connection a new API key and revoke the old one (Odoo 19 or later)."""
        if not actor.may(Right.SEE, connection_id):
            raise NotFoundError(f"There is no connection {connection_id}; see the list of connections.")
        known = connections.find_by_id(hub, connection_id)
        actor.require(Right.MANAGE_SECRETS, connection_id)
        return RotatedOut(**service.rotate_key(hub, known.name, days=body.days).to_json())

    return routes
