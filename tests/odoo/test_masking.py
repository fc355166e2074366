"""Masks over values of every kind: the same in gives the same out, null stays null, nothing of the plain is left."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import InputError
from towpath.odoo import masking
from towpath.odoo.changes import Changes
from towpath.odoo.columns import columns, plan
from towpath.odoo.masking import HASH_LENGTH, Mask, apply, parse
from towpath.odoo.schema import Model, field_from_odoo
from towpath.odoo.values import to_batch

KEY = bytes(range(32))
PLUS_TWO = timezone(timedelta(hours=2))
HASH = Mask(kind="hash", key=KEY)

PERSON = Model(
    name="res.partner",
    fields={
        name: field_from_odoo("res.partner", name, {"string": name, **described})
        for name, described in {
            "id": {"type": "integer"},
            "name": {"type": "char"},
            "email": {"type": "char"},
            "birthday": {"type": "date"},
            "seen_at": {"type": "datetime"},
            "credit": {"type": "monetary"},
            "weight": {"type": "float"},
            "color": {"type": "integer"},
            "active": {"type": "boolean"},
            "gender": {"type": "selection", "selection": [["f", "Female"], ["m", "Male"]]},
            "parent_id": {"type": "many2one", "relation": "res.partner"},
            "country_id": {"type": "many2one", "relation": "res.country"},
            "category_id": {"type": "many2many", "relation": "res.partner.category"},
            "signup_token": {"type": "char"},
            "street": {"type": "char"},
            "write_date": {"type": "datetime"},
        }.items()
    },
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ARRAYS = st.one_of(
    st.lists(st.none() | texts, max_size=20).map(lambda v: pa.array(v, pa.string())),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=20).map(
        lambda v: pa.array(v, pa.int64())
    ),
    st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=20).map(
        lambda v: pa.array(v, pa.float64())
    ),
    st.lists(st.none() | st.booleans(), max_size=20).map(lambda v: pa.array(v, pa.bool_())),
    st.lists(st.none() | st.dates(), max_size=20).map(lambda v: pa.array(v, pa.date32())),
    st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=20).map(
        lambda v: pa.array(v, pa.timestamp("us", "UTC"))
    ),
    st.lists(st.none() | st.decimals(-(10**15), 10**15, places=2), max_size=20).map(
        lambda v: pa.array(v, pa.decimal128(20, 2))
    ),
)


@pytest.mark.feature("S2.37")
@given(ARRAYS)
def test_a_hash_is_the_same_for_the_same_value_and_null_for_null(values: pa.Array):
    masked = apply(HASH, values)
    assert masked.type == pa.string()
    assert masked.is_null().equals(values.is_null())
    assert masked.equals(apply(HASH, values))
    pairs = dict(zip(values.to_pylist(), masked.to_pylist(), strict=True))
    assert len(set(pairs.values())) == len(pairs), "other values have other hashes"
    assert all(text is None or len(text) == HASH_LENGTH for text in masked.to_pylist())
    other = apply(Mask(kind="hash", key=KEY[::-1]), values)
    assert not set(other.drop_null().to_pylist()) & set(masked.drop_null().to_pylist())


@given(st.lists(st.none() | st.lists(st.integers(1, 5), max_size=4), max_size=9))
def test_each_entry_of_a_list_is_hashed(values: list[list[int] | None]):
    masked = apply(HASH, pa.array(values, pa.list_(pa.int64())), "res.partner.category")
    single = apply(HASH, pa.array(range(6), pa.int64()), "res.partner.category").to_pylist()
    assert masked.to_pylist() == [None if one is None else [single[entry] for entry in one] for one in values]


def test_the_hash_is_an_hmac_of_the_canonical_text():
    """So that who may have the key can work it out with other tools."""
    wanted = hmac.new(KEY, b"a@b.example", hashlib.sha256).hexdigest()[:32]
    assert apply(HASH, pa.array(["a@b.example"])).to_pylist() == [wanted]
    of_id = hmac.new(KEY, b"res.partner,7", hashlib.sha256).hexdigest()[:32]
    assert apply(HASH, pa.array([7]), "res.partner").to_pylist() == [of_id]
    assert apply(HASH, pa.array(["res.partner,7"])).to_pylist() == [of_id], "as a reference field has it"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([5, 5.0, Decimal("5.00")], "5"),
        ([-0.0, 0, Decimal("0.00"), Decimal("-0.0")], "0"),
        ([0.1, Decimal("0.10")], "0.1"),
        ([1e22], "10000000000000000000000"),
        ([True], "true"),
        ([date(2026, 2, 3)], "2026-02-03"),
        (
            [datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), datetime(2026, 2, 3, 6, 5, 6, tzinfo=PLUS_TWO)],
            "2026-02-03 04:05:06",
        ),
        ([" Anna "], " Anna "),
    ],
)
def test_one_value_has_one_text(values, text):
    assert {masking.canonical(value) for value in values} == {text}


@pytest.mark.feature("S2.37")
@given(st.lists(st.none() | texts, max_size=20), st.integers(1, 12))
def test_cutting_keeps_the_first_letters(values: list[str | None], size: int):
    masked = apply(Mask(kind="truncate", size=size), pa.array(values, pa.string()))
    assert masked.to_pylist() == [None if value is None else value[:size] for value in values]


@given(st.lists(st.none() | st.dates(date(1, 1, 1)), max_size=20))
def test_a_date_is_cut_to_its_month_or_year(values: list[date | None]):
    array = pa.array(values, pa.date32())
    months = apply(Mask(kind="truncate", size="month"), array)
    assert months.type == array.type
    assert months.to_pylist() == [value and value.replace(day=1) for value in values]
    years = apply(Mask(kind="truncate", size="year"), array)
    assert years.to_pylist() == [value and value.replace(month=1, day=1) for value in values]
    moments = apply(Mask(kind="truncate", size="year"), array.cast(pa.timestamp("us", "UTC")))
    assert moments.cast(pa.date32()).to_pylist() == years.to_pylist()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("id", "hash", "can not be masked"),
        ("write_date", "drop", "can not be masked"),
        ("email", "blur", "no way to mask"),
        ("email", "hash:3", "no way to mask"),
        ("email", "truncate", "no way to mask"),
        ("email", "truncate:0", "no way to mask"),
        ("email", "truncate:²", "no way to mask"),
        ("email", "truncate:9999", "no way to mask"),
        ("email", "truncate:year", "no way to mask"),
        ("color", "truncate:3", "no text that can be cut"),
        ("credit", "truncate:3", "no text that can be cut"),
        ("gender", "truncate:3", "no text that can be cut"),
        ("signup_token", "truncate:3", "no text that can be cut"),
        ("birthday", "truncate:3", "truncate:year or truncate:month"),
        ("email", "no-name", "no link to one record"),
        ("category_id", "no-name", "no link to one record"),
        ("emial", "hash", "did you mean 'email'"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(name, text, says):
    with pytest.raises(InputError, match=says):
        masking.check(PERSON, name, text)


@given(st.text(max_size=12))
def test_any_text_is_a_mask_or_refused(text: str):
    try:
        mask = parse(text, PERSON.fields["email"], KEY)
    except InputError:
        return
    assert parse(str(mask), PERSON.fields["email"], KEY) == mask


def made(*texts: str) -> dict[str, Mask]:
    pairs = (text.split("=") for text in texts)
    return {name: parse(how, PERSON.fields[name], KEY) for name, how in pairs}


@pytest.mark.feature("S2.37")
def test_columns_under_masks():
    masks = made(
        "name=drop", "email=hash", "birthday=truncate:year", "gender=hash", "parent_id=hash",
        "country_id=no-name", "category_id=hash", "signup_token=hash", "color=hash",
    )  # fmt: skip
    schema = columns(PERSON, masks=masks)
    assert not {"name", "gender__label", "parent_id__name", "country_id__name"} & set(schema.names)
    types = {name: str(schema.field(name).type) for name in schema.names}
    assert types["email"] == types["gender"] == types["parent_id"] == types["color"] == "string"
    assert types["birthday"] == "date32[day]"
    assert types["country_id"] == "int64"
    assert types["category_id"] == "list<item: string>"
    notes = schema.field("email").metadata
    assert notes[b"odoo.mask"] == b"hash"
    assert notes[b"odoo.mask_key"] == hashlib.sha256(KEY).hexdigest()[:8].encode()
    assert b"odoo.mask" not in (schema.field("active").metadata or {})
    row = {
        "id": 1, "name": "Canary", "email": "canary@example.com", "birthday": "1999-12-31", "gender": "f",
        "parent_id": 7, "country_id": 3, "category_id": [2], "signup_token": "canary", "color": 4,
    }  # fmt: skip
    (shown,) = to_batch(
        [row], PERSON, masks=masks, names={"res.partner": {7: "Canary"}, "res.country": {3: "Canary"}}
    ).to_pylist()
    assert "anary" not in str(shown)
    assert shown["country_id"] == 3
    assert shown["signup_token"] == "********"
    assert shown["birthday"] == date(1999, 1, 1)


def test_odd_values_of_masked_fields_are_counted_and_never_shown():
    changes = Changes()
    row = {"id": 1, "birthday": "canary", "email": ["canary"], "color": "canary"}
    masks = made("birthday=truncate:year", "email=hash", "color=hash")
    batch = to_batch([row], PERSON, ["birthday", "email", "color"], masks=masks, changes=changes)
    assert len(changes) == 3
    assert "canary" not in str(changes.to_json()) + str(changes.sentences()) + str(batch.to_pylist())


def test_a_mask_does_not_show_its_key():
    assert KEY.hex() not in repr(HASH)
    assert repr(KEY) not in repr(HASH) + repr(plan(PERSON, ["email"], masks=made("email=hash")))
    with pytest.raises(ValueError, match="needs a key"):
        apply(Mask(kind="hash"), pa.array(["a"]))


def test_masks_are_suggested_for_personal_data():
    suggested = masking.suggest(PERSON)
    assert suggested["name"] == suggested["email"] == "hash"
    assert suggested["birthday"] == "truncate:year"
    assert suggested["street"] == suggested["gender"] == "drop"
    assert suggested["parent_id"] == "no-name"
    assert not {"id", "write_date", "credit", "country_id"} & set(suggested)
    for name, text in suggested.items():
        masking.check(PERSON, name, text)
