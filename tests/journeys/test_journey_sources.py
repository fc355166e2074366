"""Adding a source by the keyboard alone, following a run, and two people who edit the same stream."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from playwright.sync_api import expect

from towpath.access import Role
from towpath.features.connections import service as connections
from towpath.features.replicate import service as replicate

from .conftest import PHONE

WAIT = 60_000


def focused(page):
    """What has the focus, as somebody hears it: role and name."""
    return page.evaluate(
        """() => {
          const at = document.activeElement;
          const labelled = (at.getAttribute('aria-labelledby') ?? '').split(' ')
            .map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
          const name = at.getAttribute('aria-label') || labelled.trim()
            || [...(at.labels ?? [])].map((label) => label.textContent).join(' ') || at.textContent;
          return `${at.type ?? at.tagName} ${name}`.replace(/\\s+/g, ' ').trim();
        }"""
    )


def tab_to(page, name, *, most=120):
    """Press Tab until something of that name has the focus."""
    heard = []
    for _ in range(most):
        page.keyboard.press("Tab")
        heard.append(focused(page))
        if re.search(name, heard[-1]):
            return
    raise AssertionError(f"Tab does not lead to {name!r}; it led to {heard}")


def at_step(page, title):
    """The step is shown, and its heading has the focus, so that Tab goes on inside it."""
    expect(page.get_by_role("heading", name=title)).to_be_focused(timeout=WAIT)


@pytest.mark.feature(
    "S2.1", "S2.2", "S2.3", "S2.6", "S2.8", "S2.11", "S2.12", "S2.13", "S2.16", "S2.17", "S2.20", "S2.21"
)
def test_a_source_is_added_by_the_keyboard_alone(visit, workspace):
    window = visit(Role.ADMIN)
    page, keys = window.page, window.page.keyboard
    name, key = f"k{uuid.uuid4().hex[:8]}", workspace.odoo.users["admin"].key
    page.goto("/sources")
    expect(page.get_by_role("heading", name="Sources", level=1)).to_be_visible(timeout=WAIT)
    tab_to(page, "Add source")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="What do you want to connect?")).to_be_visible(timeout=WAIT)
    tab_to(page, "^submit Continue")
    keys.press("Enter")

    at_step(page, "Where is your Odoo?")
    tab_to(page, "Address")
    keys.type(workspace.odoo.url)
    tab_to(page, "API key")
    keys.type("not the key")
    keys.press("Enter")
    refused = re.compile("Odoo refused the API key")
    expect(page.get_by_label("API key")).to_have_accessible_description(refused, timeout=WAIT)
    assert window.axe() == []
    # The test puts the focus where something has to be corrected.
    expect(page.get_by_label("API key")).to_be_focused()
    keys.press("Control+a")
    keys.type(key)
    keys.press("Enter")
    expect(page.get_by_text("It works", exact=True)).to_be_visible(timeout=WAIT)
    tab_to(page, "Name of the source")
    keys.press("Control+a")
    keys.type("demo")
    keys.press("Enter")
    expect(page.get_by_text("There is a connection 'demo' already")).to_be_visible(timeout=WAIT)
    expect(page.get_by_label("Name of the source")).to_be_focused()
    keys.press("Control+a")
    keys.type(name)
    keys.press("Enter")

    at_step(page, "What should be replicated?")
    assert key not in json.dumps(page.evaluate("() => ({...sessionStorage, ...localStorage})"))
    page.reload()  # what was chosen stays
    expect(page.get_by_role("heading", name="What should be replicated?")).to_be_visible(timeout=WAIT)
    tab_to(page, "Search models")
    keys.type("res.country")
    tab_to(page, r"checkbox Country")
    keys.press("Space")
    expect(page.get_by_text("250 records")).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    tab_to(page, "Continue with one model")
    keys.press("Enter")

    at_step(page, "Which fields, and what is masked?")
    tab_to(page, "Country")
    keys.press("Enter")
    expect(page.get_by_placeholder("Search fields")).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    tab_to(page, "^submit Continue", most=300)
    keys.press("Enter")

    at_step(page, "Where do the tables go?")
    tab_to(page, "Prefix")
    keys.type("odoo_")
    expect(page.get_by_label("Table of Country")).to_have_value("odoo_res_country")
    assert window.axe() == []
    keys.press("Enter")

    at_step(page, "When should it run?")
    tab_to(page, "Again and again")
    keys.press("ArrowDown")
    tab_to(page, "Times of the day")
    keys.press("Control+a")
    keys.type("06:15")
    expect(page.get_by_text("06:15").or_(page.get_by_text("6:15")).first).to_be_visible(timeout=WAIT)
    tab_to(page, "Description")
    keys.type("Countries for the map")
    expect(page.get_by_text("21 / 140")).to_be_visible()
    assert window.axe() == []
    keys.press("Enter")

    at_step(page, "Everything right?")
    expect(page.get_by_text(f"raw/{name}/odoo_res_country")).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    tab_to(page, "^submit Add source")
    keys.press("Enter")

    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=WAIT)
    assert page.evaluate("() => sessionStorage.getItem('towpath.add-source')") is None
    (stream,) = replicate.choose(workspace.hub, connection=name)
    assert stream.description == "Countries for the map"
    assert stream.schedule["times"] == ["06:15"]
    (run, _) = replicate.recent_runs(workspace.hub, stream=stream.id)[0]
    assert run.rows_inserted == 250
    assert window.axe() == []


@pytest.fixture
def countries(workspace):
    """A stream of its own, removed after the test."""
    table = f"c{uuid.uuid4().hex[:8]}"
    choice = replicate.Choice(table_name=table)
    (stream,) = replicate.add(workspace.hub, "demo", ["res.country"], choice)
    yield stream
    replicate.remove(workspace.hub, stream.id)


def test_a_run_is_followed_live_and_a_rival_edit_is_told(visit, workspace, countries):
    window = visit(Role.OPERATOR)
    page = window.page
    page.goto(f"/streams/{countries.id}")
    workspace.odoo.faults.add("latency", seconds=0.7, count=12)
    page.get_by_role("button", name="Run now").click()
    progress = page.get_by_role("progressbar", name=f"Progress of {countries.table_name}").first
    expect(progress).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="See the run").first.click()
    expect(page.get_by_text("What it did")).to_be_visible(timeout=WAIT)
    # Nothing is loaded again by hand: the line to the server brings all of it.
    expect(page.get_by_text("Succeeded")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Equal to Odoo")).to_be_visible(timeout=WAIT)
    workspace.odoo.faults.clear()
    assert window.axe() == []

    page.goto(f"/streams/{countries.id}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Description").fill("Mine")
    replicate.edit(workspace.hub, countries.id, replicate.Choice(description="Theirs"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody changed this stream meanwhile")).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    page.get_by_role("button", name="Load it again").click()
    expect(page.get_by_text("Theirs")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Description").fill("Both")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Both")).to_be_visible(timeout=WAIT)
    page.goto("/runs?state=failed")
    expect(page.get_by_text("No run fits the filter")).to_be_visible(timeout=WAIT)


@pytest.fixture
def unlimited(workspace):
    """The source of all journeys, without limits again after the test."""
    known = connections.find(workspace.hub, "demo")
    yield known
    none = dict.fromkeys(("calls_per_second", "calls_at_once", "working_hours"))
    connections.set_limits(workspace.hub, "demo", none)


@pytest.mark.feature("S2.60")
def test_the_load_on_an_odoo_is_limited_and_what_is_wrong_is_told(visit, workspace, unlimited):
    window = visit(Role.ADMIN)
    page = window.page
    page.goto(f"/sources/{unlimited.id}")
    page.get_by_role("button", name="Change limits").click()
    page.get_by_label("Calls a second", exact=True).fill("400")  # so many that no other journey is slowed
    page.get_by_label("People work in this Odoo").check()
    page.get_by_label("To", exact=True).fill("08:00")
    page.get_by_label("Calls a second in these hours").fill("300")
    assert window.axe() == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Working hours must end at another time than they begin.")).to_be_visible(
        timeout=WAIT
    )
    page.get_by_label("To", exact=True).fill("17:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Mon\N{EN DASH}Fri 08:00\N{EN DASH}17:30")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text(re.compile("[34]00 at most"))).to_be_visible(timeout=WAIT)
    assert window.axe() == []
    stored = connections.find(workspace.hub, "demo")
    assert (stored.calls_per_second, stored.working_hours["calls_per_second"]) == (400, 300)


def test_who_may_only_look_is_offered_nothing_else(visit, workspace):
    window = visit(Role.VIEWER)
    page = window.page
    page.goto(f"/sources/{connections.find(workspace.hub, 'demo').id}")
    expect(page.get_by_role("heading", name="Load on this Odoo")).to_be_visible(timeout=WAIT)
    assert page.get_by_role("button", name="Change limits").count() == 0
    page.goto("/sources")
    expect(page.get_by_role("link", name="demo")).to_be_visible(timeout=WAIT)
    assert page.get_by_role("link", name="Add source").count() == 0
    assert page.get_by_role("button", name="Run demo now").count() == 0


def test_the_steps_fit_a_phone_in_french(visit, workspace):
    window = visit(Role.ADMIN, viewport=PHONE, color_scheme="dark", locale="fr-FR")
    page = window.page
    known = replicate.choose(workspace.hub, connection="demo")[0].connection_id

    def fits():
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert window.axe() == []

    page.goto(f"/sources/add?connection={known}")
    expect(page.get_by_role("heading", name="Que faut-il répliquer ?")).to_be_visible(timeout=WAIT)
    fits()
    page.get_by_label("Chercher un modèle").fill("res.partner.bank")
    expect(page.get_by_text("0 enregistrement", exact=True)).to_be_visible(timeout=WAIT)  # not "un"
    page.get_by_label("Chercher un modèle").fill("hr.employee")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Continuer avec un modèle").click()
    page.get_by_role("button", name=re.compile("hr.employee")).click()
    expect(page.get_by_label("Chercher un champ")).to_be_visible(timeout=WAIT)
    fits()
    for title in (
        "Où vont les tables ?",
        "Quand faut-il l\N{RIGHT SINGLE QUOTATION MARK}exécuter ?",
        "Tout est juste ?",
    ):
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=WAIT)
        fits()
