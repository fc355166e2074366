"""The pooled HTTP client: everything that can go wrong below Odoo's protocols."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Any

import pytest

from towpath import errors
from towpath.odoo import AddressGuard
from towpath.odoo.status import retry_after
from towpath.odoo.wire import Reply, Wire


@pytest.fixture
def wire(loopback: Any):
    wire = Wire(loopback.url, timeout=60)
    yield wire
    wire.close()


def test_one_connection_serves_many_calls(loopback: Any, wire: Any, answer: Any):
    loopback.on("*", answer({"a": 1}))
    for _ in range(5):
        assert wire.send("GET", "/x").json() == {"a": 1}
    assert len(loopback.sockets) == 1
    assert wire.calls == 5
    assert wire.bytes_read == 5 * len('{"a": 1}')


def test_it_is_told_when_a_question_is_on_its_way(loopback: Any, wire: Any, answer: Any):
    """The answer waits for it, so it is told before, and the question has come whole."""
    sent = threading.Event()
    loopback.on("*", lambda asked: answer([sent.wait(60), len(asked.body)]))
    assert wire.send("POST", "/x", content=b"[" * 100_000, sent=sent.set).json() == [True, 100_000]


def test_gzip_is_undone_and_bytes_are_counted_as_sent(loopback: Any, wire: Any, answer: Any):
    body = gzip.compress(b'["' + b"a" * 50_000 + b'"]')
    loopback.on("*", answer(body, headers={"Content-Encoding": "gzip"}))
    assert len(wire.send("GET", "/x").json()[0]) == 50_000
    assert wire.bytes_read == len(body) == wire.last_size()
    assert "gzip" in loopback.seen[0].headers["accept-encoding"]


def test_damaged_compression_is_a_protocol_error(loopback: Any, wire: Any, answer: Any):
    loopback.on("*", answer(b"not gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(errors.ProtocolError, match="compression"):
        wire.send("GET", "/x")


@pytest.mark.parametrize("compressed", [True, False])
def test_a_huge_answer_is_stopped_in_time(loopback: Any, answer: Any, compressed: Any):
    body = b"a" * 5_000_000
    loopback.on(
        "*", answer(gzip.compress(body), headers={"Content-Encoding": "gzip"}) if compressed else answer(body)
    )
    small = Wire(loopback.url, max_answer=1_048_576)
    with pytest.raises(errors.ProtocolError, match="more than 1 MiB") as caught:
        small.send("GET", "/x")
    small.close()
    assert caught.value.details["too_large"]


@pytest.mark.parametrize("fault", [{"drop": True}, {"cut": True}])
def test_a_dropped_answer_says_whether_repeating_is_safe(loopback: Any, wire: Any, answer: Any, fault: Any):
    loopback.on("*", answer("x" * 1000, **fault))
    with pytest.raises(errors.ConnectionLostError) as caught:
        wire.send("POST", "/x", content=b"{}")
    assert "not known whether Odoo did" in caught.value.message
    assert "applied" not in caught.value.details
    with pytest.raises(errors.ConnectionLostError) as caught:
        wire.send("POST", "/x", content=b"{}", repeatable=True)
    assert "not known" not in caught.value.message


def test_a_slow_answer_times_out(loopback: Any, wire: Any, answer: Any):
    loopback.on("*", answer("{}", delay=1.0))
    with pytest.raises(errors.TimedOutError, match=r"0\.2 seconds"):
        wire.send("GET", "/x", timeout=0.2)


def test_an_answer_that_drips_for_ever_times_out_as_a_whole(loopback: Any, wire: Any, answer: Any):
    loopback.on("*", answer("x" * 4000, drip=0.05))
    started = time.monotonic()
    with pytest.raises(errors.TimedOutError):
        wire.send("GET", "/x", timeout=0.4)
    assert time.monotonic() - started < 60, "of two hundred seconds"


def test_garbage_in_place_of_http_is_told(loopback: Any, wire: Any, answer: Any):
    loopback.on("*", answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"))
    with pytest.raises(errors.ProtocolError, match="does not speak HTTP"):
        wire.send("GET", "/x")


def test_a_closed_port_was_certainly_not_reached():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        wire = Wire(f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(errors.ConnectionLostError, match="Nothing answers") as caught:
            wire.send("POST", "/x")
    assert caught.value.details == {"cause": "refused", "applied": False}


@pytest.mark.parametrize(
    "url", ["garbage", "ftp://x", "http://", "http://[::", "http://x:99999", "http://x:0", ""]
)
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(errors.AddressError):
        Wire(url)


def test_a_file_of_certificates_that_is_not_there_is_told(tmp_path: Any):
    with pytest.raises(errors.InputError, match="certificates"):
        Wire("https://x", ca_file=str(tmp_path / "none.pem"))


def test_a_closed_client_makes_no_call(loopback: Any):
    wire = Wire(loopback.url)
    wire.close()
    with pytest.raises(errors.ConnectionLostError):
        wire.send("GET", "/")


def test_an_unknown_host_is_told():
    wire = Wire("http://no-such-host.invalid")
    with pytest.raises(errors.ConnectionLostError) as caught:
        wire.send("GET", "/")
    assert caught.value.details["cause"] == "unknown host"


def test_no_proxy_of_the_environment_is_used(loopback: Any, answer: Any, monkeypatch: Any):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    loopback.on("*", answer("{}"))
    fresh = Wire(loopback.url)
    assert fresh.send("GET", "/x").status == 200
    fresh.close()


@pytest.mark.parametrize(
    ("address", "allowed", "public_only"),
    [
        ("169.254.169.254", False, False),
        ("169.254.1.1", False, False),
        ("fe80::1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("100.100.100.200", False, False),
        ("fd00:ec2::254", False, False),
        ("0.0.0.0", False, False),  # noqa: S104 (an address to refuse)
        ("224.0.0.1", False, False),
        ("127.0.0.1", True, False),
        ("10.1.2.3", True, False),
        ("::1", True, False),
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::7f00:1", True, False),
        ("64:ff9b:1::a00:1", True, False),
        ("64:ff9b::5db8:d822", True, True),
        ("::ffff:0:127.0.0.1", True, False),
        ("::10.1.2.3", True, False),
        ("fec0::1", True, False),
    ],
)
def test_the_guard_knows_dangerous_addresses(address: Any, allowed: Any, public_only: Any):
    assert (AddressGuard()(ip_address(address)) is None) == allowed
    assert (AddressGuard(private=False)(ip_address(address)) is None) == public_only


def test_the_guard_is_asked_at_every_connection(loopback: Any, answer: Any):
    loopback.on("*", answer("{}"))
    wire = Wire(loopback.url.replace("127.0.0.1", "localhost"), guard=AddressGuard(private=False))
    with pytest.raises(errors.AddressError, match="private network"):
        wire.send("GET", "/x")
    assert not loopback.seen


def test_the_servers_clock_is_read_from_its_answers(loopback: Any, wire: Any, answer: Any):
    then = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    loopback.on("*", answer("{}", headers={"Date": format_datetime(then, usegmt=True)}))
    assert wire.clock() is None
    wire.send("GET", "/x")
    seen = wire.clock()
    assert seen is not None
    assert then <= seen < then + timedelta(seconds=60)
    assert seen.tzinfo is UTC


@pytest.mark.parametrize("header", ["nonsense", "", "Thu, 99 Foo 2026 00:00:00 GMT"])
def test_a_senseless_date_is_ignored(loopback: Any, wire: Any, answer: Any, header: Any):
    loopback.on("*", answer("{}", headers={"Date": header}))
    assert wire.send("GET", "/x").status == 200


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("7", 7, 7), ("0", 0, 0), ("-3", 0, 0), ("soon", None, None), ("", None, None), ("DATE", 240, 300)],
)
def test_retry_after_is_read_as_seconds_or_date(value: Any, low: Any, high: Any):
    if value == "DATE":
        value = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    reply = Reply(status=429, headers={"retry-after": value}, body=b"", url="http://x", seconds=0)
    seconds = retry_after(reply)
    assert seconds is None if low is None else low <= seconds <= high


def test_threads_share_the_pool(loopback: Any, wire: Any, answer: Any):
    loopback.on("*", answer("[1]", delay=0.05))
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(wire.send("GET", "/x").json())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[1]] * 8
    assert wire.calls == 8


def test_a_date_that_no_clock_can_show_breaks_no_call(loopback: Any, wire: Any, answer: Any):
    for absurd in ("Fri, 31 Dec 9999 23:59:59 -1100", "Mon, 01 Jan 9998 00:00:00 GMT", "yesterday", "32 Jan"):
        loopback.on("*", answer("{}", headers={"Date": absurd}))
        assert wire.send("GET", "/x").status == 200
        assert wire.clock() is None
