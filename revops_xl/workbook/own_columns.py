"""Columns that users added inside our result tables: their cells go with the row they were written for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.raw import NotCalculated, RawTable
from revops_xl.tables.result import Formula, ResultTable
from revops_xl.tables.typed import is_blank
from revops_xl.workbook.package import Package, TablePart
from revops_xl.workbook.read import read_tables
from revops_xl.workbook.sheet_form import usual_form
from revops_xl.workbook.sheet_scan import read_formulas


@dataclass(frozen=True)
class OwnColumn:
    """A user's column in a result table: its cells in the order of the new rows."""

    header: str
    cells: list[object]


def keep_own_columns(path: Path, package: Package, results: Sequence[ResultTable]) -> dict[str, list[OwnColumn]]:
    """Find the users' columns of each result table and put their cells beside the rows they belong to.

    Rows are matched by the key columns of the declaration. A column of one and the same formula is filled down;
    its values come when the spreadsheet calculates.

    Raises:
        PlanError: A cell belongs to a row that is gone, or a column mixes formulas.
    """
    extra = {
        result.table.name: [header for header in part.headers if header not in result.table.headers]
        for result in results
        if (part := package.tables.get(result.table.name)) is not None
    }
    wanted = {name for name, headers in extra.items() if headers}
    if not wanted:
        return {}
    raw = {table.raw.name: table.raw for table in read_tables(path, package, wanted)}
    problems: list[Problem] = []
    kept = {
        result.table.name: [
            OwnColumn(
                header,
                _cells(raw[result.table.name], package.tables[result.table.name], package, header, result, problems),
            )
            for header in extra[result.table.name]
        ]
        for result in results
        if result.table.name in raw
    }
    if problems:
        raise PlanError(problems)
    return kept


def _cells(
    raw: RawTable, part: TablePart, package: Package, header: str, result: ResultTable, problems: list[Problem]
) -> list[object]:
    content = usual_form(package.read(part.sheet_part))
    formulas = read_formulas(content, part.body, part.body.left + part.headers.index(header))
    if formulas:
        if len(set(formulas)) == 1 and formulas[0]:
            return [Formula(formulas[0], "")] * len(result)
        message = f'column "{header}" of table {raw.name} has formulas that differ from row to row'
        fix = "Write one formula for the whole column, with [@Column] references, or move the column beside the table."
        problems.append(Problem(raw.sheet, raw.header_cell(header), message, fix))
        return [None] * len(result)
    keys = result.table.keys
    places = {key: row for row, key in enumerate(zip(*(map(_text, result.values(name)) for name in keys), strict=True))}
    old_keys = list(zip(*(map(_text, raw.column(name)) for name in keys), strict=True))
    cells: list[object] = [None] * len(result)
    for row, (key, value) in enumerate(zip(old_keys, raw.column(header), strict=True)):
        if is_blank(value) or isinstance(value, NotCalculated):
            continue
        if key not in places:
            message = f'"{value}" in your column "{header}" belongs to the row {" / ".join(filter(None, key))}, which is not in the new results'
            problems.append(Problem(raw.sheet, raw.cell(row, header), message, "Move it to another row, or clear it."))
        else:
            cells[places[key]] = value
    return cells


def _text(value: object) -> str:
    """A key as text: 1001 and "1001" are the same node."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if is_blank(value) else str(value)
