"""Take all pictures of the documentation anew: ``.venv/bin/python tools/pictures.py``.

Runs the demo in a fresh home folder, paints what the terminal shows into docs/demo.svg, and photographs the pages in
Debian's Chromium into docs/pictures. Needs the development set-up (`make test` makes it) and the built pages.
"""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "pictures"
SIZE = {"width": 1280, "height": 800}
PASSWORD = "slow green canal boats"  # noqa: S105  # of a demo that ends with this program
QUESTION = (
    "select currency_id__name currency, payment_state__label paid, count(*) invoices, "
    "sum(amount_total) total from account_move where state = 'posted' group by all order by all"
)
#: Pages by the names of their pictures. An address with ``{}`` takes the first link that leads there from the page before.
PAGES = {
    "home": "/",
    "sources": "/sources",
    "source": "/sources/{}",
    "stream": "/streams/{}",
    "add-source": "/sources/add",
    "runs": "/runs",
    "run": "/runs/{}",
    "batches": "/batches",
    "batch": "/batches/{}",
    "catalog": "/catalog",
    "table": "/catalog/raw.demo.account_move?tab=rows",
    "relations": "/catalog/raw.demo.account_move?tab=relations",
    "explorer": "/explore",
    "logs": "/logs",
    "people": "/settings/people",
    "roles": "/settings/roles",
    "ways-to-sign-in": "/settings/sign-in",
    "secrets": "/settings/secrets",
    "limits": "/settings/limits",
    "storage": "/settings/storage",
    "about": "/settings/about",
    "account": "/account",
}


def main() -> None:
    """Run the demo, paint the terminal, photograph the pages."""
    with tempfile.TemporaryDirectory(prefix="towpath-pictures-") as home:
        environment = os.environ | {
            "TOWPATH_HOME": home,
            "FORCE_COLOR": "1",
            "COLUMNS": "104",
            "TTY_INTERACTIVE": "0",
        }
        towpath = [sys.executable, "-m", "towpath"]
        demo = subprocess.Popen(  # noqa: S603  # our own command
            [*towpath, "demo", "--port", "0"], env=environment, text=True, stderr=subprocess.PIPE
        )
        try:
            report = ""
            while not (address := re.search(r"(http://127\S+)/setup#([\w-]+)", report)):
                line = demo.stderr.readline() if demo.stderr else ""
                if not line:
                    sys.exit(f"The demo ended too soon:\n{report}")
                report += line
            answer = subprocess.run(  # noqa: S603  # our own command
                [*towpath, "sql", QUESTION], env=environment, capture_output=True, text=True, check=True
            )
            paint(report.replace(home, ".towpath").replace(address[2], "..."), answer.stdout)
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                photograph(browser, address[1], address[2])
        finally:
            demo.terminate()
            demo.communicate(timeout=60)


def paint(report: str, answer: str) -> None:
    """docs/demo.svg."""
    console = Console(record=True, width=104, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo", style="bold"))
    console.print(Text.from_ansi(report.rstrip()))
    console.print(Text(f'\n$ .venv/bin/towpath sql "{QUESTION}"', style="bold"))
    console.print(Text.from_ansi(answer.rstrip()))
    # The picture must not fetch a font from anywhere.
    svg = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="Towpath"), flags=re.DOTALL)
    (DOCS / "demo.svg").write_text(svg, encoding="utf-8")


def photograph(browser: Browser, address: str, token: str) -> None:
    """All of docs/pictures; what is not taken any more is removed."""
    for old in PICTURES.iterdir():
        old.unlink()
    window = browser.new_context(base_url=address, viewport=SIZE, locale="en-GB", reduced_motion="reduce")
    page = window.new_page()
    page.goto(f"/setup#{token}")
    page.wait_for_selector("input[type=password]")
    take(page, "set-up")
    ours = {"X-Towpath": "1", "Origin": address}
    person = {"token": token, "login": "ana", "name": "Ana", "password": PASSWORD}
    window.request.post("/api/v1/setup", data=person, headers=ours, fail_on_status_code=True)
    for role in ("operator", "analyst", "auditor"):
        added = {"login": role, "name": role.capitalize(), "role": role}
        window.request.post("/api/v1/users", data=added, headers=ours, fail_on_status_code=True)
    for name, path in PAGES.items():
        if "{}" in path:
            start = path.partition("{}")[0]
            page.wait_for_selector(f"main a[href^='{start}']")
            page.locator(f"main a[href^='{start}']:not([href$='/add'])").first.click()
        else:
            page.goto(path)
        page.wait_for_selector("h1")
        page.wait_for_load_state("networkidle")
        if name == "explorer":
            take(page, "begin")
            page.get_by_role("button", name=re.compile("Invoiced, credited")).click()
            page.wait_for_selector("[role=img] svg")
            page.locator("main [role=img]").scroll_into_view_if_needed()
        take(page, name)


def take(page: Page, name: str) -> None:
    """A picture of the window, as WebP by the browser itself: a third of what PNG takes."""
    page.wait_for_timeout(1200)
    png = base64.b64encode(page.screenshot()).decode()
    blank = page.context.new_page()
    webp = blank.evaluate(
        """async (png) => {
            const image = new Image();
            image.src = 'data:image/png;base64,' + png;
            await image.decode();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [image.width, image.height];
            canvas.getContext('2d').drawImage(image, 0, 0);
            return canvas.toDataURL('image/webp', 0.82).split(',')[1];
        }""",
        png,
    )
    blank.close()
    (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(webp))


if __name__ == "__main__":
    main()
