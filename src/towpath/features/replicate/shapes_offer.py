"""What a connection offers, and sources, as the REST API gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from towpath.features.connections.shapes import Mend
from towpath.odoo import masking
from towpath.odoo.schema import Field as OdooField
from towpath.odoo.schema import Model

__all__ = [
    "FieldOut",
    "GroupOut",
    "LineModel",
    "ModelFields",
    "ModelOut",
    "ModelSize",
    "ModelsOut",
    "ScheduleOut",
    "SourceOut",
    "fields_out",
]


class GroupOut(BaseModel):
    """A group of models that people know."""

    name: str = Field(description="Its name.", examples=["Accounting"])
    models: int = Field(description="Models in it that can be read.")
    taken: int = Field(description="How many of them are streams already.")
    advice: str | None = Field(description="What to bear in mind before taking the whole group.")


class ModelOut(BaseModel):
    """A model that can become a stream."""

    model: str = Field(description="Technical name.", examples=["account.move"])
    label: str = Field(description="Odoo's name for it.", examples=["Journal Entry"])
    group: str = Field(description="Its group.", examples=["Accounting"])
    table_name: str = Field(description="Table name that is suggested.", examples=["account_move"])
    taken: bool = Field(description="Whether a stream of this connection reads it already.")
    usual: bool = Field(description="Whether it is one that most people want.")


class ModelsOut(BaseModel):
    """The models of a connection, in groups."""

    groups: list[GroupOut] = Field(description="The groups that have models, in order.")
    models: list[ModelOut] = Field(description="The models that fit, by group and name.")
    advice: str = Field(description="A word on choosing.")


class ModelSize(BaseModel):
    """How large a model is, and when it last changed."""

    model: str = Field(description="The model.")
    count: int | None = Field(description="Records that the user may see, archived ones included.")
    last_change: datetime | None = Field(description="When one of them was last changed, where Odoo says it.")
    problem: str | None = Field(description="Why it could not be told.")


class FieldOut(BaseModel):
    """One field of a model."""

    name: str = Field(description="Technical name.", examples=["partner_id"])
    label: str = Field(description="Odoo's name for it.", examples=["Partner"])
    type: str = Field(description="Odoo's type.", examples=["many2one"])
    help: str = Field(description="Odoo's help text.")
    relation: str | None = Field(description="Of a link: the model it leads to.")
    usual: bool = Field(description="Whether it is read when no fields are chosen.")
    stored: bool = Field(
        description="Whether Odoo stores it; others are worked out at every read, which is slow, and change unseen."
    )
    custom: bool = Field(description="Whether it was made in this database.")
    personal: str | None = Field(description="Kind of personal data it probably holds.", examples=["email"])
    secret: bool = Field(description="Whether it probably holds keys or passwords.")
    mask: str | None = Field(description="Mask that is suggested.", examples=["hash"])
    masks: list[str] = Field(description="Masks that fit it.")


class LineModel(BaseModel):
    """A model whose records are lines of another one's."""

    field: str = Field(description="The one2many field that lists them.", examples=["line_ids"])
    model: str = Field(description="Their model.", examples=["account.move.line"])


class ModelFields(BaseModel):
    """The fields of a model that the connection's user may read."""

    model: str = Field(description="The model.")
    note: str = Field(description="A sentence where not all could be learnt; else empty.")
    tells_changes: bool = Field(
        description="Whether the model says when a record changed; else every run reads all of it."
    )
    fields: list[FieldOut] = Field(description="The fields, the usual ones first.")
    lines: list[LineModel] = Field(description="Models of its lines.")
    links: list[str] = Field(description="many2many fields that can become link tables.")


class ScheduleOut(BaseModel):
    """A schedule in plain words, and the next times it means."""

    words: str = Field(description="In plain words.", examples=["weekdays at 06:00 Africa/Lagos"])
    next: list[datetime] = Field(description="The next times.")


class SourceOut(BaseModel):
    """A connection with all its streams, at a glance."""

    connection_id: str = Field(description="The connection.")
    name: str = Field(description="Its name.", examples=["acme"])
    url: str = Field(description="Its address.")
    version: str = Field(description="Odoo's release.")
    health: Literal["good", "attention", "broken", "new"] = Field(
        description="`new` has no streams yet; `attention`: a stream failed; `broken`: the connection itself does not work."
    )
    mend: Mend | None = Field(
        description="What a person has to mend: its `key`, its `address`; `other` where the sentence has to tell."
    )
    sentence: str = Field(description="The same for a person.", examples=["All 12 streams are up to date."])
    streams: int = Field(description="How many streams it has.")
    running: int = Field(description="Of them: being run now, or waiting for their turn.")
    failed: int = Field(description="Of them: failed when they last ran.")
    paused: int = Field(description="Of them: paused.")
    lag_seconds: float | None = Field(description="How far the last of its tables is behind Odoo.")
    last_run_at: datetime | None = Field(description="When a stream of it last ran.")
    next_run_at: datetime | None = Field(description="When a stream of it runs next by itself.")


def fields_out(model: Model, lines: list[tuple[str, str]]) -> ModelFields:
    """The fields of a model with what a person choosing them wants to know."""
    usual, suggested = model.default_fields(), masking.suggest(model)
    order = {name: place for place, name in enumerate(usual)}
    named = sorted(model.fields.values(), key=lambda one: (order.get(one.name, len(order)), one.name))
    return ModelFields(
        model=model.name,
        note=model.note,
        tells_changes=model.has_write_date,
        fields=[
            FieldOut(
                name=one.name,
                label=one.label or one.name,
                type=one.type,
                help=one.help,
                relation=one.relation,
                usual=one.name in order,
                stored=one.store,
                custom=one.custom,
                personal=one.personal,
                secret=one.secret,
                mask=suggested.get(one.name),
                masks=_ways(one),
            )
            for one in named
        ],
        lines=[LineModel(field=field, model=child) for field, child in lines],
        links=[one.name for one in named if one.type == "many2many" and one.store],
    )


def _ways(field: OdooField) -> list[str]:
    """The masks that fit a field, as they are written."""
    from towpath.errors import InputError

    found = []
    for way in ("hash", "drop", "truncate:3", "truncate:year", "truncate:month", "no-name"):
        try:
            masking.parse(way, field)
        except InputError:
            continue
        found.append(way)
    return found
