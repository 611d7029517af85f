"""Commits and pipeline in the workbook: what a run writes, what is refused, what accepting does."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from revops_xl import accept, run
from revops_xl.hosts.cli import cli
from revops_xl.usecases.run import compute, explain_node
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import Tables, fill_template, shown, worked_tables
from tests.programs import recalculate, validate

WHEN = dt.datetime(2026, 11, 21, 9, 0)  # noqa: DTZ001  (the run log is in UTC)
HISTORY = ["Manager", "Period", "Commit", "Actual"]


def tables() -> Tables:
    """The worked plan with a pipeline, thresholds that let quota move, and the worked commits under names of the plan."""
    found = worked_tables()
    del found["NodeHedges"]
    found["Overrides"][2], found["Overrides"][3] = ["Node", "Amount", "Basis", "Lock", "Reason"], []
    found["Metrics"][3] = [["Attainment", "blend", "proportional", 1, *[None] * 6]]
    found["Thresholds"][3] = [["(default)", 0.85, 0.5]]
    found["Settings"][3] += [["Pipeline columns", "Pipeline"], ["Adjustment mode", "redistribute"]]
    found["Settings"][3] += [["Bias shrinkage", 0], ["Bias interval", 0]]  # plain quotients, as the numbers were worked
    found["CommitHistory"] = [
        "Commits", (4, 1), HISTORY,
        [
            ["Dir_1", "Q1 2026", 200, 300], ["Dir_1", "Q2 2026", 250, 375], ["Dir_1", "Q3 2026", 90, None],
            ["Dir_3", "Q1 2026", 300, 270], ["Dir_3", "Q2 2026", 350, 280], ["Left", "Q1 2026", 10, 20],
        ],
    ]  # fmt: skip
    found["Commits"] = [
        "Commits", (4, 7), ["Manager", "Commit", "Machine forecast"], [["Dir_1", 100, 120], ["Dir_2", 80, None]],
    ]  # fmt: skip
    return found


def book(folder: Path, change: Callable[[Tables], None] = lambda _: None) -> Path:
    """These tables in the shipped template."""
    found = tables()
    change(found)
    found = {name: entry for name, entry in found.items() if entry[3]}
    return fill_template(folder / "plan.xlsx", template_path(TEMPLATE), found)


def rows(path: Path, sheet: str, table: str) -> list[dict[str, Any]]:
    """A table as another reader sees it; blank rows left out."""
    page = shown(path)[sheet]
    header, *body = page[page.tables[table].ref]
    names = [str(cell.value) for cell in header]
    return [
        dict(zip(names, (cell.value for cell in row), strict=True))
        for row in body
        if any(cell.value is not None for cell in row)
    ]


def statuses(path: Path) -> dict[str, str]:
    return {row["Check"]: row["Status"] for row in rows(path, "Checks", "Checks")}


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


# --- what a run writes -----------------------------------------------------------------------------------------


def test_the_worked_commits(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    found = {row["Manager"]: row for row in rows(path, "Commit review", "CommitReview")}
    assert list(found) == ["Dir_1", "Dir_2", "Dir_3", "Left"]
    assert (found["Dir_1"]["Bias quotient"], found["Dir_1"]["Label"], found["Dir_1"]["Periods"]) == (
        1.5,
        "sandbagger",
        2,
    )
    assert (found["Dir_1"]["Adjusted commit"], found["Dir_1"]["Blended forecast"]) == (150, 135)
    assert round(found["Dir_3"]["Bias quotient"], 4) == 0.8462
    assert found["Dir_3"]["Note"] == "no current commit"
    assert (found["Dir_2"]["Bias quotient"], found["Dir_2"]["Label"]) == (1, "no history")
    assert found["Left"]["Note"] == "no current commit; not in Hierarchy"
    sums = {row["Node"]: row for row in rows(path, "Commit review", "CommitRollUp")}
    assert (sums["NA"]["Commits"], sums["NA"]["Adjusted commits"], sums["NA"]["Forecast"]) == (180, 230, 215)
    assert sums["NA"]["Counts as"] == "sum of 2 below"
    assert sums["Global"]["Counts as"] == "only 1 of 2 below complete"
    periods = rows(path, "Commit review", "BiasByPeriod")
    assert [row["Quotient so far"] for row in periods if row["Manager"] == "Dir_3"] == pytest.approx([0.9, 550 / 650])
    checks = statuses(path)
    assert checks["Adjusted commits add up along the org"] == "OK"
    assert {"Open periods", "Commits without history", "History of managers who are not in Hierarchy"} <= checks.keys()
    assert checks["Managers without a current commit"] == "Warning"


def test_the_worked_coverage_and_redistribution(tmp_path: Path) -> None:
    """Case B: Ann, Bob and Cy of Dir_1, rounded to cents."""
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    health = {row["Node"]: row for row in rows(path, "Pipeline health", "PipelineHealth")}
    assert round(health["Ann"]["Coverage"], 4) == 0.9070
    assert [health[node]["Status"] for node in ("Ann", "Bob", "Dee")] == ["Healthy", "Critical", "Moderate"]
    moved = {row["Node"]: row for row in rows(path, "Pipeline health", "QuotaAdjustments")}
    assert [moved[node]["Change"] for node in ("Ann", "Bob", "Cy", "Dee")] == [33.07, -13.91, -19.16, 0]
    assert [moved[node]["Role"] for node in ("Ann", "Bob", "Cy", "Dee")] == ["receiver", "donor", "donor", "unchanged"]
    assert round(moved["Ann"]["Change %"], 4) == 0.2
    quotas = {row["Node"]: row["Quota"] for row in rows(path, "Quotas", "Quotas")}
    assert quotas["Ann"] == moved["Ann"]["Quota"] == 165.38
    checks = statuses(path)
    for name in ("Teams keep their totals in redistribution", "No quota moves beyond the limit", "Quotas of Pipeline health are those of Quotas"):  # fmt: skip
        assert checks[name] == "OK"


def test_flag_only_moves_nothing(tmp_path: Path) -> None:
    path = book(tmp_path, setting("Adjustment mode", "flag only"))
    run(path, now=WHEN, who="tester")
    moved = rows(path, "Pipeline health", "QuotaAdjustments")
    assert {row["Role"] for row in moved} == {"donor", "receiver", "unchanged"}
    assert all(row["Change"] == 0 for row in moved)
    assert statuses(path)["Redistribution"] == "Note"


def test_a_module_without_inputs_is_skipped_and_leaves_nothing_stale(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    done = load_workbook(path)
    page = done["Settings"]
    next(row for row in page.iter_rows() if row[0].value == "Pipeline columns")[1].value = None
    for name in ("CommitHistory", "Commits"):
        for row in done["Commits"][done["Commits"].tables[name].ref][1:]:
            for cell in row:
                cell.value = None
    done.save(path)
    results = run(path, now=WHEN, who="tester")
    assert results.outcome.review is None
    assert results.outcome.health is None
    for sheet, table in (("Commit review", "CommitReview"), ("Commit review", "CommitRollUp"), ("Pipeline health", "PipelineHealth"), ("Pipeline health", "QuotaAdjustments")):  # fmt: skip
        assert not rows(path, sheet, table)
    checks = statuses(path)
    assert {"Pipeline health skipped", "Modules skipped"} <= checks.keys()


def test_deleted_result_sheets_of_a_skipped_module_are_no_problem(tmp_path: Path) -> None:
    """Who has no pipeline may throw the sheet away."""
    path = book(tmp_path, setting("Pipeline columns", None))
    done = load_workbook(path)
    del done["Pipeline health"]
    done.save(path)
    run(path, now=WHEN, who="tester")
    with_pipeline = book(tmp_path)
    done = load_workbook(with_pipeline)
    del done["Pipeline health"]
    done.save(with_pipeline)
    run(with_pipeline, now=WHEN, who="tester")
    assert statuses(with_pipeline)["Tables and columns added"] == "Note"
    assert "Pipeline health" in load_workbook(with_pipeline).sheetnames


# --- checks ----------------------------------------------------------------------------------------------------


def setting(name: str, value: Any) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        listed = found["Settings"][3]
        listed[:] = [row for row in listed if row[0] != name] + [[name, value]]

    return change


def add(table: str, *entries: list[Any]) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found[table][3] += [list(entry) for entry in entries]

    return change


@pytest.mark.parametrize(
    ("change", "check", "status", "where"),
    [
        (add("CommitHistory", ["Dir_2", "Q1 2026", 0, 50]), "Commits of 0", "Warning", "Commits!C11"),
        (add("Commits", ["DIR_1", 5, None]), "Managers whose names look alike", "Warning", "Commits!G7"),
        (add("Commits", ["Stranger", 5, None]), "Commits of managers who are not in Hierarchy", "Warning", "Stranger"),
        (add("CommitHistory", ["Dir_2", "before Easter", 5, 50]), "Order of periods", "Note", "Q1 2026"),
        (add("Overrides", ["Bob", 99, "hedged", None, None]), "Redistribution moves overrides", "Warning", "Bob"),
        (lambda t: t["Hierarchy"][3][1].__setitem__(10, None), "ICs without a known pipeline", "Warning", "Bob"),
        (setting("Neutral band", 0.6), "Commits without history", "Note", "Dir_2"),
    ],
)
def test_what_deserves_a_look_is_said(
    tmp_path: Path, change: Callable[[Tables], None], check: str, status: str, where: str
) -> None:
    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    found = next(row for row in rows(path, "Checks", "Checks") if row["Check"] == check)
    assert found["Status"] == status
    assert where in found["Where"]


def test_win_rates_below_the_thresholds_are_said(tmp_path: Path) -> None:
    closed: list[list[Any]] = [["Ann" if i < 12 else "Gone", "Won" if i % 4 == 0 else "Lost", 100] for i in range(14)]
    path = book(tmp_path, deals(*closed, ["Ann", "Lost", None]))
    run(path, now=WHEN, who="tester")
    found = {row["Check"]: row for row in rows(path, "Checks", "Checks")}
    assert found["Healthy coverage below what the win rate needs"]["Status"] == "Warning"
    assert (
        "wins 25% of the amount it closes, so its quota takes 4.0× pipeline"
        in found["Healthy coverage below what the win rate needs"]["What to do"]
    )
    assert (found["Closed deals of unknown reps"]["Value"], found["Closed deals of unknown reps"]["Where"]) == (
        2,
        "Gone",
    )
    assert found["Closed deals without an amount"]["Value"] == 1
    health = {row["Node"]: row for row in rows(path, "Pipeline health", "PipelineHealth")}
    assert (health["Dir_1"]["Win rate"], health["Dir_1"]["Coverage needed"]) == (0.25, 4)
    assert health["Dir_3"]["Win rate"] is None


def deals(*entries: list[Any]) -> Callable[[Tables], None]:
    """A table of deals, each given by rep, status and amount."""

    def change(found: Tables) -> None:
        headers = [
            "Deal ID",
            "Account ID",
            "Rep",
            "Stage",
            "Status",
            "Amount",
            "Rep probability",
            "Created",
            "Close date",
        ]
        made = [
            [f"D{i}", None, rep, None, status, amount, None, None, None]
            for i, (rep, status, amount) in enumerate(entries)
        ]
        found["Deals"] = ["Deals", (4, 1), headers, made]

    return change


# --- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "cell", "words"),
    [
        (add("Thresholds", ["NA", 0.4, 0.8]), "Thresholds!B6", "Healthy 0.4 is below At risk 0.8"),
        (add("Thresholds", ["Nowhere", 2, 1]), "Thresholds!A6", 'no node is called "Nowhere"'),
        (lambda t: t["Hierarchy"][3][0].__setitem__(10, -150), "Hierarchy!K5", "-150; an amount of 0 or more"),
        (lambda t: t["Hierarchy"][3][1].__setitem__(10, "much"), "Hierarchy!K6", '"much" is not a number'),
        (lambda t: t["Hierarchy"][3][1].__setitem__(10, True), "Hierarchy!K6", "TRUE where an amount"),
        (lambda t: t["Hierarchy"][3][1].__setitem__(10, "#N/A"), "Hierarchy!K6", "#N/A"),
        (add("Commits", ["Dir_1", 5, None]), "Commits!G7", '"Dir_1" is listed twice, first in row 5'),
        (add("CommitHistory", ["Dir_1", "2026-Q1", 5, 5]), "Commits!B11", "is listed twice, first in row 5"),
        (add("CommitHistory", ["Dir_1", None, 5, 5]), "Commits!B11", "Period is blank"),
        (add("CommitHistory", ["Dir_1", "Q4 2026", -5, 5]), "Commits!C11", "an amount of 0 or more"),
        (setting("Max adjustment %", 20), "Settings!B", "Max adjustment %"),
        (setting("Max adjustment %", -0.1), "Settings!B", "Max adjustment %"),
        (setting("Neutral band", 2), "Settings!B", "Neutral band"),
        (setting("Machine weight", "half"), "Settings!B", "Machine weight"),
        (setting("Bias interval", 1), "Settings!B", "Bias interval"),
        (setting("Adjustment mode", "move"), "Settings!B", "is not one of flag only, redistribute"),
        (setting("Pipeline columns", "Pipelines"), "Settings!B", 'no column of Hierarchy matches "Pipelines"'),
        (add("Overrides", ["Bob", 5000, "hedged", True, None]), "Overrides!B5", "above its hedged pool"),
    ],
)
def test_bad_input_is_refused_with_its_cell(
    tmp_path: Path, change: Callable[[Tables], None], cell: str, words: str
) -> None:
    path = book(tmp_path, change)
    before = path.read_bytes()
    done = call("run", path)
    assert done.exit_code == 3, done.output
    assert cell in done.output
    assert words in done.output
    assert path.read_bytes() == before


def test_every_problem_at_once(tmp_path: Path) -> None:
    def spoil(found: Tables) -> None:
        add("Thresholds", ["NA", 0.4, 0.8])(found)
        add("Commits", ["Dir_1", 5, None])(found)
        setting("Max adjustment %", 7)(found)
        found["Hierarchy"][3][0][10] = -1

    done = call("check", book(tmp_path, spoil), "--json")
    problems = json.loads(done.stdout)["problems"]
    assert {problem["sheet"] for problem in problems} == {"Thresholds", "Commits", "Settings", "Hierarchy"}


# --- accepting -------------------------------------------------------------------------------------------------


def test_accepting_puts_the_proposal_in_force(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    proposed = {row["Node"]: row["Adjusted quota"] for row in rows(path, "Pipeline health", "QuotaAdjustments")}
    results = accept(path, now=WHEN, who="cro")
    assert not results.failed
    quotas = {row["Node"]: row for row in rows(path, "Quotas", "Quotas")}
    assert {node: quotas[node]["Quota"] for node in proposed} == proposed
    assert quotas["Ann"]["Rule"] == "accepted adjustment +33.07"
    in_force = {row["Node"]: row for row in rows(path, "Overrides", "AcceptedAdjustments")}
    assert {node: row["Change"] for node, row in in_force.items()} == {"Ann": 33.07, "Bob": -13.91, "Cy": -19.16}
    assert in_force["Ann"]["Reason"] == "Pipeline redistribution, accepted 2026-11-21 by cro"
    assert rows(path, "Run log", "RunLog")[-1]["What"] == "accept"
    adjusted = {row["Node"]: row for row in rows(path, "Pipeline health", "QuotaAdjustments")}
    assert (adjusted["Ann"]["Quota"], adjusted["Ann"]["Accepted change"]) == (165.38, 33.07)
    assert statuses(path)["Teams below level Director add up to their pools"] == "OK"


def test_accepting_twice_is_accepting_once(tmp_path: Path) -> None:
    """Changes start from the cascaded quotas, so they never creep beyond the limit."""
    path = book(tmp_path)
    accept(path, now=WHEN, who="cro")
    first = rows(path, "Quotas", "Quotas"), rows(path, "Overrides", "AcceptedAdjustments")
    accept(path, now=WHEN.replace(month=12), who="somebody else")
    assert (rows(path, "Quotas", "Quotas"), rows(path, "Overrides", "AcceptedAdjustments")) == first
    run(path, now=WHEN, who="tester")
    assert rows(path, "Quotas", "Quotas") == first[0]


def test_withdrawing_restores_the_quotas(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    before = rows(path, "Quotas", "Quotas")
    accept(path, now=WHEN, who="cro")
    done = call("accept", path, "--withdraw")
    assert done.exit_code == 0, done.output
    assert rows(path, "Quotas", "Quotas") == before
    assert not rows(path, "Overrides", "AcceptedAdjustments")
    assert rows(path, "Run log", "RunLog")[-1]["What"] == "accept --withdraw"


def test_a_new_proposal_is_said_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = book(tmp_path)
    accept(path, now=WHEN, who="cro")
    done = load_workbook(path)
    done["Hierarchy"]["K5"] = 10  # Ann's pipeline is gone: nobody can take quota any more
    done.save(path)
    run(path, now=WHEN, who="tester")
    assert statuses(path)["Accepted adjustments differ from the proposal"] == "Warning"
    assert {row["Node"]: row["Quota"] for row in rows(path, "Quotas", "Quotas")}["Ann"] == 198.45
    accept(path, now=WHEN, who="cro")
    assert not rows(path, "Overrides", "AcceptedAdjustments")
    assert {row["Node"]: row["Quota"] for row in rows(path, "Quotas", "Quotas")}["Ann"] == 165.38


def test_single_teams_can_be_accepted(sample_plan: Path) -> None:
    accept(sample_plan, nodes=["APAC Team A"], now=WHEN, who="cro")
    in_force = rows(sample_plan, "Overrides", "AcceptedAdjustments")
    assert {row["Manager"] for row in in_force} == {"APAC Team A"}
    accept(sample_plan, nodes=["NA"], now=WHEN, who="cro")
    regions = {str(row["Manager"])[:2] for row in rows(sample_plan, "Overrides", "AcceptedAdjustments")}
    assert regions == {"AP", "NA"}
    accept(sample_plan, nodes=["APAC"], withdraw=True, now=WHEN, who="cro")
    regions = {str(row["Manager"])[:2] for row in rows(sample_plan, "Overrides", "AcceptedAdjustments")}
    assert regions == {"NA"}
    assert not validate(sample_plan)


@pytest.mark.parametrize(
    ("entries", "cell", "words"),
    [
        ([["Ann", None, 5, None]], "Overrides!I5", 'team "Dir_1" add up to 5 (I5), not to 0'),
        ([["Ann", None, 5, None], ["Dee", None, -5, None]], "Overrides!I5", 'team "Dir_1" add up to 5'),
        ([["Ann", "Dir_3", 5, None]], "Overrides!H5", 'is not below "Dir_3" but below "Dir_1"'),
        ([["Nobody", None, 5, None]], "Overrides!G5", 'no node is called "Nobody"'),
        ([["Dir_1", None, 5, None]], "Overrides!G5", "is a team; quota moves between ICs"),
        ([["Ann", None, 500, None], ["Bob", None, -500, None]], "Overrides!I6", "more than the quota of 99.22"),
        ([["Ann", None, 0.001, None], ["Bob", None, -0.001, None]], "Overrides!I5", "whole multiple"),
        ([["Ann", None, 5, None], ["Ann", None, -5, None]], "Overrides!G6", "listed twice"),
        ([["Ann", None, None, None]], "Overrides!I5", "Change is blank"),
    ],
)
def test_adjustments_that_cannot_be_are_refused(
    tmp_path: Path, entries: list[list[Any]], cell: str, words: str
) -> None:
    """Typed by hand, or overtaken by a change of the plan."""

    def change(found: Tables) -> None:
        found["AcceptedAdjustments"] = ["Overrides", (4, 7), ["Node", "Manager", "Change", "Reason"], entries]

    done = call("check", book(tmp_path, change))
    assert done.exit_code == 3, done.output
    assert cell in done.stdout
    assert words in done.stdout


@pytest.mark.parametrize(
    ("change", "nodes", "words"),
    [
        (setting("Adjustment mode", "flag only"), [], "Adjustment mode is flag only"),
        (setting("Pipeline columns", None), [], "Pipeline columns is blank"),
        (lambda _: None, ["Nobody"], 'no node is called "Nobody"'),
        (lambda _: None, ["Ann"], "a redistribution is accepted for whole teams"),
    ],
)
def test_what_cannot_be_accepted_is_refused(
    tmp_path: Path, change: Callable[[Tables], None], nodes: list[str], words: str
) -> None:
    path = book(tmp_path, change)
    before = path.read_bytes()
    done = call("accept", path, *nodes)
    assert done.exit_code == 3
    assert words in done.output
    assert path.read_bytes() == before


def test_locks_keep_ics_and_teams_out(tmp_path: Path) -> None:
    path = book(tmp_path, add("Overrides", ["Bob", 99, "hedged", True, None]))
    run(path, now=WHEN, who="tester")
    moved = {row["Node"]: row for row in rows(path, "Pipeline health", "QuotaAdjustments")}
    assert (moved["Bob"]["Role"], moved["Bob"]["Change"]) == ("locked", 0)
    assert moved["Cy"]["Change"] < 0
    path = book(tmp_path, add("Overrides", ["Dir_1", 350, "hedged", True, None]))
    run(path, now=WHEN, who="tester")
    moved = {row["Node"]: row for row in rows(path, "Pipeline health", "QuotaAdjustments")}
    assert {moved[node]["Role"] for node in ("Ann", "Bob", "Cy")} == {"locked"}


# --- parts of a run, and why -----------------------------------------------------------------------------------


def test_only_writes_its_part(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    done = load_workbook(path)
    done["Commits"]["H5"] = 200
    done["Hierarchy"]["K5"] = 10
    done.save(path)
    health = rows(path, "Pipeline health", "PipelineHealth")
    assert call("run", path, "--only", "commits").exit_code == 0
    review = {row["Manager"]: row for row in rows(path, "Commit review", "CommitReview")}
    assert review["Dir_1"]["Adjusted commit"] == 300
    assert rows(path, "Pipeline health", "PipelineHealth") == health
    assert rows(path, "Run log", "RunLog")[-1]["What"] == "run --only commits"
    assert call("run", path, "--only", "pipeline", "--only", "commits").exit_code == 0
    assert rows(path, "Pipeline health", "PipelineHealth") != health


def test_only_refuses_to_stand_beside_other_quotas(tmp_path: Path) -> None:
    """Checks would speak of quotas that are not there."""
    path = book(tmp_path)
    done = call("run", path, "--only", "commits")
    assert done.exit_code == 3
    assert "are not those of its inputs" in done.output
    run(path, now=WHEN, who="tester")
    changed = load_workbook(path)
    changed["Hierarchy"]["E5"] = 500
    changed.save(path)
    assert call("run", path, "--only", "pipeline").exit_code == 3
    assert call("run", path, "--only", "pipeline", "--only", "quotas").exit_code == 0
    with pytest.raises(ValueError, match="forecasts"):
        run(path, only=["forecasts"])


def test_explain_an_adjusted_quota(tmp_path: Path) -> None:
    path = book(tmp_path)
    text = explain_node(path, "Bob").as_text()
    assert "pipeline 40.00 ÷ quota 99.22 = 0.4031: Critical" in text
    assert "could give min(0.2, (0.5 − 0.4031) ÷ 0.5 = 0.1937) × 99.22 = 19.22" in text
    assert "quota 99.22 -13.91 = 85.31" in text
    assert "not in force: Quotas changes when it is accepted" in text
    accept(path, now=WHEN, who="cro")
    text = explain_node(path, "Bob").as_text()
    assert "accepted adjustment -13.91, which the others of the team make up" in text
    assert "in force: -13.91, so the quota is 85.31" in text
    done = call("explain", path, "Dir_1", "--json")
    steps = {step["step"]: step for step in json.loads(done.stdout)["steps"]}
    assert (steps["commit"]["bias_quotient"], steps["commit"]["blended_forecast"]) == (1.5, 135)
    assert steps["coverage"]["status"] == "Moderate"


def test_the_json_summary_tells_both(tmp_path: Path) -> None:
    summary = json.loads(call("run", book(tmp_path), "--json").stdout)
    assert summary["commits"] == {"managers": 2, "commit": 180, "adjusted_commit": 230, "forecast": 215}
    assert summary["pipeline"]["coverage"] == 0.8
    assert summary["pipeline"]["quota_to_move"] == pytest.approx(33.07)


def test_a_split_ic_moves_in_each_team_alone(tmp_path: Path) -> None:
    def split(found: Tables) -> None:
        headers, people = found["Hierarchy"][2], found["Hierarchy"][3]
        headers.append("Split %")
        for row in people:
            row.append(0.5 if row[3] == "Bob" else None)
        shared = [*next(row for row in people if row[3] == "Bob")]
        shared[1:3] = ["EMEA", "Dir_3"]
        people.append(shared)

    path = book(tmp_path, split)
    accept(path, now=WHEN, who="cro")
    in_force = rows(path, "Overrides", "AcceptedAdjustments")
    assert {row["Manager"] for row in in_force if row["Node"] == "Bob"} <= {"Dir_1", "Dir_3"}
    assert compute(path).quotas.accepted is not None
    text = explain_node(path, "Bob").as_text()
    assert text.count("Bob: coverage") == 2


# --- spreadsheet programs --------------------------------------------------------------------------------------


def test_libreoffice_calculates_the_same_and_follows_changes(tmp_path: Path) -> None:
    """Commit, band and weight are live: LibreOffice recalculates quotient, label and forecasts."""
    path = book(tmp_path, lambda t: t["Settings"][3].extend([["Machine weight", 0.5], ["Neutral band", 0.1]]))
    accept(path, now=WHEN, who="cro")
    done = load_workbook(path)
    settings = {row[0].value: row[1] for row in done["Settings"].iter_rows(min_row=5)}
    settings["Machine weight"].value = 0.25
    settings["Neutral band"].value = 0.6
    done["Commits"]["D8"] = 240  # Dir_3, Q1: 240 instead of 270
    done["Hierarchy"]["K10"] = 10  # Fay's pipeline does not reach the result before the next run
    done.save(path)
    (again,) = recalculate([path], tmp_path)
    review = {row["Manager"]: row for row in rows(again, "Commit review", "CommitReview")}
    assert review["Dir_1"]["Blended forecast"] == 0.75 * 150 + 0.25 * 120
    assert review["Dir_1"]["Label"] == "neutral"
    assert review["Dir_3"]["Bias quotient"] == pytest.approx((240 + 280) / 650)
    checks = statuses(again)
    assert checks["Teams keep their totals in redistribution"] == "OK"
    assert checks["Adjusted commits add up along the org"] == "OK"
    assert checks["Totals of the inputs are those of the run"] == "Warning"


def test_an_adjusted_quota_typed_over_fails_the_checks(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    done = load_workbook(path)
    page = done["Pipeline health"]
    header = {cell.value: cell.column for cell in page[4] if cell.value}
    ann = next(row[0].row for row in page.iter_rows(min_row=5, min_col=header["Manager"] - 1) if row[0].value == "Ann")
    page.cell(ann, header["Adjusted quota"]).value = 250
    done.save(path)
    (again,) = recalculate([path], tmp_path)
    checks = statuses(again)
    assert checks["Teams keep their totals in redistribution"] == "Failed"
    assert checks["No quota moves beyond the limit"] == "Failed"
