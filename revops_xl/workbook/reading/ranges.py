"""Cells of a workbook file as rows: a table with its headers, or any area of a sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from revops_xl.errors import PlanError, Problem
from revops_xl.model.codes import Coded
from revops_xl.workbook.file import intake
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.references import split_reference
from revops_xl.workbook.reading.read import read_sheets, read_tables


def read_range(path: Path, name: str) -> list[tuple[Any, ...]]:
    """The cells of a table, headers first, or of an area such as Sheet1!A1:F20; blanks are "" or None.

    Raises:
        PlanError: The file is refused, or has nothing of this name.
    """
    intake.admit(path)
    with intake.damage_told(path), Package(path) as package:
        sheet, area = split_reference(name)
        if area is not None and sheet in package.sheets:
            _, rows, _ = next(read_sheets(path, package, [sheet]))
            return [_cut(row, area) for row in [*rows, *[[]] * (area.bottom - len(rows))][area.top - 1 : area.bottom]]
        found = next((table.name for table in package.tables.values() if table.name.lower() == name.lower()), None)
        if found is None:
            listed = ", ".join(sorted(table.name for table in package.tables.values())) or "none"
            message = f'there is no table or area "{name}"; its tables are {listed}'
            raise PlanError(
                [Problem(path.name, "", message, "Write a table's name, or an area such as Sheet1!A1:F20.")]
            )
        raw = read_tables(path, package, {found})[0].raw
        columns = [column.texts() if isinstance(column, Coded) else list(column) for column in raw.columns]
        return [tuple(raw.headers), *zip(*columns, strict=True)]


def _cut(row: list[Any], area: Area) -> tuple[Any, ...]:
    wide = [*row, *[None] * (area.right + 1 - len(row))]
    return tuple(wide[area.left : area.right + 1])
