"""The figures of a stream in one call, over every protocol."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from towpath.features.replicate.probe import Figures, probe
from towpath.odoo import Access, Odoo, discover

ARCHIVED = {"active_test": False}


def client(server, protocol: str, user: str = "admin") -> Odoo:
    account = server.users[user]
    return Odoo(
        Access(url=server.url, database=server.db, login=account.login, secret=account.key, protocol=protocol)
    )


def counted(odoo: Odoo, model: str, domain: list) -> Figures:
    """The same figures from the records themselves."""
    rows = odoo.search_read(model, domain, ["write_date"], context=ARCHIVED)
    newest = max((row["write_date"] for row in rows if row["write_date"]), default=None)
    return Figures(
        count=len(rows),
        id_sum=sum(row["id"] for row in rows),
        max_id=max((row["id"] for row in rows), default=0),
        newest=datetime.fromisoformat(newest).replace(tzinfo=UTC) if newest else None,
    )


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize(
    ("version", "protocol"),
    [("19.0", "json2"), ("19.0", "jsonrpc"), ("19.0", "xmlrpc"), ("17.0", "jsonrpc"), ("17.0", "xmlrpc")],
)
def test_figures_are_those_of_the_records_and_cost_one_call(odoo_running, version, protocol):
    with client(odoo_running(version), protocol) as odoo:
        model = discover(odoo, "res.partner")
        for domain in ([], [["customer_rank", ">", 0]], [["active", "=", False]], [["id", "=", -1]]):
            wanted = counted(odoo, "res.partner", domain)
            calls = odoo.calls
            assert probe(odoo, model, domain) == wanted
            assert odoo.calls == calls + 1


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("version", ["19.0", "17.0"])
def test_a_model_that_may_not_be_grouped_is_counted(odoo_running, version):
    server = odoo_running(version)
    method = "formatted_read_group" if version == "19.0" else "read_group"
    with client(server, "json2" if version == "19.0" else "jsonrpc") as odoo:
        model = discover(odoo, "res.partner")
        count = odoo.search_count("res.partner", [], context=ARCHIVED)
        server.faults.add("status", status=400, method=method)
        try:
            assert probe(odoo, model, []) == Figures(count=count)
        finally:
            server.faults.clear()
