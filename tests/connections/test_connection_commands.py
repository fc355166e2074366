"""The commands that show and change connections."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from towpath.cli import main
from towpath.features.connections import cli_shown, service
from towpath.hub import open_hub
from towpath.settings import Settings


@pytest.fixture
def home(tmp_path, monkeypatch, odoo19):
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    monkeypatch.setenv("TOWPATH_ODOO_KEY", odoo19.users["admin"].key)
    here = ["--url", odoo19.url, "--database", odoo19.db, "--login", "admin"]
    with open_hub(Settings(home=tmp_path)) as hub:  # keeps PostgreSQL running between the commands
        hub.store.open()
        assert main(["connection", "add", "wide", *here]) == 0
        assert main(["connection", "add", "narrow", *here, "--witness", "wide"]) == 0
        yield hub


@pytest.mark.feature("S2.60")
def test_calls_per_minute_are_shown(home, capsys, odoo19):
    with service.open_odoo(home, service.find(home, "narrow").id) as odoo:
        for _ in range(7):
            odoo.search_count("res.country", [])
    capsys.readouterr()
    assert main(["connection", "show", "narrow", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["witness"] == "wide"
    assert shown["calls"]["calls_per_minute"] >= 7
    assert shown["calls"]["limit"] is None
    assert main(["connection", "list", "--json"]) == 0
    both = json.loads(capsys.readouterr().out)
    assert [entry["calls"] for entry in both] == [shown["calls"]] * 2  # one database, one budget
    assert main(["connection", "show", "narrow"]) == 0
    out = capsys.readouterr().out
    assert int(re.search(r"(\d+) calls per minute against this database", out)[1]) >= 7
    assert "limit of calls" in out
    assert odoo19.users["admin"].key not in out


def test_a_witness_is_set_and_taken_away(home, capsys):
    assert main(["connection", "set", "narrow", "--no-witness", "--json"]) == 0
    assert service.find(home, "narrow").witness_id is None
    assert main(["connection", "set", "narrow", "--witness", "wide"]) == 0
    assert service.find(home, "narrow").witness_id == service.find(home, "wide").id
    capsys.readouterr()
    for words in (["--witness", "narrow"], [], ["--witness", "wide", "--no-witness"], ["--witness", "none"]):
        assert main(["connection", "set", "narrow", *words]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["connection", "add", "third", "--url", "x", "--witness", "nobody"]) == 2
    assert "There is no connection 'nobody'" in capsys.readouterr().err


def test_a_connection_is_moved(home, capsys, odoo19):
    assert main(["connection", "move", "narrow", "--url", odoo19.url, "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["url"] == odoo19.url
    assert main(["connection", "move", "narrow", "--url", "127.0.0.1:9"]) == 2


@pytest.mark.parametrize("width", [80, 120, None], ids=["narrow", "wide", "elsewhere"])
def test_a_name_stays_whole_and_a_test_that_failed_is_told(home, width, monkeypatch):
    known = replace(service.find(home, "wide"), name="a_name_as_long_as_it_may", test_ok=False)
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=width is not None, color_system=None)
    monkeypatch.setattr(cli_shown, "Console", lambda **_: console)
    calls = {known.id: service.budget(home, "wide")}
    cli_shown.print_list([known], calls)
    text = out.getvalue()
    assert known.name in text
    assert " failed" in text
    assert max(map(len, text.splitlines())) <= (width or 1000)
    assert (known.url in text) or width == 80
