"""`towpath sandbox odoo` as a process: starts, says how to use it, ends cleanly."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

COMMAND = [sys.executable, "-m", "towpath", "sandbox", "odoo"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_use_stop_leaves_nothing_behind(home: Path, number: signal.Signals):
    options = [
        "--port",
        "0",
        "--data",
        "empty",
        "--home",
        str(home),
        "--json",
        "--fault",
        "latency:seconds=0.05,count=1",
    ]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        facts = json.loads(process.stdout.readline())
        children = psutil.Process(process.pid).children(recursive=True)
        body = {"params": {"service": "common", "method": "login", "args": ["demo", "limited", "limited"]}}
        started = time.monotonic()
        assert httpx.post(f"{facts['url']}/jsonrpc", json=body).json()["result"]
        assert time.monotonic() - started > 0.05
        assert facts["users"]["admin"] == {"password": "admin", "key": "key-admin"}
        process.send_signal(number)
        assert process.wait(60) == 0
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert not [
        one for one in psutil.process_iter(["cmdline"]) if str(home) in " ".join(one.info["cmdline"] or [])
    ]


def test_a_taken_port_is_said_in_one_sentence(home: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ["--port", str(port), "--data", "empty", "--home", str(home)]
        done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("fault", ["nope", "latency:second=1", "latency:x", "status:status=abc"])
def test_a_wrong_fault_is_said_in_one_sentence(home: Path, fault: str):
    options = ["--port", "0", "--home", str(home), "--fault", fault]
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "docs/sandbox.md" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nonsense", "can not be understood"),
        ("postgresql://u:pw-canary@[::1", "can not be understood"),
        ("postgresql://u:pw-canary@127.0.0.1:1/x", "can not be reached"),
    ],
)
def test_a_wrong_database_address_is_said_in_one_sentence(home: Path, address: str, says: str):
    options = ["--port", "0", "--home", str(home), "--database-url", address]
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert says in done.stderr.splitlines()[-1]
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr
