"""The fields of a model, as the user whose key is used may read them (S2.52-S2.55, facts §2.4).

``discover`` asks ``fields_get`` and gives a :class:`Model` of :class:`Field`. Nothing is hard-coded: custom
models and fields (``x_``) are like any other, and a field the user may not read is simply absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from types import MappingProxyType
from typing import Any, Protocol

from towpath.errors import DamagedError, GiveUpError, InputError, RightMissingError, SkipRecordError
from towpath.odoo.sensitive import is_secret, personal_kind

__all__ = ["Field", "FieldSource", "Model", "discover", "field_from_odoo", "from_json", "to_json"]

#: What ``fields_get`` is asked for. An attribute a server does not know is left out by it.
ATTRIBUTES = (
    "string", "type", "store", "readonly", "required", "relation", "relation_field", "selection", "currency_field",
    "digits", "company_dependent", "translate", "help", "groups", "searchable", "sortable", "manual",
)  # fmt: skip
#: The second and third try, when working out an attribute (a selection made by code, say) raises.
_FEWER_ATTRIBUTES = (("string", "type", "store", "readonly", "relation", "searchable"), ("type", "store"))

_STAMPS = ("create_uid", "create_date", "write_uid", "write_date")
_FORMAT = 1


class FieldSource(Protocol):
    """The one call discovery needs of a connection."""

    def fields_get(
        self, model: str, fields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """The fields of a model by name, each with the attributes asked for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a model, as ``fields_get`` describes it.

    ``digits`` is (precision, scale) and no guarantee (real-odoo §3). ``selection`` holds (key, label) pairs;
    of a ``reference`` field they are model names. ``personal`` is a kind of personal data or None.
    """

    name: str
    type: str
    label: str = ""
    store: bool = True
    readonly: bool = False
    required: bool = False
    relation: str | None = None
    relation_field: str | None = None
    selection: tuple[tuple[str, str], ...] = ()
    currency_field: str | None = None
    digits: tuple[int, int] | None = None
    company_dependent: bool = False
    translate: bool = False
    help: str = ""
    groups: str | None = None
    searchable: bool = True
    sortable: bool = True
    custom: bool = False
    personal: str | None = None
    secret: bool = False

    @property
    def to_many(self) -> bool:
        """Whether a value is a list of ids."""
        return self.type in {"one2many", "many2many"}

    @property
    def relational(self) -> bool:
        """Whether a value is one or more ids of the model ``relation``."""
        return self.to_many or self.type == "many2one"

    @property
    def stampless(self) -> bool:
        """Whether a value can change without a new stamp on its record, and no digest tells of it (facts §2.5).

        Worked out when it is read, a list of lines, properties (their definition stands in another record), a value for
        each company (of the user's company, or the default for all records), or the path of parents, which Odoo writes
        into all records below one that moved.
        """
        return self.name != "id" and (
            not self.store
            or self.company_dependent
            or self.type in {"one2many", "properties"}
            or self.name == "parent_path"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model and those of its fields that can be read.

    ``dropped`` maps each field that raises to the reason. ``note`` is a sentence for people when discovery
    did not go as it should (then only ``id`` may be known), else an empty text.
    """

    name: str
    label: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        object.__setattr__(self, "dropped", MappingProxyType(dict(self.dropped)))

    @property
    def has_write_date(self) -> bool:
        """Whether a change moves ``write_date``; without it only full reads are possible (facts §2.5)."""
        stamp = self.fields.get("write_date")
        return stamp is not None and stamp.store and stamp.type == "datetime"

    @property
    def has_active(self) -> bool:
        """Whether records can be archived: then ``active_test`` must be off or they look deleted."""
        return "active" in self.fields and self.fields["active"].type == "boolean"

    @property
    def custom(self) -> bool:
        """Whether the model was made in the database rather than by a module."""
        return self.name.startswith("x_")

    @property
    def id_only(self) -> bool:
        """Whether nothing but ``id`` is known (S2.54)."""
        return set(self.fields) == {"id"}

    def default_fields(self) -> tuple[str, ...]:
        """The fields read when nobody chose: ``id`` first, then names, the rest by name, the stamps last.

        Stored fields only (an unstored one is costly and never moves ``write_date``), without binary and html
        (size), and without one2many: the many2one on the other side says the same, and a one2many changes
        without moving ``write_date`` (facts §2.4-2.5).
        """
        chosen = [
            f.name
            for f in self.fields.values()
            if f.name == "id" or (f.store and f.type not in {"binary", "html", "one2many"})
        ]
        return self.ordered(chosen)

    def choose(self, wanted: Iterable[str] | None = None) -> tuple[str, ...]:
        """The fields to read when these were asked for, ``id`` always among them; None gives the default.

        Raises InputError naming the first field that does not exist, with the nearest that does.
        """
        if wanted is None:
            return self.default_fields()
        names = list(dict.fromkeys(["id", *wanted]))
        for name in names:
            if name not in self.fields:
                raise InputError(self.missing(name), details={"model": self.name, "field": name})
        return tuple(names)

    def missing(self, name: str) -> str:
        """The sentence that says there is no such field, with the nearest name or the reason it was dropped."""
        if name in self.dropped:
            return f"The field '{name}' of {self.name} can not be read: {self.dropped[name]}."
        import difflib

        near = difflib.get_close_matches(name, list(self.fields), n=1)
        hint = f"did you mean '{near[0]}'?" if near else "check its spelling and the user's rights."
        return f"{self.name} has no field '{name}' that this user may read; {hint}"

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        """The same names in the order of a table's columns: the answer of Odoo has no stable order."""

        def rank(name: str) -> tuple[int, str]:
            if name in _STAMPS:
                return (9, str(_STAMPS.index(name)))
            return ({"id": 0, "display_name": 1, "name": 2}.get(name, 5), name)

        return tuple(sorted(set(names), key=rank))

    def without(self, dropped: Mapping[str, str]) -> Model:
        """The model less some fields, which are kept as dropped with their reason; ``id`` is never dropped."""
        gone = {name: reason for name, reason in dropped.items() if name != "id"}
        kept = {name: f for name, f in self.fields.items() if name not in gone}
        return replace(self, fields=kept, dropped={**self.dropped, **gone})


def field_from_odoo(model: str, name: str, attributes: Mapping[str, Any]) -> Field:
    """The typed form of one entry of ``fields_get``. Anything odd in it falls back to the plainest meaning."""
    type_ = str(attributes.get("type") or "char")
    return Field(
        name=name,
        type=type_,
        label=_text(attributes.get("string")),
        store=bool(attributes.get("store", True)),
        readonly=bool(attributes.get("readonly", False)),
        required=bool(attributes.get("required", False)),
        relation=_text(attributes.get("relation")) or None,
        relation_field=_text(attributes.get("relation_field")) or None,
        selection=_pairs(attributes.get("selection")),
        currency_field=_text(attributes.get("currency_field")) or None,
        digits=_digits(attributes.get("digits")),
        company_dependent=bool(attributes.get("company_dependent", False)),
        translate=bool(attributes.get("translate", False)),
        help=_text(attributes.get("help")),
        groups=_text(attributes.get("groups")) or None,
        searchable=bool(attributes.get("searchable", True)),
        sortable=bool(attributes.get("sortable", True)),
        custom=bool(attributes.get("manual", False)) or name.startswith("x_"),
        personal=personal_kind(model, name, type_),
        secret=is_secret(model, name, type_),
    )


def discover(odoo: FieldSource, model: str, *, label: str = "") -> Model:
    """The model as the user may read it, falling back to ``id`` alone when Odoo can not describe it (S2.54).

    Errors a person must correct (address, key, no such model) and those that pass (RetryLaterError) are raised:
    a schema of ``id`` alone in their place would look as if every field had been removed.
    """
    reason = ""
    for attributes in (ATTRIBUTES, *_FEWER_ATTRIBUTES):
        try:
            answer = odoo.fields_get(model, None, attributes)
        except (GiveUpError, RightMissingError, SkipRecordError) as error:
            reason = error.message
            continue
        if answer:
            break
        reason = "the answer held no fields"
    else:
        return Model(
            name=model,
            label=label or model,
            fields={"id": _id_field()},
            note=f"The fields of {model} could not be read, so only its ids are: {reason.rstrip('.')}.",
        )
    fields = {
        str(name): field_from_odoo(model, str(name), described or {}) for name, described in answer.items()
    }
    fields["id"] = replace(fields["id"], type="integer", store=True) if "id" in fields else _id_field()
    names = sorted(fields)
    note = (
        f"Some details of the fields of {model} could not be read: {reason.rstrip('.')}."
        if attributes != ATTRIBUTES
        else ""
    )
    return Model(name=model, label=label or model, fields={n: fields[n] for n in names}, note=note)


def to_json(model: Model) -> str:
    """The model as JSON text to keep, stable for equal models; attributes with their usual value are left out."""
    attributes = [attribute.name for attribute in dataclass_fields(Field) if attribute.name != "name"]
    usual = Field(name="", type="")
    fields = {
        f.name: {k: v for k in attributes if (v := getattr(f, k)) != getattr(usual, k)}
        for f in model.fields.values()
    }
    kept = {
        "format": _FORMAT,
        "name": model.name,
        "label": model.label,
        "fields": fields,
        "dropped": dict(model.dropped),
        "note": model.note,
    }
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Model:
    """The model kept by :func:`to_json`. Raises DamagedError when the text is something else."""
    try:
        kept = json.loads(text)
        if kept["format"] != _FORMAT:
            raise DamagedError(
                f"A stored schema has the unknown format {kept['format']}; discover the model again."
            )
        fields = {}
        for name, described in kept["fields"].items():
            values = dict(described)
            values["selection"] = _pairs(values.get("selection"))
            values["digits"] = _digits(values.get("digits"))
            fields[name] = Field(name=name, **values)
        return Model(
            name=kept["name"], label=kept["label"], fields=fields, dropped=kept["dropped"], note=kept["note"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError("A stored schema can not be read; discover the model again.") from error


def _id_field() -> Field:
    return Field(name="id", type="integer", label="ID", readonly=True)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(
        (str(pair[0]), str(pair[1])) for pair in value if isinstance(pair, Sequence) and len(pair) == 2
    )


def _digits(value: Any) -> tuple[int, int] | None:
    if isinstance(value, Sequence) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return (int(value[0]), int(value[1]))
    return None
