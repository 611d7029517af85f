"""The public functions of the calendar: what a firm's periods are, and which of them a day lies in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.calendar import CALENDAR_YEAR, MONTH_NAMES, Calendar
from revops_xl.tables.book import fiscal
from revops_xl.tables.schema.days import to_date, to_days

if TYPE_CHECKING:
    import pandas as pd


def fiscal_calendar(
    starts: int | str = 1,
    *,
    named_by: str = fiscal.ENDING,
    periods: str = fiscal.BY_MONTHS,
    year_ends_on: str | None = None,
    extra_week_in: int = 12,
) -> Calendar:
    """A firm's calendar, for the functions that read periods.

    Args:
        starts: Month in which the fiscal year begins: 2, "February" or "Feb".
        named_by: "ending": FY26 ends in 2026; "starting": it begins in it.
        periods: "months", or weeks: "4-4-5", "4-5-4", "5-4-4".
        year_ends_on: Where periods are of weeks: "last Saturday" of the month before the start, or "nearest Saturday" to its end.
        extra_week_in: Period, 1 to 12, that takes the 53rd week.

    Raises:
        PlanError: With every problem found.

    Source:
        26 CFR 1.441-2 for years of weeks; `revops-xl guide planning`.

    Example:
        >>> fiscal_calendar("October").quarter_name(4 * 2025)
        'Q1 FY26'
    """
    problems: list[Problem] = []
    month = fiscal.month_named(starts)
    chosen = {"starts": (month, MONTH_NAMES), "named_by": (named_by, (fiscal.ENDING, fiscal.STARTING)), "periods": (periods, (fiscal.BY_MONTHS, *fiscal.PATTERNS))}  # fmt: skip
    if year_ends_on is not None:
        chosen["year_ends_on"] = (year_ends_on, fiscal.ENDS)
    for name, (value, allowed) in chosen.items():
        if value not in allowed:
            problems.append(Problem(name, "", f"{value!r} is not one of {', '.join(allowed)}"))
    if isinstance(extra_week_in, bool) or extra_week_in not in range(1, 13):
        problems.append(Problem("extra_week_in", "", f"{extra_week_in!r} where a period from 1 to 12 is needed"))
    values: dict[str, Any] = {
        fiscal.STARTS: month, fiscal.NAMED_BY: named_by, fiscal.PERIODS: periods, fiscal.YEAR_ENDS: year_ends_on,
        fiscal.EXTRA: extra_week_in, fiscal.BARE: fiscal.FISCAL,
    }  # fmt: skip
    made = CALENDAR_YEAR if problems else fiscal.calendar(values, ("periods", ""), problems)
    if problems:
        raise PlanError(problems)
    return made


def fiscal_periods(days: Iterable[dt.date], calendar: Calendar = CALENDAR_YEAR) -> pd.DataFrame:
    """The fiscal year, quarter and period of days.

    Args:
        days: Days; None is not known.
        calendar: The firm's, from `fiscal_calendar`.

    Returns:
        One row a day: day, year, quarter, period (names, such as FY26, Q2 FY26, P4 FY26; blank where the day is), and
        first_day and last_day of the period.

    Example:
        >>> fiscal_periods([dt.date(2026, 1, 1)], fiscal_calendar(10)).loc[0, ["year", "quarter", "period"]].tolist()
        ['FY26', 'Q2 FY26', 'P4 FY26']
    """
    import pandas as pd  # noqa: PLC0415

    given = list(days)
    at = calendar.period_of(np.array([to_days(day) for day in given], dtype=np.float64)).tolist()
    rows = []
    for day, period in zip(given, at, strict=True):
        if day is None:
            rows.append((None, None, None, None, None, None))
            continue
        begin, after = calendar.starts(np.array([period, period + 1])).tolist()
        rows.append((day, *names_of(calendar, period), to_date(begin), to_date(after - 1)))
    return pd.DataFrame(rows, columns=["day", "year", "quarter", "period", "first_day", "last_day"])


def names_of(calendar: Calendar, period: int) -> tuple[str, str, str]:
    """Year, quarter and period by name."""
    year = calendar.year_name(period // 12)
    return year, calendar.quarter_name(period // 3), f"P{period % 12 + 1} {year}"
