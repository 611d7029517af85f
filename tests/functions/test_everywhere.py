"""One function, one result: from Python, the command line, Excel's way to Python, the add-in's VBA, and cells of LibreOffice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from revops_xl.functions.cells import as_grid
from revops_xl.functions.declare import Function
from revops_xl.functions.registry import FUNCTIONS, call
from revops_xl.hosts.cli import cli
from revops_xl.hosts.libreoffice.install import Profile, install
from tests.hosts.sessions import Session, calc, excel, fresh_profile

NAMES = [function.name for function in FUNCTIONS]
DAY_ZERO = dt.date(1899, 12, 30)


def listed(value: Any) -> Any:
    """Rows as JSON has them."""
    return [listed(each) for each in value] if isinstance(value, list | tuple) else value


def normal(value: Any) -> list[list[Any]]:
    """A result as every host can show it: blanks alike, TRUE as 1, days as their numbers."""
    if not isinstance(value, list | tuple):
        value = [[value]]
    elif value and not isinstance(value[0], list | tuple):
        value = [value]
    return [[_cell(cell) for cell in row] for row in value]


def _cell(cell: Any) -> Any:
    if isinstance(cell, str) and len(cell) == 10 and cell[4] == cell[7] == "-":
        cell = dt.date.fromisoformat(cell)
    if isinstance(cell, dt.date):
        return float((cell - DAY_ZERO).days)
    if cell is None or cell == "":
        return None
    return float(cell) if isinstance(cell, int | float) else cell


def same(found: Any, wanted: Any) -> None:
    rows, expected = normal(found), normal(wanted)
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-12, abs=1e-12) if _numeric(row, other) else row == other


def _numeric(*rows: list[Any]) -> bool:
    return all(isinstance(cell, float) for row in rows for cell in row)


@pytest.fixture(scope="module")
def in_excel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with excel(tmp_path_factory.mktemp("excel")) as session:
        yield session


@pytest.fixture(scope="module")
def in_calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A workbook with every function in it, opened in Calc."""
    folder = tmp_path_factory.mktemp("calc")
    profile = fresh_profile(folder)
    install(Profile(profile / "user"))
    path = folder / "functions.xlsx"
    functions_book(path)
    with calc(profile, folder) as session:
        assert session.ask("open", str(path))
        yield session


def functions_book(path: Path) -> None:
    """An .xlsx in which each function stands once: arguments in cells, the result as an array formula in A1."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for function in FUNCTIONS:
        sheet = book.create_sheet(function.name[7:38])
        column, references = 30, []
        for value in function.example:
            grid = as_grid(value)
            for i, row in enumerate(grid, 1):
                for j, cell in enumerate(row):
                    sheet.cell(i, column + j, cell)
            end = f"{get_column_letter(column + len(grid[0]) - 1)}{len(grid)}"
            references.append(f"{get_column_letter(column)}1:{end}" if len(grid) * len(grid[0]) > 1 else f"{get_column_letter(column)}1")  # fmt: skip
            column += len(grid[0]) + 1
        sheet["A1"] = ArrayFormula(area_of(function), f"={function.name}({','.join(references)})")
    book.save(path)


def area_of(function: Function) -> str:
    rows = normal(call(function.name, *function.example))
    return f"A1:{get_column_letter(len(rows[0]))}{len(rows)}"


def asked(session: Session, how: str, function: Function) -> Any:
    return session.ask(how, function.name, listed(function.example))


@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_gives_the_same_everywhere(function: Function, in_excel: Session, in_calc: Session) -> None:
    wanted = call(function.name, *function.example)
    assert wanted not in (None, "", ())

    texts = [
        f"{each.name}={json.dumps(listed(value)) if isinstance(value, tuple) else value}"
        for each, value in zip(function.parameters, function.example, strict=False)
        if value is not None
    ]
    done = CliRunner().invoke(cli, ["call", function.name, *texts, "--json"])
    assert done.exit_code == 0, done.output
    same(json.loads(done.stdout), wanted)

    same(asked(in_excel, "udf", function), wanted)
    same(asked(in_excel, "vba", function), wanted)
    same(in_calc.ask("read", function.name[7:38], area_of(function)), wanted)


@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_an_error_in_a_cell_is_the_result_everywhere(function: Function, in_excel: Session, in_calc: Session) -> None:
    """Each argument in turn with an error in its last cell: the result is that error, never what a blank would give."""
    for place, value in enumerate(function.example):
        if value is None:
            continue
        rows = [list(row) for row in as_grid(value)]
        rows[-1][-1] = "#N/A"
        changed: list[Any] = [listed(each) for each in function.example]
        changed[place] = rows if isinstance(value, tuple) else "#N/A"
        failed = in_excel.ask("vba", function.name, changed)
        assert failed == {"error": "Error 2042"}, function.parameters[place].name
        assert in_excel.ask("message", "", []).startswith(function.parameters[place].name)
    in_calc.ask("set", function.name[7:38], "ZZ1", f"={function.name}(NA())")
    assert in_calc.ask("read", function.name[7:38], "ZZ1") == [[{"error": "#N/A"}]]


@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_a_wrong_argument_is_an_error_value_and_named(function: Function, in_excel: Session, in_calc: Session) -> None:
    """Nothing at all, or a text where a range or number belongs: #VALUE!, and the message names the argument."""
    needed = next((each for each in function.parameters if each.needed and not each.blank), None)
    if needed is not None:
        assert in_excel.ask("vba", function.name, [""] * len(function.parameters)) == {"error": "Error 2015"}
        assert needed.name in in_excel.ask("message", "", [])
    sheet = function.name[7:38]
    in_calc.ask(
        "set", sheet, "ZZ2", f'={function.name}("nonsense"{";1" * (sum(p.needed for p in function.parameters) - 1)})'
    )
    assert in_calc.ask("read", sheet, "ZZ2") == [[{"error": "#VALUE!"}]]
    message = in_calc.ask("script", "last_message")
    assert any(f"{each.name}: " in message or f"{each.name}!" in message for each in function.parameters), message
