"""A column of dates: typed as dates, or as text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from revops_xl.tables.evidence.text_dates import DAY_FIRST, MONTH_FIRST, TextDates, text_dates
from revops_xl.tables.schema.cell_values import FIRST_DAY, is_blank

if TYPE_CHECKING:
    from revops_xl.tables.schema.typed import TypedTable

#: A day above it can be no month.
MONTHS = 12
#: Days from 1980 to 2079 as spreadsheets count them.
SERIALS = (29221, 65745)
#: One date among texts may be any.
FEWEST_SWAPPED = 2


def date_cells(typed: TypedTable, name: str) -> list[dt.date | None]:
    """The days; None where blank or wrong."""
    cells = typed.cells(name)
    rows = [row for row, cell in enumerate(cells) if isinstance(cell, str) and cell.strip()]
    read = _read_texts(typed, name, rows, [cell for cell in cells if isinstance(cell, dt.date)]) if rows else {}
    days: list[dt.date | None] = []
    for row, value in enumerate(cells):
        day: dt.date | None = None
        if isinstance(value, dt.datetime):
            day = value.date()
        elif isinstance(value, dt.date):
            day = value
        elif row in read:
            day = read[row]
        elif _is_serial(value):
            fix = "Format the column as a date: the number is how spreadsheets keep one."
            typed.problem(row, name, f"the number {value:g} where a date is needed", fix)
        elif not is_blank(value) and not typed.is_bad(row, name):
            typed.mismatch(row, name, value, "a date")
        if day is not None and day < FIRST_DAY:
            message = f"{name} is {day}: programs disagree about days before {FIRST_DAY}"
            typed.problem(row, name, message, "Write a later day, or write it as text in a column of your own.")
            day = None
        days.append(day)
    return days


def _is_serial(value: object) -> bool:
    """Whether a number may be a date of this or the last century without its format."""
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and SERIALS[0] <= float(value) <= SERIALS[1]  # type: ignore[arg-type]


def _read_texts(typed: TypedTable, name: str, rows: list[int], dates: list[dt.date]) -> dict[int, dt.date]:
    """Days by row; texts with two readings are refused together.

    Args:
        typed: The table.
        name: Header.
        rows: Entries that are text.
        dates: The other days of the column, which are dates already.
    """
    texts = [str(typed.cells(name)[row]).strip() for row in rows]
    how = text_dates(texts, order_of(typed.locale.name))
    if how.against is not None and how.deciding is not None:
        message = f'"{texts[how.deciding]}" has the day first, "{texts[how.against]}" the month, in one column'
        typed.refuse(
            [rows[how.deciding], rows[how.against]], name, message, "Write all in one way, such as 2026-03-31."
        )
        typed.pass_over([row for i, row in enumerate(rows) if i not in how.days], name)
    elif how.open and not how.order:
        first = texts[how.open[0]]
        message = f'"{first}" has two readings: day first or month first, and no date of the column decides'
        fix = 'Write dates as 2026-03-31, or set "Locale" on the sheet Settings, such as en-GB for the day first.'
        typed.refuse([rows[i] for i in how.open], name, message, fix)
        typed.pass_over([row for i, row in enumerate(rows) if i not in how.days], name)
    elif how.order and how.deciding is not None and _half_converted(how, dates):
        first, last = texts[how.deciding], dates[0]
        wrong = "month" if how.order == DAY_FIRST else "day"
        message = (
            f'{name} holds dates none of which has a day above 12, such as {last:%Y-%m-%d}, beside texts such as "{first}": '
            f"the program that opened the file took the first number for the {wrong}, so those dates have day and month swapped"
        )
        at = [row for row, cell in enumerate(typed.cells(name)) if isinstance(cell, dt.date)]
        fix = "Import the file again with this column as text (Data > From Text/CSV). If the dates are right, write the texts as dates, too."
        typed.refuse(at, name, message, fix)
    elif how.order and how.deciding is not None:
        message = f'dates of {name} are read with the {how.order}, because of "{texts[how.deciding]}"'
        typed.note([rows[how.deciding]], name, message)
    if how.zoned:
        message = f"times of {name} have a zone; the day is the one that is written"
        typed.note([rows[i] for i in how.zoned], name, message)
    return {rows[i]: day for i, day in how.days.items()}


def _half_converted(how: TextDates, dates: list[dt.date]) -> bool:
    """Whether a spreadsheet has made dates of all texts that it could read in its own order, and left the others."""
    return not how.open and len(dates) >= FEWEST_SWAPPED and all(date.day <= MONTHS for date in dates)


def order_of(locale: str) -> str:
    """What a locale says of the order; en-US, which every plan has at first, says nothing."""
    if locale.replace("_", "-") == "en-US":
        return ""
    from babel import Locale  # noqa: PLC0415  (only needed for texts under another locale)

    pattern = Locale.parse(locale.replace("-", "_")).date_formats["short"].pattern
    return DAY_FIRST if pattern.find("d") < pattern.find("M") or "y" in pattern[:1] else MONTH_FIRST
