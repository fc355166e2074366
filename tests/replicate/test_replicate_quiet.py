"""When a stream counts as quiet: a property of two sights, whatever they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate import idle
from towpath.features.replicate.probe import Figures

OVERLAP = timedelta(minutes=15)

seconds = st.integers(-7200, 7200)
figures = st.builds(
    Figures,
    count=st.integers(0, 2),
    id_sum=st.integers(0, 2),
    max_id=st.integers(0, 2),
    newest=st.none() | st.builds(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s), seconds),
)


@pytest.mark.feature("S1.23")
@given(was=figures, now=figures, age=seconds, fields=st.sampled_from(["a", "b", None]))
def test_quiet_means_that_nothing_can_have_changed(was, now, age, fields):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    before = idle.Sight(at=at, figures=was, fields="a", sequence=3)
    after = idle.Sight(at=at + timedelta(seconds=age), figures=now, fields=fields)
    if idle.quiet(before, after, OVERLAP):
        assert was == now
        assert fields == "a"
        assert 0 <= age < 3600
        assert was.newest is None or at - was.newest > OVERLAP
    assert idle.Sight.from_json(before.to_json()) == before
