"""A column of numbers: typed as numbers, as text, or as something that a spreadsheet made of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.tables.evidence.currencies import is_currency_of, named, parted
from revops_xl.tables.evidence.percents import percents
from revops_xl.tables.evidence.separators import COMMA, readings, separators
from revops_xl.tables.schema.cell_values import TRUE_WORDS, is_blank, is_flag, needed, plain
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.number_text import ReadNumber, read_number
from revops_xl.tables.schema.raw import Cells

if TYPE_CHECKING:
    from revops_xl.tables.schema.typed import TypedTable

#: A number above it is none of the parts of 1 that percentages are read as.
MOST_PART = 2.0
_SHORT = re.compile(r"[\d.,]+ ?[kKmMbB]n?")
#: Locales to name when a decimal separator has to be settled.
_EXAMPLE = {COMMA: "de-DE", ".": "en-US"}


def number_cells(typed: TypedTable, name: str, column: Column, *, flags: bool) -> tuple[Floats, bool]:
    """The numbers, NaN where blank or wrong; and whether the column holds TRUE/FALSE and nothing but.

    Args:
        typed: The table.
        name: Header.
        column: What it may hold.
        flags: Whether TRUE and FALSE are allowed.
    """
    cells = typed.cells(name)
    only_flags = False
    texts: dict[int, ReadNumber | None] = {}
    if isinstance(cells, np.ndarray) and cells.dtype.kind in ("fiub" if flags else "fiu"):
        values = cells.astype(np.float64)
        only_flags = cells.dtype.kind == "b"
    else:
        kinds = set(map(type, cells))
        if kinds <= {float, int} and all(map(_is_small, cells)):
            values = np.array(cells, dtype=np.float64)
        else:
            texts = _read_texts(typed, name, column, cells, flags=flags) if str in kinds else {}
            if any(issubclass(kind, dt.date) for kind in kinds):
                _refuse_dates(typed, name, column, cells)
            values = np.array(
                [_number(typed, row, name, value, column, texts, flags=flags) for row, value in enumerate(cells)]
            )
            only_flags = bool in kinds or np.bool_ in kinds or (flags and str in kinds and any(map(is_flag, cells)))
    if column.kind in {Kind.MONEY, Kind.NUMBER} and name in typed.raw.currencies:
        _refuse_formats(typed, name)
    infinite = np.isinf(values)
    for row in np.flatnonzero(infinite).tolist():
        typed.problem(row, name, "the number is infinite", f"Enter {needed(column)}.")
    values = np.where(infinite, np.nan, values) if infinite.any() else values
    values = _in_percent(typed, name, column, values, texts)
    _check_bounds(typed, name, column, values)
    present = values[~np.isnan(values)]
    binary = bool(((present == 0) | (present == 1)).all())
    if only_flags and not binary:
        for row, value in enumerate(cells):
            if is_flag(value):
                typed.problem(
                    row, name, f"{str(value).upper()} in a column of numbers", "Enter a number, or clear the cell."
                )
    return values, only_flags and binary


def _is_small(value: Any) -> bool:
    """Whether a float can hold it."""
    return isinstance(value, float) or -(2**1023) < value < 2**1023


def _number(
    typed: TypedTable,
    row: int,
    name: str,
    value: Any,
    column: Column,
    texts: Mapping[int, ReadNumber | None],
    *,
    flags: bool,
) -> float:
    if is_blank(value):
        return np.nan
    if isinstance(value, bool | np.bool_):
        if flags:
            return float(value)
        typed.problem(row, name, f"{str(value).upper()} where {needed(column)} is needed")
    elif isinstance(value, int | float | np.integer | np.floating):
        return float(value) if _is_small(value) else np.inf
    elif isinstance(value, str):
        if flags and value.strip().lower() in TRUE_WORDS:
            return float(TRUE_WORDS[value.strip().lower()])
        read = texts.get(row)
        return np.nan if read is None else read.value
    elif not typed.is_bad(row, name):
        typed.not_a_value(row, name, value, column)
    return np.nan


# --- texts -------------------------------------------------------------------------------------------------------


def _read_texts(
    typed: TypedTable, name: str, column: Column, cells: Cells, *, flags: bool
) -> dict[int, ReadNumber | None]:
    """Each text of the column as a number; None, and a problem, where it is none or has two readings."""
    rows, bare, other = [], [], dict[str, list[int]]()
    for row, cell in enumerate(cells):
        if not isinstance(cell, str) or not cell or (flags and cell.strip().lower() in TRUE_WORDS):
            continue
        amount, currency = parted(cell)
        rows.append(row)
        bare.append(amount)
        if currency and not is_currency_of(currency, typed.locale.currency):
            other.setdefault(named(currency), []).append(row)
    _refuse_currencies(typed, name, other)
    how = separators(bare, typed.locale.decimal)
    if not how.decimal:
        _refuse_separators(typed, name, rows, bare, how.deciding, how.against, how.open)
        if how.deciding is None:
            typed.pass_over([rows[i] for i in how.open], name)
    elif how.deciding is not None and (how.decimal != typed.locale.decimal or how.open):
        word = "comma" if how.decimal == COMMA else "point"
        message = f'texts of {name} are read with a decimal {word}, because of "{bare[how.deciding]}"'
        typed.note([rows[how.deciding]], name, message, f"The setting Locale is {typed.locale.name}.")
    return {
        row: _read_one(typed, row, name, column, text, how.decimal or typed.locale.decimal)
        for row, text in zip(rows, bare, strict=True)
    }


def _read_one(typed: TypedTable, row: int, name: str, column: Column, text: str, decimal: str) -> ReadNumber | None:
    if typed.is_bad(row, name):
        return None
    read = read_number(text, decimal)
    if read is None:
        shown = plain(typed.cells(name)[row])
        if _SHORT.fullmatch(text.strip()):
            typed.problem(row, name, f'"{shown}" is short for a number', "Write it out, such as 250000.")
            return None
        if column.kind is Kind.PERCENT and not re.search(r"\d", text):
            fix = "Write a percentage for each such word, such as 75%, or clear the column."
            typed.problem(row, name, f'"{shown}" is a word; {needed(column)} is needed', fix)
            return None
        typed.problem(
            row,
            name,
            f'"{shown}" is not a number as {typed.locale.name} writes them ({typed.locale.example}); '
            f"{needed(column)} is needed",
            'Type a number, or set "Locale" on the sheet Settings to the one the text is written in.',
        )
        return None
    if read.percent and column.kind not in {Kind.PERCENT, Kind.NUMBER}:
        typed.problem(row, name, f'"{text}" is a percentage; {needed(column)} is needed')
        return None
    return read


def _refuse_currencies(typed: TypedTable, name: str, other: Mapping[str, Sequence[int]]) -> None:
    """Amounts of another currency are never read as those of the plan."""
    for currency, rows in other.items():
        message = f"{name} is in {currency}; the plan is in {typed.locale.currency}"
        fix = f"Enter {currency} on the sheet Rates (revops-xl parts PLAN --add currencies): amounts of different currencies are never added."
        typed.refuse(rows, name, message, fix)


def _refuse_formats(typed: TypedTable, name: str) -> None:
    """Numbers whose cells show another currency by their format."""
    places = {int(number): row for row, number in enumerate(typed.raw.rows)}
    for token, numbers in typed.raw.currencies[name].items():
        rows = [places[number] for number in numbers if number in places]
        if rows and not is_currency_of(token, typed.locale.currency):
            message = f"the format of {name} shows {named(token)}; the plan is in {typed.locale.currency}"
            fix = f"Convert the amounts into {typed.locale.currency}, or give the cells another format if they are."
            typed.refuse(rows, name, message, fix)


def _refuse_separators(
    typed: TypedTable,
    name: str,
    rows: Sequence[int],
    texts: Sequence[str],
    deciding: int | None,
    against: int | None,
    undecided: Sequence[int],
) -> None:
    if deciding is not None and against is not None:
        message = f'"{texts[deciding]}" and "{texts[against]}" are written in two ways in one column'
        typed.refuse([rows[deciding], rows[against]], name, message, "Write both in one way, best as numbers.")
        return
    first = texts[undecided[0]]
    point, comma = readings(first)
    message = f'"{first}" has two readings: {plain(point)} and {plain(comma)}'
    groups = COMMA if typed.locale.decimal == "." else "."
    fix = (
        f'Set "Locale" on the sheet Settings to the one it is written in, such as {_EXAMPLE[groups]}, or type numbers.'
    )
    typed.refuse([rows[i] for i in undecided], name, message, fix)


# --- percentages, dates, bounds ----------------------------------------------------------------------------------


def _in_percent(
    typed: TypedTable, name: str, column: Column, values: Floats, texts: Mapping[int, ReadNumber | None]
) -> Floats:
    """Percentages as parts of 1, whatever they are among."""
    if column.kind is Kind.NUMBER and any(read is not None and read.percent for read in texts.values()):
        _refuse_mixed_percents(typed, name, values, texts)
    if column.kind is not Kind.PERCENT:
        return values
    if column.maximum == 1:
        return _percentages(typed, name, values, texts)
    _tell_large_percents(typed, name, values)
    return values


def _percentages(typed: TypedTable, name: str, values: Floats, texts: Mapping[int, ReadNumber | None]) -> Floats:
    """Parts of 1, whether the column holds them or numbers up to 100."""
    if len(values) < 2 or not (values > 1).any():
        return values  # one value is no evidence
    marked = [(read := texts.get(row)) is not None and read.percent for row in range(len(values))]
    how = percents(values.tolist(), marked)
    if how.above is None:
        return values
    shown = f"{values[how.above]:g}"
    if how.divisor == 100:
        rows = [row for row in np.flatnonzero(~np.isnan(values)).tolist() if not marked[row]]
        typed.note(rows, name, f"{name} is read as percent, because of {shown}: {shown} is {shown} %", "")
        return np.where(np.array(marked) | (values > 100) | (values < 0), values, values / 100)
    inside = how.inside if how.inside is not None else how.above
    message = f"{name} holds {shown} and {values[inside]:g}: numbers up to 100 beside parts of 1"
    typed.refuse(
        [how.above, inside], name, message, f"Write {shown}% for {shown} percent: a column is read in one way."
    )
    return np.where(values > 1, np.nan, values)


def _refuse_mixed_percents(
    typed: TypedTable, name: str, values: Floats, texts: Mapping[int, ReadNumber | None]
) -> None:
    """Percentages that are text beside numbers that can be no parts of 1."""
    marked = [row for row, read in texts.items() if read is not None and read.percent]
    others = [row for row in np.flatnonzero(values > MOST_PART).tolist() if row not in set(marked)]
    if others:
        shown = plain(typed.cells(name)[marked[0]])
        message = f'"{shown}" and {values[others[0]]:g} in one column: a percentage is read as a part of 1, a number as it stands'
        typed.refuse([marked[0], others[0]], name, message, "Write all as percentages, or none.")


def _tell_large_percents(typed: TypedTable, name: str, values: Floats) -> None:
    """Growth and the like of more than 100 %, as a number: more often percent that was meant."""
    rows = np.flatnonzero(values > 1).tolist()
    if rows:
        first = values[rows[0]]
        typed.note(
            rows, name, f"{name} of {first:g} is read as {first * 100:g} %", f"Write {first:g}% for {first:g} percent."
        )


def _refuse_dates(typed: TypedTable, name: str, column: Column, cells: Cells) -> None:
    """Numbers that a spreadsheet shows as dates, because their cells have the format of dates."""
    rows = [row for row, cell in enumerate(cells) if isinstance(cell, dt.date)]
    filled = sum(not is_blank(cell) for cell in cells)
    if len(rows) < 2 or 2 * len(rows) < filled:
        return  # a date among numbers is a slip of its own
    message = (
        f"the cells of {name} have the format of dates ({plain(cells[rows[0]])}), where {needed(column)} is needed"
    )
    fix = "If they are numbers, format the column as Number: they come back as they were typed."
    typed.refuse(rows, name, message, fix)


def _check_bounds(typed: TypedTable, name: str, column: Column, values: Floats) -> None:
    bad = np.zeros(len(values), dtype=bool)
    with np.errstate(invalid="ignore"):
        if column.minimum is not None:
            bad |= values < column.minimum
        if column.above is not None:
            bad |= values <= column.above
        if column.maximum is not None:
            bad |= values > column.maximum
        if column.kind is Kind.INTEGER:
            bad |= values != np.floor(values)
    bad &= ~np.isnan(values)
    for row in np.flatnonzero(bad).tolist():
        beyond = column.maximum is not None and values[row] > column.maximum
        wanted = needed(column, every_bound=beyond)
        fix = ""
        if column.kind is Kind.PERCENT and column.maximum == 1 and 1 < values[row] <= 100:
            fix = f"Write {values[row]:g}% for {values[row]:g} percent."
        typed.problem(row, name, f"{name} is {plain(values[row])}; {wanted} is needed", fix)
        values[row] = np.nan
