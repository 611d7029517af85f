"""Columns that users added inside our result tables: their cells, formats included, go with the row they were written for."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import NotCalculated, RawTable, column_letters
from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file.package import Package, TablePart
from revops_xl.workbook.reading.read import read_tables
from revops_xl.workbook.reading.sheet_form import usual_form

_FORMULA = re.compile(rb"<f\b([^>]*?)(?:/>|>(.*?)</f>)", re.DOTALL)
#: An address that moves when its formula is copied to another row: A1, $A1, A$1 but not $A$1.
RELATIVE = re.compile(r"(?<![\w$.\]])(?!\$[A-Z]{1,3}\$\d)\$?[A-Z]{1,3}\$?\d+(?![\w(!\[])")
QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]')


@dataclass(frozen=True)
class OwnColumns:
    """The user's columns of a result table.

    Attributes:
        rows: Sheet row that each new row, counted from 0, takes its cells from; rows that are new are missing.
        formulas: Formula that fills a column down to rows that are new, by header, as XML.
    """

    rows: Mapping[int, int] = field(default_factory=dict)
    formulas: Mapping[str, bytes] = field(default_factory=dict)


def keep_own_columns(path: Path, package: Package, results: Sequence[ResultTable]) -> dict[str, OwnColumns]:
    """Find the users' columns of each result table, and the new row that each old one belongs to.

    Rows are matched by the key columns of the declaration. A column of one and the same formula is filled down;
    its values come when the spreadsheet calculates.

    Raises:
        PlanError: A cell belongs to a row that is gone, or a column has formulas that cannot be filled down.
    """
    extra = {
        result.table.name: [header for header in part.headers if header not in result.table.headers]
        for result in results
        if (part := package.tables.get(result.table.name)) is not None
    }
    wanted = {name for name, headers in extra.items() if headers}
    if not wanted:
        return {}
    raw = {table.raw.name: table.raw for table in read_tables(path, package, wanted)}
    problems: list[Problem] = []
    kept = {}
    for result in results:
        name = result.table.name
        if name in raw:
            rows = _same_rows(package.tables[name]) if result.in_place else matched(raw[name], result)
            part, content = (
                package.tables[name],
                usual_form(package.read(package.tables[name].sheet_part), to_read=False),
            )
            formulas = {header: _formula(content, part, raw[name], header, problems) for header in extra[name]}
            refuse_lost(raw[name], extra[name], formulas, set(rows.values()), result, problems)
            kept[name] = OwnColumns(rows, {header: formula for header, formula in formulas.items() if formula})
    if problems:
        raise PlanError(problems)
    return kept


def _same_rows(part: TablePart) -> dict[int, int]:
    """Each row is where it was."""
    return {number: part.body.top + number for number in range(part.body.bottom - part.body.top + 1)}


def matched(raw: RawTable, result: ResultTable) -> dict[int, int]:
    """Sheet row of the old row with the same key, for each new row; of several with one key the n-th is the n-th."""
    keys = result.table.keys
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, key in zip(raw.rows, zip(*(map(_text, raw.column(name)) for name in keys), strict=True), strict=True):
        places[key].append(int(row))
    new = zip(*(map(_text, result.values(name)) for name in keys), strict=True)
    return {row: places[key].pop(0) for row, key in enumerate(new) if places.get(key)}


def refuse_lost(
    raw: RawTable,
    headers: Sequence[str],
    formulas: Mapping[str, bytes],
    kept: set[int],
    result: ResultTable,
    problems: list[Problem],
) -> None:
    """A cell that somebody typed beside a row that is gone is not thrown away."""
    keys = [list(map(_text, raw.column(name))) for name in result.table.keys]
    for header in headers:
        if formulas.get(header):
            continue
        for row, value in enumerate(raw.column(header)):
            if int(raw.rows[row]) in kept or is_blank(value) or isinstance(value, NotCalculated):
                continue
            key = " / ".join(filter(None, (column[row] for column in keys)))
            message = f'"{value}" in your column "{header}" belongs to the row {key}, which is not in the new results'
            problems.append(Problem(raw.sheet, raw.cell(row, header), message, "Move it to another row, or clear it."))


def _formula(content: bytes, part: TablePart, raw: RawTable, header: str, problems: list[Problem]) -> bytes:
    """The one formula of a column, as XML; b"" if it has none."""
    body, letters = part.body, column_letters(part.area.left + part.headers.index(header)).encode()
    cell = re.compile(rb'<c r="%s(\d+)"([^>]*?)(?:/>|>(.*?)</c>)' % letters, re.DOTALL)
    found: dict[bytes, str] = {}
    others: list[int] = []
    for number, attributes, inner in cell.findall(content):
        if not body.top <= int(number) <= body.bottom:
            continue
        formula = _FORMULA.search(inner)
        if formula is None:
            others += [int(number)] if b"<v" in inner or b"<is" in inner else []
        else:
            plain = b" cm=" not in attributes and not formula[1].strip()
            found[(formula[2] or b"") if plain else b""] = f"{letters.decode()}{number.decode()}"
    if not found:
        return b"" if others else part.column_formulas.get(header, b"")
    text = next(iter(found))
    relative = RELATIVE.search(QUOTED.sub("", html.unescape(text.decode("utf-8", "replace"))))
    reason = ""
    if len(found) > 1 or not text:
        reason = "has formulas that differ from row to row"
    elif others:
        reason = f"has formulas in some cells and values in others, such as {letters.decode()}{others[0]}"
    elif relative is not None:
        reason = f"has a formula that names the cell {relative[0]}, which would be another one in each row"
    if reason:
        fix = "Write one formula for the whole column, with [@Column] references, or move the column beside the table."
        problems.append(
            Problem(raw.sheet, next(iter(found.values())), f'column "{header}" of table {raw.name} {reason}', fix)
        )
        return b""
    return text


def _text(value: object) -> str:
    """A key as text: 1001 and "1001" are the same node."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if is_blank(value) else str(value)
