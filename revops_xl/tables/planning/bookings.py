"""Sheet Bookings: revenue booked period by period, and how the plan's year is parted if not by season."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise

import numpy as np

from revops_xl.model.bookings import YEARS_NEEDED, Bookings
from revops_xl.model.bounds import LARGEST
from revops_xl.model.calendar import MONTH_NAMES, Calendar, Ints
from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.periods import Key, first_of, key, refuse_unsettled
from revops_xl.tables.schema.typed import TypedTable

BOOKINGS = Table(
    "Bookings",
    "Revenue booked, period by period: quarters or months of two years or more, without gaps.",
    (
        Column("Period", Kind.TEXT, "Quarter or month, for example 2026-Q1, Q1 2026 or 2026-03.", required=True, width=14),
        Column("Bookings", Kind.MONEY, "Revenue booked in it.", required=True, unit="currency", minimum=-LARGEST, maximum=LARGEST, width=16, number_format=WHOLE_MONEY),
    ),
    totals="summed",
)  # fmt: skip
SHARES = Table(
    "PhaseShares",
    "Part of the year of each quarter (or month, if the setting Phasing periods is months) of the plan, in order. No rows: by the season of Bookings.",
    (
        Column("Plan period", Kind.TEXT, "Quarter or month of the plan, for example 2027-Q1 or Q1.", required=True, width=14),
        Column("Share", Kind.PERCENT, "Part of the plan that falls on it; all add up to 100 %.", required=True, unit="%", minimum=0, maximum=1, width=10, number_format="0.0%"),
    ),
)  # fmt: skip
SHEET = Sheet("Bookings", "Revenue booked, and how the year is parted", (BOOKINGS, SHARES))

#: What happens to single unusual values.
KEEP, REPLACE = "keep", "replace"
#: Shares may be off 100 % by the rounding of as many digits as people type.
SHARES_TOLERANCE = 5e-7
#: Gaps are listed up to this many; a year typed as 1026 leaves more.
MOST_GAPS = 5
_PER_YEAR = {"Q": 4, "M": 12}
_WORDS = {"Q": "quarter", "M": "month", "H": "half-year", "Y": "year", "W": "week", "D": "day"}


def parse(typed: TypedTable | None) -> Bookings | None:
    """Read the bookings; None without rows, or with problems."""
    if typed is None:
        return None
    before = len(typed.problems)
    typed.check_required("Period")
    values = typed.numbers("Bookings")
    typed.check_required("Bookings")
    cells = typed.cells("Period")
    refuse_unsettled(
        typed,
        "Period",
        [f"{cell:g}" if isinstance(cell, float) else cell if isinstance(cell, str) else None for cell in cells],
    )
    found = [_period(typed, row, cell) for row, cell in enumerate(cells)]
    periods = _dates_as_periods(typed, found)
    if len(typed.problems) > before:
        return None
    _refuse_mixed(typed, periods)
    if len(typed.problems) > before:
        return None
    kind = periods[0][0]
    per_year = _PER_YEAR[kind]
    at = {row: year * per_year + number - 1 for row, (_, year, number) in enumerate(periods)}
    _refuse_duplicates(typed, at, values)
    order = sorted(at, key=lambda row: at[row])
    _refuse_gaps(typed, order, at, kind)
    if len(typed.problems) > before:
        return None
    if len(order) < YEARS_NEEDED * per_year:
        word = f"{len(order)} {_WORDS[kind]}s; {YEARS_NEEDED * per_year} are needed to tell a season from chance"
        typed.problem(order[-1], "Period", word, "Add earlier ones, or clear the table.")
        return None
    if not values.any():
        typed.problem(order[0], "Bookings", "all bookings are 0", "Enter amounts, or clear the table.")
        return None
    return Bookings(values[order], per_year, at[order[0]], typed.calendar)


def _period(typed: TypedTable, row: int, cell: object) -> Key | None:
    """Which period a cell names; a problem if none."""
    if isinstance(cell, dt.date):
        return "D", cell.year, cell.timetuple().tm_yday
    text = typed.text(row, "Period", cell)
    if text is None:
        return None
    found = key(text, typed.calendar)
    if found is None and not typed.is_bad(row, "Period"):
        what = f'"{text}" where a quarter or a month is needed'
        typed.problem(row, "Period", what, "Write it as 2026-Q1, Q1 2026, Mar 2026 or 2026-03.")
    return found


def _dates_as_periods(typed: TypedTable, found: list[Key | None]) -> list[Key]:
    """Days name the month, or the quarter if there are only such three months apart."""
    dates = {row: _day(each) for row, each in enumerate(found) if each is not None and each[0] == "D"}
    at = typed.calendar.period_of(np.array([to_days(day) for day in dates.values()]))
    months = dict(zip(dates, at.tolist(), strict=True))
    _refuse_inside(typed, dates, at)
    steps = {b - a for a, b in pairwise(sorted(set(months.values())))}
    quarterly = bool(steps) and all(step % 3 == 0 for step in steps)
    result: list[Key] = []
    for row, each in enumerate(found):
        if row in months:
            year, month = divmod(months[row], 12)
            if quarterly and month % 3 == 1:
                text = f"quarters three months apart from {dates[row]:%Y-%m-%d} on are not those of the calendar"
                fix = "Say with the setting Fiscal year starts when the year begins, or write bookings by month."
                typed.problem(row, "Period", text, fix)
            result.append(("Q", year, month // 3 + 1) if quarterly else ("M", year, month + 1))
        elif each is not None:
            result.append(each)
    return result if len(result) == len(found) else []


def _refuse_inside(typed: TypedTable, dates: dict[int, dt.date], at: Ints) -> None:
    """Days that neither begin nor end a period of a calendar of weeks: they name months, which are none of its periods."""
    calendar = typed.calendar
    if calendar.weeks is None:
        return
    for (row, day), begin, end in zip(dates.items(), calendar.starts(at), calendar.starts(at + 1) - 1, strict=True):
        if to_days(day) not in (begin, end):
            text = f"{day} lies inside {calendar.period_name(int(at[list(dates).index(row)]))}, {to_date(begin)} to {to_date(end)}"
            typed.problem(row, "Period", text, "Write the first day of each period, or its name, such as P1 FY26.")


def _day(period: Key) -> dt.date:
    return dt.date(period[1], 1, 1) + dt.timedelta(days=period[2] - 1)


def _refuse_mixed(typed: TypedTable, found: list[Key]) -> None:
    """All quarters, or all months."""
    count = Counter(each[0] for each in found)
    usual = count.most_common(1)[0][0]
    for row, (kind, _, _) in enumerate(found):
        if kind not in _PER_YEAR:
            typed.problem(row, "Period", f"a {_WORDS[kind]} where a quarter or a month is needed")
        elif kind != usual and usual in _PER_YEAR:
            message = f"a {_WORDS[kind]} among {_WORDS[usual]}s"
            typed.problem(row, "Period", message, "Write all periods as quarters, or all as months.")


def _refuse_duplicates(typed: TypedTable, at: dict[int, int], values: Floats) -> None:
    first: dict[int, int] = {}
    for row, place in at.items():
        if first.setdefault(place, row) != row:
            before = typed.raw.row_text(first[place])
            again = "" if values[row] == values[first[place]] else ", with another amount"
            text = f"the period stands twice, first in row {before}{again}"
            parts = _telling_apart(typed, first[place], row)
            fix = "Keep one, or add the amounts up."
            if parts:
                fix = f"Add the amounts up: {parts} tells the rows apart, so each is a part of the period."
            typed.problem(row, "Period", text, fix)


def _telling_apart(typed: TypedTable, one: int, other: int) -> str:
    """The first column of the user's own texts in which two rows differ; "" if there is none."""
    for header in typed.raw.headers:
        cells = typed.cells(header)
        if header not in typed.table.headers and isinstance(cells[one], str) and cells[one] != cells[other]:
            return f'"{header}"'
    return ""


def _refuse_gaps(typed: TypedTable, order: list[int], at: dict[int, int], kind: str) -> None:
    """Name what is missing at the row after the gap."""
    per_year = _PER_YEAR[kind]
    gaps = [(a, b) for a, b in pairwise(order) if at[b] - at[a] > 1]
    for a, b in gaps[:MOST_GAPS]:
        missing = [_name(place, per_year, typed.calendar) for place in (at[a] + 1, at[b] - 1)]
        which = missing[0] if missing[0] == missing[1] else f"{missing[0]} to {missing[1]}"
        typed.problem(b, "Period", f"{which} missing before this period", "Add the rows; 0 is an amount, too.")


def _name(place: int, per_year: int, calendar: Calendar) -> str:
    return calendar.quarter_label(place) if per_year == 4 else calendar.period_name(place)


def parse_shares(typed: TypedTable | None, period: PlanPeriod | None, *, monthly: bool) -> Floats | None:
    """Parts of the plan's period; None without rows, or with problems."""
    if typed is None:
        return None
    before = len(typed.problems)
    shares = typed.numbers("Share")
    typed.check_required("Plan period")
    typed.check_required("Share")
    if period is None:
        fix = "Fill in the setting Plan start, or Period as FY 2027."
        typed.problem(0, "Plan period", "what the plan covers is not known, so it cannot be parted", fix)
        return None
    if not monthly and not period.whole_quarters:
        what = "the plan is not made of whole quarters, so it cannot be parted into quarters"
        typed.problem(0, "Plan period", what, "Set Phasing periods to months, and give a share for each.")
        return None
    if len(typed.problems) > before:
        return None
    names = period.month_names if monthly else period.quarter_names
    word = "month" if monthly else "quarter"
    if len(shares) != len(names):
        text = f"{len(shares)} shares for a plan of {len(names)} {word}s, {names[0]} to {names[-1]}"
        row = min(len(shares) - 1, len(names))
        typed.problem(row, "Plan period", text, "Give each a row, or clear the table.")
        return None
    for row, (cell, name) in enumerate(zip(typed.cells("Plan period"), names, strict=True)):
        if not _names(typed, row, cell, name, f"{word} {row + 1}") and not typed.is_bad(row, "Plan period"):
            shown = f"{cell:%Y-%m-%d}" if isinstance(cell, dt.date) else cell
            text = f'"{shown}" where {name} has its place'
            typed.problem(row, "Plan period", text, f"Write {name}, and put the rows in the order of time.")
    whole = float(shares.sum())
    if abs(whole - 1) > SHARES_TOLERANCE * len(shares) and len(typed.problems) == before:
        text = f"the shares add up to {whole:.4%}, not to 100 %"
        typed.problem(len(shares) - 1, "Share", text, "Correct one of them.")
    return np.asarray(shares / whole) if len(typed.problems) == before else None


def _names(typed: TypedTable, row: int, cell: object, name: str, numbered: str) -> bool:
    """Whether a cell names a period of the plan: with its year, without, by its number, or by a day of it."""
    calendar = typed.calendar
    wanted = key(name, calendar)
    if wanted is None:
        raise ValueError(f"{name} is no period")
    kind, _, number = wanted
    if isinstance(cell, dt.date):
        at = int(calendar.period_of(np.array([to_days(cell)]))[0])
        return first_of(wanted) == (at if kind == "M" else 3 * (at // 3))
    text = typed.text(row, "Plan period", cell)
    if text is None:
        return False
    found = key(text, calendar)
    if found is not None and found[0] == "D":
        return _names(typed, row, _day(found), name, numbered)
    short = text.strip().casefold()
    return found == wanted or short == numbered or (len(short) > 1 and short in _short_names(kind, number, calendar))


def _short_names(kind: str, number: int, calendar: Calendar) -> tuple[str, ...]:
    """How a quarter or a period is called without its year."""
    if kind == "Q":
        return (f"q{number}",)
    if calendar.weeks is not None:
        return (f"p{number}",)
    long = MONTH_NAMES[(number - 1 + calendar.shift) % 12].casefold()
    return (f"p{number}", long, long[:3], "sept" if long.startswith("sept") else long)
