"""Tables and ranges of a workbook that is open in Excel: what Excel gives, and what it takes.

What one has to know of it: an error is a cell, not a blank; what is written into a table with hidden rows lands in the
visible ones only; amounts in currency format are cut when they are read as they are shown.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlwings as xw
from xlwings.main import Table

from revops_xl.functions.cells import ERRORS, VALUE
from revops_xl.hosts.excel.error_numbers import ERROR_NUMBERS, FIRST_ERROR, LAST_ERROR
from revops_xl.tables.schema.raw import CellError
from revops_xl.workbook.file.address import Area

Rows = list[list[Any]]
#: Cells of each column; None: as it is.
Columns = list[list[Any] | None]


@dataclass(frozen=True)
class Place:
    """Where a table stands: its range without a totals row, its headers, and whether it has totals below."""

    name: str
    sheet: xw.Sheet
    table: Table
    area: Area
    headers: tuple[str, ...]
    totals: bool

    @property
    def body(self) -> Area:
        """Rows below the headers."""
        return Area(self.area.top + 1, self.area.left, self.area.bottom, self.area.right)


def place_of(table: Table) -> Place:
    """Where a table stands now."""
    whole = table.range
    area = Area.parse(whole.address)
    assert area is not None  # noqa: S101  (Excel's own address)
    totals = bool(table.show_totals)
    header_row = table.header_row_range
    headers = header_row.options(ndim=1).value if header_row is not None else []
    area = Area(area.top, area.left, area.bottom - totals, area.right)
    return Place(table.name, whole.sheet, table, area, tuple(_header(text) for text in headers), totals)


def _header(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str("" if value is None else value)


def is_filtered(table: Table) -> bool:
    """Whether a filter hides rows."""
    if not table.show_autofilter:
        return False
    if sys.platform == "win32":  # one question instead of two a column
        return bool(table.api.AutoFilter.FilterMode)
    return any(each.type != "none" for each in table.autofilter.criteria)


def range_of(sheet: xw.Sheet, area: Area) -> xw.Range:
    """The cells of an area."""
    return sheet.range((area.top, area.left + 1), (area.bottom, area.right + 1))


def shown(cells: xw.Range) -> Rows:
    """Values with errors as their texts."""
    if sys.platform == "darwin":  # xlwings' own way stumbles over more than one row there
        values = cells.options(ndim=2, empty=None).value
        texts = square(cells.api.string_value.get(), cells.shape)
        return [[text if text in ERRORS else value for text, value in zip(*rows, strict=True)] for rows in zip(texts, values, strict=True)]  # fmt: skip
    values = cells.options(ndim=2, err_to_str=True, empty=None).value
    if sys.platform == "win32" and any(isinstance(cell, Decimal) for row in values for cell in row):
        exact = square(cells.api.Value2, cells.shape)  # amounts in currency format come with four places otherwise
        return [[whole if isinstance(cell, Decimal) else cell for cell, whole in zip(*rows, strict=True)] for rows in zip(values, exact, strict=True)]  # fmt: skip
    return values  # type: ignore[no-any-return]


def plain(cell: Any) -> Any:
    """A blank text is blank; a day at midnight is a day; an amount in currency format is a number; an error is an error."""
    if isinstance(cell, str):
        return CellError(cell) if cell in ERRORS else cell or None
    if isinstance(cell, dt.datetime):
        moment = cell.replace(tzinfo=None)
        return moment.date() if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else moment
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, int) and not isinstance(cell, bool) and FIRST_ERROR <= cell <= LAST_ERROR:
        return CellError(ERROR_NUMBERS.get(cell, VALUE))
    return cell


def square(value: Any, shape: tuple[int, int]) -> Rows:
    """Rows of cells, however few there are and however a program gives them."""
    if not isinstance(value, list | tuple):
        return [[value]]
    if isinstance(value[0], list | tuple):
        return [list(row) for row in value]
    return [list(value)] if shape[0] == 1 else [[cell] for cell in value]


def put(place: Place, old: Area, new: Area, columns: Columns) -> None:
    """Give a table its new size and cells; new rows get the formats of the first.

    What is to go is cleared last, so that nothing is lost if Excel refuses what is to come.
    """
    sheet = place.sheet
    totals = place.totals
    if totals:
        place.table.show_totals = False
    body = Area(new.top + 1, new.left, new.bottom, new.right)
    if new.bottom > old.bottom:
        place.table.resize(range_of(sheet, new))
        first = range_of(sheet, Area(body.top, body.left, body.top, body.right))
        first.autofill(range_of(sheet, body), "fill_formats")
    for start, block in _blocks(columns):
        cells = list(zip(*block, strict=True))
        range_of(
            sheet, Area(body.top, body.left + start, body.bottom, body.left + start + len(block) - 1)
        ).formula = cells
    if new.bottom < old.bottom:
        place.table.resize(range_of(sheet, new))
        range_of(sheet, Area(new.bottom + 1, old.left, old.bottom, old.right)).clear_contents()
    if totals:
        place.table.show_totals = True


def _blocks(columns: Columns) -> list[tuple[int, list[list[Any]]]]:
    """Columns to write that stand side by side, and where the first of them is."""
    found: list[tuple[int, list[list[Any]]]] = []
    for i, column in enumerate(columns):
        if column is None:
            continue
        if found and found[-1][0] + len(found[-1][1]) == i:
            found[-1][1].append(column)
        else:
            found.append((i, [column]))
    return found
