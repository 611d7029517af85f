"""Cells of a result table as sheet XML."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.tables.schema.raw import CellError, NotCalculated, column_letters
from revops_xl.tables.schema.result import KEEP, Formula, ResultColumn
from revops_xl.workbook.file.xml import escape, needs_escape

EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (serials carry no time zone)
BLANK = "/>"
_NOT_FINITE = frozenset({"nan", "inf", "-inf"})


def serial(moment: dt.datetime | dt.date) -> float:
    """Days since 1899-12-30, as a sheet of the 1900 system counts."""
    day = moment if isinstance(moment, dt.datetime) else dt.datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    return (day - EPOCH) / dt.timedelta(days=1)


def cell_tail(value: Any) -> str:
    """What follows the cell's reference and style: type, formula, value.

    Example:
        >>> cell_tail(2.5), cell_tail("a<b"), cell_tail(None)
        ('><v>2.5</v></c>', ' t="inlineStr"><is><t>a&lt;b</t></is></c>', '/>')
        >>> cell_tail(Formula("1+1", 2))
        '><f>1+1</f><v>2</v></c>'
    """
    if isinstance(value, Formula):
        return _formula_tail(value)
    if value is None or value is KEEP or value == "":
        return BLANK
    if isinstance(value, bool | np.bool_):
        return f' t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float | np.integer | np.floating):
        number = _number(value)
        return f"><v>{number}</v></c>" if number else BLANK
    if isinstance(value, dt.date):
        return f"><v>{serial(value)!r}</v></c>"
    if isinstance(value, CellError):
        return f' t="e"><v>{escape(value.text)}</v></c>'
    if isinstance(value, NotCalculated):
        return BLANK
    text = str(value)
    space = ' xml:space="preserve"' if _needs_space(text) else ""
    return f' t="inlineStr"><is><t{space}>{escape(text)}</t></is></c>'


def _number(value: float | np.integer | np.floating) -> str:
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _formula_tail(formula: Formula) -> str:
    text, value = escape(formula.text), formula.value
    if isinstance(value, bool | np.bool_):
        return f' t="b"><f>{text}</f><v>{int(value)}</v></c>'
    if isinstance(value, str) or value is None:
        return f' t="str"><f>{text}</f><v>{escape(value or "")}</v></c>'
    return f"><f>{text}</f><v>{_number(value)}</v></c>"


def cell_xml(row: int, column: int, value: Any, look: int) -> bytes:
    """One cell: row from 1, column from 0, and the number of its format."""
    return f'<c r="{column_letters(column)}{row}" s="{look}"{cell_tail(value)}'.encode()


def column_tails(column: ResultColumn) -> list[str]:
    """`cell_tail` of a whole column, by the fastest way its type allows."""
    if isinstance(column, Coded):
        return _coded_tails(column)
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        texts = list(map(repr, column.tolist()))
        if np.isfinite(column).all():
            return [f"><v>{text}</v></c>" for text in texts]
        return [BLANK if text in _NOT_FINITE else f"><v>{text}</v></c>" for text in texts]
    values: Sequence[Any] = column.tolist() if isinstance(column, np.ndarray) else column
    kinds = set(map(type, values))
    if kinds == {int}:
        return [f"><v>{value}</v></c>" for value in values]
    if kinds == {bool}:
        true, false = cell_tail(True), cell_tail(False)
        return [true if value else false for value in values]
    return [cell_tail(value) for value in values]


def _coded_tails(column: Coded) -> list[str]:
    """Each text that occurs is rendered once; texts without special characters all at once."""
    used = np.unique(column.codes).tolist()
    names = [column.names[code] for code in used if code >= 0]
    if needs_escape("".join(names)) or any(map(_needs_space, names)):
        rendered = list(map(cell_tail, names))
    else:
        rendered = [f' t="inlineStr"><is><t>{name}</t></is></c>' for name in names]
    tails = dict(zip((code for code in used if code >= 0), rendered, strict=True))
    tails[-1] = BLANK
    return [tails[code] for code in column.codes.tolist()]


def _needs_space(text: str) -> bool:
    """Whether XML would lose blanks of the text."""
    return text != text.strip() or "\n" in text


def row_template(left: int, styles: Sequence[str]) -> str:
    """A row as a %-template: row number, then for each column the row number and the cell's tail."""
    cells = "".join(
        f'<c r="{column_letters(left + i)}%d"{f" s={chr(34)}{style}{chr(34)}" if style else ""}%s'
        for i, style in enumerate(styles)
    )
    return f'<row r="%d">{cells}</row>'
