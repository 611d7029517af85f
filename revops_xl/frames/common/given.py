"""What a caller gives: numbers, and DataFrames as declared tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import Given, to_raw
from revops_xl.model.bounds import Bounds
from revops_xl.tables.forecast import deals
from revops_xl.tables.schema.declare import Table, snake
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

#: From Python a table may lack what it does not need.
DEALS = replace(
    deals.DEALS,
    columns=tuple(replace(c, optional=c.name != "Status", required=c.name in {"Deal ID", "Status"}) for c in deals.DEALS.columns),
)  # fmt: skip


def check_number(name: str, value: object, bounds: Bounds, problems: list[Problem]) -> None:
    """A number within bounds, or a problem."""
    if not is_number(value) or not bounds.holds(float(value)):  # type: ignore[arg-type]
        kind = "whole number" if bounds.whole else "number"
        problems.append(Problem(name, "", f"{value!r} where a {kind}{bounds.words()} is needed"))


def is_number(value: object) -> bool:
    """Whether a value is a number, and not TRUE or FALSE."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def typed_table(frame: Given, table: Table, name: str, problems: list[Problem]) -> TypedTable | None:
    """A DataFrame as a declared table; its columns may be written as in the workbook or in snake_case."""
    if not isinstance(frame, RawTable):
        import pandas as pd  # noqa: PLC0415  (a worksheet has none)

        if not isinstance(frame, pd.DataFrame):
            raise PlanError([Problem(name, "", "a DataFrame is needed")])
    raw = to_raw(frame, name)
    headers = {column.snake: column.name for column in table.columns}
    renamed = tuple(headers.get(snake(header), header) for header in raw.headers)
    typed = TypedTable(replace(raw, headers=renamed), table, NumberLocale(), problems)
    return typed if typed.check_headers() and len(raw) else None
