"""Which Arrow columns a model's fields become (the table is in docs/types.md).

One field gives one column, and for two types a second one with what people read: ``<field>__name`` beside a
many2one, ``<field>__label`` beside a selection. The types depend on the schema alone, never on the values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyarrow as pa

from towpath.odoo.masking import Mask
from towpath.odoo.schema import Field, Model

__all__ = ["MONEY_PRECISION", "TIMESTAMP", "Column", "Kind", "columns", "plan"]

Kind = Literal[
    "boolean",
    "integer",
    "float",
    "money",
    "date",
    "datetime",
    "text",
    "json",
    "id",
    "ids",
    "name",
    "label",
    "secret",
    "masked",
]

#: All digits of a monetary column, the decimals included: 17 before the point at 3 decimals.
MONEY_PRECISION = 20
TIMESTAMP = pa.timestamp("us", "UTC")

_KINDS: dict[str, Kind] = {
    "boolean": "boolean",
    "integer": "integer",
    "float": "float",
    "monetary": "float",
    "date": "date",
    "datetime": "datetime",
    "char": "text",
    "text": "text",
    "html": "text",
    "selection": "text",
    "reference": "text",
    "binary": "text",
    "json": "json",
    "properties": "json",
    "properties_definition": "json",
    "many2one": "id",
    "many2one_reference": "integer",
    "one2many": "ids",
    "many2many": "ids",
}
_TYPES: dict[Kind, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "float": pa.float64(),
    "date": pa.date32(),
    "datetime": TIMESTAMP,
    "text": pa.string(),
    "json": pa.string(),
    "id": pa.int64(),
    "ids": pa.list_(pa.int64()),
    "name": pa.string(),
    "label": pa.string(),
    "secret": pa.string(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table: its name, what is done to a value, its Arrow type, and the field it comes from."""

    name: str
    kind: Kind
    type: pa.DataType
    field: Field
    #: What is done to the values, for personal data.
    mask: Mask | None = None
    #: Of a masked column: the column that it would be without the mask.
    under: Column | None = None

    def arrow(self) -> pa.Field:
        """The Arrow field; its metadata tells where the column comes from. Only ``id`` is never null."""
        return pa.field(self.name, self.type, nullable=self.name != "id", metadata=_metadata(self))


def plan(
    model: Model,
    fields: Iterable[str] | None = None,
    *,
    money: int | None = None,
    names: bool = True,
    reveal: Iterable[str] = (),
    masks: Mapping[str, Mask] | None = None,
) -> tuple[Column, ...]:
    """The columns for these fields (None: the model's default ones), in the fields' order, ``id`` first.

    ``money`` is the number of decimals of monetary columns, decimal128(20, money): the most any currency of
    the database has. Without it they are float64, as Odoo sends them. ``names=False`` leaves out the name and
    label columns. ``reveal`` names secret fields that are not to be masked (S2.37). ``masks`` says what is done
    to fields with personal data: such a field has no name or label column, and one that is dropped none at all.
    Raises InputError for a field the model does not have.
    """
    masked = masks or {}
    chosen = [
        model.fields[name]
        for name in model.choose(fields)
        if name not in masked or masked[name].kind != "drop"
    ]
    shown = frozenset(reveal)
    taken: set[str] = set()
    own = {field.name: _free(field.name, taken) for field in chosen}
    result: list[Column] = []
    for field in chosen:
        kind = _KINDS.get(field.type, "json")
        if field.secret and field.name not in shown:
            kind = "secret"
        elif field.type == "monetary" and money is not None:
            kind = "money"
        type_ = pa.decimal128(MONEY_PRECISION, money) if kind == "money" else _TYPES[kind]
        column = Column(name=own[field.name], kind=kind, type=type_, field=field)
        mask = masked.get(field.name)
        result.append(_with_mask(column, mask) if mask is not None else column)
        second: tuple[str, Kind] | None = None
        if mask is not None:
            pass  # a name or label would tell what the mask hides
        elif names and field.type == "many2one":
            second = ("__name", "name")
        elif names and field.type == "selection":
            second = ("__label", "label")
        if second is not None:
            name = _free(own[field.name] + second[0], taken)
            result.append(Column(name=name, kind=second[1], type=pa.string(), field=field))
    return tuple(result)


def columns(
    model: Model,
    fields: Iterable[str] | None = None,
    *,
    money: int | None = None,
    names: bool = True,
    reveal: Iterable[str] = (),
    masks: Mapping[str, Mask] | None = None,
) -> pa.Schema:
    """The Arrow schema of the table for these fields; see :func:`plan` for the arguments."""
    made = plan(model, fields, money=money, names=names, reveal=reveal, masks=masks)
    return pa.schema([column.arrow() for column in made], metadata={"odoo.model": model.name})


def _with_mask(column: Column, mask: Mask) -> Column:
    if column.kind == "secret" or mask.kind == "no-name":
        return replace(column, mask=mask)  # what stands for a secret tells less than any mask
    type_ = column.type
    if mask.kind == "hash":
        type_ = pa.list_(pa.string()) if pa.types.is_list(column.type) else pa.string()
    return replace(column, kind="masked", type=type_, mask=mask, under=column)


def _free(name: str, taken: set[str]) -> str:
    """A name no other column bears, upper and lower case being the same to SQL engines."""
    while name.casefold() in taken:
        name += "_"
    taken.add(name.casefold())
    return name


def _metadata(column: Column) -> dict[str, str]:
    field = column.field
    facts: dict[str, Any] = {
        "odoo.field": field.name,
        "odoo.type": field.type,
        "odoo.label": field.label,
        "odoo.relation": field.relation,
        "odoo.currency_field": field.currency_field if column.kind in {"money", "float"} else None,
        "odoo.selection": json.dumps(field.selection, ensure_ascii=False) if field.selection else None,
        "odoo.personal": field.personal,
        "odoo.secret": "masked" if column.kind == "secret" else None,
        "odoo.part": column.kind if column.kind in {"name", "label"} else None,
        "odoo.mask": str(column.mask) if column.mask else None,
        "odoo.mask_key": column.mask.key_id if column.mask else None,
    }
    return {key: value for key, value in facts.items() if value}
