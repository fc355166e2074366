"""Schedules: what comes next, over changes of the clock, in any time zone; and in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import InputError
from towpath.features.replicate import schedule
from towpath.features.replicate.schedule import Cron, Daily, Every

ZONES = ["UTC", "Africa/Lagos", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]
zones = st.sampled_from(ZONES)
moments = st.integers(1_230_000_000, 1_920_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
schedules = st.one_of(
    st.builds(
        Every,
        seconds=st.one_of(st.integers(10, 200_000), st.integers(1, 30).map(lambda n: n * 86_400)),
        anchor=moments.map(lambda m: m.replace(microsecond=0)),
        tz=zones,
    ),
    st.builds(Daily, times=st.lists(clocks, min_size=1, max_size=4).map(lambda t: tuple(sorted(set(t)))), tz=zones),
    st.builds(
        Cron,
        text=st.sampled_from(["*/5 * * * *", "0 6 * * 1-5", "30 1,2 * * *", "15 */2 1 * *", "0 0 * * 0", "59 23 L * *"]),
        tz=zones,
    ),
)  # fmt: skip


@pytest.mark.feature("S0.14", "S2.17")
@given(schedules, moments, st.integers(0, 400_000))
def test_the_next_time_is_later_and_never_goes_back(plan, moment: datetime, more: int):
    following = plan.next_after(moment)
    assert following > moment
    assert following.tzinfo is UTC
    later = moment + timedelta(seconds=more)
    assert plan.next_after(later) >= following
    if later < following:
        assert plan.next_after(later) == following, "nothing lies between"
    assert schedule.from_json(plan.to_json()) == plan


@pytest.mark.feature("S0.14", "S2.17")
@given(st.integers(1, 30), moments, zones, moments)
def test_whole_days_keep_the_time_of_the_day(days: int, anchor: datetime, tz: str, moment: datetime):
    here = ZoneInfo(tz)
    plan = Every(seconds=days * 86_400, anchor=anchor.replace(microsecond=0), tz=tz)
    following = plan.next_after(max(moment, plan.anchor))
    wanted = plan.anchor.astimezone(here).time()
    shown = following.astimezone(here)
    skipped = _skipped(datetime.combine(shown.date(), wanted), here) or _after_a_gap(following, here)
    assert shown.time() == wanted or skipped
    assert (shown.date() - plan.anchor.astimezone(here).date()).days % days == 0 or skipped


def _skipped(wall: datetime, here: ZoneInfo) -> bool:
    return wall.replace(tzinfo=here).astimezone(UTC).astimezone(here).replace(tzinfo=None) != wall


def _after_a_gap(moment: datetime, here: ZoneInfo) -> bool:
    """Whether clocks were set forward just before."""
    before = (moment - timedelta(seconds=1)).astimezone(here)
    return moment.astimezone(here).utcoffset() > before.utcoffset()


@pytest.mark.feature("S2.17")
@given(st.integers(10, 86_399), moments, moments)
def test_shorter_lengths_do_not_drift(seconds: int, anchor: datetime, moment: datetime):
    plan = Every(seconds=seconds, anchor=anchor)
    following = plan.next_after(moment)
    assert (following - anchor) % timedelta(seconds=seconds) == timedelta(0)
    assert following - max(moment, anchor) <= timedelta(seconds=seconds) or following == anchor


fields = st.tuples(
    st.one_of(st.just("*"), st.integers(0, 59).map(str), st.integers(2, 30).map(lambda n: f"*/{n}")),
    st.one_of(st.just("*"), st.integers(0, 23).map(str), st.just("8-17")),
    st.one_of(st.just("*"), st.integers(1, 28).map(str)),
    st.one_of(st.just("*"), st.integers(1, 12).map(str)),
    st.one_of(st.just("*"), st.integers(0, 6).map(str), st.just("1-5")),
)


def _fits(text: str, value: int, least: int) -> bool:
    if text == "*":
        return True
    if text.startswith("*/"):
        return (value - least) % int(text[2:]) == 0
    low, _, high = text.partition("-")
    return int(low) <= value <= int(high or low)


def _matches(parts: tuple[str, ...], at: datetime) -> bool:
    minute, hour, day, month, weekday = parts
    days = [_fits(day, at.day, 1), _fits(weekday, at.isoweekday() % 7, 0)]
    # Where both are given one is enough: so has cron always been.
    right_day = all(days) if "*" in (day, weekday) else any(days)
    return _fits(minute, at.minute, 0) and _fits(hour, at.hour, 0) and _fits(month, at.month, 1) and right_day


@pytest.mark.feature("S2.17")
@given(fields, moments)
def test_cron_agrees_with_trying_every_minute(parts: tuple[str, ...], moment: datetime):
    following = Cron(text=" ".join(parts)).next_after(moment)
    assert _matches(parts, following)
    at = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(3000):
        if at == following:
            break
        assert not _matches(parts, at)
        at += timedelta(minutes=1)


def times(plan, begin: str, count: int) -> list[str]:
    """The next times in UTC."""
    at, found = datetime.fromisoformat(begin).replace(tzinfo=UTC), []
    for _ in range(count):
        at = plan.next_after(at)
        found.append(f"{at:%d %H:%M}")
    return found


@pytest.mark.feature("S0.14", "S2.17")
@pytest.mark.parametrize(
    "plan", [Daily(times=("02:30",), tz="America/New_York"), Cron(text="30 2 * * *", tz="America/New_York")]
)
def test_a_time_that_a_day_does_not_have_runs_right_after_the_gap(plan):
    # 2026-03-08: at 02:00 it is 03:00.
    assert times(plan, "2026-03-07T00:00", 3) == ["07 07:30", "08 07:00", "09 06:30"]


@pytest.mark.feature("S0.14", "S2.17")
@pytest.mark.parametrize(
    "plan", [Daily(times=("01:30",), tz="America/New_York"), Cron(text="30 1 * * *", tz="America/New_York")]
)
def test_a_time_that_comes_twice_runs_once(plan):
    # 2026-11-01: at 02:00 it is 01:00 again.
    assert times(plan, "2026-10-31T00:00", 3) == ["31 05:30", "01 05:30", "02 06:30"]
    assert times(plan, "2026-11-01T06:10", 1) == ["02 06:30"], "in the hour that comes for the second time"


@pytest.mark.feature("S0.14", "S2.17")
@pytest.mark.parametrize(
    "plan",
    [
        Cron(text="30 2 * * 0", tz="Europe/Brussels"),
        Every(seconds=7 * 86_400, anchor=datetime(2026, 3, 15, 1, 30, tzinfo=UTC), tz="Europe/Brussels"),
    ],
    ids=["cron", "every"],
)
def test_weeks_keep_to_the_clock_on_the_wall_over_both_changes(plan):
    # Brussels, 2026-03-29: at 02:00 it is 03:00. 2026-10-25: at 03:00 it is 02:00 again.
    assert times(plan, "2026-03-16T00:00", 3) == ["22 01:30", "29 01:00", "05 00:30"]
    assert times(plan, "2026-10-12T00:00", 3) == ["18 00:30", "25 00:30", "01 01:30"]
    assert times(plan, "2026-10-25T01:00", 1) == ["01 01:30"], "in the hour that comes for the second time"


@pytest.mark.feature("S0.14", "S2.17")
def test_many_times_of_a_day_in_a_gap_run_once_after_it():
    # Two times that the day does not have, and one right after them.
    plan = Daily(times=("02:10", "02:50", "03:00", "03:20"), tz="America/New_York")
    assert times(plan, "2026-03-08T00:00", 3) == ["08 07:00", "08 07:20", "09 06:10"]
    # Of times around the hour that comes twice each is there once, in order.
    around = Daily(times=("00:50", "01:10", "01:50", "02:10"), tz="America/New_York")
    assert times(around, "2026-11-01T00:00", 5) == [
        "01 04:50",
        "01 05:10",
        "01 05:50",
        "01 07:10",
        "02 05:50",
    ]


@pytest.mark.feature("S0.14", "S2.17")
def test_a_day_that_does_not_exist():
    # Samoa went from 29 to 31 December 2011.
    assert times(Daily(times=("06:00",), tz="Pacific/Apia"), "2011-12-29T12:00", 3) == [
        "29 16:00",
        "30 10:00",
        "30 16:00",
    ]


@pytest.mark.feature("S0.14", "S2.17")
@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (schedule.every("15m", anchor=datetime(2026, 1, 1, tzinfo=UTC)), "every 15 minutes"),
        (schedule.every("1 hour", anchor=datetime(2026, 1, 1, tzinfo=UTC)), "every hour"),
        (schedule.every("1d", anchor=datetime(2026, 1, 1, 9, 5, tzinfo=UTC), tz="Africa/Lagos"), "every day at 10:05 Africa/Lagos"),
        (schedule.every("2 weeks", anchor=datetime(2026, 1, 1, tzinfo=UTC)), "every 2 weeks on Thursday at 00:00 UTC"),
        (schedule.every("7d", anchor=datetime(2026, 1, 1, 23, 30, tzinfo=UTC), tz="Africa/Lagos"), "every week on Friday at 00:30 Africa/Lagos"),
        (schedule.every("3d", anchor=datetime(2026, 1, 1, tzinfo=UTC)), "every 3 days at 00:00 UTC"),
        (schedule.daily("18:30, 6:00", tz="Africa/Lagos"), "every day at 06:00 and 18:30 Africa/Lagos"),
        (schedule.cron("0 6 * * 1-5", tz="Africa/Lagos"), "weekdays at 06:00 Africa/Lagos"),
        (schedule.cron("0 6 * * mon-fri"), "weekdays at 06:00 UTC"),
        (schedule.cron("0,30 6 * * 1"), "at 06:00 and 06:30 on Monday UTC"),
        (schedule.cron("*/10 * * * *"), "every 10 minutes of the hour"),
        (schedule.cron("0 0 1 * *"), "at 00:00 on the first day of every month UTC"),
    ],
)  # fmt: skip
def test_in_plain_words(plan, words: str):
    assert plan.words() == words


@given(st.text(max_size=20))
def test_any_text_is_a_schedule_or_refused(text: str):
    for make in (
        lambda: schedule.every(text, anchor=datetime(2026, 1, 1, tzinfo=UTC)),
        lambda: schedule.cron(text),
        lambda: schedule.daily(text),
        lambda: schedule.daily("06:00", tz=text),
    ):
        try:
            plan = make()
        except InputError:
            continue
        assert plan.words()
        assert plan.next_after(datetime(2026, 1, 1, tzinfo=UTC))


def test_daily_times_are_in_order_and_once():
    plan = schedule.daily("18:30,6:00,06:00")
    assert [time.fromisoformat(text) for text in plan.times] == [time(6), time(18, 30)]
