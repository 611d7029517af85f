"""The plan in a sentence: true for good news and bad, and never of an earlier run without saying so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from revops_xl import run
from revops_xl.tables.book.headline import headline, short
from revops_xl.usecases.run import compute
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import fill_template, shown, small_sample, worked_tables
from tests.programs import recalculate
from tests.test_forecast import WHEN, call, rows


def sentence(path: Path) -> str:
    return str(rows(path, "Start", "PlanStatus")[0]["In a sentence"])


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        (50e6, "The target of 50.0 m USD is below what past bookings support ("),
        (130e6, "The target of 130.0 m USD is out of reach: 0% likely, "),
    ],
)
def test_good_news_and_bad(tmp_path: Path, target: float, begins: str) -> None:
    path = small_sample(tmp_path / "plan.xlsx", settings={"Target": target})
    told = run(path, now=WHEN)
    said = sentence(path)
    assert said.startswith(begins)
    year = float(told.summary["forecast"]["year"]["Baseline"])
    assert said.endswith(f"Forecast of 4 quarters: {short(year)}.")
    done = call("run", path)
    assert done.output.splitlines()[1] == sentence(path)


def test_without_history_nothing_is_claimed(tmp_path: Path) -> None:
    tables = worked_tables()
    head, body = tables["Hierarchy"][2], tables["Hierarchy"][3]
    for row in body:
        for i, name in enumerate(head):
            if "Attainment" in str(name):
                row[i] = None
    path = fill_template(tmp_path / "plan.xlsx", template_path(TEMPLATE), tables)
    run(path, now=WHEN)
    assert sentence(path) == "1.0 k USD is handed out to 6 reps; there is nothing to tell by whether it can be reached."


def test_a_failed_check_comes_before_everything(tmp_path: Path) -> None:
    path = small_sample(tmp_path / "plan.xlsx")
    outcome = compute(path)
    assert (
        headline(outcome, ["Teams add up", "Phases add up"])
        == 'Do not use these quotas: "Teams add up" and 1 more failed. See Checks.'
    )


def test_a_changed_input_is_said_before_a_sentence_of_the_run(tmp_path: Path) -> None:
    path = fill_template(tmp_path / "plan.xlsx", template_path(TEMPLATE), worked_tables())
    run(path, now=WHEN)
    before = sentence(path)
    book: Any = load_workbook(path)
    head = [cell.value for cell in book["Hierarchy"][4]]
    column = next(i for i, name in enumerate(head) if "Attainment" in str(name))
    cell = next(
        row[column] for row in book["Hierarchy"].iter_rows(min_row=5) if isinstance(row[column].value, int | float)
    )
    cell.value = cell.value + 100
    book.save(path)
    again: Any = shown(recalculate([path], tmp_path / "again")[0])
    page = again["Start"]
    names = [cell.value for cell in page[page.tables["PlanStatus"].ref][0]]
    found = page[page.tables["PlanStatus"].ref][1][names.index("In a sentence")].value
    assert found == f"Run again: inputs have changed. Before that: {before}"
