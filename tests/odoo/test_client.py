"""The client: reads, names, models, clock, retries and budget over real sockets."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from towpath import errors
from towpath.odoo import Access, Odoo, Pace, Retry

QUICK = Retry(attempts=4, first=0.001, longest=0.002)


@pytest.fixture
def odoo(loopback: Any):
    access = Access(url=loopback.url, database="acme", secret="k", protocol="json2", timeout=60)
    with Odoo(access, Pace(), retry=QUICK) as odoo:
        yield odoo


def refused(answer: Any, name: Any, message: Any, status: Any):
    return answer({"name": name, "message": message, "debug": "Traceback"}, status=status)


@pytest.mark.feature("S2.59")
def test_reads_carry_what_they_need_and_no_more(loopback: Any, odoo: Any, answer: Any):
    loopback.on("/json/2/res.partner/search_read", answer([{"id": 1}]))
    loopback.on("/json/2/res.partner/search", answer([1, 2]))
    loopback.on("/json/2/res.partner/search_count", answer(7))
    loopback.on("/json/2/res.partner/read", answer([{"id": 1, "name": "A"}]))
    loopback.on("/json/2/res.partner/fields_get", answer({"name": {"type": "char"}}))
    assert odoo.search_read("res.partner", [("id", ">", 0)], ["name"], limit=10) == [{"id": 1}]
    assert loopback.seen[-1].json == {
        "domain": [["id", ">", 0]], "fields": ["name"], "load": "", "order": "id", "limit": 10, "context": {"tz": "UTC"},
    }  # fmt: skip
    assert odoo.search_ids("res.partner", [], offset=5, context={"active_test": False}) == [1, 2]
    assert loopback.seen[-1].json == {
        "domain": [], "order": "id", "offset": 5, "context": {"tz": "UTC", "active_test": False},
    }  # fmt: skip
    assert odoo.search_count("res.partner", []) == 7
    assert odoo.read("res.partner", [1], ["name"]) == [{"id": 1, "name": "A"}]
    assert odoo.fields_get("res.partner", ["name"], ["type"]) == {"name": {"type": "char"}}
    before = odoo.calls
    assert odoo.read("res.partner", [], ["name"]) == []
    assert odoo.calls == before == 5
    assert odoo.bytes_read > 0
    assert odoo.bytes_sent > 0
    assert odoo.seconds > 0


def test_a_language_is_for_reading_only(loopback: Any, answer: Any):
    loopback.on("*", answer([1]))
    access = Access(url=loopback.url, secret="k", protocol="json2")
    with Odoo(access, Pace(), lang="fr_FR") as odoo:
        odoo.search_ids("res.partner", [])
        assert loopback.seen[-1].json["context"] == {"tz": "UTC", "lang": "fr_FR"}
        odoo.create("res.partner", [{"name": "A"}])
        assert "context" not in loopback.seen[-1].json


def test_names_are_asked_once_per_record_and_in_chunks(loopback: Any, odoo: Any, answer: Any):
    def rows(asked: Any) -> Any:
        ids = asked.json["domain"][0][2]
        return answer(
            [
                {"id": number, "display_name": f"N{number}" if number != 7 else False}
                for number in ids
                if number != 9
            ]
        )

    loopback.on("/json/2/res.partner/search_read", rows)
    names = odoo.names("res.partner", [*range(2_500), 5, 5, 0, 9])
    assert len(names) == 2_498
    assert (names[5], names[7]) == ("N5", "")
    assert 9 not in names
    assert [len(asked.json["domain"][0][2]) for asked in loopback.seen] == [1_000, 1_000, 499]
    assert loopback.seen[0].json["context"]["active_test"] is False
    assert odoo.names("res.partner", []) == {}


@pytest.mark.feature("S2.61")
def test_names_of_a_model_that_may_not_be_read_are_left_out(loopback: Any, odoo: Any, answer: Any):
    loopback.on(
        "*", refused(answer, "odoo.exceptions.AccessError", "You are not allowed to access 'X' (x.y).", 403)
    )
    assert odoo.names("x.y", range(1, 5_000)) == {}
    assert len(loopback.seen) == 1


@pytest.mark.parametrize("protocol", ["json2", "jsonrpc", "xmlrpc"])
def test_no_log_ever_holds_the_secret(loopback: Any, answer: Any, caplog: Any, protocol: Any):
    loopback.on("*", answer({"name": "odoo.exceptions.UserError", "message": "no canary-secret"}, status=422))
    access = Access(
        url=loopback.url, database="acme", login="admin", secret="canary-secret", protocol=protocol
    )
    with caplog.at_level("DEBUG"), Odoo(access, Pace()) as odoo, pytest.raises(errors.TowpathError) as caught:
        odoo.search_ids("res.partner", [])
    assert "canary" not in caplog.text + caught.value.message + repr(caught.value.details)


def test_no_fields_means_the_id_and_never_all(loopback: Any, odoo: Any, answer: Any):
    loopback.on("*", answer([{"id": 1}]))
    odoo.search_read("res.partner", [], [])
    odoo.read("res.partner", [1], [])
    assert [asked.json["fields"] for asked in loopback.seen] == [["id"], ["id"]]


def test_a_write_whose_sign_in_was_lost_is_sent(loopback: Any, answer: Any):
    def rpc(asked: Any) -> Any:
        result = 2 if asked.json["params"]["method"] == "authenticate" else [7]
        return answer({"jsonrpc": "2.0", "id": asked.json["id"], "result": result})

    loopback.on("/jsonrpc", rpc)
    loopback.queue = [answer(drop=True)]
    access = Access(url=loopback.url, database="acme", login="admin", secret="k", protocol="jsonrpc")
    with Odoo(access, Pace(), retry=QUICK) as odoo:
        assert odoo.create("res.partner", [{"name": "A"}]) == [7]
    assert len(loopback.seen) == 3


def test_writes_return_ids_and_skip_nothing_to_do(loopback: Any, odoo: Any, answer: Any):
    loopback.on("/json/2/res.partner/create", answer([5, 6]))
    loopback.on("/json/2/res.partner/write", answer("true"))
    loopback.on("/json/2/res.partner/unlink", answer("true"))
    assert odoo.create("res.partner", [{"name": "A"}, {"name": "B"}]) == [5, 6]
    assert odoo.write("res.partner", [5], {"name": "C"})
    assert odoo.unlink("res.partner", [5])
    assert odoo.create("res.partner", []) == []
    assert odoo.write("res.partner", [], {})
    assert odoo.unlink("res.partner", [])
    assert odoo.calls == 3


@pytest.mark.feature("S1.27", "S2.60")
@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True},
        {"cut": True, "body": "[1,2,3]"},
        {"status": 503, "kind": "text/html"},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"body": "[1, 2"},  # whole by its length, cut by what wrote it
    ],
)
def test_a_read_survives_faults_and_tells_of_them(loopback: Any, answer: Any, fault: Any):
    loopback.on("*", answer([1]))
    loopback.queue = [answer(**fault), answer(**fault)]
    seen = []
    access = Access(url=loopback.url, secret="k", protocol="json2")
    with Odoo(access, Pace(), retry=QUICK, observe=seen.append) as odoo:
        assert odoo.search_ids("res.partner", []) == [1]
    assert [attempt.what for attempt in seen] == ["res.partner.search"] * 2


def test_answers_that_stay_damaged_are_given_up_soon(loopback: Any, answer: Any):
    loopback.on("*", answer("[1, 2"))
    access = Access(url=loopback.url, secret="k", protocol="json2")
    patient = Retry(attempts=8, first=0.001, longest=0.002)
    with (
        Odoo(access, Pace(), retry=patient) as odoo,
        pytest.raises(errors.RetryLaterError, match="whole JSON"),
    ):
        odoo.search_ids("res.partner", [])
    assert len(loopback.seen) == patient.attempts_when_garbage


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True},
        {"cut": True, "body": "[1,2,3]"},
        {"status": 504, "kind": "text/html"},
        {"body": "[1, 2"},
    ],
)
def test_a_write_is_never_sent_twice_when_its_answer_is_lost(
    loopback: Any, odoo: Any, answer: Any, fault: Any
):
    loopback.on("*", answer([1]))
    loopback.queue = [answer(**fault)]
    with pytest.raises(errors.RetryLaterError):
        odoo.create("res.partner", [{"name": "A"}])
    assert len(loopback.seen) == 1


def test_a_write_that_odoo_rolled_back_is_sent_again(loopback: Any, odoo: Any, answer: Any):
    loopback.on("*", answer([1]))
    loopback.queue = [
        refused(answer, "psycopg2.errors.SerializationFailure", "could not serialize access", 500)
    ]
    assert odoo.create("res.partner", [{"name": "A"}]) == [1]
    assert len(loopback.seen) == 2


def test_a_caller_error_that_looks_like_a_crash_is_not_repeated(loopback: Any, odoo: Any, answer: Any):
    loopback.on(
        "*", refused(answer, "builtins.ValueError", "Invalid field res.partner.tpc in condition", 500)
    )
    with pytest.raises(errors.InputError, match="tpc"):
        odoo.search_ids("res.partner", [("tpc", "=", 1)])
    assert len(loopback.seen) == 1


def test_an_answer_of_the_wrong_shape_is_told(loopback: Any, odoo: Any, answer: Any):
    loopback.on("*", answer("null"))
    with pytest.raises(errors.ProtocolError, match="something else than a list"):
        odoo.search_ids("res.partner", [])
    with pytest.raises(errors.ProtocolError, match="number"):
        odoo.search_count("res.partner", [])
    with pytest.raises(errors.ProtocolError, match="form"):
        odoo.fields_get("res.partner")


@pytest.mark.feature("S2.60")
def test_threads_keep_the_budget(loopback: Any, answer: Any):
    loopback.on("*", answer([1], delay=0.01))
    access = Access(url=loopback.url, secret="k", protocol="json2")
    with Odoo(access, Pace(most=1)) as odoo:
        threads = [threading.Thread(target=odoo.search_ids, args=("res.partner", [])) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert odoo.calls == 6
    assert loopback.busiest == 1


def test_work_can_be_called_off(loopback: Any):
    cancel = threading.Event()
    cancel.set()
    access = Access(url=loopback.url, secret="k", protocol="json2")
    with Odoo(access, Pace(), cancel=cancel) as odoo, pytest.raises(errors.RetryLaterError) as caught:
        odoo.search_ids("res.partner", [])
    assert caught.value.details["cancelled"]
    assert not loopback.seen


def test_the_clock_is_the_servers(loopback: Any, odoo: Any, answer: Any):
    then = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    loopback.on("*", answer("{}", headers={"Date": format_datetime(then, usegmt=True)}))
    now = odoo.clock()
    assert then <= now < then + timedelta(seconds=60)
    assert now.microsecond == 0
    odoo.clock()
    assert odoo.calls == 1


def test_without_a_date_anywhere_this_machines_clock_serves(loopback: Any, odoo: Any, answer: Any):
    loopback.on("*", answer("{}", headers={"Date": ""}))
    assert abs((odoo.clock() - datetime.now(UTC)).total_seconds()) < 60


def test_the_protocol_is_chosen_at_the_first_call(loopback: Any, answer: Any):
    loopback.on("/web/version", answer({"version": "19.0"}))
    loopback.on("/json/2/res.users/context_get", answer({"uid": 2}))
    loopback.on("/json/2/res.partner/search", answer([1]))
    with Odoo(Access(url=loopback.url, secret="k"), Pace()) as odoo:
        assert odoo.search_ids("res.partner", []) == [1]
        assert (odoo.protocol, str(odoo.version), odoo.user_id) == ("json2", "19.0", 2)
    assert len(loopback.seen) == 3


def test_models_come_from_the_registry_when_it_may_be_read(loopback: Any, odoo: Any, answer: Any):
    rows = [
        {"id": 2, "model": "x_visit", "name": "Visit", "state": "manual", "transient": False, "abstract": False, "count": 4},
        {"id": 1, "model": "res.partner", "name": "Contact", "state": "base", "transient": False, "abstract": False, "count": 9},
    ]  # fmt: skip
    loopback.on(
        "/json/2/ir.model/get_available_models", answer([{"model": "res.partner", "display_name": "Contact"}])
    )
    loopback.on(
        "/json/2/ir.model/fields_get",
        answer({name: {} for name in ("model", "name", "state", "transient", "abstract")}),
    )
    loopback.on("/json/2/ir.model/search_read", answer(rows))
    contact, visit = odoo.models(count=True)
    assert (contact.name, contact.label, contact.readable, contact.custom, contact.count) == (
        "res.partner",
        "Contact",
        True,
        False,
        9,
    )
    assert (visit.readable, visit.custom) == (False, True)


@pytest.mark.feature("S2.61")
def test_models_of_a_user_who_may_not_read_the_registry(loopback: Any, odoo: Any, answer: Any):
    loopback.on(
        "/json/2/ir.model/get_available_models", answer([{"model": "res.partner", "display_name": "Contact"}])
    )
    loopback.on(
        "*",
        refused(
            answer,
            "odoo.exceptions.AccessError",
            "You are not allowed to access 'Models' (ir.model) records.",
            403,
        ),
    )
    assert [(info.name, info.label) for info in odoo.models()] == [("res.partner", "Contact")]


def test_models_where_no_list_is_given_are_tried(loopback: Any, odoo: Any, answer: Any):
    def ask(asked: Any) -> Any:
        model = asked.path.split("/")[3]
        if model == "res.partner":
            return answer("0")
        if model == "ir.model" and asked.path.endswith("models"):
            return refused(
                answer,
                "werkzeug.exceptions.NotFound",
                "The method 'ir.model.get_available_models' does not exist",
                404,
            )
        return refused(
            answer,
            "odoo.exceptions.AccessError",
            f"You are not allowed to access 'X' ({model}) records.",
            403,
        )

    loopback.on("*", ask)
    assert [info.name for info in odoo.models()] == ["res.partner"]


def test_a_secret_never_shows():
    access = Access(url="https://x.odoo.com", secret="top-secret")
    assert "top-secret" not in repr(access)
    assert "top-secret" not in repr(Odoo(access, Pace()).__dict__)
