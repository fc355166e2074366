"""A database of the first release, with data in it, goes on under today's code; and the other way round for a while."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from towpath.features.connections import service as connections
from towpath.features.people import service as people
from towpath.features.replicate import service as replicate
from towpath.features.replicate.job import table_of
from towpath.hub import open_hub
from towpath.secrets import Vault, key_source
from towpath.secrets.envelope import key_id_of
from towpath.settings import load
from towpath.store import Store
from towpath.store.upgrade import find_folders

#: What the first release that anybody had brought.
FIRST = ("store_0001", "secrets_0001", "jobs_0001", "connections_0001", "replicate_0001")


@pytest.fixture
def old(tmp_path: Path, odoo19) -> Path:
    """A home as the first release left it: a connection with its secret, a stream, a run, a row of the audit."""
    home, chosen = tmp_path / "home", tmp_path / "migrations"
    chosen.mkdir()
    for name in FIRST:
        (file,) = [folder / f"{name}.py" for folder in find_folders() if (folder / f"{name}.py").is_file()]
        shutil.copy(file, chosen)
    settings = load(home=home)
    with Store(settings, migrations=[chosen]) as store:
        row = {"id": "c1", "name": "old", "url": odoo19.url, "database": odoo19.db, "login": "admin"}
        row |= {"protocol": "json2", "version": "19.0", "tested_at": datetime.now(UTC), "test_message": "ok"}
        with store.begin() as db:
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            db.execute(sa.text(f"insert into towpath.connections ({names}) values ({values})"), row)
            sealed = Vault(key_source(settings)).seal(odoo19.users["admin"].key, "connection/c1")
            db.execute(
                sa.text(
                    "insert into towpath.secrets (owner, sealed, key_id, set_at) values ('connection/c1', :s, :k, now())"
                ),
                {"s": sealed, "k": key_id_of(sealed)},
            )
            db.execute(
                sa.text(
                    "insert into towpath.streams (id, connection_id, model, layer, folder, table_name, sync_type) "
                    "values ('s1', 'c1', 'res.country', 'raw', 'old', 'res_country', 'INCREMENTAL')"
                )
            )
            db.execute(
                sa.text(
                    "insert into towpath.runs (id, stream_id, kind, state, ended_at, rows_read) "
                    "values ('r1', 's1', 'sync', 'failed', now(), 7)"
                )
            )
            store.audit("cli", "stream.add", "stream/raw/old/res_country", connection=db)
    return home


def test_everything_goes_on_after_an_upgrade(old):
    with open_hub(load(home=old)) as hub:
        assert [one.name for one in connections.listed(hub)] == ["old"]
        (stream,) = replicate.choose(hub, [])
        assert [run.id for run, _ in replicate.recent_runs(hub)] == ["r1"]
        (run,) = replicate.sync(hub, [stream])
        assert run.state == "succeeded"
        assert table_of(hub, stream).count() == run.rows_inserted > 200
        assert hub.store.verify_audit().whole
        assert people.first_run_token(hub) is not None
        assert hub.store.migrate() == []


def test_an_upgrade_runs_once_however_many_start_at_the_same_time(old):
    import threading

    done: list[list[str]] = []

    def start() -> None:
        store = Store(load(home=old))
        store.open()
        done.append(store.migrate())
        store.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ran = [name for names in done for name in names]
    assert len(done) == 3
    assert len(ran) == len(set(ran)) > 5
