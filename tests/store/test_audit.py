import threading
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from towpath.settings import load
from towpath.store import Store

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory):
    """A store whose audit the tests may spoil and mend."""
    with Store(load(home=tmp_path_factory.mktemp("audit"))) as store:
        yield store


@pytest.fixture
def rows(chain: Store):
    with chain.begin() as connection:
        connection.exec_driver_sql("alter table towpath.audit disable trigger user")
        connection.exec_driver_sql("delete from towpath.audit")
    for number in range(5):
        chain.audit("user:1", "connection.add", f"connection/{number}", details={"n": number})
    return chain


def spoil(store: Store, sql: str):
    with store.begin() as connection:
        connection.exec_driver_sql(sql)


@pytest.mark.feature("S0.16", "S0.17")
def test_rows_are_numbered_and_chained(rows: Store):
    with rows.begin() as connection:
        found = connection.execute(sa.text("select * from towpath.audit order by number")).mappings().all()
    assert [row["number"] for row in found] == [1, 2, 3, 4, 5]
    assert [row["prev_hash"] for row in found[1:]] == [row["hash"] for row in found[:-1]]
    assert found[0]["at"] <= datetime.now(UTC)
    check = rows.verify_audit()
    assert check.whole
    assert (check.rows, check.head.hash) == (5, found[-1]["hash"])


@pytest.mark.parametrize(
    ("sql", "number", "reason"),
    [
        ("update towpath.audit set actor = 'user:2' where number = 3", 3, "changed"),
        ("update towpath.audit set details = '{}' where number = 1", 1, "changed"),
        ("update towpath.audit set at = at + interval '1 microsecond' where number = 4", 4, "changed"),
        ("delete from towpath.audit where number = 2", 2, "removed"),
        ("delete from towpath.audit where number = 1", 1, "removed"),
        (
            """update towpath.audit set number = case number when 2 then -3 else -2 end where number in (2, 3);
            update towpath.audit set number = -number where number < 0""",
            2,
            "follow",
        ),
    ],
)
def test_an_edited_removed_or_reordered_row_is_found(rows: Store, sql: str, number: int, reason: str):
    spoil(rows, sql)
    check = rows.verify_audit()
    assert not check.whole
    assert check.wrong_number == number
    assert reason in check.reason


def test_rows_removed_from_the_end_are_found_with_a_head_noted_earlier(rows: Store):
    known = rows.verify_audit().head
    spoil(rows, "delete from towpath.audit where number > 3")
    assert rows.verify_audit().whole
    assert "4 to 5" in rows.verify_audit(known=known).reason


def test_a_chain_written_anew_is_found_with_a_head_noted_earlier(rows: Store):
    known = rows.verify_audit().head
    spoil(rows, "delete from towpath.audit")
    for number in range(6):
        rows.audit("user:2", "connection.add", f"connection/{number}")
    assert rows.verify_audit().whole
    assert "anew" in rows.verify_audit(known=known).reason


def test_the_table_refuses_change_and_removal(store: Store):
    store.audit("system", "test", "x")
    for sql in ("update towpath.audit set actor = ''", "delete from towpath.audit", "truncate towpath.audit"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.begin() as connection:
            connection.exec_driver_sql(sql)


def test_a_row_goes_with_the_transaction_it_is_in(store: Store):
    before = store.verify_audit().rows
    with store.engine.connect() as connection:
        store.audit("system", "test", "x", connection=connection)
        connection.rollback()
    store.audit("system", "test", "y")
    check = store.verify_audit()
    assert check.whole
    assert check.rows == before + 1


def test_writers_at_the_same_time_make_one_chain(store: Store):
    before = store.verify_audit().rows
    threads = [
        threading.Thread(target=lambda: [store.audit("system", "test", "x") for _ in range(10)])
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check = store.verify_audit()
    assert check.whole
    assert check.rows == before + 60


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(details=st.dictionaries(st.text(), JSON, max_size=4), word=st.text())
def test_whatever_stands_in_a_row_verifies(store: Store, details: dict[str, Any], word: str):
    known = store.verify_audit().head
    store.audit(word, word, word, details=details)
    check = store.verify_audit(known=known)
    assert check.whole, check
