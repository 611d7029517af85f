"""The firm's calendar against days counted one by one, and the worked numbers of fiscal years."""

from __future__ import annotations

import calendar as std
import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl.model.calendar import CALENDAR_YEAR, Calendar, WeekYears
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.periods import key, starts_on, unsettled

DAY = dt.timedelta(days=1)
RETAIL = Calendar(2, by_start=True, weeks=WeekYears((4, 5, 4), 5, nearest=True))
SEPTEMBER = Calendar(10, weeks=WeekYears((4, 4, 5), 5))


def _year_end(year: int, month: int, weekday: int, *, nearest: bool) -> dt.date:
    """The last day of a year of weeks, by walking over the days."""
    last = dt.date(year, month, std.monthrange(year, month)[1])
    back = last
    while back.weekday() != weekday:
        back -= DAY
    ahead = last
    while ahead.weekday() != weekday:
        ahead += DAY
    return ahead if nearest and ahead - last < last - back else back


def _periods(name: int, month: int, weeks: WeekYears, *, by_start: bool) -> list[tuple[dt.date, dt.date, int]]:
    """First day, last day and weeks of each period of a fiscal year."""
    end = name + 1 if by_start and month != 12 else name
    begin = _year_end(end - 1, month, weeks.weekday, nearest=weeks.nearest) + DAY
    stop = _year_end(end, month, weeks.weekday, nearest=weeks.nearest)
    lengths = [*weeks.pattern] * 4
    if (stop - begin).days + 1 == 53 * 7:
        lengths[weeks.extra - 1] += 1
    found = []
    for length in lengths:
        found.append((begin, begin + (7 * length - 1) * DAY, length))
        begin += 7 * length * DAY
    assert found[-1][1] == stop
    return found


@pytest.mark.parametrize("pattern", [(4, 4, 5), (4, 5, 4), (5, 4, 4)])
@pytest.mark.parametrize(("month", "weekday", "nearest", "by_start", "extra"), [(1, 5, True, True, 12), (9, 5, False, False, 3), (12, 6, True, False, 12), (6, 4, False, True, 6)])  # fmt: skip
def test_weeks_are_counted_by_brute_force_over_sixty_years(pattern: tuple[int, int, int], month: int, weekday: int, extra: int, *, nearest: bool, by_start: bool) -> None:  # fmt: skip
    weeks = WeekYears(pattern, weekday, nearest, extra)
    calendar = Calendar(month % 12 + 1, by_start, weeks)
    for name in range(1995, 2055):
        first = 12 * calendar.year_named(name)
        expected = _periods(name, month, weeks, by_start=by_start)
        periods = np.arange(first, first + 12)
        assert [to_date(day) for day in calendar.starts(periods)] == [begin for begin, _, _ in expected]
        assert calendar.weeks_of(periods).tolist() == [length for _, _, length in expected]
        days = np.arange(to_days(expected[0][0]), to_days(expected[-1][1]) + 1)
        counted = [i for i, (_, _, length) in enumerate(expected) for _ in range(7 * length)]
        assert (calendar.period_of(days) - first).tolist() == counted


def test_years_of_53_weeks_are_those_of_the_retail_federation() -> None:
    long = [year for year in range(2000, 2031) if RETAIL.length(12 * year, 12) == 53 * 7]
    assert long == [2000, 2006, 2012, 2017, 2023, 2028]
    at = np.arange(12 * 2023, 12 * 2024)
    assert RETAIL.weeks_of(at).tolist() == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]
    assert [str(to_date(day)) for day in RETAIL.starts(np.array([12 * 2023, 12 * 2024, 12 * 2026, 12 * 2027]))] == ["2023-01-29", "2024-02-04", "2026-02-01", "2027-01-31"]  # fmt: skip
    ending = [year for year in range(2010, 2031) if SEPTEMBER.length(12 * (year - 1), 12) == 53 * 7]
    assert ending == [2012, 2017, 2023, 2028]


@pytest.mark.parametrize(
    ("day", "calendar", "names"),
    [
        ("2027-01-20", Calendar(2), ("FY27", "Q4 FY27", 12)),
        ("2026-01-01", Calendar(10), ("FY26", "Q2 FY26", 4)),
        ("2025-12-31", Calendar(10), ("FY26", "Q1 FY26", 3)),
        ("2026-03-31", Calendar(4, by_start=True), ("FY25", "Q4 FY25", 12)),
        ("2026-03-31", Calendar(4), ("FY26", "Q4 FY26", 12)),
        ("2026-06-30", CALENDAR_YEAR, ("2026", "Q2 2026", 6)),
        ("2025-12-27", SEPTEMBER, ("FY26", "Q1 FY26", 3)),
        ("2025-12-28", SEPTEMBER, ("FY26", "Q2 FY26", 4)),
        ("2026-03-31", SEPTEMBER, ("FY26", "Q3 FY26", 7)),
    ],
)
def test_a_day_has_its_fiscal_year_quarter_and_period(day: str, calendar: Calendar, names: tuple[str, str, int]) -> None:  # fmt: skip
    at = int(calendar.period_of(np.array([to_days(dt.date.fromisoformat(day))]))[0])
    assert (calendar.year_name(at // 12), calendar.quarter_name(at // 3), at % 12 + 1) == names


@given(st.integers(1, 12), st.booleans(), st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31)))
def test_years_of_months_are_counted_from_their_start(start: int, by_start: bool, day: dt.date) -> None:  # noqa: FBT001
    calendar = Calendar(start, by_start)
    begins = day.year if day.month >= start else day.year - 1
    place = (day.month - start) % 12
    at = int(calendar.period_of(np.array([to_days(day)]))[0])
    assert at == 12 * begins + place
    assert calendar.year_named(begins if by_start or start == 1 else begins + 1) == begins
    begin, after = (to_date(each) for each in calendar.starts(np.array([at, at + 1])))
    assert begin is not None
    assert after is not None
    assert begin == day.replace(day=1)
    assert (after - DAY).month == day.month


@pytest.mark.parametrize(
    ("text", "days"),
    [
        *((text, ("2026-01-01", "2026-03-31")) for text in ("FY26-Q2", "FY26 Q2", "Q2 FY26", "2026-Q2", "2Q26", "Q2'26", "fy2026.q2", "FY26 2Q")),
        ("P7 FY26", ("2026-04-01", "2026-04-30")),
        ("FY26 P7", ("2026-04-01", "2026-04-30")),
        ("H1 FY26", ("2025-10-01", "2026-03-31")),
        ("FY26", ("2025-10-01", "2026-09-30")),
        ("FY25/26", ("2025-10-01", "2026-09-30")),
        ("FY2025-26", ("2025-10-01", "2026-09-30")),
        ("2025-26", ("2025-10-01", "2026-09-30")),
        ("Nov FY26", ("2025-11-01", "2025-11-30")),
        ("FY26 Nov", ("2025-11-01", "2025-11-30")),
        ("Nov 2025", ("2025-11-01", "2025-11-30")),
        ("2025-11", ("2025-11-01", "2025-11-30")),
        ("11/2025", ("2025-11-01", "2025-11-30")),
    ],
)  # fmt: skip
def test_names_are_read_in_the_firms_calendar(text: str, days: tuple[str, str]) -> None:
    calendar = Calendar(10, said=True)
    found = key(text, calendar)
    assert found is not None
    lengths = {"Y": 12, "H": 6, "Q": 3, "M": 1}
    first = 12 * found[1] + (found[2] - 1) * lengths[found[0]]
    edges = calendar.starts(np.array([first, first + lengths[found[0]]]))
    assert (str(to_date(edges[0])), str(to_date(edges[1] - 1))) == days
    assert not unsettled([text], calendar, 10)


@pytest.mark.parametrize(
    ("texts", "calendar", "month", "says"),
    [
        (["M7 2026"], Calendar(10, said=True), 10, "month 7 of the fiscal year"),
        (["CY26 Q1"], Calendar(10, said=True), 10, "calendar year"),
        (["2026-Q1"], Calendar(10, said=True, bare_is_fiscal=False), 10, "without FY"),
        (["FY25/27"], Calendar(10, said=True), 10, "do not follow"),
        (["FY25/26"], Calendar(1, said=True), 1, "starts in January"),
        (["FY25/26"], CALENDAR_YEAR, None, "not said"),
        (["FY26-Q4"], CALENDAR_YEAR, 10, "not said"),
        (["FY26 Q1", "2026-Q2"], CALENDAR_YEAR, None, "two ways"),
        (["W53 FY26"], SEPTEMBER, None, "has 52 weeks"),
    ],
)
def test_names_with_two_readings_are_told(texts: list[str], calendar: Calendar, month: int | None, says: str) -> None:
    (found,) = unsettled(texts, calendar, month)
    assert says in found[1]
    assert found[2]


def test_other_texts_are_no_periods() -> None:
    for text in ("Q5 FY26", "FY26 P13", "soon", "FY26 Q0", "13/2026"):
        assert key(text, Calendar(10)) is None


def test_weeks_of_a_fiscal_year_are_counted_from_its_first_day() -> None:
    days = [starts_on(found, SEPTEMBER) for n in range(1, 53) if (found := key(f"W{n} FY26", SEPTEMBER)) is not None]
    assert len(days) == 52
    assert {b - a for a, b in pairwise(days)} == {7.0}
    assert abs(days[0] - to_days(dt.date(2025, 9, 28))) <= 6
