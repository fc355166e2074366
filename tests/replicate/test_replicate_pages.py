"""Pages and the budget: waiting for one's turn is not Odoo's slowness."""

from __future__ import annotations

import threading

import pytest

from towpath.errors import ProtocolError
from towpath.features.replicate.reading import Reader
from towpath.odoo import Access, Odoo, Pace, PageSize
from towpath.odoo.incoming import read_json
from towpath.odoo.pages import Page


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


class Watched(Odoo):
    """An Odoo whose second page is asked for late: there is time to read the first one too soon."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.happened: list[str] = []
        self.read = threading.Event()
        self.pages = 0

    def page(self, *arguments, sent, **named):
        self.pages += 1
        if self.pages == 2:
            self.read.wait(0.5)

        def told():
            self.happened.append(f"asked for {self.pages}")
            sent()

        return super().page(*arguments, sent=told, **named)


@pytest.mark.feature("S2.60")
def test_odoo_is_at_work_at_the_next_page_before_this_one_is_made_into_values(odoo19, monkeypatch):
    monkeypatch.setattr("towpath.features.replicate.reading.ASKING", 60)
    access = Access(url=odoo19.url, database=odoo19.db, secret=odoo19.users["admin"].key, protocol="json2")
    with Watched(access) as odoo:
        reader = Reader(
            odoo=odoo,
            model="res.country",
            fields=["name"],
            context={},
            size=PageSize(start=20, goal=20, floor=5),
            check=lambda: None,
        )

        def values(text):
            odoo.read.set()
            odoo.happened.append(f"read {sum(one.startswith('read') for one in odoo.happened) + 1}")
            return read_json(text)

        odoo.search_count("res.country", [])
        monkeypatch.setattr("towpath.odoo.pages.read_json", values)
        with reader.pages([["id", "<", 90]]) as pages:
            read = len(list(pages))
    assert read >= 3
    order = odoo.happened.index
    assert all(order(f"asked for {number + 1}") < order(f"read {number}") for number in range(1, read + 1))


class Odd(Odoo):
    """An Odoo behind a proxy, or with an add-on, that makes other pages of what it is asked for."""

    change = None
    asked = 0

    def page(self, *arguments, **named):
        rows = super().page(*arguments, **named).rows()
        self.asked += 1
        return Page.of_rows(self.change(rows, self.asked), "the test")


def read_all(server, change):
    access = Access(url=server.url, database=server.db, secret=server.users["admin"].key, protocol="json2")
    size, remarks = PageSize(start=20, goal=20, floor=5), []
    with Odd(access) as odoo:
        odoo.change = change
        reader = Reader(
            odoo=odoo,
            model="res.country",
            fields=["name"],
            context={},
            size=size,
            check=lambda: None,
            remarks=remarks,
        )
        with reader.pages([]) as pages:
            return [row["id"] for rows in pages for row in rows], remarks


@pytest.mark.feature("S2.60")
def test_pages_that_come_again_or_in_another_order_are_no_rows_of_the_table(odoo19):
    first: list = []

    def same(rows, _):
        first[:] = first or rows
        return list(first)

    def shuffled(rows, _):
        return rows[1::2] + rows[::2]

    def back(rows, _):
        return rows[::-1]

    def behind(rows, number):
        return first[:1] + rows if number == 2 else rows

    for change in (same, shuffled, back, behind):
        with pytest.raises(ProtocolError, match="another order than by id"):
            read_all(odoo19, change)
    right, _ = read_all(odoo19, lambda rows, _: rows)
    twice, remarks = read_all(odoo19, lambda rows, _: [row for row in rows for _ in (1, 2)])
    assert twice == right == sorted(set(right))
    assert len(remarks) == 1
