"""What one column of a file tells of the others: an export writes all dates, and all numbers, in one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from revops_xl.tables.evidence.currencies import parted
from revops_xl.tables.evidence.separators import readings, separators
from revops_xl.tables.evidence.text_dates import text_dates
from revops_xl.tables.schema.declare import NUMERIC, Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale, read_number
from revops_xl.tables.schema.raw import RawTable


def settled(raw: RawTable, table: Table, numbers: Sequence[str], locale: NumberLocale) -> tuple[RawTable, list[str]]:
    """The table with dates and numbers read that only other columns of the file decide, and what was read so.

    Args:
        raw: The file's table with our names.
        table: Its declaration.
        numbers: Further columns that hold numbers.
        locale: The plan's; where it says more than the file, the file is not asked.
    """
    kinds = {column.name: column.kind for column in table.columns}
    told: list[str] = []
    raw = _dates(raw, [h for h in raw.headers if kinds.get(h) is Kind.DATE], told)
    return _numbers(raw, [h for h in raw.headers if kinds.get(h) in NUMERIC or h in numbers], locale, told), told


def _texts(raw: RawTable, header: str) -> list[tuple[int, str]]:
    return [
        (row, cell.strip()) for row, cell in enumerate(raw.column(header)) if isinstance(cell, str) and cell.strip()
    ]


def _dates(raw: RawTable, headers: Sequence[str], told: list[str]) -> RawTable:
    found = {header: text_dates([text for _, text in _texts(raw, header)]) for header in headers}
    sure = {how.order: (header, how) for header, how in found.items() if how.order and how.deciding is not None and how.against is None}  # fmt: skip
    if len(sure) != 1:
        return raw
    order, (because, how) = next(iter(sure.items()))
    text = _texts(raw, because)[how.deciding or 0][1]
    for header, each in found.items():
        if not each.open or each.order:
            continue
        texts = _texts(raw, header)
        read = text_dates([text for _, text in texts], order)
        raw = _with(raw, header, texts, read.days.get)
        told.append(f'dates of {header} are read with the {order}, because {because} has "{text}"')
    return raw


def _numbers(raw: RawTable, headers: Sequence[str], locale: NumberLocale, told: list[str]) -> RawTable:
    plain = {header: [(row, parted(text)[0]) for row, text in _texts(raw, header)] for header in headers}
    found = {header: separators([text for _, text in texts], locale.decimal) for header, texts in plain.items()}
    sure: dict[str, tuple[str, str]] = {}
    for header, how in found.items():
        if how.decimal and how.deciding is not None and any(None in readings(text) for _, text in plain[header]):
            sure[how.decimal] = (header, plain[header][how.deciding][1])
    if len(sure) != 1:
        return raw
    decimal, (because, text) = next(iter(sure.items()))
    for header, each in found.items():
        if each.decimal or each.against is not None or not each.open:
            continue
        texts = plain[header]

        def read(i: int, texts: list[tuple[int, str]] = texts) -> float | None:
            number = read_number(texts[i][1], decimal)
            return number.value if number is not None and not number.percent else None

        raw = _with(raw, header, texts, read)
        told.append(
            f'{header} is read with {"a decimal comma" if decimal == "," else "a decimal point"}, because {because} has "{text}"'
        )
    return raw


def _with(raw: RawTable, header: str, texts: Sequence[tuple[int, str]], read: Callable[[int], Any]) -> RawTable:
    """The table with what was read in place of the texts of a column."""
    at = raw.headers.index(header)
    cells = list(raw.column(header))
    for i, (row, _) in enumerate(texts):
        value = read(i)
        if value is not None:
            cells[row] = value
    return replace(raw, columns=(*raw.columns[:at], cells, *raw.columns[at + 1 :]))
