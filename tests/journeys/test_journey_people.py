"""People in the browser: the first minute, signing in with a one-time code, by keys alone, and what a link gives."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyotp
import pytest
from playwright.sync_api import Browser, expect

from towpath.access import Grant, Role
from towpath.features.people import methods, policy
from towpath.features.people import service as people
from towpath.features.people.tables import attempts
from towpath.hub import Hub, open_hub
from towpath.sandbox.oidc_issuer import Issuer
from towpath.settings import load

from .conftest import DESKTOP, PASSWORD, PHONE, Visit, Workspace, command


@pytest.fixture(scope="module")
def fresh(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, str]]:
    """A Towpath that nobody has set up, and its address."""
    del built
    home: Path = tmp_path_factory.mktemp("fresh")
    with open_hub(load(home=home), works=False) as hub:
        server = command(home, "up", "--port", "0", "--json")
        assert server.stdout is not None
        yield hub, orjson.loads(server.stdout.readline())["address"]
        server.terminate()
        server.communicate(timeout=90)


@pytest.fixture
def window(chromium: Browser, fresh: tuple[Hub, str]) -> Iterator[Visit]:
    """A window of somebody who is not signed in, on the Towpath nobody had set up."""
    hub, address = fresh
    opened = Visit(chromium, Workspace(hub=hub, address=address, odoo=None, users={}), None, viewport=DESKTOP)
    yield opened
    opened.close()


@pytest.fixture
def stranger(visit: Any, workspace: Workspace) -> Visit:
    """A window of somebody who is not signed in, as after a day without failures."""
    with workspace.hub.store.begin() as db:
        db.execute(attempts.delete())
    window: Visit = visit(None)
    return window


def sign_in(page: Any, login: str, password: str = PASSWORD) -> None:
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_first_administrator_is_made_by_the_link(window, fresh):
    hub, address = fresh
    page = window.page
    page.goto("/sign-in")
    expect(page.get_by_role("heading", name="Towpath is not set up yet")).to_be_visible()
    assert window.axe() == []
    page.goto(f"/setup#{people.first_run_token(hub)}")
    page.get_by_label("Name").fill("Boss")
    page.get_by_label("Login").fill("boss")
    page.get_by_label("Password", exact=True).fill("boss12345678")
    page.get_by_role("button", name="Set up Towpath").click()
    expect(page.get_by_text("The password is too weak")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    assert window.axe() == []
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up Towpath").click()
    page.wait_for_url(f"{address}/")
    expect(page.get_by_role("button", name="Your account, Boss")).to_be_visible()


@pytest.mark.feature("S3.2fa.2", "S3.2fa.3", "S3.2fa.4")
def test_a_code_of_the_app_is_asked_for_once_it_is_set_up(stranger, workspace):
    window, address = stranger, workspace.address
    people.add_user(
        workspace.hub, login="cara", name="Cara", password=PASSWORD, grants=[Grant(role=Role.ANALYST)]
    )
    page = window.page
    page.goto("/sign-in?next=/account")
    sign_in(page, "cara")
    page.wait_for_url(f"{address}/account")
    page.get_by_role("button", name="Set up one-time codes").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    secret = page.get_by_test_id("totp-secret").inner_text()
    page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("list", name="Recovery codes")).to_be_visible()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    assert len(codes) == 10
    assert window.axe() == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert codes[0] in Path(download.value.path()).read_text(encoding="utf-8")

    window.context.clear_cookies()
    page.goto("/sign-in?next=//elsewhere.example/")
    sign_in(page, "cara")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Code", exact=True)).to_have_attribute("aria-invalid", "true")
    assert window.axe() == []
    # The code that set the app up is used: the next one is taken, the clock being half a minute ahead.
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).at(time.time() + 30))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")

    window.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, "cara")
    page.get_by_role("button", name=re.compile("use a recovery code")).click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")


def test_signing_in_takes_no_mouse(stranger, workspace):
    window, address = stranger, workspace.address
    people.add_user(
        workspace.hub, login="kim", name="Kim", password=PASSWORD, grants=[Grant(role=Role.VIEWER)]
    )
    page = window.page
    page.goto("/sign-in")
    expect(page.get_by_label("Login")).to_be_focused()
    page.keyboard.type("kim")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The login or the password is not right")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def test_an_administrator_adds_a_person_who_chooses_a_password(visit, workspace):
    window = visit(Role.ADMIN)
    page = window.page
    page.goto("/settings/people")
    page.get_by_role("button", name="Add a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Nia")
    dialog.get_by_label("Login").fill("viewer")
    dialog.get_by_role("button", name="Add a person").click()
    expect(dialog.get_by_label("Login")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Login").fill("nia")
    dialog.get_by_role("button", name="Add a person").click()
    link = dialog.get_by_test_id("shown-once").inner_text()
    assert window.axe() == []

    other = visit(None)
    other.page.goto("/choose-password#" + link.partition("#")[2])
    other.page.get_by_label("New password").fill(PASSWORD)
    other.page.get_by_role("button", name="Keep this password").click()
    other.page.get_by_role("link", name="Go to the sign-in page").click()
    sign_in(other.page, "nia")
    other.page.wait_for_url(f"{workspace.address}/")

    # Shut out at once, and deleted once the login was typed.
    page.goto("/settings/people")
    page.get_by_text("nia", exact=True).click()
    drawer = page.get_by_role("dialog", name="Nia")
    drawer.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog", name="Disable Nia").get_by_role("button", name="Disable").click()
    expect(drawer.get_by_role("button", name="Enable")).to_be_visible()
    assert other.context.request.get(f"{workspace.address}/api/v1/session").status == 401
    drawer.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete Nia")
    expect(question.get_by_role("button", name="Delete")).to_be_disabled()
    question.get_by_label("Type nia to go on").fill("nia")
    assert window.axe() == []
    question.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("nia", exact=True)).to_have_count(0)


def test_a_way_to_sign_in_is_switched_off_and_on(visit, workspace):
    config = {"issuer": "https://login.example.com", "client_id": "towpath"}
    methods.add(workspace.hub, kind="oidc", title="Company", config=config, secret=None)
    page = visit(Role.ADMIN).page
    page.goto("/settings/sign-in")
    switch = page.get_by_role("switch", name="Company")
    expect(switch).to_be_checked()
    switch.click(force=True)
    expect(switch).not_to_be_checked()
    page.reload()
    expect(switch).not_to_be_checked()
    assert methods.listed(workspace.hub, enabled=True) == []


@pytest.mark.feature("S0.19")
def test_a_token_is_shown_once_and_can_be_revoked(visit):
    window = visit(Role.ANALYST)
    page = window.page
    page.goto("/account")
    page.get_by_role("button", name="New token").click()
    page.get_by_label("What will use it").fill("nightly report")
    page.get_by_role("button", name="Make the token").click()
    token = page.get_by_test_id("shown-once").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    ask = {"Authorization": f"Bearer {token}"}
    address = f"{window.workspace.address}/api/v1/connections"
    anybody = visit(None).context.request
    assert anybody.get(address, headers=ask).status == 200
    page.get_by_role("button", name="Revoke nightly report").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Revoke nightly report")).to_have_count(0)
    assert anybody.get(address, headers=ask).status == 401


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_pages_of_people_can_be_used_by_everybody(visit, size, scheme):
    window = visit(Role.ADMIN, viewport=size, color_scheme=scheme)
    for path in (
        "account",
        *(f"settings/{tab}" for tab in ("people", "groups", "roles", "sign-in", "tokens")),
    ):
        window.page.goto(f"/{path}")
        window.page.wait_for_selector("h1")
        window.page.wait_for_load_state("networkidle")
        assert window.axe() == [], path
        assert window.page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


@pytest.mark.feature("S3.2fa.3", "S3.2fa.5")
def test_who_must_use_codes_sets_them_up_before_anything_else(stranger, workspace):
    window, page = stranger, stranger.page
    people.add_user(
        workspace.hub, login="ola", name="Ola", password=PASSWORD, grants=[Grant(role=Role.APPROVER)]
    )
    page.goto("/sign-in?next=/account")
    sign_in(page, "ola")
    page.wait_for_url(f"{workspace.address}/account")
    policy.set_code_roles(workspace.hub, [Role.APPROVER])
    try:
        # Signed in already, they are led there by the next page.
        page.goto("/catalog")
        expect(page.get_by_role("heading", name="Set up one-time codes")).to_be_visible()
        assert window.axe() == []
        window.context.clear_cookies()
        page.goto("/sign-in?next=/account")
        sign_in(page, "ola")
        page.get_by_role("button", name="Go on").click()  # the password was typed just now
        secret = page.get_by_test_id("totp-secret").inner_text()
        page.get_by_label("Code that the app shows").fill("000000")
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_label("Code that the app shows")).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
        page.get_by_role("button", name="into the workspace").click()
        page.wait_for_url(f"{workspace.address}/account")
    finally:
        policy.set_code_roles(workspace.hub, [])


@pytest.mark.feature(
    *(f"S3.azure_signin.{number}" for number in (1, 3, 4, 6, 7, 8)),
    "S3.google_signin.4",
    "S3.ldap.1",
    "S3.ldap.2",
)
def test_an_administrator_sets_up_a_way_to_sign_in_and_tests_it(visit, workspace):
    window = visit(Role.ADMIN)
    page = window.page
    with Issuer() as issuer:
        page.goto("/settings/sign-in")
        page.get_by_role("button", name="Add a way").click()
        form = page.get_by_role("dialog")
        # The guide is for the service that is chosen, with the values of this Towpath; the issuer follows from the tenant.
        todo = form.get_by_role("list", name="Microsoft Entra: what to do there").get_by_role("listitem")
        expect(todo.nth(3)).to_contain_text("/api/v1/sign-in/callback")
        form.get_by_label("Directory (tenant) ID").fill("0f5c1a2e-1111-4222-8333-444455556666")
        field = form.get_by_label("Issuer", exact=True)
        expect(field).to_have_value(re.compile("/0f5c1a2e-1111-4222-8333-444455556666/v2.0$"))
        form.get_by_text("Guests", exact=True).click()
        expect(todo.nth(2)).to_contain_text("personal Microsoft accounts only")
        expect(field).to_have_value(re.compile("/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0$"))
        expect(form.get_by_role("group", name="What Towpath checked")).to_contain_text(
            "Administrators who can sign in"
        )
        form.get_by_text("OpenID Connect", exact=True).click()
        form.get_by_label("Title of the button").fill("Sandbox")
        form.get_by_label("Issuer", exact=True).fill(issuer.url)
        form.get_by_label("Client id").fill("towpath")
        form.get_by_label("Client secret").fill("not the secret")
        form.get_by_label("People may come without being added before").check()
        form.get_by_role("button", name="Add a group").click()
        form.get_by_label("Group 1, as the other side writes it").fill("finance")
        form.get_by_role("combobox", name="Role: finance").click()
        page.get_by_role("option", name="Analyst").click()
        assert window.axe() == []
        form.get_by_role("button", name="Add a way").click()
        # It is tried at once, and says what does not hold.
        steps = form.get_by_role("list", name="What was tried").get_by_role("listitem")
        expect(steps).to_have_count(3)
        expect(steps.nth(2)).to_contain_text("correct them, or make a new secret there")
        assert window.axe() == []
        form.get_by_label("Client secret").fill("sandbox-secret")
        form.get_by_label("The service asks everybody for a second factor itself").check()
        form.get_by_role("button", name="Save").click()
        expect(steps.nth(2)).to_contain_text("takes its secret")
        issuer.client_secret = None
        form.get_by_label("Remove the secret").check()
        form.get_by_role("button", name="Save").click()
        expect(form.get_by_label("Remove the secret")).to_have_count(0)
        expect(steps.nth(2)).to_contain_text("takes its secret")
        form.get_by_role("button", name="Close").click()

        issuer.person = {"sub": "ria", "name": "Ria", "groups": ["finance"]}
        guest = visit(None)
        guest.page.goto("/sign-in")
        guest.page.get_by_role("link", name="Sign in with Sandbox").click()
        expect(guest.page.get_by_role("button", name="Your account, Ria")).to_be_visible()
        (way,) = [one for one in methods.listed(workspace.hub) if one.title == "Sandbox"]
        assert way.config["mapping"] == [{"group": "finance", "role": "analyst", "connection_id": None}]
        assert way.config["asks_second_factor"] is True
        page.get_by_role("button", name="Remove Sandbox").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_role("button", name="Test Sandbox")).to_have_count(0)
