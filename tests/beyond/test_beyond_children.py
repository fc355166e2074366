"""Which models are offered as the lines of another one, on both versions."""

from __future__ import annotations

import pytest

from towpath.features.replicate.children import children_of
from towpath.odoo.schema import discover

both = pytest.mark.parametrize("dock", ["19.0", "17.0"], indirect=True)


@both
@pytest.mark.feature("S2.48", "S2.55")
def test_lines_are_found_and_noise_is_not(dock):
    found = {
        model: children_of(discover(dock.odoo, model))
        for model in ("sale.order", "purchase.order", "account.move", "res.partner")
    }
    assert found["sale.order"][0] == ("order_line", "sale.order.line")
    assert found["purchase.order"] == [("order_line", "purchase.order.line")]
    assert found["account.move"][0] == ("line_ids", "account.move.line")
    assert found["res.partner"][0] == ("bank_ids", "res.partner.bank")
    for model, children in found.items():
        lines = [child for _, child in children]
        assert len(set(lines)) == len(lines)
        assert model not in lines
        assert not [
            c for c in lines if c.startswith(("mail.", "rating.", "discuss.", "ir.")) or "activity" in c
        ]
