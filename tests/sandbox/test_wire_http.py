"""The threaded HTTP server: keep-alive, chunked bodies, cut connections, compression."""

import contextlib
import http.client
import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from towpath.sandbox.odoo_server.faults import ConnectionCut
from towpath.sandbox.odoo_server.wire.http import HttpServer, Request, Response


@contextlib.contextmanager
def running(handler: Callable[[Request], Response], **options: bool) -> Iterator[HttpServer]:
    server = HttpServer(handler, host="127.0.0.1", port=0, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def connect(server: HttpServer) -> Iterator[http.client.HTTPConnection]:
    with contextlib.closing(http.client.HTTPConnection(server.host, server.port)) as connection:
        yield connection


def echo(request: Request) -> Response:
    return Response(body=request.body or request.path.encode(), content_type="text/plain")


def test_many_requests_share_one_connection():
    with running(echo) as server, connect(server) as connection:
        ports = set()
        for number in range(3):
            connection.request("POST", "/x?y=1", body=b"n%d" % number)
            answer = connection.getresponse()
            assert answer.read() == b"n%d" % number
            assert answer.getheader("Connection") == "keep-alive"
            assert answer.getheader("Date", "").endswith("GMT")
            ports.add(connection.sock.getsockname()[1])
        assert len(ports) == 1


def test_chunked_body_arrives_whole():
    with running(echo) as server, connect(server) as connection:
        connection.request("POST", "/", body=iter([b"a" * 70000, b"b" * 5]), encode_chunked=True)
        assert connection.getresponse().read() == b"a" * 70000 + b"b" * 5


def test_head_has_length_but_no_body():
    with running(echo) as server, connect(server) as connection:
        connection.request("HEAD", "/abc")
        answer = connection.getresponse()
        assert answer.getheader("Content-Length") == "4"
        assert answer.read() == b""


def test_http_1_0_closes():
    with running(echo) as server, socket.create_connection((server.host, server.port)) as client:
        client.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        answer = b""
        while data := client.recv(4096):
            answer += data
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "text",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_nonsense_is_answered_with_400(text: bytes):
    with running(echo) as server, socket.create_connection((server.host, server.port)) as client:
        client.sendall(text)
        assert client.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_can_be_cut(reset: bool):
    def cut(_: Request) -> Response:
        raise ConnectionCut(reset=reset)

    with running(cut) as server, pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        httpx.get(f"http://{server.host}:{server.port}/")


def test_half_an_answer():
    def half(_: Request) -> Response:
        return Response(body=b"x" * 1000, half=True)

    with running(half) as server, pytest.raises(httpx.RemoteProtocolError, match="500"):
        httpx.get(f"http://{server.host}:{server.port}/")


@pytest.mark.parametrize(("gzip", "encoding"), [(True, "gzip"), (False, None)])
def test_compression_is_the_proxys_choice(gzip: bool, encoding: str | None):
    with running(lambda _: Response(body=b"x" * 5000), gzip=gzip) as server:
        answer = httpx.get(f"http://{server.host}:{server.port}/")
        assert answer.headers.get("content-encoding") == encoding
        assert answer.content == b"x" * 5000


def test_stop_ends_idle_connections_and_frees_the_port():
    with running(echo) as server:
        client = socket.create_connection((server.host, server.port))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        client.recv(1000)
    assert client.recv(10) == b""
    client.close()
    with contextlib.closing(socket.create_server((server.host, server.port))):
        pass
