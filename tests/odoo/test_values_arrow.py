"""Odoo's values to Arrow and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import CallError, ConnectionLostError, InputError, ProtocolError, RightMissingError
from towpath.odoo.changes import Changes
from towpath.odoo.columns import TIMESTAMP, columns, plan
from towpath.odoo.currencies import money_decimals
from towpath.odoo.names import Names
from towpath.odoo.schema import Field, Model
from towpath.odoo.values import MASK, to_batch, to_odoo

STATES = (("draft", "Draft"), ("posted", "Posted"))


def model(**types: Any) -> Model:
    fields = {"id": Field(name="id", type="integer")}
    for name, described in types.items():
        more = {"type": described} if isinstance(described, str) else described
        fields[name] = Field(name=name, **more)
    return Model(name="test.model", fields=fields)


def column(values: list[Any], described: Any, **options: Any) -> list[Any]:
    rows = [{"id": n, "f": value} for n, value in enumerate(values)]
    batch = to_batch(rows, model(f=described), ["f"], **options)
    batch.validate(full=True)
    return batch.column("f").to_pylist()


@pytest.mark.feature("S2.55", "S2.56", "S2.57", "S2.58")
@pytest.mark.parametrize(
    ("type_", "sent", "kept", "arrow"),
    [
        ("char", ["a", "", False, None, "ç…😀"], ["a", "", None, None, "ç…😀"], pa.string()),
        ("html", ["<p>x</p>", False], ["<p>x</p>", None], pa.string()),
        ("integer", [5, 0, False, -(2**63)], [5, 0, None, -(2**63)], pa.int64()),
        ("float", [1.5, 2, 0.0, False], [1.5, 2.0, 0.0, None], pa.float64()),
        ("monetary", [1.5, 2, False], [1.5, 2.0, None], pa.float64()),
        ("boolean", [True, False, None], [True, False, None], pa.bool_()),
        ("date", ["2026-02-28", False, "0001-01-01"], [date(2026, 2, 28), None, date(1, 1, 1)], pa.date32()),
        (
            "datetime",
            ["2026-02-28 13:14:15", False, "9999-12-31 23:59:59"],
            [
                datetime(2026, 2, 28, 13, 14, 15, tzinfo=UTC),
                None,
                datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
            ],
            TIMESTAMP,
        ),
        ("many2one", [7, False, [8, "Eight"]], [7, None, 8], pa.int64()),
        ("many2one", [7, False], [7, None], pa.int64()),
        ("many2one_reference", [7, 0, False], [7, 0, None], pa.int64()),
        ("one2many", [[3, 1], [], False], [[3, 1], [], None], pa.list_(pa.int64())),
        ("many2many", [[], []], [[], []], pa.list_(pa.int64())),
        ("reference", ["res.partner,5", False], ["res.partner,5", None], pa.string()),
        ("binary", ["aGVsbG8=", False, b"hello"], ["aGVsbG8=", None, "aGVsbG8="], pa.string()),
        ("json", [{"b": 1, "a": [1]}, False, "x", 5], ['{"a":[1],"b":1}', None, '"x"', "5"], pa.string()),
        ("properties", [[{"name": "n", "value": 3}], []], ['[{"name":"n","value":3}]', "[]"], pa.string()),
        ("from_the_future", ["text", {"a": 1}, False, 5], ["text", '{"a":1}', None, "5"], pa.string()),
        ("char", [False, None], [None, None], pa.string()),
        ("boolean", [1, 0], [True, False], pa.bool_()),
        ("datetime", ["2026-01-01T02:00:00+02:00"], [datetime(2026, 1, 1, tzinfo=UTC)], TIMESTAMP),
        ("date", ["2026-01-02 23:00:00"], [date(2026, 1, 2)], pa.date32()),
        ("integer", ["12", 3.0], [12, 3], pa.int64()),
        ("many2many", [[{"id": 4}, [5, "Five"]]], [[4, 5]], pa.list_(pa.int64())),
        ("many2many", [[1], []], [[1], []], pa.list_(pa.int64())),
        ("many2many", [False, False], [None, None], pa.list_(pa.int64())),
        ("float", [False, False], [None, None], pa.float64()),
        ("float", ["1.5", 2], [1.5, 2.0], pa.float64()),
        ("date", [date(2026, 1, 2), False], [date(2026, 1, 2), None], pa.date32()),
        ("datetime", [date(2026, 1, 2)], [datetime(2026, 1, 2, tzinfo=UTC)], TIMESTAMP),
        (
            "datetime",
            [datetime.fromisoformat("2026-01-02T03:00:00")],
            [datetime(2026, 1, 2, 3, tzinfo=UTC)],
            TIMESTAMP,
        ),
        ("json", [{"b": 2**70, "a": 1}], ['{"a":1,"b":1180591620717411303424}'], pa.string()),
        ("json", [{"b": "\ud800"}], ['{"b":"\\ud800"}'], pa.string()),
        ("json", [{1: 2**70, "a": 1}], ['{"1":1180591620717411303424,"a":1}'], pa.string()),
        ("float", [2**60 + 1, 1.5], [float(2**60 + 1), 1.5], pa.float64()),
    ],
)
def test_each_type_has_one_column_type(type_: str, sent: Any, kept: Any, arrow: pa.DataType):
    changes = Changes()
    assert column(sent, type_, changes=changes) == kept
    assert columns(model(f=type_), ["f"]).field("f").type == arrow
    noted = {c.reason for c in changes.examples}
    assert noted <= {"not text, kept as JSON"}


@pytest.mark.parametrize(
    ("type_", "sent", "kept", "reason"),
    [
        ("integer", 2**63, None, "larger than 64 bits, left empty"),
        ("integer", 1.5, None, "not a whole number, left empty"),
        ("integer", True, None, "not a whole number, left empty"),
        ("integer", "many", None, "not a whole number, left empty"),
        ("float", "many", None, "not a number, left empty"),
        ("float", [1], None, "not a number, left empty"),
        ("float", float("nan"), None, "not a finite number, left empty"),
        ("monetary", 10**400, None, "not a number, left empty"),
        ("boolean", "yes", None, "not yes or no, left empty"),
        ("date", "31/12/2026", None, "not a date, left empty"),
        ("date", 5, None, "not a date, left empty"),
        ("datetime", "2026-02-30 00:00:00", None, "not a date and time, left empty"),
        ("datetime", "0001-01-01T00:00:00+05:00", None, "not a date and time, left empty"),
        ("char", 5, "5", "not text, kept as JSON"),
        ("char", "a\ud800b", "a?b", "held characters that are not Unicode, replaced by '?'"),
        ("char", ["x"], '["x"]', "not text, kept as JSON"),
        ("many2one", "7", None, "not the id of a record, left empty"),
        ("many2one", [False, "x"], None, "not the id of a record, left empty"),
        ("many2many", [1, False, "x", 2], [1, 2], "entries that are not ids were left out of the list"),
        ("many2many", 5, None, "not a list of ids, left empty"),
    ],
)
def test_a_value_that_does_not_fit_is_noted_and_the_record_kept(
    type_: str, sent: Any, kept: Any, reason: str
):
    changes = Changes()
    good = {"integer": 1, "float": 1.0, "monetary": 1.0, "boolean": True, "date": "2026-01-01", "many2one": 3}
    first = good.get(type_, [1] if type_ == "many2many" else "2026-01-01 00:00:00")
    assert column([first, sent], type_, changes=changes)[1] == kept
    assert changes.counts == {("f", reason): 1}
    assert changes.examples[0].id == 1
    assert changes.sentences() == [f"1 value of 'f': {reason}."]
    assert json.dumps(changes.to_json())


def test_money_is_decimal_by_the_currencies_digits():
    described = {"type": "monetary", "currency_field": "currency_id"}
    changes = Changes()
    sent = [0.1, 1234567.89, 3, False, 0.30000000000000004, 9999999999999.99]
    kept = column(sent, described, money=2, changes=changes)
    assert kept == [
        Decimal("0.10"),
        Decimal("1234567.89"),
        Decimal(3),
        None,
        Decimal("0.30"),
        Decimal("9999999999999.99"),
    ]
    assert not changes
    assert columns(model(f=described), money=3).field("f").type == pa.decimal128(20, 3)
    assert column([1.005, 1.5, 1e25, "x"], described, money=2, changes=changes) == [
        Decimal("1.00"), Decimal("1.50"), None, None,
    ]  # fmt: skip
    assert {reason for _, reason in changes.counts} == {
        "rounded to 2 decimals", "too large an amount, left empty", "not a number, left empty",
    }  # fmt: skip


def test_names_and_labels_stand_beside_their_field():
    described = model(
        partner_id={"type": "many2one", "relation": "res.partner"},
        state={"type": "selection", "selection": STATES},
    )
    rows = [
        {"id": 1, "partner_id": 5, "state": "draft"},
        {"id": 2, "partner_id": [6, "Six"], "state": "unknown"},
        {"id": 3, "partner_id": False, "state": False},
        {"id": 4, "partner_id": 9, "state": ["odd"]},
    ]
    batch = to_batch(rows, described, names={"res.partner": {5: "Five"}})
    assert batch.schema.names == ["id", "partner_id", "partner_id__name", "state", "state__label"]
    assert batch.column("partner_id").to_pylist() == [5, 6, None, 9]
    assert batch.column("partner_id__name").to_pylist() == ["Five", "Six", None, None]
    assert batch.column("state").to_pylist() == ["draft", "unknown", None, '["odd"]']
    assert batch.column("state__label").to_pylist() == ["Draft", None, None, None]
    bare = to_batch(rows[:1], described, names={"res.partner": {5: "Five"}})
    assert bare.column("partner_id__name").to_pylist() == ["Five"]
    assert to_batch(rows, described, name_columns=False).schema.names == ["id", "partner_id", "state"]
    assert to_batch([], described).num_rows == 0


def test_derived_columns_give_way_to_real_fields():
    described = model(state={"type": "selection", "selection": STATES}, State__Label="char")
    assert [c.name for c in plan(described, ["state", "State__Label"])] == [
        "id",
        "state",
        "state__label_",
        "State__Label",
    ]


@pytest.mark.feature("S2.37")
def test_secrets_are_masked_unless_asked_for():
    described = model(access_token={"type": "char", "secret": True})
    rows = [{"id": 1, "access_token": "abc"}, {"id": 2, "access_token": False}, {"id": 3, "access_token": ""}]
    assert to_batch(rows, described).column("access_token").to_pylist() == [MASK, None, ""]
    shown = to_batch(rows, described, reveal=["access_token"])
    assert shown.column("access_token").to_pylist() == ["abc", None, ""]
    changes = Changes()
    to_batch([{"id": 1, "access_token": ["abc"]}], described, reveal=["access_token"], changes=changes)
    assert "abc" not in json.dumps(changes.to_json())


def test_arrow_metadata_says_where_a_column_comes_from():
    described = model(state={"type": "selection", "selection": STATES, "label": "Status"})
    metadata = columns(described).field("state").metadata
    assert metadata[b"odoo.type"] == b"selection"
    assert metadata[b"odoo.label"] == b"Status"
    assert json.loads(metadata[b"odoo.selection"]) == [["draft", "Draft"], ["posted", "Posted"]]
    assert not columns(described).field("id").nullable


def test_records_without_an_id_and_unknown_fields_are_refused():
    with pytest.raises(ProtocolError, match="without its id"):
        to_batch([{"id": 1}, {"name": "x"}], model())
    with pytest.raises(ProtocolError):
        to_batch([{"id": "1x"}], model())
    with pytest.raises(InputError, match="has no field 'nope'"):
        to_batch([{"id": 1}], model(), ["nope"])


def test_a_field_missing_in_a_record_is_null():
    assert to_batch([{"id": 1}, {"id": 2, "f": 3}], model(f="integer")).column("f").to_pylist() == [None, 3]


INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
DAYS = st.dates().map(date.isoformat)
MOMENTS = st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat(" "))
BY_TYPE = {
    "char": TEXT | st.just(False),
    "text": TEXT | st.just(False),
    "selection": TEXT | st.just(False),
    "reference": TEXT | st.just(False),
    "integer": INT64,
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": DAYS | st.just(False),
    "datetime": MOMENTS | st.just(False),
    "many2one": st.integers(1, 2**31) | st.just(False),
    "many2many": st.lists(st.integers(1, 2**31), max_size=5),
    "one2many": st.lists(st.integers(1, 2**31), max_size=5),
    "json": JSON.filter(lambda value: value is not None and value is not False),
}


@given(
    st.sampled_from(sorted(BY_TYPE)).flatmap(
        lambda t: st.tuples(st.just(t), st.lists(BY_TYPE[t], max_size=6))
    )
)
def test_every_value_survives_the_way_to_arrow_and_back(case: Any):
    type_, sent = case
    changes = Changes()
    back = [to_odoo(value, Field(name="f", type=type_)) for value in column(sent, type_, changes=changes)]
    assert back == sent
    assert [type(value) for value in back] == [type(value) for value in sent]
    assert not changes


@given(st.lists(st.integers(-(10**15), 10**15), max_size=6), st.integers(0, 4))
def test_amounts_survive_as_decimals(cents: list[int], scale: int):
    sent = [float(Decimal(n).scaleb(-scale)) for n in cents]
    changes = Changes()
    kept = column(sent, {"type": "monetary"}, money=scale, changes=changes)
    assert kept == [Decimal(n).scaleb(-scale) for n in cents]
    assert [to_odoo(value, Field(name="f", type="monetary")) for value in kept] == sent
    assert not changes


@given(
    st.sampled_from(sorted(BY_TYPE)), st.lists(st.none() | st.booleans() | INT64 | TEXT | JSON, max_size=5)
)
def test_no_value_of_any_shape_fails_the_page(type_: str, sent: Any):
    batch = to_batch([{"id": n, "f": v} for n, v in enumerate(sent)], model(f=type_))
    assert batch.num_rows == len(sent)
    assert batch.schema.equals(columns(model(f=type_)))


def test_values_for_writing():
    assert to_odoo([1, 2], Field(name="f", type="many2many"), commands=True) == [[6, 0, [1, 2]]]
    assert to_odoo(None, Field(name="f", type="many2many"), commands=True) == [[6, 0, []]]
    assert to_odoo(None, Field(name="f", type="char")) is False
    summer = datetime.fromisoformat("2026-07-01T02:03:04.5+02:00")
    assert to_odoo(summer, Field(name="f", type="datetime")) == "2026-07-01 00:03:04"
    assert to_odoo(summer, Field(name="f", type="date")) == "2026-07-01"
    assert to_odoo(date(2026, 7, 1), Field(name="f", type="datetime")) == "2026-07-01 00:00:00"


def test_names_are_looked_up_once_for_each_distinct_id():
    asked: list[tuple[str, list[int]]] = []

    def loader(relation: str, ids: Any) -> dict[int, str]:
        asked.append((relation, list(ids)))
        return {n: f"{relation} {n}" for n in ids if n != 13}

    described = model(
        a={"type": "many2one", "relation": "r"},
        b={"type": "many2one", "relation": "r"},
        c="char",
        d="many2one",
    )
    rows = [{"id": n, "a": n % 3 + 1, "b": 13, "c": "x", "d": 4} for n in range(10)]
    names = Names(loader, chunk=2)
    assert names.gather(rows, described, described.fields) == {"r": {1: "r 1", 2: "r 2", 3: "r 3"}}
    assert names.gather(rows, described, described.fields)
    assert asked == [("r", [1, 2]), ("r", [3, 13])]
    assert names.calls == 2
    names.forget()
    assert names.of("r", [1]) == {1: "r 1"}
    assert len(asked) == 3


def test_the_memory_of_names_is_bounded():
    names = Names(lambda _, ids: {n: str(n) for n in ids}, limit=10, chunk=100)
    assert len(names.of("r", range(50))) == 50
    assert len(names._known) == 10
    assert names.of("r", [49]) == {49: "49"}
    assert names.calls == 1


def test_names_that_can_not_be_read_are_missing_and_the_page_goes_on():
    def loader(relation: str, ids: Any) -> dict[int, str]:
        if relation == "closed":
            raise RightMissingError("The user may not read closed.")
        if relation == "gone":
            raise ConnectionLostError
        if 7 in ids:
            raise CallError("the name of 7 raises.")
        return {n: str(n) for n in ids}

    names = Names(loader)
    assert names.of("closed", [1, 2]) == {}
    assert names.of("closed", [3]) == {}
    assert names.calls == 1
    assert names.of("odd", range(1, 101)) == {n: str(n) for n in range(1, 101) if n != 7}
    assert names.calls < 20
    assert names.sentences() == [
        "Names of closed are missing: The user may not read closed.",
        "Names of odd are missing: the name of 7 raises.",
    ]
    with pytest.raises(ConnectionLostError):
        names.of("gone", [1])
    names.forget()
    assert names.sentences() == []


class Currencies:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def search_read(self, model: str, domain: Any, fields: Any, *, context: Any = None) -> Any:
        assert (model, list(domain), list(fields), context) == (
            "res.currency", [], ["decimal_places"], {"active_test": False},
        )  # fmt: skip
        if isinstance(self.answer, Exception):
            raise self.answer
        return [{"id": n, "decimal_places": places} for n, places in enumerate(self.answer)]


def test_the_decimals_of_money_are_those_of_the_currency_with_most():
    assert money_decimals(Currencies([2, 0, 3])) == 3
    assert money_decimals(Currencies([0])) == 2
    assert money_decimals(Currencies([99, False, 2])) == 6
    assert money_decimals(Currencies([])) is None
    assert money_decimals(Currencies(RightMissingError())) is None
    with pytest.raises(ConnectionLostError):
        money_decimals(Currencies(ConnectionLostError()))
