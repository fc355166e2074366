"""A hub with an audit of its own, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from towpath.hub import Hub, open_hub
from towpath.settings import Settings
from towpath.store import noted


@pytest.fixture(scope="module")
def whole_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with open_hub(Settings(home=tmp_path_factory.mktemp("audit"))) as hub:
        yield hub


@pytest.fixture
def hub(whole_hub: Hub) -> Hub:
    """The hub with an empty audit."""
    with whole_hub.store.begin() as db:
        for table in ("audit", "audit_checkpoints"):
            db.exec_driver_sql(f"alter table towpath.{table} disable trigger user")
            db.exec_driver_sql(f"delete from towpath.{table}")
            db.exec_driver_sql(f"alter table towpath.{table} enable trigger user")
    noted.forget(whole_hub.settings.home)
    return whole_hub


@pytest.fixture
def spoil(hub: Hub) -> Callable[[str], None]:
    """Change the audit as only the owner of the database can: with its triggers off."""

    def run(sql: str) -> None:
        with hub.store.begin() as db:
            for table in ("audit", "audit_checkpoints"):
                db.exec_driver_sql(f"alter table towpath.{table} disable trigger user")
            db.execute(sa.text(sql))
            for table in ("audit", "audit_checkpoints"):
                db.exec_driver_sql(f"alter table towpath.{table} enable trigger user")

    return run
