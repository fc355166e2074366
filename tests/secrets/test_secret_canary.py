"""A key that can be told from everything else is used for good and for ill; then it is looked for everywhere."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import deltalake
import httpx
import psycopg
import pytest
from tests.prepared_process import TOWPATH, run

from towpath.settings import load
from towpath.store import Store
from towpath.store.embedded import EmbeddedPostgres


def forms_of(secret: str) -> list[bytes]:
    """The secret as it may stand in a text: plain, in URLs, in JSON, in hexadecimal, in base64 at every offset."""
    plain = secret.encode()
    found = {plain, quote(secret, safe="").encode(), quote_plus(secret).encode(), plain.hex().encode()}
    found |= {json.dumps(secret)[1:-1].encode(), secret.encode("utf-16-le")}
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # what stands before and after decides over the first and the last characters
            found.add(encode(b"\0" * before + plain)[4 if before else 0 :].rstrip(b"=")[:-1])
    return sorted(found)


def holds(text: bytes, forms: list[bytes]) -> bool:
    return any(form in text for form in forms)


class Person:
    """Somebody at the command line, with everything the commands said kept."""

    def __init__(self, home: Path, key: str) -> None:
        self.environment = os.environ | {
            "TOWPATH_HOME": str(home),
            "TOWPATH_LOG_LEVEL": "debug",
            "TOWPATH_RETRY_ATTEMPTS": "2",
            "TOWPATH_RETRY_SECONDS": "2",
        }
        self.environment.pop("TOWPATH_ODOO_KEY", None)
        self.key = key
        self.heard: list[tuple[str, bytes]] = []

    def types(self, *words: str, status: int = 0, **environment: str) -> str:
        """Run one command with the key on standard input; gives its output."""
        ended = run(
            [*TOWPATH, *words],
            input=f"{self.key}\n".encode(),
            env=self.environment | environment,
            text=False,
            check=False,
        )
        self.heard.append((" ".join(words), ended.stdout + ended.stderr))
        assert ended.returncode == status, (words, ended.stderr.decode())
        return ended.stdout.decode()


def renewed_key(server: Any) -> str:
    """A new API key of 19.0's administrator."""
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    asked = {"key": "key-admin", "scope": "rpc", "name": "canary", "expiration_date": f"{tomorrow:%Y-%m-%d}"}
    headers = {"Authorization": "bearer key-admin", "X-Odoo-Database": server.db}
    answer = httpx.post(f"{server.url}/json/2/res.users.apikeys/generate", json=asked, headers=headers)
    answer.raise_for_status()
    return str(answer.json())


def revoke_key(server: Any, key: str) -> None:
    headers = {"Authorization": "bearer key-admin", "X-Odoo-Database": server.db}
    asked = {"key": key}
    httpx.post(
        f"{server.url}/json/2/res.users.apikeys/revoke", json=asked, headers=headers
    ).raise_for_status()


def set_password(server: Any, password: str) -> None:
    """Give 17.0's administrator another password."""
    arguments = [server.db, 2, "key-admin", "res.users", "write", [[2], {"password": password}], {}]
    call = {"service": "object", "method": "execute_kw", "args": arguments}
    answer = httpx.post(f"{server.url}/jsonrpc", json={"jsonrpc": "2.0", "method": "call", "params": call})
    assert answer.json().get("result") is True, answer.text


def everything_stored(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every row of PostgreSQL, every row of the lake and every file, with the place it stands in."""
    with Store(load(home=home)) as store, psycopg.connect(store.dsn) as db:
        tables = db.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert "towpath.secrets" in {name for (name,) in tables}
        for (name,) in tables:
            for row in db.execute(f"select r::text from {name} r"):  # type: ignore[arg-type]  # quoted by format()
                yield name, row[0].encode()
    for log in home.rglob("_delta_log"):
        rows = deltalake.DeltaTable(str(log.parent)).to_pyarrow_table().to_pylist()
        yield str(log.parent), repr(rows).encode()
    for path in home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(home)), path.read_bytes()


def test_the_search_finds_what_it_looks_for():
    key = "kanarie/+&é=of this test"
    forms = forms_of(key)
    assert holds(f"Bearer {key}".encode(), forms)
    assert holds(f"?key={quote(key)}".encode(), forms) or "/" in quote(key)
    for before in ("", "u", "us", "admin:"):
        assert holds(base64.b64encode(f"{before}{key}".encode()), forms)
    assert not holds(b"canary of this test", forms)


@pytest.mark.feature("S4.7", "S1.21")
@pytest.mark.parametrize("version", ["19.0", "17.0"])
def test_a_key_stands_nowhere_but_sealed(version: str, odoo_factory: Any, tmp_path: Path, request: Any):
    server = odoo_factory(version=version, data="demo")
    if version == "19.0":
        key = renewed_key(server)
    else:
        key = f"kanarie/+&é= {secrets.token_hex(8)}"
        set_password(server, key)
    home = tmp_path / "home"
    server_of_home = EmbeddedPostgres(home)  # kept running between the commands, to save time
    server_of_home.open()
    request.addfinalizer(server_of_home.close)
    person = Person(home, key)
    login = ("--login", "admin", "--key-stdin", "--json")

    # what goes wrong before anything is stored
    person.types("connection", "add", "a", "--url", "http://127.0.0.1:9", *login, status=2)
    person.types("connection", "add", "a", "--url", server.url, "--database", "missing", *login, status=2)
    person.types("connection", "add", key, "--url", server.url, *login, status=2)

    # what goes well
    here = ("--url", server.url, "--database", server.db)
    person.types("connection", "add", "a", *here, *login)
    person.types("connection", "add", "b", *here, "--login", "admin", TOWPATH_ODOO_KEY=key)
    person.types("connection", "list", "--json")
    person.types("connection", "test", "a")
    person.types("stream", "add", "a", "res.users", "res.currency", "--json")
    said = person.types("sync", "run", "--json")
    assert {json.loads(line)["state"] for line in said.splitlines() if '"event":"run"' in line} == {
        "succeeded"
    }
    assert json.loads(person.types("sql", "select count(*) n from res_users", "--json"))[0]["n"]

    # what goes wrong later: a busy Odoo, then one that no longer takes the key
    server.add_fault("status", status=503, method="search_read")
    person.types("sync", "run", "--stream", "res.currency", "--full", status=1)
    server.faults.clear()
    if version == "19.0":
        revoke_key(server, key)
    else:
        set_password(server, "another")
    person.types("connection", "test", "a", status=2)
    person.types("sync", "run", "--json", status=1)
    person.types("sync", "runs", "--json")
    person.types("catalog", "show", "res_users", "--json")
    person.types("sql", f"select '{key}' from nothing", status=2)
    person.types("connection", "remove", "b", "--yes", "--json")

    # Where a person typed the key in place of a name or into SQL, the answer may repeat what they typed.
    forms = forms_of(key)
    typed = {f"connection add {key}", f"sql select '{key}'"}
    leaks = [name for name, said in person.heard if holds(said, forms) and not name.startswith(tuple(typed))]
    assert leaks == []
    assert any(b'"level"' in said for _, said in person.heard), "the log was not on"
    assert [name for name, text in everything_stored(home) if holds(text, forms)] == []
