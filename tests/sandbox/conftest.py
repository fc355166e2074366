"""A small JSON-2 client for the tests of the sandbox."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from towpath.sandbox.odoo_server.server import OdooServer


class Json2:
    """JSON-2 in a few lines: `post` gives the response, `call` the result of a call that must work."""

    def __init__(self, odoo: OdooServer, key: str) -> None:
        headers = {"Authorization": f"bearer {key}", "X-Odoo-Database": odoo.db}
        self.http = httpx.Client(base_url=odoo.url, headers=headers, timeout=20)

    def post(self, model: str, method: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/json/2/{model}/{method}", json=body)

    def call(self, model: str, method: str, **body: Any) -> Any:
        answer = self.post(model, method, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def json2() -> Iterator[Callable[..., Json2]]:
    with contextlib.ExitStack() as stack:

        def connect(odoo: OdooServer, key: str = "key-admin") -> Json2:
            client = Json2(odoo, key)
            stack.callback(client.http.close)
            return client

        yield connect
