"""Personal data under masks, from Odoo to the table and to everything that is kept beside it."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deltalake
import orjson
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.prepared_process import TOWPATH, run

from towpath.commit_point import ENVIRONMENT
from towpath.features.replicate import service
from towpath.features.replicate.masked import OWNER
from towpath.features.replicate.prepare import table_of
from towpath.features.replicate.versions import SUFFIX
from towpath.odoo.masking import Mask, apply

FIELDS = ["name", "email", "phone", "street", "parent_id", "category_id", "country_id", "lang", "ref"]
MASKS = {
    "name": "hash",
    "email": "hash",
    "phone": "truncate:3",
    "street": "drop",
    "parent_id": "hash",
    "category_id": "hash",
    "lang": "hash",
}


class Birds:
    """Partners whose data can be told from everything else that tests leave behind."""

    def __init__(self, town: Any) -> None:
        self.town, self.hub = town, town.hub
        self.canary = f"kanarie{uuid.uuid4().hex[:12]}"
        self.ref = f"r{uuid.uuid4().hex[:8]}"
        odoo = town.odoo
        self.parent = odoo.create("res.partner", [{"name": f"{self.canary} parent", "ref": self.ref}])[0]
        tags = odoo.create("res.partner.category", [{"name": f"{self.canary} tag"}])
        values = {"parent_id": self.parent, "category_id": [(6, 0, tags)], "ref": self.ref}
        self.ids = odoo.create("res.partner", [{**values, **self.person(n)} for n in range(3)])

    def person(self, n: int) -> dict[str, str]:
        return {
            "name": f"{self.canary} {n}",
            "email": f"{self.canary}.{n}@example.com",
            "phone": f"+49 {self.canary} {n}",
            "street": f"{self.canary} lane {n}",
        }

    def stream(self, **choice: Any) -> Any:
        chosen = {"fields": FIELDS, "filter": f"[('ref', '=', '{self.ref}')]", "prefix": f"{self.ref}_"}
        return self.town.add("res.partner", **{**chosen, **choice})

    def hash(self, value: Any, relation: str | None = None) -> str:
        key = bytes.fromhex(self.hub.cabinet.get(OWNER).reveal())
        return apply(Mask(kind="hash", key=key), pa.array([value]), relation).to_pylist()[0]

    def kept(self, *, versions: bool) -> Iterator[tuple[str, str]]:
        """All that is kept: rows of PostgreSQL, every table and, with versions, every file of the lake."""
        with psycopg.connect(self.hub.store.dsn) as db:
            names = db.execute(
                "select format('%I.%I', schemaname, tablename) from pg_tables"
                " where schemaname not in ('pg_catalog', 'information_schema')"
            ).fetchall()
            for (name,) in names:
                for (row,) in db.execute(f"select r::text from {name} r"):  # type: ignore[arg-type]  # quoted by format()
                    yield name, row
        for log in Path(self.hub.lake_root).rglob("_delta_log"):
            yield str(log.parent), str(deltalake.DeltaTable(str(log.parent)).to_pyarrow_table().to_pylist())
            if versions:
                for path in log.iterdir():
                    yield str(path), path.read_bytes().decode(errors="replace")
                for path in log.parent.rglob("*.parquet"):
                    yield str(path), str(pq.read_table(path).to_pylist())

    def found(self, *, versions: bool = False) -> list[str]:
        return [place for place, text in self.kept(versions=versions) if self.canary in text]


@pytest.fixture
def birds(town: Any) -> Birds:
    return Birds(town)


@pytest.mark.feature("S2.37")
@pytest.mark.parametrize("town", ["19.0", "17.0"], indirect=True)
def test_plain_values_stand_nowhere(town, birds, caplog):
    caplog.set_level(logging.DEBUG)
    ids = birds.ids
    stream = birds.stream(masks=MASKS)
    run = town.sync(stream)
    assert run.state == "succeeded"
    assert run.rows_inserted == 4
    rows = town.rows(stream)
    shown = rows[ids[1]]
    assert shown["email"] == birds.hash(f"{birds.canary}.1@example.com")
    assert shown["parent_id"] == birds.hash(birds.parent, "res.partner")
    assert len(shown["category_id"]) == 1
    assert (shown["phone"], shown["ref"]) == ("+49", birds.ref)
    assert not {"street", "parent_id__name", "lang__label"} & set(shown)
    assert "country_id__name" in shown
    schema = table_of(town.hub, stream).schema
    assert schema.field("email").metadata[b"odoo.mask"] == b"hash"
    # Unchanged rows are recognised; a changed one is one change.
    town.odoo.write("res.partner", [ids[0]], {"email": f"{birds.canary}.new@example.com"})
    run = town.sync(stream)
    assert (run.rows_updated, run.rows_inserted) == (1, 0)
    assert run.rows_read == 4, "the others were stamped just now, and are unchanged"
    assert town.rows(stream)[ids[0]]["email"] == birds.hash(f"{birds.canary}.new@example.com")
    town.odoo.write("res.partner", [ids[0]], {"street": f"{birds.canary} street"})
    assert town.sync(stream).rows_updated == 0, "what is dropped can not differ"
    full = town.sync(stream, full=True)
    assert (full.rows_updated, full.rows_read) == (0, 4)
    assert birds.found(versions=True) == []
    assert birds.canary not in caplog.text
    key = town.hub.cabinet.get(OWNER).reveal()
    assert not [place for place, text in birds.kept(versions=True) if key in text]


@pytest.mark.feature("S2.37")
def test_a_mask_that_comes_later_leaves_nothing_plain_in_the_table(town, birds):
    ids = birds.ids
    stream = birds.stream()
    town.sync(stream)
    town.odoo.unlink("res.partner", [ids[2]])
    town.sync(stream)
    before = town.rows(stream, deleted=True)
    assert before[ids[2]]["_towpath_deleted_at"] is not None
    service.edit(town.hub, stream.id, service.Choice(masks=MASKS))
    run = town.sync(stream)
    assert run.state == "succeeded"
    assert any("The masks of category_id, email, lang, name" in remark for remark in run.remarks)
    after = town.rows(stream, deleted=True)
    assert set(after) == set(before)
    gone = after[ids[2]]
    assert gone["_towpath_deleted_at"] == before[ids[2]]["_towpath_deleted_at"]
    assert gone["email"] == birds.hash(f"{birds.canary}.2@example.com"), "also rows that Odoo shows no more"
    assert gone["parent_id"] == birds.hash(before[ids[2]]["parent_id"], "res.partner")
    assert gone["phone"] == "+49"
    assert not {"street", "parent_id__name", "lang__label"} & set(gone)
    assert birds.found() == []
    assert town.sync(stream).rows_updated == 0
    # Another mask, and none: the values are read again.
    service.edit(town.hub, stream.id, service.Choice(masks={"phone": "hash", "ref": "hash"}))
    town.sync(stream)
    assert town.rows(stream)[ids[0]]["phone"] == birds.hash(f"+49 {birds.canary} 0")
    assert town.rows(stream, deleted=True)[ids[2]]["phone"] is None, "can not be known any more"
    service.edit(
        town.hub, stream.id, service.Choice(masks={"parent_id": "plain", "ref": "plain", "street": "plain"})
    )
    town.sync(stream)
    shown = town.rows(stream)[ids[0]]
    assert shown["parent_id"] == before[ids[0]]["parent_id"]
    assert shown["parent_id__name"] == f"{birds.canary} parent"
    assert (shown["ref"], shown["street"]) == (birds.ref, f"{birds.canary} lane 0")
    assert town.rows(stream, deleted=True)[ids[2]]["parent_id"] is None


@pytest.mark.feature("S2.37")
def test_the_versions_of_records_are_masked_with_their_table(town, birds):
    stream = birds.stream(history=True)
    town.sync(stream)
    town.odoo.write("res.partner", birds.ids[:1], {"email": f"{birds.canary}.new@example.com"})
    town.odoo.unlink("res.partner", birds.ids[2:])
    town.sync(stream)
    versions = table_of(town.hub, stream, SUFFIX)

    def kept() -> list[dict[str, Any]]:
        return [row for batch in versions.scan(deleted=True) for row in batch.to_pylist()]

    assert len(kept()) == 6
    service.edit(town.hub, stream.id, service.Choice(masks=MASKS))
    town.sync(stream)
    assert birds.found() == []
    assert len(kept()) == 6, "a mask is no change of a record"
    emails = {row["email"] for row in kept() if row["id"] == birds.ids[0]}
    assert emails == {birds.hash(f"{birds.canary}.{word}@example.com") for word in ("0", "new")}
    town.odoo.write("res.partner", birds.ids[:1], {"email": f"{birds.canary}.newest@example.com"})
    town.sync(stream)
    assert len(kept()) == 7
    assert birds.found() == []
    service.edit(town.hub, stream.id, service.Choice(masks={"email": "drop"}))
    town.sync(stream)
    assert "email" not in versions.schema.names


@pytest.mark.feature("S2.37")
def test_link_tables_of_masked_fields_are_emptied(town, birds):
    stream = birds.stream(links=["category_id"])
    town.sync(stream)
    links = table_of(town.hub, stream, "__category_id")
    assert links.count() == 3
    service.edit(town.hub, stream.id, service.Choice(masks={"category_id": "hash"}))
    town.sync(stream)
    assert list(links.ids(deleted=True)) == []
    town.odoo.write("res.partner", birds.ids[:1], {"phone": "1"})
    town.sync(stream)
    assert links.count() == 0
    service.edit(town.hub, stream.id, service.Choice(masks={"category_id": "plain"}))
    town.sync(stream)
    assert links.count() == 3


@pytest.mark.feature("S2.37", "S2.15")
def test_a_full_table_is_masked_by_its_next_run(town, birds):
    ids = birds.ids
    stream = birds.stream(sync_type="FULL_TABLE")
    town.sync(stream)
    service.edit(town.hub, stream.id, service.Choice(masks=MASKS))
    town.sync(stream)
    assert town.rows(stream)[ids[0]]["name"] == birds.hash(f"{birds.canary} 0")
    assert birds.found() == []


@pytest.mark.feature("S2.37")
def test_hashes_of_two_tables_join(town, birds):
    ids = birds.ids
    first = birds.stream(fields=["email", "parent_id"], masks={"email": "hash", "parent_id": "hash"})
    town.odoo.create(
        "crm.lead", [{"name": "x", "email_from": f"{birds.canary}.1@example.com", "partner_id": ids[1]}]
    )
    second = town.add("crm.lead", fields=["email_from", "partner_id"], masks={"email_from": "hash"})
    town.sync(first)
    town.sync(second)
    wanted = town.rows(first)[ids[1]]["email"]
    assert wanted in {row["email_from"] for row in town.rows(second).values()}


@pytest.mark.feature("S2.37")
def test_a_mask_that_no_longer_fits_stops_the_run(town, birds):
    stream = birds.stream(fields=["email"], masks={"email": "truncate:3"})
    with town.hub.store.begin() as db:
        db.exec_driver_sql(
            'update towpath.streams set masks = \'{"country_id": "truncate:3"}\' where id = %s', (stream.id,)
        )
    run = town.sync(stream)
    assert run.state == "failed"
    assert "no text that can be cut" in run.message
    assert not table_of(town.hub, stream).exists


def die_at(town: Any, stream: Any, point: str) -> None:
    """Run the stream in a process that dies at that point, then in one that does not."""
    command = [*TOWPATH, "sync", "run", "--stream", stream.id, "--json"]
    environment = os.environ | {"TOWPATH_HOME": str(town.hub.settings.home)}
    died = run(command, env=environment | {ENVIRONMENT: point}, check=False)
    assert died.returncode == -9, died.stdout
    done = run(command, env=environment)
    # This run went on with the one that died, or came after our own hub had taken that over.
    assert orjson.loads(done.stdout.splitlines()[-1])["state"] == "succeeded"


@pytest.mark.feature("S2.37")
@pytest.mark.parametrize("point", ["masked_rows_written", "masked_rows_published"])
def test_a_process_that_dies_while_it_masks_leaves_nothing_half_done(town, birds, point: str):
    stream = birds.stream()
    town.sync(stream)
    town.odoo.unlink("res.partner", birds.ids[2:])
    town.sync(stream)
    service.edit(town.hub, stream.id, service.Choice(masks=MASKS))
    die_at(town, stream, point)
    rows = town.rows(stream, deleted=True)
    assert [rows[number]["email"] for number in birds.ids] == [
        birds.hash(birds.person(n)["email"]) for n in range(3)
    ]
    assert rows[birds.ids[2]]["_towpath_deleted_at"] is not None
    assert birds.found() == []
    assert not service.choose(town.hub, [stream.id])[0].reread_at


@pytest.mark.feature("S2.37")
def test_a_lost_key_is_replaced_and_all_is_hashed_anew(town, birds):
    stream = birds.stream(masks={"email": "hash"})
    town.sync(stream)
    town.odoo.unlink("res.partner", birds.ids[2:])
    town.sync(stream)
    before = birds.hash(birds.person(0)["email"])
    with town.hub.store.begin() as db:  # so that nothing is read again but for the key
        db.exec_driver_sql("update towpath.streams set overlap_seconds = 0 where id = %s", (stream.id,))
    time.sleep(2)
    town.sync(stream)
    town.hub.cabinet.remove(OWNER)
    town.odoo.write("res.partner", birds.ids[1:2], {"phone": "1"})  # a quiet stream is not looked at
    die_at(town, stream, "masked_rows_published")
    rows = town.rows(stream, deleted=True)
    assert rows[birds.ids[0]]["email"] == birds.hash(birds.person(0)["email"]) != before
    assert rows[birds.ids[2]]["email"] is None


@pytest.mark.feature("S2.37", "S2.18")
def test_a_short_retention_and_upkeep_remove_the_plain_values_of_older_versions(town, birds):
    stream = birds.stream()
    town.sync(stream)
    service.edit(town.hub, stream.id, service.Choice(masks=MASKS, retention="1 second"))
    town.sync(stream)
    assert birds.found(versions=True)
    table = table_of(town.hub, stream)
    for _ in range(2):  # the second one removes what the first one's checkpoint made needless
        time.sleep(1.1)
        table.sweep()
    assert birds.found(versions=True) == []
    assert len(town.rows(stream)) == 4


@pytest.mark.feature("S2.37")
def test_masks_are_suggested_by_a_command_and_fit(town, birds):
    command = [*TOWPATH, "stream", "masks", town.name, "res.partner"]
    environment = os.environ | {"TOWPATH_HOME": str(town.hub.settings.home)}
    shown = run([*command, "--json"], env=environment).stdout
    hints = {hint["field"]: hint["mask"] for hint in orjson.loads(shown)}
    assert (hints["name"], hints["street"], hints["user_id"]) == ("hash", "drop", "no-name")
    stream = birds.stream(fields=None, masks=hints)
    assert town.sync(stream).state == "succeeded"
    assert set(town.rows(stream)) == {birds.parent, *birds.ids}
    assert not {"street", "user_id__name"} & set(town.rows(stream)[birds.ids[0]])
