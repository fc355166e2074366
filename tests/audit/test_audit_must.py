"""What must be on record is, and what can not be recorded does not happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from towpath.access import act_as
from towpath.errors import NotFoundError, RetryLaterError
from towpath.features.audit import service
from towpath.features.keys import service as keys
from towpath.hub import Hub
from towpath.store import uses

pytestmark = pytest.mark.feature("S0.16", "S0.17")


@contextmanager
def full(hub: Hub) -> Iterator[None]:
    """An audit that takes no row, as on a full disk."""
    with hub.store.begin() as db:
        db.exec_driver_sql(
            "create trigger full_disk before insert on towpath.audit "
            "for each statement execute function towpath.audit_is_append_only()"
        )
    try:
        yield
    finally:
        with hub.store.begin() as db:
            db.exec_driver_sql("drop trigger full_disk on towpath.audit")


def actions(hub: Hub) -> list[str]:
    return [row.action for row in reversed(service.listed(hub, service.Search()))]


def test_sql_and_exports_of_the_command_line_are_on_record(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    from towpath.cli import main

    monkeypatch.setenv("TOWPATH_HOME", str(hub.settings.home))
    assert main(["sql", "select 41 + 1 as n", "--json"]) == 0
    file = tmp_path / "rows.csv"
    assert main(["export", "--sql", "select 41 + 1 as n", str(file)]) == 0
    capsys.readouterr()
    rows = service.listed(hub, service.Search())
    assert [row.action for row in rows] == ["export.file", "query.run"]
    assert rows[1].details["sql"] == "select 41 + 1 as n"
    assert rows[0].details["file"] == str(file)
    with full(hub):
        other = tmp_path / "other.csv"
        assert main(["export", "--sql", "select 4242 as n", str(other)]) != 0
        assert not other.exists()
        assert main(["sql", "select 4242 as n", "--json"]) != 0
    assert capsys.readouterr().out == ""


def test_what_can_not_be_recorded_does_not_happen(hub: Hub):
    hub.cabinet.put("webhook/two", "the first value")
    with act_as("user:full", address="192.0.2.1"), full(hub):
        with pytest.raises(sa.exc.DBAPIError):
            hub.cabinet.get("webhook/two")
        with pytest.raises(sa.exc.DBAPIError):
            keys.set_secret(hub, "webhook/two", "the second value")
        with pytest.raises(sa.exc.DBAPIError):
            keys.rotate(hub)
    assert hub.cabinet.get("webhook/two").reveal() == "the first value"
    hub.cabinet.remove("webhook/two")


def test_an_hour_of_use_of_a_secret_is_one_row(hub: Hub, monkeypatch: pytest.MonkeyPatch):
    hub.cabinet.put("webhook/three", "some value")
    for name in ("user:use1", "user:use2"):
        with act_as(name):
            for _ in range(5):
                hub.cabinet.get("webhook/three")
    rows = service.listed(hub, service.Search(action="secret.use", object="secret/webhook/three"))
    assert [row.actor for row in rows] == ["user:use2", "user:use1"]
    monkeypatch.setattr(uses, "SESSION", 0.0)  # as if an hour had passed
    with act_as("user:use1"):
        hub.cabinet.get("webhook/three")
    assert len(service.listed(hub, service.Search(action="secret.use", actor="user:use1"))) == 2
    hub.cabinet.remove("webhook/three")
    with pytest.raises(NotFoundError):
        hub.cabinet.get("webhook/three")


def test_who_holds_the_audit_does_not_wait_for_itself(hub: Hub, monkeypatch: pytest.MonkeyPatch):
    hub.cabinet.put("webhook/four", "some value")
    monkeypatch.setattr(uses, "_PATIENCE", "1s")
    with act_as("user:holds"), hub.store.begin() as db:
        hub.store.audit("user:holds", "x", "y", connection=db)
        with pytest.raises(RetryLaterError, match="put on record"):
            hub.cabinet.get("webhook/four")
    hub.cabinet.remove("webhook/four")


def test_no_secret_the_process_knows_gets_into_the_audit(hub: Hub):
    with act_as("user:types"):
        hub.cabinet.put("webhook/five", "kanarie-in-the-audit")
        hub.store.audit("user:kanarie-in-the-audit", "x", "y", details={"a": ["kanarie-in-the-audit"]})
    row = service.listed(hub, service.Search(), limit=1)[0]
    assert "kanarie" not in f"{row}"
    assert service.verify(hub).whole
    hub.cabinet.remove("webhook/five")
