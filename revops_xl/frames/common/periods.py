"""What a plan covers, as a caller says it."""

from __future__ import annotations

import datetime as dt

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.plan_period import MOST_MONTHS, PlanPeriod
from revops_xl.tables.schema.days import to_days

Day = dt.date | str


def months_of(months: object, problems: list[Problem]) -> int:
    """How many months a plan covers; a year where that is a problem."""
    if isinstance(months, int | np.integer) and not isinstance(months, bool) and 1 <= months <= MOST_MONTHS:
        return int(months)
    problems.append(Problem("months", "", f"{months!r} where a whole number from 1 to {MOST_MONTHS} is needed"))
    return MOST_MONTHS


def period_of(
    start: Day, months: object, problems: list[Problem], calendar: Calendar = CALENDAR_YEAR
) -> PlanPeriod | None:
    """What a plan covers; None where the start is a problem."""
    length = months_of(months, problems)
    day = start
    if isinstance(start, str):
        try:
            day = dt.date.fromisoformat(start)
        except ValueError:
            problems.append(Problem("start", "", f"{start!r} where a day such as 2027-01-01 is needed"))
            return None
    first = int(calendar.period_of(np.array([to_days(day)]))[0]) if isinstance(day, dt.date) else 0
    if not isinstance(day, dt.date) or float(calendar.starts(np.array([first]))[0]) != to_days(day):
        what = "a month" if calendar.weeks is None else "a fiscal period"
        problems.append(Problem("start", "", f"{start!r} where the first day of {what} is needed"))
        return None
    return PlanPeriod(first, length, calendar)
