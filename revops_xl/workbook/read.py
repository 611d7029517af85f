"""Tables of a workbook as rows that know their cells."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.raw import CellError, NotCalculated, RawBook, RawTable, column_letters
from revops_xl.workbook import intake
from revops_xl.workbook.package import Package, TablePart, column_index

_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"')
_FAR_COLUMN = re.compile(rb'r="[A-Z]{3}\d')
_CELL_COLUMN = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)\d+"')
_NOT_A_NUMBER = re.compile(rb"<v>\s*[-+]?[nN][aA][nN]")
_ATTRIBUTE = re.compile(rb'\b(r|t)="([^"]*)"')
_FORMULA = re.compile(rb"<f\b[^>]*?(?:/>|>(.*?)</f>)", re.DOTALL)
_VALUE = re.compile(rb"<v\b[^>]*?(?:/>|>(.*?)</v>)", re.DOTALL)

Odd = CellError | NotCalculated


def read_book(path: Path, names: Collection[str]) -> RawBook:
    """Read the named tables, wherever they stand in the workbook.

    The values come from calamine, which is fast but shows an error or a formula that was never calculated as a
    blank; so the sheet's XML is searched for both and they are put in their places.

    Raises:
        PlanError: The file is refused, or a table cannot be read.
    """
    intake.admit(path)
    with intake.damage_told(path), Package(path) as package:
        return RawBook(path.name, read_tables(path, package, names))


def read_tables(path: Path, package: Package, names: Collection[str]) -> dict[str, RawTable]:
    """Read the named tables of an open workbook that was admitted."""
    by_sheet: dict[str, list[TablePart]] = {}
    for table in package.tables.values():
        if table.name in names:
            by_sheet.setdefault(table.sheet, []).append(table)
    tables: dict[str, RawTable] = {}
    if not by_sheet:
        return tables
    book = CalamineWorkbook.from_path(str(path))
    with ThreadPoolExecutor(max_workers=1) as other_core:
        for sheet, parts in by_sheet.items():
            content = package.read(parts[0].sheet_part)
            _refuse_far_cells(sheet, content)
            values = other_core.submit(book.get_sheet_by_name, sheet)
            odd = odd_cells(content, path.name)
            rows = values.result().to_python(skip_empty_area=False)
            others = [table for table in package.tables.values() if table.sheet == sheet]
            for part in parts:
                below, beside = _overlooked(part, rows, others)
                tables[part.name] = replace(_table(part, rows, odd), below=below, beside=beside)
    return tables


def read_formulas(package: Package, part: TablePart, header: str) -> list[str]:
    """Formulas in a column of a table, "" for one that is shared with other cells; nothing where there are none."""
    column = column_letters(part.body.left + part.headers.index(header))
    # A blank cell closes itself; without that alternative it would seem to hold what its neighbour holds.
    cell = re.compile(rb'<c r="%s(\d+)"[^>]*?(?:/>|>(.*?)</c>)' % column.encode(), re.DOTALL)
    found = []
    for number, inner in cell.findall(package.read(part.sheet_part)):
        formula = _FORMULA.search(inner)
        if formula is not None and part.body.top <= int(number) <= part.body.bottom:
            found.append(html.unescape((formula[1] or b"").decode()))
    return found


def _refuse_far_cells(sheet: str, content: bytes) -> None:
    """A cell at the far corner makes a rectangle that no machine holds."""
    rows = max(map(int, _ROW.findall(content)), default=0)
    columns = 702 if _FAR_COLUMN.search(content) is None else 16_384
    if rows * columns > intake.MAX_CELLS:
        letters = set(_CELL_COLUMN.findall(content))
        columns = max((column_index(name.decode()) for name in letters), default=0) + 1
    if rows * columns > intake.MAX_CELLS:
        message = f"the sheet reaches to {column_letters(columns - 1)}{rows}; the limit is {intake.MAX_CELLS:,} cells"
        raise PlanError([Problem(sheet, "", message, "Delete the empty rows and columns around the data, then save.")])


def odd_cells(content: bytes, name: str) -> dict[tuple[int, int], Odd]:
    """Cells that show an error, were never calculated, or hold no number: {(row from 1, column from 0): what}."""
    start, end = content.find(b"<sheetData"), content.rfind(b"</sheetData>")
    _refuse_unusual(content, start, end, name)
    if start < 0:
        return {}
    suspicious = (
        content.find(b't="e"', start, end) >= 0
        or content.find(b"<f", start, end) >= 0
        or _NOT_A_NUMBER.search(content, start, max(end, start)) is not None
    )
    found: dict[tuple[int, int], Odd] = {}
    if not suspicious:
        return found
    for piece in content[start:end].split(b"<c ")[1:]:
        tag = piece[: piece.find(b">")]
        if b"<f" not in piece and b't="e"' not in tag and not _NOT_A_NUMBER.search(piece):
            continue
        attributes = dict(_ATTRIBUTE.findall(tag))
        odd = _odd(piece, attributes.get(b"t", b"n"))
        reference = attributes.get(b"r", b"").decode()
        match = re.fullmatch(r"([A-Z]+)(\d+)", reference)
        if odd is not None and match is not None:
            found[int(match[2]), column_index(match[1])] = odd
    return found


def _refuse_unusual(content: bytes, start: int, end: int, name: str) -> None:
    """Forms that XML and the format allow but no spreadsheet program writes: the search for errors would miss them."""
    prefixed = start < 0 and re.search(rb"<\w+:sheetData", content)
    cells = content.count(b"<c ", start, end) + content.count(b"<c>", start, end) + content.count(b"<c/>", start, end)
    rows = content.count(b"<row", start, end)
    unnumbered = start >= 0 and content.count(b' r="', start, end) < cells + rows
    odd = start >= 0 and (
        content.find(b" t='", start, end) >= 0 or re.compile(rb"<(?:c|row)[\t\r\n]").search(content, start, end)
    )
    if start >= 0 and end < start:
        raise PlanError([Problem(name, "", "the file is damaged (a sheet ends too early)", "Ask for it again.")])
    if prefixed or unnumbered or odd:
        fix = "Open it in Excel or LibreOffice and save it."
        raise PlanError([Problem(name, "", "a sheet was written in an unusual form", fix)])


def _odd(piece: bytes, kind: bytes) -> Odd | None:
    value = _VALUE.search(piece)
    text = (value[1] or b"") if value is not None else b""
    if kind == b"e":
        return CellError(text.decode() or "#N/A")
    formula = _FORMULA.search(piece)
    if formula is not None and not text and (kind != b"str" or value is None):
        return NotCalculated(html.unescape((formula[1] or b"").decode()) or "(shared)")
    if kind == b"n" and _NOT_A_NUMBER.search(piece):
        return CellError("NaN")
    return None


def _overlooked(part: TablePart, rows: list[list[Any]], others: list[TablePart]) -> tuple[str, str]:
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


def _table(part: TablePart, rows: list[list[Any]], odd: dict[tuple[int, int], Odd]) -> RawTable:
    body = part.body
    width = body.right - body.left + 1
    if len(part.headers) != width:
        raise PlanError(
            [Problem(part.sheet, str(part.area), f"table {part.name} declares {len(part.headers)} columns for {width}")]
        )
    if part.header_rows != 1:
        raise PlanError([Problem(part.sheet, str(part.area), f"table {part.name} has no header row", "Switch it on.")])
    doubled = sorted({header for header in part.headers if part.headers.count(header) > 1})
    if doubled:
        raise PlanError([Problem(part.sheet, str(part.area), f'table {part.name} has the column "{doubled[0]}" twice')])
    shown = rows[part.area.top - 1][body.left : body.right + 1] if part.area.top <= len(rows) else []
    for i, header in enumerate(part.headers):
        cell = shown[i] if i < len(shown) else ""
        if isinstance(cell, str) and cell != header and cell.replace("\r\n", "\n") != header:
            where = f"{column_letters(body.left + i)}{part.area.top}"
            message = f'the header reads "{cell}", but table {part.name} calls this column "{header}"'
            raise PlanError(
                [Problem(part.sheet, where, message, "Type the header again in Excel or LibreOffice, and save.")]
            )
    block = [row[body.left : body.right + 1] for row in rows[body.top - 1 : body.bottom]]
    for (number, column), value in odd.items():
        if body.top <= number <= body.bottom and body.left <= column <= body.right and number - body.top < len(block):
            row = block[number - body.top]
            row += [""] * (width - len(row))
            row[column - body.left] = value
    blank = [""] * width
    kept = [(number, row) for number, row in enumerate(block, start=body.top) if row != blank and row]
    columns = tuple(zip(*(row for _, row in kept), strict=True)) if kept else tuple(() for _ in part.headers)
    if kept and len(columns) < width:  # nothing stands in the last columns of the sheet
        columns += tuple(("",) * len(kept) for _ in range(width - len(columns)))
    return RawTable(
        part.name, part.sheet, part.headers, columns, [number for number, _ in kept], body.left, part.area.top
    )
