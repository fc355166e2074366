"""Every model the schema names is served: described, counted and read with all fields."""

from collections.abc import Callable
from typing import Any

import pytest

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.server import OdooServer
from towpath.sandbox.odoo_server.wire.calls import call_kw
from towpath.sandbox.odoo_server.wire.values import dumps

pytestmark = pytest.mark.feature("S2.52")


@pytest.mark.parametrize("version", ["19.0", "17.0"])
def test_every_model_is_served(version: str, odoo_running: Callable[[str], OdooServer]):
    database = odoo_running(version).database
    failed: dict[str, str] = {}
    read: set[str] = set()

    def work(env: Any, name: str) -> None:
        model = env.with_user(2)[name]
        fields = call_kw(model, "fields_get", [], {"attributes": ["type", "string"]}, version)
        assert all(field["type"] and field["string"] for field in fields.values())
        count = call_kw(model, "search_count", [[]], {}, version)
        rows = call_kw(model, "search_read", [[]], {"limit": 3}, version)
        assert len(rows) <= count
        assert all(set(row) == set(fields) for row in rows)
        dumps(rows)
        if rows:
            read.add(name)

    for name, definition in database.registry.models.items():
        if definition.kind == "abstract":
            continue
        try:
            database.run(lambda env, name=name: work(env, name))
        except AccessError:
            continue  # nobody has rights on some models, as on a real server
        except Exception as problem:  # noqa: BLE001 - all of them are to be shown
            failed[name] = repr(problem)
    assert failed == {}
    assert len(read) > 90
