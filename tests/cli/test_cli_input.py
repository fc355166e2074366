"""The command line with what people type: right, and wrong in every way."""

from __future__ import annotations

import json

import pytest

from towpath.cli import main
from towpath.store.embedded import EmbeddedPostgres


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One home for the whole file, its PostgreSQL kept running between the commands."""
    folder = tmp_path_factory.mktemp("home")
    server = EmbeddedPostgres(folder)
    server.open()
    yield folder
    server.close()


@pytest.fixture
def towpath(home, monkeypatch, capsys):
    """Runs a command; gives its exit status, output and error output."""
    monkeypatch.setenv("TOWPATH_HOME", str(home))
    monkeypatch.setenv("TOWPATH_RETRY_ATTEMPTS", "2")
    monkeypatch.setenv("TOWPATH_RETRY_SECONDS", "2")

    def run(*arguments: str, key: str = "key-admin"):
        monkeypatch.setenv("TOWPATH_ODOO_KEY", key)
        status = main(list(arguments))
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def connected(towpath, odoo19):
    """The name of a connection that works."""
    names = [entry["name"] for entry in json.loads(towpath("connection", "list", "--json")[1])]
    if "ok" not in names:
        status, _, err = towpath(
            "connection", "add", "ok", "--url", odoo19.url, "--database", odoo19.db, "--login", "admin"
        )
        assert status == 0, err
    return "ok"


def one_sentence(err: str) -> str:
    """The only line of the error output, free of anything technical."""
    lines = [line for line in err.strip().splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert "Traceback" not in err
    assert "key-admin" not in err
    return lines[0]


@pytest.mark.feature("S2.2", "S2.3", "S2.4", "S2.20", "S1.5", "S1.6", "S1.34")
def test_add_list_test_and_remove(towpath, odoo19):
    host = odoo19.url.removeprefix("http://")
    status, out, err = towpath(
        "connection", "add", "town", "--url", f" {host}/web ", "--login", "admin", "--database", odoo19.db
    )
    assert status == 0, err
    assert "19.0" in out
    entries = json.loads(towpath("connection", "list", "--json")[1])
    (entry,) = [e for e in entries if e["name"] == "town"]
    assert entry["url"] == odoo19.url
    assert "key" not in json.dumps(entry)
    assert towpath("connection", "test", "town")[0] == 0
    assert towpath("connection", "remove", "town", "--yes")[0] == 0
    status, _, err = towpath("connection", "test", "town")
    assert status == 2
    assert "towpath connection list" in one_sentence(err)


@pytest.mark.parametrize(
    ("url", "database", "key", "says"),
    [
        ("http://nowhere.invalid", None, "key-admin", "nowhere.invalid"),
        ("http://127.0.0.1:9", None, "key-admin", "127.0.0.1:9"),
        ("{url}", "missing", "key-admin", "missing"),
        ("{url}", "{db}", "wrong", "key"),
        ("ftp://x", None, "key-admin", "ftp"),
    ],
    ids=["unknown host", "nobody listens", "unknown database", "wrong key", "not a web address"],
)
@pytest.mark.feature("S2.3", "S2.4", "S4.1")
def test_wrong_connection_is_explained_and_not_stored(towpath, odoo19, url, database, key, says):
    arguments = ["connection", "add", "wrong", "--login", "admin", "--url", url.format(url=odoo19.url)]
    if database:
        arguments += ["--database", database.format(db=odoo19.db)]
    status, out, err = towpath(*arguments, key=key)
    assert status == 2
    assert not out
    assert says in one_sentence(err)
    assert not [e for e in json.loads(towpath("connection", "list", "--json")[1]) if e["name"] == "wrong"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["stream", "add", "missing", "res.partner"], "missing"),
        (["stream", "add", "ok", "res.partnr"], "res.partner"),
        (["stream", "add", "ok", "res.partner", "--fields", "nam"], "name"),
        (["stream", "add", "ok", "res.partner", "--filter", "[('nam', '=', 1)]"], "nam"),
        (["stream", "add", "ok", "res.partner", "--filter", "[('name', '~', 1)]"], "~"),
        (["stream", "add", "ok", "res.partner", "--filter", "[("], "character 3"),
        (["stream", "add", "ok", "res.partner", "--sync-type", "SOMETIMES"], "INCREMENTAL"),
        (["stream", "add", "ok", "res.partner", "--description", "x" * 141], "140"),
        (["stream", "add", "ok", "res.partner", "--table", "Robert'); drop"], "table"),
        (["stream", "discover", "--connection", "ok", "--group", "Nothing"], "Accounting"),
        (["sync", "run", "--stream", "nothing"], "nothing"),
        (["sql", "select * from nothing"], "nothing"),
        (["sql", "selct 1"], "selct"),
        (["catalog", "show", "nothing"], "nothing"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
@pytest.mark.feature("S2.13", "S2.16")
def test_wrong_input_is_explained(towpath, connected, arguments, says):
    status, out, err = towpath(*arguments)
    assert status == 2, (out, err)
    assert says.lower() in err.lower()
    assert "Traceback" not in err
    assert not json.loads(towpath("stream", "list", "--json")[1])


def test_an_error_is_json_for_a_machine(towpath):
    status, out, err = towpath("connection", "test", "missing", "--json")
    assert status == 2
    assert not out
    assert json.loads(err)["error"]["type"] == "NotFoundError"


@pytest.mark.feature("S2.6", "S2.7", "S2.8", "S2.35")
def test_discover_groups_and_searches(towpath, connected):
    found = json.loads(
        towpath("stream", "discover", "--connection", "ok", "--group", "accounting", "--json")[1]
    )
    assert {offer["group"] for offer in found} == {"Accounting"}
    assert "account.move" in {offer["model"] for offer in found}
    found = json.loads(
        towpath("stream", "discover", "--connection", "ok", "--search", "QUOTATION", "--json")[1]
    )
    assert "mut.insurance.quotation" in {offer["model"] for offer in found}


@pytest.mark.feature("S2.7", "S2.12", "S2.21", "S2.22", "S0.15")
def test_from_stream_to_sql(towpath, connected, odoo19):
    status, out, err = towpath("stream", "add", "ok", "res.country", "res.currency", "--prefix", "ref_")
    assert status == 0, err
    assert "raw/ok/ref_res_country" in out
    status, out, err = towpath("sync", "run", "--json")
    assert status == 0, err
    records = [json.loads(line) for line in out.splitlines()]
    assert {r["state"] for r in records if r["event"] == "run"} == {"succeeded"}
    status, out, err = towpath("sql", "select count(*) n from ref_res_country", "--json")
    assert status == 0, err
    (country,) = [r for r in records if r["event"] == "run" and r["stream"] == "ref_res_country"]
    assert json.loads(out) == [{"n": country["rows_read"]}]
    assert towpath("sync", "runs")[0] == 0
    for name in ("ref_res_country", "ref_res_currency"):
        assert towpath("stream", "remove", name, "--yes")[0] == 0
