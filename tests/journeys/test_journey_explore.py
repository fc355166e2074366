"""Catalog and explorer in a browser: from SQL to a chart that is saved, rows that scroll, versions, relations."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from towpath.access import Role

from .conftest import DESKTOP, PHONE

PAGES = {
    "catalog": "/catalog",
    "relations": "/catalog?view=relations",
    "columns": "/catalog/raw.demo.account_move",
    "rows": "/catalog/raw.demo.account_move?tab=rows",
    "versions": "/catalog/raw.demo.account_move?tab=versions",
    "lineage": "/catalog/raw.demo.account_move?tab=lineage",
    "table-relations": "/catalog/raw.demo.account_move?tab=relations",
    "explorer": "/explore",
}
SQL = "select state, count(*) as n from account_move group by all order by n desc"


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [(name, *((DESKTOP, "dark"), (PHONE, "light"))[place % 2]) for place, name in enumerate(PAGES)],
    ids=PAGES,
)
def test_a_page_can_be_used_by_everybody(visit: Any, name: str, size: dict[str, int], scheme: str):
    window = visit(Role.ADMIN, viewport=size, color_scheme=scheme)
    window.page.goto(PAGES[name])
    window.page.wait_for_selector("h1")
    window.page.wait_for_load_state("networkidle")
    assert window.axe() == []
    width = window.page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"], "nothing is cut off at the side"
    assert window.page.title().endswith("· Towpath")


def write(page: Any, text: str) -> None:
    """Type into the editor as a person does."""
    page.get_by_role("textbox", name="SQL").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


@pytest.mark.feature("S2.49")
def test_from_sql_to_a_chart_that_is_shared(visit: Any):
    window = visit(Role.ANALYST)
    page = window.page
    page.goto("/explore")
    write(page, SQL)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("gridcell", name="posted").first).to_be_visible()
    page.get_by_text("Chart", exact=True).click()
    # What is drawn is told in words to those who do not see it.
    drawing = page.get_by_role("img", name=re.compile("Bar chart named n.*posted"))
    expect(drawing.locator("svg")).to_be_visible()
    assert drawing.locator("svg path").count() > 5
    page.get_by_text("Pie", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("Pie chart"))).to_be_visible()
    assert window.axe() == []
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Title").fill("Entries by state")
    page.get_by_role("switch", name="Share with everybody").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Entries by state")).to_be_visible()
    # Somebody else opens it: the same query with its chart, run with their own rights.
    other = visit(Role.ADMIN)
    other.page.goto("/explore")
    other.page.get_by_role("button", name="Open Entries by state").click()
    expect(other.page.get_by_role("img", name=re.compile("Pie chart"))).to_be_visible()
    expect(other.page.get_by_role("button", name="Save a copy")).to_be_visible()


def test_an_answer_becomes_a_file(visit: Any):
    page = visit(Role.ANALYST).page
    page.goto("/explore")
    write(page, SQL)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name="Excel workbook").click()
    assert coming.value.suggested_filename.endswith(".xlsx")
    assert coming.value.path().stat().st_size > 3_000


def test_a_mistake_is_told_and_a_long_query_stopped(visit: Any):
    page = visit(Role.ANALYST).page
    page.goto("/explore")
    write(page, "select * from acount_move")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("did you mean account_move")
    write(page, "select count(*) from range(10000000000) a, range(1000) b")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The query was stopped.")).to_be_visible()


def test_the_editor_offers_tables_and_columns(visit: Any):
    page = visit(Role.ANALYST).page
    page.goto("/explore")
    page.get_by_role("textbox", name="SQL").click()
    page.keyboard.type("select amount_tot")
    expect(page.get_by_role("option", name=re.compile("amount_total")).first).to_be_visible()
    page.wait_for_timeout(200)  # the editor takes no choice that comes faster than one could read
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="SQL")).to_contain_text("select amount_total")


@pytest.mark.feature("S2.50", "S2.51")
def test_a_ready_query_is_shown_for_another_engine_and_run(visit: Any):
    page = visit(Role.ANALYST).page
    page.goto("/explore")
    page.get_by_role("tab", name="Ready").click()
    panel = page.get_by_label("Queries", exact=True).first
    panel.get_by_role("button", name=re.compile("by month", re.IGNORECASE)).first.click()
    panel.get_by_label("SQL for").click()
    page.get_by_role("option", name="BigQuery (Google Cloud)").click()
    expect(panel).to_contain_text("_towpath_deleted_at")
    panel.get_by_role("button", name="Run it here").click()
    expect(page.locator("main [role=img] svg")).to_be_visible()
    page.get_by_text("Table", exact=True).click()
    expect(page.get_by_role("gridcell").first).to_be_visible()


@pytest.mark.feature("S2.51")
def test_somebody_new_gets_a_chart_by_two_clicks(visit: Any):
    page = visit(Role.ANALYST).page
    page.goto("/")
    page.get_by_role("link", name="Explore the data").click()
    page.get_by_role("button", name=re.compile("Invoiced, credited and collected")).click()
    # A series for each company.
    expect(page.locator("main [role=img] svg text", has_text="Lockside")).to_be_visible()


@pytest.mark.feature("S2.22")
def test_rows_are_sorted_and_scrolled_and_looked_at_as_they_were(visit: Any):
    page = visit(Role.ANALYST).page
    page.goto("/catalog")
    page.get_by_role("link", name="account_move", exact=True).click()
    page.get_by_role("tab", name="Rows").click()
    expect(page.get_by_role("gridcell", name="1", exact=True).first).to_be_visible()
    heading = page.get_by_role("columnheader", name=re.compile("^ID")).get_by_text("ID", exact=True)
    heading.click()
    heading.click()
    told = page.get_by_text(re.compile(r"^[\d,]+ rows$")).first
    last = re.sub(r"\D", "", told.inner_text())
    expect(page.get_by_role("gridcell", name=last, exact=True).first).to_be_visible()
    page.locator(".ag-grid-viewport").evaluate("it => it.scrollTo(0, it.scrollHeight)")
    expect(page.get_by_role("gridcell", name="1", exact=True).first).to_be_visible()


@pytest.mark.feature("S2.48")
def test_relations_are_drawn_and_listed(visit: Any):
    page = visit(Role.OPERATOR).page
    page.goto("/catalog/raw.demo.account_move?tab=relations")
    expect(page.locator(".react-flow__node")).not_to_have_count(0)
    expect(page.get_by_role("heading", name="Leads to")).to_be_visible()
    page.get_by_role("listitem").get_by_role(
        "link", name=re.compile("Contact|partner", re.IGNORECASE)
    ).first.click()
    expect(page.get_by_role("heading", name="res_partner", level=1)).to_be_visible()


def test_who_may_not_read_rows_is_told(visit: Any):
    page = visit(Role.OPERATOR).page
    page.goto("/catalog/raw.demo.account_move?tab=rows")
    expect(page.get_by_text("takes the role Analyst")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Explorer")).to_have_count(0)


def test_french(visit: Any):
    window = visit(Role.ANALYST)
    window.page.add_init_script("localStorage.setItem('towpath.language', 'fr')")
    window.page.goto("/explore")
    expect(window.page.get_by_role("button", name="Exécuter")).to_be_visible()
    window.page.goto("/catalog")
    expect(window.page.get_by_role("heading", name="Catalogue", level=1)).to_be_visible()


def test_a_refusal_is_said_in_the_language_of_the_page(visit: Any):
    page = visit(Role.ANALYST, locale="fr-FR").page
    page.goto("/explore")
    page.get_by_role("textbox", name="SQL").fill("delete from account_move")
    page.get_by_role("button", name="Exécuter").click()
    expect(page.get_by_role("alert")).to_contain_text("Seul un SELECT est possible ici")
