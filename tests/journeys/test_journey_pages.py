"""Every page of the workspace, at desktop and phone width, light and dark: it shows itself, and axe has no serious word."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError  # noqa: A004  # its own, which its waits raise

from towpath.access import Role

from .conftest import DESKTOP, PHONE

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


def test_a_page_that_is_read_from_the_right_fits_as_well(visit):
    page = visit(Role.ADMIN).page
    for path in ("/", "/catalog/raw.demo.account_move?tab=rows", "/explore", "/logs"):
        page.set_viewport_size(DESKTOP)
        page.goto(path)
        page.wait_for_selector("h1")
        page.evaluate("document.documentElement.dir = 'rtl'")
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            # The layout takes a moment to settle.
            with suppress(TimeoutError):
                page.wait_for_function(
                    f"() => ({COVERED})().length === 0 && ({WIDER})() <= 0", timeout=15_000
                )
            assert page.evaluate(COVERED) == [], f"{path} at {size['width']}"
            assert page.evaluate(WIDER) <= 0, f"{path} at {size['width']}"


#: Pixels to be scrolled to the side.
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"
#: What stands under something else in the header, or under the menu, by its text.
COVERED = """() => {
    const box = (one) => one.getBoundingClientRect();
    const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
    const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && box(one).width > 0;
    const head = [...document.querySelectorAll('header a, header button')].filter(seen);
    const under = head.filter((one, place) => head.slice(place + 1).some((other) => !apart(box(one), box(other))));
    const out = head.filter((one) => box(one).left < -1 || box(one).right > window.innerWidth + 1);
    const menu = [...document.querySelectorAll('nav')].filter((one) => seen(one) && box(one).right > 0 && box(one).left < window.innerWidth);
    const title = [...document.querySelectorAll('main h1')].filter((one) => menu.some((nav) => !apart(box(one), box(nav))));
    return [...under, ...out, ...title].map((one) => one.textContent);
}"""
