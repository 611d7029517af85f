"""What people found who tried to break commits, pipeline and redistribution: each must stay mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from revops_xl import PlanError, accept, bias_quotients, cascade, coverage, redistribute, run
from revops_xl.usecases.run import compute, explain_node
from tests.plans import Tables, deep, shown
from tests.programs import recalculate
from tests.test_commits_and_pipeline import WHEN, add, book, call, deals, rows, setting, statuses


def edit(path: Path, change: Callable[[Workbook], object]) -> Path:
    done = load_workbook(path)
    change(done)
    done.save(path)
    return path


def set_setting(name: str, value: Any) -> Callable[[Workbook], object]:
    def change(done: Workbook) -> None:
        page = done["Settings"]
        cell = next((row[1] for row in page.iter_rows(min_row=5) if row[0].value == name), None)
        assert cell is not None, name
        cell.value = value

    return change


def everything(path: Path) -> dict[tuple[str, str], Any]:
    """Every value of the result sheets as they are saved."""
    done = shown(path)
    sheets = ("Summary", "Start", "Quotas", "Hedge audit", "Commit review", "Pipeline health", "Checks")
    return {
        (name, cell.coordinate): cell.value
        for name in sheets
        for row in done[name].iter_rows()
        for cell in row
        if cell.value not in {None, ""}
    }


def same_after_recalculation(path: Path, folder: Path) -> None:
    """What we saved beside formulas is what LibreOffice calculates."""
    ours = everything(path)
    theirs = everything(recalculate([path], folder)[0])
    assert ours.keys() == theirs.keys()
    for place, value in ours.items():
        if isinstance(value, int | float):
            assert theirs[place] == pytest.approx(float(value), abs=1e-9), place
        else:
            assert theirs[place] == value, place


# --- parts of a run ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "only", "said"),
    [
        (lambda b: b["Commits"].__setitem__("G5", 900), "quotas", "Commit review is not that of the inputs"),
        (lambda b: b["Hierarchy"].__setitem__("K5", 5), "commits", "Pipeline health is not that of the inputs"),
        (set_setting("Target", 2000), "quotas", "Pipeline health is not that of the inputs"),
        (lambda b: b["Commits"].__setitem__("G5", 900), "pipeline", "Commit review is not that of the inputs"),
    ],
)
def test_a_part_that_stays_is_not_spoken_of_as_if_it_were_new(
    tmp_path: Path, change: Callable[[Workbook], object], only: str, said: str
) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    edit(path, change)
    (tmp_path / "calculated").mkdir()
    recalculate([path], tmp_path)[0].replace(path)  # as a spreadsheet saves it, with values beside the formulas
    done = call("run", path, "--only", only, "--json")
    assert done.exit_code == 0, done.output
    checks = statuses(path)
    assert checks[said] == "Warning"
    left = "commits" if "Commit" in said else "pipeline"
    assert left not in json.loads(done.stdout)
    assert not any("Coverage of" in name for name in checks)
    same_after_recalculation(path, tmp_path / "calculated")


def test_only_on_a_plan_that_was_never_run(tmp_path: Path) -> None:
    path = book(tmp_path)
    assert call("run", path, "--only", "quotas").exit_code == 0
    checks = statuses(path)
    assert checks["Commit review is not that of the inputs"] == "Warning"
    assert checks["Pipeline health is not that of the inputs"] == "Warning"
    same_after_recalculation(path, tmp_path)


def test_only_says_nothing_where_the_rest_is_as_it_should_be(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    assert call("run", path, "--only", "pipeline").exit_code == 0
    assert not any("is not that of the inputs" in name for name in statuses(path))
    same_after_recalculation(path, tmp_path)


# --- what is in force ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["redistribute", "flag only"])
def test_a_change_beyond_the_limit_alarms(tmp_path: Path, mode: str) -> None:
    path = book(tmp_path, lambda t: t["Settings"][3].append(["Max adjustment %", 0.2]))
    accept(path, now=WHEN, who="cro")
    edit(path, lambda b: (set_setting("Max adjustment %", 0.01)(b), set_setting("Adjustment mode", mode)(b)))
    assert call("run", path).exit_code == 1
    checks = statuses(path)
    assert checks["Accepted changes are within the limit"] == "Alarm"
    if mode == "flag only":
        assert checks["Adjustments in force although the mode is flag only"] == "Warning"


@pytest.mark.parametrize("mode", ["redistribute", "flag only"])
def test_a_lock_after_accepting_is_said(tmp_path: Path, mode: str) -> None:
    path = book(tmp_path)
    accept(path, now=WHEN, who="cro")

    def lock(done: Workbook) -> None:
        words: list[str | int | bool] = ["Bob", 120, "hedged", True, "x"]
        for column, value in zip("ABCDE", words, strict=True):
            done["Overrides"][f"{column}5"] = value
        set_setting("Adjustment mode", mode)(done)

    run(edit(path, lock), now=WHEN, who="tester")
    found = {row["Check"]: row for row in rows(path, "Checks", "Checks")}
    assert found["Accepted adjustments of fixed or locked ICs"]["Where"] == "Bob"


@pytest.mark.parametrize(
    "change",
    [
        lambda b: (b["Hierarchy"].__setitem__("B5", "EMEA"), b["Hierarchy"].__setitem__("C5", "Dir_3")),
        lambda b: b["Hierarchy"].__setitem__("D5", "Anna"),
        *deep(set_setting("Target", 50), set_setting("Rounding unit", 1)),
    ],
)
@pytest.mark.parametrize("words", [[], ["--withdraw"]])
def test_accepting_again_is_the_way_out(tmp_path: Path, change: Callable[[Workbook], object], words: list[str]) -> None:
    """A move, a leaver, another target or unit: what was accepted does not fit any more, and is replaced."""
    path = book(tmp_path)
    accept(path, now=WHEN, who="cro")
    edit(path, change)
    assert call("run", path).exit_code == 3 or "Target" in str(change)
    done = call("accept", path, *words)
    assert done.exit_code == 0, done.output
    assert call("run", path).exit_code == 0


def test_a_row_of_another_team_that_does_not_fit_is_refused_with_its_cell(sample_plan: Path) -> None:
    accept(sample_plan, now=WHEN, who="cro")
    in_force = rows(sample_plan, "Overrides", "AcceptedAdjustments")
    number = next(i for i, row in enumerate(in_force) if row["Manager"].startswith("NA"))
    name = in_force[number]["Node"]

    def leave(done: Workbook) -> None:
        page = done["Hierarchy"]
        cell = next(cell for row in page.iter_rows(min_row=5) for cell in row if cell.value == name)
        cell.value = "Somebody New"

    edit(sample_plan, leave)
    done = call("accept", sample_plan, "APAC Team A")
    assert done.exit_code == 3
    assert f"Overrides!G{5 + number}" in done.output
    assert "or run `accept` without naming nodes" in done.output
    assert call("accept", sample_plan, "APAC Team A", "NA").exit_code == 0


def test_a_partial_accept_leaves_the_rest_proposed(sample_plan: Path) -> None:
    done = call("accept", sample_plan, "APAC Team A")
    assert "Adjustments: 5 new; 5 in force" in done.output
    checks = statuses(sample_plan)
    assert checks["Redistribution proposed"] == "Note"
    assert "Accepted adjustments differ from the proposal" not in checks
    assert "of quota moved" in done.output
    assert "nothing to change" in call("accept", sample_plan, "APAC Team A").output
    assert "5 taken back; 0 in force" in call("accept", sample_plan, "--withdraw").output
    assert "nothing to change" in call("accept", sample_plan, "--withdraw", "EMEA").output


def test_the_backup_is_named(sample_plan: Path) -> None:
    for command in ("run", "accept"):
        done = call(command, sample_plan, "--backup")
        assert f"The workbook as it was: {sample_plan.with_name('sample.backup.xlsx')}" in done.output


def test_a_name_alone_is_one_node(sample_plan: Path) -> None:
    assert accept(sample_plan, nodes="APAC Team A", now=WHEN, who="cro").in_force == 5


def test_nobody_pays_with_base_quota(worked: pd.DataFrame) -> None:
    """Who takes quota does not lose base quota, however coarse the unit."""
    for seed in range(300):
        dice = np.random.default_rng(seed)
        size = int(dice.integers(2, 7))
        ics = [f"i{i}" for i in range(size)]
        table = pd.DataFrame({"T": "t", "M": "m", "IC": ics, "Q1_Attainment": dice.integers(2, 90, size).astype(float)})
        plan = cascade(
            table,
            600,
            levels=["T", "M", "IC"],
            hedge=float(dice.choice([1.05, 1.3, 2.0])),
            unit=float(dice.choice([1, 5, 50])),
        )
        factor = dice.choice([0, 0.3, 3, 9], size)
        quota = dict(zip(plan.quotas["node"], plan.quotas["quota"], strict=True))
        moved = redistribute(plan, {ic: quota[ic] * f for ic, f in zip(ics, factor, strict=True)}, max_change=1.0)
        base = (moved["adjusted_base_quota"] - moved["base_quota"]).round(6)
        assert (base[moved["role"] == "receiver"] >= 0).all(), seed
        assert (base[moved["role"] == "donor"] <= 0).all(), seed
        assert base.sum() == 0


def test_less_than_a_unit_is_the_reason_that_is_given() -> None:
    team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": ["a", "b"], "Q1_Attainment": [1.0, 1.0]})
    plan = cascade(team, 200, levels=["Company", "IC"], unit=50)
    moved = redistribute(plan, {"a": 10, "b": 900})
    assert moved["why"].tolist() == ["may not move by a whole rounding unit"] * 2


# --- cells that read in two ways -----------------------------------------------------------------------------------


def test_an_empty_text_of_a_formula_is_a_blank_for_everybody(tmp_path: Path) -> None:
    """=IF(x="","",x) is the usual way to fill Actual and Machine forecast."""
    path = book(tmp_path)

    def formulas(done: Workbook) -> None:
        done["Commits"]["D7"], done["Commits"]["I6"] = '=""', '=""'

    edit(path, formulas)
    recalculate([path], tmp_path)[0].replace(path)
    run(path, now=WHEN, who="tester")
    review = {row["Manager"]: row for row in rows(path, "Commit review", "CommitReview")}
    assert (review["Dir_1"]["Periods"], review["Dir_1"]["Bias quotient"]) == (2, 1.5)
    again = tmp_path / "again"
    again.mkdir()
    same_after_recalculation(path, again)


def test_nodes_that_differ_by_case_are_told_apart_everywhere(tmp_path: Path) -> None:
    def rename(found: Tables) -> None:
        for row in found["Hierarchy"][3]:
            row[0] = "Dir"
            row[2] = "DIR" if row[2] == "Dir_1" else row[2]
        for table in ("CommitHistory", "Commits"):
            for row in found[table][3]:
                row[0] = "DIR" if row[0] == "Dir_1" else row[0]

    path = book(tmp_path, rename)
    run(path, now=WHEN, who="tester")
    same_after_recalculation(path, tmp_path)


def test_another_weight_shows_in_the_checks(tmp_path: Path) -> None:
    path = book(tmp_path, lambda t: t["Settings"][3].append(["Machine weight", 0.5]))
    run(path, now=WHEN, who="tester")
    edit(path, set_setting("Machine weight", 0))
    (again,) = recalculate([path], tmp_path)
    assert statuses(again)["Commits in the roll-up are those of the review"] == "Warning"


@pytest.mark.parametrize("value", [2026, "2026"])
def test_a_numeric_header_can_be_a_pipeline_column(tmp_path: Path, value: object) -> None:
    def change(found: Tables) -> None:
        found["Hierarchy"][2][10] = "2026"
        setting("Pipeline columns", value)(found)

    path = book(tmp_path, change)
    assert compute(path).health is not None


def test_the_rows_of_a_split_ic_agree_on_its_pipeline(tmp_path: Path) -> None:
    def split(found: Tables) -> None:
        found["Hierarchy"][2].append("Split %")
        for row in found["Hierarchy"][3]:
            row.append(0.5 if row[3] == "Bob" else None)
        other = [*next(row for row in found["Hierarchy"][3] if row[3] == "Bob")]
        other[1:3], other[10] = ["EMEA", "Dir_3"], 400
        found["Hierarchy"][3].append(other)

    done = call("check", book(tmp_path, split))
    assert done.exit_code == 3
    assert 'Pipeline of the split IC "Bob" differs from row 6' in done.stdout


@pytest.mark.parametrize(
    ("periods", "slope"),
    [
        (["Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025"], 0.1),
        (["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"], 0.1),
        (["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"], 0.1),
        (["2025-01", "2025-02", "2025-03", "2025-04"], 0.1),
    ],
)
@pytest.mark.parametrize("as_dates", [False, True])
def test_trend_is_per_period_in_every_spelling(periods: list[str], slope: float, as_dates: bool) -> None:  # noqa: FBT001
    if as_dates and len(periods[0]) < 10:
        return
    values: Any = [pd.Timestamp(p).date() for p in periods] if as_dates else periods
    frame = pd.DataFrame({"manager": "A", "period": values, "commit": 100.0, "actual": [80.0, 90.0, 100.0, 110.0]})
    assert bias_quotients(frame)["trend"][0] == pytest.approx(slope, rel=0.03)


# --- refusals, not tracebacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (add("CommitHistory", ["Dir_2", "Q1 2026", 1e308, 1]), "up to 10,000,000,000,000"),
        (add("CommitHistory", ["Dir_2", "Q1 2026", 1, 1e300]), "up to 10,000,000,000,000"),
        (add("CommitHistory", ["Dir_2", 2026.1, 1, 1]), "the number 2026.1 where a period is needed"),
        (add("Commits", ["Dir_3", 1e17, None]), "up to 10,000,000,000,000"),
        (add("Thresholds", ["NA", 1.7e308, 1]), "up to 1,000,000"),
        (add("Overrides", ["Bob", None, None, None, None]), "or TRUE under Lock alone"),
    ],
)
def test_far_numbers_are_refused(tmp_path: Path, change: Callable[[Tables], None], words: str) -> None:
    done = call("run", book(tmp_path, change))
    assert done.exit_code == 3, done.output
    assert words in done.output


def test_long_texts_as_periods_do_no_harm() -> None:
    frame = pd.DataFrame({"manager": "A", "period": ["9" * 5000, "P1"], "commit": 1.0, "actual": 1.0})
    assert bias_quotients(frame)["periods"][0] == 2


def test_a_deal_on_two_rows_is_refused(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        deals(["Ann", "Won", 5], ["Ann", "Won", 5], ["Ann", "Closed Won", 5])(found)
        found["Deals"][3][1][0] = "D0"

    done = call("check", book(tmp_path, change))
    assert 'deal "D0" is listed twice, first in row 5' in done.stdout
    assert done.stdout.count('"Closed Won" is not one of') == 1


ONE_ROW = pd.DataFrame({"manager": ["a"], "period": ["Q1 2026"], "commit": [1], "actual": [1]})


def small(pipeline: Any, **arguments: Any) -> pd.DataFrame:
    team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": ["a", "b"], "Q1_Attainment": [1.0, 1.0]})
    return redistribute(cascade(team, 200, levels=["Company", "IC"]), pipeline, **arguments)


@pytest.mark.parametrize(
    "action",
    [
        lambda: bias_quotients(None),  # type: ignore[arg-type]
        lambda: bias_quotients([1]),  # type: ignore[arg-type]
        lambda: bias_quotients(ONE_ROW, seed=1.5),  # type: ignore[arg-type]
        lambda: small({"a": 1}, locked=None),
        lambda: small({"a": 1}, locked=5),
        lambda: small({"a": 1}, thresholds=[(2, 1)]),
        lambda: small({"a": 1}, thresholds={"a": "21"}),
        lambda: small(pd.DataFrame({"IC": ["a", "b"]})),
    ],
)
def test_wrong_arguments_are_refused_in_words(action: Callable[[], object]) -> None:
    with pytest.raises(PlanError):
        action()


def test_a_lock_needs_no_amount(tmp_path: Path) -> None:
    path = book(tmp_path, add("Overrides", ["Bob", None, None, True, "leave him"]))
    run(path, now=WHEN, who="tester")
    moved = {row["Node"]: row for row in rows(path, "Pipeline health", "QuotaAdjustments")}
    assert (moved["Bob"]["Role"], moved["Bob"]["Quota"]) == ("locked", 99.22)
    assert {row["Node"]: row["Rule"] for row in rows(path, "Quotas", "Quotas")}["Bob"] is None


# --- what must be said ---------------------------------------------------------------------------------------------


def test_incomplete_sums_and_odd_quotients_are_said(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Commits"][3] = [["Global", 1000, None], ["EMEA", 400, None], ["Dir_1", 10, None]]
        add("CommitHistory", ["EMEA", "Q1 2026", 100, -50], ["NA", "Mar 2026", 100, 90])(found)

    path = book(tmp_path, change)
    results = run(path, now=WHEN, who="tester")
    sums = {row["Node"]: row for row in rows(path, "Commit review", "CommitRollUp")}
    assert (sums["Global"]["Commits"], sums["Global"]["Counts as"]) == (1000, "own commit; only 1 of 2 below")
    assert sums["NA"]["Counts as"] == "only 1 of 2 below complete"
    found = {row["Check"]: row for row in rows(path, "Checks", "Checks")}
    assert found["Sums of commits that are incomplete"]["Where"] == "Global, NA"
    assert "Dir_2" in found["Sums of commits that are incomplete"]["What to do"]
    assert found["Negative quotients"]["Where"] == "EMEA"
    assert found["Periods of several lengths"]["Status"] == "Note"
    assert results.summary["commits"]["commit"] == 1000


def test_shrunk_quotients_say_what_they_were(tmp_path: Path) -> None:
    path = book(tmp_path, setting("Bias shrinkage", 1))
    run(path, now=WHEN, who="tester")
    review = {row["Manager"]: row for row in rows(path, "Commit review", "CommitReview")}
    assert review["Dir_1"]["Bias quotient"] == pytest.approx((675 + 225) / (450 + 225))
    assert "1.50× before shrinkage" in review["Dir_1"]["Note"]


def test_a_manager_who_left_can_be_explained(tmp_path: Path) -> None:
    text = explain_node(book(tmp_path), "Left").as_text()
    assert text.startswith("Left: not in Hierarchy")
    assert "1 closed periods: actual 20.00 ÷ commit 10.00" in text


def test_a_team_explains_what_moves_in_it(tmp_path: Path) -> None:
    path = book(tmp_path)
    text = explain_node(path, "Dir_1").as_text()
    assert "Dir_1: receivers can take 33.07 in all" in text
    assert "Cy -19.16: gives less: the team can take no more" in text
    text = explain_node(path, "NA").as_text()
    assert "33.07 moves inside the teams below" in text
    assert "counts as the sum of 2 below (2 of 2 below are complete)" in text


def test_receivers_who_fall_below_healthy_are_said(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    found = {row["Check"]: row for row in rows(path, "Checks", "Checks")}
    assert found["Receivers below healthy afterwards"]["Where"] == "Ann"


def test_a_team_that_wins_nothing_is_said(tmp_path: Path) -> None:
    path = book(tmp_path, deals(*[["Dee", "Lost", 5]] * 12))
    run(path, now=WHEN, who="tester")
    assert statuses(path)["Teams that win nothing"] == "Warning"


def test_every_column_that_counts_is_watched(tmp_path: Path) -> None:
    """However many there are and however long their headers: each has a formula of its own."""

    def many(found: Tables) -> None:
        found["Hierarchy"][2][4:4] = [f"{'long header ' * 9}{i}_Attainment" for i in range(80)]
        for row in found["Hierarchy"][3]:
            row[4:4] = [5] * 80

    def plain(done: Workbook) -> None:
        for row in done["Hierarchy"].iter_rows(min_row=5):
            for cell in row:
                cell.number_format = "General"

    path = edit(book(tmp_path, many), plain)
    run(path, now=WHEN, who="tester")
    watched = rows(path, "Summary", "InputTotals")
    columns = {row["Input column"] for row in watched if row["Input table"] == "Hierarchy"}
    assert "Pipeline" in columns
    assert sum("long header" in str(column) for column in columns) == 80
    page = load_workbook(path)["Summary"]
    texts = [str(cell.value) for row in page[page.tables["InputTotals"].ref] for cell in row]
    assert max(map(len, texts)) < 8192
    check = next(row for row in rows(path, "Checks", "Checks") if row["Check"].startswith("Totals of the inputs"))
    assert "Not watched:" not in check["Where"]


def test_a_formula_column_of_ones_own_survives_an_empty_table(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")

    def column(done: Workbook) -> None:
        page = done["Commit review"]
        table = page.tables["BiasByPeriod"]
        first, last = table.ref.split(":")
        right = page[last].column
        left, top, bottom = page[first].column, page[first].row, page[last].row
        quotient = next(c.column for c in page[top][left - 1 : right] if c.value == "Quotient")
        page.cell(top, right + 1, "Mine")
        for number in range(top + 1, bottom + 1):
            page.cell(number, right + 1, "=BiasByPeriod[[#This Row],[Quotient]]*2")
        assert quotient
        table.ref = f"{first}:{page.cell(bottom, right + 1).coordinate}"
        table.tableColumns = []
        table._initialise_columns()
        for declared, cell in zip(table.tableColumns, page[top][left - 1 : right + 1], strict=True):
            declared.name = str(cell.value)

    edit(path, column)
    saved = [[cell.value for cell in row] for row in load_workbook(path)["Commits"].iter_rows(min_row=5, max_col=4)]

    def fill(values: list[list[Any]]) -> Callable[[Workbook], object]:
        def change(done: Workbook) -> None:
            for i, row in enumerate(values):
                for j, value in enumerate(row):
                    done["Commits"].cell(5 + i, 1 + j).value = value

        return change

    run(edit(path, fill([[None] * 4 for _ in saved])), now=WHEN, who="tester")
    run(edit(path, fill(saved)), now=WHEN, who="tester")
    page = load_workbook(path)["Commit review"]
    formulas = [cell.value for row in page.iter_rows() for cell in row if str(cell.value).endswith("[Quotient]]*2")]
    assert len(formulas) >= 5


def test_coverage_of_every_level_is_shown_with_its_thresholds(worked: pd.DataFrame) -> None:
    plan = cascade(
        worked[["Global", "Region", "Director", "IC", "Q1_Attainment"]],
        1000,
        levels=["Global", "Region", "Director", "IC"],
    )
    found = coverage(plan, worked[["IC", "Pipeline"]])
    assert set(found["level"]) == {"Global", "Region", "Director", "IC"}
    assert set(found["thresholds_from"]) == {"(default)"}


# --- rows of other teams are not touched ---------------------------------------------------------------------------


def accepted(*entries: list[Any]) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found["AcceptedAdjustments"] = ["Overrides", (4, 7), ["Node", "Manager", "Change", "Reason"], list(entries)]

    return change


@pytest.mark.parametrize("command", [["Dir_1"], ["--withdraw", "Dir_1"]])
@pytest.mark.parametrize(
    "theirs",
    [
        [["Eli", "Dir_3", -5, None], ["Fay", "Dir_3", 5, None]],
        [["Eli", "Dir_3", "-5", "mine1"], ["Fay", "Dir_3", "5", "mine2"]],
        [["Eli", None, -5, "r"], ["Fay", None, 5, "r2"]],
        [["Eli", "Dir_3", 0, "decided: stays"], ["Fay", "Director: Dir_3", 0, "agreed"]],
    ],
)
def test_rows_of_other_teams_stay_as_they_are(tmp_path: Path, command: list[str], theirs: list[list[Any]]) -> None:
    mine = [["Ann", "Dir_1", 5, "x"], ["Bob", "Dir_1", -5, "x"]]
    path = book(tmp_path, accepted(*mine, *theirs))
    done = call("accept", path, *command)
    assert done.exit_code == 0, done.output
    found = [list(row.values()) for row in rows(path, "Overrides", "AcceptedAdjustments")]
    assert [row for row in found if row[0] in {"Eli", "Fay"}] == theirs
    said = "2 taken back" if "--withdraw" in command else "1 new, 2 changed"
    assert f"Adjustments: {said};" in done.output


def test_a_row_that_stays_keeps_its_reason(tmp_path: Path) -> None:
    ann: list[Any] = ["Ann", "Dir_1", 33.070000000000004, "CRO said so"]
    entries = [ann, ["Bob", None, -13.91, None], ["Cy", "Dir_1", -19.16, "y"]]
    path = book(tmp_path, accepted(*entries))
    done = call("accept", path)
    assert "nothing to change; 3 in force" in done.output
    assert [row["Reason"] for row in rows(path, "Overrides", "AcceptedAdjustments")] == ["CRO said so", None, "y"]


def test_a_split_ic_without_manager_is_said_to_have_several(tmp_path: Path) -> None:
    def split(found: Tables) -> None:
        found["Hierarchy"][2].append("Split %")
        for row in found["Hierarchy"][3]:
            row.append(0.5 if row[3] == "Bob" else None)
        other = [*next(row for row in found["Hierarchy"][3] if row[3] == "Bob")]
        other[1:3] = ["EMEA", "Dir_3"]
        found["Hierarchy"][3].append(other)
        accepted(["Bob", None, -5, None], ["Ann", None, 5, None])(found)

    done = call("accept", book(tmp_path, split), "Dir_3")
    assert done.exit_code == 3
    assert '"Bob" has several managers' in done.output


def test_years_of_53_weeks() -> None:
    def trend(weeks: list[str]) -> float:
        frame = pd.DataFrame({"manager": "A", "period": weeks, "commit": 100.0, "actual": [100.0, 120.0, 140.0]})
        return float(bias_quotients(frame)["trend"][0])

    assert trend(["W50 2026", "W51 2026", "W52 2026"]) == pytest.approx(0.2)
    assert trend(["W51 2026", "W52 2026", "W53 2026"]) == pytest.approx(0.2)
    assert trend(["W52 2026", "W53 2026", "W01 2027"]) == pytest.approx(0.2)


def test_flag_only_says_so(tmp_path: Path) -> None:
    assert (
        "nothing is proposed" in explain_node(book(tmp_path, setting("Adjustment mode", "flag only")), "Bob").as_text()
    )
    assert (
        "Adjustment mode is flag only." in call("run", book(tmp_path, setting("Adjustment mode", "flag only"))).output
    )
