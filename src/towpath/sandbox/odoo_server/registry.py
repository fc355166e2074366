# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""The models of one database: their fields, tables, delegation and the recordset class of each.

A registry is built once per database from the schema of its version and the behaviour classes found in
``models``; custom models and fields are added and removed while it lives.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm.fields import MISSING, FieldDef, Relation, table_name
from towpath.sandbox.odoo_server.schema.loader import MISSING as NO_DEFAULT
from towpath.sandbox.odoo_server.schema.loader import ModelSchema, load

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.records import Records

__all__ = ["FieldDef", "ModelDef", "Registry", "camel", "discover"]


def camel(model: str) -> str:
    """``res.partner`` -> ``ResPartner``, the class name that Python's errors show."""
    return "".join(part[:1].upper() + part[1:] for part in model.replace("_", ".").split("."))


@dataclass(slots=True, eq=False)
class ModelDef:
    """A model: technical ``name``, ``description`` as people read it, fields by name, where its rows are."""

    name: str
    description: str
    fields: dict[str, FieldDef]
    table: str = ""
    kind: str = "table"
    order: str = "id"
    rec_name: str | None = None
    rec_names_search: tuple[str, ...] = ()
    parent_name: str = "parent_id"
    parent_store: bool = False
    inherits: dict[str, str] = field(default_factory=dict)
    constraints: dict[str, tuple[str, str]] = field(default_factory=dict)
    manual: bool = False
    log_access: bool = True
    modules: tuple[str, ...] = ()
    cls: type[Records] | None = None
    plain: tuple[str, ...] = ()
    active_name: str | None = None

    def __post_init__(self) -> None:
        self.table = self.table or table_name(self.name)
        self.refresh()

    @property
    def stored(self) -> bool:
        """Whether the model has a table (the views of reports are empty tables here)."""
        return self.kind != "abstract"

    @property
    def transient(self) -> bool:
        """Whether the model is a wizard."""
        return self.kind == "transient"

    def refresh(self) -> None:
        """Recount what is derived from the fields."""
        self.plain = tuple(
            name
            for name, one in self.fields.items()
            if one.sql_type is not None
            and one.type not in {"binary", "properties", "properties_definition", "json"}
        )
        self.active_name = next(
            (
                name
                for name in ("active", "x_active")
                if name in self.fields and (self.fields[name].sql_type or self.fields[name].related)
            ),
            None,
        )
        for one in self.fields.values():
            one.inherited = len(one.related) == 2 and self.inherits_from(one.related[0]) and not one.manual

    def inherits_from(self, link: str) -> bool:
        """Whether a many2one of this model delegates to the record it points to."""
        return link in self.inherits


LINKS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    # archived contacts are no children, whatever the context says (scenario search-archived)
    "res.partner": {"child_ids": {"domain": [["active", "=", True]]}},
}
"""Domains and contexts of one2many fields that the recorded attributes do not carry."""


def discover(package: str = "towpath.sandbox.odoo_server.models") -> None:
    """Import every module below a package, so that its behaviour classes are known."""
    try:
        top = importlib.import_module(package)
    except ModuleNotFoundError:
        return
    for found in sorted(pkgutil.walk_packages(top.__path__, f"{package}."), key=lambda one: one.name):
        importlib.import_module(found.name)


def _field(model: ModelSchema, name: str) -> FieldDef:
    """The engine's view of a field of the schema."""
    one = model.fields[name]
    link = None
    if one.relation_table and one.column1 and one.column2:
        link = Relation(table=one.relation_table, column1=one.column1, column2=one.column2)
    return FieldDef(
        model=model.name,
        table=model.table,
        name=name,
        attrs=dict(one.description),
        default=MISSING if one.default is NO_DEFAULT else one.default,
        copy=one.copy,
        ondelete=one.ondelete,
        column=one.column,
        relation_table=link,
        model_field=one.model_field or "",
        definition=one.definition,
        groups=one.groups or "",
    )


class Registry:
    """All models of one database of one version ("17.0" or "19.0")."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.models: dict[str, ModelDef] = {}
        self.serial = 0
        """Goes up with every change of models and fields."""
        self.derived: dict[str, Any] = {}
        """What others derived from the fields; emptied by every change."""
        self.computed: dict[tuple[str, str], frozenset[str]] = {}
        """Custom fields that are computed and stored: (model, field) -> the fields they are computed from."""
        self.incomplete: dict[str, frozenset[str]] = {}
        """Custom relations without a target, by model: 17.0 takes them, and then cannot read them."""
        discover()
        for name, one in load(version).items():
            model = ModelDef(
                name=name,
                description=one.description,
                fields={key: _field(one, key) for key in one.fields},
                table=one.table,
                kind=one.kind,
                order=one.order,
                rec_name=one.rec_name,
                rec_names_search=one.rec_names_search,
                parent_name=one.parent_name,
                parent_store=one.parent_store,
                inherits=dict(_links(one.inherits)),
                constraints=dict(one.constraints),
                log_access=one.log_access and "create_uid" in one.fields,
                modules=one.modules,
            )
            self.models[name] = model
        for model in self.models.values():
            self._prepare(model)

    def _changed(self) -> None:
        self.serial += 1
        self.derived.clear()

    @property
    def is19(self) -> bool:
        """Whether the newer of the two versions is emulated."""
        return self.version == "19.0"

    def __contains__(self, model: object) -> bool:
        return model in self.models

    def __getitem__(self, model: str) -> ModelDef:
        return self.models[model]

    def __iter__(self) -> Iterator[str]:
        return iter(self.models)

    def cls(self, model: str) -> type[Records]:
        """The recordset class of a model; KeyError when there is none."""
        found = self.models[model].cls
        if found is None:
            raise KeyError(model)
        return found

    def _prepare(self, model: ModelDef) -> None:
        """Class and overrides of one model."""
        from towpath.sandbox.odoo_server.records import build_class

        if "id" not in model.fields and model.stored:
            attrs = {"type": "integer", "string": "ID", "store": True, "readonly": True, "searchable": True}
            model.fields["id"] = FieldDef(model=model.name, table=model.table, name="id", attrs=attrs)
        model.cls = build_class(model, self.version)
        for name, changes in {**LINKS.get(model.name, {}), **model.cls._field_overrides}.items():
            found = model.fields.get(name)
            if found is not None:
                found.attrs.update(changes)
                found.refresh()
        for name, value in model.cls._defaults.items():
            if name in model.fields:
                model.fields[name].default = value
        for one in model.fields.values():
            if one.selection and isinstance(one.default, str) and one.default not in one.selection:
                one.default = one.attrs["selection"][0][0]  # the fact was noted of another version
        model.order = model.cls._order or model.order
        model.rec_name = model.cls._rec_name or model.rec_name
        model.rec_names_search = model.cls._rec_names_search or model.rec_names_search
        model.refresh()

    def add_model(
        self, name: str, description: str, fields: Mapping[str, Mapping[str, Any]], *, manual: bool = True
    ) -> ModelDef:
        """Add a model (a custom one unless told otherwise); its table is made by ``orm.tables.create_table``."""
        table = table_name(name)
        made = {
            key: FieldDef(model=name, table=table, name=key, attrs=dict(one)) for key, one in fields.items()
        }
        model = ModelDef(name=name, description=description, manual=manual, fields=made)
        model.rec_name = next((key for key in ("name", "x_name") if key in made), None)
        model.rec_names_search = (model.rec_name,) if model.rec_name else ()
        self._prepare(model)
        # other threads may be walking over the old dictionary
        self.models = {**self.models, name: model}
        self._changed()
        return model

    def drop_model(self, name: str) -> None:
        """Forget a model."""
        self.models = {key: one for key, one in self.models.items() if key != name}
        self._changed()

    def add_field(self, model: str, name: str, attrs: Mapping[str, Any]) -> FieldDef:
        """Add or replace a field; its column or table is made by ``orm.tables.create_field``."""
        owner = self.models[model]
        made = FieldDef(model=model, table=owner.table, name=name, attrs=dict(attrs))
        if made.type == "many2many" and made.store and made.relation in self.models:
            there = self.models[made.relation].table
            made.relation_table = Relation(
                table=f"x_{owner.table}_{there}_{name}"[:63], column1="id1", column2="id2"
            )
        owner.fields = {**owner.fields, name: made}
        owner.refresh()
        self._changed()
        return made

    def drop_field(self, model: str, name: str) -> None:
        """Forget a field."""
        owner = self.models[model]
        owner.fields = {key: one for key, one in owner.fields.items() if key != name}
        owner.refresh()
        self._changed()

    def stored_models(self) -> Iterable[ModelDef]:
        """The models that have a table."""
        return (model for model in self.models.values() if model.stored)


def _links(inherits: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(link field, parent model) whichever way round the schema names them."""
    for left, right in inherits.items():
        yield (right, left) if "." in left else (left, right)
