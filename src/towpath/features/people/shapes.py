"""What the REST API of people takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from towpath.access import Right, Role

Login = Field(
    min_length=1, max_length=100, description="The name to sign in by.", examples=["ana@example.com"]
)
Password = Field(
    min_length=1, max_length=256, description="The password.", examples=["four words of mine here"]
)
Code = Field(
    min_length=6,
    max_length=20,
    description="The code that the app shows, or a recovery code.",
    examples=["123456"],
)


class SetUpIn(BaseModel):
    """The first administrator."""

    token: str = Field(
        min_length=1, max_length=200, description="The one-time token of the link on the console."
    )
    login: str = Login
    name: str = Field(min_length=1, max_length=100, description="The person's name.", examples=["Ana"])
    password: str = Password


class SignInIn(BaseModel):
    """Login and password."""

    login: str = Login
    password: str = Field(min_length=1, max_length=1000, description="The password.")
    method_id: str | None = Field(
        default=None,
        max_length=50,
        description="The directory that knows the password; null: Towpath itself.",
    )


class CodeIn(BaseModel):
    """A one-time code."""

    code: str = Code


class MethodOut(BaseModel):
    """A way to sign in beside the password."""

    id: str = Field(description="Its id.")
    title: str = Field(description="What the button says.", examples=["Microsoft"])
    kind: str = Field(description="`oidc` or `ldap`.")


class SignInOut(BaseModel):
    """How one can sign in here; open to anybody."""

    first_run: bool = Field(description="Whether nobody can sign in yet, so that Towpath waits to be set up.")
    methods: list[MethodOut] = Field(description="Ways beside login and password.")


class SessionOut(BaseModel):
    """Who is signed in, and what they may do."""

    user_id: str | None = Field(description="The person's id; null for the system's own.")
    login: str = Field(description="The name they sign in by.")
    name: str = Field(description="Their name.")
    session_id: str | None = Field(description="Id of this session; null for a token.")
    rights: list[Right] = Field(description="Rights on the whole installation.")
    connection_rights: dict[str, list[Right]] = Field(
        description="Rights by connection, where there are more."
    )
    roles: list[Role] = Field(description="Roles they have somewhere.")
    pending: Literal["code", "enrol"] | None = Field(
        description="What is still missing: a one-time `code`, or to `enrol` an authenticator; nothing is allowed before."
    )
    language: str | None = Field(description="The language they chose.", examples=["en"])
    theme: str | None = Field(description="The appearance they chose.", examples=["auto"])
    proof: Literal["password", "sign_in"] | None = Field(
        description="What is asked for before one-time codes are changed: the `password` they signed in with, or that "
        "they have come by another service (`sign_in`) a moment ago; null for a token."
    )
    has_password: bool = Field(description="Whether they sign in by a password of Towpath's own.")
    totp_since: datetime | None = Field(description="Since when one-time codes are asked for.")
    recovery_codes_left: int | None = Field(
        description="Recovery codes that are unused; null without one-time codes."
    )


class SessionEdit(BaseModel):
    """What a person may change of themselves."""

    name: str | None = Field(default=None, min_length=1, max_length=100, description="Their name.")
    language: Literal["en", "fr"] | None = Field(default=None, description="The language of the workspace.")
    theme: Literal["light", "dark", "auto"] | None = Field(default=None, description="The appearance.")


class PasswordIn(BaseModel):
    """A new password."""

    current: str = Field(min_length=1, max_length=1000, description="The password until now.")
    new: str = Password


class ProvedIn(BaseModel):
    """The person's password, once more, where they have signed in by one."""

    password: str = Field(
        default="",
        max_length=1000,
        description="The password they signed in with; empty where `proof` of the session is `sign_in`.",
    )


class LinkPasswordIn(BaseModel):
    """A password chosen by a one-time link."""

    token: str = Field(min_length=1, max_length=200, description="The token of the link.")
    password: str = Password


class EnrolmentOut(BaseModel):
    """What an authenticator app needs; shown once."""

    secret: str = Field(description="To be typed where there is no camera.")
    address: str = Field(description="To be opened on a phone: an `otpauth://` address.")
    picture: str = Field(description="To be scanned: an SVG document.")


class RecoveryOut(BaseModel):
    """Recovery codes; shown once."""

    codes: list[str] = Field(description="Each works once, in place of a code of the app.")


class EndedOut(BaseModel):
    """How many sessions ended."""

    ended_sessions: int = Field(description="Other sessions of the person that ended.")


class OpenSessionOut(BaseModel):
    """A session that works."""

    id: str = Field(description="Its id.")
    method: str = Field(description="How the person proved who they are.", examples=["password"])
    address: str = Field(description="From where it was begun.")
    device: str = Field(description="What the browser said of itself.")
    created_at: datetime = Field(description="When it was begun.")
    used_at: datetime = Field(description="When it was used last, to the minute.")
    expires_at: datetime = Field(description="When it ends in any case.")
    this: bool = Field(description="Whether it is the one that asks.")


class TokenIn(BaseModel):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=100, description="What uses it.", examples=["nightly report"])
    rights: list[Right] = Field(
        min_length=1, max_length=20, description="What it may, as far as its owner may."
    )
    days: int = Field(default=90, ge=1, le=366, description="Days that it works.")
    connection_ids: list[str] | None = Field(
        default=None, max_length=500, description="On which connections; null: on all its owner may."
    )


class TokenOut(BaseModel):
    """A token, without its text."""

    id: str = Field(description="Its id.")
    user_id: str | None = Field(description="Whose it is.")
    name: str = Field(description="What uses it.")
    rights: list[str] = Field(description="What it may, as far as its owner may.")
    connection_ids: list[str] | None = Field(description="On which connections; null: on all its owner may.")
    created_at: datetime = Field(description="When it was made.")
    created_by: str = Field(description="By whom, as the audit names them.")
    expires_at: datetime | None = Field(description="When it works no longer.")
    used_at: datetime | None = Field(description="When it was used last, to the minute.")
    used_from: str | None = Field(description="From where it was used last.")


class NewTokenOut(TokenOut):
    """A token with its text, shown this once."""

    token: str = Field(description="Send it as `Authorization: Bearer ...`; it is not shown again.")


class UserIn(BaseModel):
    """A person to be added. They choose their password by a link."""

    login: str = Login
    name: str = Field(min_length=1, max_length=100, description="Their name.", examples=["Ana"])
    email: str | None = Field(default=None, max_length=256, description="Their e-mail address.")
    role: Role | None = Field(default=None, description="A role on the whole installation to begin with.")


class UserEdit(BaseModel):
    """What is changed of a person; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=100, description="Their name.")
    email: str | None = Field(
        default=None, max_length=256, description="Their e-mail address; empty removes it."
    )
    disabled: bool | None = Field(
        default=None, description="Whether they may not sign in; ends sessions and tokens."
    )


class UserOut(BaseModel):
    """A person."""

    id: str = Field(description="Their id.")
    login: str = Field(description="The name they sign in by.")
    name: str = Field(description="Their name.")
    email: str | None = Field(description="Their e-mail address.")
    source: str = Field(description="Where the account comes from: `local`, `oidc` or `ldap`.")
    created_at: datetime = Field(description="When they were added.")
    disabled_at: datetime | None = Field(description="Since when they may not sign in.")
    has_password: bool = Field(description="Whether they have chosen a password.")
    totp_since: datetime | None = Field(description="Since when one-time codes are asked for.")


class LinkOut(BaseModel):
    """A link that works once, within a day."""

    link: str = Field(description="To be given to the person; it is not shown again.")


class GroupIn(BaseModel):
    """A group."""

    name: str = Field(min_length=1, max_length=100, description="Its name.", examples=["Accounting"])
    description: str = Field(default="", max_length=500, description="Who belongs to it.")


class GroupOut(GroupIn):
    """A group and who belongs to it."""

    id: str = Field(description="Its id.")
    created_at: datetime = Field(description="When it was made.")
    members: list[str] = Field(description="Ids of people.")


class GrantIn(BaseModel):
    """A role for a person or a group."""

    role: Role = Field(description="The role.")
    user_id: str | None = Field(default=None, max_length=50, description="The person, or null.")
    group_id: str | None = Field(default=None, max_length=50, description="The group, or null.")
    connection_id: str | None = Field(
        default=None, max_length=50, description="On which connection; null: on all."
    )


class GrantOut(BaseModel):
    """A role that was given."""

    id: str = Field(description="Its id.")
    user_id: str | None = Field(description="The person.")
    group_id: str | None = Field(description="The group.")
    role: str = Field(description="The role.")
    connection_id: str | None = Field(description="On which connection; null: on all.")
    source: str = Field(description="`hand`, or the way of signing in that gave it.")
    created_at: datetime = Field(description="When it was given.")


class RightOut(BaseModel):
    """A right, and which roles have it."""

    right: Right = Field(description="Its name.")
    summary: str = Field(description="What it allows.")
    roles: list[Role] = Field(description="The roles that have it.")


class RoleOut(BaseModel):
    """A role."""

    role: Role = Field(description="Its name.")
    summary: str = Field(description="What it is for.")


class RolesOut(BaseModel):
    """All roles and rights, as the server goes by them."""

    roles: list[RoleOut] = Field(description="The roles.")
    rights: list[RightOut] = Field(description="The rights.")


class PolicyIn(BaseModel):
    """Of whom one-time codes are asked for beside the password."""

    code_roles: list[Role] = Field(
        max_length=10, description="Holders of these roles; all roles mean everybody."
    )


class PolicyOut(PolicyIn):
    """Of whom one-time codes are asked for, and what issuers have to be told."""

    redirect_uri: str = Field(description="What is to be entered at an OpenID issuer as redirect address.")
