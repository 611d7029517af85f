"""What changed between two plans, and why."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from revops_xl import compare, run
from revops_xl.errors import PlanError
from revops_xl.usecases.compare import Differences
from tests.packets.teams import NAMES, plan_tables
from tests.plans import Tables, write_plan
from tests.programs import validate


def rows(found: Differences, name: str) -> list[dict[str, Any]]:
    table = found.tables[name]
    return [
        dict(zip(table.table.headers, row, strict=True))
        for row in zip(*(table.values(each) for each in table.table.headers), strict=True)
    ]


def pair(folder: Path, change: Any) -> tuple[Path, Path]:
    tables = plan_tables(random.Random(3), 6)
    tables["Overrides"][3] = []
    first = write_plan(folder / "a.xlsx", tables, names=NAMES)
    change(tables)
    return first, write_plan(folder / "b.xlsx", tables, names=NAMES)


def _nothing(tables: Tables) -> None:
    random.Random(1).shuffle(tables["Hierarchy"][3])


def test_the_order_of_rows_is_no_difference(tmp_path: Path) -> None:
    found = compare(*pair(tmp_path, _nothing))
    assert not rows(found, "QuotaDifferences")
    assert not rows(found, "InputDifferences")


def _target(tables: Tables) -> None:
    tables["Settings"][3][0][1] *= 2


def _hedge(tables: Tables) -> None:
    tables["Levels"][3][1][1] = 1.2


def _override(tables: Tables) -> None:
    tables["Overrides"][3] = [*tables["Overrides"][3], ["Region 1", 9_000_000, "base", "because"]]


@pytest.mark.parametrize(
    ("change", "part"), [(_target, "From target"), (_hedge, "From hedges"), (_override, "From shares")]
)
def test_a_change_is_put_down_to_what_was_changed(tmp_path: Path, change: Any, part: str) -> None:
    found = rows(compare(*pair(tmp_path, change)), "QuotaDifferences")
    assert len(found) > 5
    for row in found:
        parts = {name: row[name] for name in ("From target", "From hedges", "From shares")}
        assert round(sum(parts.values()), 2) == round(row["Change"], 2)
        assert round(row["After"] - row["Before"], 2) == round(row["Change"], 2)
        others = [abs(value) for name, value in parts.items() if name != part]
        assert max(others) <= 0.05
    assert all(row["Why"] for row in found)


def _people(tables: Tables) -> None:
    people = tables["Hierarchy"][3]
    people[0][3] = "Newcomer"
    people[2][2] = people[-1][2]
    people[2][1] = people[-1][1]


def test_who_is_new_gone_or_moved(tmp_path: Path) -> None:
    first, second = pair(tmp_path, _people)
    kinds = {row["Node"]: row["Kind"] for row in rows(compare(first, second), "QuotaDifferences")}
    assert kinds["Newcomer"] == "new"
    assert "gone" in kinds.values()
    assert "moved" in kinds.values()


def test_inputs_are_compared_cell_by_cell(tmp_path: Path) -> None:
    def change(tables: Tables) -> None:
        _target(tables)
        tables["Commits"][3][0][1] = 1
        del tables["Commits"][3][1]

    found = rows(compare(*pair(tmp_path, change)), "InputDifferences")
    assert [(row["Table"], row["Row"], row["Column"]) for row in found] == [
        ("Settings", "Target", "Value"), ("Commits", "Boss 000", "Commit"), ("Commits", "Boss 001", ""),
    ]  # fmt: skip


def test_the_run_log_is_the_audit_trail(tmp_path: Path) -> None:
    first, _ = pair(tmp_path, _nothing)
    run(first, who="Ann")
    second = Path(shutil.copy(first, tmp_path / "later.xlsx"))
    run(second, who="Bob")
    runs = rows(compare(first, second), "RunsSince")
    assert [(row["Who"], row["What"]) for row in runs] == [("Bob", "run")]


def test_the_differences_as_a_workbook(tmp_path: Path) -> None:
    compare(*pair(tmp_path, _target), tmp_path / "out.xlsx")
    assert load_workbook(tmp_path / "out.xlsx").sheetnames == ["Quotas", "Inputs", "Runs"]
    assert not validate(tmp_path / "out.xlsx")
    with pytest.raises(PlanError):
        compare(*pair(tmp_path, _target), tmp_path / "a.xlsx")
