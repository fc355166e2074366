"""Grouped reads: labels, ranges, domains, totals, order, page and gaps, as each version answers."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.orm import periods
from towpath.sandbox.odoo_server.orm.domain_text import normal


def leads(env: Env) -> list[int]:
    rows = [
        {"name": "a", "expected_revenue": 10, "date_deadline": "2031-01-05", "priority": "1", "color": 1},
        {"name": "b", "expected_revenue": 20, "date_deadline": "2031-01-20", "priority": "2", "color": 1},
        {"name": "c", "expected_revenue": 30, "date_deadline": "2031-04-01", "priority": "1", "color": 2},
        {"name": "d", "expected_revenue": 40, "priority": "3", "color": 2},
    ]
    return list(env["crm.lead"].create([{"type": "lead", **row} for row in rows]).ids)


def test_read_group_by_month_has_label_range_and_domain(env: Env) -> None:
    ids = leads(env)
    rows = env["crm.lead"].read_group([("id", "in", ids)], ["expected_revenue"], ["date_deadline:month"])
    assert [row["date_deadline:month"] for row in rows] == ["January 2031", "April 2031", False]
    assert [row["expected_revenue"] for row in rows] == [30.0, 30.0, 40.0]
    assert rows[0]["__range"] == {"date_deadline:month": {"from": "2031-01-01", "to": "2031-02-01"}}
    assert rows[2]["__range"] == {"date_deadline:month": False}
    bounds = [["date_deadline", ">=", "2031-01-01"], ["date_deadline", "<", "2031-02-01"]]
    head: list[Any] = [["id", "in", ids]]
    expected = ["&", "&", *head, *bounds] if env.is19 else ["&", *head, "&", *bounds]
    assert rows[0]["__domain"] == expected


def test_the_domain_of_a_group_finds_its_records(env: Env) -> None:
    ids = leads(env)
    for by in ("priority", "date_deadline:week", "color", "stage_id", "active", "tag_ids", "user_id"):
        rows = env["crm.lead"].read_group([("id", "in", ids)], [], [by])
        for row in rows:
            count = row[f"{by.split(':')[0]}_count"]
            assert env["crm.lead"].with_context(active_test=False).search_count(row["__domain"]) == count


def test_eager_groups_and_named_totals(env: Env) -> None:
    ids = leads(env)
    wanted = ["expected_revenue:max", "least:min(expected_revenue)", "color:array_agg"]
    rows = env["crm.lead"].read_group([("id", "in", ids)], wanted, ["color", "priority"], lazy=False)
    assert [(row["color"], row["priority"], row["__count"], row["least"]) for row in rows] == [
        ([1], "1", 1, 10.0),
        ([1], "2", 1, 20.0),
        ([2], "1", 1, 30.0),
        ([2], "3", 1, 40.0),
    ]


def test_lazy_groups_say_what_is_left(env: Env) -> None:
    rows = env["crm.lead"].read_group([("id", "in", leads(env))], [], ["priority", "color"])
    assert rows[0]["__context"] == {"group_by": ["color"]}


def test_order_by_a_total_and_page(env: Env) -> None:
    ids = leads(env)
    rows = env["crm.lead"].read_group(
        [("id", "in", ids)], ["expected_revenue"], ["priority"], orderby="expected_revenue desc", limit=2
    )
    assert [row["expected_revenue"] for row in rows] == [40.0, 40.0]
    with pytest.raises(ValueError, match="Order term 'name' is not a valid aggregate nor valid groupby"):
        env["crm.lead"].read_group([("id", "in", ids)], [], ["priority"], orderby="name")


def test_gaps_are_filled_when_asked(env: Env) -> None:
    model = env["crm.lead"].with_context(fill_temporal=True)
    rows = model.read_group([("id", "in", leads(env))], [], ["date_deadline:month"])
    assert [row["date_deadline_count"] for row in rows] == [2, 0, 0, 1, 1]
    model = env["crm.lead"].with_context(fill_temporal={"fill_to": "2031-06-15", "min_groups": 2})
    rows = model.read_group([("id", "in", leads(env))], [], ["date_deadline:month"])
    assert rows[5]["date_deadline:month"] == "June 2031"


def test_stages_without_records_are_shown(env: Env) -> None:
    rows = env["crm.lead"].read_group([("id", "in", leads(env))], ["expected_revenue"], ["stage_id"])
    assert len(rows) == env["crm.stage"].search_count([("team_ids" if env.is19 else "team_id", "=", False)])
    assert rows[-1]["stage_id_count"] == 0
    assert "__fold" in rows[0]


def test_a_period_in_the_users_time_zone(env: Env) -> None:
    made = env["calendar.event"].create(
        {"name": "e", "start": "2031-03-31 23:30:00", "stop": "2031-03-31 23:45:00"}
    )
    model = env["calendar.event"].with_context(tz="Europe/Brussels")
    [row] = model.read_group([("id", "=", made.id)], ["duration:sum"], ["start:month"])
    assert row["start:month"] == "April 2031"
    assert row["__range"]["start:month"] == {"from": "2031-03-31 22:00:00", "to": "2031-04-30 22:00:00"}


def test_properties_are_grouped_by_value(env: Env) -> None:
    definition = [{"name": "kind", "type": "char", "string": "Kind"}]
    project = env["project.project"].create({"name": "p", "task_properties_definition": definition})
    rows = [
        {"name": str(n), "project_id": project.id, "task_properties": {"kind": "xxy"[n]}} for n in range(3)
    ]
    env["project.task"].create(rows)
    found = env["project.task"].read_group([("project_id", "=", project.id)], [], ["task_properties.kind"])
    assert [(row["task_properties.kind"], row["task_properties.kind_count"]) for row in found] == [
        ("x", 2),
        ("y", 1),
    ]


def test_bad_terms_are_refused(env: Env) -> None:
    model = env["crm.lead"]
    for by, text in (
        (["nope"], "Invalid field 'nope' on model 'crm.lead'"),
        (["date_deadline:decade"], "Granularity specification isn't correct: 'decade'"),
        (["name:month"], "Granularity set on a no-datetime field or property: 'name:month'"),
        (["partner_id.name"], "Property name 'name' has to be used on a property field."),
    ):
        with pytest.raises(ValueError, match=text):
            model.read_group([], [], by)


def test_formatted_groups_and_conditions_on_totals(env19: Env) -> None:
    domain = [("id", "in", leads(env19))]
    model = env19["crm.lead"]
    rows = model.formatted_read_group(domain, ["color"], ["__count", "id:recordset", "expected_revenue:avg"])
    assert [list(row) for row in rows] == [
        ["color", "__extra_domain", "__count", "id:array_agg", "expected_revenue:avg"]
    ] * 2
    having = ["|", ["expected_revenue:sum", ">", 60], ["__count", "in", [7]]]
    assert [
        row["color"] for row in model.formatted_read_group(domain, ["color"], ["__count"], having=having)
    ] == [2]
    [row] = model.formatted_read_group(domain, [], ["__count"])
    assert row == {"__extra_domain": [[1, "=", 1]], "__count": 4}
    with pytest.raises(ValueError, match="Granularity not set on a date"):
        model.formatted_read_group(domain, ["date_deadline"], ["__count"])
    with pytest.raises(AssertionError):
        model.formatted_read_group(domain)


def test_unfolded_groups_carry_records(env19: Env) -> None:
    answer = env19["crm.lead"].web_read_group(
        [("id", "in", leads(env19))],
        ["color", "priority"],
        ["expected_revenue:sum"],
        auto_unfold=True,
        unfold_read_specification={"name": {}},
    )
    assert answer["length"] == 2
    inner = answer["groups"][0]["__groups"]
    assert [[one["name"] for one in group["__records"]] for group in inner["groups"]] == [["a"], ["b"]]


def test_web_read_group_of_17_counts_beyond_the_page(env17: Env) -> None:
    answer = env17["crm.lead"].web_read_group([("id", "in", leads(env17))], [], ["priority"], limit=2)
    assert (len(answer["groups"]), answer["length"]) == (2, 3)


def test_progress_bars_count_colours(env: Env) -> None:
    bar = {"field": "priority", "colors": {"1": "a", "2": "b"}}
    found = env["crm.lead"].read_progress_bar([("id", "in", leads(env))], "color", bar)
    assert found == {"1": {"1": 1, "2": 1}, "2": {"1": 1, "2": 0}}


@given(st.integers(1990, 2090), st.sampled_from(["month", "quarter", "year"]))
def test_periods_follow_each_other(year: int, span: str) -> None:
    start = date(year, 1, 1)
    seen = [start]
    while seen[-1].year == start.year:
        following = periods.end_of(seen[-1], span)
        assert following > seen[-1]
        seen.append(following)
    assert seen[-1] == date(start.year + 1, 1, 1)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_week_has_one_number(day: date) -> None:
    class Monday:
        is19 = True
        lang = "xx"

        class transaction:  # noqa: N801 - stands for an object
            memory = {("week_start", "xx"): 7}  # noqa: RUF012 - as the engine keeps it

    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    labels = {periods.label(Monday(), sunday + timedelta(days=n), "week") for n in range(7)}  # type: ignore[arg-type]  # enough of an environment
    assert len(labels) == 1


leaf = st.just(("a", "=", 1))
tree = st.recursive(
    leaf.map(lambda one: [one]),
    lambda inner: st.one_of(
        inner.map(lambda one: ["!", *one]),
        st.tuples(st.sampled_from("&|"), inner, inner).map(lambda three: [three[0], *three[1], *three[2]]),
    ),
    max_leaves=8,
)


@given(st.lists(tree, min_size=1, max_size=4))
def test_an_implicit_and_is_written_out(parts: list[list[Any]]) -> None:
    flat = [token for part in parts for token in part]
    found = normal(flat)
    assert found == ["&"] * (len(parts) - 1) + [list(one) if isinstance(one, tuple) else one for one in flat]
