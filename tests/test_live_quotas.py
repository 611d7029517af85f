"""Quotas that are formulas: change the target, a hedge or an override in the open workbook, and every quota is that of a fresh run."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

from revops_xl.errors import PlanError
from revops_xl.tables.quotas import quotas
from revops_xl.usecases import run as flow
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import deep, fill_template, shown, worked_tables, write_plan
from tests.programs import recalculate

CHANGES = [5, *deep(50)]
#: What quotas need; every other sheet would only take LibreOffice's time.
RESULTS = (
    "Quotas",
    "Cascade",
    "HedgeAudit",
    "Weights",
    "Branches",
    "TopICs",
    "Checks",
    "RunLog",
    "PlanStatus",
    "Headlines",
)
Row = tuple[Any, ...]


def plan_of(path: Path, rng: random.Random, kind: int) -> Path:
    """A random plan: metrics of both directions, a gate, new hires, a split IC, overrides, hedges; units of several sizes."""
    headers = [
        "Global",
        "Region",
        "Director",
        "IC",
        "Q1_Attainment",
        "Q2_Attainment",
        "Seats",
        "Load",
        "Ready",
        "Split %",
    ]
    people: list[list[Any]] = []
    for region in range(rng.randint(2, 3)):
        for team in range(rng.randint(1, 3)):
            for member in range(rng.randint(1, 5)):
                name = f"Person {region}{team}{member} {rng.choice('abcdef')}"
                new = rng.random() < 0.15
                history = (
                    [0, 0, 0, 0]
                    if new
                    else [rng.randint(2, 900), rng.randint(2, 900), rng.randint(2, 60), rng.randint(0, 90)]
                )
                director = None if region == 1 and kind % 2 else f"Team {region}{team}"  # a branch without directors
                people.append(
                    ["World", f"Region {region}", director, name, *history, rng.random() < 0.85 or member == 0, None]
                )
    first = people[0]
    if kind % 2 == 0 and len({row[2] for row in people}) > 1:
        other = next(row for row in people if row[2] != first[2])
        first[9] = 0.3
        people.append([*other[:3], *first[3:9], 0.7])
    metrics: list[list[Any]] = [
        ["Attainment", "blend", "proportional", 1, None, None, None, None, None, None],
        ["Seats", "blend", "proportional", 0.5, "Seats", None, None, None, None, None],
        ["Load", "blend", "inverse", 0.4, "Load", None, None, None, None, None],
        ["Ready", "gate", None, None, "Ready", None, None, None, "true", None],
    ]  # fmt: skip
    tables = worked_tables()
    unit = (0.01, 1, 0.05, 1000, 0.01)[kind % 5]
    target = (1234567.89, 98765, 4321.05, 87654000, 1e9)[kind % 5]
    tables["Hierarchy"][2:] = [headers, people]
    tables["Metrics"][3] = metrics[: 4 if kind != 1 else 1]
    tables["Settings"][3] = [
        ["Target", target],
        ["Rounding unit", unit],
        ["Default hedge", 1.05],
    ]
    tables["NodeHedges"][3] = [["Region 0", 1.1, "new market"], [None, None, None], [None, None, None]]
    tables["Thresholds"][3] = [["(default)", 2, 1]]
    tables["Overrides"][3] = [[None, None, None, None] for _ in range(4)]
    names = {"Target": "Settings!$B$5", "Default_hedge": 'IF(Settings!$B$7="",1,Settings!$B$7)'}
    write_plan(path, tables, results=RESULTS, names=names)
    flow.run(path)
    return path


def cells_of(book: Workbook, name: str) -> tuple[Row, ...]:
    page = next(page for page in book if name in page.tables)
    return tuple(page[page.tables[name].ref][1:])


def rows_in(path: Path, table: str) -> list[list[Any]]:
    """Values of a result table, by a reader that is quicker than openpyxl."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(f"Result {table}").to_python()[1:]


def quotas_in(path: Path) -> dict[tuple[Any, Any], tuple[Any, Any]]:
    """Both layers by node and parent."""
    return {(row[1], row[2]): (row[6], row[9]) for row in rows_in(path, "Quotas")}


def change(book: Workbook, seen: Workbook, rng: random.Random, unit: float) -> None:
    """One decision changed, as somebody would in the open workbook."""
    nodes = [row for row in cells_of(seen, "Quotas") if row[1].value != "World"]
    match rng.choice(["target", "default", "level", "node", "override", "override", "override", "withdraw"]):
        case "target":
            row = next(row for row in cells_of(book, "Settings") if row[0].value == "Target")
            row[1].value = round(row[1].value / unit * rng.uniform(0.5, 2)) * unit
            row[1].value = round(row[1].value, 2)
        case "default":
            row = next(row for row in cells_of(book, "Settings") if row[0].value == "Default hedge")
            row[1].value = rng.choice([1.0, 1.02, 1.037, None])
        case "level":
            rng.choice(cells_of(book, "Levels")[:2])[1].value = rng.choice([None, 1.01, 1.05, 1.1])
        case "node":
            team = rng.choice([row[1].value for row in nodes if not row[4].value])
            rows = cells_of(book, "NodeHedges")
            row = next((row for row in rows if row[0].value == team), rows[rng.randrange(1, 3)])
            row[0].value, row[1].value = team, rng.choice([1.0, 1.07, 1.12])
        case "override":
            node = rng.choice(nodes)
            rows = cells_of(book, "Overrides")
            row = next((row for row in rows if row[0].value == node[1].value), rows[rng.randrange(len(rows))])
            amount = round(round(node[9].value * rng.uniform(0.3, 1.1) / unit) * unit, 2)
            row[0].value, row[1].value, row[2].value = node[1].value, amount, rng.choice(["base", "hedged", None])
        case "withdraw":
            for cell in rng.choice(cells_of(book, "Overrides")):
                cell.value = None


def shuffle(book: Workbook, name: str, rng: random.Random) -> None:
    """Rows in another order, as after sorting: what stands in a row stays together."""
    rows = cells_of(book, name)
    contents = [[cell.value for cell in row] for row in rows]
    rng.shuffle(contents)
    for row, values in zip(rows, contents, strict=True):
        for cell, value in zip(row, values, strict=True):
            cell.value = value


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("plans")
    return [plan_of(folder / f"plan{kind}.xlsx", random.Random(kind), kind) for kind in range(5)]


def test_plans_are_live(plans: list[Path]) -> None:
    for path in plans:
        assert flow.compute(path).values_because == ""
        assert any(row[5].value for row in cells_of(shown(path), "Quotas"))


@pytest.mark.parametrize("changes", CHANGES)
def test_every_quota_is_that_of_a_fresh_run_to_the_cent(
    plans: list[Path], tmp_path_factory: pytest.TempPathFactory, changes: int
) -> None:
    rng, folder = random.Random(8), tmp_path_factory.mktemp("changed")
    seen = {path: shown(path) for path in plans}
    before = {path: quotas_in(path) for path in plans}
    changed: list[Path] = []
    fresh = []
    while len(changed) < changes:
        source = plans[len(changed) % len(plans)]
        book = load_workbook(source)
        unit = next(row for row in cells_of(book, "Settings") if row[0].value == "Rounding unit")[1].value
        for _ in range(rng.randint(1, 3)):
            change(book, seen[source], rng, unit)
        if len(changed) % 2:
            shuffle(book, "Quotas", rng)
            shuffle(book, "Cascade", rng)
        path = folder / f"changed{len(changed):02}.xlsx"
        book.save(path)
        try:
            fresh.append(flow.compute(path))
        except PlanError:
            continue  # overrides above their pool, or a team in which nobody is left to share
        if fresh[-1].values_because:
            fresh.pop()
        else:
            changed.append(path)
    different = 0
    for path, outcome, source in zip(recalculate(changed, folder), fresh, plans * changes, strict=False):
        ours = quotas.render(outcome.quotas)
        wanted = {
            (node, parent or ""): (base, quota)
            for node, parent, base, quota in zip(*(ours.values(name) for name in ("Node", "Parent", "Base quota", "Quota")), strict=True)
        }  # fmt: skip
        there = quotas_in(path)
        assert there == wanted, path.name
        statuses = {row[0]: row[1] for row in rows_in(path, "Checks")}
        ties = [status for name, status in statuses.items() if "add up" in name or "override" in name.lower()]
        assert len(ties) >= 4
        assert {*ties, statuses["Decisions can be used as typed"]} == {"OK"}, (path.name, statuses)
        different += there != before[source]
    assert different > changes * 0.8  # the changes did something


def test_what_formulas_cannot_do_is_written_as_values_and_said(tmp_path: Path) -> None:
    tables = worked_tables()
    tables["Settings"][3].append(["Live formulas", False])
    path = fill_template(tmp_path / "values.xlsx", template_path(TEMPLATE), tables)
    flow.run(path)
    book = load_workbook(path)
    assert all(isinstance(row[9].value, int | float) for row in cells_of(book, "Quotas"))
    checks = {row[0].value: row[4].value for row in cells_of(book, "Checks")}
    assert checks["Quotas are values, not formulas"] == "the setting Live formulas is FALSE"


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("Overrides", ["Bob", "100", "hedged", None], "Overrides holds a number as text"),
        ("Overrides", ["IC: Bob", 100, "hedged", None], 'Overrides spells "IC: Bob" otherwise than Quotas'),
        ("Hierarchy", ["Global", "NA", "Dir_2", "Mar 3", 10, 20, 30, 40, 1, 2, 3], 'formulas cannot find a name: "Mar 3" reads as a number, date'),
    ],
)  # fmt: skip
def test_why_quotas_are_values(tmp_path: Path, table: str, row: list[Any], reason: str) -> None:
    tables = worked_tables()
    tables[table][3] = [row] if table == "Overrides" else [*tables[table][3], row]
    path = fill_template(tmp_path / "values.xlsx", template_path(TEMPLATE), tables)
    assert flow.compute(path).values_because.startswith(reason)


def test_no_formula_is_volatile_or_newer_than_excel_2007(plans: list[Path]) -> None:
    for path in plans:
        texts = [
            str(cell.value).upper()
            for page in load_workbook(path)
            for row in page.iter_rows()
            for cell in row
            if isinstance(cell.value, str) and cell.value.startswith("=")
        ]
        assert len(texts) > 300
        texts = [
            text.replace("_XLFN.UNICODE(", "") for text in texts
        ]  # of 2013: checksums of texts, which no number needs
        for name in ("OFFSET(", "INDIRECT(", "NOW(", "TODAY(", "RAND", "CELL(", "INFO(", "_XLFN", "LET(", "FILTER("):
            assert not [text for text in texts if name in text]


def test_what_formulas_cannot_use_turns_a_check_red(plans: list[Path], tmp_path: Path) -> None:
    """Typed after the run: a number as text, a wrong basis, a hedge for nobody, an amount finer than the unit."""
    typed: dict[str, tuple[str, int, list[Any]]] = {
        "text amount": ("Overrides", 0, ["Region 1", "500", "base"]),
        "text hedge": ("NodeHedges", 1, ["Region 1", "1.2"]),
        "basis": ("Overrides", 0, ["Region 1", 500, "hedge"]),
        "nobody": ("NodeHedges", 1, ["Region: Region 1", 1.2]),
        "person": ("NodeHedges", 1, [None, 1.2]),
        "cents": ("Overrides", 0, ["Region 1", 500.005, "base"]),
        "no node": ("Overrides", 0, [None, 500, "base"]),
        "twice": ("NodeHedges", 1, ["Region 0", 1.1]),
        "level": ("Levels", 0, ["Global", 0]),
    }
    paths = []
    for name, (table, row, values) in typed.items():
        book = load_workbook(plans[0])
        for cell, value in zip(cells_of(book, table)[row], values, strict=False):
            cell.value = value
        if name == "person":
            cells_of(book, table)[row][0].value = next(r[1].value for r in cells_of(shown(plans[0]), "Quotas") if r[4].value)  # fmt: skip
        paths.append(tmp_path / f"{name}.xlsx")
        book.save(paths[-1])
    for path in recalculate(paths, tmp_path):
        book = shown(path)
        status = {row[0].value: row[1].value for row in cells_of(book, "Checks")}
        assert status["Decisions can be used as typed"] == "Failed", path.name
