"""What a worksheet function is given and gives back: cells, whatever program they stand in."""

from __future__ import annotations

import datetime as dt
import hashlib
import marshal
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from revops_xl.tables.schema.raw import CellError, column_letters

#: None, TRUE/FALSE, a number, a text, a day, or an error.
Cell = Any
Grid = tuple[tuple[Cell, ...], ...]
#: What a function gives: one cell, or rows of cells.
Answer = Any

#: Larger whole numbers are no better than any other number.
MOST_EXACT = 2**53
VALUE, NUMBER, NOT_AVAILABLE = "#VALUE!", "#NUM!", "#N/A"
#: Texts that stand for errors, as spreadsheets show them.
ERRORS = frozenset(
    {
        "#NULL!", "#DIV/0!", VALUE, "#REF!", "#NAME?", NUMBER, NOT_AVAILABLE, "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
        "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!",
    }
)  # fmt: skip


#: Day 0 of a spreadsheet.
DAY_ZERO = dt.date(1899, 12, 30)
#: Earlier ones (1950 and before) are years, ids or slips.
FIRST_SERIAL, LAST_SERIAL = 18_264, 2_958_465


class FunctionError(Exception):
    """What a cell shows instead of a result, and why.

    Attributes:
        error: The error value, such as #VALUE!.
        message: Which argument is wrong, what was found, what is needed.
    """

    def __init__(self, error: str, message: str) -> None:
        self.error, self.message = error, message
        super().__init__(f"{error} {message}")


def as_grid(value: object) -> Grid:
    """A cell, a row or rows of cells as rows; NaN and "" are blank, texts such as #N/A are errors.

    Example:
        >>> as_grid([["Node", ""], ["Ann", 1.5]])
        (('Node', None), ('Ann', 1.5))
        >>> as_grid("#N/A")
        ((CellError(text='#N/A'),),)
    """
    if hasattr(value, "tolist"):  # a NumPy array
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return ((_cell(value),),)
    if not len(value) or (len(value) == 1 and isinstance(value[0], list | tuple) and not len(value[0])):
        return ((None,),)
    if not any(isinstance(row, list | tuple) for row in value):
        return (tuple(map(_cell, value)),)
    rows = [tuple(map(_cell, row if isinstance(row, list | tuple) else (row,))) for row in value]
    width = max(map(len, rows), default=0)
    return tuple(row + (None,) * (width - len(row)) for row in rows)


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        if not value:
            return None
        return CellError(value) if value in ERRORS else value
    if isinstance(value, float):
        return None if value != value else value  # noqa: PLR0124  (NaN)
    if value is None or isinstance(value, bool | CellError):
        return value
    if value != value:  # noqa: PLR0124  (pandas' NaT)
        return None
    if isinstance(value, Decimal):  # a cell in currency format
        return float(value)
    if isinstance(value, int):
        return value if abs(value) < MOST_EXACT else float(str(value))
    if isinstance(value, dt.date):
        return value
    item = getattr(value, "item", None)  # a NumPy number
    return _cell(item()) if item is not None else str(value)


def is_blank(grid: Grid) -> bool:
    """Whether there is nothing in any cell."""
    return all(cell is None for row in grid for cell in row)


def first_error(grid: Grid) -> tuple[str, str] | None:
    """The first error and the cell of the range it stands in."""
    for number, row in enumerate(grid, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, CellError):
                return cell.text, f"{column_letters(column)}{number} of the range" if _many(grid) else ""
    return None


def _many(grid: Grid) -> bool:
    return len(grid) > 1 or len(grid[0]) > 1


def digest(grid: Grid) -> bytes:
    """Same cells, same digest; 1 and TRUE differ."""
    try:
        content = marshal.dumps(grid, 2)  # the second form writes equal values alike
    except ValueError:  # days
        content = marshal.dumps(tuple(tuple(map(_plain, row)) for row in grid), 2)
    return hashlib.blake2b(content, digest_size=16).digest()


def _plain(cell: Cell) -> Cell:
    return ("day", cell.isoformat()) if isinstance(cell, dt.date) else cell


def as_text(cell: Cell) -> str:
    """A cell as text: 1001 is "1001"."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def as_day(cell: Cell) -> dt.date | None:
    """A day, a spreadsheet's number of one, or its text as year-month-day; None if it is none of them."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, str):
        try:
            return dt.date.fromisoformat(cell)
        except ValueError:
            return None
    if isinstance(cell, int | float) and not isinstance(cell, bool) and FIRST_SERIAL <= cell <= LAST_SERIAL:
        return DAY_ZERO + dt.timedelta(days=int(cell))
    return None


def rows_of(headers: Sequence[str], columns: Sequence[Sequence[Cell]]) -> Grid:
    """A table with its headers as rows of cells; NaN is blank."""
    return (tuple(headers), *_rows(columns))


def _rows(columns: Sequence[Sequence[Cell]]) -> Iterator[tuple[Cell, ...]]:
    return zip(*(map(_cell, column) for column in columns), strict=True)
