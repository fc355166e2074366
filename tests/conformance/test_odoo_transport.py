"""The same suite over every protocol, against running Odoos of both versions.

Whoever adds a transport adds one line to `WAYS`; everything below must hold for it.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from towpath import errors
from towpath.odoo import Access, Odoo, Pace, Retry, probe

WAYS = [("17.0", "jsonrpc"), ("17.0", "xmlrpc"), ("19.0", "json2"), ("19.0", "jsonrpc"), ("19.0", "xmlrpc")]
QUICK = Retry(attempts=6, first=0.005, longest=0.02)


@pytest.fixture(params=WAYS, ids=["-".join(way) for way in WAYS])
def way(request: Any) -> tuple[str, str]:
    return request.param


@pytest.fixture
def server(way: tuple[str, str], odoo_running: Any) -> Iterator[Any]:
    running = odoo_running(way[0])
    running.faults.clear()
    running.faults.reset_counters()
    yield running
    running.faults.clear()


@pytest.fixture
def open_odoo(way: tuple[str, str], server: Any) -> Iterator[Any]:
    opened: list[Odoo] = []

    def make(login: str = "admin", secret: str | None = None, **options: Any) -> Odoo:
        access = Access(
            url=server.url, database=server.db, login=login, secret=secret or f"key-{login}", protocol=way[1],
            timeout=options.pop("timeout", 20),
        )  # fmt: skip
        opened.append(Odoo(access, Pace(), **{"retry": QUICK, **options}))
        return opened[-1]

    yield make
    for odoo in opened:
        odoo.close()


@pytest.fixture
def odoo(open_odoo: Any) -> Odoo:
    return open_odoo()


@pytest.fixture
def word() -> str:
    return f"conf {uuid.uuid4().hex[:10]}"


@pytest.mark.feature("S1.4", "S1.5")
class TestCalls:
    def test_it_knows_version_and_user(self, way: Any, odoo: Odoo) -> None:
        assert str(odoo.version) == way[0]
        assert odoo.protocol == way[1]
        assert odoo.read("res.users", [odoo.user_id], ["login"])[0]["login"] == "admin"

    def test_values_go_there_and_come_back(self, odoo: Odoo, word: str) -> None:
        text = f"{word} & <Zoë> “日本” 🚲\nsecond line"
        first, second = odoo.create(
            "res.partner", [{"name": word, "comment": False, "color": 3}, {"name": word, "ref": text}]
        )
        rows = odoo.read(
            "res.partner", [first, second], ["name", "ref", "color", "parent_id", "active", "email"]
        )
        assert [row["id"] for row in rows] == [first, second]
        assert (rows[0]["color"], rows[0]["parent_id"], rows[0]["active"], rows[0]["email"]) == (
            3,
            False,
            True,
            False,
        )
        assert rows[1]["ref"] == text

    def test_bare_ids_or_names(self, odoo: Odoo, word: str) -> None:
        parent = odoo.create("res.partner", [{"name": word, "is_company": True}])[0]
        odoo.create("res.partner", [{"name": f"{word} child", "parent_id": parent}])
        domain = [("parent_id", "=", parent)]
        assert odoo.search_read("res.partner", domain, ["parent_id"])[0]["parent_id"] == parent
        named = odoo.search_read("res.partner", domain, ["parent_id"], load="_classic_read")
        assert named[0]["parent_id"] == [parent, word]
        assert odoo.names("res.partner", [parent, parent, 999_999_999]) == {parent: word}

    def test_searching(self, odoo: Odoo, word: str) -> None:
        ids = odoo.create("res.partner", [{"name": f"{word} {number}"} for number in range(5)])
        domain = [("name", "like", word)]
        assert odoo.search_ids("res.partner", domain) == sorted(ids)
        assert (
            odoo.search_ids("res.partner", domain, order="id desc", limit=2, offset=1)
            == sorted(ids)[::-1][1:3]
        )
        assert odoo.search_count("res.partner", domain) == 5
        odoo.write("res.partner", ids[:2], {"active": False})
        assert odoo.search_count("res.partner", domain) == 3
        assert odoo.search_count("res.partner", domain, context={"active_test": False}) == 5
        assert odoo.unlink("res.partner", ids)
        assert odoo.search_ids("res.partner", domain, context={"active_test": False}) == []

    def test_fields_and_models(self, odoo: Odoo) -> None:
        fields = odoo.fields_get("res.partner", ["name", "country_id"], ["type", "relation"])
        assert fields["name"]["type"] == "char"
        assert fields["country_id"]["relation"] == "res.country"
        infos = {info.name: info for info in odoo.models()}
        assert {"res.partner", "account.move", "sale.order"} <= set(infos)

    def test_none_is_success(self, odoo: Odoo, word: str) -> None:
        ids = odoo.create("res.partner", [{"name": word}])
        assert odoo.call("res.partner", "action_archive", ids=ids) in {None, True}
        assert odoo.search_count("res.partner", [("id", "in", ids)]) == 0

    def test_the_clock_is_the_servers(self, server: Any, open_odoo: Any) -> None:
        from datetime import UTC, datetime

        server.faults.add("clock_skew", seconds=3600)
        ahead = (open_odoo().clock() - datetime.now(UTC)).total_seconds()
        assert 3590 < ahead < 3605


class TestRefusals:
    @pytest.mark.feature("S2.61")
    def test_a_missing_right_names_the_model(self, open_odoo: Any) -> None:
        with pytest.raises(errors.RightMissingError) as caught:
            open_odoo("limited").search_ids("ir.config_parameter", [])
        assert caught.value.details["model"] == "ir.config_parameter"
        assert caught.value.details["operation"] == "read"
        assert caught.value.details["groups"]

    @pytest.mark.feature("S2.61")
    def test_a_missing_right_to_write_names_the_operation(self, open_odoo: Any) -> None:
        with pytest.raises(errors.RightMissingError) as caught:
            open_odoo("limited").create("res.partner.category", [{"name": "x"}])
        assert (caught.value.details["model"], caught.value.details["operation"]) == (
            "res.partner.category",
            "create",
        )

    def test_a_hidden_field_is_named(self, open_odoo: Any, odoo: Odoo, word: str) -> None:
        ids = odoo.create("res.partner", [{"name": word}])
        with pytest.raises(errors.RightMissingError) as caught:
            open_odoo("limited").read("res.partner", ids, ["signup_type"])
        assert caught.value.details["fields"] == ["signup_type"]

    @pytest.mark.parametrize(
        ("kind", "call"),
        [
            (errors.InputError, lambda odoo: odoo.search_ids("tpc.none", [])),
            (errors.InputError, lambda odoo: odoo.search_ids("res.partner", [("tpc", "=", 1)])),
            (errors.InputError, lambda odoo: odoo.search_read("res.partner", [], ["tpc"], limit=1)),
            (errors.InputError, lambda odoo: odoo.search_ids("res.partner", [], order="name; x")),
            (errors.CallError, lambda odoo: odoo.call("res.partner", "tpc_none")),
            (errors.CallError, lambda odoo: odoo.call("res.partner", "_search", domain=[])),
            (errors.CallError, lambda odoo: odoo.call("res.partner", "search", domain=[], nope=1)),
            (errors.RecordMissingError, lambda odoo: odoo.write("res.partner", [999_999_999], {"city": "x"})),
            (errors.RecordMissingError, lambda odoo: odoo.unlink("res.partner", [999_999_999])),
            (errors.RecordRefusedError, lambda odoo: odoo.create("res.partner", [{"name": False}])),
            (
                errors.RecordRefusedError,
                lambda odoo: odoo.create("res.partner", [{"name": "x", "type": "nope"}]),
            ),
        ],
    )
    def test_each_refusal_says_who_acts(self, odoo: Odoo, kind: Any, call: Any) -> None:
        with pytest.raises(errors.TowpathError) as caught:
            call(odoo)
        assert type(caught.value) is kind
        shown = caught.value.message + repr(caught.value.details)
        assert "Traceback" not in shown
        assert 'File "' not in shown
        assert "key-admin" not in shown

    def test_a_wrong_key(self, open_odoo: Any) -> None:
        with pytest.raises(errors.KeyRefusedError):
            open_odoo(secret="f" * 40).search_ids("res.partner", [])

    def test_a_key_revoked_on_the_way(self, server: Any, odoo: Odoo) -> None:
        odoo.search_ids("res.partner", [], limit=1)
        server.faults.add("revoked_key", login="admin")
        with pytest.raises(errors.KeyRefusedError):
            odoo.search_ids("res.partner", [], limit=1)

    def test_an_unknown_database(self, way: Any, server: Any) -> None:
        access = Access(
            url=server.url, database="no_such_db", login="admin", secret="key-admin", protocol=way[1]
        )
        with Odoo(access, Pace(), retry=QUICK) as odoo, pytest.raises(errors.DatabaseError):
            odoo.search_ids("res.partner", [])


@pytest.mark.feature("S1.27", "S2.60")
class TestFaults:
    READ = "search_read"

    @pytest.mark.parametrize("kind", ["drop", "cut", "reset", "close"])
    def test_a_read_survives_lost_answers(self, server: Any, odoo: Odoo, kind: str) -> None:
        expected = odoo.search_read("res.partner", [], ["name"], limit=20)
        server.faults.add(kind, count=2, method=self.READ)
        assert odoo.search_read("res.partner", [], ["name"], limit=20) == expected

    @pytest.mark.parametrize(("status", "after"), [(429, 0.05), (503, None), (502, None), (504, None)])
    def test_a_read_survives_refusing_proxies(self, server: Any, odoo: Odoo, status: int, after: Any) -> None:
        server.faults.add(
            "status", status=status, count=2, method=self.READ, **({"retry_after": after} if after else {})
        )
        assert odoo.search_read("res.partner", [], ["name"], limit=1)

    def test_a_read_survives_a_storm(self, server: Any, odoo: Odoo) -> None:
        server.faults.add("storm", seconds=0.5, jitter=0.01, retry_after=0.01, seed=3)
        patient = odoo.retry.but(attempts=50)
        odoo.retry = patient
        for _ in range(5):
            assert len(odoo.search_read("res.partner", [], ["name"], limit=5)) == 5

    @pytest.mark.parametrize("kind", ["drop", "cut", "close"])
    def test_a_write_is_never_doubled(self, server: Any, odoo: Odoo, word: str, kind: str) -> None:
        odoo.search_ids("res.partner", [], limit=1)
        server.faults.add(kind, count=1, method="create")
        with pytest.raises(errors.ConnectionLostError, match="not known whether"):
            odoo.create("res.partner", [{"name": word}])
        assert odoo.search_count("res.partner", [("name", "=", word)]) == (0 if kind == "close" else 1)

    def test_a_limited_write_is_made_once(self, server: Any, odoo: Odoo, word: str) -> None:
        odoo.search_ids("res.partner", [], limit=1)
        server.faults.add("status", status=429, retry_after=0.02, count=2, method="create")
        odoo.create("res.partner", [{"name": word}])
        assert odoo.search_count("res.partner", [("name", "=", word)]) == 1

    def test_a_slow_answer_times_out(self, server: Any, open_odoo: Any) -> None:
        impatient = open_odoo(timeout=0.3, retry=Retry(attempts=1))
        server.faults.add("latency", seconds=1.0, count=1, method=self.READ)
        with pytest.raises(errors.TimedOutError):
            impatient.search_read("res.partner", [], ["name"], limit=1)

    def test_a_login_page_is_no_result(self, server: Any, odoo: Odoo) -> None:
        odoo.search_ids("res.partner", [], limit=1)
        server.faults.add("page", count=1, method=self.READ)
        with pytest.raises(errors.ProtocolError, match="web page"):
            odoo.search_read("res.partner", [], ["name"], limit=1)

    def test_a_field_that_raises_is_no_reason_to_repeat(self, server: Any, odoo: Odoo) -> None:
        odoo.search_ids("res.partner", [], limit=1)
        before = odoo.calls
        server.faults.add("field_error", model="res.partner", field="city")
        with pytest.raises((errors.CallError, errors.InputError)):
            odoo.search_read("res.partner", [], ["city"], limit=3)
        assert odoo.calls == before + 1

    def test_the_budget_holds_over_threads(self, server: Any, open_odoo: Any) -> None:
        odoo = open_odoo()
        odoo.pace = Pace(most=1)
        odoo.search_ids("res.partner", [], limit=1)
        server.faults.reset_counters()
        began = time.time()  # a call that a test before this one gave up may come to its end now
        threads = [threading.Thread(target=odoo.search_ids, args=("res.partner", [])) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        calls = sorted((call["start"], call["seconds"]) for call in server.faults.log())
        log = [call for call in calls if call[0] >= began]
        assert len(log) == 5
        ends = [start + seconds for start, seconds in log]
        assert all(start >= end - 0.002 for (start, _), end in zip(log[1:], ends, strict=False))


@pytest.mark.feature("S1.6", "S2.2", "S2.3", "S2.4", "S4.1")
class TestProbe:
    def test_it_finds_everything(self, way: Any, server: Any) -> None:
        found = probe(
            f"{server.host}:{server.port}/web/login",
            login="admin",
            secret="key-admin",
            readable=["res.partner"],
        )
        best = "json2" if way[0] == "19.0" else "jsonrpc"
        assert (str(found.version), found.access.protocol, found.access.database) == (way[0], best, server.db)
        assert found.user_name == "admin"
        assert abs(found.clock_offset or 0) < 5

    def test_a_forced_protocol_is_kept(self, way: Any, server: Any) -> None:
        found = probe(server.url, login="admin", secret="key-admin", protocol=way[1])
        assert found.access.protocol == way[1]

    def test_a_password_with_two_factors(self, server: Any) -> None:
        server.faults.add("two_factor", login="admin")
        with pytest.raises(errors.TwoFactorError, match="admin"):
            probe(server.url, login="admin", secret="admin")
        assert probe(server.url, login="admin", secret="key-admin").user_id

    def test_a_wrong_key(self, server: Any) -> None:
        with pytest.raises(errors.KeyRefusedError):
            probe(server.url, login="admin", secret="f" * 40)

    def test_a_database_that_is_not_there(self, server: Any) -> None:
        with pytest.raises(errors.DatabaseError, match=f"it has “{server.db}”"):
            probe(server.url, database="nope", login="admin", secret="key-admin")

    @pytest.mark.feature("S2.61")
    def test_a_right_that_is_missing(self, server: Any) -> None:
        with pytest.raises(errors.RightMissingError, match=r"ir\.config_parameter"):
            probe(server.url, login="limited", secret="key-limited", readable=["ir.config_parameter"])
