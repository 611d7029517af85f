"""What a cell holds, and what it should hold, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from revops_xl.tables.schema.declare import Column, Kind

#: Spreadsheets that count from 1900 have a 29 February 1900, which never was; from here on they agree.
FIRST_DAY = dt.date(1900, 3, 1)
TRUE_WORDS = {"true": True, "yes": True, "false": False, "no": False}
#: A bound from here on keeps out slips; it is named only to who goes beyond it.
FAR_BOUND = 1e6


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing; NaN is a DataFrame's blank (a sheet's NaN comes as a CellError)."""
    return value is None or (isinstance(value, str) and not value) or (isinstance(value, float) and value != value)  # noqa: PLR0124


def is_flag(value: object) -> bool:
    """Whether a cell says TRUE or FALSE, as such or in words."""
    return isinstance(value, bool | np.bool_) or (isinstance(value, str) and value.strip().lower() in TRUE_WORDS)


def plain(value: Any) -> str:
    """A cell as people write it."""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)


def needed(column: Column, *, every_bound: bool = False) -> str:
    """What a column needs, for messages."""
    if column.choices:
        return f"one of {', '.join(column.choices)}"
    word = {
        Kind.MONEY: "an amount",
        Kind.PERCENT: "a percentage",
        Kind.FACTOR: "a factor such as 1.05",
        Kind.INTEGER: "a whole number",
        Kind.NUMBER: "a number",
        Kind.BOOLEAN: "TRUE or FALSE",
        Kind.DATE: "a date",
        Kind.NODE: "the name of a node",
    }.get(column.kind, "a value")
    bounds = column.bounds
    if not every_bound and bounds.minimum is not None and bounds.minimum <= -FAR_BOUND:
        bounds = replace(bounds, minimum=None)
    if not every_bound and bounds.maximum is not None and bounds.maximum >= FAR_BOUND:
        bounds = replace(bounds, maximum=None)
    return word + bounds.words(percent=column.kind is Kind.PERCENT)
