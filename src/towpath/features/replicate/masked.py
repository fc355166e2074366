"""Masks of a stream: what they are, the key of the hashes, and which to suggest."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from towpath.features.connections import service as connections
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub
from towpath.odoo.masking import Mask, parse, suggest
from towpath.odoo.schema import Model, discover

if TYPE_CHECKING:
    import pyarrow as pa


__all__ = ["Hint", "hints", "masks_of"]

#: Whose secret the key of the hashes is.
OWNER = "masking"
_LOCK = 7_403_211_981

_Change = Callable[["pa.Array"], "pa.Array"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A field that probably holds personal data, and a mask for it."""

    field: str
    label: str
    #: Kind of personal data.
    kind: str
    mask: str

    def to_json(self) -> dict[str, str]:
        """Plain values by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def hints(hub: Hub, connection: str, model: str) -> list[Hint]:
    """Masks suggested for those fields of a model that are read when none are chosen.

    :raises TowpathError: the connection or the model is not known, or can not be read.
    """
    known = connections.find(hub, connection)
    with connections.open_odoo(hub, known.id) as odoo:
        found = discover(odoo, model)
    suggested, usual = suggest(found), set(found.default_fields())
    return [
        Hint(field=field.name, label=field.label, kind=field.personal or "name of a person", mask=way)
        for name, way in sorted(suggested.items())
        if (field := found.fields[name]).name in usual
    ]


def masks_of(hub: Hub, stream: Stream, model: Model) -> dict[str, Mask]:
    """The stream's masks by field; those of fields the model does not show now are left out.

    :raises InputError: a mask does not fit its field any more; nothing is to be read without it.
    """
    wanted = {name: text for name, text in stream.masks.items() if name in model.fields}
    key = _key(hub) if any(text.strip().lower() == "hash" for text in wanted.values()) else b""
    return {name: parse(text, model.fields[name], key) for name, text in wanted.items()}


def _key(hub: Hub) -> bytes:
    """The installation's key for hashes, made when it is first needed."""
    if hub.cabinet.info(OWNER) is None:
        with hub.store.begin() as db:
            # The rival is another process that makes one: the second to get the lock finds the first one's.
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            if hub.cabinet.info(OWNER) is None:
                hub.cabinet.put(OWNER, secrets.token_hex(32), connection=db)
                hub.store.audit("system", "masking.key", "masking", connection=db)
    return bytes.fromhex(hub.cabinet.get(OWNER).reveal())
