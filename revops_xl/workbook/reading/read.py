"""Tables of a workbook as rows that know their cells."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from revops_xl.errors import PlanError
from revops_xl.model.plan import KnownTable
from revops_xl.tables.schema.raw import RawBook, RawTable, column_letters
from revops_xl.workbook.file import intake
from revops_xl.workbook.file.address import room_beside
from revops_xl.workbook.file.limits import FileLimits
from revops_xl.workbook.file.package import Package, TablePart
from revops_xl.workbook.reading import headers, remarks
from revops_xl.workbook.reading.bare_book import SHEET, bare_book
from revops_xl.workbook.reading.currency_formats import cells_with, currency_looks
from revops_xl.workbook.reading.sheet_form import plain_texts, usual_form, with_known_errors
from revops_xl.workbook.reading.sheet_scan import Scan, refuse_far_cells, scan
from revops_xl.workbook.reading.sheet_table import SheetTable

Rows = list[list[Any]]
#: Cells up to the last column of rows with errors; each such row is filled up to there.
MOST_PLACED = 20_000_000


def read_book(path: Path, names: Collection[str], *, outside: bool = False) -> RawBook:
    """Read the named tables, wherever they stand in the workbook, and list what about the file deserves to be known.

    The values come from calamine, which is fast but shows an error or a formula that was never calculated as a
    blank; so the sheet's XML is searched for both and they are put in their places.

    Args:
        path: The workbook.
        names: Tables to read.
        outside: The file came from somebody else: see `intake.admit`.

    Raises:
        PlanError: The file is refused, or a table cannot be read.
    """
    carried = intake.admit(path, outside=outside)
    with intake.damage_told(path), Package(path) as package:
        tables = read_tables(path, package, names, trusted=not outside)
        problems = [problem for table in tables for problem in headers.faults(table.part)]
        if problems:
            raise PlanError(problems)
        found = [
            *remarks.of_contents(carried),
            *remarks.of_tables(package, tables),
            *remarks.of_readers(package),
            *remarks.of_names(package),
        ]
        return RawBook(path.name, {table.raw.name: table.raw for table in tables}, tuple(found), known_tables(package))


def known_tables(package: Package) -> dict[str, KnownTable]:
    """Every table with its headers, and the columns between it and the next table at its right."""
    parts = package.tables.values()
    return {
        part.name: KnownTable(
            part.sheet,
            part.headers,
            room_beside(part.area, [o.area for o in parts if o.sheet == part.sheet]),
            part.area.top,
            part.area.left,
        )
        for part in parts
    }


def read_tables(path: Path, package: Package, names: Collection[str], *, trusted: bool = True) -> list[SheetTable]:
    """Read the named tables of an open workbook that was admitted."""
    by_sheet: dict[str, list[TablePart]] = {}
    for table in package.tables.values():
        if table.name in names:
            by_sheet.setdefault(table.sheet, []).append(table)
    tables: list[SheetTable] = []
    looks = currency_looks(package.shared().get("styles"))
    for sheet, rows, found in read_sheets(path, package, by_sheet, trusted=trusted):
        others = [table for table in package.tables.values() if table.sheet == sheet]
        shown = cells_with(looks, package.read(package.sheets[sheet])) if looks else {}
        for part in by_sheet[sheet]:
            raw = _table(part, rows, found, _overlooked(part, rows, others))
            tables.append(SheetTable(part, replace(raw, currencies=_currencies(part, shown)) if shown else raw, found))
    return tables


def _currencies(
    part: TablePart, shown: Mapping[str, Sequence[tuple[int, int]]]
) -> dict[str, dict[str, tuple[int, ...]]]:
    """Rows of a table's columns that show a currency."""
    body = part.body
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for token, cells in shown.items():
        for row, column in cells:
            if body.top <= row <= body.bottom and body.left <= column <= body.right:
                by_token = found.setdefault(part.headers[column - body.left], {})
                by_token[token] = (*by_token.get(token, ()), row)
    return found


def read_sheets(
    path: Path, package: Package, sheets: Collection[str], *, trusted: bool = True
) -> Iterator[tuple[str, Rows, Scan]]:
    """The cells of whole sheets from A1 on, errors and uncalculated formulas in their places, one sheet at a time."""
    if not sheets:
        return
    limits = FileLimits.from_environment()
    shared = package.shared()
    bare = {kind: plain_texts(content, trusted=trusted) for kind, content in shared.items()}
    as_it_is = trusted and package.is_plain and all(bare[kind] is content for kind, content in shared.items())
    book = CalamineWorkbook.from_path(str(path)) if as_it_is else None
    with ThreadPoolExecutor(max_workers=1) as other_core:
        for sheet in sheets:
            content = package.read(package.sheets[sheet])
            usual = usual_form(content, trusted=trusted)
            refuse_far_cells(sheet, usual, limits)
            readable = with_known_errors(usual)
            reader, name = book, sheet
            if reader is None or readable is not content:
                # What the reader could misread it gets in the usual form, so that it and the scan see the same cells.
                file = bare_book(readable, bare, counts_from_1904=package.counts_from_1904)
                reader, name = CalamineWorkbook.from_filelike(file), SHEET
            values = other_core.submit(reader.get_sheet_by_name, name)
            scanned = scan(usual)
            del content, usual, readable  # as large as all the rest together
            rows = values.result().to_python(skip_empty_area=False)
            _place(rows, scanned)
            yield sheet, rows, scanned


def _place(rows: Rows, scanned: Scan) -> None:
    """Put errors and uncalculated formulas where the reader saw a blank."""
    cells = len({row for row, _ in scanned.odd}) * max((column + 1 for _, column in scanned.odd), default=0)
    if cells > MOST_PLACED:
        raise zipfile.BadZipFile("its errors stand too far apart")
    for (number, column), value in scanned.odd.items():
        rows += ([] for _ in range(number - len(rows)))
        row = rows[number - 1]
        row += [""] * (column + 1 - len(row))
        row[column] = value


def _overlooked(part: TablePart, rows: Rows, others: list[TablePart]) -> tuple[str, str]:
    """Filled cells right below or beside a table: typed as if they belonged to it, in a program that did not let it grow."""

    def filled(row: int, column: int) -> bool:
        inside = any(
            other.area.top <= row <= other.area.bottom and other.area.left <= column <= other.area.right
            for other in others
        )
        return not inside and row <= len(rows) and column < len(rows[row - 1]) and rows[row - 1][column] != ""

    area = part.area
    below = (column for column in range(area.left, area.right + 1) if filled(area.bottom + 1, column))
    column = next(below, None)
    beside = f"{column_letters(area.right + 1)}{area.top}" if filled(area.top, area.right + 1) else ""
    return "" if column is None else f"{column_letters(column)}{area.bottom + 1}", beside


def _table(part: TablePart, rows: Rows, scanned: Scan, overlooked: tuple[str, str]) -> RawTable:
    body = part.body
    width = body.right - body.left + 1
    headers.refuse_disagreement(part, rows[part.area.top - 1] if part.area.top <= len(rows) else [], scanned)
    block = rows[body.top - 1 : body.bottom]
    if body.left > 0 or any(len(row) > width for row in block):
        block = [row[body.left : body.right + 1] for row in block]
    longest = max(map(len, block), default=0)
    if any(len(row) < longest for row in block):  # rows that were made longer for an error in them
        block = [[*row, *[""] * (longest - len(row))] for row in block]
    blank = [""] * longest
    numbers: Sequence[int] = range(body.top, body.top + len(block))
    if blank in block:
        numbers = [number for number, row in zip(numbers, block, strict=True) if row != blank]
        block = [row for row in block if row != blank]
    columns = tuple(zip(*block, strict=True)) if block and longest else ()
    # Nothing stands in the last columns of the sheet, or in any.
    columns += tuple(("",) * len(block) for _ in range(width - len(columns)))
    errors = any(body.top <= row <= body.bottom and body.left <= column <= body.right for row, column in scanned.odd)
    return RawTable(
        part.name,
        part.sheet,
        part.headers,
        columns,
        numbers,
        body.left,
        part.area.top,
        *overlooked,
        errors,
        body.bottom,
    )
