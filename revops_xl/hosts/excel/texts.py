"""Values as Excel takes them when they are written in bulk: a text stays the text it is."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from revops_xl.tables.schema.result import Formula

DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet's days have no zone)
#: Days that workbooks from old Macs count later.
FROM_1904 = 1462
_MONTH = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ \-/.,]*\d", re.IGNORECASE)


def as_written(cell: Any, *, from_1904: bool = False) -> Any:
    """A value as `Range.Formula` takes it.

    A text that Excel would read as a formula, number, day or TRUE/FALSE gets an apostrophe in front, which Excel takes
    away and remembers as "this is text".

    Example:
        >>> [as_written(cell) for cell in ("Ann", "=1+1", "007", "TRUE", "Mar 3", None, 1.5)]
        ['Ann', "'=1+1", "'007", "'TRUE", "'Mar 3", '', 1.5]
    """
    if isinstance(cell, Formula):
        return f"={cell.text}"
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, str):
        return cell if is_plain(cell) else f"'{cell}"
    if isinstance(cell, dt.date):
        return _serial(cell) - (FROM_1904 if from_1904 else 0)
    item = getattr(cell, "item", None)  # a NumPy number
    value = item() if item is not None else cell
    # A whole number of more than 32 bits is no number to Excel, and a decimal is cut to four places.
    return value if isinstance(value, bool) else float(value)


def is_plain(text: str) -> bool:
    """Whether Excel takes a text for nothing else."""
    return not text or (
        text[0].isalpha()
        and text.upper() not in {"TRUE", "FALSE"}
        and not _MONTH.match(text)
        and not text[0] > "\u2fff"
    )


def _serial(day: dt.date) -> float:
    moment = day if isinstance(day, dt.datetime) else dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001
    return (moment.replace(tzinfo=None) - DAY_ZERO) / dt.timedelta(days=1)
