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
from revops_xl.export import save_rows
from revops_xl.functions.cells import Answer, FunctionError
from revops_xl.functions.declare import Parameter, Takes
from revops_xl.functions.registry import call as compute
from revops_xl.hosts.function_texts import find
from revops_xl.tables.raw import NotCalculated

#: A number as programs write it; what begins with a needless 0 is an id.
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d+)?")
_TEXTS = {Takes.TEXT, Takes.NAMES, Takes.TABLE_OR_TEXTS, Takes.DAY, Takes.DAYS}
_WIDEST = 40


def call(name: str, arguments: Sequence[str]) -> Answer:
    """Compute a function for arguments as they were typed: NAME=VALUE, or VALUE in order.

    Raises:
        PlanError: What the cell would show as an error, and why.
    """
    function = find(name)
    values: list[Any] = [None] * len(function.parameters)
    names = [parameter.name for parameter in function.parameters]
    for position, text in enumerate(arguments):
        label, _, rest = text.partition("=")
        place = names.index(label) if label in names else position
        if re.fullmatch(r"[a-z_]+", label) and rest and label not in names:
            raise PlanError([Problem(function.name, "", f'has no argument "{label}"', f"They are {', '.join(names)}.")])
        if place >= len(names):
            raise PlanError([Problem(function.name, "", f"has {len(names)} arguments, not {len(arguments)}")])
        values[place] = _value(rest if label in names else text, function.parameters[place])
    try:
        return compute(function.name, *values)
    except FunctionError as error:
        raise PlanError([Problem(function.name, "", f"{error.error} {error.message}")]) from error


def _value(text: str, parameter: Parameter) -> Any:
    if text.startswith("@"):
        return _range(text[1:], parameter.name)
    if text[:1] in {"[", '"'}:
        try:
            return json.loads(text)
        except ValueError as error:
            raise PlanError([Problem(parameter.name, "", f"{text} is not JSON: {error}")]) from error
    if parameter.takes in {Takes.DAY, Takes.DAYS} and _NUMBER.fullmatch(text):
        return float(text)
    return (text or None) if parameter.takes in _TEXTS else _cell(text)


def _range(text: str, name: str) -> list[Any]:
    """Cells of a file: @FILE.csv, or @BOOK.xlsx!Table."""
    file, _, part = text.partition("!")
    path = Path(file)
    if not path.is_file():
        raise PlanError([Problem(name, "", f"there is no file {file}")])
    if path.suffix.lower() == ".csv":
        try:
            content = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise PlanError([Problem(name, "", f"{file} is not UTF-8 text")]) from error
        return [[_cell(cell) for cell in row] for row in csv.reader(io.StringIO(content))]
    if not part:
        raise PlanError([Problem(name, "", f"{file}: which table?", f"Write @{file}!Hierarchy, say.")])
    from revops_xl.workbook.ranges import read_range  # noqa: PLC0415

    rows = read_range(path, part)
    unknown = [cell for row in rows for cell in row if isinstance(cell, NotCalculated)]
    if unknown:
        message = f"{text}: {len(unknown)} formulas are not calculated, such as ={unknown[0].formula}"
        raise PlanError([Problem(name, "", message, "Open the workbook in a spreadsheet program and save it.")])
    return list(rows)


def _cell(text: str) -> Any:
    if text.upper() in {"TRUE", "FALSE"}:
        return text.upper() == "TRUE"
    return float(text) if _NUMBER.fullmatch(text) else text or None


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
    save_rows(answer if isinstance(answer, tuple) else ((answer,),), path)
