"""What people found who tried to break the tool; each was a crash, a wrong number, or something left out silently."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from openpyxl.worksheet.table import Table

from revops_xl import Metric, PlanError, cascade
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import compute, run
from tests.engine.test_properties import by_node
from tests.plans import Tables, load, write_plan
from tests.test_bad_workbooks import cell, column

LEVELS = ["Co", "Reg", "Dir", "IC"]


def refused(path: Path, message: str) -> None:
    done = CliRunner().invoke(cli, ["check", str(path)])
    assert (done.exit_code, message in done.output) == (3, True), done.output


def test_split_credit_on_an_ic_that_skips_a_level() -> None:
    rows = [
        ["Acme", "A", None, "x", 10, 0.5],
        ["Acme", "B", None, "x", 10, 0.5],
        ["Acme", "A", "T", "y", 20, 1.0],
        ["Acme", "A", None, "w", 7, 1.0],
    ]
    quotas = set()
    for order in itertools.permutations(rows):
        table = pd.DataFrame(order, columns=[*LEVELS, "Q1_Attainment", "Split %"])
        quotas.add(tuple(cascade(table, 100, levels=LEVELS).plan.quota.tolist()))
    assert len(quotas) == 1
    assert sum(quotas.pop()[3:6]) > 0


def test_a_node_that_is_called_like_a_qualified_name_is_ambiguous(tmp_path: Path, tables: Tables) -> None:
    cell("Hierarchy", 5, "IC", "NA")(tables)
    for row in (4, 5):
        cell("Hierarchy", row, "Director", "Region: NA")(tables)
    tables["Thresholds"][3].clear()
    tables["NodeHedges"][3] = [["Region: NA", 1.5, None]]
    refused(write_plan(tmp_path / "plan.xlsx", tables), 'Write "Region: NA" or "Director: Region: NA".')


def test_header_cells_that_differ_from_the_table_are_refused(plan_path: Path) -> None:
    book = load_workbook(plan_path)
    page = book["Hierarchy"]
    for row in range(4, 11):
        page[f"I{row}"].value, page[f"J{row}"].value = page[f"J{row}"].value, page[f"I{row}"].value
    book.save(plan_path)
    refused(plan_path, 'Hierarchy!I4: the header reads "DCSeats", but table Hierarchy calls this column "CloudSeats"')


def test_table_names_ignore_case_as_in_a_spreadsheet(plan_path: Path) -> None:
    book = load_workbook(plan_path)
    table = book["Overrides"].tables["Overrides"]
    table.displayName = table.name = "overrides"
    book.save(plan_path)
    assert compute(plan_path).quotas.roles.fixed.any()


def test_a_missing_input_table_is_a_warning(tmp_path: Path, tables: Tables) -> None:
    del tables["Overrides"]
    done = CliRunner().invoke(cli, ["check", str(write_plan(tmp_path / "plan.xlsx", tables))])
    assert "Input tables missing" in done.output
    assert "Overrides" in done.output


def test_two_tables_of_one_name_are_refused(plan_path: Path) -> None:
    book = load_workbook(plan_path)
    page = book.create_sheet("Copy")
    for row in (("Node", "Amount", "Basis"), ("Bob", 50, "hedged")):
        page.append(row)
    page.add_table(Table(displayName="Second", name="Second", ref="A1:C2"))
    page.tables["Second"].displayName = "Overrides"
    book.save(plan_path)
    refused(plan_path, "a second table is called Overrides")


@pytest.mark.parametrize(
    ("table", "header", "meant"), [("Hierarchy", "New Hire", "New hire"), ("Metrics", "Look back", "Lookback")]
)
def test_a_nearly_right_header_is_not_taken_for_a_column_of_ones_own(
    table: str, header: str, meant: str, tmp_path: Path, tables: Tables
) -> None:
    if meant in tables[table][2]:
        tables[table][2][tables[table][2].index(meant)] = header
    else:
        column(table, header, True)(tables)
    refused(write_plan(tmp_path / "plan.xlsx", tables), f'did you mean "{meant}"?')


@pytest.mark.parametrize("value", [True, "yes"])
def test_true_among_numbers_is_refused(value: object, tmp_path: Path, tables: Tables) -> None:
    cell("Hierarchy", 0, "Q2_Attainment", value)(tables)
    done = CliRunner().invoke(cli, ["check", str(write_plan(tmp_path / "plan.xlsx", tables))])
    assert done.exit_code == 3, done.output
    assert "Hierarchy!F5" in done.output


def test_a_threshold_beside_the_test_true_is_refused(tmp_path: Path, tables: Tables) -> None:
    tables["Metrics"][3].append(["g", "gate", None, None, "CloudSeats", None, None, None, "true", 5])
    refused(write_plan(tmp_path / "plan.xlsx", tables), "Gate threshold means nothing for the test true")


def test_the_run_log_counts_from_1904_where_the_workbook_does(sample_plan: Path) -> None:
    book = load_workbook(sample_plan)
    book.epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001
    book.save(sample_plan)
    when = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
    for _ in range(3):
        run(sample_plan, now=when)
    page = load_workbook(sample_plan)["Run log"]
    dates = [row[0].value for row in page[page.tables["RunLog"].ref][1:]]
    assert dates == [when.replace(tzinfo=None)] * 3


def test_values_beyond_any_amount_are_refused(tmp_path: Path, tables: Tables) -> None:
    cell("Hierarchy", 0, "Q2_Attainment", 1e300)(tables)
    refused(write_plan(tmp_path / "plan.xlsx", tables), "Hierarchy!F5")
    with pytest.raises(ValueError, match="weight"):
        Metric("x", weight=1e308)


def test_values_too_small_to_divide_by_are_no_signal() -> None:
    table = pd.DataFrame({"Co": ["A"] * 2, "IC": ["x", "y"], "Q1_Attainment": [1e-310, 1e-310]})
    metrics = [Metric("Attainment", direction="inverse")]
    assert by_node(cascade(table, 100, levels=["Co", "IC"], metrics=metrics, new_hires="none"))["x"] == 50


def test_an_override_that_takes_the_whole_pool_of_a_new_hire() -> None:
    table = pd.DataFrame({"Co": ["A"] * 3, "IC": ["x", "y", "z"], "Q1_Attainment": [5, 5, 0]})
    found = by_node(cascade(table, 1e9, levels=["Co", "IC"], overrides={"x": 1e9}))
    assert (found["x"], found["y"], found["z"]) == (1e9, 0, 0)


def test_a_target_of_sixteen_digits_in_large_units_is_exact() -> None:
    table = pd.DataFrame({"Co": ["A"], "IC": ["x"], "Q1_Attainment": [5]})
    assert by_node(cascade(table, 2978948746576445.0, levels=["Co", "IC"], unit=5))["x"] == 2978948746576445.0


@pytest.mark.parametrize("unit", [5e-324, 1e300])
def test_absurd_units_are_refused(unit: float) -> None:
    table = pd.DataFrame({"Co": ["A"], "IC": ["x"], "Q1_Attainment": [5]})
    with pytest.raises(PlanError, match="unit"):
        cascade(table, 100, levels=["Co", "IC"], unit=unit)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hedge": None},
        {"hedge": {5: 1.1}},
        {"overrides": [1]},
        {"new_hires": None},
        {"new_hires": True},
        {"metrics": ["Attainment"]},
        {"metrics": Metric("x")},
    ],
)
def test_arguments_of_a_wrong_kind_are_refused(wrong: dict[str, Any]) -> None:
    table = pd.DataFrame({"Co": ["A"], "IC": ["x"], "Q1_Attainment": [5]})
    with pytest.raises(PlanError):
        cascade(table, 100, levels=["Co", "IC"], **wrong)


@pytest.mark.parametrize("dtype", ["str", "object", "category", "string[pyarrow]"])
def test_text_columns_of_any_kind(dtype: str) -> None:
    table = pd.DataFrame({"Co": ["A"] * 3, "IC": ["z", "x", "y"], "Q1_Attainment": [5, 5, 10]})
    table = table.astype({"Co": dtype, "IC": dtype})
    assert by_node(cascade(table, 100, levels=["Co", "IC"]))["y"] == 50


def test_numbers_of_any_kind() -> None:
    table = pd.DataFrame(
        {
            "Co": ["A"] * 2,
            "IC": ["x", "y"],
            "Q1_Attainment": pd.array([5, None], dtype="Int64"),
            "Q2_Attainment": np.array([5, 10], dtype="float32"),
        }
    )
    assert by_node(cascade(table, 100, levels=["Co", "IC"]))["x"] == pytest.approx(33.33)


def test_names_that_a_console_cannot_show(sample_plan: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from revops_xl.hosts.cli import main; main()", "explain", str(sample_plan), "Łódź 😀"],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr


def test_a_file_name_no_system_takes(sample_plan: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["run", str(sample_plan), "-o", str(tmp_path / f"{'x' * 300}.xlsx")])
    assert done.exit_code == 3, (done.output, done.exception)


def test_tables_of_other_programs_with_a_formula_that_was_never_calculated(plan_path: Path) -> None:
    book = load_workbook(plan_path)
    book["Hierarchy"]["E6"] = '="a"&"b"'
    book.save(plan_path)
    refused(plan_path, "is not calculated")


def test_plan_with_every_awkward_name_loads(tmp_path: Path, tables: Tables) -> None:
    for row, name in enumerate([">NA", "<5", "A~B", "~Bob", "a\nb", "x" * 300]):
        cell("Hierarchy", row, "IC", name)(tables)
    tables["Overrides"][3] = [["A~B", 10, "base", None]]
    plan = load(write_plan(tmp_path / "plan.xlsx", tables))
    assert plan.named["Overrides"] == ("A~B",)
