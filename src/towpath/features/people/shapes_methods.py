"""What the REST API of ways to sign in takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from towpath.access import Role
from towpath.web.texts import Text

__all__ = [
    "Audience",
    "GuideOut",
    "LdapConfig",
    "MethodEdit",
    "MethodIn",
    "MethodSettingsOut",
    "OidcConfig",
    "ProviderName",
    "TestIn",
    "TestedOut",
]

#: Whom there is a guide for.
ProviderName = Literal["entra", "google", "oidc", "ldap"]
#: Who is to sign in.
Audience = Literal["staff", "guests"]


class GroupRole(BaseModel):
    """A role that a group of the other service gives."""

    group: Text = Field(min_length=1, max_length=300, description="The group, as the service writes it.")
    role: Role = Field(description="The role.")
    connection_id: Text | None = Field(
        default=None, max_length=50, description="On which connection; null: all."
    )


class _Config(BaseModel):
    create_users: bool = Field(
        default=False, description="Whether people may come for the first time, without being added before."
    )
    template_role: Role | None = Field(default=None, description="The role such a person has.")
    template_connection_id: Text | None = Field(
        default=None, max_length=50, description="On which connection; null: on all."
    )
    mapping: list[GroupRole] = Field(
        default_factory=list,
        max_length=200,
        description="Roles by groups, brought up to date at each sign-in.",
    )


class OidcConfig(_Config):
    """An OpenID Connect issuer."""

    kind: Literal["oidc"] = Field(description="OpenID Connect.")
    issuer: Text = Field(
        min_length=8, max_length=300, description="Its address.", examples=["https://accounts.google.com"]
    )
    client_id: Text = Field(min_length=1, max_length=300, description="What the issuer calls this Towpath.")
    scopes: Text = Field(default="openid profile email", max_length=300, description="What is asked for.")
    groups_claim: Text = Field(
        default="groups",
        max_length=100,
        description="The claim that lists groups; `roles` for Entra's app roles.",
    )
    asks_second_factor: bool = Field(
        default=False,
        description="Whether the issuer is trusted to ask everybody for a second factor itself. Otherwise Towpath's "
        "one-time codes are asked for unless the ID token tells of a second factor (`amr` or `acr`).",
    )
    acr_values: list[Text] = Field(
        default_factory=list,
        max_length=20,
        description="Values of `acr` that stand for a second factor at this issuer; asked for at sign-in.",
        examples=[["https://refeds.org/profile/mfa"]],
    )
    tenants: list[Text] = Field(
        default_factory=list,
        max_length=50,
        description="Of Microsoft's issuer for many tenants: which may come.",
    )
    domains: list[Text] = Field(
        default_factory=list,
        max_length=50,
        description="Of Google: Workspace domains whose people may come; needed where new people are let in.",
        examples=[["example.com"]],
    )
    link_by_email: bool = Field(
        default=False,
        description="Whether a verified e-mail address makes somebody a person who is here already.",
    )


class LdapConfig(_Config):
    """A directory."""

    kind: Literal["ldap"] = Field(description="LDAP.")
    host: Text = Field(min_length=1, max_length=253, description="Its name.", examples=["ldap.example.com"])
    port: int = Field(default=636, ge=1, le=65535, description="Its port.")
    tls: Literal["ldaps", "starttls"] = Field(default="ldaps", description="How the connection is protected.")
    ca: Text = Field(
        default="", max_length=60_000, description="PEM of its authority; empty: those of the system."
    )
    bind_dn: Text = Field(default="", max_length=500, description="The user that searches; empty: anonymous.")
    base: Text = Field(max_length=500, description="Where people are.", examples=["dc=example,dc=com"])
    filter: Text = Field(
        default="(uid=%s)",
        max_length=500,
        description="Finds a person; `%s` is the login.",
        examples=["(uid=%s)"],
    )
    name_attribute: Text = Field(default="cn", max_length=100, description="The attribute with the name.")
    email_attribute: Text = Field(
        default="mail", max_length=100, description="The attribute with the address."
    )
    group_base: Text = Field(default="", max_length=500, description="Where groups are; empty: the base.")
    group_filter: Text = Field(
        default="",
        max_length=500,
        description="Finds a person's groups; `%s` is their name, as in `(member=%s)`.",
    )
    link_by_email: bool = Field(
        default=False,
        description="Whether the directory's e-mail address makes somebody a person who is here already.",
    )


Config = Annotated[OidcConfig | LdapConfig, Field(discriminator="kind", description="How it is reached.")]


class MethodIn(BaseModel):
    """A way to sign in."""

    title: Text = Field(min_length=1, max_length=60, description="What the button says.", examples=["Google"])
    config: Config
    secret: Text | None = Field(
        default=None,
        max_length=2000,
        description="Client secret, or password of the user that searches; never shown.",
    )


class MethodEdit(BaseModel):
    """What is changed; what is left out stays."""

    title: Text | None = Field(default=None, min_length=1, max_length=60, description="What the button says.")
    enabled: bool | None = Field(default=None, description="Whether it is offered.")
    config: Config | None = Field(default=None, description="Its settings.")
    secret: Text | None = Field(default=None, max_length=2000, description="A new secret; empty removes it.")


class MethodSettingsOut(BaseModel):
    """A way to sign in, without its secret."""

    id: str = Field(description="Its id.")
    title: str = Field(description="What the button says.")
    enabled: bool = Field(description="Whether it is offered.")
    config: Config
    provider: ProviderName = Field(description="Which guide is for it, by its issuer.")
    secret_set_at: datetime | None = Field(description="When its secret was set.")
    redirect_uri: str | None = Field(description="What is to be entered at the issuer as redirect address.")


class TestIn(BaseModel):
    """What a test is to look at."""

    login: Text | None = Field(
        default=None,
        max_length=100,
        description="Of a directory: a person to be found. Their password is not needed.",
        examples=["ana"],
    )


class TestedStep(BaseModel):
    """One step of a test."""

    name: Literal["discovery", "keys", "client", "reach", "bind", "search", "person", "roles"] = Field(
        description="What was tried."
    )
    ok: bool | None = Field(description="Whether it is right; null: not tried, as a step before failed.")
    message: str = Field(description="What was found, or what to correct.")


class TestedOut(BaseModel):
    """How a test went."""

    ok: bool = Field(description="Whether every step is right.")
    steps: list[TestedStep] = Field(description="What was tried, in this order.")


class GuideLink(BaseModel):
    """A page of the other service."""

    title: str = Field(description="What it is called there.")
    address: str = Field(description="Its address.")


class GuideStep(BaseModel):
    """One step of a guide."""

    name: str = Field(description="What it is about, such as `redirect`.")
    text: str = Field(description="What to do there, or what to bring back.")
    link: GuideLink | None = Field(description="Where to go.")
    value: str | None = Field(description="What to copy.")


class GuideCheck(BaseModel):
    """What Towpath can see by itself."""

    name: Literal["redirect", "administrators"] = Field(description="What was looked at.")
    ok: bool = Field(description="Whether it is right.")
    message: str = Field(description="What was found, or what to do first.")


class AdministratorsOut(BaseModel):
    """Administrators by how they can sign in."""

    all: int = Field(description="Who administers the whole installation.")
    otherwise: int = Field(description="Of them, who can sign in without this way.")
    with_codes: int = Field(description="Of them, who have a password of Towpath's own and one-time codes.")


class GuideOut(BaseModel):
    """What to do at another service before people can sign in there."""

    provider: ProviderName = Field(description="Which service.")
    title: str = Field(description="Its name.")
    audience: Audience = Field(description="Who is to sign in.")
    issuer: str = Field(
        description="The issuer, as far as it is known: `<tenant id>` stands where that is missing.",
        examples=["https://accounts.google.com"],
    )
    steps: list[GuideStep] = Field(description="What to do, in this order.")
    checks: list[GuideCheck] = Field(description="What Towpath checked.")
    administrators: AdministratorsOut = Field(description="Who could mend it when it fails.")
