"""Header rows: each column of a table has one name, in one cell, on one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import TablePart
from revops_xl.workbook.reading.sheet_scan import Scan


def refuse_disagreement(part: TablePart, shown: Sequence[Any], scanned: Scan) -> None:
    """Refuse a table whose declaration and header cells say different things, or whose cells are merged.

    Args:
        part: The table as the file declares it.
        shown: Cells of its header row, from column A.
        scanned: What else was found on the sheet.

    Raises:
        PlanError: At the first disagreement: after that no column can be trusted.
    """
    merged = [_merged(part, area) for area in scanned.merged if area.overlaps(part.area)]
    if merged:
        raise PlanError(merged)
    area = part.area
    width = area.right - area.left + 1
    if len(part.headers) != width:
        message = f"table {part.name} declares {len(part.headers)} columns for {width}"
        raise PlanError([Problem(part.sheet, str(area), message, "Open it in Excel and save it.")])
    if part.header_rows != 1:
        raise PlanError([Problem(part.sheet, str(area), f"table {part.name} has no header row", "Switch it on.")])
    cells = [*shown, *[""] * (area.right + 1)][area.left : area.right + 1]
    for i, (header, cell) in enumerate(zip(part.headers, cells, strict=True)):
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        if text.replace("\r\n", "\n") != header.replace("\r\n", "\n"):
            message = f'the header reads "{cell}", but table {part.name} calls this column "{header}"'
            fix = "Type the header again in Excel or LibreOffice, and save."
            raise PlanError([Problem(part.sheet, _address(part, i), message, fix)])
    doubled = next((i for i, header in enumerate(part.headers) if header in part.headers[:i]), None)
    if doubled is not None:
        header = part.headers[doubled]
        message = (
            f'table {part.name} has the column "{header}" twice, first in {_address(part, part.headers.index(header))}'
        )
        raise PlanError([Problem(part.sheet, _address(part, doubled), message, "Rename one of them.")])


def faults(part: TablePart) -> list[Problem]:
    """Headers of several lines and blank headers in a table that is read."""
    problems = []
    for i, header in enumerate(part.headers):
        if "\n" in header or "\r" in header:
            message = f"the header {header!r} of table {part.name} has several lines"
            problems.append(Problem(part.sheet, _address(part, i), message, "Write it on one line."))
        elif not header.strip():
            problems.append(Problem(part.sheet, _address(part, i), f"table {part.name} has a blank header", "Name it."))
    return problems


def _merged(part: TablePart, area: Area) -> Problem:
    message = f"merged cells {area} reach into table {part.name}: only the first of them holds a value"
    return Problem(part.sheet, str(area), message, "Unmerge them and fill each cell.")


def _address(part: TablePart, column: int) -> str:
    return f"{column_letters(part.area.left + column)}{part.area.top}"
