"""Cells of a file as values: declared columns as they are declared, the others as what all of their cells are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.codes import Coded
from revops_xl.tables.evidence.currencies import parted
from revops_xl.tables.evidence.separators import separators
from revops_xl.tables.evidence.text_dates import text_dates
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.date_cells import order_of
from revops_xl.tables.schema.declare import NUMERIC, Column, Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale, read_number
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

Values = Any
#: A number with a zero in front is an id: a postal code, a phone number.
_ID = re.compile(r"[-+]?0\d")


def values_of(
    raw: RawTable,
    table: Table,
    headers: Sequence[str],
    locale: NumberLocale,
    problems: list[Problem],
    notes: list[Problem],
    numbers: Collection[str] = (),
) -> dict[str, Values]:
    """The values of some columns of a table with our names.

    Args:
        raw: The file's table.
        table: Its declaration.
        headers: Which columns.
        locale: How numbers are written that are text, where the column does not tell.
        problems: Gets what cannot be read, with its cell.
        notes: Gets what is read otherwise than it is written.
        numbers: Columns beside the declared ones that hold numbers.
    """
    typed = TypedTable(raw, table, locale, problems, notes)
    declared = {column.name: column for column in table.columns}
    found: dict[str, Values] = {}
    for header in headers:
        if header in declared:
            found[header] = _declared(typed, declared[header])
        elif header in numbers:
            found[header] = typed.numbers(header, Column(header, Kind.MONEY, "", minimum=-1e15, maximum=1e15))
        else:
            found[header] = free_values(list(raw.column(header)), locale)
    return found


def _declared(typed: TypedTable, column: Column) -> Values:
    name = column.name
    if column.kind in NUMERIC:
        return typed.numbers(name)
    match column.kind:
        case Kind.DATE | Kind.TIME:
            return typed.dates(name)
        case Kind.BOOLEAN:
            return typed.flags(name)
        case Kind.CHOICE:
            return typed.choices(name)
    return typed.coded(name)


def free_values(cells: Sequence[Any], locale: NumberLocale) -> list[Any]:
    """Cells of a column that nobody declared: texts become numbers or dates where all of them are such.

    Example:
        >>> from revops_xl.tables.schema.number_text import NumberLocale
        >>> free_values(["1,5", "", "2"], NumberLocale("de-DE")), free_values(["02134", "7"], NumberLocale())
        ([1.5, None, 2.0], ['02134', '7'])
    """
    values = [None if is_blank(cell) else cell.strip() if isinstance(cell, str) else cell for cell in cells]
    rows = [(i, value) for i, value in enumerate(values) if isinstance(value, str)]
    if not rows or len(rows) < sum(value is not None for value in values):
        return values
    texts = [*enumerate(dict.fromkeys(text for _, text in rows))]
    plain = [parted(text)[0] for _, text in texts]
    if not any(_ID.match(text) for text in plain):
        how = separators(plain, locale.decimal)
        read = [read_number(text, how.decimal) for text in plain] if how.decimal else [None]
        if all(number is not None for number in read):
            return _placed(values, texts, [number.value for number in read if number is not None])
    days = text_dates([text for _, text in texts], order_of(locale.name))
    if len(days.days) == len(texts) and not days.open:
        return _placed(values, texts, [days.days[i] for i in range(len(texts))])
    if all(text.casefold() in {"true", "false"} for _, text in texts):
        return _placed(values, texts, [text.casefold() == "true" for _, text in texts])
    return values


def _placed(values: list[Any], texts: Sequence[tuple[int, str]], read: Sequence[Any]) -> list[Any]:
    known = {text: value for (_, text), value in zip(texts, read, strict=True)}
    return [known.get(value, value) if isinstance(value, str) else value for value in values]


def plain_list(values: Values) -> list[Any]:
    """Values one by one, None where blank."""
    if isinstance(values, Coded):
        return [text or None for text in values.texts()]
    if isinstance(values, np.ndarray):
        return [None if isinstance(value, float) and np.isnan(value) else value for value in values.tolist()]
    return list(values)


def same(one: Any, other: Any) -> bool:
    """Whether two cells say the same, however the spreadsheet keeps them.

    Example:
        >>> import datetime as dt
        >>> same(1, 1.0), same(None, ""), same(dt.datetime(2026, 1, 2), dt.date(2026, 1, 2)), same("a", "b")
        (True, True, True, False)
    """
    if is_blank(one) or is_blank(other):
        return is_blank(one) and is_blank(other)
    if isinstance(one, dt.date) and isinstance(other, dt.date):
        return _day(one) == _day(other)
    number = int | float
    if isinstance(one, number) and isinstance(other, number):
        return abs(float(one) - float(other)) <= 1e-9 * max(abs(float(one)), abs(float(other)))
    return bool(str(one).strip() == str(other).strip())


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
