"""What stands around every page: search, keys, languages, connections, the way to sign in, and a refused role."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from towpath.access import Role

from .conftest import PHONE


def test_everything_is_found_by_its_name_with_the_keyboard_alone(visit):
    page = visit(Role.ADMIN).page
    page.goto("/")
    page.wait_for_selector("h1")
    page.keyboard.press("Control+k")
    search = page.get_by_role("textbox", name="Search")
    expect(search).to_be_focused()
    page.keyboard.type("account_pay")
    hit = page.get_by_role("button", name=re.compile("account_payment"))
    expect(hit).to_contain_text("raw.demo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/raw.demo.account_payment")


def test_pages_have_keys_and_the_content_comes_before_the_menu(visit):
    page = visit(Role.ADMIN).page
    page.goto("/settings/about")
    page.wait_for_selector("h1")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("1")
    page.wait_for_url(re.compile(r"/$"))
    page.keyboard.press("Control+/")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Home")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_language_stays_chosen_on_every_machine(visit):
    page = visit(Role.AUDITOR).page
    page.goto("/settings/about")
    page.get_by_role("button", name="Your account").click()
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        page.get_by_role("menuitem", name="Français").click()
    expect(page.get_by_role("heading", name="Paramètres")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "fr"
    elsewhere = visit(Role.AUDITOR).page
    elsewhere.goto("/settings/about")
    expect(elsewhere.get_by_role("heading", name="Paramètres")).to_be_visible()


def test_dark_stays_dark(visit):
    page = visit(Role.APPROVER).page
    page.goto("/settings/about")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Dark").click()
    page.reload()
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"


def test_the_home_page_shows_what_was_chosen(visit):
    page = visit(Role.ANALYST).page
    page.goto("/")
    sources = page.locator("section", has=page.get_by_role("heading", name="Sources"))
    expect(sources).to_contain_text("demo")
    expect(sources).to_contain_text("Up to date")
    expect(page.get_by_role("img", name=re.compile(r"rows brought up to date in \d+ runs"))).to_be_visible()
    page.get_by_role("button", name="Source that is shown").click()
    with page.expect_response(re.compile(r"/overview\?connection_id=")):
        page.get_by_role("menuitem", name="demo").click()
    expect(page.get_by_role("button", name="Source that is shown: demo")).to_be_visible()


def test_a_role_without_the_right_is_told_whom_to_ask(visit):
    window = visit(Role.VIEWER)
    page = window.page
    page.goto("/explore")
    expect(page.get_by_role("heading", name="You may not open this page")).to_be_visible()
    assert window.axe() == []
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Explorer")).to_have_count(0)
    page.goto("/settings")
    expect(page.get_by_role("tab", name="About")).to_be_visible()
    expect(page.get_by_role("tab", name="Limits")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/settings/limits?x=1"])
def test_who_is_not_signed_in_is_led_there_and_back(visit, path):
    page = visit(None).page
    page.goto(path)
    page.wait_for_url("**/sign-in*")
    assert page.url.endswith("/sign-in" if path == "/" else "/sign-in?next=%2Fsettings%2Flimits%3Fx%3D1")


def test_an_unknown_address_leaves_the_menu(visit):
    page = visit(Role.ADMIN, viewport=PHONE).page
    page.goto("/no/such/page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Home", exact=True).click()
    page.wait_for_url(re.compile(r"/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_settings_are_shown_without_secrets(visit):
    page = visit(Role.ADMIN).page
    page.goto("/settings/limits")
    expect(page.get_by_text("TOWPATH_CALL_TIMEOUT", exact=True)).to_be_visible()
    page.get_by_role("switch", name="Only what differs from the default").check(force=True)
    expect(page.get_by_text("TOWPATH_PRIVATE_ADDRESSES", exact=True)).to_be_visible()
    expect(page.get_by_text("TOWPATH_CALL_TIMEOUT", exact=True)).to_have_count(0)
    page.get_by_role("tab", name="Storage").click()
    expect(page.get_by_text("Size of the newest versions")).to_be_visible()
