"""Tables are compared with Odoo after each run, and what was tampered with is found and mended."""

from __future__ import annotations

import pytest

VERSIONS = pytest.mark.parametrize("yard", ["19.0", "17.0"], indirect=True)


def newest_write(rows) -> dict:
    return {number: row["write_date"] for number, row in rows.items()}


@VERSIONS
@pytest.mark.feature("S2.14", "S2.15")
def test_a_small_table_is_proved_at_once(yard):
    stream = yard.add("res.partner", fields=["name", "write_date"])
    run = yard.sync(stream)
    assert run.proof["level"] == "deep"
    assert run.proof["equal"] is True
    assert run.proof["odoo_count"] == run.proof["table_count"] > 0
    assert run.proof["repaired"] == 0
    assert run.proof["oldest_range_checked_at"]
    (one,) = yard.proved(stream)
    assert one.odoo_checksum == one.table_checksum
    assert one.odoo_count == one.table_count > 0


@VERSIONS
@pytest.mark.feature("S2.14")
def test_a_table_tampered_with_is_mended_by_the_next_run(yard):
    stream = yard.add("res.partner", fields=["name", "write_date"])
    yard.sync(stream)
    before = yard.rows(stream, "name", "write_date")
    oldest = sorted(before)[:3]
    stamp = before[oldest[0]]["write_date"].replace(year=2001)
    yard.tamper(stream, [{"id": oldest[0], "name": "Other", "write_date": stamp}])
    yard.odoo.create("res.partner", [{"name": "Something to read"}])
    run = yard.sync(stream)
    assert run.state == "succeeded"
    assert run.proof["repaired"] == 1
    assert run.proof["equal"] is True
    assert any(remark.startswith("1 record of ids 0-16,383 differed from Odoo") for remark in run.remarks)
    after = yard.rows(stream, "name", "write_date")
    assert {number: after[number] for number in before} == before
    assert yard.sync(stream).proof["repaired"] == 0
