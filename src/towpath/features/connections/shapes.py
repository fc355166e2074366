"""Connections as the REST API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from towpath import errors
from towpath.access import Actor, Right
from towpath.features.connections.budget import Budget
from towpath.features.connections.hours import working_hours
from towpath.features.connections.limits import LIMITS, Because
from towpath.features.connections.service import Connection
from towpath.secrets import SecretInfo
from towpath.web.moments import Moment
from towpath.web.texts import Text

__all__ = [
    "Address",
    "BudgetOut",
    "ConnectionEdit",
    "ConnectionNew",
    "ConnectionOut",
    "DatabasesOut",
    "Hours",
    "KeyOut",
    "Mend",
    "ProbeOut",
    "ProbeStep",
    "TestOut",
    "Typed",
    "editable",
    "limits_in",
    "mend_of",
    "shown",
]


Mend = Literal["key", "address", "other"]

_MENDS: tuple[tuple[type[errors.TowpathError], Mend], ...] = (
    (errors.KeyRefusedError, "key"),
    (errors.TwoFactorError, "key"),
    (errors.AddressError, "address"),
    (errors.DatabaseError, "address"),
)


class BudgetOut(BaseModel):
    """How the calls against a connection's database stand, over all processes and all its connections."""

    calls_per_minute: int = Field(description="Calls in the last sixty seconds.", examples=[42])
    limit: float | None = Field(description="Calls a second that may be made now; null for no limit.")
    ceiling: float | None = Field(
        description="Calls a second that the connection, the installation or odoo.com allows now."
    )
    ceiling_from: Because | None = Field(
        description="What the ceiling comes from: the installation's setting, the rule for odoo.com, what is set on a "
        "connection to this database, or its working hours; null where there is none."
    )
    calls_at_once: int | None = Field(
        description="Calls at the same time at most; null where every worker finds out what is fastest."
    )
    hours_until: datetime | None = Field(
        description="When the working hours that hold now are over; null outside of them."
    )
    held_until: datetime | None = Field(
        description="No run starts by itself before this moment; null where nothing holds them back."
    )
    paused_until: datetime | None = Field(description="Nobody calls before this moment.")
    slowed_why: str | None = Field(description="Why the limit is below the ceiling.")
    slowed_at: datetime | None = Field(description="Since when.")


class Hours(BaseModel):
    """When people work in an Odoo, and what holds then. One of the last two must say something."""

    model_config = ConfigDict(extra="forbid")

    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(
        min_length=1,
        max_length=7,
        examples=[["mon", "tue", "wed", "thu", "fri"]],
        description="Days of the week on which they begin.",
    )
    start: Text = Field(max_length=5, examples=["08:00"], description="Time of the day.")
    end: Text = Field(
        max_length=5,
        examples=["18:00"],
        description="Time of the day, up to 24:00; at or before `start` it is on the next day.",
    )
    tz: Text = Field(max_length=60, examples=["Europe/Brussels"], description="Their time zone (IANA name).")
    calls_per_second: float | None = Field(
        default=None,
        examples=[2],
        description="Calls a second at most in these hours, 0.1 to 1000; null for no other limit than outside of them.",
    )
    scheduled_runs: bool = Field(
        default=True,
        description="Whether runs start by themselves in these hours. Where not, what comes due runs once when they are "
        "over, and a scheduled run that has not ended stops and goes on then.",
    )


class KeyOut(BaseModel):
    """What may be known of a connection's key; never the key."""

    set_at: datetime = Field(description="When it was set.")
    used_at: datetime | None = Field(description="When it was last used; null for never.")
    expires_at: datetime | None = Field(description="When it ends; null where that is not known.")


class ConnectionOut(BaseModel):
    """One Odoo database that Towpath knows. Its key is never part of it."""

    id: str = Field(examples=["3f1c2a9b0d4e"], description="The id.")
    name: str = Field(
        examples=["acme"], description="Short name; also suggested as the folder of its tables."
    )
    url: str = Field(examples=["https://mycompany.odoo.com"], description="Root address of the Odoo.")
    database: str | None = Field(description="Name of the database; null where the server decides.")
    login: str | None = Field(description="The user who reads; null where the key alone tells.")
    protocol: str = Field(examples=["json2"], description="How Odoo is spoken to: json2, jsonrpc or xmlrpc.")
    version: str = Field(examples=["19.0"], description="Odoo's release.")
    created_at: datetime = Field(description="When it was added.")
    tested_at: datetime | None = Field(description="When it was last tested.")
    test_ok: bool | None = Field(description="Whether that went well; null where nobody knows.")
    test_message: str | None = Field(description="What the test found, in a sentence.")
    mend: Mend | None = Field(
        description="What a person has to mend after a test that failed: its `key`, its `address` (or database); "
        "`other` where the sentence has to tell; null after one that went well."
    )
    key: KeyOut | None = Field(
        description="How old its key is, for those who may change the connection or manage its secret."
    )
    witness_id: str | None = Field(
        description="Another connection to the same database whose user may read more."
    )
    calls_per_second: float | None = Field(
        description="Calls a second at most against its database, over all workers; null for no limit of its own."
    )
    calls_at_once: int | None = Field(
        description="Calls at the same time at most, over all workers; null for no limit of its own."
    )
    working_hours: Hours | None = Field(description="When people work in it, and what holds then.")
    rights: list[Right] = Field(description="What you may do with it.", examples=[["see", "run"]])
    calls: BudgetOut = Field(description="How the calls against its database stand.")


class Address(BaseModel):
    """An Odoo as a person types it."""

    model_config = ConfigDict(extra="forbid")

    url: Text = Field(
        min_length=1,
        max_length=2000,
        examples=["mycompany.odoo.com"],
        description="Address as you type it in a browser.",
    )
    database: Text | None = Field(
        default=None, max_length=200, description="Name of the database; found by itself when there is one."
    )
    login: Text | None = Field(
        default=None,
        max_length=320,
        description="User name; not needed with an API key on Odoo 19 or later.",
    )


class Typed(Address):
    """An Odoo and, where there is one already, the key for it. Nothing of it is stored."""

    key: SecretStr | None = Field(
        default=None,
        max_length=4000,
        description="API key (or password); without it only the server is looked at.",
    )


class ConnectionNew(Address):
    """A connection to be added."""

    name: Text = Field(
        min_length=1,
        max_length=40,
        examples=["acme"],
        description="Small letters, digits and _; begins with a letter.",
    )
    key: SecretStr = Field(
        min_length=1, max_length=4000, description="API key (or password). Stored sealed, never shown again."
    )
    key_expires_at: Moment | None = Field(
        default=None, description="When the key ends, if you know; reminders come before that."
    )
    witness_id: Text | None = Field(
        default=None,
        max_length=32,
        description="Another connection to the same database whose user may read more.",
    )


class ConnectionEdit(BaseModel):
    """What is to be changed of a connection; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(default=None, max_length=40, description="Another name.", examples=["acme"])
    url: Text | None = Field(
        default=None, min_length=1, max_length=2000, description="Another address of the same database."
    )
    database: Text | None = Field(
        default=None, max_length=200, description="The database's new name; empty where the server decides."
    )
    login: Text | None = Field(
        default=None, max_length=320, description="Another user; empty where the key alone tells."
    )
    key: SecretStr | None = Field(
        default=None,
        min_length=1,
        max_length=4000,
        description="Another key (or password); takes the right to manage secrets. The old one stays unless it works.",
    )
    key_expires_at: Moment | None = Field(default=None, description="With `key`: when it ends.")
    force: bool = Field(
        default=False, description="With `url` or `database`: even when the database is another one."
    )
    witness_id: Text | None = Field(
        default=None, max_length=32, description="The connection that may read more; null for none."
    )
    calls_per_second: float | None = Field(
        default=None,
        examples=[5],
        description="Calls a second at most against its database, over all workers, 0.1 to 1000; null for no limit of its own.",
    )
    calls_at_once: int | None = Field(
        default=None,
        examples=[2],
        description="Calls at the same time at most, over all workers, 1 to 64; null for no limit of its own.",
    )
    working_hours: Hours | None = Field(
        default=None, description="When people work in it, and what holds then; null for none."
    )


class ProbeStep(BaseModel):
    """One part of a test, and how it went."""

    step: Literal["address", "database", "key"] = Field(description="What was looked at.")
    ok: bool | None = Field(description="Whether it went well; null when it was not looked at.")
    sentence: str | None = Field(
        description="What was found, or what is wrong and what to do.",
        examples=["Odoo 19.0 answers at https://mycompany.odoo.com."],
    )


class ProbeOut(BaseModel):
    """What a test found. Nothing of it is stored."""

    ok: bool = Field(description="Whether a connection can be added like this.")
    sentence: str = Field(description="The result for a person.")
    steps: list[ProbeStep] = Field(description="The result part by part, in order.")
    ask: Literal["address", "database", "login", "key"] | None = Field(
        description="What is to be given or corrected next; null when nothing is."
    )
    url: str | None = Field(description="Root address as it was found.")
    version: str | None = Field(description="Odoo's release.", examples=["19.0"])
    databases: list[str] | None = Field(description="Databases of the server; null where it does not tell.")
    database: str | None = Field(description="The database that is meant.")
    needs_login: bool | None = Field(
        description="Whether this Odoo needs a user name beside the key; null when it is not known yet."
    )
    user: str | None = Field(description="Who is signed in with the key.")
    clock_offset: float | None = Field(
        description="Seconds that Odoo's clock is ahead of this machine's; null when unknown."
    )
    suggested_name: str | None = Field(
        description="A name that is free for the connection.", examples=["mycompany"]
    )


class DatabasesOut(BaseModel):
    """The databases at an address."""

    url: str = Field(description="Root address as it was found.")
    version: str = Field(description="Odoo's release.", examples=["19.0"])
    databases: list[str] | None = Field(description="Their names; null where the server does not tell.")
    chosen: str | None = Field(description="The one that is taken when none is named; null where it must be.")


class TestOut(BaseModel):
    """How a test of a stored connection went."""

    ok: bool = Field(description="Whether the connection works.")
    sentence: str = Field(description="What was found, or what is wrong and what to do.")
    tested_at: datetime | None = Field(description="When.")


def shown(known: Connection, budget: Budget, actor: Actor, key: SecretInfo | None) -> ConnectionOut:
    """A connection as somebody may see it."""
    hidden = {"fingerprint", "test_problem"}
    values: dict[str, Any] = {name: getattr(known, name) for name in known.__slots__ if name not in hidden}
    witness = known.witness_id if actor.may(Right.SEE, known.witness_id) else None
    values["witness_id"] = witness
    rights = [right for right in Right if actor.may(right, known.id)]
    calls = BudgetOut(**{name: getattr(budget, name) for name in budget.__slots__})
    told = key is not None and (Right.CONNECT in rights or Right.MANAGE_SECRETS in rights)
    return ConnectionOut(
        **values,
        rights=rights,
        calls=calls,
        mend=mend_of(known),
        key=KeyOut(set_at=key.set_at, used_at=key.used_at, expires_at=key.expires_at)
        if told and key
        else None,
    )


def mend_of(known: Connection) -> Mend | None:
    """What a person has to mend after the last test; None after one that went well, or none."""
    if known.test_ok is not False:
        return None
    kind = getattr(errors, known.test_problem or "", None)
    if not isinstance(kind, type):
        return "other"
    return next((mend for known_kind, mend in _MENDS if issubclass(kind, known_kind)), "other")


def limits_in(body: ConnectionEdit) -> dict[str, Any]:
    """The limits that a change names, as the service takes them.

    :raises InputError: working hours do not make sense.
    """
    given = {name: getattr(body, name) for name in LIMITS if name in body.model_fields_set}
    if (hours := given.get("working_hours")) is not None:
        given["working_hours"] = working_hours(**hours.model_dump())
    return given


def editable(known: Connection) -> dict[str, Any]:
    """What two people may change at the same time: its ETag is made of this."""
    names = ("id", "name", "url", "database", "login", "witness_id", *LIMITS)
    return {name: getattr(known, name) for name in names}
