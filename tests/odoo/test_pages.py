"""Pages that tell their last id before they are made into values."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from towpath.errors import ProtocolError, RetryLaterError
from towpath.odoo import Access, Odoo
from towpath.odoo.incoming import read_json
from towpath.odoo.pages import Page

texts = st.text(max_size=12) | st.sampled_from(['{"id": 5}', '"}]', '{\\"id":1}]', "\\", '{"id":'])
things = st.recursive(
    texts | st.integers(0, 99) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)
records = st.builds(
    lambda number, more: {"id": number, **more},
    st.integers(1, 10**12),
    st.dictionaries(st.sampled_from(["name", "place", "x"]), things, max_size=3),
)


@pytest.mark.feature("S1.23")
@given(st.lists(records, max_size=4), st.sampled_from([(", ", ": "), (",", ":"), (", ", " : ")]))
@example([{"id": 7, "x": [{"id": 9}]}], (", ", ": "))
@example([{"id": 7, "x": {"id": 9, "x": [{"id": 1}]}}], (",", ":"))
@example([{"id": 7, "x": [{"id": n} for n in range(20)]}], (",", ":"))
def test_the_last_id_is_that_of_the_last_record_whatever_stands_in_it(rows, separators):
    page = Page.of_text(json.dumps(rows, separators=separators).encode(), "a.b")
    assert page.last_id == (rows[-1]["id"] if rows else None)
    assert page.count >= len(rows)
    assert page.rows() == rows


@pytest.mark.feature("S1.23")
def test_a_page_whose_end_is_odd_is_read_at_once():
    odd = Page.of_text(b'[{"name": "a", "id": 3}, {"name": NaN, "id": 4}]', "a.b")
    assert (odd.last_id, odd.count, len(odd.rows())) == (4, 2, 2)
    for text, said in ((b"{}", "list"), (b'[{"id": false}]', "without its id")):
        with pytest.raises(ProtocolError, match=said):
            Page.of_text(text, "a.b")
    with pytest.raises(RetryLaterError, match="whole JSON"):
        Page.of_text(b'[{"id": 3', "a.b")
    damaged = Page.of_text(b'[{"id": 1, {"id": 2}]', "a.b")
    with pytest.raises(RetryLaterError, match="whole JSON"):
        damaged.rows()


@pytest.mark.feature("S1.23", "S2.60")
@pytest.mark.parametrize("protocol", ["json2", "jsonrpc", "xmlrpc"])
def test_a_page_is_what_search_read_gives(odoo19, protocol, monkeypatch):
    """Over JSON-2 no row is made into values before somebody asks for them."""
    whole: list[int] = []
    monkeypatch.setattr("towpath.odoo.pages.read_json", lambda text: whole.append(1) or read_json(text))
    user = odoo19.users["admin"]
    access = Access(url=odoo19.url, database=odoo19.db, login="admin", secret=user.key, protocol=protocol)
    with Odoo(access) as odoo:
        wanted = odoo.search_read("res.country", [["id", ">", 20]], ["name", "code"], limit=30)
        told: list[int] = []
        page = odoo.page(
            "res.country", [["id", ">", 20]], ["name", "code"], limit=30, sent=lambda: told.append(1)
        )
        assert told == [1]
        assert page.last_id == wanted[-1]["id"]
        assert page.count >= 30
        assert not whole
        assert page.rows() == wanted
        assert len(whole) == (protocol == "json2")
        assert odoo.page("res.country", [["id", "<", 0]], ["name"], limit=30).last_id is None
