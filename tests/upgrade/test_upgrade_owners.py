"""Tables whose commits name no connection are told by the streams there were when the release came that asks."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from towpath.access import Actor, Grant, Role
from towpath.errors import InputError
from towpath.features.replicate import service as replicate
from towpath.features.replicate.places import takes
from towpath.features.replicate.prepare import table_of
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub, open_hub
from towpath.lake.table import Commit
from towpath.settings import load
from towpath.store import Store
from towpath.store.upgrade import find_folders

NEW = "replicate_0005"
ADDED = (
    "insert into towpath.streams (id, connection_id, model, layer, folder, table_name, sync_type)"
    " values (:id, :of, 'res.lang', 'raw', :folder, 'res_lang', 'INCREMENTAL')"
)


@pytest.fixture
def hub(tmp_path: Path):
    """A hub that was at the migration before: two connections with a stream each, and one that was removed long ago."""
    home, chosen = tmp_path / "home", tmp_path / "migrations"
    chosen.mkdir()
    for folder in find_folders():
        for file in folder.glob("[!_.]*.py"):
            if not NEW <= file.stem < "replicate_9":
                shutil.copy(file, chosen)
    with Store(load(home=home), migrations=[chosen]) as store, store.begin() as db:
        for name in ("acme", "other"):
            db.execute(
                sa.text(
                    "insert into towpath.connections (id, name, url, database, login, protocol, version, tested_at,"
                    " test_message) values (:name, :name, 'http://127.0.0.1:9', 'd', 'l', 'json2', '19.0', :now, 'ok')"
                ),
                {"name": name, "now": datetime.now(UTC)},
            )
            db.execute(sa.text(ADDED), {"id": f"s-{name}", "of": name, "folder": name})
    with open_hub(load(home=home), works=False) as opened:
        for name in ("acme", "other"):
            written(opened, place(name), f"s-{name}")
        written(opened, place("gone"), "s-gone")
        yield opened


def place(folder: str, *, of: str = "") -> Stream:
    return Stream(
        id="s-new",
        connection_id=of or folder,
        model="res.lang",
        layer="raw",
        folder=folder,
        table_name="res_lang",
        sync_type="INCREMENTAL",
    )


def written(hub: Hub, at: Stream, stream_id: str) -> None:
    """A commit as they were before they said whose they are."""
    table, app_id = table_of(hub, at), f"towpath.stream.{stream_id}"
    commit = Commit(app_id=app_id, sequence=1, cursor={"through": "2026-10-01T00:00:00+00:00"})
    table.publish([], mode="append", schema=pa.schema({"id": pa.int64()}), commit=commit)


def may_take(hub: Hub, at: Stream) -> bool:
    """Whether an operator of the stream's connection may have the place."""
    check = takes(
        hub, Actor(name="user:o", grants=(Grant(role=Role.OPERATOR, connection_id=at.connection_id),))
    )
    assert check is not None
    try:
        check(at)
    except InputError as refusal:
        return "administrator" not in str(refusal)
    return True


def test_their_own_old_tables_are_taken_up_and_no_others(hub):
    # An older release that works beside this one removes a stream, and adds one that this one removes.
    with hub.store.begin() as db:
        db.execute(sa.text("delete from towpath.streams where id = 's-other'"))
        db.execute(sa.text(ADDED), {"id": "s-late", "of": "acme", "folder": "late"})
    written(hub, place("late"), "s-late")
    assert may_take(hub, place("late", of="acme"))
    replicate.remove(hub, "s-late")
    assert may_take(hub, place("late", of="acme"))
    assert not may_take(hub, place("late", of="other"))
    replicate.remove(hub, "s-acme")
    for mine, theirs in (("acme", "other"), ("other", "acme")):
        assert may_take(hub, place(mine))
        assert not may_take(hub, place(theirs, of=mine))
        # Nothing tells for certain whose the table of a stream is that was removed before.
        assert not may_take(hub, place("gone", of=mine))
    # A table that two connections wrote into is nobody's.
    written(hub, place("acme"), "s-other")
    assert not may_take(hub, place("acme"))
