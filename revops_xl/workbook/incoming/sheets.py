"""The sheets of a workbook as grids, hidden rows and all; what could run or fetch is refused at the gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from revops_xl.tables.imports.grid import Grid
from revops_xl.workbook.file import intake
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
                found.append(Grid(path.name, name, rows, currencies=shown))
    return [replace(found[0], sheet="")] if len(found) == 1 and not sheet else found
