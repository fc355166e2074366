"""What the settings are, without a secret among them; where things lie."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from towpath.cli.entry import cli
from towpath.features.home import service
from towpath.hub import open_hub
from towpath.settings import Settings, load

CANARY = "canary-8f2b17"


def full_of_secrets(home: Path) -> Settings:
    return load(
        home=home,
        database_url=f"postgresql://towpath:{CANARY}@db.example/towpath",
        master_key=CANARY,
        master_key_command=f"print-key --token {CANARY}",
        storage="s3://lake/hub",
        storage_options={"AWS_SECRET_ACCESS_KEY": CANARY},
        call_timeout=30,
    )


def test_every_setting_is_there_and_no_secret(tmp_path):
    found = service.effective(full_of_secrets(tmp_path))
    by_name = {one.name: one for one in found}
    assert set(by_name) == set(Settings.model_fields)
    assert CANARY not in str(found)
    for name in ("database_url", "master_key", "master_key_command", "storage_options"):
        assert by_name[name].hidden
        assert by_name[name].value is None
        assert by_name[name].changed
    assert (by_name["call_timeout"].value, by_name["call_timeout"].changed) == (30, True)
    assert (by_name["page_rows"].value, by_name["page_rows"].changed) == (5000, False)
    assert by_name["storage"].group == "storage"
    assert by_name["call_timeout"].group == "limits"


def test_the_command_prints_them_without_a_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    monkeypatch.setenv("TOWPATH_MASTER_KEY_COMMAND", f"print-key --token {CANARY}")
    printed = CliRunner().invoke(cli, ["settings", "--changed"], catch_exceptions=False)
    assert "TOWPATH_MASTER_KEY_COMMAND  (set, not shown)" in printed.output
    assert CANARY not in printed.output
    as_json = CliRunner().invoke(cli, ["settings", "--json"], catch_exceptions=False)
    assert CANARY not in as_json.output
    assert len(json.loads(as_json.output)["items"]) == len(Settings.model_fields)


def test_storage_is_counted(tmp_path):
    with open_hub(load(home=tmp_path), works=False) as hub:
        found = service.storage(hub)
    assert (found.kind, found.root) == ("folder", str(tmp_path / "lake"))
    assert found.free_bytes > 0
    assert found.database_embedded
    assert found.database_bytes > 1_000_000
    assert (found.tables, found.rows) == (0, 0)
