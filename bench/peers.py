"""What others do to copy a model into a Delta table, each as a plain loop in a process of its own.

    python -m bench.peers NAME URL FOLDER

Prints one JSON object: rows, seconds (of the loop, imports left out) and peak_mb of the process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import urllib.parse
import xmlrpc.client
from collections.abc import Callable, Iterator
from typing import Any

#: Twenty stored scalar fields of res.partner that 17.0 and 19.0 share.
FIELDS = [
    "id", "name", "email", "phone", "street", "street2", "zip", "city", "vat", "ref", "website", "function",
    "color", "active", "is_company", "type", "lang", "partner_latitude", "create_date", "write_date",
]  # fmt: skip
DATABASE, LOGIN, KEY, MODEL = "demo", "admin", "key-admin", "res.partner"
PASSWORD = "admin"  # noqa: S105  # the sandbox's own, known to all
PAGE = 5000
CONTEXT = {"active_test": False}


def bare(url: str) -> Iterator[list[dict[str, Any]]]:
    """JSON-2 pages by id; the body is thrown away but for the last id in it."""
    import httpx2

    headers = {"Authorization": f"bearer {KEY}", "X-Odoo-Database": DATABASE}
    with httpx2.Client(base_url=url, headers=headers, timeout=120) as http:
        last = 0
        while True:
            body = http.post(
                f"/json/2/{MODEL}/search_read",
                json={
                    "domain": [["id", ">", last]],
                    "fields": FIELDS,
                    "limit": PAGE,
                    "order": "id",
                    "load": "",
                    "context": CONTEXT,
                },
            ).content
            place = max(body.rfind(b'"id":'), body.rfind(b'"id" :'))
            if place < 0:
                return
            last = int(body[place + 5 : place + 25].split(b",")[0].split(b"}")[0])
            yield [{}] * body.count(b'"id":')


def odoorpc_loop(url: str) -> Iterator[list[dict[str, Any]]]:
    """The search_read of odoorpc, by id."""
    import odoorpc

    address = urllib.parse.urlsplit(url)
    odoo = odoorpc.ODOO(address.hostname, port=address.port, timeout=120)
    odoo.login(DATABASE, LOGIN, KEY)
    model, last = odoo.env[MODEL], 0
    while rows := model.search_read([("id", ">", last)], FIELDS, 0, PAGE, "id", context=CONTEXT):
        last = rows[-1]["id"]
        yield rows


def odooly_loop(url: str) -> Iterator[list[dict[str, Any]]]:
    """The search_read of odooly, by id."""
    import odooly

    env = odooly.Client(url, DATABASE, LOGIN, PASSWORD).env  # it signs in as a browser does: no API key
    last = 0
    while rows := env.execute(
        MODEL, "search_read", [("id", ">", last)], FIELDS, 0, PAGE, "id", context=CONTEXT
    ):
        last = rows[-1]["id"]
        yield rows


def xmlrpc_loop(url: str) -> Iterator[list[dict[str, Any]]]:
    """The standard library's XML-RPC client, by id."""
    uid = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common").authenticate(DATABASE, LOGIN, KEY, {})
    models, last = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object"), 0
    while True:
        rows: Any = models.execute_kw(
            DATABASE, uid, KEY, MODEL, "search_read", [[["id", ">", last]]],
            {"fields": FIELDS, "limit": PAGE, "order": "id", "context": CONTEXT},
        )  # fmt: skip
        if not rows:
            return
        last = rows[-1]["id"]
        yield rows


LOOPS: dict[str, Callable[[str], Iterator[list[dict[str, Any]]]]] = {
    "bare": bare,
    "odoorpc": odoorpc_loop,
    "odooly": odooly_loop,
    "xmlrpc": xmlrpc_loop,
}


def to_table(rows: list[dict[str, Any]]) -> Any:
    """Rows as the same Arrow types Towpath writes, False as null."""
    import datetime as dt

    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    kinds = {
        "id": pa.int64(), "color": pa.int64(), "active": pa.bool_(), "is_company": pa.bool_(),
        "partner_latitude": pa.float64(), "create_date": moment, "write_date": moment,
    }  # fmt: skip
    parse = dt.datetime.fromisoformat
    columns = []
    for name in FIELDS:
        kind = kinds.get(name, pa.string())
        values = [row[name] for row in rows]
        if kind == pa.string():
            values = [None if v is False else v for v in values]
        elif kind == moment:
            values = [None if v is False else parse(v + "+00:00") for v in values]
        columns.append(pa.array(values, kind))
    return pa.table(columns, names=FIELDS)


def main(name: str, url: str, folder: str) -> None:
    """Run one loop; every page is appended to the table, as plain scripts do."""
    import deltalake

    rows = 0
    started = time.perf_counter()
    for page in LOOPS[name](url):
        rows += len(page)
        if name != "bare":
            deltalake.write_deltalake(folder, to_table(page), mode="append")
    seconds = time.perf_counter() - started
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    print(json.dumps({"rows": rows, "seconds": round(seconds, 3), "peak_mb": round(peak, 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
