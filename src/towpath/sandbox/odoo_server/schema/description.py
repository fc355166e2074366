"""The `fields_get` description of a field, completed from the recorded attributes.

The recordings left out what is the same for every field of a type (real-odoo.md §3 lists the names).
"""

from collections.abc import Mapping
from typing import Any

RELATIONAL = frozenset({"many2one", "one2many", "many2many"})
BY_TYPE: Mapping[str, Mapping[str, Any]] = {
    "char": {"translate": False, "trim": True},
    "text": {"translate": False},
    "html": {
        "translate": False,
        "sanitize": True,
        "sanitize_tags": True,
        "sanitize_attributes": True,
        "sanitize_style": False,
        "strip_style": False,
        "strip_classes": False,
    },
    "binary": {"attachment": True},
    "many2one": {"domain": [], "context": {}},
    "one2many": {"domain": [], "context": {}},
    "many2many": {"domain": [], "context": {}},
}
IN_TABLE = frozenset({"datas", "raw", "db_datas", "spreadsheet_binary_data"})


def describe(
    version: str,
    name: str,
    attributes: Mapping[str, Any],
    *,
    change_default: bool,
    hierarchy: bool,
    groups: str | None,
    definition: tuple[str, str] | None,
    model_field: str | None,
) -> dict[str, Any]:
    """Every attribute `fields_get` gives of a field, by name.

    `hierarchy`: the comodel has a parent field. `definition`: of a properties field, the many2one and the
    field there that define it. `model_field`: of an id whose model stands in another field.
    """
    kind = attributes["type"]
    full: dict[str, Any] = {"name": name, "manual": False, "change_default": change_default, "type": kind}
    full.update(BY_TYPE.get(kind, {}))
    full.update(attributes)
    if kind == "binary" and name in IN_TABLE:
        full["attachment"] = False
    if groups:
        full["groups"] = groups
    if definition:
        full["definition_record"], full["definition_record_field"] = definition
    if model_field:
        full["model_field"] = model_field
    if version != "17.0" and kind in RELATIONAL:
        full["allow_hierachy_operators"] = hierarchy
    if kind == "one2many" and full.get("relation_field") is None:
        full.pop("relation_field", None)
    if name.startswith(("in_group_", "sel_groups_")) and version == "17.0":
        for virtual in ("manual", "change_default", "name", "depends", "trim", "domain", "context"):
            full.pop(virtual, None)
    return full
