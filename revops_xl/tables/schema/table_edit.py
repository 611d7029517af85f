"""Single cells of a table of inputs changed, and rows added; everything else in it stays as the user wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import KEEP, ResultTable


@dataclass(frozen=True)
class Edit:
    """New values of one row.

    Attributes:
        row: Index of the row in the raw table; None: a new row.
        values: By header; headers that the table does not have are passed over.
    """

    row: int | None
    values: Mapping[str, Any]


def edited(raw: RawTable, edits: Sequence[Edit]) -> RawTable:
    """The raw table as it will be read."""
    columns = {header: list(raw.column(header)) for header in raw.headers}
    rows = [int(number) for number in raw.rows]
    for edit, number in zip(edits, _places(raw, edits), strict=True):
        at = edit.row
        if at is None:
            at = len(rows)
            rows.append(number)
            for cells in columns.values():
                cells.append(None)
        for header, value in edit.values.items():
            if header in columns:
                columns[header][at] = value
    return replace(raw, columns=tuple(columns[header] for header in raw.headers), rows=rows)


def as_written(raw: RawTable, declared: Table, edits: Sequence[Edit]) -> ResultTable:
    """The same as rows to write: cells that are not edited stay, whatever they hold."""
    table = replace(declared, columns=tuple(column for column in declared.columns if column.name in raw.headers))
    top, places = raw.header_row + 1, _places(raw, edits)
    last = max([raw.last_row, *places])
    cells: dict[str, list[Any]] = {
        name: [KEEP if number <= raw.last_row else None for number in range(top, last + 1)] for name in table.headers
    }
    for edit, number in zip(edits, places, strict=True):
        for header, value in edit.values.items():
            if header in cells:
                cells[header][number - top] = value
    return ResultTable(table, tuple(cells[name] for name in table.headers), in_place=True)


def _places(raw: RawTable, edits: Sequence[Edit]) -> list[int]:
    """Sheet row of each edit: where the row stands, else the blank rows behind the last filled one, then below."""
    following = max([raw.header_row, *map(int, raw.rows)]) + 1
    found = []
    for edit in edits:
        if edit.row is not None:
            found.append(int(raw.rows[edit.row]))
        else:
            found.append(following)
            following += 1
    return found
