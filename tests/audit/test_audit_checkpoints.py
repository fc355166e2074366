"""Checkpoints are signed, old rows go only behind one, and whatever else is done to the chain is found."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from towpath.errors import DamagedError
from towpath.features.audit import clock, service
from towpath.hub import Hub
from towpath.secrets.signing import PublicKey, SigningKey, signing_key
from towpath.store import AuditHead, noted
from towpath.store import checkpoints as signed


def fill(hub: Hub, count: int) -> None:
    for number in range(count):
        hub.store.audit("user:ada", "connection.test", f"connection/{number}")


def age(spoil: Callable[[str], None], hub: Hub, through: int, days: int) -> None:
    """Make the first rows older, with a chain that fits: as if they had been written then."""
    from towpath.store import audit as chain

    with hub.store.begin() as db:
        rows = db.execute(sa.text("select * from towpath.audit order by number")).mappings().all()
    before, news = "0" * 64, []
    for row in rows:
        aged = dict(row) | {"prev_hash": before}
        if row["number"] <= through:
            aged["at"] = row["at"] - timedelta(days=days)
        aged["hash"] = before = chain._hash(aged)  # no clock of PostgreSQL's can be turned back
        news.append(aged)
    for row in news:
        spoil(
            f"update towpath.audit set at = '{row['at'].isoformat()}', prev_hash = '{row['prev_hash']}',"
            f" hash = '{row['hash']}' where number = {row['number']}"
        )


@pytest.mark.feature("S0.17")
def test_a_checkpoint_finds_a_chain_that_was_cut_off_or_written_anew(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 5)
    made = service.checkpoint(hub)
    assert made is not None
    assert made.number == 5
    good = service.verify(hub)
    assert (good.whole, good.rows, good.signed_through) == (True, 5, 5)
    spoil("delete from towpath.audit where number > 3")
    cut = service.verify(hub)
    assert (cut.wrong_number, cut.reason) == (4, "rows 4 to 5 were removed from the end")
    spoil("delete from towpath.audit")
    fill(hub, 7)
    anew = service.verify(hub)
    assert (anew.wrong_number, anew.reason) == (5, "the chain up to here was written anew")
    quick = service.verify(hub, since_checkpoint=True)
    assert (quick.wrong_number, quick.reason) == (5, "the chain up to here was written anew")
    spoil("delete from towpath.audit where number > 4")
    assert not service.verify(hub, since_checkpoint=True).whole


@pytest.mark.feature("S0.17")
def test_an_end_that_was_cut_off_with_its_checkpoints_is_missed(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 5)
    service.checkpoint(hub)
    assert clock.watch_end(hub)
    assert service.verify(hub).whole
    assert clock.watch_end(hub)
    spoil("delete from towpath.audit_checkpoints; delete from towpath.audit where number > 3")
    cut = service.verify(hub)
    assert (cut.wrong_number, cut.reason) == (4, "rows 4 to 6 were removed from the end")
    assert not clock.watch_end(hub)
    fill(hub, 3)
    anew = service.verify(hub)
    assert (anew.wrong_number, anew.reason) == (6, "the chain up to here was written anew")
    assert not clock.watch_end(hub)


def test_what_was_removed_as_too_old_is_not_missed(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 3)
    assert clock.watch_end(hub)
    age(spoil, hub, through=3, days=40)
    noted.note(hub.settings.home, AuditHead(number=3, hash=service.entry(hub, 3).hash))
    fill(hub, 1)
    assert service.prune(hub, 30).removed == 3
    assert service.verify(hub).whole
    assert clock.watch_end(hub)


def test_only_what_came_since_the_newest_checkpoint_can_be_read(hub: Hub):
    fill(hub, 4)
    service.checkpoint(hub)
    fill(hub, 2)
    found = service.verify(hub, since_checkpoint=True)
    assert (found.whole, found.start, found.rows) == (True, 4, 2)


@pytest.mark.parametrize(
    "sql",
    [
        "update towpath.audit_checkpoints set hash = repeat('a', 64)",
        "update towpath.audit_checkpoints set number = number - 1",
        "update towpath.audit_checkpoints set at = at + interval '1 second'",
        "update towpath.audit_checkpoints set kind = 'removal'",
    ],
)
def test_a_changed_checkpoint_is_found(hub: Hub, spoil: Callable[[str], None], sql: str):
    fill(hub, 3)
    service.checkpoint(hub)
    spoil(sql)
    found = service.verify(hub)
    assert not found.whole
    assert "was changed after it was signed" in str(found.reason)


def test_a_checkpoint_of_another_key_is_not_believed(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 6)
    stranger = SigningKey(b"\7" * 32)
    spoil("delete from towpath.audit where number <= 0")
    with hub.store.begin() as db:
        signed.remove_through(db, stranger, 4)
    found = service.verify(hub)
    assert not found.whole
    assert stranger.public.id in str(found.reason)
    # whoever knows that key from elsewhere can have it believed
    assert service.verify(hub, key=PublicKey.read(stranger.public.pem)).whole


@pytest.mark.feature("S0.16", "S0.34")
def test_old_rows_go_behind_a_proof_and_the_rest_verifies(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 10)
    age(spoil, hub, through=6, days=400)
    service.checkpoint(hub)
    done = service.prune(hub, 365)
    assert done.removed == 6
    assert done.proof is not None
    assert (done.proof.kind, done.proof.number) == ("removal", 6)
    assert [row.number for row in service.listed(hub, service.Search())] == [11, 10, 9, 8, 7]
    found = service.verify(hub)
    assert (found.whole, found.start, found.rows) == (True, 6, 5)
    again = service.prune(hub, 365)
    assert (again.removed, again.proof) == (0, None)
    # a head that was noted before still counts when its row is there
    row = service.entry(hub, 8)
    assert service.verify(hub, known=AuditHead(number=8, hash=row.hash)).whole
    assert not service.verify(hub, known=AuditHead(number=8, hash="f" * 64)).whole


def test_removal_by_anybody_else_is_found(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 10)
    age(spoil, hub, through=3, days=400)
    service.prune(hub, 365)
    spoil("delete from towpath.audit where number = 4")
    found = service.verify(hub)
    assert (found.wrong_number, found.reason) == (4, "rows 4 to 4 were removed")
    # nothing is removed from a chain that does not fit: that would remove the evidence
    with pytest.raises(DamagedError, match="nothing is removed"):
        service.prune(hub, 1)


def test_a_row_put_back_among_the_removed_is_found(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 5)
    age(spoil, hub, through=3, days=400)
    service.prune(hub, 365)
    spoil(
        "insert into towpath.audit select 2, at, actor, action, object, result, details, prev_hash, hash"
        " from towpath.audit where number = 5"
    )
    found = service.verify(hub)
    assert (found.wrong_number, "removed" in str(found.reason)) == (2, True)


def test_the_triggers_let_only_a_stated_removal_through(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 5)
    age(spoil, hub, through=2, days=400)
    service.checkpoint(hub)
    for sql in (
        "delete from towpath.audit where number = 1",
        "update towpath.audit set actor = '' where number = 1",
        "truncate towpath.audit",
        "delete from towpath.audit_checkpoints",
        "update towpath.audit_checkpoints set hash = ''",
        "truncate towpath.audit_checkpoints",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), hub.store.begin() as db:
            db.exec_driver_sql(sql)
    service.prune(hub, 365)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), hub.store.begin() as db:
        db.exec_driver_sql("delete from towpath.audit where number <= 3")
    assert service.verify(hub).whole


def test_the_newest_row_stays_however_old(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 3)
    age(spoil, hub, through=3, days=4000)
    assert service.prune(hub, 1).removed == 2
    assert service.verify(hub).whole


def test_rows_written_while_old_ones_go_are_kept(hub: Hub, spoil: Callable[[str], None]):
    fill(hub, 20)
    age(spoil, hub, through=15, days=400)
    writers = [threading.Thread(target=fill, args=(hub, 10)) for _ in range(3)]
    prunes = [threading.Thread(target=service.prune, args=(hub, 365)) for _ in range(2)]
    for thread in [*writers, *prunes]:
        thread.start()
    for thread in [*writers, *prunes]:
        thread.join()
    found = service.verify(hub)
    assert (found.whole, found.start) == (True, 15)
    assert len(service.listed(hub, service.Search(action="connection.test"), limit=100)) == 35


def test_the_clock_signs_and_removes(hub: Hub, spoil: Callable[[str], None]):
    settings = hub.settings
    try:
        hub.settings = settings.model_copy(update={"audit_checkpoint_rows": 5, "audit_days": 30})
        fill(hub, 4)
        assert clock.sign_if_due(hub) is None
        fill(hub, 1)
        made = clock.sign_if_due(hub)
        assert made is not None
        assert made.number == 5
        assert clock.sign_if_due(hub) is None
        fill(hub, 1)
        age(spoil, hub, through=6, days=1)  # one row that has waited for a day
        spoil("delete from towpath.audit_checkpoints")
        assert clock.sign_if_due(hub) is not None
        assert clock.remove_old(hub) is None
        spoil("delete from towpath.audit_checkpoints")
        age(spoil, hub, through=3, days=40)
        done = clock.remove_old(hub)
        assert done is not None
        assert done.removed == 3
    finally:
        hub.settings = settings


@pytest.mark.feature("S0.18")
def test_other_tools_can_check_a_signature(hub: Hub, tmp_path: Path):
    fill(hub, 1)
    made = service.checkpoint(hub)
    assert made is not None
    said = made.to_json()
    import base64

    (tmp_path / "key.pem").write_text(service.public_key(hub).pem)
    (tmp_path / "signature").write_bytes(base64.b64decode(said["signature"]))
    (tmp_path / "signed").write_text(said["signed"])
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "signed"]
    ended = subprocess.run([*words, "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False)
    assert b"Successfully" in ended.stdout, ended.stderr


def test_two_processes_agree_on_one_key(hub: Hub):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(signing_key(hub.cabinet).public)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({key.id for key in found}) == 1


def test_times_are_kept_to_the_microsecond(hub: Hub):
    fill(hub, 1)
    made = service.checkpoint(hub)
    assert made is not None
    assert datetime.now(UTC) - made.at < timedelta(minutes=1)
    assert service.checkpoints(hub) == [made]
