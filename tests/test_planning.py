"""Quota planning in the workbook: by hand, against the spreadsheet, and what is refused or listed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from revops_xl import PlanError, run
from revops_xl.usecases.run import compute, explain_node
from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import Tables, deep, fill_template, worked_tables
from tests.programs import recalculate
from tests.test_forecast import WHEN, call, rows, statuses

SEATS = ["Tier", "Start date", "End date", "Capacity", "OTE", "Territory"]
TERRITORY = ["Territory", "Historical revenue", "Market size", "Account count", "Competition density", "Rep tenure", "Industry growth", "Actual achievement", "Conversion rate", "Capacity utilization", "Min quota", "Max quota"]  # fmt: skip
DAY = dt.date


def tables() -> Tables:
    """The worked org with seats, three territories, three tiers and three years of bookings."""
    found = worked_tables()
    found["Settings"][3] += [["Period", "FY 2027"], ["Expected growth", 0]]
    people = found["Hierarchy"]
    people[2] += SEATS
    seats: dict[str, list[Any]] = {
        "Ann": ["Enterprise", DAY(2020, 1, 1), None, None, 40, "West"],
        "Bob": ["SMB", DAY(2026, 10, 1), None, None, 25, "West"],
        "Cy": ["SMB", DAY(2027, 1, 1), None, None, None, "East"],
        "Dee": ["Enterprise", None, DAY(2027, 6, 30), None, 60, "East"],
        "Eli": ["Mid-Market", DAY(2021, 5, 1), None, 0.5, 30, "South"],
        "Fay": ["Mid-Market", DAY(2021, 5, 1), None, None, 30, "South"],
    }
    people[3] = [row + seats[str(row[3])] for row in people[3]]
    found["Tiers"] = ["Territories", (4, 1), ["Tier", "Multiplier", "Ramp factor", "Ramp months"], [["Enterprise", 1, 0.5, 6], ["Mid-Market", 0.6, 0.7, 4], ["SMB", 0.3, 0.8, 3]]]  # fmt: skip
    found["Territories"] = [
        "Territories", (4, 1), TERRITORY,
        [
            ["West", 300, 5000, 10, 2, 30, 0.05, 310, 0.3, 1.0, 100, 400],
            ["East", 500, 9000, 20, 3, 20, 0.02, 480, 0.2, 0.9, 100, 600],
            ["South", 250, 4000, 8, 2, 40, 0.03, 260, 0.25, 0.8, None, None],
        ],
    ]  # fmt: skip
    quarters = [f"{year}-Q{q}" for year in (2024, 2025, 2026) for q in (1, 2, 3, 4)]
    found["Bookings"] = ["Bookings", (4, 1), ["Period", "Bookings"], [[q, [200, 250, 230, 320][i % 4]] for i, q in enumerate(quarters)]]  # fmt: skip
    return found


def nobody_leaves(found: Tables) -> None:
    """Everybody is there all the year."""
    at = found["Hierarchy"][2].index("End date")
    found["Hierarchy"][3] = [[*row[:at], None, *row[at + 1 :]] for row in found["Hierarchy"][3]]


def book(folder: Path, change: Callable[[Tables], None] = lambda _: None) -> Path:
    found = tables()
    change(found)
    return fill_template(folder / "plan.xlsx", template_path(TEMPLATE), {n: e for n, e in found.items() if e[3]})


def setting(name: str, value: Any) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found["Settings"][3] = [row for row in found["Settings"][3] if row[0] != name] + [[name, value]]

    return change


def refused(path: Path) -> list[str]:
    with pytest.raises(PlanError) as error:
        run(path, now=WHEN, who="test")
    return [f"{problem.where}: {problem.message}" for problem in error.value.problems]


# --- by hand ---------------------------------------------------------------------------------------------------


def test_the_sheets_by_hand(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="test")
    (spoken,) = rows(path, "Baseline", "TargetRange")
    assert spoken["Plan covers"] == "2027-01 to 2027-12"
    assert spoken["Expected"] == pytest.approx(1000, abs=0.5)  # the same four quarters for three years
    limits = ((0.795, "backed"), (0.495, "ambitious"), (0.195, "stretch"), (-1.0, "not backed"))
    assert spoken["Verdict"] == next(verdict for floor, verdict in limits if spoken["Chance"] >= floor)
    factors = {row["Period"]: row["Seasonal factor"] for row in rows(path, "Baseline", "BaselineForecast")}
    assert factors["2027-Q4"] == pytest.approx(1.28)
    periods = rows(path, "Phasing", "PhasingPeriods")
    shares = {row["Column"]: row["Share"] for row in periods if row["Column"].startswith("Quarter")}
    assert shares == pytest.approx({"Quarter 1": 0.2, "Quarter 2": 0.25, "Quarter 3": 0.23, "Quarter 4": 0.32})
    seats = {row["Seat"]: row for row in rows(path, "Capacity", "Capacity")}
    assert seats["Cy"]["Ramp"] == pytest.approx(0.95)
    assert seats["Bob"]["Ramp"] == pytest.approx(1.0)  # three months are over
    assert seats["Dee"]["Present"] == pytest.approx(0.5)
    assert seats["Eli"]["Weighted capacity"] == pytest.approx(0.3)
    # 1 + .3 + .3 + 1 + .3 + .6 = 3.5 of weighted capacity carry 1,000
    assert seats["Ann"]["Full quota"] == pytest.approx(1000 / 3.5, abs=0.011)
    assert seats["Dee"]["Productive quota"] == pytest.approx(500 / 3.5, abs=0.011)
    tiers = {row["Seat tier"]: row for row in rows(path, "Capacity", "CapacityByTier")}
    assert tiers["Enterprise"]["Gap"] == pytest.approx(500 / 3.5, abs=0.011)
    judged = {row["Node"]: row for row in rows(path, "Attainability", "Attainability")}
    quota = {row["Node"]: row["Quota"] for row in rows(path, "Quotas", "Quotas")}
    assert judged["Ann"]["Historical average"] == 400
    assert judged["Ann"]["Attainability"] == pytest.approx(400 / quota["Ann"])
    assert judged["Ann"]["Quota : OTE"] == pytest.approx(quota["Ann"] / 40)
    assert judged["Dee"]["Expected"] == 400  # half a year of 800
    places = {row["Territory"]: row for row in rows(path, "Potential", "TerritoryPotential")}
    assert places["West"]["Potential"] == 300
    base = {row["Node"]: row["Base quota"] for row in rows(path, "Quotas", "Quotas")}
    assert places["West"]["Present quota"] == pytest.approx(base["Ann"] + base["Bob"])
    ways = {row["Alternative"]: row for row in rows(path, "Optimum", "Alternatives")}
    assert {row["Total"] for row in ways.values()} == {1000}
    # worth: West .3, South .2, East .18; South up to twice the average
    best = {row["Territory"]: row["Most expected revenue"] for row in rows(path, "Optimum", "Optimum")}
    assert best == {"West": 400, "East": 100, "South": 500}
    assert ways["Most expected revenue"]["Expected revenue"] == pytest.approx(0.3 * 400 + 0.18 * 100 + 0.2 * 500)
    words = [row["In words"] for row in rows(path, "Optimum", "ShadowPrices")]
    assert "One more 10.00 of Max quota in West adds 1.00 to the expected revenue." in words
    drivers = [row["Driver"] for row in rows(path, "Sensitivity", "Sensitivity")]
    assert set(drivers) == {"Target", "Hedges", "Weight of Attainment", "Weight of CloudSeats", "Ramp months"}
    assert not [name for name, status in statuses(path).items() if status in {"Failed", "Alarm"}]


@pytest.mark.parametrize("phasing", ["quarters", "months"])
def test_every_row_and_every_column_adds_up(tmp_path: Path, phasing: str) -> None:
    path = book(tmp_path, setting("Phasing periods", phasing))
    run(path, now=WHEN, who="test")
    columns = [f"Quarter {i}" for i in range(1, 5)] if phasing == "quarters" else [f"Month {i}" for i in range(1, 13)]
    phased = rows(path, "Phasing", "Phasing")
    for row in phased:
        assert round(sum(row[name] for name in columns), 2) == row["Quota"]
    totals = {row["Column"]: row["IC quotas"] for row in rows(path, "Phasing", "PhasingPeriods")}
    for name in columns:
        assert round(sum(row[name] for row in phased if row["IC"]), 2) == totals[name]
    assert len(totals) == (4 if phasing == "quarters" else 16)
    dee = next(row for row in phased if row["Node"] == "Dee")  # leaves in June
    assert [dee[f"Quarter {i}"] for i in (3, 4)] == [0, 0]


def test_entered_shares_part_the_plan_without_bookings(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Bookings"][3] = []
        nobody_leaves(found)
        found["PhaseShares"] = ["Bookings", (4, 4), ["Plan period", "Share"], [["Q1", 0.1], ["2027-Q2", 0.2], ["Q3", 0.3], ["Q4", 0.4]]]  # fmt: skip

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    top = rows(path, "Phasing", "Phasing")[0]
    assert [top[f"Quarter {i}"] for i in range(1, 5)] == [100, 200, 300, 400]
    assert not rows(path, "Baseline", "BaselineForecast")


def test_potential_and_capacity_drive_the_cascade(tmp_path: Path) -> None:
    """A metric called as planning's own is what planning found: shares by hand."""

    def change(found: Tables) -> None:
        found["Metrics"][3] = [["Territory potential", "blend", "proportional", 1, *[None] * 6]]
        found["Overrides"][3] = []
        setting("New hires", "none")(found)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    base = {row["Node"]: row["Base quota"] for row in rows(path, "Quotas", "Quotas")}
    # by effective capacity: West 300 for Ann 1 and Bob .3, East 500 for Cy .3 x .95 and Dee half a year, South 250 for Eli half of Fay
    part = {"Ann": 300 / 1.3, "Bob": 90 / 1.3, "Cy": 142.5 / 0.785, "Dee": 250 / 0.785, "Eli": 250 / 3, "Fay": 500 / 3}
    for name, value in part.items():
        assert base[name] == pytest.approx(1000 * value / 1050, abs=0.02)

    def seats(found: Tables) -> None:
        change(found)
        found["Metrics"][3] = [["Effective capacity", "blend", "proportional", 1, *[None] * 6]]

    (tmp_path / "b").mkdir()
    other = book(tmp_path / "b", seats)
    run(other, now=WHEN, who="test")
    base = {row["Node"]: row["Base quota"] for row in rows(other, "Quotas", "Quotas")}
    effective = {"Ann": 1, "Bob": 0.3, "Cy": 0.3 * 0.95, "Dee": 0.5, "Eli": 0.3, "Fay": 0.6}
    for name, value in effective.items():
        assert base[name] == pytest.approx(1000 * value / sum(effective.values()), abs=0.02)


def test_spread_again_hands_out_the_whole_target(tmp_path: Path) -> None:
    path = book(tmp_path, setting("Capacity gap", "spread again"))
    run(path, now=WHEN, who="test")
    seats = rows(path, "Capacity", "Capacity")
    assert round(sum(row["Capacity quota"] for row in seats), 2) == 1000
    assert round(sum(row["Productive quota"] for row in seats), 2) < 900


# --- the spreadsheet -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phasing", ["months", *deep("quarters")])
def test_libreoffice_calculates_the_same(tmp_path: Path, phasing: str) -> None:
    """Every live formula of the planning sheets, recalculated: attainability, sums of phases, optimum, tiers."""
    path = book(tmp_path, setting("Phasing periods", phasing))
    run(path, now=WHEN, who="test")
    (again,) = recalculate([path], tmp_path / "lo")
    for sheet, names in {
        "Baseline": ["TargetRange"],
        "Phasing": ["PhasingPeriods", "Phasing", "PhasingBars"],
        "Capacity": ["CapacityByTier", "Capacity"],
        "Potential": ["TerritoryPotential"],
        "Attainability": ["Attainability", "AttainBranches"],
        "Optimum": ["Alternatives"],
        "Sensitivity": ["Sensitivity"],
        "Checks": ["Checks"],
    }.items():
        for name in names:
            same(rows(path, sheet, name), rows(again, sheet, name), name)


def same(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], name: str) -> None:
    assert len(ours) == len(theirs), name
    for mine, other in zip(ours, theirs, strict=True):
        for column, value in mine.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert other[column] == pytest.approx(value, abs=1e-9, rel=1e-12), (name, column, mine)
            else:
                assert (other[column] or None) == (value or None), (name, column, mine)


def test_a_changed_target_moves_the_range_and_the_checks_notice(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="test")
    changed = load_workbook(path)
    page = changed["Settings"]
    cell = next(row[1] for row in page.iter_rows() if row[0].value == "Target")
    cell.value = 5000
    changed.save(tmp_path / "changed.xlsx")
    (again,) = recalculate([tmp_path / "changed.xlsx"], tmp_path / "lo")
    assert rows(again, "Baseline", "TargetRange")[0]["Verdict"] == "run again"
    assert statuses(again)["Full quotas by tier add up to the target"] == "Warning"


# --- command line, explanation, parts --------------------------------------------------------------------------


def test_the_command_line_says_it(tmp_path: Path) -> None:
    path = book(tmp_path)
    done = call("run", path, "--json")
    figures = json.loads(done.stdout)["planning"]
    # Bob is known for two quarters that bring 2.2 of 4: 120 / 2.2 x 4
    assert figures["attainability"] == pytest.approx((400 + 120 / 2.2 * 4 + 800 + 200 + 160) / 1000, abs=1e-4)
    assert figures["territories"] == 3
    shown = call("run", path)
    assert "Bookings let expect" in shown.output
    assert "Chance of the target" in shown.output
    assert "Attainability 178% of the target" in shown.output
    told = call("explain", path, "Dee").output
    assert "attainability 800.00" in told
    assert "present 50.0% of the plan" in told
    assert "2027-Q4: 32.00% of the plan, 0.00" in told  # gone since July


def test_only_planning_leaves_the_others(tmp_path: Path) -> None:
    path = book(tmp_path)
    done = call("run", path, "--only", "quotas", "--only", "planning")
    assert done.exit_code == 0
    assert rows(path, "Attainability", "Attainability")
    assert not rows(path, "Pipeline health", "PipelineHealth")


def test_explanation_as_data(tmp_path: Path) -> None:
    steps = {step.facts.get("step"): step.facts for step in explain_node(book(tmp_path), "Ann").steps}
    assert steps["attainability"]["historical_average"] == 400
    assert steps["seat"]["effective_capacity"] == 1
    assert sum(steps["phases"]["periods"].values()) == pytest.approx(steps["seat"]["full_quota"], rel=1)  # type: ignore[attr-defined]


# --- bad input -------------------------------------------------------------------------------------------------


def put(table: str, row: int, column: int, value: Any) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found[table][3][row][column] = value

    return change


def drop(table: str, *places: int) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found[table][3] = [row for i, row in enumerate(found[table][3]) if i not in places]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("Bookings", 4, 5), "Bookings!A9: 2025-Q1 to 2025-Q2 missing before this period"),
        (put("Bookings", 3, 0, "Q3 2024"), "Bookings!A8: the period stands twice, first in row 7, with another amount"),
        (put("Bookings", 3, 0, "2024-11"), "Bookings!A8: a month among quarters"),
        (put("Bookings", 3, 0, "2024"), "Bookings!A8: a year where a quarter or a month is needed"),
        (put("Bookings", 3, 0, "Christmas"), 'Bookings!A8: "Christmas" where a quarter or a month is needed'),
        (put("Bookings", 3, 1, None), "Bookings!B8: Bookings is blank; an amount is needed"),
        (put("Bookings", 3, 1, "#N/A"), "Bookings!B8: the cell shows the error #N/A"),
        (drop("Bookings", *range(5)), "Bookings!A11: 7 quarters; 8 are needed to tell a season from chance"),
        (put("Territories", 1, 10, 700), "Territories!K6: Min quota 700 is above Max quota 600"),
        (put("Territories", 1, 10, 550), None),
        (put("Territories", 0, 10, 700), "Territories!K5: Min quota 700 is above Max quota 400"),
        (put("Territories", 2, 0, "west"), 'Territories!A7: "west" is listed twice, first in row 5'),
        (put("Territories", 2, 8, 25), "Territories!I7, I5: Conversion rate holds 25 and 0.3: numbers up to 100 beside parts of 1"),
        (put("Territories", 2, 0, "Sout"), 'Hierarchy!Q9: no territory is called "South" in Territories'),
        (put("Hierarchy", 2, 11, "Smb"), 'Hierarchy!L7: no tier is called "Smb" in Tiers'),
        (put("Hierarchy", 2, 12, DAY(2028, 1, 1)), "Hierarchy!M7: Start date is after the plan's period, which ends with 2027-12"),
        (put("Hierarchy", 3, 13, DAY(2019, 1, 1)), None),
        (put("Hierarchy", 0, 13, DAY(2019, 1, 1)), "Hierarchy!N5: End date is before Start date"),
        (put("Tiers", 1, 2, None), "Territories!Q6: Ramp factor is blank, but the other half of the ramp is given"),
        (put("Tiers", 1, 0, "SMB"), 'Territories!O7: "SMB" is listed twice, first in row 6'),
        (setting("Period", "the year after"), 'Settings!B10: Period "the year after" names no year, half, quarter or month'),
        (setting("Plan start", DAY(2027, 1, 15)), "Plan start is 2027-01-15; the first day of a month is needed"),
        (setting("History columns", "Nothing_*"), 'History columns: no column of Hierarchy matches "Nothing_*"'),
        (setting("Territory total", 5000), "the Max quotas add up to"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_cell(tmp_path: Path, change: Callable[[Tables], None], said: str | None) -> None:
    path = book(tmp_path, change)
    before = path.read_bytes()
    if said is None:
        run(path, now=WHEN, who="test")
        return
    problems = refused(path)
    assert any(said in problem for problem in problems), problems
    assert path.read_bytes() == before


def test_limits_that_cannot_meet_the_total_are_refused_with_cell_and_amount(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        for row, high in zip(found["Territories"][3], (300, 300, 300), strict=True):
            row[11] = high

    said = refused(book(tmp_path, change))
    assert said == ["Territories!L5: the Max quotas add up to 900.00, below the total of 1,000.00 by 100.00; the smallest: West 300.00, East 300.00, South 300.00"]  # fmt: skip
    assert call("run", book(tmp_path, change)).exit_code == 3


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        put("Bookings", 3, 1, "many")(found)
        put("Territories", 1, 10, 700)(found)
        put("Hierarchy", 2, 11, "Nobody's")(found)
        put("Tiers", 1, 1, -1)(found)

    said = " | ".join(refused(book(tmp_path, change)))
    for part in ('"many" is not a number', "above Max quota", "no tier is called", "Multiplier is -1"):
        assert part in said


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([["Q1", 0.5], ["Q2", 0.5]], "2 shares for a plan of 4 quarters, 2027-Q1 to 2027-Q4"),
        ([["Q1", 0.3], ["Q2", 0.3], ["Q3", 0.3], ["Q4", 0.3]], "the shares add up to 120.0000%, not to 100 %"),
        ([["Q2", 0.25], ["Q1", 0.25], ["Q3", 0.25], ["Q4", 0.25]], '"Q2" where 2027-Q1 has its place'),
        ([["2026-Q1", 0.25], ["Q2", 0.25], ["Q3", 0.25], ["Q4", 0.25]], '"2026-Q1" where 2027-Q1 has its place'),
    ],
)
def test_shares_that_do_not_part_the_plan(tmp_path: Path, shares: list[list[Any]], said: str) -> None:
    def change(found: Tables) -> None:
        found["PhaseShares"] = ["Bookings", (4, 4), ["Plan period", "Share"], shares]

    assert any(said in problem for problem in refused(book(tmp_path, change)))


@pytest.mark.parametrize(
    ("curve", "said"),
    [
        ([["Enterprise", 0, 0.2]], "has rows in RampCurves, too"),
        ([["Cloud", 0, 0.2]], 'no tier is called "Cloud"'),
        ([["New", 3, 0.5]], "begins at month 3"),
        ([["New", 0, 0.5], ["New", 0, 0.6]], '"New" has month 0 twice'),
    ],
)
def test_curves_that_say_nothing_clear(tmp_path: Path, curve: list[list[Any]], said: str) -> None:
    def change(found: Tables) -> None:
        found["Tiers"][3].append(["New", 1, None, None])
        found["RampCurves"] = ["Territories", (4, 1), ["Curve tier", "From month", "Productivity"], curve]

    assert any(said in problem for problem in refused(book(tmp_path, change)))


def test_what_is_unusual_is_listed(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Hierarchy"][3][5][11] = None
        found["Hierarchy"][3][5][16] = None
        found["Territories"][3].append(["North", 100, *[None] * 10])
        put("Bookings", 6, 1, 900)(found)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    said = statuses(path)
    assert said["ICs without a tier"] == "Note"
    assert said["ICs without a territory"] == "Note"
    assert said["Territories without ICs"] == "Warning"
    assert said["Unusual bookings"] == "Warning"
    assert said["A simpler model of potential"] == "Note"
    left = [row["Remark"] for row in rows(path, "Optimum", "Alternatives") if row["Remark"]]
    assert left == ["not computed: Conversion rate or Capacity utilization is not known of North"]


def test_a_fiscal_year_by_month(tmp_path: Path) -> None:
    """A plan from February on: quarters of the calendar do not part it, months do."""

    def change(found: Tables) -> None:
        nobody_leaves(found)
        setting("Plan start", DAY(2027, 2, 1))(found)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    assert statuses(path)["Plan not phased"] == "Warning"
    (tmp_path / "b").mkdir()

    def monthly(found: Tables) -> None:
        change(found)
        setting("Phasing periods", "months")(found)

    other = book(tmp_path / "b", monthly)
    run(other, now=WHEN, who="test")
    periods = {row["Column"]: row["Plan period"] for row in rows(other, "Phasing", "PhasingPeriods")}
    assert periods["Month 1"] == "2027-02"
    assert periods["Quarter 1"] == "2027-02 to 2027-04"
    assert statuses(other)["Phases add up to the quota of each node"] == "OK"


def test_nothing_changes_for_a_plan_without_planning(plan_path: Path) -> None:
    outcome = compute(plan_path)
    assert outcome.planning.ground.baseline is None
    assert outcome.planning.optimum is None
    assert outcome.planning.attainability is not None
    assert np.isfinite(outcome.quotas.quota).all()


def test_result_sheets_that_somebody_deleted_come_back(tmp_path: Path) -> None:
    """An older plan, or one whose owner has deleted sheets: said in Checks, and formulas read what is there again."""
    path = book(tmp_path)
    changed = load_workbook(path)
    for name in ("Attainability", "Plan health", "Sensitivity", "Optimum", "Phasing", "Pipeline health"):
        del changed[name]
    changed.save(path)
    done = call("run", path)
    assert done.exit_code == 0, done.output
    said = {row["Check"]: row for row in rows(path, "Checks", "Checks")}
    assert said["Tables and columns added"]["Status"] == "Note"
    names = load_workbook(path).sheetnames
    assert names.index("Attainability") < names.index("Phasing") < names.index("Sensitivity")
    (again,) = recalculate([path], tmp_path / "lo")
    assert not [name for name, status in statuses(again).items() if status in {"Failed", "Alarm"}]
    assert rows(again, "Attainability", "AttainBranches")[0]["Branch attainability"] > 0
    assert call("export", path, "-o", tmp_path / "all.json").exit_code == 0
    assert json.loads((tmp_path / "all.json").read_text())["attainability"]


def test_bookings_summed_up_within_the_year_are_told(tmp_path: Path) -> None:
    def summed(found: Tables) -> None:
        rows = found["Bookings"][3]
        for i, row in enumerate(rows):
            row[1] += rows[i - 1][1] if i % 4 else 0

    for name, change in (("plain", lambda _: None), ("summed", summed)):
        (tmp_path / name).mkdir()
        path = book(tmp_path / name, change)
        run(path, now=WHEN, who="tester")
        told = [row["Check"] for row in rows(path, "Checks", "Checks")]
        assert ("Bookings look like sums of the year so far" in told) == (name == "summed")
