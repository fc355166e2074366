"""Make the pictures of docs/workspace.md anew: `.venv/bin/python tools/screenshots.py`.

Starts the demo in a folder of its own, sets it up as a person does, opens every screen in Chromium and keeps a picture.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "screens"
PASSWORD = "slow green canal boats"  # noqa: S105  # of a demo that ends with this script
SQL = (
    "select date_trunc('month', invoice_date) as month, sum(amount_total) as total\n"
    "from account_move where state = 'posted' and invoice_date is not null\ngroup by all order by 1"
)
#: Name of the picture, and the address of the page.
SCREENS = {
    "home": "/",
    "sources": "/sources",
    "add-source": "/sources/add",
    "runs": "/runs",
    "catalog": "/catalog",
    "logs": "/logs",
    "account": "/account",
    "people": "/settings/people",
    "roles": "/settings/roles",
    "secrets": "/settings/secrets",
    "limits": "/settings/limits",
    "about": "/settings/about",
}


@contextmanager
def demo() -> Iterator[str]:
    """A running demo; the address that sets it up."""
    with tempfile.TemporaryDirectory(prefix="towpath-screens-") as home:
        process = subprocess.Popen(  # our own command
            [sys.executable, "-m", "towpath", "demo", "--port", "0"],
            env=os.environ | {"TOWPATH_HOME": home, "COLUMNS": "200"},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None  # noqa: S101  # a pipe was asked for
        try:
            for line in process.stderr:
                if found := re.search(r"http://\S+/setup#\S+", line):
                    yield found.group(0)
                    break
            else:
                raise SystemExit("the demo ended before it served anything")
        finally:
            process.terminate()
            process.wait(60)


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page when it has come to rest."""
    page.wait_for_selector("h1")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)
    page.screenshot(path=str(PICTURES / f"{name}.png"))
    print(name)


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    with demo() as setup, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en-GB"
        )
        page.set_default_timeout(20_000)
        page.goto(setup)
        keep(page, "set-up")
        page.get_by_label("Login").fill("ana")
        page.get_by_label("Name", exact=True).fill("Ana")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.wait_for_url(lambda url: "/setup" not in url)
        root = setup.partition("/setup")[0]
        for name, path in SCREENS.items():
            page.goto(root + path)
            keep(page, name)
        page.goto(f"{root}/sources")
        page.get_by_role("link", name="demo", exact=True).first.click()
        keep(page, "source")
        page.goto(f"{root}/catalog")
        page.get_by_role("link", name="account_move", exact=True).first.click()
        keep(page, "table")
        page.goto(f"{root}/explore")
        page.locator(".cm-content").fill(SQL)
        page.keyboard.press("Control+Enter")
        keep(page, "explorer")
        browser.close()


if __name__ == "__main__":
    main()
