"""Amounts of other currencies in the plan's: each record once, before anything else reads it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.money import Unit
from revops_xl.model.rates import Rates, converted
from revops_xl.tables.evidence.currencies import is_currency_of, is_named, named, names_a_currency, parted
from revops_xl.tables.evidence.separators import separators
from revops_xl.tables.schema import periods
from revops_xl.tables.schema.book_tables import BookTables
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.days import to_days
from revops_xl.tables.schema.declare import Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale, read_number
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

#: Columns of people that hold money without being declared.
_MONEY = re.compile(r"attainment|booking|revenue|sales|pipeline|umsatz|quota", re.IGNORECASE)
#: Cells that one message names.
_SHOWN = 3


@dataclass(frozen=True)
class Conversion:
    """What was converted in a table.

    Attributes:
        raw: The table in the plan's currency.
        rows: How many amounts of each currency were converted.
        codes: The currency of each row by its own column; empty: it has none.
    """

    raw: RawTable
    rows: Mapping[str, int]
    codes: tuple[str, ...] = ()


def smallest_coin(code: str) -> Unit:
    """The smallest coin of a currency, as ISO 4217 has it.

    Example:
        >>> [str(smallest_coin(code).size) for code in ("JPY", "USD", "KWD")]
        ['1', '0.01', '0.001']
    """
    from babel.numbers import get_currency_precision  # noqa: PLC0415  (only where there are several currencies)

    return Unit.of(Decimal(1).scaleb(-get_currency_precision(code)))


def row_codes(raw: RawTable, locale: NumberLocale) -> list[str]:
    """The currency that a column of the table gives each row, as written; "" where it says none, and without a column."""
    for header in raw.headers:
        if names_a_currency(header):
            texts = ["" if is_blank(cell) else str(cell).strip() for cell in raw.column(header)]
            if 2 * sum(map(is_named, texts)) > sum(map(bool, texts)):
                return ["" if text and is_currency_of(text, locale.currency) else named(text) for text in texts]
    return [""] * len(raw)


def in_plan_currency(
    raw: RawTable, table: Table, tables: BookTables, rates: Rates, money: Mapping[str, bool]
) -> Conversion:
    """The table with every amount in the plan's currency.

    Args:
        raw: The table.
        table: Its declaration.
        tables: How numbers are written that are text, the plan's currency, the calendar, and where problems are told.
        rates: The rates.
        money: Whether columns that are not declared hold money, where the plan says so.
    """
    locale, problems = tables.locale, tables.problems
    declared = {column.name: column.kind for column in table.columns}
    wanted = [h for h in raw.headers if declared.get(h) is Kind.MONEY or (h not in declared and table.name == "Hierarchy" and money.get(h, bool(_MONEY.search(h))))]  # fmt: skip
    codes = row_codes(raw, locale)
    days = _days(raw, table, tables) if rates.dated else [None] * len(raw)
    columns, counts = list(raw.columns), dict[str, int]()
    lacking: dict[str, list[str]] = {}
    early: dict[str, list[str]] = {}
    for header in wanted:
        at = raw.headers.index(header)
        seen = currencies_of(raw, header, codes, locale, problems)
        if not any(seen):
            continue
        cells = list(raw.column(header))
        how = separators([parted(cell)[0] for cell in cells if isinstance(cell, str) and cell], locale.decimal)
        middle = _middle(header, tables.calendar) if rates.dated and table.name == "Hierarchy" else None
        for row, code in enumerate(seen):
            value = number_of(cells[row], how.decimal) if code else None
            if value is None:
                continue
            rate = rates.rate(code, middle if middle is not None else days[row])
            if rate is None:
                (early if code in rates.rates else lacking).setdefault(code, []).append(raw.cell(row, header))
                continue
            cells[row] = converted(value, rate)
            counts[code] = counts.get(code, 0) + 1
        columns[at] = cells
    _refuse(raw, lacking, early, rates, problems)
    kept = {header: tokens for header, tokens in raw.currencies.items() if header not in wanted}
    return Conversion(replace(raw, columns=tuple(columns), currencies=kept), counts, tuple(codes))


def _refuse(raw: RawTable, lacking: Mapping[str, list[str]], early: Mapping[str, list[str]], rates: Rates, problems: list[Problem]) -> None:  # fmt: skip
    for code, cells in lacking.items():
        message = f"amounts are in {code}; the plan is in {rates.plan}, and Rates has no rate for {code}"
        problems.append(Problem(raw.sheet, _listed(cells), message, f"Enter {code} on the sheet Rates."))
    for code, cells in early.items():
        message = f"the first rate of {code} in Rates begins after the days of these amounts"
        problems.append(Problem(raw.sheet, _listed(cells), message, "Enter an earlier one, or leave From blank."))


def _listed(cells: Sequence[str]) -> str:
    return ", ".join(cells[:_SHOWN]) + (f" and {len(cells) - _SHOWN:,} more" if len(cells) > _SHOWN else "")


def currencies_of(
    raw: RawTable, header: str, codes: Sequence[str], locale: NumberLocale, problems: list[Problem]
) -> list[str]:
    """The currency of each amount of a column, as its text, its format or its row says; "" for the plan's."""
    places = {int(number): row for row, number in enumerate(raw.rows)}
    by_format: dict[int, str] = {}
    for token, numbers in raw.currencies.get(header, {}).items():
        by_format.update({places[number]: token for number in numbers if number in places})
    found = []
    for row, cell in enumerate(raw.column(header)):
        text = parted(cell)[1] if isinstance(cell, str) and cell else ""
        sign = text or by_format.get(row, "")
        own = codes[row]
        if is_blank(cell):
            found.append("")
            continue
        if not sign or (own and is_currency_of(sign, own)):
            found.append(own)
            continue
        if not own and is_currency_of(sign, locale.currency):
            found.append("")
            continue
        code = named(sign)
        if (own and code != own) or len(code) != 3:
            said = f"{own} by its row" if own else f"one of several currencies with the sign {sign}"
            where = raw.cell(row, header)
            problems.append(
                Problem(raw.sheet, where, f"the amount is in {sign}, and in {said}", "Write the currency's code.")
            )
            found.append("")
            continue
        found.append(code)
    return found


def number_of(cell: Any, decimal: str) -> float | None:
    """The amount of a cell; None where it is none that can be read in one way, which is told later."""
    if isinstance(cell, bool) or is_blank(cell):
        return None
    if isinstance(cell, int | float | np.integer | np.floating):
        return float(cell)
    if isinstance(cell, str) and decimal:
        read = read_number(parted(cell)[0], decimal)
        return read.value if read is not None and not read.percent else None
    return None


def _days(raw: RawTable, table: Table, tables: BookTables) -> list[float | None]:
    """The day that decides the rate of each row: of a deal its close date if it is closed, of a period its middle."""
    if "Close date" in raw.headers:
        typed = TypedTable(raw, table, tables.locale, [])
        closed = (
            ["" if is_blank(cell) else str(cell) for cell in raw.column("Status")] if "Status" in raw.headers else []
        )
        dates = typed.dates("Close date")
        return [to_days(day) if day is not None and status != "Open" else None for day, status in zip(dates, closed or [""] * len(raw), strict=True)]  # fmt: skip
    if "Period" in raw.headers:
        return [_middle_of(cell, tables.calendar) for cell in raw.column("Period")]
    return [None] * len(raw)


def _middle_of(cell: Any, calendar: Calendar) -> float | None:
    if isinstance(cell, dt.date):
        return to_days(cell)
    return _middle(str(cell), calendar) if not is_blank(cell) else None


def _middle(text: str, calendar: Calendar = CALENDAR_YEAR) -> float | None:
    """The middle day of the period that a text or a header names; None where it names none.

    Example:
        >>> from revops_xl.tables.schema.days import to_date
        >>> to_date(_middle("2026-Q1_Attainment")), _middle("Pipeline")
        (datetime.date(2026, 2, 15), None)
    """
    found = periods.key(text.rpartition("_")[0] or text, calendar)
    if found is None or found[0] not in periods.LENGTHS:
        return None
    first = periods.first_of(found)
    begin, end = calendar.starts(np.array([first, first + periods.LENGTHS[found[0]]]))
    return float((begin + end) // 2)
