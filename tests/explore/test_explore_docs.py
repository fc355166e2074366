"""The pages about tables and SQL say what is so: their Python runs, their lists are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from towpath.features.explore.ready import DIALECTS, ready_queries

DOCS = Path(__file__).parents[2] / "docs"


def test_the_python_of_the_pages_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    for page in ("lake.md", "sql.md"):
        for block in re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL):
            exec(compile(block, page, "exec"), {})  # noqa: S102  # our own page
    assert capsys.readouterr().out == "[{'n': 1}]\n"


def test_the_ready_queries_are_listed():
    page = (DOCS / "sql.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == [query.name for query in ready_queries()]
    assert all(f"`{name}`" in page for name in DIALECTS if name != "duckdb")
