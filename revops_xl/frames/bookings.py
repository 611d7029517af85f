"""The public function of the baseline: bookings in, what they support out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from revops_xl.engine.planning.baseline.baseline import baseline as find_baseline
from revops_xl.engine.planning.baseline.baseline import periods_ahead, phase_shares, target_range
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import Given, to_frame
from revops_xl.frames.common.given import check_number
from revops_xl.model.bookings import COMBINED, BaselineRules, BookingsBaseline, TargetRange
from revops_xl.model.bounds import CONFIDENCE, TARGET
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.tables.planning import baseline as baseline_tables
from revops_xl.tables.planning import bookings as booking_tables
from revops_xl.tables.planning import planning as planning_tables
from revops_xl.tables.schema.declare import Table

if TYPE_CHECKING:
    import pandas as pd

from revops_xl.frames.common.periods import Day, months_of, period_of
from revops_xl.frames.common.planning_arguments import check_unusual, typed_loosely


@dataclass(frozen=True, repr=False)
class Baseline:
    """What bookings support.

    Attributes:
        method: What the forecast is made with.
        growth: The next year against the last, as a fraction.
    """

    method: str
    growth: float
    _found: BookingsBaseline
    _range: TargetRange | None
    _period: PlanPeriod

    def __repr__(self) -> str:
        return f"Baseline({self.method!r}, {len(self._found.bookings)} periods, next year {self.growth:+.1%})"

    def _table(self, table: Table) -> pd.DataFrame:
        tables = baseline_tables.render(self._found, self._range, self._period, "Target")
        return to_frame(next(each for each in tables if each.table is table))

    @cached_property
    def periods(self) -> pd.DataFrame:
        """The table BaselineForecast: period, kind, bookings, seasonal_factor, without_season, forecast, low, high, flag."""
        return self._table(baseline_tables.PERIODS)

    @cached_property
    def methods(self) -> pd.DataFrame:
        """The table BaselineMethods: method, error, chosen; empty where the past is too short to try them."""
        return self._table(baseline_tables.METHODS)

    @cached_property
    def target_range(self) -> pd.DataFrame:
        """The table TargetRange in one row; empty without a target."""
        return self._table(baseline_tables.RANGE)

    def shares(self, *, monthly: bool = False) -> list[float]:
        """Part of the plan's period that falls on each of its quarters or months, by season; they add up to 1."""
        if not monthly and not self._period.whole_quarters:
            raise PlanError(
                [Problem("start", "", "the plan is not made of whole calendar quarters", "Ask for months.")]
            )
        return [float(share) for share in phase_shares(self._found, self._period, monthly=monthly)]


def baseline(
    bookings: Given,
    *,
    target: float | None = None,
    start: Day | None = None,
    months: int = 12,
    interval: float = 0.8,
    unusual: str = "keep",
    calendar: Calendar = CALENDAR_YEAR,
) -> Baseline:
    """Season, trend and forecast of bookings, and the target they support.

    Args:
        bookings: One row per quarter or month, two years or more, without gaps: period ("2026-Q1", "2026-03", a date) and
            bookings in currency.
        target: A target to set beside them; None: none.
        start: First day of the plan, the first of a month; None: the period after the last booked one.
        months: How many months the plan covers, 1 to 12.
        interval: Chance that a value lies between low and high.
        calendar: The firm's, from `fiscal_calendar`: FY26-Q1 and 2026-Q1 are quarters of it.
        unusual: "keep": single unusual values count as they are; "replace": as what was expected. Both flag them.

    Raises:
        PlanError: With every problem found.

    Source:
        `revops-xl guide planning`.

    Example:
        >>> import pandas as pd
        >>> quarters = [f"{year}-Q{q}" for year in (2024, 2025, 2026) for q in (1, 2, 3, 4)]
        >>> booked = pd.DataFrame({"period": quarters, "bookings": [90, 100, 95, 115] * 3})
        >>> found = baseline(booked, target=420)
        >>> found.periods.tail(4)[["period", "forecast"]].round()
             period  forecast
        12  2027-Q1      90.0
        13  2027-Q2     100.0
        14  2027-Q3      95.0
        15  2027-Q4     115.0
    """
    problems: list[Problem] = []
    check_number("interval", interval, CONFIDENCE, problems)
    check_unusual("unusual", unusual, problems)
    if target is not None:
        check_number("target", target, TARGET, problems)
    typed = typed_loosely(bookings, booking_tables.BOOKINGS, "bookings", problems)
    if typed is not None:
        typed.calendar = calendar
    booked = booking_tables.parse(typed)
    after = (booked.first + len(booked)) * (12 // booked.season) if booked is not None else 0
    period = (
        period_of(start, months, problems, calendar)
        if start is not None
        else PlanPeriod(after, months_of(months, problems), calendar)
    )
    if booked is not None and period is not None and planning_tables.too_far(booked, period):
        problems.append(
            Problem("start", "", f"the plan is more than {planning_tables.MOST_YEARS_AHEAD} years from the bookings")
        )
    if (
        start is not None
        and booked is not None
        and period is not None
        and period.first < booked.first * (12 // booked.season)
    ):
        problems.append(
            Problem(
                "start", "", "the plan begins before the first booking", "Enter earlier bookings, or a later start."
            )
        )
    if problems or booked is None or period is None:
        raise PlanError(problems or [Problem("bookings", "", "the table has no rows")])
    rules = BaselineRules(interval, unusual == booking_tables.REPLACE)
    found = find_baseline(booked, max(periods_ahead(booked, period), 1), rules)
    aligned = booked.season == 12 or period.whole_quarters
    spoken = target_range(found, period, float(target), interval) if target is not None and aligned else None
    return Baseline(found.method or COMBINED, found.growth, found, spoken, period)
