"""Typed descriptions of every model and field of a version, made from the packed files.

The packed files come from `tools/pack_schema.py`. `load(version)` costs some 30 ms; a model's fields are
built when the model is first asked for.
"""

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from towpath.sandbox.odoo_server.schema.description import describe

VERSIONS = ("17.0", "19.0")
MISSING: Any = object()
Kind = Literal["table", "transient", "abstract", "view"]

NO_COLUMN = frozenset({"one2many", "many2many", "properties_html"})
# one2many fields over these models are told apart by the model's name beside the id (`res_id`)
MODEL_BESIDE = {
    "mail.message": "model",
    "mail.activity": "res_model",
    "mail.followers": "res_model",
    "rating.rating": "res_model",
    "ir.attachment": "res_model",
}
STAMPS = frozenset({"create_uid", "create_date", "write_uid", "write_date"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSchema:
    """One field: what `fields_get` says (`description`), and what the ORM needs beside it.

    `column`: the field is a column of the model's table (binaries included; one2many, many2many and computed
    ones not). `relation_table`, `column1`, `column2`: the table of a stored many2many, own column first.
    `model_field`: for an `res_id`-like integer the field holding the model's name; for a one2many over such
    an integer, that field of the comodel. `default`: a constant, or `MISSING`.
    `copy`: whether `copy()` takes the value over.
    """

    name: str
    type: str
    string: str
    required: bool
    readonly: bool
    store: bool
    column: bool
    searchable: bool
    sortable: bool
    company_dependent: bool = False
    translate: bool = False
    relation: str | None = None
    relation_field: str | None = None
    model_field: str | None = None
    relation_table: str | None = None
    column1: str | None = None
    column2: str | None = None
    related: str | None = None
    depends: tuple[str, ...] = ()
    selection: tuple[tuple[str, str], ...] | None = None
    size: int | None = None
    digits: tuple[int, int] | None = None
    currency_field: str | None = None
    aggregator: str | None = None
    groups: str | None = None
    ondelete: str = "set null"
    default: Any = MISSING
    copy: bool = True
    definition: tuple[str, str] | None = None
    description: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSchema:
    """One model: its label (`description`), where its rows are and how they are ordered and named.

    `kind`: "table"; "transient" (a wizard, also with a table); "abstract" (no records);
    "view" (rows of an SQL view, read only). `inherits` maps the delegating many2one to its model.
    `constraints` maps the name of an SQL constraint to (definition, message for people).
    """

    name: str
    description: str
    modules: tuple[str, ...]
    kind: Kind
    table: str
    order: str
    rec_name: str | None
    rec_names_search: tuple[str, ...]
    parent_name: str
    parent_store: bool
    inherits: Mapping[str, str]
    log_access: bool
    constraints: Mapping[str, tuple[str, str]]
    fields: Mapping[str, FieldSchema]

    @property
    def has_table(self) -> bool:
        """Whether rows can be created."""
        return self.kind in {"table", "transient"}


class Schema(Mapping[str, ModelSchema]):
    """All models of one version by name; each is built on first use."""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        self.version: str = packed["version"]
        self._packed = packed
        self._built: dict[str, ModelSchema] = {}

    def __getitem__(self, name: str) -> ModelSchema:
        if name not in self._built:
            self._built[name] = build_model(self._packed, name)
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed["models"])

    def __len__(self) -> int:
        return len(self._packed["models"])

    def __contains__(self, name: object) -> bool:
        return name in self._packed["models"]

    def parent_of(self, name: str) -> str | None:
        """The name of the field that makes a hierarchy of model `name`, if it has one."""
        if name not in self:
            return None
        _label, _modules, facts, fields = self._packed["models"][name]
        parent = facts.get("parent_name", "parent_id")
        return parent if any(entry[0] == parent for entry in fields) else None


@cache
def load(version: str) -> Schema:
    """The schema of "17.0" or "19.0"; `KeyError` for another version."""
    if version not in VERSIONS:
        raise KeyError(version)
    packed = resources.files(__package__).joinpath(f"schema-{version}.json.xz").read_bytes()
    return Schema(json.loads(lzma.decompress(packed)))


def kind_of(name: str, facts: Mapping[str, Any], stored: set[str]) -> Kind:
    """Tables have stamps; reports are views over columns without stamps; the rest is abstract."""
    if "kind" in facts:
        kind: Kind = facts["kind"]
        return kind
    if "create_date" in stored or facts.get("log_access") is False:
        return "table"
    reports = (
        ".report",
        ".union",
        ".line.match",
        "report.stock.quantity",
        "hr.employee.skill.history.report",
    )
    return "view" if stored - {"id"} and name.endswith(reports) else "abstract"


def build_model(packed: Mapping[str, Any], name: str) -> ModelSchema:
    """Make one model's description of its packed form."""
    label, modules, facts, entries = packed["models"][name]
    table = name.replace(".", "_")
    tables = {
        "ir.actions.act_window": "ir_act_window",
        "ir.actions.act_window.view": "ir_act_window_view",
        "ir.actions.act_url": "ir_act_url",
        "ir.actions.actions": "ir_actions",
        "ir.actions.client": "ir_act_client",
        "ir.actions.report": "ir_act_report_xml",
        "ir.actions.server": "ir_act_server",
        "project.task.stage.personal": "project_task_user_rel",
    }
    m2m = relation_tables(table, entries, facts)
    fields: dict[str, FieldSchema] = {}
    for key, string, shape, own in entries:
        attributes = dict(packed["shapes"][shape]) | {k: v for k, v in own.items() if k not in {"s", "d"}}
        attributes["string"] = string
        if "s" in own:
            attributes["selection"] = packed["selections"][own["s"]]
        attributes["depends"] = packed["depends"][own["d"]] if "d" in own else []
        fields[key] = build_field(packed, name, key, attributes, facts, m2m.get(key))
    stored = {key for key, one in fields.items() if one.store}
    rec_name = facts.get("rec_name") or next((n for n in ("name", "x_name") if n in fields), None)
    search = facts.get("rec_names_search") or ([rec_name] if rec_name else [])
    return ModelSchema(
        name=name,
        description=label,
        modules=tuple(packed["modules"][modules].split(", ")),
        kind=kind_of(name, facts, stored),
        table=tables.get(name, table),
        order=usable_order(facts.get("order", "id"), fields),
        rec_name=rec_name,
        rec_names_search=tuple(n for n in search if n.partition(".")[0] in fields),
        parent_name=facts.get("parent_name", "parent_id"),
        parent_store=facts.get("parent_store", False),
        inherits=facts.get("inherits", {}),
        log_access=facts.get("log_access", "create_date" in stored),
        constraints={key: (sql, text) for key, (sql, text) in facts.get("constraints", {}).items()},
        fields=fields,
    )


def usable_order(order: str, fields: Mapping[str, FieldSchema]) -> str:
    """The order without the terms this version has no field for; by id when nothing is left."""
    terms = [term for term in order.split(",") if term.split()[0] in fields]
    return ",".join(terms) or "id"


def relation_tables(
    table: str, entries: list[Any], facts: Mapping[str, Any]
) -> dict[str, tuple[str, str, str]]:
    """The table and columns of each stored many2many field, named as Odoo does.

    Without a name of its own the table is `<a>_<b>_rel` of both tables in order of the alphabet; a second
    field between the same two models would fall on the same table and gets one named after itself.
    """
    given = facts.get("m2m", {})
    found: dict[str, tuple[str, str, str]] = {}
    used: set[str] = {names[0] for names in given.values()}
    for key, _string, _shape, own in entries:
        if key in given:
            found[key] = tuple(given[key])
        elif "relation" in own and "relation_field" not in own:
            other = own["relation"].replace(".", "_")
            name = "_".join(sorted((table, other))) + "_rel"
            if name in used or other == table:
                name = f"{table}_{key}_rel"
            used.add(name)
            second = f"{other}_id" if other != table else f"other_{other}_id"
            found[key] = (name[:63], f"{table}_id", second)
    return found


def build_field(
    packed: Mapping[str, Any],
    model: str,
    name: str,
    attributes: dict[str, Any],
    facts: Mapping[str, Any],
    m2m: tuple[str, str, str] | None,
) -> FieldSchema:
    """Make one field of its recorded attributes and the hand-written facts of its model."""
    kind = attributes["type"]
    store = attributes.get("store", False)
    required = attributes.get("required", False)
    company_dependent = attributes.get("company_dependent", False)
    readonly = attributes.get("readonly", False)
    depends = tuple(attributes["depends"])
    relation = attributes.get("relation")
    relation_field = attributes.get("relation_field")
    inherited = (attributes.get("related") or "").partition(".")[0] in facts.get("inherits", {})
    model_field = facts.get("model_field", {}).get(name)
    if kind == "one2many" and relation in MODEL_BESIDE and relation_field == "res_id":
        model_field = MODEL_BESIDE[relation]
    computed = bool(depends) and (not store or readonly)
    digits = attributes.get("digits")
    ondelete = facts.get("ondelete", {}).get(name)
    default = facts.get("default", {}).get(name, MISSING)
    if name == "active" and store and kind == "boolean" and model != "res.lang" and default is MISSING:
        default = True  # records are born active unless their model says otherwise
    owner = packed["models"].get(relation)
    hierarchy = bool(owner) and any(e[0] == owner[2].get("parent_name", "parent_id") for e in owner[3])
    definition = DEFINITIONS.get((model, name))
    groups = facts.get("groups", {}).get(name)
    return FieldSchema(
        name=name,
        type=kind,
        string=attributes["string"],
        required=required,
        readonly=readonly,
        store=store,
        column=(store or company_dependent) and kind not in NO_COLUMN,
        searchable=attributes.get("searchable", False),
        sortable=attributes.get("sortable", False),
        company_dependent=company_dependent,
        translate=bool(attributes.get("translate")),
        relation=relation,
        relation_field=relation_field,
        model_field=model_field,
        relation_table=m2m[0] if m2m and kind == "many2many" and store else None,
        column1=m2m[1] if m2m and kind == "many2many" and store else None,
        column2=m2m[2] if m2m and kind == "many2many" and store else None,
        related=attributes.get("related"),
        depends=depends,
        selection=tuple((value, text) for value, text in attributes["selection"])
        if isinstance(attributes.get("selection"), list)
        else None,
        size=attributes.get("size"),
        digits=(digits[0], digits[1]) if isinstance(digits, list) else None,
        currency_field=attributes.get("currency_field"),
        aggregator=attributes.get("aggregator") or attributes.get("group_operator") or None,
        groups=groups,
        ondelete=ondelete or ("restrict" if required else "set null"),
        default=default,
        copy=not (
            computed
            or inherited
            or kind == "one2many"
            or name in STAMPS
            or name in {"id", "display_name"}
            or name in facts.get("nocopy", ())
        ),
        definition=definition,
        description=describe(
            packed["version"],
            name,
            attributes,
            change_default=name in facts.get("change_default", ()),
            hierarchy=hierarchy,
            groups=groups,
            definition=definition,
            model_field=model_field if kind in {"integer", "many2one_reference"} else None,
        ),
    )


# properties fields: the many2one to the record that defines them, and the field there
DEFINITIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("project.task", "task_properties"): ("project_id", "task_properties_definition"),
    ("crm.lead", "lead_properties"): ("team_id", "lead_properties_definition"),
    ("product.template", "product_properties"): ("categ_id", "product_properties_definition"),
    ("product.product", "product_properties"): ("categ_id", "product_properties_definition"),
    ("res.partner", "properties"): ("properties_base_definition_id", "properties_definition"),
    ("res.users", "properties"): ("properties_base_definition_id", "properties_definition"),
    ("hr.employee", "employee_properties"): ("company_id", "employee_properties_definition"),
    ("stock.lot", "lot_properties"): ("product_id", "lot_properties_definition"),
    ("stock.picking", "picking_properties"): ("picking_type_id", "picking_properties_definition"),
    ("sale.order", "sale_properties"): ("company_id", "sale_properties_definition"),
    ("project.project", "project_properties"): ("company_id", "project_properties_definition"),
    ("discuss.channel", "channel_properties"): ("parent_channel_id", "channel_properties_definition"),
}
