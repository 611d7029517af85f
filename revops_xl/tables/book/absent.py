"""Result tables that a workbook does not have: an older plan's, or a sheet that somebody deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from revops_xl.tables.schema.result import Formula, ResultColumn, ResultTable


def absent(tables: Sequence[ResultTable], there: Collection[str], optional: Collection[str]) -> tuple[str, ...]:
    """Names of the tables that would get rows, that a run can do without, and that are not there."""
    return tuple(
        table.table.name
        for table in tables
        if len(table) and table.table.name in optional and table.table.name not in there
    )


def without(tables: Sequence[ResultTable], names: Collection[str]) -> list[ResultTable]:
    """The others; where their formulas read one that is left out, its values stand instead."""
    if not names:
        return list(tables)
    marks = [f"{name}[" for name in names]

    def plain(column: ResultColumn) -> ResultColumn:
        if not isinstance(column, list):
            return column
        return [
            cell.value if isinstance(cell, Formula) and any(_reads(cell.text, mark) for mark in marks) else cell
            for cell in column
        ]

    return [
        replace(table, columns=tuple(map(plain, table.columns))) for table in tables if table.table.name not in names
    ]


def _reads(formula: str, mark: str) -> bool:
    """Whether a formula refers to a table, and not to one whose name ends alike."""
    place = formula.find(mark)
    while place >= 0:
        if not place or not (formula[place - 1].isalnum() or formula[place - 1] == "_"):
            return True
        place = formula.find(mark, place + 1)
    return False
