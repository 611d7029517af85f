"""A workbook that is open in Excel: its tables read as rows that know their cells, result tables written in bulk."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import xlwings as xw
from xlwings.main import Table

from revops_xl.errors import PlanError, Problem
from revops_xl.functions.cells import ERRORS
from revops_xl.hosts.excel.texts import as_written
from revops_xl.model.codes import Coded
from revops_xl.tables.raw import CellError, RawBook, RawTable, column_letters
from revops_xl.tables.result import ResultTable
from revops_xl.workbook.address import MAX_COLUMNS, MAX_ROWS, Area
from revops_xl.workbook.own_columns import QUOTED, RELATIVE, matched, refuse_lost

Rows = list[list[Any]]


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


@dataclass(frozen=True)
class _Change:
    """A table with what it gets, all cells of all columns, and what it had."""

    place: Place
    rows: Rows
    new: Area
    before: Rows


class OpenBook:
    """The workbook.

    Attributes:
        book: As xlwings knows it.
    """

    def __init__(self, book: xw.Book) -> None:
        self.book = book

    @cached_property
    def places(self) -> dict[str, Place]:
        """Its tables by name, wherever they stand."""
        return {place.name: place for sheet in self.book.sheets for place in map(_place, sheet.tables)}

    @cached_property
    def from_1904(self) -> bool:
        """Whether it counts days from 1904."""
        with contextlib.suppress(Exception):  # programs other than Excel for Windows do not say
            return bool(self.book.api.Date1904)
        return False

    def read(self, names: Collection[str]) -> RawBook:
        """The named tables, each read in one go; errors stay errors.

        Raises:
            PlanError: A header is missing or stands twice.
        """
        if self.book.app.calculation == "manual":
            self.book.app.calculate()  # what is shown may be older than what it is made from
        problems: list[Problem] = []
        tables = {name: self._raw(place, problems) for name, place in self.places.items() if name in names}
        if problems:
            raise PlanError(problems)
        return RawBook(self.book.name, tables, all_tables=frozenset(self.places))

    def _raw(self, place: Place, problems: list[Problem]) -> RawTable:
        area = place.area
        problems += [
            Problem(place.sheet.name, f"{column_letters(area.left + i)}{area.top}", f"table {place.name} has a column without a header")
            for i, header in enumerate(place.headers)
            if not header.strip()
        ]  # fmt: skip
        wide = Area(area.top, area.left, min(area.bottom + 1, MAX_ROWS), min(area.right + 1, MAX_COLUMNS - 1))
        cells = self._values(place.sheet, wide)
        width, height = area.right - area.left + 1, area.bottom - area.top
        body = [(area.top + 1 + i, row[:width]) for i, row in enumerate(cells[1 : height + 1])]
        body = [(number, row) for number, row in body if any(cell is not None for cell in row)]
        columns = tuple(list(column) for column in zip(*(row for _, row in body), strict=True)) or ([],) * width
        below = "" if place.totals else self._first_filled(place, cells[height + 1 :][:1], area.bottom + 1, width)
        beside = cells[0][width] if len(cells[0]) > width else None
        free = beside is not None and not self._taken(place, area.top, area.right + 1)
        return RawTable(
            place.name, place.sheet.name, place.headers, columns, [number for number, _ in body], area.left, area.top,
            below, f"{column_letters(area.right + 1)}{area.top}" if free else "",
            any(isinstance(cell, CellError) for _, row in body for cell in row),
        )  # fmt: skip

    def _first_filled(self, place: Place, rows: Rows, number: int, width: int) -> str:
        for row in rows:
            for j, cell in enumerate(row[:width]):
                if cell is not None and not self._taken(place, number, place.area.left + j):
                    return f"{column_letters(place.area.left + j)}{number}"
        return ""

    def _taken(self, place: Place, row: int, column: int) -> bool:
        """Whether a cell is part of another table."""
        return any(
            other.area.top <= row <= other.area.bottom + other.totals and other.area.left <= column <= other.area.right
            for other in self.places.values()
            if other.sheet.name == place.sheet.name and other.name != place.name
        )

    def _values(self, sheet: xw.Sheet, area: Area) -> Rows:
        cells = _range(sheet, area)
        values = cells.options(ndim=2, err_to_str=True, empty=None).value
        return [[CellError(cell) if isinstance(cell, str) and cell in ERRORS else _plain(cell) for cell in row] for row in values]  # fmt: skip

    def write(self, tables: Sequence[ResultTable]) -> None:
        """Give result tables their new rows, one write each; all of them, or none.

        Raises:
            PlanError: A table cannot take its rows; the workbook is as it was.
        """
        problems: list[Problem] = []
        changes = [change for table in tables if (change := self._change(table, problems)) is not None]
        if problems:
            raise PlanError(problems)
        done: list[_Change] = []
        try:
            for change in changes:
                done.append(change)
                _put(change.place, change.place.area, change.new, change.rows)
        except Exception:
            for change in reversed(done):
                with contextlib.suppress(Exception):  # as much as can be put back is
                    _put(change.place, change.new, change.place.area, change.before)
            raise

    def _change(self, result: ResultTable, problems: list[Problem]) -> _Change | None:
        place = self.places.get(result.table.name)
        if place is None:
            if len(result):
                message = f"the workbook has no table {result.table.name} for the results"
                problems.append(Problem(self.book.name, "", message, "Start from New plan, and copy your rows in."))
            return None
        missing = [header for header in result.table.headers if header not in place.headers]
        if missing:
            listed = ", ".join(f'"{header}"' for header in missing)
            problems.append(Problem(place.sheet.name, str(place.area), f"table {place.name} has no column {listed}", "Put it back."))  # fmt: skip
            return None
        area = place.area
        new = Area(area.top, area.left, area.top + max(len(result), 1), area.right)
        if new.bottom + place.totals > MAX_ROWS:
            problems.append(Problem(place.sheet.name, str(area), f"table {place.name} would need {new.bottom:,} rows; a sheet has {MAX_ROWS:,}"))  # fmt: skip
            return None
        self._refuse_overwrite(place, new, problems)
        before = _formulas(place)
        rows = self._rows(place, result, before, problems)
        return _Change(place, rows, new, before)

    def _refuse_overwrite(self, place: Place, new: Area, problems: list[Problem]) -> None:
        """Cells of the user right where the table has to grow are not written over."""
        first = place.area.bottom + 1 + place.totals
        last = new.bottom + place.totals
        if last < first:
            return
        for i, row in enumerate(self._values(place.sheet, Area(first, new.left, last, new.right))):
            for j, cell in enumerate(row):
                if cell is not None:
                    where = f"{column_letters(new.left + j)}{first + i}"
                    message = f"table {place.name} needs this cell for its rows, and it is filled"
                    problems.append(Problem(place.sheet.name, where, message, "Move it away from below the table."))
                    return

    def _rows(self, place: Place, result: ResultTable, before: Rows, problems: list[Problem]) -> Rows:
        """All cells of the table's new body, the user's own columns with the rows they belong to."""
        columns: dict[str, list[Any]] = {}
        for header in result.table.headers:
            cells = result.columns[result.table.headers.index(header)]
            listed = cells.texts() if isinstance(cells, Coded) else list(cells)
            columns[header] = [as_written(cell, from_1904=self.from_1904) for cell in listed] or [""]
        own = [header for header in place.headers if header not in columns]
        if own:
            raw = self._raw(place, [])
            old = matched(raw, result)
            formulas = {header: self._one_formula(place, before, header, problems) for header in own}
            known = {header: text.encode() for header, text in formulas.items() if text}
            refuse_lost(raw, own, known, set(old.values()), result, problems)
            for header in own:
                index = place.headers.index(header)
                count = max(len(result), 1)
                columns[header] = [
                    formulas[header] or (before[old[i] - place.body.top][index] if i in old else "")
                    for i in range(count)
                ]
        return [list(row) for row in zip(*(columns[header] for header in place.headers), strict=True)]

    def _one_formula(self, place: Place, before: Rows, header: str, problems: list[Problem]) -> str:
        """The one formula of a column; "" if it has none."""
        index = place.headers.index(header)
        cells = [row[index] for row in before if row[index] != ""]
        found = sorted({cell for cell in cells if isinstance(cell, str) and cell.startswith("=")})
        if not found:
            return ""
        relative = RELATIVE.search(QUOTED.sub("", found[0]))
        if len(found) > 1 or relative is not None or any(cell != found[0] for cell in cells):
            message = f'column "{header}" of table {place.name} has formulas that differ from row to row, or stand beside values'
            fix = "Write one formula for the whole column, with [@Column] references, or move the column beside the table."
            cell = f"{column_letters(place.area.left + index)}{place.body.top}"
            problems.append(Problem(place.sheet.name, cell, message, fix))
        return str(found[0])

    def select(self, problem: Problem) -> None:
        """Go to the cell of a problem, if it names one."""
        names = [sheet.name for sheet in self.book.sheets]
        if problem.sheet not in names:
            return
        sheet = self.book.sheets[problem.sheet]
        sheet.activate()
        area = Area.parse(problem.cell.partition(",")[0])
        if area is not None:
            _range(sheet, area).select()

    def go_to(self, table: str) -> None:
        """Go to the first header of a table."""
        place = self.places.get(table)
        if place is not None:
            place.sheet.activate()
            _range(place.sheet, Area(place.area.top, place.area.left, place.area.top, place.area.left)).select()


def _place(table: Table) -> Place:
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


def _range(sheet: xw.Sheet, area: Area) -> xw.Range:
    return sheet.range((area.top, area.left + 1), (area.bottom, area.right + 1))


def _plain(cell: Any) -> Any:
    """A blank text is blank; a day at midnight is a day."""
    if isinstance(cell, dt.datetime):
        moment = cell.replace(tzinfo=None)
        return moment.date() if (moment.hour, moment.minute, moment.second) == (0, 0, 0) else moment
    return None if cell == "" else cell


def _formulas(place: Place) -> Rows:
    """What stands in the body, so that writing it back gives the same cells."""
    body = _range(place.sheet, place.body)
    texts, values = _square(body.formula), body.options(ndim=2, err_to_str=True, empty=None).value
    return [
        [text if isinstance(text, str) and text.startswith("=") and text != value else as_written(value) for text, value in zip(*rows, strict=True)]
        for rows in zip(texts, values, strict=True)
    ]  # fmt: skip


def _square(value: Any) -> Rows:
    """Rows of cells, however few there are."""
    if not isinstance(value, list | tuple):
        return [[value]]
    return [list(row) if isinstance(row, list | tuple) else [row] for row in value]


def _put(place: Place, old: Area, new: Area, rows: Rows) -> None:
    """Change the size of a table and write its body in one go; new rows get the formats of the first."""
    sheet = place.sheet
    totals = place.totals
    if totals:
        place.table.show_totals = False
    if new.bottom < old.bottom:
        _range(sheet, Area(new.bottom + 1, old.left, old.bottom, old.right)).clear_contents()
    if new != old:
        place.table.resize(_range(sheet, new))
    body = Area(new.top + 1, new.left, new.bottom, new.right)
    if new.bottom > old.bottom:
        first = _range(sheet, Area(body.top, body.left, body.top, body.right))
        first.autofill(_range(sheet, body), "fill_formats")
    _range(sheet, body).formula = [tuple(row) for row in rows]
    if totals:
        place.table.show_totals = True
