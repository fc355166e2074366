from pathlib import Path

import pytest

from towpath import settings as settings_module
from towpath.errors import InputError
from towpath.settings import Settings, as_markdown, describe, load

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_settings_is_made_from_the_code():
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == as_markdown()


def test_every_setting_has_type_help_and_default():
    rows = describe()
    assert [row.name for row in rows] == list(Settings.model_fields)
    for row in rows:
        assert row.help.endswith((".", "`.")), row
        assert row.type
        assert row.default
        assert row.environment == f"TOWPATH_{row.name.upper()}"


def test_a_setting_is_read_from_the_environment_when_loaded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOWPATH_RETRY_ATTEMPTS", "3")
    monkeypatch.setenv("TOWPATH_STORAGE_OPTIONS", '{"AWS_REGION": "eu-west-1"}')
    monkeypatch.setenv("TOWPATH_CALLS_AT_ONCE", "")
    loaded = load()
    assert loaded.retry_attempts == 3
    assert loaded.storage_options == {"AWS_REGION": "eu-west-1"}
    assert loaded.calls_at_once is None


def test_what_is_given_by_name_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TOWPATH_HOME", "/nowhere")
    assert load(home=tmp_path).home == tmp_path


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("RETRY_ATTEMPTS", "many", "valid integer"),
        ("RETRY_ATTEMPTS", "0", "greater than or equal to 1"),
        ("LOG_LEVEL", "loud", "'debug'"),
        ("DATABASE_URL", "mysql://u:pw-canary@h/d", "postgresql://"),
        ("STORAGE_OPTIONS", "pw-canary", "JSON"),
        ("SQL_SECONDS", "-1", "greater than 0"),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence_without_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
):
    monkeypatch.setenv(f"TOWPATH_{name}", value)
    with pytest.raises(InputError, match=f"TOWPATH_{name}") as caught:
        load()
    assert reason in caught.value.message
    assert "canary" not in caught.value.message
    assert caught.value.exit_code == 2


@pytest.mark.feature("S4.7")
def test_secrets_do_not_show_in_the_settings_text():
    loaded = load(
        database_url="postgresql://u:pw-canary@h/d",
        master_key="key-canary",
        storage_options={"AWS_SECRET": "canary"},
    )
    assert "canary" not in repr(loaded)
    assert "canary" not in str(loaded)


@pytest.mark.parametrize(
    ("storage", "root"),
    [(None, "/h/lake"), ("/data/lake/", "/data/lake"), ("s3://bucket/lake/", "s3://bucket/lake")],
)
def test_the_root_of_the_lake(storage: str | None, root: str):
    assert load(home="/h", storage=storage).lake_root == root


def test_nothing_is_read_at_import(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOWPATH_RETRY_ATTEMPTS", "many")
    assert "Settings()" not in Path(settings_module.__file__).read_text(encoding="utf-8")
