"""The sheets of a workbook as grids, hidden rows and all; what could run or fetch is refused at the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from revops_xl.tables.imports.grid import Grid
from revops_xl.workbook.file import intake
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.reading.currency_formats import cells_with, currency_looks
from revops_xl.workbook.reading.read import read_sheets


def sheet_grids(path: Path, sheet: str = "") -> list[Grid]:
    """Read the sheets of a workbook that somebody else made.

    Args:
        path: The workbook.
        sheet: Only this one; "": all.

    Raises:
        PlanError: The file is refused.
    """
    intake.admit(path, outside=True)
    with intake.damage_told(path), Package(path) as package:
        names = [name for name in package.sheets if not sheet or name.casefold() == sheet.casefold()]
        looks = currency_looks(package.shared().get("styles"))
        found = []
        for name, rows, _ in read_sheets(path, package, names, trusted=False):
            if any(any(cell not in {None, ""} for cell in row) for row in rows):
                shown = cells_with(looks, package.read(package.sheets[name])) if looks else {}
                areas = {t.name: t.area for t in package.tables.values() if t.sheet == name and t.header_rows == 1}
                found += [_of_table(path.name, name, each, rows, area, shown) for each, area in areas.items()]
                if not areas:
                    found.append(Grid(path.name, name, rows, currencies=shown))
    return [replace(found[0], sheet="")] if len(found) == 1 and not sheet else found


def _of_table(
    file: str, sheet: str, table: str, rows: Sequence[Sequence[Any]], area: Area,
    shown: Mapping[str, Sequence[tuple[int, int]]],
) -> Grid:  # fmt: skip
    """A table of a sheet alone: cells keep their places."""
    blank = [None] * area.left
    cells = [
        [*blank, *row[area.left : area.right + 1]] if area.top <= number <= area.bottom else []
        for number, row in enumerate(rows[: area.bottom], start=1)
    ]
    inside = {
        token: [(row, column) for row, column in places if area.left <= column <= area.right]
        for token, places in shown.items()
    }
    name = sheet if table == sheet else f"{sheet}, table {table}"
    return Grid(file, name, cells, header=area.top - 1, currencies=inside)
