"""Behind a reverse proxy: the very texts for nginx and Caddy that the documentation gives."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

ROOT = Path(__file__).parents[2]
NAME = "towpath.example.com"
PASSWORD = "long-and-odd-7431"
OURS = {"Host": NAME, "Origin": f"https://{NAME}", "X-Towpath": "1"}
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"


def documented(begin: str, changes: dict[str, str]) -> str:
    """The block of docs/operate.md that begins like this, at ports and with a certificate of this test's own."""
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    block = text[text.index(f"    {begin} {{\n") :]
    block = block[: block.index("\n    }\n") + 7]
    for old, new in changes.items():
        assert block.count(old) == 1
        block = block.replace(old, new)
    return block


def anybody() -> ssl.SSLContext:
    """Trust whoever answers: the certificates here are made by this test."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def nginx(upstream: int, port: int, folder: Path) -> str:
    """The configuration of nginx."""
    making = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    files = ["-subj", f"/CN={NAME}", "-keyout", f"{folder}/towpath.key", "-out", f"{folder}/towpath.pem"]
    subprocess.run([*making.split(), *files], check=True, capture_output=True)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8300": f"127.0.0.1:{upstream}",
        "/etc/ssl/towpath.pem": f"{folder}/towpath.pem",
        "/etc/ssl/towpath.key": f"{folder}/towpath.key",
    }
    return (
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{documented('server', changes)}\n}}\n"
    )


def caddy(upstream: int, port: int, folder: Path) -> str:
    """The configuration of Caddy, which is its own authority here."""
    own = f"admin off\nlocal_certs\nskip_install_trust\nauto_https disable_redirects\nhttps_port {port}\n"
    place = f"default_bind 127.0.0.1\nstorage file_system {folder}\n"
    return f"{{\n{own}{place}}}\n{documented(NAME, {'127.0.0.1:8300': f'127.0.0.1:{upstream}'})}\n"


PROXIES = {
    "nginx": (nginx, ["-p", "{folder}", "-c", "{folder}/nginx.conf"]),
    "caddy": (caddy, ["run", "--adapter", "caddyfile", "--config", "{folder}/caddy.conf"]),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of ``towpath up`` as the systemd unit sets it up; Ada is its administrator."""
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
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=OURS) as console:
        person = {"login": "ada@example.com", "name": "Ada", "password": PASSWORD}
        answer = console.post("/api/v1/setup", json=person | {"token": first.partition("#")[2]})
        assert answer.status_code == 201, answer.text
    yield port
    process.terminate()
    process.communicate(timeout=90)


@pytest.fixture(scope="module", params=PROXIES)
def proxy(
    request: pytest.FixtureRequest,
    server: int,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    configured, words = PROXIES[request.param]
    program = shutil.which(request.param, path=PLACES)
    if program is None:
        pytest.skip(f"{request.param} is not installed")
    folder, port = tmp_path_factory.mktemp(request.param), free_port()
    (folder / f"{request.param}.conf").write_text(configured(server, port, folder))
    process = subprocess.Popen(
        [program, *(word.format(folder=folder) for word in words)],
        stderr=subprocess.PIPE,
        env=os.environ | {"HOME": str(folder)},
    )
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, process.communicate()[1].decode()
        # Caddy listens before it has made its certificate.
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port)) as there,
            anybody().wrap_socket(there, server_hostname=NAME),
        ):
            break
        assert time.monotonic() < end
        time.sleep(0.05)
    yield f"https://127.0.0.1:{port}"
    process.terminate()
    process.communicate(timeout=60)


def test_people_sign_in_over_tls_and_are_known_by_their_own_address(proxy: str):
    # Whatever a client writes into the header itself, the proxy's word counts.
    forged = {"X-Forwarded-For": "203.0.113.9"}
    with httpx2.Client(base_url=proxy, verify=False, headers=OURS | forged) as browser:  # its own certificate

        def ask(method: str, path: str, **more: Any) -> httpx2.Response:
            return browser.request(method, path, extensions={"sni_hostname": NAME}, **more)

        answer = ask("POST", "/api/v1/session", json={"login": "ada@example.com", "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-towpath=")
        assert "Secure" in cookie
        assert answer.headers["strict-transport-security"]
        session = {"Cookie": cookie.partition(";")[0]}
        seen = ask("GET", "/api/v1/audit", headers=session, params={"action": "session.*"}).json()["items"]
        assert {row["address"] for row in seen} == {"127.0.0.1"}
        # Another site's page can do nothing with the cookie, and another name leads nowhere.
        foreign = ask("DELETE", "/api/v1/session", headers=session | {"Origin": "https://evil.example.com"})
        assert foreign.status_code == 403
        elsewhere = ask("GET", "/healthz", headers={"Host": "evil.example.com"})
        assert elsewhere.status_code == 421 or elsewhere.content == b""
        # Live progress comes through at once.
        with browser.stream(
            "GET", "/api/v1/events", headers=session, timeout=60, extensions={"sni_hostname": NAME}
        ) as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            assert next(events.iter_bytes())
