"""Dates that are text: ISO and named months say themselves what they mean, for the rest the whole column does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED_DAY_FIRST = re.compile(r"(\d{1,2})\.?[ \-/]*(?:de )?([^\W\d_]{3,})\.?[ \-/,]*(?:de )?(\d{4}|\d{2})")
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?[ \-/]*(\d{1,2})(?:st|nd|rd|th)?[ ,\-/]+(\d{4}|\d{2})")
#: Years from now that two digits reach.
_NEAR = 20
#: Time of day, with or without a zone.
_TIME = re.compile(
    r"[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$"
)
#: English, German, French, Spanish, Portuguese and Italian: the word, or its first letters.
_MONTHS = {
    1: ("january", "januar", "jänner", "janvier", "enero", "janeiro", "gennaio"),
    2: ("february", "februar", "février", "fevrier", "febrero", "fevereiro", "febbraio"),
    3: ("march", "märz", "mrz", "mars", "marzo", "março"), 4: ("april", "avril", "abril", "aprile"),
    5: ("may", "mai", "mayo", "maio", "maggio"), 6: ("june", "juni", "juin", "junio", "junho", "giugno"),
    7: ("july", "juli", "juillet", "julio", "julho", "luglio"), 8: ("august", "août", "aout", "agosto"),
    9: ("september", "sept", "septembre", "septiembre", "setembro", "settembre"),
    10: ("october", "oktober", "octobre", "octubre", "outubro", "ottobre"),
    11: ("november", "novembre", "noviembre", "novembro"),
    12: ("december", "dezember", "décembre", "decembre", "diciembre", "dezembro", "dicembre"),
}  # fmt: skip


@dataclass(frozen=True)
class TextDates:
    """The dates of a column.

    Attributes:
        days: By index of the text; those that cannot be read are missing.
        order: DAY_FIRST or MONTH_FIRST, where texts have numbers for day and month; "" otherwise.
        deciding: Index of the text that decided the order; None: the locale did, or nothing had to.
        open: Texts with two readings, and, with `against`, those that contradict each other.
        against: Index of the text that can only be read in the other order.
        zoned: Texts whose time of day has a zone; the day is the one written.
    """

    days: dict[int, dt.date]
    order: str = ""
    deciding: int | None = None
    against: int | None = None
    open: tuple[int, ...] = ()
    zoned: tuple[int, ...] = field(default=())


def text_dates(texts: Sequence[str], locale_order: str = "") -> TextDates:
    """Read a column of dates.

    Args:
        texts: The cells that are text.
        locale_order: What the locale says, if it was chosen on purpose; "": it says nothing.
    """
    days: dict[int, dt.date] = {}
    numeric: dict[int, tuple[int, str, int, int]] = {}
    zoned = []
    for i, text in enumerate(texts):
        time = _TIME.search(text.strip())
        if time is not None and time["zone"]:
            zoned.append(i)
        bare = _TIME.sub("", text.strip()).strip()
        day = _plain(bare)
        parts = _PARTS.fullmatch(bare)
        if day is not None:
            days[i] = day
        elif parts is not None:
            numeric[i] = int(parts[1]), parts[2], int(parts[3]), _year(parts[4])
    month_first = [i for i, (_, _, b, _) in numeric.items() if b > 12]
    # points are written by those who write the day first; a month cannot be above 12, whoever writes it
    with_points = [] if month_first else [i for i, (a, mark, b, _) in numeric.items() if mark == "." and b <= 12]
    day_first = [i for i, (a, _, _, _) in numeric.items() if a > 12] or with_points
    both = tuple(i for i, (a, mark, b, _) in numeric.items() if a <= 12 and b <= 12 and a != b and mark != ".")
    if day_first and month_first:
        return TextDates(days, "", day_first[0], month_first[0], both, tuple(zoned))
    order = DAY_FIRST if day_first else MONTH_FIRST if month_first else locale_order
    if not order and both:
        return TextDates(days, "", open=both, zoned=tuple(zoned))
    for i, (a, _, b, year) in numeric.items():
        day_number, month = (a, b) if order != MONTH_FIRST else (b, a)
        read = _date(year, month, day_number)
        if read is not None:
            days[i] = read
    deciding = next(iter(day_first or month_first), None)
    return TextDates(days, order if numeric else "", deciding, open=both, zoned=tuple(zoned))


def _plain(text: str) -> dt.date | None:
    """A date that says itself what it means."""
    iso = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if iso is not None:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    named = _NAMED_DAY_FIRST.fullmatch(text)
    if named is not None and (month := _month(named[2])):
        return _date(_year(named[3]), month, int(named[1]))
    named = _NAMED_MONTH_FIRST.fullmatch(text)
    if named is not None and (month := _month(named[1])):
        return _date(_year(named[3]), month, int(named[2]))
    return None


def _month(word: str) -> int:
    low = word.lower()
    found = {
        number
        for number, names in _MONTHS.items()
        for name in names
        if name.startswith(low) or (low.startswith(name) and len(name) == len(low))
    }
    return found.pop() if len(found) == 1 else 0


def _year(digits: str) -> int:
    """A year; of two digits only one within twenty years of now, for 04 beside 26 may be another part of the date."""
    if len(digits) == 4:
        return int(digits)
    year = 2000 + int(digits)
    return year if abs(year - dt.datetime.now(tz=dt.UTC).year) <= _NEAR else 0


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
