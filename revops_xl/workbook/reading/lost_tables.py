"""Tables that another program has dropped or renamed, found again by sheet and headers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from revops_xl.tables.book import catalog
from revops_xl.tables.quotas import hierarchy, levels
from revops_xl.tables.schema.declare import Sheet, Table
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.reading.read import Rows, read_sheets

#: A plan has these; where one is missing on a sheet of its name, tables were lost.
_TELLING = ("Settings", "Hierarchy", "Levels")
#: Headers stand in one of the first rows of a sheet.
_DEEPEST = 30
#: So many blank rows end a table.
_BLANK_ROWS = 3


@dataclass(frozen=True)
class LostTables:
    """What was found again.

    Attributes:
        dropped: Where the cells of tables stand that are no tables any more: sheet and range by name.
        renamed: Tables under another name: that name by ours.
        headers: Headers of those that were dropped.
    """

    dropped: dict[str, tuple[str, Area]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.dropped or self.renamed)


def lost_tables(path: Path, package: Package) -> LostTables:
    """The tables of a plan that are there as cells only, or under another name; nothing for a plan that has its tables."""
    sheets = {name.lower(): name for name in package.sheets}
    renamed = _renamed(package)
    if not any(name not in package.tables and name.lower() in sheets for name in _TELLING):
        return LostTables(renamed=renamed)
    found = LostTables(renamed=renamed)
    missing = {name for name in catalog.TABLES if name not in package.tables and name not in found.renamed}
    wanted = [
        sheet for sheet in catalog.SHEETS if sheet.name.lower() in sheets and {t.name for t in sheet.tables} & missing
    ]
    cells = {
        name: rows for name, rows, _ in read_sheets(path, package, [sheets[sheet.name.lower()] for sheet in wanted])
    }
    names = _level_names(cells.get(sheets.get("levels", ""), []))
    for sheet in wanted:
        name = sheets[sheet.name.lower()]
        for table, area in _areas(sheet, cells[name], missing, names).items():
            found.dropped[table] = (name, area)
            found.headers[table] = tuple(str(cell) for cell in cells[name][area.top - 1][area.left : area.right + 1])
    return found


def _renamed(package: Package) -> dict[str, str]:
    """Tables that got a number behind their name, as programs give that allow a name once per account or file."""
    found = {}
    for name in catalog.TABLES:
        others = [other for other in package.tables if re.fullmatch(rf"{name}_?\d+", other, re.IGNORECASE)]
        if name not in package.tables and len(others) == 1:
            found[name] = others[0]
    return found


def _level_names(rows: Rows) -> set[str]:
    """Texts of the sheet Levels, among which are the headers of Hierarchy's levels."""
    return {cell.strip() for row in rows for cell in row[:1] if isinstance(cell, str) and cell.strip()}


def _areas(sheet: Sheet, rows: Rows, missing: Collection[str], names: set[str]) -> dict[str, Area]:
    """Ranges of the sheet's tables, side by side or one below the other."""
    found: dict[str, Area] = {}
    for number, row in enumerate(rows[:_DEEPEST] if len(sheet.tables) < 4 else rows, start=1):
        for left, right in _runs(row):
            texts = [str(cell).strip() for cell in row[left : right + 1]]
            table = next(
                (t for t in sheet.tables if t.name in missing and t.name not in found and _is_header(t, texts, names)),
                None,
            )
            if table is not None:
                found[table.name] = Area(number, left, _bottom(rows, number, left, right), right)
    return found


def _runs(row: Sequence[Any]) -> list[tuple[int, int]]:
    """Filled cells side by side: first and last column of each run."""
    runs: list[tuple[int, int]] = []
    for column, cell in enumerate(row):
        if not isinstance(cell, str) or not cell.strip():
            continue
        if runs and runs[-1][1] == column - 1:
            runs[-1] = (runs[-1][0], column)
        else:
            runs.append((column, column))
    return runs


def _is_header(table: Table, texts: Sequence[str], names: set[str]) -> bool:
    """Whether a run of cells is the header row of a table."""
    if table is hierarchy.TABLE:
        return len(names & set(texts)) >= 2
    needed = {column.name for column in table.columns if not column.optional}
    return needed <= set(texts) and (table is not levels.LEVELS or len(texts) <= len(table.columns) + 2)


def _bottom(rows: Rows, header: int, left: int, right: int) -> int:
    """Last row of a table, from 1: the last filled one before several blank rows; one row at least."""
    last = header + 1
    for number in range(header + 1, len(rows) + 1):
        if any(cell not in {"", None} for cell in rows[number - 1][left : right + 1]):
            last = number
        elif number - last >= _BLANK_ROWS:
            break
    return last
