"""Logs and secrets in the browser: filters, the check of the chain, a row in full, the end of a key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from towpath.access import Role
from towpath.features.audit import service as audit

PHONE = {"width": 390, "height": 844}


@pytest.mark.feature("S0.18", "S0.34")
def test_an_auditor_finds_a_row_and_checks_the_chain(visit: Callable[..., Any], tmp_path: Path):
    seen = visit(Role.AUDITOR)
    page = seen.page
    page.goto("/logs")
    expect(page.get_by_role("heading", name="Logs", level=1)).to_be_visible()
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("nothing was changed")).to_be_visible()
    page.screenshot(path=tmp_path / "logs.png")
    page.get_by_label("Search in everything").fill("connection.add")
    expect(page).to_have_url(re.compile("text=connection.add"))
    # The other journeys of this process may have added connections as well.
    rows = page.get_by_role("table", name="Logs").get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows.filter(has_not=page.locator("[title='connection.add']"))).to_have_count(0)
    ours = rows.filter(has_text="connection/demo")
    expect(ours).to_have_count(1)
    ours.get_by_role("button").press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("connection/demo")).to_be_visible()
    page.screenshot(path=tmp_path / "details.png")
    assert seen.axe() == []
    drawer.get_by_role("button", name="connection/demo").click()
    expect(page).to_have_url(re.compile("object=connection"))
    with page.expect_download() as got:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name="CSV for spreadsheets").click()
    text = Path(got.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[0].startswith("number,at,actor")
    assert "connection/demo" in text
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    assert seen.axe() == []


@pytest.mark.feature("S0.20")
def test_the_end_of_a_key_is_noted_and_no_value_shown(
    visit: Callable[..., Any], workspace: Any, tmp_path: Path
):
    seen = visit(Role.ADMIN)
    page = seen.page
    page.goto("/settings/secrets")
    actions = page.get_by_role("button", name="Actions for demo", exact=True)
    row = page.get_by_role("row").filter(has=actions)  # other tests leave secrets as well
    actions.click()
    page.get_by_role("menuitem", name="When it ends").click()
    page.get_by_label("Ends on").fill("2000-01-02")
    page.get_by_role("button", name="Save").click()
    expect(row.get_by_text("2 Jan 2000")).to_be_visible()
    page.screenshot(path=tmp_path / "secrets.png")
    actions.click()
    page.get_by_role("menuitem", name="Replace").click()
    page.get_by_label("New secret").fill("a key that does not work")
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(page.get_by_role("alert").filter(has_text="refused")).to_be_visible()
    assert seen.axe() == []
    page.keyboard.press("Escape")
    assert workspace.odoo.users["admin"].key not in page.content()
    rows = audit.listed(workspace.hub, audit.Search(object="connection/demo", action="secret.expiry"))
    assert rows[0].actor.startswith("user:")
    actions.click()
    page.get_by_role("menuitem", name="When it ends").click()
    page.get_by_label("Ends on").fill("")
    page.get_by_role("button", name="Save").click()
    expect(row.get_by_text("not known")).to_be_visible()


@pytest.mark.parametrize("place", ["/logs", "/settings/secrets"])
def test_on_a_phone_in_the_dark_and_in_french(place: str, visit: Callable[..., Any], tmp_path: Path):
    seen = visit(Role.ADMIN, viewport=PHONE, color_scheme="dark")
    seen.page.add_init_script("localStorage.setItem('towpath.language', 'fr')")
    seen.page.goto(place)
    expect(seen.page.get_by_role("table").first).to_be_visible()
    width = seen.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    seen.page.screenshot(path=tmp_path / "phone.png")
    assert seen.axe() == []


def test_who_may_not_is_told(visit: Callable[..., Any]):
    seen = visit(Role.ANALYST)
    seen.page.goto("/logs")
    expect(seen.page.get_by_role("link", name="Logs")).to_have_count(0)
    expect(seen.page.get_by_role("table", name="Logs")).to_have_count(0)
