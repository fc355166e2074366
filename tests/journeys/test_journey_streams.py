"""All settings of a stream in the browser, a key that is refused and replaced, batches, and the explorer by keyboard."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from towpath.access import Role
from towpath.features.connections import service as connections
from towpath.features.replicate import service as replicate

from .conftest import PHONE
from .test_journey_sources import WAIT, focused, tab_to


@pytest.fixture
def partners(workspace):
    """A source of its own, whose user can be replaced, with two streams; forgotten after the test."""
    odoo, name = workspace.odoo, f"s{uuid.uuid4().hex[:8]}"
    user = odoo.users["limited"]
    connections.add(
        workspace.hub, name=name, url=odoo.url, database=odoo.db, login=user.login, secret=user.key
    )
    yield replicate.add(workspace.hub, name, ["res.partner", "res.country"], replicate.Choice())
    odoo.faults.clear()
    for stream in replicate.choose(workspace.hub, connection=name):
        replicate.remove(workspace.hub, stream.id)
    connections.remove(workspace.hub, name)


def choose(page, name):
    """Choose in the list that has the focus, by the arrows."""
    page.keyboard.press("Enter")
    option = page.get_by_role("option", name=name)
    expect(option).to_be_visible()
    for _ in range(10):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(100)  # the mark follows the key a moment later
        if option.get_attribute("data-combobox-selected"):
            break
    else:
        raise AssertionError(f"the arrows do not lead to {name!r}")
    page.keyboard.press("Enter")
    expect(option).to_be_hidden()


@pytest.mark.feature("S2.18", "S2.19")
def test_all_settings_of_a_stream_are_edited_by_the_keyboard(visit, workspace, partners):
    window = visit(Role.OPERATOR)
    page, keys = window.page, window.page.keyboard
    stream, first = partners
    page.goto(f"/streams/{stream.id}")
    expect(page.get_by_role("heading", name="res_partner", level=1)).to_be_visible(timeout=WAIT)
    tab_to(page, "Edit")
    keys.press("Enter")
    expect(page.get_by_placeholder("Search fields")).to_be_visible(timeout=WAIT)
    tab_to(page, "Keep every version of each record")
    keys.press("Space")
    tab_to(page, "Search fields")
    keys.type("comment")  # few fields are shown, and passed by Tab
    tab_to(page, "Again and again|By hand only")
    keys.press("ArrowUp")  # the way before it: after another stream
    tab_to(page, "Stream that comes first")
    keys.type(first.folder)  # its own source; others have such streams as well
    expect(page.get_by_role("option")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("Enter")
    tab_to(page, "Additional full sync")
    choose(page, "Every week")
    tab_to(page, "More")
    keys.press("Enter")
    page.get_by_role("combobox", name="Link tables").scroll_into_view_if_needed()  # it has unfolded
    tab_to(page, "Link tables")
    keys.type("category_id")
    expect(page.get_by_role("option")).to_have_count(1)  # what does not fit is left out a moment later
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("Escape")
    assert window.axe() == []

    # What is not valid is told beside its field, and nothing is stored.
    page.get_by_role("combobox", name="Overlap", exact=True).click()
    page.get_by_role("option", name="A length of your own").click()
    page.get_by_label("Overlap: How often").fill("9")
    page.get_by_role("combobox", name="Overlap: Unit").click()
    page.get_by_role("option", name="days", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("give a week or less")).to_be_visible(timeout=WAIT)
    page.get_by_label("Overlap: How often").fill("2")
    # Somebody else changes something in between: what was typed here is kept on top of it.
    replicate.edit(workspace.hub, stream.id, replicate.Choice(description="Theirs"))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Keep what I typed").click()
    expect(page.get_by_label("Description")).to_have_value("Theirs", timeout=WAIT)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Every version is kept")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("link", name=first.table_name)).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("category_id", exact=True)).to_be_visible()
    expect(page.get_by_text("2 days", exact=True)).to_be_visible()
    (stored, _) = sorted(
        replicate.choose(workspace.hub, [stream.id, first.id]), key=lambda one: one.id != stream.id
    )
    assert (stored.history, stored.links, stored.after_stream_id) == (True, ["category_id"], first.id)
    assert (stored.overlap_seconds, stored.description) == (2 * 86_400, "Theirs")
    assert stored.full_schedule["seconds"] == 7 * 86_400
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Keep every version of each record")).to_be_checked(timeout=WAIT)
    expect(page.get_by_role("combobox", name="Stream that comes first")).to_have_value(
        re.compile("res_country")
    )


def test_a_key_that_was_refused_is_replaced_where_it_is_told(visit, workspace, partners):
    window = visit(Role.ADMIN)
    page, odoo = window.page, workspace.odoo
    stream, _ = partners
    odoo.faults.add("revoked_key", key=odoo.users["limited"].key)
    page.goto(f"/streams/{stream.id}")
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("link", name="See the run").last.click()
    page.get_by_role("link", name="Set a new key").click(timeout=WAIT)

    expect(page.get_by_text("Odoo refuses the key", exact=True)).to_be_visible(timeout=WAIT)
    expect(page.get_by_label("New API key")).to_be_focused()
    page.get_by_label("New API key").fill("not the key")
    page.get_by_role("button", name="Test and set").click()
    expect(page.get_by_role("form").get_by_text("Odoo refused the API key")).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    page.get_by_label("User name").fill("admin")
    page.get_by_label("New API key").fill(odoo.users["admin"].key)
    page.get_by_label("The key ends on").fill("2031-03-01")
    page.get_by_role("button", name="Test and set").click()
    expect(page.get_by_text("1 March 2031")).to_be_visible(timeout=WAIT)
    assert page.get_by_label("New API key").count() == 0
    page.get_by_role("button", name="Run the stream that failed").click()
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Odoo refuses the key", exact=True)).to_have_count(0)
    known = connections.find_by_id(workspace.hub, stream.connection_id)
    assert (known.login, known.test_ok) == ("admin", True)
    assert workspace.hub.cabinet.info(connections.owner_of(known.id)).expires_at.year == 2031

    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Settings of the source").click()
    page.get_by_label("Name of the source").fill("Not a name")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("can not be the name of a connection")).to_be_visible(timeout=WAIT)
    assert window.axe() == []


def test_a_batch_is_found_from_runs_and_its_state_is_read(visit):
    window = visit(Role.ADMIN, viewport=PHONE, color_scheme="dark")
    page = window.page
    page.goto("/runs")
    page.get_by_role("link", name="Batches").click(timeout=WAIT)
    expect(page.get_by_role("heading", name="Batches", level=1)).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    page.get_by_role("link", name=re.compile("^Batch 1$")).click()
    expect(page.get_by_role("heading", name="Versions that belong together")).to_be_visible(timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert window.axe() == []
    page.get_by_role("link", name="Read crm_stage as of this batch").click()
    expect(page.get_by_role("textbox", name="As of")).to_have_value("run:1", timeout=WAIT)
    expect(page.get_by_role("gridcell").first).to_be_visible(timeout=WAIT)


@pytest.mark.feature("S2.49")
def test_from_sql_to_a_chart_by_the_keyboard_alone(visit):
    window = visit(Role.ANALYST)
    page, keys = window.page, window.page.keyboard
    page.goto("/explore")
    expect(page.get_by_role("textbox", name="SQL")).to_be_visible(timeout=WAIT)
    tab_to(page, "SQL")
    keys.insert_text("select state, count(*) as n from account_move group by all order by n desc")
    keys.press("Control+Enter")
    expect(page.get_by_role("gridcell", name="posted").first).to_be_visible(timeout=WAIT)
    # Tab is for the editor until Escape gives it back.
    keys.press("Escape")
    tab_to(page, "Table")
    keys.press("ArrowRight")
    expect(page.get_by_role("img", name=re.compile("Bar chart named n"))).to_be_visible(timeout=WAIT)
    tab_to(page, "Bar")
    keys.press("ArrowRight")
    assert "Line" in focused(page)
    expect(page.get_by_role("img", name=re.compile("Line chart"))).to_be_visible(timeout=WAIT)
