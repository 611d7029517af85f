"""The rows of a table without totals, footers and repeated headers, each of which is told or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats
from revops_xl.tables.evidence.currencies import parted
from revops_xl.tables.evidence.separators import separators
from revops_xl.tables.evidence.totals import OddRow, Verdict, odd_rows
from revops_xl.tables.schema.declare import Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale, read_number
from revops_xl.tables.schema.raw import CellColumn, RawTable

NAMED, SUMMED = "named", "summed"
_TEXTS = {Kind.TEXT, Kind.NODE, Kind.CHOICE}
_AMOUNTS = {Kind.MONEY, Kind.NUMBER, Kind.INTEGER}
_LEFT_OUT = {
    Verdict.TOTAL: '"{text}" is the sum of the rows above: a total, left out',
    Verdict.FOOTER: '"{text}" is the footer of a report, left out',
    Verdict.HEADER: "the headers stand here again, left out",
}
_NAMELESS = "a row without any text is the sum of the rows above: a total, left out"
#: A column of texts up to this share of numbers is none of numbers.
_MOSTLY = 0.5


def proper_rows(
    raw: RawTable,
    table: Table,
    locale: NumberLocale,
    problems: list[Problem],
    notes: list[Problem],
    warnings: list[Problem],
) -> RawTable:
    """The table without rows that are none.

    Args:
        raw: The cells.
        table: The declaration, which says whether totals can be among them.
        locale: How numbers are written that are text.
        problems: Gets rows that are called totals and are no sums.
        notes: Gets what is left out.
        warnings: Gets rows that are sums without being called so.
    """
    if not table.totals or len(raw) < 2:
        return raw
    texts, numbers = _columns(raw, table, locale)
    out: list[OddRow] = []
    for odd in odd_rows(texts, numbers, table.id_column, sums=table.totals == SUMMED):
        cell = raw.cell(odd.row, odd.column or next(iter(numbers), raw.headers[0]))
        if odd.verdict in _LEFT_OUT:
            out.append(odd)
            message = _LEFT_OUT[odd.verdict].format(text=odd.text) if odd.text else _NAMELESS
            notes.append(Problem(raw.sheet, cell, message))
        elif odd.verdict is Verdict.NAME_ONLY:
            message = f'"{odd.text}" is called a total, but its numbers are not the sum of the rows above'
            problems.append(Problem(raw.sheet, cell, message, "Delete the row, or give it another name."))
        else:
            message = f"row {raw.row_text(odd.row)} is the sum of rows above it: it may be a total"
            warnings.append(Problem(raw.sheet, cell, message, "Delete the row if it is one."))
    return without_rows(raw, [odd.row for odd in out])


def without_rows(raw: RawTable, rows: Sequence[int]) -> RawTable:
    """The table without some of its entries."""
    if not rows:
        return raw
    kept = np.ones(len(raw), dtype=bool)
    kept[list(rows)] = False
    return replace(
        raw, columns=tuple(_kept(column, kept) for column in raw.columns), rows=np.asarray(raw.rows)[kept].tolist()
    )


def _kept(column: CellColumn, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> CellColumn:
    if isinstance(column, Coded):
        return Coded(column.codes[kept], column.names)
    if isinstance(column, np.ndarray):
        kept_cells: CellColumn = column[kept]
        return kept_cells
    return [cell for cell, stays in zip(column, kept.tolist(), strict=True) if stays]


def _columns(raw: RawTable, table: Table, locale: NumberLocale) -> tuple[dict[str, Sequence[Any]], dict[str, Floats]]:
    """Columns of names and columns of amounts; what is declared is what it is, the rest is told by its cells."""
    texts: dict[str, Any] = {}
    numbers: dict[str, Floats] = {}
    for header in raw.headers:
        declared = next((column for column in table.columns if column.name == header), None)
        cells = raw.column(header)
        if declared is not None and declared.kind in _TEXTS:
            texts[header] = cells
        elif declared is None or declared.kind in _AMOUNTS:
            values = amounts(cells, locale)
            filled = sum(cell is not None and cell != "" for cell in cells) if values is None else 1
            if values is not None:
                numbers[header] = values
            elif filled:
                texts[header] = cells
    return texts, numbers


def amounts(cells: Any, locale: NumberLocale) -> Floats | None:
    """The numbers of a column, also those that are text; None where it is a column of texts, flags or dates."""
    if isinstance(cells, np.ndarray):
        return cells.astype(np.float64) if cells.dtype.kind in "iuf" else None
    kinds = set(map(type, cells))
    if kinds <= {int, float}:
        return np.array([min(max(cell, -1e300), 1e300) for cell in cells], dtype=np.float64)
    bare = {cell: parted(cell)[0] for cell in set(filter(_is_text, cells))}
    texts = {row: bare[cell] for row, cell in enumerate(cells) if isinstance(cell, str) and cell}
    plain = sum(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
    how = separators(list(texts.values()), locale.decimal)
    known = {text: read_number(text, how.decimal or locale.decimal) for text in set(texts.values())}
    read = {row: number.value for row, text in texts.items() if (number := known[text]) is not None}
    if plain + len(read) <= _MOSTLY * sum(cell is not None and cell != "" for cell in cells):
        return None
    return np.array(
        [
            float(min(max(cell, -1e300), 1e300))
            if isinstance(cell, int | float) and not isinstance(cell, bool)
            else read.get(row, np.nan)
            for row, cell in enumerate(cells)
        ]
    )


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell)
