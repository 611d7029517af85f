"""A worksheet function called from the command line: texts to cells, the result to text, JSON or CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from revops_xl.errors import PlanError, Problem
from revops_xl.functions.cells import Answer, FunctionError
from revops_xl.functions.declare import Parameter, Takes
from revops_xl.functions.registry import call as compute
from revops_xl.hosts.cli.function_texts import find
from revops_xl.tables.forecast import deals
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import NotCalculated
from revops_xl.usecases.export import save_rows

#: A number as programs write it; what begins with a needless 0 is an id.
_NUMBER = re.compile(r"-?((0|[1-9]\d{0,14})(\.\d+)?|\.\d+)([eE][+-]?\d+)?")
_TEXTS = {Takes.TEXT, Takes.NAMES, Takes.TABLE_OR_TEXTS, Takes.DAY, Takes.DAYS}
_WIDEST = 40


def call(name: str, arguments: Sequence[str]) -> Answer:
    """Compute a function for arguments as they were typed: NAME=VALUE, or VALUE in order.

    Raises:
        PlanError: What the cell would show as an error, and why.
    """
    function = find(name)
    values: list[Any] = [None] * len(function.parameters)
    filled: set[int] = set()
    names = [parameter.name for parameter in function.parameters]
    for position, text in enumerate(arguments):
        label, _, rest = text.partition("=")
        place = names.index(label) if label in names else position
        if re.fullmatch(r"[a-z_]+", label) and rest and label not in names:
            raise PlanError([Problem(function.name, "", f'has no argument "{label}"', f"They are {', '.join(names)}.")])
        if place >= len(names):
            raise PlanError([Problem(function.name, "", f"has {len(names)} arguments, not {len(arguments)}")])
        if place in filled:
            raise PlanError([Problem(names[place], "", "given twice", "Name every argument, or none.")])
        filled.add(place)
        values[place] = _value(rest if label in names else text, function.parameters[place])
    try:
        return compute(function.name, *values)
    except FunctionError as error:
        raise PlanError([Problem(function.name, "", f"{error.error} {error.message}")]) from error


def _value(text: str, parameter: Parameter) -> Any:
    if text.startswith("@"):
        return _range(text[1:], parameter)
    if text[:1] in {"[", '"'}:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PlanError([Problem(parameter.name, "", f"{text[:40]} is not JSON: {error}")]) from error
    if parameter.takes in {Takes.TABLE, Takes.NUMBERS} and Path(text).is_file():
        raise PlanError([Problem(parameter.name, "", f'"{text}" is a file', f"Write @{text} for what is in it.")])
    if parameter.takes in {Takes.DAY, Takes.DAYS} and _NUMBER.fullmatch(text):
        return float(text)
    return (text or None) if parameter.takes in _TEXTS else _cell(text)


def _range(text: str, parameter: Parameter) -> list[Any]:
    """Cells of a file: @FILE.csv, or @BOOK.xlsx!Table. Cells of a CSV stay texts, which every column reads as what it holds."""
    name = parameter.name
    file, _, part = text.partition("!")
    path = Path(file)
    if not path.is_file():
        raise PlanError([Problem(name, "", f"there is no file {file}")])
    if path.suffix.lower() == ".csv":
        try:
            content = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise PlanError([Problem(name, "", f"{file} is not UTF-8 text")]) from error
        try:
            rows = [row for row in csv.reader(io.StringIO(content)) if any(row)]
        except csv.Error as error:
            raise PlanError([Problem(name, "", f"{file} cannot be read: {error}")]) from error
        if not rows:
            raise PlanError([Problem(name, "", f"{file} is empty")])
        if parameter.takes in {Takes.NUMBERS, Takes.NUMBER, Takes.WHOLE}:
            return [[_cell(cell) for cell in row] for row in rows]
        return _with_numbers(rows, parameter) if deals.DEALS in parameter.tables else list(rows)
    if not part:
        raise PlanError([Problem(name, "", f"{file}: which table?", f"Write @{file}!Hierarchy, say.")])
    from revops_xl.workbook.reading.ranges import read_range  # noqa: PLC0415

    cells = read_range(path, part)
    unknown = [cell for row in cells for cell in row if isinstance(cell, NotCalculated)]
    if unknown:
        message = f"{text}: {len(unknown)} formulas are not calculated, such as ={unknown[0].formula}"
        raise PlanError([Problem(name, "", message, "Open the workbook in a spreadsheet program and save it.")])
    return list(cells)


def _with_numbers(rows: list[list[str]], parameter: Parameter) -> list[Any]:
    """Features of deals: a column of nothing but numbers is one of numbers."""
    declared = {column.name for table in parameter.tables for column in table.columns}
    numbers = {
        i
        for i, header in enumerate(rows[0])
        if header not in declared and all(_NUMBER.fullmatch(row[i]) for row in rows[1:] if len(row) > i and row[i])
    }
    return [rows[0], *([_cell(cell) if i in numbers else cell for i, cell in enumerate(row)] for row in rows[1:])]


def _cell(text: str) -> Any:
    if text.upper() in {"TRUE", "FALSE"}:
        return text.upper() == "TRUE"
    if _NUMBER.fullmatch(text):
        return float(text)
    read = NumberLocale().read(text) if text[-1:] == "%" or "," in text else None  # 60%, 1,000,000
    return read.value if read is not None else text or None


def plain(answer: Answer) -> Any:
    """A result for JSON: rows as lists, days as text, blanks as null."""
    if isinstance(answer, tuple):
        return [[plain(cell) for cell in row] for row in answer]
    return answer.isoformat() if isinstance(answer, dt.date) else answer


def as_text(answer: Answer) -> str:
    """A result for people: columns side by side."""
    if not isinstance(answer, tuple):
        return _shown(answer)
    rows = [[_shown(cell) for cell in row] for row in answer]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)  # fmt: skip


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def save(answer: Answer, path: Path) -> None:
    """Save a result as CSV; a text that a spreadsheet would run gets an apostrophe in front."""
    if path.suffix.lower() != ".csv":
        raise PlanError([Problem(str(path), "", "a result is saved as CSV", f"Name it {path.stem}.csv.")])
    save_rows(answer if isinstance(answer, tuple) else ((answer,),), path)
