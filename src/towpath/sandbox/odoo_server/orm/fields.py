"""One field of one model, as the engine needs it: kind, column, relation table and its published attributes.

``attrs`` are the attributes as recorded by ``fields_get`` of a real server (without ``name``); what the
engine derives from them (SQL type, many2many table) follows Odoo's own naming rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["LOG_FIELDS", "MISSING", "SQL_TYPES", "FieldDef", "Relation", "table_name"]

MISSING: Any = object()
"""Stands for "no default"."""

LOG_FIELDS = ("create_uid", "create_date", "write_uid", "write_date")
"""The stamps kept by the server itself; values given by callers are ignored (real-odoo §4)."""

SQL_TYPES: Mapping[str, str] = {
    "char": "varchar",
    "text": "text",
    "html": "text",
    "integer": "int4",
    "float": "float8",
    "monetary": "numeric",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
    "many2one": "int4",
    "many2one_reference": "int4",
    "reference": "varchar",
    "selection": "varchar",
    "binary": "bytea",
    "json": "jsonb",
    "properties": "jsonb",
    "properties_definition": "jsonb",
}
"""PostgreSQL type by field type; translated and company-dependent fields are jsonb instead."""


def table_name(model: str) -> str:
    """``res.partner`` -> ``res_partner``."""
    return model.replace(".", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """The table behind a many2many field: ``column1`` holds this model's ids, ``column2`` the comodel's."""

    table: str
    column1: str
    column2: str


@dataclass(slots=True, eq=False)
class FieldDef:
    """A field of a model.

    ``sql_type`` is None when the field has no column. ``relation_table`` is set for stored many2many fields only.
    ``model_field`` names the field that holds the model's name beside an id (``res_model`` beside ``res_id``);
    for a one2many over such an id it is that field of the comodel. ``definition`` is (many2one, field there)
    of a properties field.
    """

    model: str
    table: str
    name: str
    attrs: dict[str, Any]
    default: Any = MISSING
    copy: bool = True
    ondelete: str = "set null"
    column: bool | None = None
    relation_table: Relation | None = None
    model_field: str = ""
    definition: tuple[str, str] | None = None
    inherited: bool = False
    type: str = ""
    store: bool = False
    required: bool = False
    readonly: bool = False
    relation: str = ""
    inverse: str = ""
    related: tuple[str, ...] = ()
    translate: bool = False
    company_dependent: bool = False
    selection: frozenset[str] | None = None
    currency_field: str = ""
    digits: tuple[int, int] | None = None
    size: int | None = None
    manual: bool = False
    groups: str = ""
    domain: list[Any] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    sql_type: str | None = None
    base_sql_type: str | None = None

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Derive everything again after ``attrs`` changed."""
        attrs = self.attrs
        self.type = attrs["type"]
        self.company_dependent = bool(attrs.get("company_dependent"))
        self.store = bool(attrs.get("store")) or self.company_dependent
        self.required = bool(attrs.get("required"))
        self.readonly = bool(attrs.get("readonly"))
        self.relation = attrs.get("relation") or ""
        self.inverse = attrs.get("relation_field") or ""
        related = attrs.get("related") or ""
        self.related = tuple(related.split(".")) if isinstance(related, str) and related else ()
        self.translate = bool(attrs.get("translate")) and self.type in {"char", "text", "html"}
        chosen = attrs.get("selection")
        known = self.type == "selection" and isinstance(chosen, list | tuple) and chosen
        self.selection = frozenset(pair[0] for pair in chosen) if known and chosen else None
        self.currency_field = attrs.get("currency_field") or ""
        digits = attrs.get("digits")
        self.digits = (int(digits[0]), int(digits[1])) if digits else None
        self.size = attrs.get("size") or None
        self.manual = bool(attrs.get("manual"))
        self.groups = attrs.get("groups") or ""
        domain, context = attrs.get("domain"), attrs.get("context")
        self.domain = domain if isinstance(domain, list) else []
        self.context = context if isinstance(context, dict) else {}
        base = "numeric" if self.type == "float" and self.digits else SQL_TYPES.get(self.type)
        self.base_sql_type = base
        stored = self.store if self.column is None else self.column
        if not stored or base is None or (self.type == "binary" and self.related):
            self.sql_type = None
        elif self.company_dependent or self.translate:
            self.sql_type = "jsonb"
        else:
            self.sql_type = base

    @property
    def relational(self) -> bool:
        """Whether the field leads to records of one fixed model."""
        return self.type in {"many2one", "one2many", "many2many"}

    @property
    def multiple(self) -> bool:
        """Whether the field holds several records."""
        return self.type in {"one2many", "many2many"}

    @property
    def plain_column(self) -> bool:
        """Whether the column's value is the field's value: neither translated, per company nor binary."""
        return self.sql_type is not None and self.sql_type == self.base_sql_type and self.type != "binary"

    def __repr__(self) -> str:
        return f"{self.model}.{self.name}"
