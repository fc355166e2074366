"""Upkeep: by itself once a day, by one worker; what is older than the retention is gone, what is younger is there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from deltalake import DeltaTable

from towpath.errors import InputError
from towpath.features.replicate import service, upkeep
from towpath.features.replicate.job import table_of
from towpath.features.replicate.tables import runs as run_rows
from towpath.features.replicate.tables import streams as rows
from towpath.lake import manifest
from towpath.lake.retention import FILES, LOG_ENTRIES

DAY = timedelta(days=1)


def kept_up_at(town, stream, moment) -> None:
    with town.hub.store.begin() as db:
        db.execute(rows.update().where(rows.c.id == stream.id).values(kept_up_at=moment))


def changed(town, stream, ids, times: int) -> None:
    for number in range(times):
        town.odoo.write("res.partner", ids, {"city": f"City {number}"})
        assert town.sync(stream).state == "succeeded"


@pytest.fixture
def stream(town):
    town.people = town.odoo.create(
        "res.partner", [{"name": f"Keeper {n}", "ref": town.name} for n in range(3)]
    )
    stream = town.add(
        "res.partner", fields=["name", "city"], filter=f"[('ref', '=', '{town.name}')]", retention="30 days"
    )
    town.sync(stream)
    return stream


@pytest.mark.feature("S2.18")
def test_thirty_days_are_thirty_days(town, stream):
    changed(town, stream, town.people, 12)
    table = table_of(town.hub, stream)
    found = DeltaTable(table.uri).metadata().configuration
    assert found[LOG_ENTRIES] == found[FILES] == "interval 30 days"
    begin = datetime.now(UTC)
    first = table.version - 9

    def cities(version: int) -> set[str]:
        return {row["city"] for row in DeltaTable(table.uri, version=version).to_pyarrow_table().to_pylist()}

    before = cities(first)
    # Within the thirty days everything can be read, at the last minute too.
    (kept,) = upkeep.keep_up(town.hub, stream, now=begin + 30 * DAY - timedelta(minutes=5))
    assert (kept.swept.parts, kept.swept.log_files) == (0, 0)
    assert cities(first) == before
    # A minute after the last of these states has turned thirty days old, only the newest is left.
    (kept,) = upkeep.keep_up(town.hub, stream, now=datetime.now(UTC) + 30 * DAY + timedelta(minutes=1))
    assert kept.swept.parts >= 12
    assert kept.swept.log_files >= 10
    table = table_of(town.hub, stream)
    with pytest.raises(InputError, match="30 days"):
        table.snapshot(first)
    with pytest.raises(Exception, match=r"(?i)version|log|not found"):
        cities(first)
    assert cities(table.version) == {"City 11"}
    files = {path.name for path in Path(table.uri).glob("*.parquet")}
    assert files == {Path(file.path).name for file in table.files()}
    changed(town, stream, town.people, 1)
    assert {row["city"] for row in town.rows(stream, "city").values()} == {"City 0"}


@pytest.mark.feature("S2.18")
def test_what_is_younger_than_the_retention_stays(town, stream):
    changed(town, stream, town.people, 3)
    table = table_of(town.hub, stream)
    parts = set(Path(table.uri).glob("*.parquet"))
    service.edit(town.hub, stream.id, service.Choice(retention="1 hour"))
    assert upkeep.keep_up(town.hub, stream)[0].swept.parts == 0
    assert parts <= set(Path(table.uri).glob("*.parquet"))
    (kept,) = upkeep.keep_up(town.hub, stream, now=datetime.now(UTC) + timedelta(hours=1, minutes=1))
    assert kept.swept.parts > 0


@pytest.mark.feature("S2.18")
def test_one_worker_a_day_keeps_a_table_up(town, stream):
    assert upkeep.claim(town.hub) is None, "it was made just now"
    kept_up_at(town, stream, datetime.now(UTC) - timedelta(hours=23))
    assert upkeep.claim(town.hub) is None
    kept_up_at(town, stream, datetime.now(UTC) - timedelta(hours=25))
    with ThreadPoolExecutor(6) as pool:
        taken = [found for found in pool.map(lambda _: upkeep.claim(town.hub), range(6)) if found]
    assert [found.id for found in taken] == [stream.id]
    changed(town, stream, town.people, 2)
    service.edit(town.hub, stream.id, service.Choice(retention="1 second"))
    kept_up_at(town, stream, datetime.now(UTC) - timedelta(hours=25))
    before = len(list(Path(table_of(town.hub, stream).uri).glob("*.parquet")))
    import time

    time.sleep(1.1)
    upkeep.tick(town.hub)
    assert len(list(Path(table_of(town.hub, stream).uri).glob("*.parquet"))) < before
    assert service.choose(town.hub, [stream.id])[0].kept_up_at > datetime.now(UTC) - timedelta(minutes=5)


def test_old_idle_runs_and_manifests_are_forgotten(town, stream):
    long_ago = datetime.now(UTC) - 91 * DAY
    values = {"stream_id": stream.id, "state": "succeeded", "created_at": long_ago, "ended_at": long_ago}
    with town.hub.store.begin() as db:
        db.execute(run_rows.insert().values(id=f"{stream.id}-idle", kind="idle", **values))
        db.execute(run_rows.insert().values(id=f"{stream.id}-sync", kind="sync", **values))
        db.execute(
            run_rows.insert().values(id="lonely-idle", kind="idle", **{**values, "stream_id": "lonely"})
        )
    root = town.hub.lake_root
    for name in ("old", "new"):
        manifest.publish(root, manifest.Manifest(id=f"{stream.id}-{name}", tables={}))
    import os

    old = Path(root) / manifest.FOLDER / f"{stream.id}-old.json"
    os.utime(old, (long_ago.timestamp(), long_ago.timestamp()))
    pruned = upkeep.prune(town.hub)
    assert (pruned.idle_runs, pruned.manifests) == (1, 1)
    assert not old.exists()
    assert manifest.read(root, f"{stream.id}-new").tables == {}
    with town.hub.store.begin() as db:
        left = db.execute(sa.select(run_rows.c.id).where(run_rows.c.created_at == long_ago)).scalars().all()
        db.execute(run_rows.delete().where(run_rows.c.stream_id == "lonely"))
    assert sorted(left) == sorted([f"{stream.id}-sync", "lonely-idle"])
