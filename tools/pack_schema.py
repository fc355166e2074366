"""Pack recorded `fields_get` answers of real Odoo servers into the files the sandbox ships.

Usage: `python tools/pack_schema.py FOLDER`, where FOLDER holds `fields-17.0.json` and `fields-19.0.json`
(every model with its fields, labels and selections). What `fields_get` does not tell (default order,
delegation, relation tables, wizard models, ...) is written by hand in `tools/schema/*.toml` and merged in.
"""

import json
import lzma
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parent / "src/towpath/sandbox/odoo_server/schema"
VERSIONS = ("17.0", "19.0")
# Attributes that differ from field to field; all the others repeat and are stored once per combination.
OWN = (
    "string",
    "relation",
    "relation_field",
    "related",
    "selection",
    "depends",
    "currency_field",
    "size",
    "help",
)
WIZARD_FIELD = {
    "company_dependent": False, "default_export_compatible": False, "depends": [], "exportable": True,
    "readonly": False, "required": False, "searchable": True, "store": True,
}  # fmt: skip
UNSORTED = {"one2many", "many2many", "binary", "image", "html_converted"}


class Interned:
    """A list of values without repetition; `number(value)` gives a value's place in it."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def number(self, value: Any) -> int:
        """The place of a JSON value, added at the end when new."""
        key = json.dumps(value, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def hand_written(version: str) -> dict[str, dict[str, Any]]:
    """Merge `tools/schema/*.toml`: a table `[model]` holds for all versions, `["17.0".model]` for one."""
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted((HERE / "schema").glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        layers = [{k: v for k, v in content.items() if k not in VERSIONS}, content.get(version, {})]
        for layer in layers:
            for model, facts in layer.items():
                into = merged.setdefault(model, {})
                for key, value in facts.items():
                    if isinstance(value, dict) and isinstance(into.get(key), dict):
                        into[key] = into[key] | value
                    else:
                        into[key] = value
    return merged


def wizard_field(version: str, text: str) -> dict[str, Any]:
    """A field of a wizard from its one-line form: `type[*][~] Label[ -> comodel][ . attribute=value]`.

    `*` means required, `~` not stored; attributes are JSON values separated by ` . `.
    """
    head, *attributes = text.split(" . ")
    kind, _, label = head.partition(" ")
    label, _, relation = label.partition(" -> ")
    stored = "~" not in kind
    required = "*" in kind
    kind = kind.rstrip("*~")
    plain = stored and kind not in {"one2many", "many2many", "binary"}
    field = WIZARD_FIELD | {
        "type": kind,
        "string": label,
        "required": required,
        "store": stored,
        "sortable": plain,
    }
    if version != "17.0":
        field["groupable"] = plain
    if relation:
        field["relation"] = relation
    if kind in {"char", "text", "html"}:
        field["translate"] = False
    for attribute in attributes:
        key, _, value = attribute.partition("=")
        field[key] = json.loads(value)
    return field


def automatic_fields(version: str) -> dict[str, dict[str, Any]]:
    """The fields every model with a table has: id, display_name and the four stamps."""
    lines = {
        "id": "integer ID . readonly=true",
        "display_name": "char~ Display Name . readonly=true . searchable="
        + ("false" if version == "17.0" else "true"),
        "create_date": "datetime Created on . readonly=true",
        "create_uid": "many2one Created by -> res.users . readonly=true",
        "write_date": "datetime Last Updated on . readonly=true",
        "write_uid": "many2one Last Updated by -> res.users . readonly=true",
    }
    return {name: wizard_field(version, line) for name, line in lines.items()}


def pack(version: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Build the packed form of one version; the reader is `schema/loader.py`."""
    shapes, selections, depends, modules = Interned(), Interned(), Interned(), Interned()
    facts = hand_written(version)
    models: dict[str, Any] = {}
    every = dict(recorded)
    for name, known in facts.items():
        if "wizard" in known:
            fields = automatic_fields(version)
            fields |= {key: wizard_field(version, line) for key, line in known["wizard"].items()}
            every[name] = {"name": known["label"], "modules": known.get("modules", "base"), "fields": fields}
            known.setdefault("kind", "transient")
    for name in sorted(every):
        packed_fields = []
        for key, field in sorted(every[name]["fields"].items()):
            rest = {k: v for k, v in field.items() if k not in OWN}
            own: dict[str, Any] = {
                k: field[k] for k in OWN if k in field and k not in {"string", "depends", "selection"}
            }
            text = facts.get(name, {}).get("help", {}).get(key)
            if text:
                own["help"] = text
            if "selection" in field:
                own["s"] = selections.number(field["selection"])
            if "depends" in field:
                own["d"] = depends.number(field["depends"])
            packed_fields.append([key, field.get("string", key), shapes.number(rest), own])
        known = {
            k: v for k, v in facts.get(name, {}).items() if k not in {"wizard", "label", "modules", "help"}
        }
        models[name] = [every[name]["name"], modules.number(every[name]["modules"]), known, packed_fields]
    unknown = {name: sorted(known) for name, known in facts.items() if name not in every}
    if unknown:
        print(f"{version}: not in this version and left out: {sorted(unknown)}")
    return {
        "version": version, "shapes": shapes.values, "selections": selections.values,
        "depends": depends.values, "modules": modules.values, "models": models,
    }  # fmt: skip


def main() -> None:
    """Write `schema-<version>.json.xz` for each version and print the sizes."""
    folder = Path(sys.argv[1])
    for version in VERSIONS:
        recorded = json.loads((folder / f"fields-{version}.json").read_text(encoding="utf-8"))
        text = json.dumps(pack(version, recorded), separators=(",", ":"), ensure_ascii=False, sort_keys=True)
        target = TARGET / f"schema-{version}.json.xz"
        target.write_bytes(lzma.compress(text.encode(), preset=6))
        print(f"{target.name}: {len(text) / 1e6:.2f} MB plain, {target.stat().st_size / 1e3:.0f} kB packed")


if __name__ == "__main__":
    main()
