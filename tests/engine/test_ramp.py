"""Seats: presence and ramp against counting days, and the worked example of the source."""

from __future__ import annotations

import calendar
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl import cascade
from revops_xl.engine.planning.ramp import after, capacity_plan, seat_capacity
from revops_xl.model.money import Unit
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.seats import Seats, Tier

EPOCH = dt.date(1970, 1, 1)
YEAR = PlanPeriod(2027 * 12, 12)
#: The tiers of the source.
TIERS = (
    Tier("Enterprise", 1.0, ((0.0, 0.5), (6.0, 1.0))),
    Tier("Mid-Market", 0.6, ((0.0, 0.7), (4.0, 1.0))),
    Tier("SMB", 0.3, ((0.0, 0.8), (3.0, 1.0))),
)


def days(day: dt.date | None) -> float:
    return np.nan if day is None else float((day - EPOCH).days)


def seats(*rows: tuple[int, dt.date | None, dt.date | None], tiers: tuple[Tier, ...] = TIERS) -> Seats:
    return Seats(
        tiers,
        np.array([row[0] for row in rows], dtype=np.int32),
        np.ones(len(rows)),
        np.array([days(row[1]) for row in rows]),
        np.array([days(row[2]) for row in rows]),
        np.ones(len(rows)),
    )


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def by_days(tier: Tier, start: dt.date | None, end: dt.date | None, period: PlanPeriod) -> tuple[float, float]:
    """Present and productive, one day after the other."""
    present = productive = 0.0
    for number in range(period.months):
        year, month = divmod(period.first + number, 12)
        length = calendar.monthrange(year, month + 1)[1]
        for date in (dt.date(year, month + 1, day + 1) for day in range(length)):
            if (start is not None and date < start) or (end is not None and date > end):
                continue
            factor = tier.steps[-1][1]
            if start is not None:
                factor = [f for months, f in tier.steps if date >= months_later(start, int(months))][-1]
            present += 1 / length / period.months
            productive += factor / length / period.months
    return present, productive


@given(
    start=st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)),
    length=st.none() | st.integers(0, 900),
    steps=st.lists(st.integers(1, 20), max_size=4, unique=True),
    factors=st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.75, 1.0]), min_size=5, max_size=5),
    first=st.integers(0, 11),
    months=st.integers(1, 12),
)
def test_every_day_counts(
    start: dt.date | None, length: int | None, steps: list[int], factors: list[float], first: int, months: int
) -> None:
    end = None if length is None else (start or dt.date(2026, 6, 1)) + dt.timedelta(days=length)
    tier = Tier("T", 2.0, tuple(zip([0.0, *map(float, sorted(steps))], factors, strict=False)))
    period = PlanPeriod(2027 * 12 + first, months)
    found = seat_capacity(seats((0, start, end), tiers=(tier,)), period)
    present, productive = by_days(tier, start, end, period)
    assert found.present[0] == pytest.approx(present, abs=1e-9)
    assert found.effective[0] == pytest.approx(2 * productive, abs=1e-9)
    if present:
        assert found.ramp[0] == pytest.approx(productive / present, abs=1e-9)


def test_the_source_by_hand() -> None:
    """Two full quarters of ramp for an Enterprise seat that starts with the year; a quarter for SMB."""
    new_year = dt.date(2027, 1, 1)
    found = seat_capacity(seats((0, new_year, None), (1, new_year, None), (2, new_year, None), (0, None, None)), YEAR)
    assert found.ramp.tolist() == pytest.approx([0.75, 0.9, 0.95, 1.0])
    assert found.weighted.tolist() == [1.0, 0.6, 0.3, 1.0]
    assert found.effective.tolist() == pytest.approx([0.75, 0.54, 0.285, 1.0])
    assert found.months.tolist()[:3] == [0, 0, 0]


def test_joiners_and_leavers_by_hand() -> None:
    rows = seats((2, dt.date(2027, 7, 1), None), (2, dt.date(2020, 1, 1), dt.date(2027, 3, 31)), (2, dt.date(2020, 1, 1), dt.date(2026, 12, 31)))  # fmt: skip
    found = seat_capacity(rows, YEAR)
    assert found.present.tolist() == pytest.approx([0.5, 0.25, 0.0])
    assert found.ramp.tolist() == pytest.approx([0.9, 1.0, 1.0])  # three months of 0.8, three of 1


def test_a_published_curve_of_six_quarters() -> None:
    """20/30/50/65/70/95 %: a seat that starts with the year brings the mean of the first four."""
    curve = tuple((3.0 * i, factor) for i, factor in enumerate((0.2, 0.3, 0.5, 0.65, 0.7, 0.95, 1.0)))
    found = seat_capacity(seats((0, dt.date(2027, 1, 1), None), tiers=(Tier("E", 1.0, curve),)), YEAR)
    assert found.ramp[0] == pytest.approx((0.2 + 0.3 + 0.5 + 0.65) / 4)


def test_days_that_a_month_does_not_have() -> None:
    assert after(np.array([days(dt.date(2027, 8, 31)), np.nan]), 6).tolist()[0] == days(dt.date(2028, 2, 29))


def test_gap_and_spreading_again() -> None:
    """Target 1,900 over one ramped Enterprise, one new Enterprise and one SMB off for half the year."""
    team = pd.DataFrame({"C": ["A"] * 3, "IC": ["Ann", "Bob", "Cy"], "Q1_Attainment": [1.0, 1, 1]})
    plan = cascade(team, 2300, levels=["C", "IC"]).plan
    rows = seats((0, None, None), (0, dt.date(2027, 1, 1), None), (2, None, dt.date(2027, 6, 30)))
    capacity = seat_capacity(rows, YEAR)
    gated = np.zeros(4, dtype=bool)
    found = capacity_plan(plan.inputs.tree, capacity, 2300, Unit.of(0.01), gated, spread_again=False)
    assert found.full.tolist() == [1000, 1000, 300]
    assert found.productive.tolist() == [1000, 750, 150]
    assert found.gap == 400
    assert found.quota.tolist() == found.productive.tolist()
    again = capacity_plan(plan.inputs.tree, capacity, 2300, Unit.of(0.01), gated, spread_again=True)
    assert again.quota.sum() == 2300
    assert again.quota.tolist() == pytest.approx([2300 / 1.9, 2300 * 0.75 / 1.9, 2300 * 0.15 / 1.9], abs=0.01)
    assert again.gap == 400  # what nobody can carry stays said
