"""The revenue forecast in the workbook: by hand, against the spreadsheet, and what is refused or listed."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from revops_xl import PlanError, run
from revops_xl.hosts.cli import cli
from revops_xl.tables.forecast.scored_deals import CHANCES
from revops_xl.usecases.evaluate import render
from revops_xl.usecases.run import compute, explain_node
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import Tables, deep, fill_template, shown, small_sample, worked_tables
from tests.programs import recalculate, validate

WHEN = dt.datetime(2026, 11, 21, 9, 0)  # noqa: DTZ001  (the run log is in UTC)
DEALS = ["Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date"]
DAY = dt.date


def tables() -> Tables:
    """The worked org with four open deals and nothing to learn from, so that every number can be done by hand."""
    found = worked_tables()
    found["Settings"][3] += [["As of", DAY(2027, 1, 1)]]
    found["Deals"] = [
        "Deals", (4, 1), DEALS,
        [
            ["D1", "A1", "Ann", "Proposal", "Open", 1000, 0.5, DAY(2026, 11, 1), DAY(2027, 2, 1)],
            ["D2", "A1", "Bob", "Proposal", "Open", 2000, 0.9, DAY(2026, 12, 1), DAY(2027, 5, 10)],
            ["D3", "A2", "Eli", "Discovery", "Open", 400, 0.25, DAY(2026, 9, 1), DAY(2026, 12, 1)],
            ["D4", "A3", "Fay", "Discovery", "Open", 800, None, DAY(2026, 12, 20), DAY(2027, 3, 1)],
        ],
    ]  # fmt: skip
    found["Cohorts"] = [
        "Cohorts", (4, 1), ["Cohort", "Baseline", "Growth rate", "Lag (quarters)"], [["A", 100, 0.1, None], ["B", 50, 0, 1.5]],
    ]  # fmt: skip
    return found


def book(folder: Path, change: Callable[[Tables], None] = lambda _: None) -> Path:
    found = tables()
    change(found)
    return fill_template(folder / "plan.xlsx", template_path(TEMPLATE), {n: e for n, e in found.items() if e[3]})


def rows(path: Path, sheet: str, table: str) -> list[dict[str, Any]]:
    page = shown(path)[sheet]
    header, *body = page[page.tables[table].ref]
    names = [str(cell.value) for cell in header]
    listed = [dict(zip(names, (cell.value for cell in row), strict=True)) for row in body]
    return [row for row in listed if any(value is not None for value in row.values())]


def statuses(path: Path) -> dict[str, str]:
    return {row["Check"]: row["Status"] for row in rows(path, "Checks", "Checks")}


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def by_quarter(path: Path, column: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row in rows(path, "Forecast", "Forecast"):
        found.setdefault(row["Scenario"], []).append(row[column])
    return found


def late(values: list[float], delay: float, quarters: int = 4) -> list[float]:
    """What comes in each quarter if values spread evenly over their quarters come later, by many small slices of time.

    From 1 January on 89 days of a quarter of 90 are left.
    """
    slices, rest = 20_000, 89 / 90
    ends = [rest + q for q in range(quarters)]
    came = [0.0] * quarters
    for q, value in enumerate(values):
        start = 0.0 if not q else ends[q - 1]
        for i in range(slices):
            time = start + (i + 0.5) / slices * (ends[q] - start)
            time += delay * min(time, 1.0)
            place = next((k for k, end in enumerate(ends) if time <= end), None)
            if place is not None:
                came[place] += value / slices
    return came


# --- by hand ---------------------------------------------------------------------------------------------------


def test_quarters_scenarios_and_budget_by_hand(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    deals, unseen, total = (by_quarter(path, name) for name in ("Deals", "Unseen", "Total"))
    # D3 is overdue; no deal has ever closed here, so 90 days from 1 January: the second quarter
    assert deals["Baseline"] == [500, 1800 + 100, 0, 0]
    assert unseen["Baseline"] == [100, 110 + 25, 121 + 50, 133.1 + 50]
    assert total["Baseline"] == [600, 2035, 171, 183.1]
    up = math.exp(0.6744897501960817 * 0.2)  # the upper quartile of a spread of 20 %
    best = [
        round(0.6 * round(1000 * up, 2), 2),
        round(1.0 * round(2000 * up, 2), 2) + round(0.3 * round(400 * up, 2), 2),
    ]
    assert deals["Best"] == pytest.approx([*best, 0, 0], abs=1e-9)
    worst = [
        round(0.4 * round(1000 / up, 2), 2),
        round(0.72 * round(2000 / up, 2), 2) + round(0.2 * round(400 / up, 2), 2),
    ]
    assert deals["Worst"] == pytest.approx(late(worst, 1.0), abs=0.011)
    assert unseen["Worst"] == unseen["Baseline"]
    budget = {row["Scenario"]: row for row in rows(path, "Forecast", "Budget")}
    assert budget["Baseline"]["Year forecast"] == 2989.1
    assert budget["Baseline"]["Safe OpEx"] == 1793.46
    assert budget["Baseline"]["Rep target"] == 500 + 1800 + 100
    assert budget["Baseline"]["Delta risk"] == 0  # the reps are believed
    assert budget["Best"]["Model value"] == pytest.approx(sum(best))
    for row in budget.values():
        assert row["Cautious OpEx"] == pytest.approx(0.6 * row["Exceeded with it"], abs=0.005)
        assert row["Year low"] < row["Exceeded with it"] < row["Year high"]
    found = statuses(path)
    assert found["Deals are forecast by the reps' probabilities"] == "Warning"
    assert found["Open deals that nobody gives a probability"] == "Warning"
    assert found["Open deals whose close date has passed"] == "Warning"  # one of four


def test_sums_along_the_org_by_hand(tmp_path: Path) -> None:
    """Reps' values along the tree; the safe OpEx of 1,793.46 goes by model value 500 : 1,800 : 100."""
    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    found = {row["Node"]: row for row in rows(path, "Forecast", "RiskAllocation")}
    assert [found[name]["Model expected value"] for name in ("Global", "NA", "EMEA", "Dir_1")] == [
        2400,
        2300,
        100,
        2300,
    ]
    assert found["Fay"]["Open deals"] == 1
    parts = {name: found[name]["Budget allocation"] for name in ("Ann", "Bob", "Eli", "Fay")}
    assert parts["Ann"] == pytest.approx(1793.46 * 500 / 2400, abs=0.01)
    assert parts["Bob"] == pytest.approx(1793.46 * 1800 / 2400, abs=0.01)
    assert round(sum(parts.values()), 2) == found["Global"]["Budget allocation"] == 1793.46
    assert found["NA"]["Budget allocation"] == round(parts["Ann"] + parts["Bob"], 2)
    assert [found[name]["Due this quarter"] for name in ("Global", "Ann", "Bob")] == [500, 500, 0]


def test_the_year_is_four_quarters_and_scenarios_are_the_users(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Settings"][3] += [["Forecast quarters", 6], ["OpEx limit", 0.5]]
        found["Scenarios"] = [
            "Cohorts", (4, 7), ["Scenario", "Conversion factor", "Value basis", "Delay (quarters)", "Unseen factor"],
            [["Plan", 1, "mean", None, None], ["Half", 0.5, "mean", 5, 0.5]],
        ]  # fmt: skip

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    found = by_quarter(path, "Deals")
    assert found["Plan"] == [500, 1900, 0, 0, 0, 0]
    assert found["Half"] == pytest.approx(late([250, 950], 5.0, 6), abs=0.021)
    assert by_quarter(path, "Unseen")["Half"] == [50, 67.5, 85.5, 91.55, 98.21, 105.53]
    budget = {row["Scenario"]: row for row in rows(path, "Forecast", "Budget")}
    assert (budget["Plan"]["Year forecast"], budget["Plan"]["Safe OpEx"]) == (2989.1, 1494.55)
    assert budget["Half"]["Year forecast"] == pytest.approx(50 + 67.5 + 85.5 + 91.55 + sum(found["Half"][:4]))
    assert budget["Half"]["Model value"] == 250 + 950


def test_only_cohorts_are_enough(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Deals"][3] = []

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    assert by_quarter(path, "Total")["Baseline"] == [100, 135, 171, 183.1]
    assert rows(path, "Scored deals", "ScoredDeals") == []


def test_a_slipped_deal_closes_as_late_as_others_did(tmp_path: Path) -> None:
    """Nineteen won deals took 200 days each: one that is 122 days old has 78 to go from 1 January."""

    def change(found: Tables) -> None:
        found["Deals"][3] += [
            [f"W{i}", "A1", "Ann", "Proposal", "Won", 500, None, DAY(2026, 1, 1), DAY(2026, 7, 20)] for i in range(19)
        ]

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    found = {row["Deal ID"]: row for row in rows(path, "Scored deals", "ScoredDeals")}
    assert found["D3"]["Expected close"].date() == DAY(2027, 3, 20)
    assert found["D3"]["Note"] == "close date 2026-12-01 has passed"
    assert statuses(path)["Deals are forecast by the reps' probabilities"] == "Warning"  # all were won
    where = {row["Check"]: row["Where"] for row in rows(path, "Checks", "Checks")}
    assert where["Deals are forecast by the reps' probabilities"] == "Deals!E4"


# --- the sample: live formulas, commits, parts -------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(run_sample: Path) -> Path:
    return run_sample


CHANGES: tuple[dict[tuple[str, str], Any], ...] = (
    {("Cohorts", "G6"): 3, ("Cohorts", "J7"): 0.25, ("Settings", "OpEx limit"): 0.45},
    {("Cohorts", "B5"): 1_234_567.89, ("Cohorts", "C6"): -0.2, ("Cohorts", "D7"): 2.25},
    {
        ("Cohorts", "H5"): "lower quartile",
        ("Cohorts", "I5"): 0.5,
        ("Cohorts", "I6"): 2,
        ("Cohorts", "J7"): None,
        ("Cohorts", "I7"): None,
    },
)


@pytest.mark.parametrize(
    "changes",
    [CHANGES[0], *deep(*CHANGES[1:])],
    ids=["factors", "cohorts", "basis and delay"],
)
def test_the_open_workbook_follows_its_assumptions_to_the_cent(
    sample: Path, tmp_path: Path, changes: dict[tuple[str, str], Any]
) -> None:
    """Change cells of the result, let LibreOffice calculate: the sheet says what a fresh run would."""
    workbook = load_workbook(sample)
    for (sheet, address), value in changes.items():
        cell = workbook[sheet][address] if address[0].isupper() and address[1].isdigit() else None
        if cell is None:
            cell = next(row[1] for row in workbook[sheet].iter_rows(min_row=5) if row[0].value == address)
        cell.value = value
    changed = tmp_path / "changed.xlsx"
    workbook.save(changed)
    (path,) = recalculate([changed], tmp_path)
    fresh = {table.table.name: table for table in render(compute(path))}
    for name in ("Deals", "Unseen", "Total"):
        expected = fresh["Forecast"].values(name)
        got = [row[name] for row in rows(path, "Forecast", "Forecast")]
        assert got == pytest.approx(list(expected), abs=1e-6)
    budget = {row["Scenario"]: row for row in rows(path, "Forecast", "Budget")}
    for i, scenario in enumerate(fresh["Budget"].values("Scenario")):
        for name in ("Year forecast", "Safe OpEx"):
            assert budget[scenario][name] == pytest.approx(fresh["Budget"].values(name)[i], abs=1e-6)


def test_machine_forecasts_feed_the_commit_review(sample: Path) -> None:
    found = {row["Manager"]: row for row in rows(sample, "Commit review", "CommitReview")}
    nodes = {row["Node"]: row for row in rows(sample, "Forecast", "RiskAllocation")}
    entered = {row["Manager"]: row["Machine forecast"] for row in rows(sample, "Commits", "Commits")}
    fed = [name for name, value in entered.items() if value is None]
    assert fed
    weight = next(
        row["Value"] for row in rows(sample, "Checks", "Checks") if row["Check"] == "Weight of machine forecasts"
    )
    assert 0.3 < weight < 0.7  # learned from the sample's history, shown with four digits
    for name in fed:
        mine = found[name]
        assert mine["Machine forecast"] == nodes[name]["Machine forecast"]
        assert "machine forecast from the deals" in mine["Note"]
        blended = (1 - weight) * mine["Adjusted commit"] + weight * mine["Machine forecast"]
        assert mine["Blended forecast"] == pytest.approx(blended, abs=0.00006 * mine["Adjusted commit"])
    for name, value in entered.items():
        if value is not None:
            assert found[name]["Machine forecast"] == value


def test_scored_deals_are_all_open_ones_and_tie_to_the_forecast(sample: Path) -> None:
    scored = rows(sample, "Scored deals", "ScoredDeals")
    deals = {row["Deal ID"]: row for row in rows(sample, "Deals", "Deals")}
    assert {row["Deal ID"] for row in scored} == {name for name, row in deals.items() if row["Status"] == "Open"}
    weights = [max(row["Rep expected value"] or 0, row["Model expected value"]) for row in scored]
    assert weights == sorted(weights, reverse=True)
    for row in scored:
        assert row["Model expected value"] == pytest.approx(row["Model probability"] * row["Value if won"], abs=0.0051)
        assert row["Rep expected value"] == pytest.approx(row["Rep probability"] * row["Amount"], abs=0.0051)
        gap = round(row["Rep probability"] - row["Model probability"], 6)
        flag = "High" if gap >= 0.3 else "Medium" if gap >= 0.15 else "Upside" if gap <= -0.15 else "OK"
        assert row["Risk flag"] == flag
        assert row["Lower quartile"] <= row["Value if won"] <= row["Upper quartile"]
        assert "pts" in row["Key drivers"]
        assert row["Expected close"].date() >= DAY(2027, 1, 1)
        assert sum(row[name] for name in CHANCES) <= row["Model probability"] + 1e-9
    for name, value in zip(CHANCES, by_quarter(sample, "Deals")["Baseline"], strict=True):
        assert value == pytest.approx(sum(round(row[name] * row["Value if won"], 2) for row in scored), abs=0.02)


def test_the_loss_reason_is_a_leak_and_named_with_its_cell(sample: Path) -> None:
    listed = [row for row in rows(sample, "Checks", "Checks") if row["Check"].startswith("Column left out")]
    header = next(c.coordinate for c in load_workbook(sample)["Deals"][4] if c.value == "Loss reason")
    assert [row["Where"] for row in listed] == [f"Deals!{header}"]
    report = {row["Feature"]: row["Use"] for row in rows(sample, "Model report", "ModelColumns")}
    assert report["Loss reason"] == "left out: leak"
    assert report["Rep probability"] == "left out: a second opinion is wanted"
    assert report["Exec sponsor"] == "used"


def test_explain_a_deal_adds_up(sample: Path) -> None:
    scored = rows(sample, "Scored deals", "ScoredDeals")[3]
    explained = json.loads(call("explain", sample, scored["Deal ID"], "--json").stdout)
    steps = {step["step"]: step for step in explained["steps"]}
    chance = steps["probability"]
    total = chance["usual"] + sum(chance["parts"].values()) / 100
    assert total == pytest.approx(scored["Model probability"], abs=2e-4)
    assert steps["value"]["model_expected_value"] == scored["Model expected value"]
    assert steps["forecast"]["scenarios"]["Baseline"]["value"] == scored["Model expected value"]
    text = call("explain", sample, scored["Deal ID"]).stdout
    assert "the usual deal is won with" in text
    closed = next(row["Deal ID"] for row in rows(sample, "Deals", "Deals") if row["Status"] == "Won")
    assert "won: nothing to forecast" in explain_node(sample, closed).as_text()


def test_a_part_alone(tmp_path: Path) -> None:
    path = small_sample(tmp_path / "part.xlsx")
    done = call("run", path, "--only", "forecast", "--json")
    assert done.exit_code == 3  # the quotas that would stay are not there yet
    run(path, now=WHEN, who="tester")
    workbook = load_workbook(path)
    cell = next(row[6] for row in workbook["Deals"].iter_rows(min_row=5) if row[4].value == "Open")
    cell.value = 0.01
    workbook.save(path)
    results = run(path, only=["commits"], now=WHEN, who="tester")
    assert results.stale == ("forecast",)
    assert statuses(path)["Forecast is not that of the inputs"] == "Warning"
    again = run(path, only=["forecast", "commits"], now=WHEN, who="tester")
    assert not again.stale


def test_what_was_said_before_is_kept_and_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept file is numbers and texts; a damaged or hostile one is made anew, and says nothing."""
    store = tmp_path / "store"
    monkeypatch.setenv("REVOPS_CACHE", str(store))
    path = small_sample(tmp_path / "sample.xlsx", deals=105)
    plain = compute(path).revenue
    (kept,) = store.glob("deals-*.zip")
    assert plain is not None

    def figures() -> list[float]:
        again = compute(path).revenue
        assert again is not None
        return list(again.scored.probability)

    import pickle
    import zipfile

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    assert figures() == list(plain.scored.probability)
    content = kept.read_bytes()
    for bad in (b"", content[:500], pickle.dumps(Trap()), content.replace(b"LOGISTIC", b"OTHERONE")):
        kept.write_bytes(bad)
        assert figures() == list(plain.scored.probability)
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("facts.json", '{"type": "Valuation"}')
        archive.writestr("0.npy", pickle.dumps(Trap()))
    assert figures() == list(plain.scored.probability)
    assert not (tmp_path / "sprung").exists()
    monkeypatch.setenv("REVOPS_CACHE", "off")
    assert figures() == list(plain.scored.probability)


def test_deals_of_a_split_ic_are_divided_to_the_cent(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Hierarchy"][2].append("Split %")
        for row in found["Hierarchy"][3]:
            row.append(None)
        shared = list(found["Hierarchy"][3][0])
        found["Hierarchy"][3][0][-1] = 1 / 3
        shared[2], shared[-1] = "Dir_2", 2 / 3
        found["Hierarchy"][3].append(shared)
        found["Overrides"][3] = []

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    found = rows(path, "Forecast", "RiskAllocation")
    parts = {row["Parent"]: row["Model expected value"] for row in found if row["Node"] == "Ann"}
    assert parts == {"Dir_1": 166.67, "Dir_2": 333.33}
    tops = {row["Node"]: row["Model expected value"] for row in found}
    assert tops["NA"] == 2300


def test_cohorts_planned_far_above_the_past_are_named(sample: Path, tmp_path: Path) -> None:
    """With a tenth of its deals the sample's cohorts are planned at several times what the deals suggest; with all not."""
    assert "Cohorts planned far above the past" not in statuses(sample)
    path = tmp_path / "plan.xlsx"
    run(small_sample(tmp_path / "small.xlsx"), path, now=WHEN, who="tester")
    [found] = [row for row in rows(path, "Checks", "Checks") if row["Check"] == "Cohorts planned far above the past"]
    planned = {row["Cohort"]: row["Baseline"] for row in rows(path, "Cohorts", "Cohorts")}
    suggested = {row["Cohort"]: row["Baseline"] for row in rows(path, "Forecast", "CohortEstimates")}
    high = {name for name, value in planned.items() if name in suggested and value > 1.5 * suggested[name]}
    assert high
    assert (found["Status"], found["Value"]) == ("Warning", len(high))
    assert all(f"{name}: {planned[name]:,.0f} against" in found["Where"] for name in high)


def test_results_pass_the_validator(sample: Path) -> None:
    assert not validate(sample)


# --- what is refused, with its cell ------------------------------------------------------------------------------


def change_deal(row: int, column: str, value: Any) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found["Deals"][3][row][DEALS.index(column)] = value

    return change


BAD: tuple[tuple[Callable[[Tables], None], str, str], ...] = (
    (change_deal(0, "Rep probability", 45), "Deals!G5, G6", "Write 45% for 45 percent"),
    (change_deal(0, "Rep probability", -0.1), "Deals!G5", "a percentage of 0 or more"),
    (change_deal(1, "Status", "Pending"), "Deals!E6", "not one of Open, Won, Lost"),
    (change_deal(2, "Deal ID", "D1"), "Deals!A7", "listed twice"),
    (change_deal(2, "Created", DAY(2027, 1, 2)), "Deals!H7", "after As of"),
    (change_deal(1, "Created", "soon"), "Deals!H6", "a date"),
)


@pytest.mark.parametrize(("change", "where", "what"), BAD, ids=[f"{where} {what[:12]}" for _, where, what in BAD])
def test_bad_deals_are_refused_with_their_cell(
    tmp_path: Path, change: Callable[[Tables], None], where: str, what: str
) -> None:
    path = book(tmp_path, change)
    before = path.read_bytes()
    with pytest.raises(PlanError) as caught:
        run(path)
    assert any(p.where == where and what in f"{p.message} {p.fix}" for p in caught.value.problems), str(caught.value)
    assert path.read_bytes() == before


def test_won_deals_need_an_amount_and_an_outcome_needs_to_have_happened(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Deals"][2] = [*DEALS, "Won amount"]
        for row in found["Deals"][3]:
            row.append(None)
        found["Deals"][3] += [
            ["W1", "A1", "Ann", None, "Won", None, None, DAY(2026, 1, 1), DAY(2026, 2, 1), None],
            ["W2", "A1", "Ann", None, "Won", 5, None, DAY(2026, 1, 1), DAY(2027, 2, 1), None],
            ["W3", "A1", "Ann", None, "Lost", 5, None, DAY(2026, 1, 1), DAY(2026, 2, 1), 5],
            ["W4", "A1", "Ann", None, "Won", None, None, DAY(2026, 1, 1), DAY(2026, 2, 1), 5],
        ]

    with pytest.raises(PlanError) as caught:
        run(book(tmp_path, change))
    assert [problem.where for problem in caught.value.problems] == ["Deals!I10", "Deals!F9", "Deals!J11"]


def test_an_outcome_after_today_is_refused_where_no_day_is_set(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Settings"][3].pop()
        far = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
        found["Deals"][3].append(["W1", "A1", "Ann", None, "Lost", 5, None, DAY(2026, 1, 1), far])

    with pytest.raises(PlanError) as caught:
        run(book(tmp_path, change))
    assert "Deals!I9" in [problem.where for problem in caught.value.problems]


def test_bad_assumptions_are_refused_with_their_cell(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Cohorts"][3] = [["A", -1, 0.1, None], ["a", 5, -1, -2]]
        found["Scenarios"] = [
            "Cohorts", (4, 7), ["Scenario", "Conversion factor", "Value basis", "Delay (quarters)", "Unseen factor"],
            [["Plan", None, "median", -0.5, None], ["PLAN", 1, "mean", None, -1]],
        ]  # fmt: skip
        found["Settings"][3] += [["Cohort column", "Segmnt"], ["OpEx limit", 60], ["Forecast quarters", 0]]

    with pytest.raises(PlanError) as caught:
        run(book(tmp_path, change))
    cells = {problem.where.replace("Settings!", "S!") for problem in caught.value.problems}
    assert {"Cohorts!B5", "Cohorts!A6", "Cohorts!C6", "Cohorts!D6"} <= cells
    assert {"Cohorts!G5", "Cohorts!H5", "Cohorts!I5", "Cohorts!F6", "Cohorts!J6"} <= cells
    assert len([cell for cell in cells if cell.startswith("S!")]) == 2


def test_a_missing_cohort_column_is_refused(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Settings"][3].append(["Cohort column", "Segmnt"])

    with pytest.raises(PlanError, match='Deals has no column "Segmnt"'):
        run(book(tmp_path, change))
