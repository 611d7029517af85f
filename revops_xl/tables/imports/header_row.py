"""The row of headers of a grid, below titles and above the rows, and the grid as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.evidence.header_names import known_names, plain
from revops_xl.tables.evidence.names import tidy_name
from revops_xl.tables.imports.grid import Grid
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import CellError, NotCalculated, RawTable, column_letters

#: Rows in which headers are looked for.
_LOOKED_AT = 40
#: How it is said that a table is empty.
NO_ROW = "no row stands below the names of the columns"
#: Part of the widest row that a row of headers fills.
_WIDE = 0.5


def as_table(grid: Grid, own: Sequence[str] = ()) -> tuple[RawTable, tuple[str, ...]]:
    """The rows below the headers, with blank rows left out, and how they were read; the table has no name yet.

    Args:
        grid: The cells.
        own: Further names that headers may have, such as those of the plan's own columns.

    Raises:
        PlanError: No row can be that of the headers, or there is no row below.
    """
    at = grid.header if grid.header is not None else _header_row(grid.rows, own)
    if at is None:
        message = "no row of column names is found"
        raise PlanError([Problem(grid.name, "", message, "Put the names of the columns above the rows.")])
    names = [_name(cell) for cell in grid.rows[at]]
    grid, names = _alone(grid, at, names)
    _refuse_doubled(grid, at, names)
    body = [(i + 1, row) for i, row in enumerate(grid.rows) if i > at and any(not is_blank(cell) for cell in row)]
    if not body:
        raise PlanError([Problem(grid.name, "", f"{NO_ROW} in row {at + 1}")])
    width = max(len(names), *(len(row) for _, row in body))
    names += [""] * (width - len(names))
    cells = [row if len(row) == width else [*row, *[None] * (width - len(row))] for _, row in body]
    columns = list(zip(*cells, strict=True))
    headers = _unique([name or f"(column {column_letters(i)})" for i, name in enumerate(names)])
    # columns at the left that nothing stands in only keep the others at their addresses
    filled = [i for i in range(width) if names[i] or any(not is_blank(cell) for cell in columns[i])]
    first = filled[0] if filled else 0
    headers, columns = headers[first:], columns[first:]
    while len(headers) > 1 and headers[-1] == f"(column {column_letters(first + len(headers) - 1)})" and all(is_blank(cell) for cell in columns[-1]):  # fmt: skip
        headers, columns = headers[:-1], columns[:-1]
    odd = any(isinstance(cell, CellError | NotCalculated) for column in columns for cell in column)
    shown: dict[str, dict[str, tuple[int, ...]]] = {}
    for token, places in grid.currencies.items():
        for row, column in places:
            if row > at + 1 and first <= column < first + len(headers):
                by_token = shown.setdefault(headers[column - first], {})
                by_token[token] = (*by_token.get(token, ()), row)
    rows = [i for i, _ in body]
    return RawTable(
        "", grid.name, tuple(headers), tuple(columns), rows, first, at + 1, has_odd=odd, currencies=shown
    ), grid.told


def _alone(grid: Grid, at: int, names: list[str]) -> tuple[Grid, list[str]]:
    """The one of several tables beside each other, with blank columns between, whose columns are known best."""
    width = max(len(row) for row in grid.rows[at:])
    names = [*names, *[""] * (width - len(names))]
    empty = [not names[i] and all(i >= len(row) or is_blank(row[i]) for row in grid.rows[at:]) for i in range(width)]
    blocks: list[list[int]] = [[]]
    for i in range(width):
        if empty[i]:
            blocks.append([])
        else:
            blocks[-1].append(i)
    blocks = [block for block in blocks if block]
    if len(blocks) < 2:
        return grid, names
    known = known_names()
    best = max(blocks, key=lambda block: (sum(plain(names[i]) in known for i in block), len(block)))
    kept = set(best)
    rows = [[cell if i in kept else None for i, cell in enumerate(row)] for row in grid.rows]
    others = ", ".join(
        f"{column_letters(block[0])} to {column_letters(block[-1])}" for block in blocks if block is not best
    )
    told = (*grid.told, f"columns {others} are another table, passed over")
    return replace(grid, rows=rows, told=told), [name if i in kept else "" for i, name in enumerate(names)]


def _refuse_doubled(grid: Grid, at: int, names: Sequence[str]) -> None:
    """Refuse a name that means something and stands twice: which of the columns is meant is not guessed."""
    known = known_names()
    problems = []
    for i, name in enumerate(names):
        first = names.index(name)
        if name and first < i and plain(name) in known:
            where = f"{column_letters(i)}{at + 1}"
            message = f'"{name}" stands twice, first in {column_letters(first)}{at + 1}'
            problems.append(Problem(grid.name, where, message, "Rename one of them, or delete its column."))
    if problems:
        raise PlanError(problems)


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if is_blank(cell) else tidy_name(str(cell).replace("\n", " "))


def _unique(names: Sequence[str]) -> list[str]:
    """The same names, the second of a kind with its number."""
    found: list[str] = []
    for name in names:
        number, fresh = 1, name
        while fresh in found:
            number += 1
            fresh = f"{name} ({number})"
        found.append(fresh)
    return found


def _header_row(rows: Sequence[Sequence[Any]], own: Sequence[str]) -> int | None:
    """The row with the most names that are known; else the first wide row of texts with something below."""
    known = known_names() | {plain(name) for name in own}
    filled = [sum(not is_blank(cell) for cell in row) for row in rows[:_LOOKED_AT]]
    if not filled or not max(filled):
        return None
    widest = max(filled)
    best, most = None, 1
    for i, row in enumerate(rows[:_LOOKED_AT]):
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        if len(texts) < max(2, _WIDE * filled[i]) and widest > 1:
            continue
        hits = sum(plain(cell) in known for cell in texts)
        if hits > most and filled[i] >= _WIDE * widest:
            best, most = i, hits
    if best is not None:
        return best
    for i, row in enumerate(rows[:_LOOKED_AT]):
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        if filled[i] >= max(_WIDE * widest, min(2, widest)) and len(texts) == len({*texts}) >= _WIDE * filled[i]:
            return i
    return None
