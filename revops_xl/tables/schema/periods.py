"""Cells that name a period: quarters, months, halves, years in the usual spellings, or dates; oldest first."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from revops_xl.tables.schema.typed import TypedTable

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_WORDS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "sept",
]
_YEAR = r"(?:FY|CY)?\s*'?(?P<year>\d{4}|\d{2})"
_PART = r"(?P<kind>[QHMW])\s*(?P<number>\d{1,2})"
_PATTERNS = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        rf"{_PART}[\s/.-]*{_YEAR}",
        rf"(?P<number>[1-4])(?P<kind>[QH])\s*{_YEAR}",
        rf"{_YEAR}[\s/.-]*{_PART}",
        rf"(?P<month>{'|'.join([*_MONTH_WORDS, *_MONTHS])})\.?[\s/.-]*{_YEAR}",
        r"(?P<year>\d{4})-(?P<month_number>\d{2})-(?P<day>\d{2})",
        r"(?P<year>\d{4})[\s/.-](?P<number>\d{1,2})",
        r"(?P<number>\d{1,2})[\s/.-](?P<year>\d{4})",
        _YEAR,
    )
)
#: Parts of a year, by letter.
_PARTS = {"Q": 4, "H": 2, "M": 12, "W": 53, "D": 366}

#: Kind, year and part; or the text in pieces, numbers as numbers.
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


def key(text: str) -> Key | None:
    """Which period a text names; None if it is none of the usual spellings.

    Example:
        >>> key("Q3 2026") == key("2026-Q3") == key("FY26 Q3")
        True
        >>> key("Mar 2026"), key("2026-03"), key("Week before Easter")
        (('M', 2026, 3), ('M', 2026, 3), None)
    """
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        found = match.groupdict()
        year = int(found["year"])
        year += 2000 if year < 100 else 0
        if found.get("day"):
            return _day(year, int(found["month_number"]), int(found["day"]))
        if found.get("month"):
            return "M", year, _MONTHS.index(found["month"][:3].lower()) + 1
        if not found.get("number"):
            return "Y", year, 1
        kind, number = (found.get("kind") or "M").upper(), int(found["number"])
        if kind == "W" and number == 53 and dt.date(year, 12, 28).isocalendar().week < number:
            return None  # most years have 52 weeks
        return (kind, year, number) if 1 <= number <= _PARTS[kind] else None
    return None


#: Names of fiscal years and their parts, and years that span two calendar years.
_FISCAL = re.compile(r"(?<![a-z])fy\s*'?\d", re.IGNORECASE)
_SPAN = re.compile(r"(?:fy)?\s*'?(\d{4}|\d{2})\s*/\s*(\d{4}|\d{2})", re.IGNORECASE)
_DOTTED = re.compile(r"\d{4}\.\d{1,2}")
_NUMBERED = re.compile(r"(?<!\d)(?P<kind>[QHMP])\s*(?P<number>\d{1,2})(?!\d)", re.IGNORECASE)


def refuse_unsettled(typed: TypedTable, name: str, texts: Sequence[str | None]) -> None:
    """Names whose months are not settled: fiscal ones where the plan's year is not the calendar's, and parts there are not."""
    fiscal = [row for row, text in enumerate(texts) if text and _FISCAL.search(text)]
    spans = [row for row, text in enumerate(texts) if text and _spans_two_years(text)]
    month = typed.plan_month
    if fiscal and month not in {None, 1}:
        message = f'"{texts[fiscal[0]]}" names a fiscal year, and the plan starts in {_MONTH_WORDS[(month or 1) - 1].capitalize()}: it is not said when that year begins'
        typed.refuse(
            fiscal, name, message, "Write the months, such as 2025-11, or quarters of the calendar, such as 2025-Q4."
        )
    elif spans:
        message = f'"{texts[spans[0]]}" spans two calendar years: it is not said when that year begins'
        typed.refuse(spans, name, message, "Write the months, such as 2025-11, or the calendar year.")
    dotted = [row for row, text in enumerate(texts) if text and _DOTTED.fullmatch(text.strip())]
    if dotted and all((texts[row] or "").strip()[-2:] in {".1", ".2", ".3", ".4"} for row in dotted):
        message = f'"{texts[dotted[0]]}" may be a month or a quarter'
        typed.refuse(dotted, name, message, "Write months as 2026-01 and quarters as Q1 2026.")
    for row, text in enumerate(texts):
        part = _NUMBERED.search(text or "")
        if part is None or text is None or typed.is_bad(row, name):
            continue
        most = {"Q": 4, "H": 2, "M": 12, "P": 13}[part["kind"].upper()]
        if re.search(r"\d{2}", text) and not 1 <= int(part["number"]) <= most:
            typed.problem(row, name, f'"{text}": there is no {part[0]}', f"Parts of a year go from 1 to {most}.")


def _spans_two_years(text: str) -> bool:
    """Whether a text such as FY25/26 or 2025/26 names a year that begins in one and ends in the next; 11/2026 is a month."""
    span = _SPAN.fullmatch(text.strip())
    if span is None:
        return False
    first, second = (int(part) % 100 for part in span.groups())
    return (first + 1) % 100 == second and (second > 12 or "fy" in text.lower())


def _day(year: int, month: int, day: int) -> Key | None:
    try:
        return "D", year, dt.date(year, month, day).timetuple().tm_yday
    except ValueError:
        return None


def _when(period: Key) -> tuple[float, float]:
    """First moment of a period, then its length, in years: comparable across kinds."""
    kind, year, number = period
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
    keys = {text: key(text) for text in distinct}
    dated = all(found is not None for found in keys.values())
    first: dict[object, str] = {}
    for text in distinct:  # the spelling that stands first in code-point order names the period
        first.setdefault(keys[text] or text, text)
    if dated:
        names = sorted(first.values(), key=lambda text: _when(keys[text] or ("Y", 0, 1)))
    else:
        names = sorted(first.values(), key=_pieces)
    rank = {name: number for number, name in enumerate(names)}
    place = {text: rank[first[keys[text] or text]] for text in distinct}
    return Periods(
        tuple(names),
        _times(names, keys, dated=dated),
        tuple(-1 if text is None else place[text] for text in texts),
        dated,
        len({found[0] for found in keys.values() if found is not None}) > 1,
    )


def _times(names: Sequence[str], keys: Mapping[str, Key | None], *, dated: bool) -> tuple[float, ...]:
    """When each period begins, counted in periods; in quarters if there are several kinds, by rank if time is not known.

    Dates say when a period is, not how long: the smallest distance between two of them counts as one period.
    """
    if not dated:
        return tuple(map(float, range(len(names))))
    found = [each for name in names if (each := keys[name]) is not None]
    kinds = {kind for kind, _, _ in found}
    if kinds == {"D"}:
        days = [dt.date(year, 1, 1).toordinal() + number for _, year, number in found]
    elif kinds == {"W"}:
        days = [dt.date.fromisocalendar(year, number, 1).toordinal() for _, year, number in found]
    else:
        per_year = _PARTS.get(kinds.pop(), 1) if len(kinds) == 1 else 4
        return tuple(_when(each)[0] * per_year for each in found)
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
