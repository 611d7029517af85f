"""Results as cells: tables with their headers, and figures in the shape of the range they were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from revops_xl.functions.cells import Answer, Cell, Grid, rows_of
from revops_xl.model.money import Floats
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.result import ResultTable

if TYPE_CHECKING:
    import pandas as pd


def of_table(table: ResultTable) -> Grid:
    """A result table with the headers of the workbook."""
    return rows_of(table.table.headers, [table.values(name) for name in table.table.headers])


def of_frame(frame: pd.DataFrame, table: Table | None = None) -> Grid:
    """A DataFrame with the headers of the workbook, or its own in plain words."""
    named = {column.snake: column.name for column in table.columns} if table is not None else {}
    headers = [named.get(str(name), str(name).replace("_", " ").capitalize()) for name in frame.columns]
    missing = frame.isna()
    columns = [
        [None if gone else cell for cell, gone in zip(frame[name].tolist(), missing[name].tolist(), strict=True)]
        for name in frame.columns
    ]
    return rows_of(headers, columns)


def of_figures(values: Floats) -> Answer:
    """Figures in their shape; one alone as a cell. NaN is blank."""
    cells = tuple(tuple(None if value != value else value for value in row) for row in np.atleast_2d(values).tolist())  # noqa: PLR0124
    return _alone(cells)


def of_texts(grid: Sequence[Sequence[Cell]]) -> Answer:
    """Texts in their shape; one alone as a cell."""
    return _alone(tuple(tuple(row) for row in grid))


def _alone(cells: Grid) -> Answer:
    return cells[0][0] if len(cells) == 1 and len(cells[0]) == 1 else cells


def together(names: Sequence[str], ranges: Sequence[Floats], problem: Callable[[str, str], None]) -> list[Floats]:
    """Ranges of one shape, single cells stretched to it; a problem where shapes differ."""
    shapes = {values.shape for values in ranges if values.size > 1}
    if len(shapes) > 1:
        listed = ", ".join(f"{name} {v.shape[0]} by {v.shape[1]}" for name, v in zip(names, ranges, strict=True))
        many = [(name, v.shape) for name, v in zip(names, ranges, strict=True) if v.size > 1]
        other = next(name for name, shape in many if shape != many[0][1])
        problem(other, f"another shape than {many[0][0]}: {listed} cells")
        return [np.full((1, 1), np.nan) for _ in ranges]
    shape = shapes.pop() if shapes else (1, 1)
    return [np.broadcast_to(values, shape) for values in ranges]
