"""The firm's calendar as the settings say it: read before all tables, because they are read with it."""

from __future__ import annotations

from typing import Any

from revops_xl.errors import Problem
from revops_xl.model.calendar import CALENDAR_YEAR, MONTH_NAMES, Calendar, WeekYears

STARTS, NAMED_BY, PERIODS, YEAR_ENDS, EXTRA, BARE = (
    "Fiscal year starts", "Fiscal year named by", "Fiscal periods", "Fiscal year ends on", "53rd week", "Quarters without FY",
)  # fmt: skip
NAMES = (STARTS, NAMED_BY, PERIODS, YEAR_ENDS, EXTRA, BARE)
ENDING, STARTING = "ending", "starting"
BY_MONTHS, PATTERNS = "months", ("4-4-5", "4-5-4", "5-4-4")
FISCAL, REFUSE = "fiscal", "refuse"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: The two forms of 26 CFR 1.441-2, for each day; the usual ones first.
ENDS = tuple(f"{how} {_DAYS[day]}" for day in (5, 6, 4, 3, 2, 1, 0) for how in ("last", "nearest"))


def month_named(cell: Any) -> Any:
    """A month as the list of choices has it, if the cell says one in another way: 10, Oct.

    Example:
        >>> month_named(10.0), month_named("oct"), month_named("Ostern")
        ('October', 'October', 'Ostern')
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell in range(1, 13):
        return MONTH_NAMES[int(cell) - 1]
    if isinstance(cell, str) and len(cell.strip()) >= 3:
        short = cell.strip().rstrip(".").casefold()
        return next((name for name in MONTH_NAMES if name.casefold().startswith(short)), cell)
    return cell


def calendar(values: dict[str, Any], where: tuple[str, str], problems: list[Problem]) -> Calendar:
    """The calendar of typed settings.

    Args:
        values: Of the settings in `NAMES`.
        where: Sheet and cell of the setting Fiscal periods.
        problems: Gets what is missing.
    """
    start = MONTH_NAMES.index(values[STARTS]) + 1 if values[STARTS] else 1
    weeks = None
    if values[PERIODS] == BY_MONTHS and values[YEAR_ENDS]:
        what = f"{YEAR_ENDS} is {values[YEAR_ENDS]}, and {PERIODS} is {BY_MONTHS}: years of months end with a month"
        problems.append(Problem(*where, what, f"Set {PERIODS} to {', '.join(PATTERNS)}, or clear {YEAR_ENDS}."))
    if values[PERIODS] != BY_MONTHS:
        if not values[YEAR_ENDS]:
            what = f"{PERIODS} is {values[PERIODS]}, and it is not said on which day fiscal years end"
            fix = f"Fill in {YEAR_ENDS}: last Saturday (of the month before {STARTS}), or nearest Saturday (to the end of it)."
            problems.append(Problem(*where, what, fix))
            return CALENDAR_YEAR
        how, day = values[YEAR_ENDS].split()
        first, second, third = map(int, values[PERIODS].split("-"))
        weeks = WeekYears((first, second, third), _DAYS.index(day), how == "nearest", int(values[EXTRA]))
    return Calendar(start, values[NAMED_BY] == STARTING, weeks, bool(values[STARTS]), values[BARE] == FISCAL)
