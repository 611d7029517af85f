"""A workbook that is open in Excel: its tables read as rows that know their cells, result tables written in bulk."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xlwings as xw

from revops_xl.errors import PlanError, Problem
from revops_xl.functions.cells import ERRORS
from revops_xl.hosts.excel import completing
from revops_xl.hosts.excel.ranges import (
    Columns,
    Place,
    Rows,
    is_filtered,
    place_of,
    plain,
    put,
    range_of,
    shown,
    square,
)
from revops_xl.hosts.excel.texts import as_written
from revops_xl.model.codes import Coded
from revops_xl.model.plan import KnownTable
from revops_xl.tables.book import catalog
from revops_xl.tables.book.fitting import Fit, fit_of
from revops_xl.tables.book.reading.page import SHOWN_LATER
from revops_xl.tables.book.reading.page import TABLE as PAGE_TEXTS
from revops_xl.tables.schema.raw import CellError, RawBook, RawTable, column_letters
from revops_xl.tables.schema.result import KEEP, ResultTable
from revops_xl.workbook.file.address import MAX_COLUMNS, MAX_ROWS, Area, room_beside
from revops_xl.workbook.writing.own_columns import QUOTED, RELATIVE, matched, refuse_lost
from revops_xl.workbook.writing.write import FORMULA_NAMES, names


@dataclass(frozen=True)
class _Change:
    """A table with what it gets, all cells of all columns, and what it had."""

    place: Place
    columns: Columns
    new: Area
    before: Rows


class ExcelRefusedError(PlanError):
    """Excel did not take what was to be written; there is nothing wrong with the inputs."""


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
        ours = {table.name.lower(): table.name for sheet in catalog.SHEETS for table in sheet.tables}
        found = (place for sheet in self.book.sheets for place in map(place_of, sheet.tables))
        return {ours.get(place.name.lower(), place.name): place for place in found}

    @cached_property
    def from_1904(self) -> bool:
        """Whether it counts days from 1904."""
        if sys.platform == "darwin":
            return bool(self.book.api.date_1904.get())
        return bool(getattr(self.book.api, "Date1904", False))

    def read(self, names: Collection[str]) -> RawBook:
        """The named tables, each read in one go; errors stay errors.

        Raises:
            PlanError: A header is missing or stands twice.
        """
        problems: list[Problem] = []
        tables = {name: self._raw(name, place, problems) for name, place in self.places.items() if name in names}
        if problems:
            raise PlanError(problems)
        return RawBook(self.book.name, tables, known_tables=self.known_tables(), path=self.home)

    @property
    def name(self) -> str:
        """Name of the workbook, for messages."""
        return str(self.book.name)

    @property
    def home(self) -> Path | None:
        """Where the workbook lies on this machine; None for one that was never saved, or lies in the cloud."""
        full = Path(str(self.book.fullname))
        return full if full.is_file() else None

    def known_tables(self) -> dict[str, KnownTable]:
        """Every table with its headers, and the columns between it and the next table at its right."""
        places = self.places.values()
        return {
            name: KnownTable(
                place.sheet.name,
                tuple(place.headers),
                room_beside(place.area, [each.area for each in places if each.sheet.name == place.sheet.name]),
                place.area.top,
                place.area.left,
            )
            for name, place in self.places.items()
        }

    def _raw(self, name: str, place: Place, problems: list[Problem]) -> RawTable:
        area = place.area
        problems += [
            Problem(place.sheet.name, f"{column_letters(area.left + i)}{area.top}", f"table {place.name} has a column without a header in one line")
            for i, header in enumerate(place.headers)
            if not header.strip() or "\n" in header
        ]  # fmt: skip
        wide = Area(
            area.top, area.left, min(area.bottom + 1 + place.totals, MAX_ROWS), min(area.right + 1, MAX_COLUMNS - 1)
        )
        cells = self._values(place.sheet, wide)
        width, height = area.right - area.left + 1, area.bottom - area.top
        body = [(area.top + 1 + i, row[:width]) for i, row in enumerate(cells[1 : height + 1])]
        body = [(number, row) for number, row in body if any(cell is not None for cell in row)]
        columns = tuple(list(column) for column in zip(*(row for _, row in body), strict=True)) or ([],) * width
        below = self._first_filled(place, cells[height + 1 + place.totals :][:1], area.bottom + 1 + place.totals, width)
        beside = cells[0][width] if len(cells[0]) > width else None
        free = beside is not None and not self._taken(place, area.top, area.right + 1)
        return RawTable(
            name, place.sheet.name, place.headers, columns, [number for number, _ in body], area.left, area.top,
            below, f"{column_letters(area.right + 1)}{area.top}" if free else "",
            any(isinstance(cell, CellError) for _, row in body for cell in row), area.bottom,
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
            other.area.top <= row <= other.area.bottom + other.totals
            and other.area.left <= column <= other.area.right
            and other.name != place.name
            and other.sheet.name == place.sheet.name
            for other in self.places.values()
        )

    def _values(self, sheet: xw.Sheet, area: Area) -> Rows:
        return [[plain(cell) for cell in row] for row in shown(range_of(sheet, area))]

    def write(self, tables: Sequence[ResultTable]) -> None:
        """Give result tables their new rows, one write each; all of them, or none.

        Raises:
            PlanError: A table cannot take its rows; the workbook is as it was.
        """
        fit = fit_of(tables, self.known_tables())
        problems = completing.blocked(self.places, fit)
        if problems:
            raise PlanError(problems)
        self._complete(tables, fit)
        problems = []
        changes = [change for table in tables if (change := self._change(table, problems)) is not None]
        if problems:
            raise PlanError(problems)
        done: list[_Change] = []
        try:
            for change in changes:
                done.append(change)
                put(change.place, change.place.area, change.new, change.columns)
            self._show_page()
        except Exception as error:
            message = f"Excel did not take the results: {error}"
            fix = "Nothing has changed. Unprotect the sheet, or leave the cell that you are editing, and try again."
            lost = [change.place.name for change in reversed(done) if not self._put_back(change)]
            if lost:
                fix = f"{', '.join(lost)} could not be put back either: close the workbook without saving it."
            raise ExcelRefusedError([Problem(done[-1].place.sheet.name, "", message, fix)]) from error

    def _show_page(self) -> None:
        """Rows of Summary that only a plan that has been run shows."""
        place = self.places.get(PAGE_TEXTS.name)
        if place is None or place.body.bottom > place.body.top:
            return
        for row, height in SHOWN_LATER.items():
            range_of(place.sheet, Area(row, 0, row, 0)).row_height = height * 0.75  # points

    def _put_back(self, change: _Change) -> bool:
        """Whether a table is as it was again."""
        try:
            now = place_of(change.place.table).area
            if now == change.place.area and self._entered(change.place) == change.before:
                return True  # Excel refused before anything had changed
            put(change.place, now, change.place.area, [list(column) for column in zip(*change.before, strict=True)])
        except Exception:  # noqa: BLE001  (Excel refuses for reasons of its own; the user is told)
            return False
        return True

    def _complete(self, tables: Sequence[ResultTable], fit: Fit) -> None:
        """Add what the workbook lacks of the results."""
        known = {name.name for name in self.book.names}
        formulas = {text for table in tables for text in table.formulas()}
        missing = [name for name in FORMULA_NAMES if name not in known and any(names(text, name) for text in formulas)]
        if not (fit.tables or fit.columns or missing):
            return
        try:
            completing.add_tables(self.book, self.places, fit.tables)
            completing.add_columns(self.places, fit)
            completing.add_names(self.book, missing)
        except Exception as error:
            message = f"Excel did not let tables be added: {error}"
            fix = "Unprotect the workbook: Review, Protect Workbook. Or run the file: revops-xl upgrade."
            raise ExcelRefusedError([Problem(self.name, "", message, fix)]) from error
        self.__dict__.pop("places", None)  # they are looked up anew

    def _change(self, result: ResultTable, problems: list[Problem]) -> _Change | None:
        place = self.places.get(result.table.name)
        if place is None:
            return None  # of a module without inputs
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
        if sys.platform == "win32" and place.sheet.api.ProtectContents:
            problems.append(
                Problem(place.sheet.name, "", "the sheet is protected", "Unprotect it: Review, Unprotect Sheet.")
            )
            return None
        if is_filtered(place.table):
            problems.append(Problem(place.sheet.name, str(area), f"table {place.name} is filtered, and Excel writes into visible rows only", "Clear its filter."))  # fmt: skip
            return None
        self._refuse_overwrite(place, new, problems)
        before = self._entered(place)
        return _Change(place, self._columns(place, result, before, problems), new, before)

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

    def _columns(self, place: Place, result: ResultTable, before: Rows, problems: list[Problem]) -> Columns:
        """The cells of each column; None for a column of the user's that stays as it is."""
        columns: dict[str, list[Any] | None] = {}
        for header in result.table.headers:
            cells = result.columns[result.table.headers.index(header)]
            listed = cells.texts() if isinstance(cells, Coded) else list(cells)
            index = place.headers.index(header)
            columns[header] = [
                before[i][index] if cell is KEEP else as_written(cell, from_1904=self.from_1904)
                for i, cell in enumerate(listed)
            ] or [""]
        own = [header for header in place.headers if header not in columns]
        if own:
            raw = self._raw(result.table.name, place, [])
            old = {i: place.body.top + i for i in range(len(before))} if result.in_place else matched(raw, result)
            formulas = {header: self._one_formula(place, before, header, problems) for header in own}
            known = {header: text.encode() for header, text in formulas.items() if text}
            refuse_lost(raw, own, known, set(old.values()), result, problems)
            count = max(len(result), 1)
            same = len(before) == count and all(
                old.get(i, place.body.top + i) == place.body.top + i for i in range(count)
            )
            for header in own:
                index = place.headers.index(header)
                columns[header] = (
                    None
                    if same
                    else [
                        formulas[header] or (before[old[i] - place.body.top][index] if i in old else "")
                        for i in range(count)
                    ]
                )
        return [columns[header] for header in place.headers]

    def _entered(self, place: Place) -> Rows:
        """What stands in the body, so that writing it back gives the same cells."""
        body = range_of(place.sheet, place.body)
        texts, values = square(body.formula, body.shape), shown(body)
        return [
            [self._again(text, value) for text, value in zip(*rows, strict=True)]
            for rows in zip(texts, values, strict=True)
        ]

    def _again(self, text: Any, value: Any) -> Any:
        formula = isinstance(text, str) and text.startswith("=") and text != value
        constant = isinstance(value, str) and value in ERRORS
        return text if formula or constant else as_written(plain(value), from_1904=self.from_1904)

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
            range_of(sheet, area).select()

    def go_to(self, table: str) -> None:
        """Go to the first header of a table."""
        place = self.places.get(table)
        if place is not None:
            place.sheet.activate()
            range_of(place.sheet, Area(place.area.top, place.area.left, place.area.top, place.area.left)).select()
