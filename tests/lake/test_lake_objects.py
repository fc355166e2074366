"""The object-store side, with obstore's in-memory store in place of a bucket."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pytest
from obstore.store import MemoryStore

from towpath.errors import ConnectionLostError, FixSettingsError, InputError
from towpath.lake.objects import ObjectStorage, open_object_storage
from towpath.lake.table import Commit, Counts, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])


def arrow(*numbers: int) -> pa.Table:
    return pa.table({"id": list(numbers), "name": ["x"] * len(numbers)}, schema=SCHEMA)


def test_a_table_lives_in_an_object_store():
    storage = ObjectStorage(MemoryStore())
    table = Table("memory://x", storage=storage)
    staged = table.stage(arrow(*range(100)).to_batches())
    table.publish(staged, mode="replace", schema=SCHEMA, commit=Commit(app_id="a", sequence=1, run_id="r"))
    for number in range(2, 25):
        found = table.upsert(arrow(1, 200 + number), commit=Commit(app_id="a", sequence=number, run_id="r"))
        assert found == Counts(inserted=1, unchanged=1)
    other = Table("memory://x", storage=storage)
    assert other.count() == 123
    assert other.sequence("a") == 24
    other.stage(arrow(7).to_batches())
    assert other.sweep(now=datetime.now(UTC) + timedelta(days=60)).orphans == 1
    assert Table("memory://x", storage=storage).count() == 123


def test_writers_of_an_object_store_lose_nothing():
    storage = ObjectStorage(MemoryStore())

    def run(app: int) -> None:
        table = Table("memory://x", storage=storage)
        for number in range(1, 11):
            commit = Commit(app_id=str(app), sequence=number, run_id=f"{app}-{number}")
            table.upsert(arrow(app * 100 + number), commit=commit)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    table = Table("memory://x", storage=storage)
    assert table.count() == 40
    assert table.version == 39


def test_options_of_other_tools_are_understood():
    options = {
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        "timeout": "5s",
    }
    assert open_object_storage("s3://bucket/folder", options).local is None
    with pytest.raises(InputError, match="not valid"):
        open_object_storage("s3://bucket/folder", {"no_such_option": "1"})


def test_a_store_out_of_reach_is_a_lost_connection():
    from obstore.store import S3Store

    store = S3Store(
        "bucket",
        access_key_id="k",
        secret_access_key="s",
        endpoint="http://127.0.0.1:9",
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    with pytest.raises(ConnectionLostError, match="object store"):
        Table("s3://bucket", storage=ObjectStorage(store)).snapshot()


class Careless(BaseHTTPRequestHandler):
    """As much of S3 as a put needs, without the condition that the file is not there."""

    def do_PUT(self) -> None:
        self.server.names.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def test_a_store_that_puts_over_what_is_there_is_refused_before_a_commit_is_made():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    server.names = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        options = {
            "AWS_ACCESS_KEY_ID": "k",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_ALLOW_HTTP": "true",
        }
        storage = open_object_storage("s3://bucket/table", options)
        for _ in range(2):
            with pytest.raises(FixSettingsError, match="conditional put"):
                storage.create("_delta_log/00000000000000000000.json", b"{}")
        assert not [name for name in server.names if "_delta_log" in name]
    finally:
        server.shutdown()
        server.server_close()
