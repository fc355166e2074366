"""Pages and the budget: waiting for one's turn is not Odoo's slowness."""

from __future__ import annotations

import pytest

from towpath.features.replicate.reading import Reader
from towpath.odoo import Access, Odoo, Pace, PageSize


@pytest.mark.feature("S2.60")
def test_a_wait_for_the_budget_makes_no_page_smaller(odoo19):
    access = Access(url=odoo19.url, database=odoo19.db, secret=odoo19.users["admin"].key, protocol="json2")
    size = PageSize(start=20, goal=80, floor=5, seconds=0.4)
    with Odoo(access, Pace(per_second=2)) as odoo:
        odoo.search_count("res.country", [])
        reader = Reader(
            odoo=odoo, model="res.country", fields=["name"], context={}, size=size, check=lambda: None
        )
        with reader.pages([]) as pages:
            read = [len(rows) for rows in pages]
    assert read[:3] == [20, 40, 80]
