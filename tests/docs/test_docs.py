"""The documentation says what is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    ("page", "module"),
    [("commands", ["towpath.cli.reference"]), ("routes", ["towpath.server.openapi", "--markdown"])],
)
def test_every_command_and_route_is_documented(page: str, module: list[str]):
    # In a process of its own, as the page is made: click keeps what a command's first help looked like.
    made = subprocess.run(
        [sys.executable, "-m", *module], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    written = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert written == made, f"run: python -m {' '.join(module)} > docs/{page}.md"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{target} in {page.name} leads nowhere"


@pytest.mark.parametrize("page", [p for p in PAGES if "promises" in p.parts], ids=name_of)
def test_promises_name_tests_that_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+?\.py)(?:::(\w+))?`", text)
    if page.name != "README.md":
        assert named, "a promise names the tests that hold it"
    for path, test in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in source, f"{path} has no {test}"
