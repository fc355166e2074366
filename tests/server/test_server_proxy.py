"""Behind a reverse proxy: the very text for nginx that the documentation gives."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import orjson
import pytest

ROOT = Path(__file__).parents[2]
NAME = "towpath.example.com"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def documented(upstream: int, port: int, folder: Path) -> str:
    """The server block of docs/operate.md, at ports and with a certificate of this test's own."""
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    block = text[text.index("    server {\n") :].partition("\n\nCaddy")[0]
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8300": f"127.0.0.1:{upstream}",
        "/etc/ssl/towpath.pem": f"{folder}/towpath.pem",
        "/etc/ssl/towpath.key": f"{folder}/towpath.key",
    }.items():
        assert block.count(old) == 1
        block = block.replace(old, new)
    return block


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """Port and first-run token of ``towpath up`` as the systemd unit sets it up."""
    more = {"TOWPATH_PUBLIC_URL": f"https://{NAME}", "TOWPATH_TRUSTED_PROXIES": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "towpath", "up", "--json", "--port", "0", "--no-work"],
        env=os.environ | {"TOWPATH_HOME": str(tmp_path_factory.mktemp("behind"))} | more,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = orjson.loads(process.stdout.readline())["port"]
    first = orjson.loads(process.stdout.readline())["address"]
    assert first.startswith(f"https://{NAME}/setup#")
    yield port, first.partition("#")[2]
    process.terminate()
    process.communicate(timeout=90)


@pytest.fixture(scope="module")
def proxy(
    server: tuple[int, str], free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    making = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    files = ["-subj", f"/CN={NAME}", "-keyout", f"{folder}/towpath.key", "-out", f"{folder}/towpath.pem"]
    subprocess.run([*making.split(), *files], check=True, capture_output=True)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{documented(server[0], port, folder)}\n}}\n"
    )
    process = subprocess.Popen(
        [str(NGINX), "-p", str(folder), "-c", f"{folder}/nginx.conf"], stderr=subprocess.PIPE
    )
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, process.communicate()[1].decode()
        with socket.socket() as there:
            if there.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < end
        time.sleep(0.05)
    yield f"https://127.0.0.1:{port}"
    process.terminate()
    process.communicate(timeout=60)


def test_people_sign_in_over_tls_and_are_known_by_their_own_address(server: tuple[int, str], proxy: str):
    ours = {"Host": NAME, "Origin": f"https://{NAME}", "X-Towpath": "1"}
    # Whatever a client writes into the header itself, the proxy's word counts.
    forged = {"X-Forwarded-For": "203.0.113.9"}
    with httpx2.Client(base_url=proxy, verify=False, headers=ours | forged) as browser:  # its own certificate
        person = {
            "token": server[1],
            "login": "ada@example.com",
            "name": "Ada",
            "password": "long-and-odd-7431",
        }
        answer = browser.post("/api/v1/setup", json=person)
        assert answer.status_code == 201, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-towpath=")
        assert "Secure" in cookie
        assert answer.headers["strict-transport-security"]
        session = {"Cookie": cookie.partition(";")[0]}
        seen = browser.get("/api/v1/audit", headers=session, params={"action": "session.*"}).json()["items"]
        assert {row["address"] for row in seen} == {"127.0.0.1"}
        # Another site's page can do nothing with the cookie, and another name leads nowhere.
        foreign = browser.delete("/api/v1/session", headers=session | {"Origin": "https://evil.example.com"})
        assert foreign.status_code == 403
        assert browser.get("/healthz", headers={"Host": "evil.example.com"}).status_code == 421
        # Live progress comes through at once.
        with browser.stream("GET", "/api/v1/events", headers=session, timeout=60) as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            assert next(events.iter_bytes())
