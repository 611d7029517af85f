"""Cells that name a period: quarters, months, halves, years in the usual spellings, or dates; oldest first."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from revops_xl.model.calendar import CALENDAR_YEAR, MONTH_NAMES, Calendar
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.typed import TypedTable

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<month>{'|'.join([*(name.lower() for name in MONTH_NAMES), 'sept', *_MONTHS])})"
_YEAR = r"(?P<mark>FY|CY)?\s*'?(?P<year>\d{4}|\d{2})"
_PART = r"(?P<kind>[QHMPW])\s*(?P<number>\d{1,2})"
_GAP = r"[\s/.'-]*"
_PATTERNS = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        rf"{_PART}{_GAP}{_YEAR}",
        rf"(?P<number>\d{{1,2}})(?P<kind>[QHP]){_GAP}{_YEAR}",
        rf"{_YEAR}{_GAP}{_PART}",
        rf"{_YEAR}{_GAP}(?P<number>[1-4])(?P<kind>[QH])",
        rf"{_NAME}\.?{_GAP}{_YEAR}",
        rf"(?P<mark>FY)\s*'?(?P<year>\d{{4}}|\d{{2}}){_GAP}{_NAME}",
        r"(?P<year>\d{4})-(?P<month_number>\d{2})-(?P<day>\d{2})",
        r"(?P<year>\d{4})[\s/.-](?P<number>\d{1,2})",
        r"(?P<number>\d{1,2})[\s/.-](?P<year>\d{4})",
        _YEAR,
    )
)
#: A year that begins in one calendar year and ends in the next; 2025-11 is a month.
_SPAN = re.compile(r"(?P<mark>fy)?\s*'?(?P<first>\d{4}|\d{2})\s*[/–-]\s*(?P<second>\d{4}|\d{2})", re.IGNORECASE)
#: Parts of a year, by letter.
_PARTS = {"Q": 4, "H": 2, "M": 12, "P": 12, "W": 53, "D": 366}
#: Periods of the calendar that they take.
LENGTHS = {"Y": 12, "H": 6, "Q": 3, "M": 1}

#: Kind, year and part. Years and parts are the calendar's: period 12 x year + part - 1 of it for M, and so on; days and weeks
#: of no fiscal year are those of everybody: the day of the calendar year, the ISO week.
Key = tuple[str, int, int]


@dataclass(frozen=True)
class Periods:
    """A column of periods.

    Attributes:
        names: Distinct periods as written, the oldest first.
        times: When each of them begins, counted in periods: quarters 1, 2 and 4 are 1, 2 and 4 apart.
        index: Per row the index into names; -1 where the cell is blank or wrong.
        dated: Whether every period could be placed in time; else they are in the order of their texts.
        mixed: Whether there are periods of several lengths.
    """

    names: tuple[str, ...]
    times: tuple[float, ...]
    index: tuple[int, ...]
    dated: bool
    mixed: bool


def key(text: str, calendar: Calendar = CALENDAR_YEAR) -> Key | None:
    """Which period a text names; None if it is none of the usual spellings, or one with two readings.

    Args:
        text: Such as Q3 2026, FY26 P7, Nov 2025, 2026-03.
        calendar: The firm's. Quarters, halves and years are its own; months by their names never shift.

    Example:
        >>> key("Q3 2026") == key("2026-Q3") == key("FY26 Q3")
        True
        >>> key("Mar 2026"), key("2026-03"), key("Week before Easter")
        (('M', 2026, 3), ('M', 2026, 3), None)
        >>> key("Q2 FY26", Calendar(10)) == key("2Q26", Calendar(10)), key("Nov FY26", Calendar(10))
        (True, ('M', 2025, 2))
    """
    found = _pieces_of(text)
    if found is None or _two_readings(text, found, calendar):
        return None
    return _placed(found, calendar)


def starts_on(period: Key, calendar: Calendar = CALENDAR_YEAR) -> float:
    """First day of a period, in days since 1970-01-01."""
    kind, year, number = period
    if kind == "D":
        return to_days(dt.date(year, 1, 1)) + number - 1
    if kind == "W":
        return to_days(dt.date.fromisocalendar(year, number, 1))
    return float(calendar.starts(np.array([first_of(period)]))[0])


def first_of(period: Key) -> int:
    """The calendar's period with which a month, quarter, half or year begins."""
    kind, year, number = period
    return 12 * year + (number - 1) * LENGTHS[kind]


def dates_of(period: Key, calendar: Calendar) -> str:
    """First and last day of a month, quarter, half or year, for messages."""
    edges = calendar.starts(np.array([first_of(period), first_of(period) + LENGTHS[period[0]]]))
    return f"{to_date(edges[0])} to {to_date(edges[1] - 1)}"


@dataclass(frozen=True)
class _Pieces:
    """What stands in a text: kind of part, its number, the year, and FY or CY before it."""

    kind: str
    number: int
    year: int
    mark: str = ""
    named: bool = False
    day: int = 0


def _pieces_of(text: str) -> _Pieces | None:
    """The parts of a text; None if it names no period."""
    span = span_of(text)
    if span is not None:
        return _Pieces("S", span[1] - span[0], span[0], "FY")
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        found = match.groupdict()
        year = int(found["year"])
        year += 2000 if year < 100 else 0
        mark = (found.get("mark") or "").upper()
        if found.get("day"):
            return _Pieces("D", int(found["month_number"]), year, day=int(found["day"]))
        if found.get("month"):
            return _Pieces("M", _MONTHS.index(found["month"][:3].lower()) + 1, year, mark, named=True)
        if not found.get("number"):
            return _Pieces("Y", 1, year, mark)
        kind = (found.get("kind") or "").upper()
        number = int(found["number"])
        if kind and not 1 <= number <= _PARTS[kind]:
            return None
        return _Pieces(kind or "M", number, year, mark, named=not kind) if 1 <= number <= 53 else None
    return None


def span_of(text: str) -> tuple[int, int] | None:
    """The two years of a text such as FY25/26 or 2025-26; None for anything else.

    Example:
        >>> span_of("FY25/26"), span_of("2025-26"), span_of("2025-11"), span_of("11/2026")
        ((2025, 2026), (2025, 2026), None, None)
    """
    span = _SPAN.fullmatch(text.strip())
    if span is None or (len(span["first"]) == 2 and len(span["second"]) == 4):
        return None
    first, second = (int(span[name]) for name in ("first", "second"))
    first += 2000 if first < 100 else 0
    second += first // 100 * 100 + (100 if first % 100 == 99 else 0) if second < 100 else 0
    follows = second == first + 1
    if not span["mark"] and (int(span["second"]) <= 12 or not follows):
        return None
    return first, second


def _placed(found: _Pieces, calendar: Calendar) -> Key | None:
    """The period that the parts name in a calendar."""
    if found.kind == "D":
        return _day(found.year, found.number, found.day)
    year = calendar.year_named(found.year)
    if found.kind == "S":
        return ("Y", found.year, 1) if found.number == 1 and calendar.fiscal else None
    if found.kind == "W":
        if found.mark == "FY" and calendar.fiscal:
            return _fiscal_week(calendar, year, found.number)
        if found.number == 53 and dt.date(found.year, 12, 28).isocalendar().week < 53:
            return None  # most years have 52 weeks
        return "W", found.year, found.number
    if found.kind != "M" or (found.mark == "FY" and not found.named):
        return ("M" if found.kind in "MP" else found.kind), year, found.number
    if not 1 <= found.number <= 12:
        return None
    if found.mark == "FY":  # the November inside that fiscal year
        return "M", year, (found.number - 1 - calendar.shift) % 12 + 1
    period = 12 * found.year + found.number - 1 - calendar.shift
    return "M", period // 12, period % 12 + 1


def _fiscal_week(calendar: Calendar, year: int, number: int) -> Key | None:
    """The ISO week in whose middle the week of a fiscal year lies, counted from the first day of it."""
    if 7 * (number - 1) >= calendar.length(12 * year, 12):
        return None
    begin = float(calendar.starts(np.array([12 * year]))[0]) + 7 * (number - 1)
    iso = (to_date(begin + 3) or dt.date.max).isocalendar()
    return "W", iso.year, iso.week


def _two_readings(text: str, found: _Pieces, calendar: Calendar) -> tuple[str, str] | None:
    """Why a name is not read in a fiscal calendar, and what to write instead; None where it is settled."""
    if found.kind == "S" and found.number != 1:
        return f'"{text}" names two years that do not follow each other', "Write the year as FY25/26 or FY26."
    if found.kind == "S" and not calendar.fiscal:
        if calendar.said:
            return f'"{text}" spans two calendar years, and the fiscal year starts in January', "Write FY26, or 2026."
        return f'"{text}" spans two calendar years: it is not said when that year begins', SAY_IT
    if not calendar.fiscal:
        return None
    part = f"{found.kind}{found.number}" if found.kind != "Y" else "the year"
    if found.kind == "M" and not found.named:
        month = f"{found.year}-{found.number:02d}"
        what = f'"{text}" may be month {found.number} of the fiscal year, or {MONTH_NAMES[found.number - 1]}'
        return what, f"Write P{found.number} FY{found.year % 100:02d}, or {month}."
    if found.kind == "W" and found.mark == "FY" and _placed(found, calendar) is None:
        weeks = int(calendar.length(12 * calendar.year_named(found.year), 12) // 7)
        return f'"{text}": {calendar.year_name(calendar.year_named(found.year))} has {weeks} weeks', "Correct the week."
    if found.kind in "QHYP" and (found.mark == "CY" or (found.mark != "FY" and not calendar.bare_is_fiscal)):
        what = f'"{text}" names {part} of a calendar year' if found.mark else f'"{text}" names {part} without FY'
        return f"{what}, and fiscal years start in {MONTH_NAMES[calendar.shift]}", "Write the months, such as 2025-11, or the fiscal period, such as Q1 FY26."  # fmt: skip
    return None


#: What to do where it is not known when the fiscal year begins.
SAY_IT = "Say with the setting Fiscal year starts in which month it begins; or write the months, such as 2025-11."
_DOTTED = re.compile(r"\d{4}\.\d{1,2}")
_NUMBERED = re.compile(r"(?<!\d)(?P<kind>[QHMP])\s*(?P<number>\d{1,2})(?!\d)", re.IGNORECASE)


def refuse_unsettled(typed: TypedTable, name: str, texts: Sequence[str | None]) -> None:
    """Names whose days are not settled: fiscal ones where the year's start is not said, and parts there are not."""
    for rows, what, fix in unsettled(texts, typed.calendar, typed.plan_month):
        typed.refuse(rows, name, what, fix)
    dotted = [row for row, text in enumerate(texts) if text and _DOTTED.fullmatch(text.strip())]
    if dotted and all((texts[row] or "").strip()[-2:] in {".1", ".2", ".3", ".4"} for row in dotted):
        message = f'"{texts[dotted[0]]}" may be a month or a quarter'
        typed.refuse(dotted, name, message, "Write months as 2026-01 and quarters as Q1 2026.")
    for row, text in enumerate(texts):
        part = _NUMBERED.search(text or "")
        if part is None or text is None or typed.is_bad(row, name):
            continue
        most = _PARTS[part["kind"].upper()]
        if re.search(r"\d{2}", text) and not 1 <= int(part["number"]) <= most:
            typed.problem(row, name, f'"{text}": there is no {part[0]}', f"Parts of a year go from 1 to {most}.")
    _note_bare(typed, name, texts)


def unsettled(
    texts: Sequence[str | None], calendar: Calendar, plan_month: int | None
) -> list[tuple[list[int], str, str]]:
    """Which texts name periods with two readings, why, and what to write.

    Args:
        texts: Of a column, or headers.
        calendar: The firm's.
        plan_month: Month in which the plan starts; None: not known.
    """
    found = [_pieces_of(text) if text else None for text in texts]
    told = _unsaid(texts, found, calendar, plan_month)
    bad = {row for rows, _, _ in told for row in rows}
    reasons: dict[tuple[str, str], list[int]] = {}
    for row, (text, each) in enumerate(zip(texts, found, strict=True)):
        why = _two_readings(text or "", each, calendar) if each is not None and row not in bad else None
        if why is not None:
            reasons.setdefault(why, []).append(row)
    return [*told, *((rows, what, fix) for (what, fix), rows in reasons.items())]


def _unsaid(
    texts: Sequence[str | None], found: Sequence[_Pieces | None], calendar: Calendar, plan_month: int | None
) -> list[tuple[list[int], str, str]]:
    """Fiscal years where the plan does not start in January, or beside quarters without FY, and nobody says when they begin."""
    fiscal = [row for row, each in enumerate(found) if each is not None and each.mark == "FY" and each.kind != "S"]
    if calendar.said or not fiscal:
        return []
    if plan_month not in {None, 1}:
        month = MONTH_NAMES[(plan_month or 1) - 1]
        message = f'"{texts[fiscal[0]]}" names a fiscal year, and the plan starts in {month}: it is not said when that year begins'
        return [(fiscal, message, SAY_IT)]
    plain = [row for row, each in enumerate(found) if each is not None and not each.mark and each.kind in "QH"]
    if plain and any(each is not None and each.kind in "QH" and each.mark == "FY" for each in found):
        message = f'"{texts[fiscal[0]]}" and "{texts[plain[0]]}" name quarters in two ways: it is not said when the fiscal year begins'
        return [(fiscal, message, SAY_IT)]
    return []


def _note_bare(typed: TypedTable, name: str, texts: Sequence[str | None]) -> None:
    """Tell how quarters and years without FY are read."""
    calendar = typed.calendar
    found = [_pieces_of(text) if text and calendar.fiscal else None for text in texts]
    rows = [row for row, each in enumerate(found) if each is not None and each.kind in "QHY" and not each.mark]
    rows = [row for row in rows if not typed.is_bad(row, name)]
    text = texts[rows[0]] if rows else None
    period = key(text, calendar) if text else None
    if calendar.fiscal and rows and text and period is not None:
        typed.note(rows, name, f'"{text}" is read as fiscal: {dates_of(period, calendar)}', "Write months, such as 2025-11, if the calendar's is meant.")  # fmt: skip


def _day(year: int, month: int, day: int) -> Key | None:
    try:
        return "D", year, dt.date(year, month, day).timetuple().tm_yday
    except ValueError:
        return None


def _when(period: Key, calendar: Calendar) -> tuple[float, float]:
    """First moment of a period, then its length, in years: comparable across kinds."""
    kind, year, number = period
    if kind in "DW":
        day = starts_on(period, calendar)
        at = int(calendar.period_of(np.array([day]))[0])
        inside = (day - float(calendar.starts(np.array([at]))[0])) / calendar.length(at, 1)
        return (at + inside) / 12, (1 / 366 if kind == "D" else 7 / 366)
    parts = _PARTS.get(kind, 1)
    return year + (number - 1) / parts, 1 / parts


def _pieces(text: str) -> list[tuple[int, int, str]]:
    """A text so that P10 comes after P9."""
    numbers = (piece.lstrip("0") if piece.isdecimal() else piece for piece in re.findall(r"\d+|\D+", text))
    return [(0, len(p), p) if p.isdecimal() or not p else (1, 0, p.casefold()) for p in numbers]


def read_periods(typed: TypedTable, name: str) -> Periods:
    """Read a column of periods; the same period in two spellings is one period."""
    for row, cell in enumerate(typed.cells(name)):
        if isinstance(cell, float) and not math.isnan(cell) and not cell.is_integer():
            what = f"the number {cell:g} where a period is needed: 2026.1 may be January, October or a quarter"
            typed.problem(row, name, what, "Write it as a text, such as 2026-10 or Q1 2026.")
    texts = _texts(typed, name)
    refuse_unsettled(typed, name, texts)
    distinct = sorted({text for text in texts if text is not None})
    keys = {text: key(text, typed.calendar) for text in distinct}
    dated = all(found is not None for found in keys.values())
    first: dict[object, str] = {}
    for text in distinct:  # the spelling that stands first in code-point order names the period
        first.setdefault(keys[text] or text, text)
    if dated:
        names = sorted(first.values(), key=lambda text: _when(keys[text] or ("Y", 0, 1), typed.calendar))
    else:
        names = sorted(first.values(), key=_pieces)
    rank = {name: number for number, name in enumerate(names)}
    place = {text: rank[first[keys[text] or text]] for text in distinct}
    return Periods(
        tuple(names),
        _times(names, keys, typed.calendar, dated=dated),
        tuple(-1 if text is None else place[text] for text in texts),
        dated,
        len({found[0] for found in keys.values() if found is not None}) > 1,
    )


def _times(
    names: Sequence[str], keys: Mapping[str, Key | None], calendar: Calendar, *, dated: bool
) -> tuple[float, ...]:
    """When each period begins, counted in periods; in quarters if there are several kinds, by rank if time is not known.

    Dates say when a period is, not how long: the smallest distance between two of them counts as one period.
    """
    if not dated:
        return tuple(map(float, range(len(names))))
    found = [each for name in names if (each := keys[name]) is not None]
    kinds = {kind for kind, _, _ in found}
    if kinds in ({"D"}, {"W"}):
        days = [starts_on(each, calendar) for each in found]
    else:
        per_year = _PARTS.get(kinds.pop(), 1) if len(kinds) == 1 else 4
        return tuple(_when(each, calendar)[0] * per_year for each in found)
    step = min((b - a for a, b in pairwise(days) if b > a), default=1)
    return tuple(day / step for day in days)


def _texts(typed: TypedTable, name: str) -> Sequence[str | None]:
    """The cells as texts; spreadsheets turn "Jan 2026" into a date, which is that month."""
    cells = list(typed.cells(name))
    dates = {row: cell for row, cell in enumerate(cells) if isinstance(cell, dt.date)}
    if not dates:
        return typed.texts(name)
    monthly = _consecutive_months(dates.values())
    shown = {row: f"{cell:%Y-%m}" if monthly else f"{cell:%Y-%m-%d}" for row, cell in dates.items()}
    return [shown.get(row) or typed.text(row, name, cell) for row, cell in enumerate(cells)]


def _consecutive_months(dates: Iterable[dt.date]) -> bool:
    """Whether dates are names of months: all of them the first day of one, and not only of every third."""
    days = list(dates)
    months = sorted({day.year * 12 + day.month for day in days})
    steps = {b - a for a, b in pairwise(months)}
    return all(day.day == 1 for day in days) and (not steps or min(steps) == 1)
