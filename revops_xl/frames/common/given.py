"""What a caller gives: numbers, and DataFrames as declared tables."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import Given, to_raw
from revops_xl.model.bounds import Bounds
from revops_xl.tables.forecast import deals
from revops_xl.tables.schema.declare import Table, snake
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.proper_rows import proper_rows
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

#: The largest number of a double, and how much of a value a message shows.
LARGEST_DOUBLE, LONGEST_SHOWN = int(np.finfo(np.float64).max), 40
#: From Python a table may lack what it does not need.
DEALS = replace(
    deals.DEALS,
    columns=tuple(replace(c, optional=c.name != "Status", required=c.name in {"Deal ID", "Status"}) for c in deals.DEALS.columns),
)  # fmt: skip


def check_number(name: str, value: object, bounds: Bounds, problems: list[Problem]) -> None:
    """A number within bounds, or a problem."""
    if not is_number(value) or not bounds.holds(float(value)):  # type: ignore[arg-type]
        kind = "whole number" if bounds.whole else "number"
        problems.append(Problem(name, "", f"{shown(value)} where a {kind}{bounds.words()} is needed"))


def is_number(value: object) -> bool:
    """Whether a value is a number that a cell can hold, and not TRUE or FALSE."""
    if isinstance(value, int) and not isinstance(value, bool):
        return -LARGEST_DOUBLE <= value <= LARGEST_DOUBLE
    return isinstance(value, float | np.integer | np.floating)


def shown(value: object) -> str:
    """A value for a message, cut where it is endless."""
    try:
        text = repr(value)
    except ValueError:  # Python does not write out numbers of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def as_rows(raw: RawTable, table: Table, problems: list[Problem]) -> RawTable:
    """The rows without totals and footers; what is left out, or may be one, is a Python warning."""
    told: list[Problem] = []
    proper = proper_rows(raw, table, NumberLocale(), problems, told, told)
    for each in told:
        warnings.warn(str(each), stacklevel=5)
    return proper


def typed_table(frame: Given, table: Table, name: str, problems: list[Problem]) -> TypedTable | None:
    """A DataFrame as a declared table; its columns may be written as in the workbook or in snake_case."""
    if not isinstance(frame, RawTable):
        import pandas as pd  # noqa: PLC0415  (a worksheet has none)

        if not isinstance(frame, pd.DataFrame):
            raise PlanError([Problem(name, "", "a DataFrame is needed")])
    raw = to_raw(frame, name)
    headers = {column.snake: column.name for column in table.columns}
    renamed = tuple(headers.get(snake(header), header) for header in raw.headers)
    proper = as_rows(replace(raw, headers=renamed), table, problems)
    typed = TypedTable(proper, table, NumberLocale(), problems)
    return typed if typed.check_headers() and len(raw) else None
