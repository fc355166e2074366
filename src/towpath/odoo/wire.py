"""HTTP to one Odoo server: one pool of kept-alive connections, bounded answers, the server's clock.

Everything here is independent of Odoo's protocols. No proxy and no credential file of the machine is taken
from the environment, redirects are never followed by themselves, and every connection passes the guard.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2
import orjson

from towpath.errors import AddressError, ConnectionLostError, InputError, ProtocolError, TowpathError
from towpath.odoo.guard import AddressGuard, Guard, GuardedNetwork
from towpath.odoo.reach import unreached

__all__ = ["MAX_ANSWER", "Reply", "Wire"]

MAX_ANSWER = 256 * 1024 * 1024
"""Largest answer taken, in bytes after decompression; a page of rows is some 5 MiB."""

KEEP_ALIVE = 30.0  # seconds; Odoo behind nginx closes idle connections after 65 to 75
CONNECT_TIMEOUT = 15.0
CLOCK_AGE = 600.0
LAST_YEAR = 9990  # nothing can be added to the last moments that a datetime knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray
    url: str
    seconds: float

    @property
    def content_type(self) -> str:
        """Media type in lower case without its parameters, empty when not given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the answer says that it is JSON."""
        return self.content_type == "application/json" or self.content_type.endswith("+json")

    def text(self, limit: int = 20_000) -> str:
        """Return the start of the body as text, for looking at a page of unknown origin."""
        return bytes(self.body[:limit]).decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as JSON; raises ValueError when it is not."""
        return orjson.loads(self.body)


class Wire:
    """A pooled HTTP client for one server address. Thread-safe; close it after use."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 120.0,
        max_answer: int = MAX_ANSWER,
        verify: bool = True,
        ca_file: str | None = None,
        guard: Guard | None = None,
        connections: int = 16,
    ) -> None:
        """Make a client for the root address `url`; raises AddressError, InputError for a bad `ca_file`."""
        self.url = url.rstrip("/")
        self.host = _host_of(self.url)
        self.timeout = timeout
        self._max_answer = max_answer
        self._client = httpx2.Client(
            transport=_Pool(self._tls(verify=verify, ca_file=ca_file), connections, guard or AddressGuard()),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "towpath", "Accept-Encoding": "gzip, deflate"},
        )
        self._closed = False
        self._lock = threading.Lock()
        self._own = threading.local()
        self._clock: tuple[datetime, float] | None = None
        self._clock_seen: float | None = None
        self.calls = 0
        self.bytes_read = 0
        self.bytes_sent = 0
        self.seconds = 0.0

    def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        repeatable: bool = False,
        sent: Callable[[], None] | None = None,
    ) -> Reply:
        """Send one request and return the whole answer, whatever its status.

        timeout: seconds for the whole answer. sent: called when the request is on its way. Raises ConnectionLostError, TimedOutError, AddressError, or
        ProtocolError when the answer is larger than allowed (``details["too_large"]``) or not HTTP.
        """
        if self._closed:
            raise ConnectionLostError(
                "The connection was closed here.", details={"applied": False, "cancelled": True}
            )
        limit = self.timeout if timeout is None else timeout
        started = time.perf_counter()
        try:
            request = self._client.build_request(
                method,
                self.url + path,
                content=content,
                headers=headers,
                timeout=httpx2.Timeout(limit, connect=min(limit, CONNECT_TIMEOUT)),
                extensions={"trace": _Sent(sent)} if sent else None,
            )
            response = self._client.send(request, stream=True)
            try:
                body = self._read(response, started, limit)
            finally:
                response.close()
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as error:
            raise unreached(error, host=self.host, seconds=limit, repeatable=repeatable) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise unreached(error, host=self.host, seconds=limit, repeatable=repeatable) from None
        except TowpathError:
            raise
        seconds = time.perf_counter() - started
        self._count(response, len(content or b""), seconds)
        self._see_clock(response.headers.get("date"))
        return Reply(
            status=response.status_code,
            headers=response.headers,
            body=body,
            url=str(response.url),
            seconds=seconds,
        )

    def clock(self) -> datetime | None:
        """Return the server's clock by the newest Date header seen, cut to what is certain; None if none came."""
        with self._lock:
            seen = self._clock
        if seen is None:
            return None
        return seen[0] + timedelta(seconds=time.monotonic() - seen[1])

    def clock_age(self) -> float:
        """Return the seconds since the server's clock was last seen; infinite when it never was."""
        with self._lock:
            return float("inf") if self._clock_seen is None else time.monotonic() - self._clock_seen

    def last_size(self) -> int:
        """Return the bytes of the last answer that this thread received."""
        return getattr(self._own, "size", 0)

    def last_seconds(self) -> float:
        """Return how long the last answer that this thread received took, from sending to the last byte."""
        return getattr(self._own, "seconds", 0.0)

    def close(self) -> None:
        """Close all connections; no call can be made afterwards."""
        self._closed = True
        self._client.close()

    def _tls(self, *, verify: bool, ca_file: str | None) -> ssl.SSLContext | None:
        """Reading all authorities takes a while, so it is not done where nothing is encrypted."""
        if self.url.startswith("http:") and ca_file is None:
            return None
        return tls_context(verify=verify, ca_file=ca_file)

    def _read(self, response: httpx2.Response, started: float, limit: float) -> bytearray:
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._max_answer:
            raise self._too_large()
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_answer:
                raise self._too_large()
            if time.perf_counter() - started > limit:
                raise httpcore2.ReadTimeout("the whole answer took too long")
        return body

    def _too_large(self) -> ProtocolError:
        return ProtocolError(
            f"{self.host} sent an answer of more than {self._max_answer // 1_048_576} MiB; ask for fewer rows.",
            details={"too_large": True},
        )

    def _count(self, response: httpx2.Response, sent: int, seconds: float) -> None:
        with self._lock:
            self.calls += 1
            self.bytes_read += response.num_bytes_downloaded
            self.bytes_sent += sent
            self.seconds += seconds
        self._own.size, self._own.seconds = response.num_bytes_downloaded, seconds

    def _see_clock(self, header: str | None) -> None:
        if not header:
            return
        try:
            date = parsedate_to_datetime(header)
            date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
        except (ValueError, OverflowError):
            return
        if date.year > LAST_YEAR:
            return
        now = time.monotonic()
        with self._lock:
            self._clock_seen = now
            if self._clock is not None:
                # the header is cut to a second, so of recent ones the estimate furthest ahead is the truest;
                # an old one may have drifted, and a big step back means that the server's clock was set
                age = now - self._clock[1]
                behind = (self._clock[0] + timedelta(seconds=age) - date).total_seconds()
                if 0 < behind < 2 and age < CLOCK_AGE:
                    return
            self._clock = (date, now)


def tls_context(*, verify: bool, ca_file: str | None) -> ssl.SSLContext:
    """Return the TLS rules: the system's authorities, plus `ca_file`; nothing is checked with verify=False.

    SSL_CERT_FILE and SSL_CERT_DIR stand in for the system's authorities where they are set.
    """
    if not verify:
        return httpx2.create_ssl_context(verify=False, trust_env=False)
    named = ca_file or os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    try:
        context = httpx2.create_ssl_context()
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
    except (OSError, ValueError):
        raise InputError(f"The file of certificates {named} can not be read; check its path.") from None
    return context


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise AddressError(f"“{url[:80]}” is not an address; it begins with https:// and a host.")
    return parts.netloc.rpartition("@")[2]


class _Pool(httpx2.BaseTransport):
    """httpx2's transport over httpcore2's pool, with our network that asks the guard."""

    def __init__(self, context: ssl.SSLContext | None, connections: int, guard: Guard) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=GuardedNetwork(guard),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


@dataclass(frozen=True, slots=True)
class _Sent:
    """Hears from httpcore2 how far a request is, and tells when all of it was sent."""

    tell: Callable[[], None]

    def __call__(self, event: str, _about: Mapping[str, Any]) -> None:
        if event.endswith(".send_request_body.complete"):
            self.tell()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Any:
        return iter(self._stream)

    def close(self) -> None:
        self._stream.close()
