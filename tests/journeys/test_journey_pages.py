"""Every page of the workspace, at desktop and phone width, light and dark: it shows itself, and axe has no serious word.

With ``TOWPATH_PICTURES=1`` the pictures in ``docs/pictures`` are taken anew.
"""

from __future__ import annotations

import os

import pytest

from towpath.access import Role

from .conftest import DESKTOP, PHONE, ROOT

#: Pages by what a test calls them.
PAGES = {
    "home": "/",
    "sources": "/sources",
    "add-source": "/sources/add",
    "runs": "/runs",
    "catalog": "/catalog",
    "table": "/catalog/raw.demo.account_move?tab=rows",
    "explorer": "/explore",
    "about": "/settings/about",
    "limits": "/settings/limits",
    "storage": "/settings/storage",
}
#: Pages that have journeys of their own, and are opened here for their pictures alone.
PICTURED = {
    "logs": "/logs",
    "people": "/settings/people",
    "roles": "/settings/roles",
    "secrets": "/settings/secrets",
    "account": "/account",
}
if PICTURES := os.environ.get("TOWPATH_PICTURES"):
    PAGES |= PICTURED


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_a_page_can_be_used_by_everybody(visit, name, size, scheme):
    window = visit(Role.ADMIN, viewport=size, color_scheme=scheme)
    window.page.goto(PAGES[name])
    window.page.wait_for_selector("h1")
    window.page.wait_for_load_state("networkidle")
    assert window.axe() == []
    width = window.page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"], "nothing is cut off at the side"
    assert window.page.title().endswith("· Towpath")
    if PICTURES and size == DESKTOP:
        window.page.wait_for_timeout(1000)
        window.page.screenshot(path=ROOT / "docs" / "pictures" / f"{name}.png")
