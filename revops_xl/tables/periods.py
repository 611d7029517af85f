"""Cells that name a period: quarters, months, halves, years in the usual spellings, or dates; oldest first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from revops_xl.tables.typed import TypedTable

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"(?:FY|CY)?\s*'?(?P<year>\d{4}|\d{2})"
_PART = r"(?P<kind>[QHMW])\s*(?P<number>\d{1,2})"
_PATTERNS = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        rf"{_PART}[\s/.-]*{_YEAR}",
        rf"{_YEAR}[\s/.-]*{_PART}",
        rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?[\s/.-]*{_YEAR}",
        r"(?P<year>\d{4})[\s/.-](?P<number>\d{1,2})",
        r"(?P<number>\d{1,2})[\s/.-](?P<year>\d{4})",
        _YEAR,
    )
)
#: Parts of a year, by letter.
_PARTS = {"Q": 4, "H": 2, "M": 12, "W": 53}

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
    """

    names: tuple[str, ...]
    times: tuple[float, ...]
    index: tuple[int, ...]
    dated: bool


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
        if found.get("month"):
            return "M", year, _MONTHS.index(found["month"].lower()) + 1
        if not found.get("number"):
            return "Y", year, 1
        kind, number = (found.get("kind") or "M").upper(), int(found["number"])
        return (kind, year, number) if 1 <= number <= _PARTS[kind] else None
    return None


def _when(found: Key) -> tuple[float, float]:
    """First moment of a period, then its length, in years: comparable across kinds."""
    kind, year, number = found
    parts = _PARTS.get(kind, 1)
    return year + (number - 1) / parts, 1 / parts


def _pieces(text: str) -> list[tuple[int, int, str]]:
    """A text so that P10 comes after P9."""
    return [
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold()) for piece in re.findall(r"\d+|\D+", text)
    ]


def read_periods(typed: TypedTable, name: str) -> Periods:
    """Read a column of periods; the same period in two spellings is one period."""
    texts = _texts(typed, name)
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
    place = {text: names.index(first[keys[text] or text]) for text in distinct}
    return Periods(
        tuple(names),
        _times(names, keys, dated=dated),
        tuple(-1 if text is None else place[text] for text in texts),
        dated,
    )


def _times(names: Sequence[str], keys: Mapping[str, Key | None], *, dated: bool) -> tuple[float, ...]:
    """When each period begins; in quarters if there are several kinds of period, and by rank if time is not known."""
    if not dated:
        return tuple(map(float, range(len(names))))
    found = [each for name in names if (each := keys[name]) is not None]
    kinds = {kind for kind, _, _ in found}
    per_year = _PARTS.get(kinds.pop(), 1) if len(kinds) == 1 else 4
    return tuple(_when(each)[0] * per_year for each in found)


def _texts(typed: TypedTable, name: str) -> Sequence[str | None]:
    """The cells as texts; spreadsheets turn "Jan 2026" into a date, which is that month."""
    cells = list(typed.cells(name))
    dates = {row: cell for row, cell in enumerate(cells) if isinstance(cell, dt.date)}
    if not dates:
        return typed.texts(name)
    shown = {row: f"{cell:%Y-%m}" if cell.day == 1 else f"{cell:%Y-%m-%d}" for row, cell in dates.items()}
    return [shown.get(row) or typed.text(row, name, cell) for row, cell in enumerate(cells)]
