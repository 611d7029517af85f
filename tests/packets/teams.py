"""Plans with many managers, and what a manager does with a packet."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.plans import Tables, result_tables, shown, worked_tables, write_plan

HEADERS = [
    "Global",
    "Region",
    "Manager",
    "IC",
    "Q1_Attainment",
    "Q2_Attainment",
    "Load",
    "Pipeline",
    "Email",
    "Manager email",
]
NAMES = {
    "Target": "Settings!$B$5",
    "Default_hedge": "Settings!$B$7",
    "Neutral_band": "0.1",
    "Machine_weight": "0.5",
    "Bias_shrinkage": "0",
    "Max_adjustment": "0.2",
}


def plan_tables(rng: random.Random, managers: int, *, token: str = "") -> Tables:
    """A plan; with a token, every cell that belongs to a manager holds text or a number that stands nowhere else."""
    tables = worked_tables()
    people: list[list[Any]] = []
    commits: list[list[Any]] = []
    history: list[list[Any]] = []
    fixed: list[list[Any]] = []
    hedges: list[list[Any]] = []
    number = iter(rng.sample(range(10_000_019, 99_999_989), 60 * managers))
    for m in range(managers):
        boss = f"{token}Boss{m:03}" if token else f"Boss {m:03}"
        size = rng.randint(1, 4)
        for i in range(size):
            name = f"{token}Person{m:03}x{i}" if token else f"Person {m:03} {i}"
            values = [next(number) / 100 for _ in range(4)]
            people.append(["World", f"Region {m % 3}", boss, name, *values, f"{name.replace(' ', '.')}@{token or 'ic'}.example", f"{boss.replace(' ', '.')}@{token or 'boss'}.example"])  # fmt: skip
            if i == 0 and size > 1 and rng.random() < 0.3:
                fixed.append([name, round(next(number) / 1e4, 2), "hedged", f"{token}reason{m:03}"])
        commits.append([boss, next(number) / 100])
        history.append([boss, "Q1 2026", next(number) / 100, next(number) / 100])
        if rng.random() < 0.5:
            hedges.append([boss, 1.01 + rng.randint(1, 99) / 1000, f"{token}why{m:03}"])
    tables["Hierarchy"][2:] = [HEADERS, people]
    tables["Levels"][3] = [["Global", 1.0312347], ["Region", 1.0471193], ["Manager", None], ["IC", None]]
    tables["NodeHedges"][3] = hedges
    tables["Metrics"][3] = [
        ["Attainment", "blend", "proportional", 1, None, None, None, None, None, None],
        ["Load", "blend", "inverse", 0.3, "Load", None, None, None, None, None],
    ]
    tables["Settings"][3] = [
        ["Target", 50_000_000 + rng.randrange(10**9) / 100],
        ["Rounding unit", 0.01],
        ["Default hedge", 1.0],
        ["Pipeline columns", "Pipeline"],
        ["Plan", "World plan"],
        ["Period", "FY 2027"],
    ]
    tables["Thresholds"][3] = [["(default)", 2, 1]]
    tables["Overrides"][3] = fixed
    tables["AcceptedAdjustments"] = ["Overrides", (4, 8), ["Node", "Manager", "Change", "Reason"], []]
    tables["CommitHistory"] = ["Commits", (4, 1), ["Manager", "Period", "Commit", "Actual"], history]
    tables["Commits"] = ["Commits", (4, 7), ["Manager", "Commit"], commits]
    tables["Packets"] = result_tables()["Packets"]  # the ledger: a plan from which nothing was sent yet
    return tables


def plan_file(path: Path, managers: int, seed: int = 1) -> Path:
    return write_plan(path, plan_tables(random.Random(seed), managers), names=NAMES)


def head_row(page: Worksheet) -> int:
    """Row of the headers of a packet's sheet: on Team they stand below the answer, elsewhere in row 4."""
    return next((int(row[0].row or 0) for row in page.iter_rows() if "Team key" in [cell.value for cell in row]), 4)


def below(page: Worksheet, row: int) -> int:
    """A row that is counted as if the headers stood in row 4."""
    return row + head_row(page) - 4


def columns(page: Worksheet) -> dict[str, int]:
    """Column of each header of a packet's sheet."""
    return {str(cell.value): int(cell.column or 0) for cell in page[head_row(page)] if cell.value}


def rows_of(page: Worksheet) -> list[dict[str, Any]]:
    heads = columns(page)
    return [
        {name: page.cell(row, column).value for name, column in heads.items()}
        for row in range(below(page, 5), page.max_row + 1)
    ]


def cell(book: Workbook, sheet: str, row: int, header: str) -> Any:
    """A cell by its header."""
    return book[sheet].cell(below(book[sheet], row), columns(book[sheet])[header])


def enter(book: Workbook, sheet: str, row: int, header: str, value: Any) -> None:
    """Type into a cell, as text if it is one."""
    target = cell(book, sheet, row, header)
    target.value = value
    if isinstance(value, str):
        target.data_type = "s"


def filled_in(path: Path, target: Path, entries: list[tuple[str, int, str, Any]]) -> Path:
    """A packet with entries, saved under another name."""
    book = load_workbook(path)
    for sheet, row, header, value in entries:
        enter(book, sheet, row, header, value)
    book.save(target)
    return target


def cells_of(path: Path, table: str) -> list[dict[str, Any]]:
    """Rows of a table of a plan."""
    book = shown(path)
    page = next(page for page in book if table in page.tables)
    head, *rows = page[page.tables[table].ref]
    names = [cell.value for cell in head]
    return [dict(zip(names, [cell.value for cell in row], strict=True)) for row in rows]


def decide(path: Path, decisions: dict[str, str]) -> None:
    """Enter decisions by the request's name."""
    book = load_workbook(path)
    page = next(page for page in book if "Requests" in page.tables)
    head, *rows = page[page.tables["Requests"].ref]
    names = [cell.value for cell in head]
    for row in rows:
        key = row[names.index("Request")].value
        if key in decisions:
            row[names.index("Decision")].value = decisions[key]
    book.save(path)
