"""The command `towpath up`, started and ended as a process manager does it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import orjson
import pytest


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture
def started(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = start(home, "--port", "0")
    assert process.stdout is not None
    event = orjson.loads(process.stdout.readline())
    assert event["event"] == "started"
    yield process, event["address"]
    if process.poll() is None:
        process.kill()
    process.communicate()


def start(home: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "towpath", "up", "--json", *words],
        env=os.environ | {"TOWPATH_HOME": str(home)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_answers_when_it_says_so_and_ends_in_order(started):
    process, address = started
    assert httpx2.get(f"{address}/readyz").json()["status"] == "ok"
    # A reader who never comes to an end holds nothing up.
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert orjson.loads(out.splitlines()[-1])["event"] == "stopping"
    assert "Traceback" not in err


def test_an_address_that_is_taken_is_said_in_a_sentence(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(home, "--port", str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    problem = orjson.loads(err.splitlines()[-1])["error"]
    assert problem["type"] == "InputError"
    assert "another --port" in problem["message"]


def test_requests_leave_a_line_with_their_id_in_the_log(home):
    process = start(home, "--port", "0", TOWPATH_LOG_LEVEL="info", TOWPATH_LOG_FORMAT="json")
    assert process.stdout is not None
    address = orjson.loads(process.stdout.readline())["address"]
    answer = httpx2.get(
        f"{address}/api/v1/nothing?token=hidden-in-the-query", headers={"Authorization": "Bearer x"}
    )
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=90)
    lines = [orjson.loads(line) for line in err.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line.get("request_id") == answer.headers["x-request-id"]]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/nothing", 404)
    assert "hidden-in-the-query" not in err
