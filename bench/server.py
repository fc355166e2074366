"""The server under load: 200 people whose pages ask again and again, and 20 who run queries one after the other.

``light_p95_ms`` is the 95th percentile of the light routes, errors are answers of 500 and more, and what was refused.
The load comes from a process of its own on the same machine, so the figures are those of server and load together.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.scale import connect, sandbox
from towpath.access import Grant, Right, Role
from towpath.features.people import service as people
from towpath.features.people import tokens
from towpath.features.replicate import service as replicate
from towpath.hub import open_hub
from towpath.settings import Settings

__all__ = ["Seen", "load", "main", "measure"]

CLIENTS, QUERIES, SECONDS = 200, 20, 60.0
#: What the pages that are open ask for, and how often each does.
LIGHT = (
    "/api/v1/session",
    "/api/v1/overview",
    "/api/v1/runs?limit=20",
    "/api/v1/streams?limit=50",
    "/api/v1/connections",
)
PAUSE = 3.0
MODELS = ("res.partner", "account.move", "account.move.line", "sale.order", "account.payment", "res.currency")
SQL = (
    "select currency_id__name, count(*) n, sum(amount_total) total from account_move group by all order by 2 desc",
    """select p.name, sum(m.amount_residual) open from account_move m join res_partner p on p.id = m.partner_id
    where m.state = 'posted' group by all order by 2 desc limit 50""",
    "select date_trunc('month', date) as m, count(*) from account_payment group by all order by 1",
)


@dataclass
class Seen:
    """What the clients saw."""

    light: list[float] = field(default_factory=list)
    queries: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def p95_ms(self) -> float:
        """The 95th percentile of the light routes in milliseconds."""
        return round(statistics.quantiles(self.light, n=20)[-1] * 1000, 1)


class _Line:
    """One kept connection that speaks just as much HTTP as this takes, so that the load itself is light."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        self.head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=2**22)
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.head}{more}\r\n".encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            whole = b""
            while size := int(await self.reader.readline(), 16):
                whole += await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
            return status, whole
        length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
        return status, await self.reader.readexactly(length)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


async def _poll(line: _Line, number: int, until: float, seen: Seen) -> None:
    await asyncio.sleep(PAUSE * number / CLIENTS)
    while time.monotonic() < until:
        path = LIGHT[number % len(LIGHT)]
        number += 1
        began = time.perf_counter()
        status, body = await line.ask("GET", path)
        seen.light.append(time.perf_counter() - began)
        if status != 200:
            seen.errors.append(f"{path}: {status} {body[:200]!r}")
        await asyncio.sleep(max(0.0, PAUSE - (time.perf_counter() - began)))


async def _query(line: _Line, number: int, until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        sql = SQL[number % len(SQL)]
        number += 1
        began = time.perf_counter()
        status, body = await line.ask("POST", "/api/v1/queries/run", json.dumps({"sql": sql}).encode())
        told: dict[str, Any] = json.loads(body)
        while status == 200 and told["state"] in {"queued", "running"}:
            await asyncio.sleep(0.3)
            status, body = await line.ask("GET", f"/api/v1/queries/runs/{told['id']}")
            told = json.loads(body)
        if status != 200 or told["state"] != "succeeded":
            seen.errors.append(f"query: {status} {body[:200]!r}")
        seen.queries.append(time.perf_counter() - began)


async def _load(address: str, secrets: list[str], seconds: float) -> Seen:
    seen = Seen()
    lines = [_Line(address, secrets[number % len(secrets)]) for number in range(CLIENTS + QUERIES)]
    until = time.monotonic() + seconds
    try:
        async with asyncio.TaskGroup() as group:
            for number, line in enumerate(lines):
                work = _poll if number < CLIENTS else _query
                group.create_task(work(line, number, until, seen))
    finally:
        for line in lines:
            line.close()
    return seen


def load(address: str, secrets: list[str], seconds: float) -> Seen:
    """Put the load on a server; ``secrets`` are API tokens of the people who ask."""
    return asyncio.run(_load(address, secrets, seconds))


def measure(seconds: float = SECONDS) -> dict[str, Any]:
    """Start a sandbox and a server, and put the load on it."""
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as name, sandbox(Path(name), "demo") as url:
        home = Path(name) / "home"
        secrets = _prepared(home, url)
        environment = os.environ | {"TOWPATH_HOME": str(home), "TOWPATH_REQUESTS_PER_MINUTE": "0"}
        environment["TOWPATH_QUERIES_WAITING"] = "100"
        server = subprocess.Popen(
            [sys.executable, "-m", "towpath", "up", "--port", "0", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None  # noqa: S101  # a pipe was asked for
        try:
            address = json.loads(server.stdout.readline())["address"]
            seen = load(address, secrets, seconds)
        finally:
            server.terminate()
            server.communicate()
    for problem in seen.errors[:5]:
        print(problem, file=sys.stderr)
    return {
        "clients": CLIENTS,
        "query_clients": QUERIES,
        "pause_s": PAUSE,
        "seconds": seconds,
        "light_requests": len(seen.light),
        "light_p50_ms": round(statistics.median(seen.light) * 1000, 1),
        "light_p95_ms": seen.p95_ms(),
        "light_max_ms": round(max(seen.light) * 1000, 1),
        "queries": len(seen.queries),
        "query_p95_s": round(statistics.quantiles(seen.queries, n=20)[-1], 2),
        "errors": len(seen.errors),
    }


def _prepared(home: Path, url: str) -> list[str]:
    """A home with tables, and a token for each of two hundred people."""
    with open_hub(Settings(home=home)) as hub:
        connect(hub, url)
        streams = replicate.add(hub, "bench", MODELS, replicate.Choice())
        list(replicate.sync(hub, streams))
        secrets = []
        for number in range(CLIENTS):
            user = people.add_user(
                hub,
                login=f"load{number}",
                name=f"Load {number}",
                grants=[Grant(role=Role.ANALYST), Grant(role=Role.OPERATOR)],
            )
            rights = [Right.SEE, Right.READ_DATA]
            secrets.append(tokens.add(hub, user_id=user.id, name="load", rights=rights, days=1)[1])
    return secrets


def main() -> None:
    """Measure, print, and keep the figures in ``bench/results/server.json``."""
    figures = measure()
    figures["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    for key, value in figures.items():
        print(f"{key:>16}  {value}")
    place = Path(__file__).parent / "results" / "server.json"
    place.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
