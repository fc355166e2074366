"""A live workspace over a sandbox Odoo, and a browser: what journeys need.

Every page that a test opens must leave the console clean; axe finds what people with other senses would stumble on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from towpath.access import Grant, Role
from towpath.features.connections import service as connections
from towpath.features.people import service as people
from towpath.features.people import sessions
from towpath.features.replicate import service as replication
from towpath.hub import Hub, open_hub
from towpath.server.workspace import BUILT
from towpath.settings import load

ROOT = Path(__file__).parents[2]
PASSWORD = "slow green canal boats"
MODELS = ("res.partner", "account.move", "account.payment", "sale.order", "crm.stage", "res.currency")
expect.set_options(timeout=60_000)  # a loaded machine takes its time
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@dataclass(kw_only=True)
class Workspace:
    """A Towpath that serves, with a person for each role."""

    hub: Hub
    address: str
    odoo: Any
    users: dict[Role, people.User]

    def cookie(self, role: Role) -> dict[str, Any]:
        """A session of the person of that role."""
        user = self.users[role]
        with self.hub.store.begin() as db:
            token = sessions.begin(
                self.hub,
                db,
                user_id=user.id,
                method="password",
                address="127.0.0.1",
                device="test",
                code_needed=False,
            )
        return {"name": "towpath", "value": token, "url": self.address, "httpOnly": True, "sameSite": "Lax"}


def command(home: Path, *words: str, **more: Any) -> subprocess.Popen[str]:
    """A command of Towpath in a process of its own: the job engine lives once in a process."""
    environment = os.environ | {
        "TOWPATH_HOME": str(home),
        "TOWPATH_PRIVATE_ADDRESSES": "true",
        "TOWPATH_REQUESTS_PER_MINUTE": "0",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "towpath", *words], env=environment, text=True, stdout=subprocess.PIPE, **more
    )


@pytest.fixture(scope="session")
def built() -> None:
    """The pages, built from what stands here."""
    if not (BUILT / "index.html").is_file():
        subprocess.run([str(ROOT / "tools" / "build-ui")], check=True, cwd=ROOT)


@pytest.fixture(scope="session")
def furnished(
    built: None, tmp_path_factory: pytest.TempPathFactory, odoo_running: Callable[[str], Any]
) -> Iterator[Workspace]:
    """A workspace with one connection, some tables, and a person for each role, which nobody serves."""
    del built
    odoo = odoo_running("19.0")
    home = tmp_path_factory.mktemp("workspace")
    with open_hub(load(home=home), works=False) as hub:
        key = odoo.users["admin"].key
        connections.add(hub, name="demo", url=odoo.url, database=odoo.db, login="admin", secret=key)
        replication.add(hub, "demo", MODELS, replication.Choice())
        users = {
            role: people.add_user(
                hub,
                login=role.value,
                name=role.value.capitalize(),
                password=PASSWORD,
                grants=[Grant(role=role)],
            )
            for role in Role
        }
        synced = command(home, "sync", "run", "--json")
        synced.communicate(timeout=120)
        assert synced.returncode == 0
        yield Workspace(hub=hub, address="", odoo=odoo, users=users)


@pytest.fixture(scope="module")
def workspace(furnished: Workspace) -> Iterator[Workspace]:
    """The workspace, served; gone after each file, as a server that idles takes its share of the machine."""
    server = command(furnished.hub.settings.home, "up", "--port", "0", "--json")
    assert server.stdout is not None
    yield replace(furnished, address=orjson.loads(server.stdout.readline())["address"])
    server.terminate()
    server.communicate(timeout=90)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; gone after each file, as Playwright's event loop keeps others in the process from their jobs."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()


class Visit:
    """A browser window of somebody, and what its console said."""

    def __init__(self, chromium: Browser, workspace: Workspace, role: Role | None, **options: Any) -> None:
        self.workspace = workspace
        self.context: BrowserContext = chromium.new_context(
            base_url=workspace.address, reduced_motion="reduce", **({"locale": "en-GB"} | options)
        )
        self.context.set_default_timeout(60_000)
        if role is not None:
            self.context.add_cookies([workspace.cookie(role)])  # type: ignore[list-item]  # a dict of the same keys
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda m: self._hear(m.type, m.text))
        self.page.on("pageerror", lambda problem: self.complaints.append(f"page error: {problem}"))

    def _hear(self, kind: str, text: str) -> None:
        # A refusal that the page shows to the person is no fault of the page.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)

    def axe(self) -> list[str]:
        """What axe finds serious or critical on the page as it is, in short sentences.

        axe looks at one element after another. An answer that arrives meanwhile gives it the colour of a button from
        before and its ground from after, so a finding counts when the next look finds the same.
        """
        self.page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
        found = self._look()
        while found and (again := self._look()) != found:
            found = again
        return found

    def _look(self) -> list[str]:
        # A colour on its way to another is neither of the two.
        self.page.wait_for_function(
            "() => document.getAnimations().every((one) =>"
            " one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"
        )
        found: dict[str, Any] = self.page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
        )
        return [
            f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
        ]

    def close(self) -> None:
        """Close the window; the console must have stayed clean."""
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def visit(chromium: Browser, workspace: Workspace) -> Iterator[Callable[..., Visit]]:
    """Opens windows: `visit(Role.ADMIN)` signed in, `visit(None)` not; further words go to Playwright's context."""
    opened: list[Visit] = []

    def make(role: Role | None = Role.ADMIN, **options: Any) -> Visit:
        opened.append(Visit(chromium, workspace, role, **({"viewport": DESKTOP} | options)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
