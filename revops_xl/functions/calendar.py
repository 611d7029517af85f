"""Functions of the firm's calendar."""

from __future__ import annotations

import datetime as dt
from functools import partial

import numpy as np

from revops_xl.engine.planning.presence import presence
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.calendar import fiscal_calendar, names_of
from revops_xl.frames.common.periods import period_of
from revops_xl.functions.answers import of_figures, of_texts, together
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.cells import Answer
from revops_xl.functions.declare import Category, Function, Parameter, Takes
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.plan_period import MOST_MONTHS
from revops_xl.model.presence import PresenceRules, Tenure
from revops_xl.tables.book import fiscal
from revops_xl.tables.book.setting_list import DAYS, WHOLE_MONTHS
from revops_xl.tables.schema.days import to_days

_function = partial(Function, category=Category.PLANNING)
_PARTS = ("year", "quarter", "period")
STARTS = Parameter("fiscal_year_starts", Takes.TEXT, "Month in which the fiscal year begins, such as October or 10. Blank: January.", default="January")  # fmt: skip
NAMED_BY = Parameter("named_by", Takes.TEXT, "ending: FY26 ends in 2026; starting: it begins in it. Blank: ending.", default=fiscal.ENDING, choices=(fiscal.ENDING, fiscal.STARTING))  # fmt: skip
PERIODS = Parameter("fiscal_periods", Takes.TEXT, "months, or weeks: 4-4-5, 4-5-4, 5-4-4. Blank: months.", default=fiscal.BY_MONTHS, choices=(fiscal.BY_MONTHS, *fiscal.PATTERNS))  # fmt: skip
YEAR_ENDS = Parameter("year_ends_on", Takes.TEXT, "Of years of weeks: last Saturday of the month before the start, or nearest Saturday to its end.")  # fmt: skip
EXTRA = Parameter("extra_week_in", Takes.WHOLE, "Period that takes the 53rd week. Blank: 12.", default=12, minimum=1, maximum=12)  # fmt: skip
CALENDAR = (STARTS, NAMED_BY, PERIODS, YEAR_ENDS, EXTRA)


def calendar_of(arguments: Arguments) -> Calendar:
    """The calendar that the arguments in `CALENDAR` say; what is wrong with them is a problem."""
    text = arguments.text("fiscal_year_starts").strip()
    starts = int(text) if text.isdecimal() else text
    arguments.refuse()
    try:
        return fiscal_calendar(
            starts,
            named_by=arguments.text("named_by"),
            periods=arguments.text("fiscal_periods"),
            year_ends_on=arguments.text("year_ends_on") or None,
            extra_week_in=arguments.whole("extra_week_in"),
        )
    except PlanError as error:
        names = {"starts": "fiscal_year_starts", "periods": "year_ends_on"}
        for each in error.problems:
            arguments.problem(names.get(each.sheet, each.sheet), each.message, each.fix)
        arguments.refuse()
    return CALENDAR_YEAR


def _period(arguments: Arguments) -> Answer:
    days, part = arguments.days("dates"), arguments.text("part")
    calendar = calendar_of(arguments)
    at = calendar.period_of(np.array([[to_days(day) for day in row] for row in days]))
    which = _PARTS.index(part)
    return of_texts(
        [
            [None if day is None else names_of(calendar, period)[which] for day, period in zip(*row, strict=True)]
            for row in zip(days, at.tolist(), strict=True)
        ]
    )


def _presence(arguments: Arguments) -> Answer:
    start, months = arguments.day("plan_start"), arguments.whole("months")
    calendar = calendar_of(arguments)
    first, last = together(
        ("first_days", "last_days"),
        [
            np.array([[to_days(day) for day in row] for row in arguments.days(name)])
            for name in ("first_days", "last_days")
        ],
        arguments.problem,
    )
    if (last < first).any():
        arguments.problem("last_days", "a day before the first")
    if first.shape[1] > 1:
        arguments.problem("first_days", f"{first.shape[1]} columns; one is needed")
    problems: list[Problem] = []
    period = period_of(start or dt.date(1970, 1, 1), months, problems, calendar)
    for each in problems:
        arguments.problem("plan_start", each.message)
    arguments.refuse()
    assert period is not None  # noqa: S101  (or there was a problem)
    rules = PresenceRules(whole_months=arguments.text("count") == WHOLE_MONTHS)
    even = np.full(months, 1 / months)
    return of_figures(presence(Tenure(first[:, 0], last[:, 0], rules=rules), period, even).life)


FUNCTIONS: tuple[Function, ...] = (
    _function(
        "REVOPS_PERIOD",
        help="The fiscal year, quarter or period of a day, in the firm's calendar: FY26, Q2 FY26, P4 FY26.",
        parameters=(
            Parameter("dates", Takes.DAYS, "A day, or a range of them.", needed=True, blank=True),
            STARTS,
            Parameter("part", Takes.TEXT, "year, quarter or period. Blank: quarter.", default="quarter", choices=_PARTS),
            *CALENDAR[1:],
        ),
        gives="text, or texts in the shape of dates",
        formula="=REVOPS_PERIOD(Deals[Close date],Fiscal_year_starts)",
        example=((("2026-01-01",), ("2026-04-15",), (None,)), "October"),
        act=_period,
    ),
    _function(
        "REVOPS_PRESENCE",
        help="Part of each month, or fiscal period, of a plan in which somebody is there: by days, or whole months.",
        parameters=(
            Parameter("first_days", Takes.DAYS, "First day of each person; blank: from long ago.", needed=True, blank=True),
            Parameter("last_days", Takes.DAYS, "Last day of each person; blank: stays.", needed=True, blank=True),
            Parameter("plan_start", Takes.DAY, "First day of the plan.", needed=True),
            Parameter("months", Takes.WHOLE, "How many months or periods. Blank: 12.", default=12, minimum=1, maximum=MOST_MONTHS),
            Parameter("count", Takes.TEXT, "days, or whole months: all of a month if there on its first day. Blank: days.", default=DAYS, choices=(DAYS, WHOLE_MONTHS)),
            *CALENDAR,
        ),
        gives="fractions, one row per person, one column per period",
        formula='=REVOPS_PRESENCE(Hierarchy[From],Hierarchy[To],"2027-01-01")',
        example=((("2027-04-01",), (None,)), ((None,), ("2027-06-15",)), "2027-01-01", 12),
        act=_presence,
    ),
)  # fmt: skip
