"""The command line: data to stdout, messages to stderr, exit codes, and the same numbers as Python and the workbook."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from revops_xl import cascade
from revops_xl.hosts.cli import cli
from revops_xl.tables.sample import company as sample
from tests.plans import shown


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_demo_says_where_the_workbook_is_and_what_to_look_at(tmp_path: Path) -> None:
    done = call("demo", "-o", tmp_path)
    path = tmp_path / "revenue_plan_sample.xlsx"
    assert done.exit_code == 0
    assert done.stdout.strip() == str(path)
    assert "Summary" in done.stderr
    again = call("demo", "-o", tmp_path)
    assert again.stdout.strip() == str(tmp_path / "revenue_plan_sample-2.xlsx")  # nobody's file is overwritten


def test_new_check_run_explain(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    assert call("new", plan, "--sample").exit_code == 0
    assert call("new", plan).exit_code == 3
    assert call("check", plan).stdout.startswith("nothing is refused; 9 checks deserve a look:")
    before = plan.read_bytes()
    done = call("run", plan, "-o", tmp_path / "out.xlsx", "--json")
    summary = json.loads(done.stdout)
    assert (done.exit_code, summary["checks"]["Failed"], summary["ic_base_quotas"]) == (0, 0, summary["target"])
    assert plan.read_bytes() == before
    text = call("explain", plan, "LATAM Team B").stdout
    assert "fixed at 3,000,000.00 before hedges in Overrides!B5" in text
    explained = json.loads(call("explain", plan, "EMEA", "--json").stdout)
    handed = [step for step in explained["steps"] if step["step"] == "hand down"]
    assert handed[-1]["quota"] == explained["quota"]


def test_an_empty_template_says_what_is_missing(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    call("new", plan)
    done = call("check", plan)
    assert done.exit_code == 3
    assert "Target is blank" in done.stdout
    assert "table Hierarchy has no rows" in done.stdout


def test_a_failed_check_is_exit_code_1(sample_plan: Path) -> None:
    book = load_workbook(sample_plan)
    for row in range(5, 9):
        book["Levels"].cell(row=row, column=2).value = 1.2
    book.save(sample_plan)
    done = call("run", sample_plan)
    assert done.exit_code == 1
    assert "Alarm: Cumulative over-assignment (highest at " in done.stderr


def test_wrong_usage_is_exit_code_2() -> None:
    assert call("run").exit_code == 2
    assert call("frobnicate").exit_code == 2


def test_problems_as_json(tmp_path: Path) -> None:
    done = call("check", tmp_path / "none.xlsx", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["problems"][0]["message"] == "there is no such file"


def test_quiet_prints_data_only(sample_plan: Path) -> None:
    done = call("run", sample_plan, "--quiet")
    assert (done.stdout.strip(), done.stderr) == (str(sample_plan), "")


def test_export(sample_plan: Path, tmp_path: Path) -> None:
    before = sample_plan.read_bytes()
    assert call("export", sample_plan, "-o", tmp_path / "csv").exit_code == 0
    assert call("export", sample_plan, "-o", tmp_path / "pq", "--format", "parquet").exit_code == 0
    assert call("export", sample_plan, "-o", tmp_path / "quotas.parquet").exit_code == 0
    assert call("export", sample_plan, "-o", tmp_path / "plan.json").exit_code == 0
    assert call("export", sample_plan, "-o", f"sqlite:///{tmp_path / 'plan.db'}").exit_code == 0
    csv = pd.read_csv(tmp_path / "csv" / "quotas.csv", keep_default_na=False, encoding="utf-8-sig")
    parquet = pd.read_parquet(tmp_path / "pq" / "quotas.parquet")
    single = pd.read_parquet(tmp_path / "quotas.parquet")
    whole = json.loads((tmp_path / "plan.json").read_text())
    with sqlite3.connect(tmp_path / "plan.db") as database:
        sql = pd.read_sql("select * from revops_quotas", database)
    for table in (csv, parquet, single, pd.DataFrame(whole["quotas"]), sql):
        assert table["quota"].sum() == pytest.approx(parquet["quota"].sum(), abs=0.001)
        assert "NA" in set(table["node"])
    assert set(whole) == {
        "quotas", "overlay_quotas", "overlay_cover", "quotas_by_period", "local_quotas", "hedge_audit", "weights", "commit_review", "commit_roll_up", "bias_by_period", "pipeline_health",
        "quota_adjustments", "forecast", "budget", "risk_allocation", "cohort_estimates", "scored_deals", "model_report",
        "model_choice", "model_columns", "reliability", "dollar_bias", "target_range", "baseline_forecast", "baseline_methods",
        "phasing_periods", "phasing", "capacity_by_tier", "capacity", "territory_potential", "potential_models", "potential_drivers",
        "plan_health", "recommendations", "attainability", "alternatives", "optimum", "shadow_prices", "sensitivity", "checks",
    }  # fmt: skip
    assert sample_plan.read_bytes() == before


def test_the_list_of_commands_is_whole() -> None:
    """Every command has its line, and none is cut at 80 columns."""
    told = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": "80"}).stdout
    listed = told.partition("Start:\n")[2].partition("Completion")[0]
    assert "..." not in listed
    lines = [line for line in listed.strip("\n").splitlines() if line.strip() and not line.endswith(":")]
    assert all(line.startswith("  ") and line[2] != " " for line in lines)
    names = [line.split()[0] for line in lines]
    assert sorted(names) == sorted(name for name, command in cli.commands.items() if not command.hidden)


def test_an_export_called_like_a_workbook_is_refused(sample_plan: Path, tmp_path: Path) -> None:
    done = call("export", sample_plan, "-o", tmp_path / "results.xlsx")
    assert done.exit_code == 3
    assert "results are not exported as .xlsx" in done.output
    assert not (tmp_path / "results.xlsx").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_exported_files_have_the_rights_of_other_new_files(sample_plan: Path, tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    assert call("export", sample_plan, "-o", tmp_path / "quotas.csv").exit_code == 0
    assert (tmp_path / "quotas.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_text_in_a_csv_is_never_a_formula(sample_plan: Path, tmp_path: Path) -> None:
    book = load_workbook(sample_plan)
    cell = book["Hierarchy"]["E5"]
    cell.value, cell.data_type = "=cmd|' /C calc'!A0", "s"
    book.save(sample_plan)
    assert call("export", sample_plan, "-o", tmp_path / "csv").exit_code == 0
    content = (tmp_path / "csv" / "quotas.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd|" in content
    assert ",=cmd|" not in content


def test_an_unreachable_database_is_said_in_words(sample_plan: Path) -> None:
    done = call("export", sample_plan, "-o", "nosuch://host/db")
    assert done.exit_code == 3
    assert "the database did not take the results" in done.stderr


def test_schema_can_build_a_plan() -> None:
    schema = json.loads(call("schema", "--json").stdout)
    tables = {table["name"]: table for sheet in schema["sheets"] for table in sheet["tables"]}
    assert [column["name"] for column in tables["Overrides"]["columns"]] == [
        "Node",
        "Amount",
        "Basis",
        "Lock",
        "Reason",
    ]
    assert {setting["name"] for setting in schema["settings"]} >= {"Target", "Rounding unit", "Locale"}
    assert "Overrides" in call("schema").stdout


def test_suggest_weights(sample_plan: Path) -> None:
    rows = json.loads(call("suggest-weights", sample_plan, "--json").stdout)
    assert [row["metric"] for row in rows] == ["Attainment", "CloudSeats", "DCSeats"]
    other = json.loads(call("suggest-weights", sample_plan, "--target", "CloudSeats", "--json").stdout)
    assert other[1]["correlation"] == pytest.approx(1)
    assert call("suggest-weights", sample_plan, "--target", "Nope").exit_code == 3


def test_workbook_command_line_and_python_agree(sample_plan: Path, tmp_path: Path) -> None:
    """The same plan through the workbook and through DataFrames gives the same cents."""
    from revops_xl import Metric

    call("run", sample_plan)
    area = load_workbook(sample_plan)["Quotas"].tables["Quotas"].ref
    rows = list(shown(sample_plan)["Quotas"][area])
    headers = [cell.value for cell in rows[0]]
    workbook = [(row[headers.index("Node")].value, row[headers.index("Quota")].value) for row in rows[1:]]
    table = pd.DataFrame(sample.hierarchy_rows(), columns=list(sample.HEADERS))
    levels = list(sample.LEVELS)
    metrics = [
        Metric("Attainment"),
        Metric("CloudSeats", weight=0.5),
        Metric("DCSeats", direction="inverse", weight=0.1),
        Metric("Quota_carrying", use="gate", gate="true"),
    ]
    hedge = {level: value for level, value in sample.LEVEL_ROWS if value} | {n: v for n, v, _ in sample.NODE_HEDGE_ROWS}
    people = sample.override_rows(sample.hierarchy_rows())
    hedged = {name: amount for name, amount, basis, *_ in people if basis == "hedged"}
    base = {name: amount for name, amount, basis, *_ in people if basis == "base"}
    # One call has one basis, so the hedged amount goes in as the base amount it amounts to.
    chain = {"NA 1 Team A": 1.02 * 1.03 * 1.06 * 1.05}
    assert list(hedged.values()) == [850_000]
    (name,) = hedged
    base[name] = round(850_000 / chain["NA 1 Team A"], 2)
    python = cascade(
        table, 72_000_000, levels=levels, metrics=metrics, hedge=hedge, overrides=base, new_hires="New hire"
    ).quotas
    assert [node for node, _ in workbook] == python["node"].tolist()
    differences = [abs(quota - other) for (_, quota), other in zip(workbook, python["quota"], strict=True)]
    assert max(differences) <= 0.02  # the translated override is a cent off at most
