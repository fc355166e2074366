"""Names of columns: what a name was given to keeps it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from towpath.features.replicate.settled import Settled, settle
from towpath.odoo.columns import plan
from towpath.odoo.schema import Field, Model


def settled(held: pa.Schema, kind: str) -> tuple[Settled, pa.Schema]:
    """A table that had `held`, read with a field `berth` of this type, and the columns it has then."""
    relation = "res.partner" if kind == "many2one" else None
    fields = {
        "id": Field(name="id", type="integer"),
        "berth": Field(name="berth", type=kind, relation=relation),
    }
    found = settle(plan(Model(name="x_boat", fields=fields), ["berth"]), held)
    added = [one.arrow() for one in found.columns if one.name not in held.names]
    return found, pa.schema([*held, *added])


@pytest.mark.feature("S2.53")
def test_a_link_and_a_number_keep_columns_of_their_own():
    _, held = settled(pa.schema([]), "many2one")
    assert held.names == ["id", "berth", "berth__name"]
    found, held = settled(held, "integer")
    assert "berth__integer" in held.names
    assert len(found.remarks) == 1
    found, held = settled(held, "many2one")
    assert [one.name for one in found.columns] == ["id", "berth", "berth__name"]
    found, held = settled(held, "integer")
    assert [one.name for one in found.columns] == ["id", "berth__integer"]
    assert found.remarks == []
