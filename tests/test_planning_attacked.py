"""What somebody found who tried to break quota planning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from revops_xl import PlanError, baseline, cascade, optimise, plan_ahead, potential, run
from revops_xl.usecases.run import compute
from tests.plans import Tables, worked_tables, write_plan
from tests.programs import recalculate
from tests.test_forecast import WHEN, rows, statuses
from tests.test_planning import book, refused, setting

DAY = dt.date
NOBODY = "no override"


def metric(name: str) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        found["Metrics"][3] = [[name, "blend", "proportional", 1, *[None] * 6]]
        found["Overrides"][3] = []
        setting("New hires", "none")(found)

    return change


def both(*changes: Callable[[Tables], None]) -> Callable[[Tables], None]:
    def change(found: Tables) -> None:
        for each in changes:
            each(found)

    return change


def base(path: Path) -> dict[str, float]:
    return {row["Node"]: row["Base quota"] for row in rows(path, "Quotas", "Quotas")}


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (123456789012.34, "has more than 15 digits in units of 0.000001"),
        (1000.0000005, "is not a whole multiple of the Rounding unit"),
    ],
)
def test_a_total_that_units_cannot_hold_is_refused(tmp_path: Path, total: float, said: str) -> None:
    change = both(
        setting("Rounding unit", 1e-6), setting("Territory total", total), lambda f: f["Overrides"][3].clear()
    )
    assert any(said in problem and problem.startswith("Settings!B") for problem in refused(book(tmp_path, change)))


@pytest.mark.parametrize("change", [setting("Period", "9999"), setting("Plan start", DAY(9999, 1, 1)), setting("Period", "FY 1950")])  # fmt: skip
def test_a_plan_far_from_the_bookings_is_a_slip(tmp_path: Path, change: Callable[[Tables], None]) -> None:
    assert any("more than 5 years apart" in problem for problem in refused(book(tmp_path, change)))
    quarters = pd.DataFrame({"period": [f"{2025 + i // 4}-Q{i % 4 + 1}" for i in range(8)], "bookings": 1.0})
    with pytest.raises(PlanError, match="more than 5 years"):
        baseline(quarters, start="9999-01-01")


def test_a_split_person_has_the_whole_potential(tmp_path: Path) -> None:
    """Ann works half in each of two teams: West is worth 300 all the same."""

    def change(found: Tables) -> None:
        metric("Territory potential")(found)
        people = found["Hierarchy"]
        people[2].append("Split %")
        people[3] = [[*row, None] for row in people[3]]
        people[3][0][-1] = 0.5
        second = list(people[3][0])
        second[1:3] = ["EMEA", "Dir_3"]
        people[3].append(second)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    quota = [row for row in rows(path, "Quotas", "Quotas") if row["Node"] in {"Ann", "Bob"}]
    assert sum(row["Base quota"] for row in quota) == pytest.approx(1000 * 300 / 1050, abs=0.05)
    top = rows(path, "Attainability", "Attainability")[0]
    assert top["Potential"] == pytest.approx(1050)


def test_a_column_of_ones_own_is_read_as_it_stands(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        metric("Territory potential")(found)
        found["Hierarchy"][2].append("Territory potential")
        found["Hierarchy"][3] = [[*row, i + 1] for i, row in enumerate(found["Hierarchy"][3])]

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    assert base(path)["Ann"] == pytest.approx(1000 / 21, abs=0.02)


@pytest.mark.parametrize(
    ("labels", "fine"),
    [
        (["Q1", "Q2", "Q3", "Q4"], True),
        (["quarter 1", "Quarter 2", "2027-Q3", "Q4 2027"], True),
        ([DAY(2027, 1, 1), DAY(2027, 4, 1), DAY(2027, 7, 1), DAY(2027, 12, 31)], True),
        (["2027-01-01", "2027-04-01", "2027-07-01", "2027-10-01"], True),
        (["Quarter 4", "Quarter 3", "banana", "4. Quartal 1999"], False),
        ([DAY(2026, 1, 1), DAY(2027, 4, 1), DAY(2027, 7, 1), DAY(2027, 12, 31)], False),
    ],
)
def test_a_share_belongs_to_the_period_that_it_names(tmp_path: Path, labels: list[Any], *, fine: bool) -> None:
    def change(found: Tables) -> None:
        found["PhaseShares"] = ["Bookings", (4, 4), ["Plan period", "Share"], [[label, 0.25] for label in labels]]

    path = book(tmp_path, change)
    if fine:
        run(path, now=WHEN, who="test")
        assert rows(path, "Phasing", "PhasingPeriods")[0]["Share"] == 0.25
    else:
        said = refused(path)
        assert said[0].startswith("Bookings!D5")
        assert "has its place" in said[0]


def test_months_in_full_are_months(tmp_path: Path) -> None:
    names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "Aug",
        "Sept",
        "October",
        "November",
        "December",
    ]
    for shuffled in (False, True):
        listed = [names[2], *names[1:2], names[0], *names[3:]] if shuffled else names

        def change(found: Tables, listed: list[str] = listed) -> None:
            setting("Phasing periods", "months")(found)
            shares = [[name, 1 / 12] for name in listed]
            found["PhaseShares"] = ["Bookings", (4, 4), ["Plan period", "Share"], shares]

        path = book(tmp_path, change)
        if shuffled:
            assert len(refused(path)) == 2
        else:
            run(path, now=WHEN, who="test")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (both(setting("OTE ratio low", 8), setting("OTE ratio high", 2)), "OTE ratio low 8 is above OTE ratio high 2"),
        (
            lambda f: f["Bookings"].__setitem__(3, [[DAY(2024 + i // 4, 3 * (i % 4) + 2, 1), 100] for i in range(12)]),
            ": quarters three months apart from 2024-02-01 on are not those of the calendar",
        ),
    ],
)
def test_what_means_something_else_is_refused(tmp_path: Path, change: Callable[[Tables], None], said: str) -> None:
    assert any(said in problem for problem in refused(book(tmp_path, change)))


def test_the_smallest_fairness_cap_is_possible(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        setting("Fairness cap", 1)(found)
        for row in found["Territories"][3]:
            row[10] = row[11] = None

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    quota = [row["Most expected revenue"] for row in rows(path, "Optimum", "Optimum")]
    assert round(sum(quota), 2) == 1000
    assert max(quota) <= 333.34


def test_alternatives_are_held_against_the_total(tmp_path: Path) -> None:
    path = book(tmp_path)
    run(path, now=WHEN, who="test")
    changed = load_workbook(path)
    for row in changed["Optimum"].iter_rows():
        for cell in row:
            if cell.value == "West":
                changed["Optimum"].cell(cell.row, cell.column + 5).value = 500
    changed.save(tmp_path / "changed.xlsx")
    (again,) = recalculate([tmp_path / "changed.xlsx"], tmp_path / "lo")
    assert statuses(again)["Alternatives add up to one total"] == "Failed"


@pytest.mark.parametrize(
    ("values", "wide"),
    [
        ([100, -100, 100, -95] * 3, 10),
        ([0] * 11 + [100], 30),
        ([5, 0, 5, 7] * 4, 0.1),
        ([1e12, 1.1e12, 0.9e12, 1.2e12] * 3, 1e9),
    ],
)
def test_wild_bookings_have_ranges_as_wide(values: list[float], wide: float) -> None:
    count = len(values)
    frame = pd.DataFrame({"period": [f"{2020 + i // 4}-Q{i % 4 + 1}" for i in range(count)], "bookings": values})
    spoken = baseline(frame, target=max(abs(sum(values)), 1.0)).target_range.iloc[0]
    assert spoken["range_low"] <= spoken["expected"] <= spoken["range_high"]
    assert spoken["range_high"] - spoken["range_low"] >= wide
    assert 0 <= spoken["chance"] <= 1


def test_bookings_below_zero_are_listed_and_growth_is_not_known(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        for i, row in enumerate(found["Bookings"][3]):
            row[1] = 1000 - 110 * i
        setting("Expected growth", None)(found)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    said = statuses(path)
    assert said["Bookings of 0 or below"] == "Note"
    assert said["Chances assume no growth"] == "Note"
    assert all(row["Expected"] is None or row["Expected"] >= 0 for row in rows(path, "Attainability", "Attainability"))


@pytest.mark.parametrize("name", ["Capacity", "OTE", "Territory", "Tier", "Start date"])
def test_a_level_may_be_called_like_a_column_of_planning(tmp_path: Path, name: str) -> None:
    found = worked_tables()
    found["Hierarchy"][2][2] = name
    found["Levels"][3][2][0] = name
    run(write_plan(tmp_path / "plan.xlsx", found), now=WHEN, who="test")
    if name != "Territory":

        def change(planned: Tables) -> None:
            at = planned["Hierarchy"][2].index(name)
            planned["Hierarchy"][2][at] = "Old column"
            planned["Hierarchy"][2][2] = name
            planned["Levels"][3][2][0] = name

        (tmp_path / "b").mkdir()
        run(book(tmp_path / "b", change), now=WHEN, who="test")


@pytest.mark.parametrize(
    "headers",
    [
        ["Top 10_Attainment", "Top 20_Attainment", "Top 30_Attainment", "Top 40_Attainment"],
        ["Q1_Cloud_Attainment", "Q1_DC_Attainment", "Q2_Cloud_Attainment", "Q2_DC_Attainment"],
    ],
)
def test_headers_that_name_no_period_are_taken_together_and_listed(tmp_path: Path, headers: list[str]) -> None:
    def change(found: Tables) -> None:
        found["Hierarchy"][2][4:8] = headers

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    assert statuses(path)["Length of the history is taken for granted"] == "Note"
    ann = next(row for row in rows(path, "Attainability", "Attainability") if row["Node"] == "Ann")
    assert ann["Historical average"] == 400


def test_no_target_range_is_explained(tmp_path: Path) -> None:
    change = both(setting("Plan start", DAY(2027, 2, 1)), setting("Phasing periods", "months"))
    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    assert not rows(path, "Baseline", "TargetRange")
    assert statuses(path)["No target range"] == "Warning"


def test_a_metric_without_its_source_is_refused_at_its_cell(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        metric("Territory potential")(found)
        for row in found["Hierarchy"][3]:
            row[16] = None

    assert refused(book(tmp_path, change))[0].startswith('Metrics!A5: metric "Territory potential" reads')


PLACES = pd.DataFrame({"territory": list("ABC"), "conversion_rate": [0.3, 0.2, 0.1], "capacity_utilization": 1.0, "historical_revenue": [50.3, 41.7, 33.3]})  # fmt: skip
TEAM = pd.DataFrame({"C": "A", "IC": ["Ann", "Bob"], "Q1_Attainment": [1.0, 2.0], "Q2_Attainment": [1.0, 2.0]})


@pytest.mark.parametrize(
    "arguments",
    [
        {"unit": 0}, {"unit": -1}, {"unit": float("nan")}, {"unit": "abc"}, {"present": {"A": "x"}}, {"present": {"A": None}},
        {"present": {"A": float("inf")}}, {"present": {"A": -50}}, {"present": {"D": 1}}, {"present": 5}, {"seed": "a"},
    ],
)  # fmt: skip
def test_optimise_refuses_what_it_cannot_use(arguments: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        optimise(PLACES, 100, **arguments)


def test_optimise_takes_a_series_and_refuses_no_total() -> None:
    found = optimise(PLACES, 100, present=pd.Series({"A": 50, "B": 30, "C": 20}))  # type: ignore[arg-type]
    assert found.quotas["least_change"].tolist() == [50, 30, 20]
    assert not any(np.signbit(value) for value in found.quotas[["least", "most_expected_revenue"]].to_numpy().ravel())
    with pytest.raises(PlanError):
        optimise(PLACES, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"ote_ratio": ("a", "b")}, {"ote_ratio": 5}, {"ote_ratio": (1, 2, 3)}, {"ote_ratio": (6, 4)}, {"seed": "a"}, {"history": [1]},
        {"history": None}, {"months": 0}, {"months": 13}, {"start": "soon"}, {"start": "2027-01-02"}, {"growth": "much"}, {"step": 2},
        {"unusual": "drop"}, {"bookings": pd.DataFrame({"period": ["2026-Q1"], "bookings": [1]})},
    ],
)  # fmt: skip
def test_plan_ahead_refuses_what_it_cannot_use(arguments: dict[str, Any]) -> None:
    plan = cascade(TEAM, 100, levels=["C", "IC"])
    with pytest.raises(PlanError):
        plan_ahead(plan, TEAM, **({"start": "2027-01-01"} | arguments))


def test_another_table_than_that_of_the_plan_is_refused() -> None:
    plan = cascade(TEAM, 100, levels=["C", "IC"])
    for other in (TEAM.iloc[::-1], TEAM.iloc[:1], TEAM.rename(columns={"IC": "Rep"})):
        with pytest.raises(PlanError):
            plan_ahead(plan, other, start="2027-01-01")
    with pytest.raises(PlanError):
        plan_ahead(plan, None, start="2027-01-01")  # type: ignore[arg-type]
    assert plan_ahead(plan, TEAM, start="2027-01-01", months=np.int64(12)).attainability is not None  # type: ignore[arg-type]


def test_potential_refuses_a_bad_seed_whatever_the_number_of_territories() -> None:
    with pytest.raises(PlanError):
        potential(PLACES, seed="a")  # type: ignore[arg-type]


def test_sums_of_trillions_have_no_noise(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        setting("Target", 3_300_000_000_000)(found)
        for row in found["Territories"][3]:
            row[10] = row[11] = None
        found["Overrides"][3] = []

    path = book(tmp_path, change)
    run(path, now=WHEN, who="test")
    (again,) = recalculate([path], tmp_path / "lo")
    for mine, other in zip(rows(path, "Optimum", "Alternatives"), rows(again, "Optimum", "Alternatives"), strict=True):
        assert mine["Moved"] == other["Moved"]
    assert "Failed" not in statuses(again).values()


def test_the_same_again(tmp_path: Path) -> None:
    path = book(tmp_path)
    first, second = (compute(path).planning for _ in range(2))
    assert first.attainability is not None
    assert second.attainability is not None
    assert np.array_equal(first.attainability.chance, second.attainability.chance, equal_nan=True)
    assert first.advice == second.advice
