"""Amounts of several currencies in a file: the code in a column of its own, the amount as a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from revops_xl.errors import Problem
from revops_xl.tables.currencies.convert import currencies_of, number_of, row_codes
from revops_xl.tables.evidence.currencies import is_currency_of, names_a_currency, parted
from revops_xl.tables.evidence.separators import separators
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import RawTable

CURRENCY = "Currency"


def with_currencies(
    raw: RawTable, table: Table, numbers: Sequence[str], locale: NumberLocale, problems: list[Problem]
) -> tuple[RawTable, list[str]]:
    """The table with the currency of each row in a column, where texts or formats of its amounts say another than the plan's.

    Args:
        raw: The file's table with our names.
        table: Its declaration.
        numbers: Further columns of amounts.
        locale: How numbers are written that are text, and the plan's currency.
        problems: Gets rows that say two currencies.

    Returns:
        The table, and the codes that are not the plan's; with the plan's, where a cell says that, too.
    """
    money = {column.name for column in table.columns if column.kind is Kind.MONEY} | set(numbers)
    wanted = [header for header in raw.headers if header in money]
    own = row_codes(raw, locale)
    seen = {header: currencies_of(raw, header, own, locale, problems) for header in wanted}
    codes = [""] * len(raw)
    for header, found in seen.items():
        for row, code in enumerate(found):
            if code and codes[row] not in {"", code}:
                message = f"the row has amounts in {codes[row]} and in {code}"
                problems.append(Problem(raw.sheet, raw.cell(row, header), message, "Give each row one currency."))
            codes[row] = code or codes[row]
    others = sorted({*codes, *own} - {""})
    if not others:
        return raw, []
    if _says_the_plans(raw, wanted, locale):
        others.append(locale.currency)
    columns = list(raw.columns)
    for header in wanted:
        cells = list(raw.column(header))
        how = separators([parted(cell)[0] for cell in cells if isinstance(cell, str) and cell], locale.decimal)
        for row, code in enumerate(seen[header]):
            value = number_of(cells[row], how.decimal) if code and isinstance(cells[row], str) else None
            cells[row] = cells[row] if value is None else value
        columns[raw.headers.index(header)] = cells
    kept = {header: tokens for header, tokens in raw.currencies.items() if header not in wanted}
    raw = replace(raw, columns=tuple(columns), currencies=kept)
    if any(names_a_currency(header) for header in raw.headers):
        return raw, others
    listed = [code or locale.currency for code in codes]
    return replace(raw, headers=(*raw.headers, CURRENCY), columns=(*raw.columns, listed)), others


def _says_the_plans(raw: RawTable, wanted: Sequence[str], locale: NumberLocale) -> bool:
    """Whether an amount is marked as one in the plan's currency."""
    tokens = {token for header in wanted for token in raw.currencies.get(header, {})}
    tokens |= {parted(cell)[1] for header in wanted for cell in raw.column(header) if isinstance(cell, str) and cell}
    tokens |= {
        str(cell).strip() for h in raw.headers if names_a_currency(h) for cell in raw.column(h) if not is_blank(cell)
    }
    return any(token and is_currency_of(token, locale.currency) for token in tokens)
