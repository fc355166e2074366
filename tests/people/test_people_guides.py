"""The guide to a way to sign in: what to do at the other service, with the values of this Towpath, and its checks."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from starlette.testclient import TestClient

from towpath.access import Grant, Role
from towpath.errors import InputError
from towpath.features.people import guiding, methods, service
from towpath.features.people import users as people
from towpath.features.people.cli_methods import sign_in
from towpath.features.people.tables import identities, users
from towpath.hub import Hub
from towpath.logins import oidc
from towpath.logins.oidc import guides
from towpath.logins.oidc.flow import client_proof
from towpath.sandbox.oidc_issuer import Issuer
from towpath.server.application import create_app

PASSWORD = "slow green canal boats"
TENANT = "0f5c1a2e-1111-4222-8333-444455556666"
_NUMBERS = itertools.count(1)


@pytest.fixture
def admin(signed_in) -> TestClient:
    return signed_in()


def told(client: TestClient, provider: str, **query: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    answer = client.get(f"/api/v1/sign-in-guides/{provider}", params=query)
    assert answer.status_code == 200, answer.text
    guide = answer.json()
    return guide, {step["name"]: step for step in guide["steps"]}


@pytest.mark.feature(
    "S3.azure_signin.3", "S3.azure_signin.4", "S3.azure_signin.5", "S3.azure_signin.6", "S3.azure_signin.1"
)
def test_the_guide_to_entra_names_each_step_and_gives_what_is_to_be_copied(admin, hub):
    guide, steps = told(admin, "entra", tenant=TENANT.upper())
    names = ["place", "name", "accounts", "redirect", "boxes", "secret", "ids", "issuer", "roles"]
    assert list(steps) == names
    assert steps["place"]["link"]["address"].startswith("https://entra.microsoft.com/#view/Microsoft_AAD_Reg")
    assert steps["name"]["value"] == "Towpath"
    assert "single tenant" in steps["accounts"]["text"]
    assert "platform Web" in steps["redirect"]["text"]
    assert steps["redirect"]["value"].endswith(methods.redirect_uri(hub))
    assert "application (client) ID and the directory (tenant) ID" in steps["ids"]["text"]
    assert guide["issuer"] == steps["issuer"]["value"] == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert told(admin, "entra")[0]["issuer"] == "https://login.microsoftonline.com/<tenant id>/v2.0"
    wrong = admin.get("/api/v1/sign-in-guides/entra", params={"tenant": "evil.example/x"})
    assert wrong.status_code == 422
    # Guests have personal accounts, whose issuer is always the same.
    guide, steps = told(admin, "entra", audience="guests")
    assert "personal Microsoft accounts only" in steps["accounts"]["text"]
    assert "tenant" not in steps["ids"]["text"]
    assert guide["issuer"].endswith("/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")
    config = {"issuer": guide["issuer"], "client_id": "x"}
    way = methods.add(hub, kind="oidc", title=f"Guests {next(_NUMBERS)}", config=config, secret=None)
    assert told(admin, "entra", method_id=way.id)[0]["audience"] == "guests"
    with pytest.raises(InputError, match="as Viewer alone"):
        methods.change(hub, way.id, config=config | {"create_users": True, "template_role": "admin"})
    methods.remove(hub, way.id)


@pytest.mark.feature("S3.google_signin.2", "S3.google_signin.3")
def test_the_guide_to_google_leads_through_project_consent_and_client(admin, hub):
    guide, steps = told(admin, "google")
    names = ["place", "accounts", "scopes", "client", "redirect", "ids", "issuer", "admission"]
    assert list(steps) == names
    links = [step["link"]["address"] for step in guide["steps"] if step["link"]]
    assert links == [
        f"https://console.cloud.google.com/auth/{page}" for page in ("overview", "audience", "clients")
    ]
    assert "project" in steps["place"]["text"]
    assert "Audience: Internal" in steps["accounts"]["text"]
    assert "Web application" in steps["client"]["text"]
    assert steps["redirect"]["value"].endswith(methods.redirect_uri(hub))
    assert guide["issuer"] == "https://accounts.google.com"
    _, steps = told(admin, "google", audience="guests")
    assert "External" in steps["accounts"]["text"]
    assert "Test users; there can be 100" in steps["accounts"]["text"]


@pytest.mark.feature("S3.azure_signin.2", "S3.azure_signin.5")
def test_what_the_guide_says_of_boxes_and_scopes_is_what_is_asked_for(hub):
    with Issuer() as issuer:
        provider = oidc.Provider(
            issuer=issuer.url, client_id="towpath", client_secret="sandbox-secret", private=True
        )
        asked = parse_qs(urlsplit(oidc.begin(provider, methods.redirect_uri(hub)).address).query)
        assert asked["response_type"] == ["code"]
        assert asked["code_challenge_method"] == ["S256"]
        # Whatever proves us goes in a header, as no setting has to say first.
        form, headers = client_proof(provider, oidc.discover(provider))
        assert form == {}
        assert headers["Authorization"].startswith("Basic ")
        public = oidc.Provider(issuer=issuer.url, client_id="towpath", client_secret=None, private=True)
        assert client_proof(public, oidc.discover(public)) == ({"client_id": "towpath"}, {})
    # Google's guide leaves the scopes as they are: no more is asked for than it gives to everybody.
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}


@pytest.mark.feature("S3.azure_signin.1", "S3.google_signin.1")
def test_the_guide_counts_the_administrators_who_could_still_sign_in(admin, hub):
    def added(**given: Any) -> str:
        name = f"guided{next(_NUMBERS)}"
        person = service.add_user(hub, login=name, name=name, grants=[Grant(role=Role.ADMIN)], **given)
        return person.id

    def counted(**query: str) -> tuple[int, int, int]:
        found = told(admin, "entra", **query)[0]["administrators"]
        return found["all"], found["otherwise"], found["with_codes"]

    def check() -> dict[str, Any]:
        (found,) = [one for one in told(admin, "google")[0]["checks"] if one["name"] == "administrators"]
        return dict(found)

    with hub.store.begin() as db:
        kept = db.execute(
            sa.select(users.c.id, users.c.totp_since).where(users.c.totp_since.is_not(None))
        ).all()
        db.execute(users.update().values(totp_since=None))
    try:
        before = counted()
        assert check()["ok"] is False
        assert "none with a password and one-time codes" in check()["message"]
        config = {"issuer": "https://login.example.com", "client_id": "towpath"}
        way = methods.add(hub, kind="oidc", title=f"Guided {next(_NUMBERS)}", config=config, secret=None)
        by_way, by_password = added(), added(password=PASSWORD)
        with hub.store.begin() as db:
            db.execute(identities.insert().values(method_id=way.id, subject="s", user_id=by_way))
            db.execute(users.update().where(users.c.id == by_password).values(totp_since=sa.func.now()))
        assert counted() == (before[0] + 2, before[1] + 2, 1)
        assert counted(method_id=way.id) == (before[0] + 2, before[1] + 1, 1)
        assert check()["ok"] is True
        methods.change(hub, way.id, enabled=False)
        assert counted() == (before[0] + 2, before[1] + 1, 1)
        for one in (by_way, by_password):
            people.edit(hub, one, {"disabled": True})
        assert counted() == before
        methods.remove(hub, way.id)
    finally:
        with hub.store.begin() as db:
            for row in kept:
                db.execute(users.update().where(users.c.id == row.id).values(totp_since=row.totp_since))


@pytest.mark.parametrize(
    ("public", "provider", "problem"),
    [
        ("", "oidc", "TOWPATH_PUBLIC_URL"),
        ("http://towpath.example.com", "oidc", "only a redirect address with https"),
        ("http://127.0.0.1:8400", "entra", "only a redirect address with https"),
        ("http://127.0.0.1:8400", "google", None),
        ("https://192.0.2.7", "google", "bare IP address"),
        ("https://towpath.example.com", "google", None),
    ],
)
def test_a_redirect_address_that_the_service_would_refuse_is_told_before(hub, public, provider, problem):
    changed = Hub(hub.settings.model_copy(update={"public_url": public}), works=False)
    changed.__dict__["store"], changed.__dict__["cabinet"] = hub.store, hub.cabinet
    check = guiding.guide(changed, provider).checks[0]
    assert (check.name, check.ok) == ("redirect", problem is None)
    assert (problem or "will take") in check.message


def test_the_page_says_what_the_guide_says():
    page = (Path(__file__).parents[2] / "docs" / "sign-in.md").read_text(encoding="utf-8")
    words = " ".join(page.split())
    redirect = "https://towpath.example.com/api/v1/sign-in/callback"
    for provider, audience in itertools.product(guides.PROVIDERS, ("staff", "guests")):
        guide = guides.guide(provider, redirect_uri=redirect, audience=audience)
        assert [one.text for one in guide.steps if one.text not in words] == []
        assert [one.value for one in guide.steps if f"`{one.value or redirect}`" not in words] == []
        assert [one.link for one in guide.steps if one.link and one.link.address not in words] == []


@pytest.mark.feature("S3.azure_signin.6")
def test_the_command_tells_the_guide_in_order_with_what_to_copy(hub, boss):
    runner = CliRunner(env={"TOWPATH_HOME": str(hub.settings.home)})
    lines = runner.invoke(sign_in, ["guide", "entra", "--tenant", TENANT]).output.splitlines()
    guide = guides.guide("entra", redirect_uri="", tenant=TENANT)
    told = [line for line in lines if line[0].isdigit()]
    assert told == [f"{n}. {step.text}" for n, step in enumerate(guide.steps, start=1)]
    assert f"   {guide.issuer}" in lines
    assert lines[-1].startswith("administrators: ")


def test_a_secret_can_be_removed_so_that_pkce_alone_protects_the_client(admin, hub):
    settings = hub.settings.model_copy(update={"public_url": "http://localhost", "private_addresses": True})
    here = Hub(settings, works=False)
    here.__dict__["store"], here.__dict__["cabinet"] = hub.store, hub.cabinet
    with Issuer() as issuer:
        config = {
            "issuer": issuer.url,
            "client_id": "towpath",
            "create_users": True,
            "template_role": "viewer",
        }
        way = methods.add(hub, kind="oidc", title=f"Public {next(_NUMBERS)}", config=config, secret="wrong")
        address = f"/api/v1/sign-in-methods/{way.id}"
        shown = admin.get(address)
        assert shown.json()["secret_set_at"] is not None
        issuer.client_secret = None
        client = TestClient(
            create_app(here), base_url="http://localhost", headers={"X-Towpath": "1"}, follow_redirects=False
        )

        def go() -> str:
            there = client.get(f"/api/v1/sign-in/{way.id}/begin").headers["location"]
            back = httpx2.get(there, follow_redirects=False).headers["location"]
            return str(client.get(back.removeprefix("http://localhost")).headers["location"])

        assert "problem" in go()
        runner = CliRunner(env={"TOWPATH_HOME": str(hub.settings.home)})
        replaced = runner.invoke(sign_in, ["secret", way.title, "--file", "-"], input="new\n")
        assert "replaced" in replaced.output
        refused = runner.invoke(sign_in, ["secret", way.title])
        assert refused.exit_code == 2
        gone = runner.invoke(sign_in, ["secret", way.title, "--remove"])
        assert "removed" in gone.output
        assert go() == "http://localhost/"
        methods.change(hub, way.id, secret="wrong again")
        assert "problem" in go()
        shown = admin.get(address)
        removed = admin.patch(address, json={"secret": ""}, headers={"If-Match": shown.headers["ETag"]})
        assert removed.json()["secret_set_at"] is None
        assert go() == "http://localhost/"
        methods.remove(hub, way.id)
