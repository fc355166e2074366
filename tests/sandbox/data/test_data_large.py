"""Bulk data: exact numbers of rows, sums that fit, and the speed at a tenth of the size."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from towpath.sandbox.odoo_server.data import essentials, large
from towpath.sandbox.odoo_server.database import Cluster, Database
from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.registry import Registry

SHARE = 10


@pytest.fixture(params=["17.0", "19.0"])
def filled(request: pytest.FixtureRequest, odoo_home: Path) -> Iterator[tuple[Env, float]]:
    home = odoo_home.parent / f"large-{os.getpid()}"
    home.mkdir(parents=True, exist_ok=True)
    registry = Registry(request.param)
    cluster = Cluster(home / "postgres")
    name = f"large_{request.param[:2]}"
    seconds = 0.0

    def fill(env: Env) -> None:
        nonlocal seconds
        essentials.install(env)
        start = time.process_time()
        large.install(env, large.PARTNERS // SHARE, large.INVOICES // SHARE)
        seconds = time.process_time() - start

    try:
        cluster.ensure(name, registry, fill)
        with (
            Database(cluster.dsn(name), registry, name=name, connections=2) as database,
            database.transaction(2) as env,
        ):
            yield env, seconds
    finally:
        cluster.drop(name)
        cluster.stop()


def test_a_tenth_of_the_large_data_takes_less_than_a_tenth_of_a_minute(filled: tuple[Env, float]) -> None:
    env, seconds = filled
    partners, invoices = large.PARTNERS // SHARE, large.INVOICES // SHARE
    assert seconds < 60 / SHARE  # of our own work, whatever else the machine does
    everyone: Any = env["res.partner"].with_context(active_test=False)
    assert everyone.search_count([("email", "=like", "p%@letters.example")]) == partners
    assert env["account.move"].search_count([("move_type", "=", "out_invoice")]) == invoices
    assert (
        everyone.search_count(
            [
                (
                    "id",
                    "child_of",
                    everyone.search([("is_company", "=", True), ("name", "ilike", " 1")], limit=1).ids,
                )
            ]
        )
        >= 10
    )
    wrong = env.cr.execute(
        "SELECT move_id FROM account_move_line GROUP BY 1 HAVING sum(balance) <> 0"
    ).fetchall()
    assert wrong == []
    assert env["res.partner"].create({"name": "after"}).id > partners
