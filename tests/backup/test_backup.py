"""A backup is made while work goes on, and begins a new Towpath that reads on where the old one was."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from towpath.errors import InputError
from towpath.features.backup import folder, service
from towpath.features.connections import service as connections
from towpath.features.replicate import service as replicate
from towpath.features.replicate.job import table_of
from towpath.hub import open_hub
from towpath.odoo import Access, Odoo
from towpath.settings import Settings


class Before:
    """A Towpath with a table, and what is in Odoo."""

    def __init__(self, home: Path, server: Any) -> None:
        self.home = home
        key = server.users["admin"].key
        self.odoo = Odoo(
            Access(url=server.url, database=server.db, login="admin", secret=key, protocol="json2")
        )
        with open_hub(Settings(home=home)) as hub:
            connections.add(hub, name="one", url=server.url, database=server.db, login="admin", secret=key)
            (stream,) = replicate.add(hub, "one", ["res.country"], replicate.Choice())
            (run,) = replicate.sync(hub, [stream])
            assert run.state == "succeeded"
            self.rows = run.rows_inserted
            self.file = home.parent / "kept.tar"
            self.made = service.create(hub, self.file)


@pytest.fixture(scope="module")
def before(tmp_path_factory, odoo_running) -> Iterator[Before]:
    made = Before(tmp_path_factory.mktemp("before") / "home", odoo_running("19.0"))
    yield made
    made.odoo.close()


@pytest.fixture
def empty(tmp_path: Path, before: Before) -> Path:
    """An empty home with the master key in its place."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(before.home / "master.key", home / "master.key")
    return home


def test_a_backup_holds_no_key_and_is_for_its_owner_alone(before):
    assert stat.S_IMODE(before.file.stat().st_mode) == 0o600
    assert before.made.tables == 1
    key = (before.home / "master.key").read_bytes().strip()
    with tarfile.open(before.file) as archive:
        names = archive.getnames()
        assert names[:2] == ["manifest.json", "database.dump"]
        for member in archive:
            content = archive.extractfile(member)
            assert content is None or key not in content.read()
    assert not list(before.file.parent.glob(".towpath-backup-*"))


def test_what_was_restored_reads_on_where_the_backup_was_made(before, empty):
    found = service.restore(Settings(home=empty), before.file)
    assert (found.tables, found.key_fits) == (1, True)
    assert found.audit == before.made.audit
    country = before.odoo.search_ids("res.country", [["code", "=", "BE"]])
    before.odoo.write("res.country", country, {"phone_code": 3200})
    try:
        with open_hub(Settings(home=empty)) as hub:
            (stream,) = replicate.choose(hub, [])
            (run,) = replicate.sync(hub, [stream])
            assert (run.state, run.rows_inserted, run.rows_updated) == ("succeeded", 0, 1)
            rows = [row for batch in table_of(hub, stream).scan() for row in batch.to_pylist()]
            assert len(rows) == before.rows
            assert {row["phone_code"] for row in rows if row["code"] == "BE"} == {3200}
            assert hub.store.verify_audit(known=before.made.audit).whole
    finally:
        before.odoo.write("res.country", country, {"phone_code": 32})
    assert not (empty / "lake" / ".towpath-restoring").exists()


def test_nothing_that_is_in_use_is_replaced(before, empty):
    with open_hub(Settings(home=empty), works=False) as hub:
        hub.store.audit("cli", "test", "x")
    with pytest.raises(InputError, match="in use"):
        service.restore(Settings(home=empty), before.file)
    with open_hub(Settings(home=before.home), works=False) as hub, pytest.raises(InputError, match="--force"):
        service.create(hub, before.file)


def test_a_lake_with_files_of_somebody_is_left_alone(before, empty):
    (empty / "lake").mkdir()
    (empty / "lake" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="holds something"):
        service.restore(Settings(home=empty), before.file)
    assert (empty / "lake" / "mine.txt").read_text() == "x"


def test_a_restore_that_was_cut_off_is_begun_anew(before, empty):
    with tarfile.open(before.file) as archive:
        folder.unpack(archive, "lake", empty / "lake", mark=before.made.audit.hash)
    found = service.restore(Settings(home=empty), before.file)
    assert found.tables == 1


def test_the_wrong_master_key_is_said_at_once(before, tmp_path):
    home = tmp_path / "other"
    command = [sys.executable, "-m", "towpath", "restore", str(before.file), "--json"]
    ran = subprocess.run(
        command, env=os.environ | {"TOWPATH_HOME": str(home)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2, ran.stderr
    assert orjson.loads(ran.stdout)["key_fits"] is False


@pytest.mark.parametrize("content", [b"", b"no tar at all" * 100])
def test_what_is_no_backup_is_refused(tmp_path, content):
    file = tmp_path / "x.tar"
    file.write_bytes(content)
    with pytest.raises(InputError, match="not a backup"):
        service.restore(Settings(home=tmp_path / "home"), file)


def test_a_member_that_leads_elsewhere_is_not_written(tmp_path):
    file = tmp_path / "evil.tar"
    with tarfile.open(file, "w") as archive:
        folder.put(archive, "lake/../../outside", b"x")
    with tarfile.open(file) as archive, pytest.raises(tarfile.OutsideDestinationError):
        folder.unpack(archive, "lake", tmp_path / "a" / "lake", mark="m")
    assert not (tmp_path / "outside").exists()
