# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Custom models and fields: from their rows in ir.model and ir.model.fields to the registry and the tables.

Rows are the truth; ``reload`` brings a registry in line with them when a server starts. A change made within a
transaction is undone in the registry when the transaction is rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import code, tables
from towpath.sandbox.odoo_server.orm.expressions import evaluate

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef, Registry

__all__ = ["BASE_FIELDS", "FIELD_COLUMNS", "add_field", "add_model", "drop_field", "drop_model", "reload"]

BASE_FIELDS = ("id", "display_name", "create_uid", "create_date", "write_uid", "write_date")
"""The fields every model has."""
FIELD_COLUMNS = (
    "model",
    "name",
    "field_description",
    "ttype",
    "relation",
    "relation_field",
    "required",
    "readonly",
    "store",
    "related",
    "compute",
    "depends",
    "size",
    "currency_field",
    "help",
    "domain",
    "on_delete",
    "copied",
    "translate",
    "groups",
    "selection_ids",
    "state",
)
"""What is read of a row of ir.model.fields."""
THREAD = (
    "message_is_follower",
    "message_follower_ids",
    "message_partner_ids",
    "message_ids",
    "has_message",
    "message_needaction",
    "message_needaction_counter",
    "message_has_error",
    "message_has_error_counter",
    "message_attachment_count",
    "website_message_ids",
    "rating_ids",
)
ACTIVITY = (
    "activity_ids",
    "activity_state",
    "activity_user_id",
    "activity_type_id",
    "activity_type_icon",
    "activity_date_deadline",
    "my_activity_date_deadline",
    "activity_summary",
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_calendar_event_id",
)
SUMMED = frozenset({"integer", "float", "monetary"})
UNKNOWN = "_unknown"
"""The model 17.0 invents for a relation without one."""


def _rows(env: Env, domain: list[Any]) -> list[dict[str, Any]]:
    names = [name for name in FIELD_COLUMNS if name in env.registry["ir.model.fields"].fields]
    rows: list[dict[str, Any]] = env.sudo()["ir.model.fields"].search_read(domain, names, order="id", load="")
    return rows


def attributes(env: Env, row: Mapping[str, Any]) -> dict[str, Any]:
    """The published attributes of a custom field."""
    kind = row["ttype"]
    related = row.get("related") or ""
    computed = bool(row.get("compute"))
    stored = bool(row.get("store"))
    attrs: dict[str, Any] = {
        "name": row["name"],
        "type": kind,
        "string": row["field_description"],
        "manual": True,
        "change_default": False,
        "company_dependent": False,
        "default_export_compatible": False,
        "exportable": True,
        "readonly": bool(row.get("readonly")),
        "required": bool(row.get("required")),
        "store": stored,
        "searchable": stored or bool(related),
        "sortable": stored and kind not in {"one2many", "many2many", "binary"},
        "depends": [one.strip() for one in (row.get("depends") or "").split(",") if one.strip()],
    }
    if env.is19:
        attrs["groupable"] = stored and kind not in {"one2many", "binary", "json", "properties"}
    if row.get("help"):
        attrs["help"] = row["help"]
    if related:
        attrs |= {"related": related, "depends": [related]}
    if kind in {"char", "text", "html"}:
        attrs["translate"] = bool(row.get("translate"))
    if kind == "char":
        attrs["trim"] = True
        if row.get("size"):
            attrs["size"] = row["size"]
    if kind == "html":
        attrs |= {"sanitize": True, "sanitize_tags": True}
    if kind in {"many2one", "one2many", "many2many"}:
        attrs |= {
            "relation": row.get("relation") or UNKNOWN,
            "context": {},
            "domain": _domain(row.get("domain")),
        }
        if env.is19:
            comodel = env.registry.models.get(row.get("relation") or "")
            attrs["allow_hierachy_operators"] = comodel is not None and comodel.parent_name in comodel.fields
    if kind == "one2many":
        attrs["relation_field"] = row.get("relation_field")
    if kind in {"selection", "reference"}:
        attrs["selection"] = _choices(env, row)
    if kind == "monetary":
        model = env.registry.models.get(row["model"])
        names = [row.get("currency_field"), "currency_id", "x_currency_id"]
        attrs["currency_field"] = next(
            (one for one in names if one and model and one in model.fields), "currency_id"
        )
    if kind == "binary":
        attrs["attachment"] = True
    if kind in SUMMED and stored and not computed:
        attrs["aggregator" if env.is19 else "group_operator"] = "sum"
    if row.get("groups"):
        attrs["groups"] = ",".join(_xmlids(env, row["groups"]))
    return attrs


def _domain(text: Any) -> list[Any]:
    try:
        found = evaluate(text or "[]", {})
    except (SyntaxError, ValueError, NameError):
        return []
    return [list(one) if isinstance(one, tuple) else one for one in found] if isinstance(found, list) else []


def _choices(env: Env, row: Mapping[str, Any]) -> list[list[Any]]:
    rows = env.sudo()["ir.model.fields.selection"].search_read(
        [("id", "in", list(row.get("selection_ids") or ()))], ["value", "name"], order="sequence, id"
    )
    return [[one["value"], one["name"]] for one in rows]


def _xmlids(env: Env, ids: Any) -> list[str]:
    return [
        str(one)
        for one in env.cr.execute(
            "SELECT module || '.' || name FROM ir_model_data WHERE model = 'res.groups' AND res_id = ANY(%s) ORDER BY id",
            [list(ids)],
        ).column()
    ]


def _install(env: Env, row: Mapping[str, Any]) -> FieldDef | None:
    """Put a field into the registry; nothing where 19.0 leaves out what is not complete."""
    registry = env.registry
    attrs = attributes(env, row)
    if attrs.get("relation") == UNKNOWN and env.is19:
        return None
    model = registry.models.get(row["model"])
    if model is None:
        return None
    made = registry.add_field(row["model"], row["name"], attrs)
    made.copy = bool(row.get("copied", True)) and not row.get("related") and not row.get("compute")
    made.ondelete = row.get("on_delete") or "set null"
    computed = bool(row.get("compute"))
    if made.related or (computed and not made.store):
        made.column = False
        made.relation_table = None
        made.refresh()
        made.manual = True
    if made.relation == UNKNOWN:
        known = registry.incomplete.get(model.name, frozenset())
        registry.incomplete = {**registry.incomplete, model.name: known | {made.name}}
    if model.cls is not None:
        _compute(registry, model, row if computed else None, row["name"])
    model.refresh()
    return made


def _compute(registry: Registry, model: ModelDef, row: Mapping[str, Any] | None, name: str) -> None:
    """Let the model's class compute a field by the code of its row (or no longer)."""
    known: Any = model.cls
    if row is None:
        if name in known._computes:
            known._computes = known._computes - {name}
        registry.computed.pop((model.name, name), None)
        return
    text = str(row["compute"])

    def compute(self: Any) -> dict[int, Any]:
        found: dict[int, Any] = {}

        def assign(records: Any, field: str, value: Any) -> None:
            if field == name:
                found.update(dict.fromkeys(records.ids, value))

        names = {"self": self, "env": self.env, "user": self.env.user, "now": self.env.now}
        code.run(text, names, assign)
        return found

    setattr(known, f"_compute_{name}", compute)
    known._computes = known._computes | {name}
    if row.get("store"):
        depends = frozenset(one.strip().split(".")[0] for one in (row.get("depends") or "").split(","))
        registry.computed[model.name, name] = depends


def _forget(registry: Registry, model: str, name: str) -> None:
    """Take a field out of the registry, with what is known of its computation."""
    known: Any = registry[model].cls if model in registry else None
    if known is not None and name in known._computes:
        known._computes = known._computes - {name}
    registry.computed.pop((model, name), None)
    if model in registry.incomplete:
        registry.incomplete = {**registry.incomplete, model: registry.incomplete[model] - {name}}
    if model in registry:
        registry.drop_field(model, name)


def _lock(env: Env, model: ModelDef | None) -> None:
    """Let others wait who would use the field before it is there, or after it is gone."""
    if model is not None and model.stored:
        env.cr.execute(f'LOCK TABLE "{model.table}" IN ACCESS EXCLUSIVE MODE')


def add_field(env: Env, field_id: int) -> None:
    """Make a field of its row in ir.model.fields usable: registry, column or table, undone with the transaction."""
    registry = env.registry
    [row] = _rows(env, [("id", "=", field_id)])
    _lock(env, registry.models.get(row["model"]))
    made = _install(env, row)
    if made is None:
        return
    env.transaction.on_rollback.append(lambda: _forget(registry, made.model, made.name))
    model = registry[made.model]
    if not model.stored:
        return
    tables.create_field(env.cr, registry, made)
    if made.required and made.sql_type is not None:
        rows = env.cr.execute(f'SELECT 1 FROM "{model.table}" LIMIT 1').fetchone()
        if rows is None:  # a table with rows cannot require what they lack (real-odoo §6)
            env.cr.execute(f'ALTER TABLE "{model.table}" ALTER COLUMN "{made.name}" SET NOT NULL')
    if (made.model, made.name) in registry.computed and made.sql_type is not None:
        fill(env, made)
    env.forget()


def fill(env: Env, field: FieldDef) -> None:
    """Compute a stored field for all records."""
    records = env.sudo().with_context(active_test=False)[field.model].search([])
    values = getattr(records, f"_compute_{field.name}")()
    records._store({one: {field.name: value} for one, value in values.items()}, touch=False)


def change_field(env: Env, field_id: int, *, old_name: str) -> None:
    """Bring the registry in line with a changed row, renaming the column with the field."""
    registry = env.registry
    [row] = _rows(env, [("id", "=", field_id)])
    model = registry.models.get(row["model"])
    before = model.fields.get(old_name) if model else None
    if model is None:
        return
    if before is not None and old_name != row["name"]:
        _lock(env, model)
        if before.sql_type is not None:
            env.cr.execute(f'ALTER TABLE "{model.table}" RENAME COLUMN "{old_name}" TO "{row["name"]}"')
        _forget(registry, model.name, old_name)
    made = _install(env, row)
    if made is not None and before is not None and before.relation_table is not None:
        made.relation_table = before.relation_table

    def undo() -> None:
        _forget(registry, model.name, row["name"])
        if before is not None:
            model.fields = {**model.fields, old_name: before}
            model.refresh()

    env.transaction.on_rollback.append(undo)
    env.forget()


def drop_field(env: Env, model_name: str, name: str) -> None:
    """Forget a field and remove its column or table."""
    registry = env.registry
    model = registry.models.get(model_name)
    field = model.fields.get(name) if model else None
    if model is None or field is None:
        return
    _lock(env, model)
    _forget(registry, model_name, name)

    def undo() -> None:
        model.fields = {**model.fields, name: field}
        model.refresh()

    env.transaction.on_rollback.append(undo)
    if model.stored:
        tables.drop_field(env.cr, field)
    env.forget()


def _base_attributes(env: Env, *, thread: bool, activity: bool) -> dict[str, dict[str, Any]]:
    """The attributes of the fields a custom model is born with, as the contacts have them."""
    known = env.registry["res.partner"].fields
    wanted = [*BASE_FIELDS, *(THREAD if thread else ()), *(ACTIVITY if activity else ())]
    found = {name: dict(known[name].attrs) for name in wanted if name in known}
    found["display_name"]["depends"] = ["x_name"]
    return found


def _install_model(env: Env, row: Mapping[str, Any]) -> ModelDef:
    registry = env.registry
    base = _base_attributes(
        env, thread=bool(row.get("is_mail_thread")), activity=bool(row.get("is_mail_activity"))
    )
    model = registry.add_model(row["model"], row["name"] or row["model"], base)
    model.order = row.get("order") or "id"
    known = registry["res.partner"].fields
    for name, one in model.fields.items():
        one.model_field = known[name].model_field
    return model


def add_model(env: Env, row: Mapping[str, Any]) -> None:
    """Make a model of its row in ir.model usable, undone with the transaction."""
    registry = env.registry
    model = _install_model(env, row)
    env.transaction.on_rollback.append(lambda: registry.drop_model(model.name))
    tables.create_table(env.cr, registry, model)
    env.forget()


def name_model(registry: Registry, model: str) -> None:
    """Find the field that names the records of a custom model, once its fields are known."""
    found = registry[model]
    found.rec_name = next((one for one in ("x_name", "name") if one in found.fields), None)
    found.rec_names_search = (found.rec_name,) if found.rec_name else ()


def drop_model(env: Env, name: str) -> None:
    """Forget a model and remove its table."""
    registry = env.registry
    model = registry.models.get(name)
    if model is None:
        return
    registry.drop_model(name)

    def undo() -> None:
        registry.models = {**registry.models, name: model}

    env.transaction.on_rollback.append(undo)
    tables.drop_table(env.cr, model)
    env.forget()


def reload(env: Env) -> None:
    """Bring the registry in line with the custom models and fields of the database; for a server that starts."""
    registry = env.registry
    columns = ["model", "name", "order", "is_mail_thread", "is_mail_activity"]
    models = env.sudo()["ir.model"].search_read([("state", "=", "manual")], columns, order="id")
    for row in models:
        if row["model"] not in registry:
            _install_model(env, row)
    for row in _rows(env, [("state", "=", "manual")]):
        model = registry.models.get(row["model"])
        if model is not None and row["name"] not in model.fields:
            _install(env, row)
    for row in models:
        name_model(registry, row["model"])
