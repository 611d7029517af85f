"""Plans in a firm's own calendar: the cases people bring, and a plan that is the same with every date shifted into a calendar year."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revops_xl import run
from revops_xl.engine.evaluate import evaluate
from revops_xl.engine.forecast.deals.valuation import value_deals
from revops_xl.errors import PlanError
from revops_xl.model.calendar import MONTH_NAMES
from revops_xl.model.outcome import Outcome
from tests.plans import Tables, load, worked_tables, write_plan

WHEN = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
D = dt.date


def plan(said: dict[str, Any], **more: list[Any]) -> Tables:
    tables = worked_tables()
    tables["Settings"][3] = [[name, value] for name, value in ({"Plan": "Firm", "Target": 2_000, "Rounding unit": 0.01} | said).items()]  # fmt: skip
    people = [["Acme", "NA", "Ann", 200], ["Acme", "NA", "Bob", 100], ["Acme", "EMEA", "Cem", 150], ["Acme", "EMEA", "Dora", 50]]  # fmt: skip
    tables["Hierarchy"] = ["Hierarchy", (4, 1), ["Company", "Region", "IC", "FY26_Attainment"], people]
    tables["Levels"][3] = [["Company", None], ["Region", None], ["IC", None]]
    for name in ("NodeHedges", "Metrics", "Overrides", "Thresholds"):
        tables.pop(name, None)
    return tables | more


DEAL = ["Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date"]


CREATED = D(2026, 1, 10)


def deals(rows: list[Any], created: dt.date = CREATED) -> list[Any]:
    return ["Deals", (4, 1), DEAL, [[f"O-{i}", f"A-{i}", rep, "Offer", status, amount, 1, created, day] for i, (rep, status, amount, day) in enumerate(rows)]]  # fmt: skip


def test_deals_fall_into_fiscal_quarters(tmp_path: Path) -> None:
    """February to January: 10 Feb is Q1, 10 May Q2, 20 Jan Q4 of the same year."""
    said = {"Fiscal year starts": "February", "Period": "FY27", "As of": D(2026, 2, 1)}
    rows = [("Ann", "Open", 1_000.0, D(2026, 2, 10)), ("Bob", "Open", 2_000.0, D(2026, 5, 10)), ("Cem", "Open", 4_000.0, D(2027, 1, 20))]  # fmt: skip
    results = run(write_plan(tmp_path / "plan.xlsx", plan(said, Deals=deals(rows))), now=WHEN)
    forecast = results.frame("Forecast")
    mine = forecast[forecast["scenario"] == "Baseline"].set_index("quarter")["total"]
    assert mine.to_dict() == {"Q1 FY27": 1_000, "Q2 FY27": 2_000, "Q3 FY27": 0, "Q4 FY27": 4_000}
    budget: Any = results.frame("Budget").set_index("scenario")
    assert (budget.loc["Baseline", "year_forecast"], budget.loc["Baseline", "safe_opex"]) == (7_000, 4_200)


def test_the_year_may_be_the_fiscal_one(tmp_path: Path) -> None:
    """Won so far, and what is expected until its end: the deal of next February is another year's."""
    said = {"Fiscal year starts": 2, "Period": "FY27", "As of": D(2026, 10, 20), "Forecast year": "this fiscal year"}
    rows = [
        ("Ann", "Won", 500.0, D(2026, 1, 20)),
        ("Ann", "Won", 1_000.0, D(2026, 2, 10)),
        ("Bob", "Open", 2_000.0, D(2026, 10, 25)),
        ("Cem", "Open", 4_000.0, D(2027, 1, 20)),
        ("Dora", "Open", 8_000.0, D(2027, 2, 20)),
    ]
    results = run(write_plan(tmp_path / "plan.xlsx", plan(said, Deals=deals(rows))), now=WHEN)
    budget: Any = results.frame("Budget").set_index("scenario")
    assert budget.loc["Baseline", "year_forecast"] == 7_000
    assert budget.loc["Baseline", "year_low"] >= 1_000


def bookings(names: list[Any]) -> list[Any]:
    return ["Bookings", (4, 1), ["Period", "Bookings"], [[name, 100 + 10 * (i // 4) + 100 * (i % 4 == 3)] for i, name in enumerate(names)]]  # fmt: skip


FEBRUARY = {"Fiscal year starts": "Feb", "Period": "FY27"}


@pytest.mark.parametrize(
    "names",
    [
        [f"FY{year} Q{q}" for year in (24, 25, 26) for q in (1, 2, 3, 4)],
        [f"20{year}-Q{q}" for year in (24, 25, 26) for q in (1, 2, 3, 4)],
        [D(2023 + (1 + 3 * i) // 12, (1 + 3 * i) % 12 + 1, 1) for i in range(12)],
    ],
)
def test_fiscal_quarters_by_name_or_first_day_are_the_same(names: list[Any], tmp_path: Path) -> None:
    found = run(write_plan(tmp_path / "plan.xlsx", plan(FEBRUARY, Bookings=bookings(names))), now=WHEN)
    periods = found.frame("BaselineForecast")["period"].tolist()
    assert (periods[0], periods[11], periods[12]) == ("FY24-Q1", "FY26-Q4", "FY27-Q1")
    assert found.frame("TargetRange")["plan_covers"].tolist() == ["2026-02 to 2027-01"]
    phasing: Any = found.frame("Phasing").loc[0]
    assert phasing["quarter_4"] > 1.4 * phasing["quarter_1"]
    told = " ".join(map(str, found.frame("Checks")["what_to_do"]))
    assert ("is read as fiscal" in told) == (names[0] == "2024-Q1")


def test_fiscal_names_are_refused_where_nobody_says_when_the_year_begins(tmp_path: Path) -> None:
    names = [f"FY{year} Q{q}" for year in (24, 25, 26) for q in (1, 2, 3, 4)]
    path = write_plan(tmp_path / "plan.xlsx", plan({"Plan start": D(2026, 2, 1)}, Bookings=bookings(names)))
    with pytest.raises(PlanError, match="Fiscal year starts"):
        run(path, now=WHEN)
    mixed = plan({"Period": "FY 2027"}, Bookings=bookings([*names[:-1], "2026-Q4"]))
    with pytest.raises(PlanError, match="two ways"):
        run(write_plan(tmp_path / "mixed.xlsx", mixed), now=WHEN)


WEEKS = {"Fiscal year starts": "October", "Period": "FY26", "Fiscal periods": "4-4-5", "Fiscal year ends on": "last Saturday", "Phasing periods": "months", "Rounding unit": 1, "Target": 1_300_000}  # fmt: skip


def test_periods_of_weeks_are_phased_by_their_weeks(tmp_path: Path) -> None:
    results = run(write_plan(tmp_path / "plan.xlsx", plan(WEEKS)), now=WHEN)
    top: Any = results.frame("Phasing").set_index("node").loc["Acme"]
    assert [top[f"month_{i}"] for i in range(1, 13)] == [100_000, 100_000, 125_000] * 4
    by_period: Any = results.frame("QuotasByPeriod")
    first: Any = by_period[by_period["node"] == "Acme"].iloc[2]
    assert (first["plan_period"], str(first["first_day"])[:10], str(first["last_day"])[:10]) == ("P3 FY26", "2025-11-23", "2025-12-27")  # fmt: skip
    longer = plan(WEEKS | {"Period": "FY23"})
    top = run(write_plan(tmp_path / "long.xlsx", longer), now=WHEN).frame("Phasing").set_index("node").loc["Acme"]
    assert [top["month_1"], top["month_3"], top["month_12"]] == [98_113, 122_642, 147_170]


def test_a_calendar_of_weeks_says_how_its_years_end(tmp_path: Path) -> None:
    said = {name: value for name, value in WEEKS.items() if name != "Fiscal year ends on"}
    with pytest.raises(PlanError, match="on which day fiscal years end"):
        run(write_plan(tmp_path / "plan.xlsx", plan(said)), now=WHEN)
    tables = plan(WEEKS, Bookings=bookings([D(2023 + (9 + i) // 12, (9 + i) % 12 + 1, 1) for i in range(24)]))
    with pytest.raises(PlanError, match="lies inside P"):
        run(write_plan(tmp_path / "months.xlsx", tables), now=WHEN)


def test_plan_start_and_period_agree(tmp_path: Path) -> None:
    said = {"Fiscal year starts": "October", "Period": "FY27", "Plan start": D(2027, 1, 1)}
    with pytest.raises(PlanError, match="Correct one of them"):
        run(write_plan(tmp_path / "plan.xlsx", plan(said)), now=WHEN)


def _month(first: int, offset: int) -> dt.date:
    year, month = divmod(first + offset, 12)
    return D(year, month + 1, 1)


def shifted(start: int, seed: int) -> Tables:
    """A plan whose fiscal year begins in a month; with the same seed the same but for that month."""
    dice = random.Random(seed)
    first = 12 * 2027 + start - 1 - (12 if start > 1 else 0)
    said = {"Fiscal year starts": MONTH_NAMES[start - 1], "Period": "FY27", "Phasing periods": "months", "As of": _month(first, 0)}  # fmt: skip
    years = ("FY25", "FY26")
    history = [f"{year}-Q{q}_Attainment" for year in years for q in (1, 2, 3, 4)]
    monthly = dice.random() < 0.5
    names: list[Any] = [_month(first, offset) for offset in range(-36, 0)] if monthly else [f"FY{y}-Q{q}" for y in (24, 25, 26) for q in (1, 2, 3, 4)]  # fmt: skip
    people = []
    for region in ("NA", "EMEA"):
        for i in range(3):
            begins = _month(first, dice.choice([-30, -14, -3, 0, 3, 6]))
            ends = _month(first, dice.choice([7, 9])) - dt.timedelta(days=1) if dice.random() < 0.3 else None
            people.append(["Acme", region, f"{region} {i}", begins, ends, "AE", *(dice.randrange(50, 200) for _ in history)])  # fmt: skip
    tables = plan(said)
    tables["Hierarchy"] = ["Hierarchy", (4, 1), ["Company", "Region", "IC", "Start date", "To", "Tier", *history], people]  # fmt: skip
    tables["Tiers"] = ["Territories", (20, 1), ["Tier", "Multiplier", "Ramp factor", "Ramp months"], [["AE", 1, 0.5, 6]]]  # fmt: skip
    tables["Bookings"] = ["Bookings", (4, 1), ["Period", "Bookings"], [[name, 1_000 + 200 * (i % 4) + dice.randrange(100)] for i, name in enumerate(names)]]  # fmt: skip
    tables["CommitHistory"] = ["Commits", (4, 1), ["Manager", "Period", "Commit", "Actual"], [[m, f"Q{q} FY26", dice.randrange(90, 110), dice.randrange(80, 120)] for m in ("NA", "EMEA") for q in (1, 2, 3, 4)]]  # fmt: skip
    tables["Commits"] = ["Commits", (4, 7), ["Manager", "Commit"], [["NA", 100], ["EMEA", 90]]]
    rows = [(people[dice.randrange(6)][2], "Open", float(dice.randrange(100, 900)), _month(first, dice.randrange(12)) + dt.timedelta(days=dice.randrange(27))) for _ in range(8)]  # fmt: skip
    tables["Deals"] = deals(rows, created=_month(first, -2))
    return tables


def _said(outcome: Outcome) -> dict[str, Any]:
    planning, revenue = outcome.planning, outcome.revenue
    assert planning.phased is not None
    assert planning.attainability is not None
    assert planning.ground.baseline is not None
    assert planning.ground.target_range is not None
    assert planning.ground.capacity is not None
    assert outcome.review is not None
    assert revenue is not None
    return {
        "quota": outcome.quotas.quota,
        "phased": planning.phased,
        "forecast of bookings": planning.ground.baseline.forecast,
        "season": planning.ground.baseline.factors,
        "expected": np.array([planning.ground.target_range.expected, planning.ground.target_range.chance]),
        "effective": planning.ground.capacity.effective,
        "history": planning.attainability.history,
        "attainable": planning.attainability.expected,
        "bias": outcome.review.adjusted,
        "quarters": revenue.forecast.deals[revenue.forecast.baseline],
        "year": revenue.forecast.year(revenue.forecast.total)[:1],
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_a_fiscal_plan_is_the_calendar_plan_shifted(tmp_path: Path, start: int, seed: int) -> None:
    """To the cent, in every module that counts by months: what counts days (ages of deals) knows no calendar."""
    found = []
    for month in (start, 1):
        path = write_plan(tmp_path / f"{month}.xlsx", shifted(month, seed), results=False)
        found.append(_said(evaluate(load(path), value_deals, most_live_rows=0)))
    for name, mine in found[0].items():
        np.testing.assert_allclose(mine, found[1][name], rtol=1e-9, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("said", "tells"),
    [
        ({"Fiscal year starts": 10, "Period": "CY26"}, "calendar year"),
        ({"Fiscal year starts": 10, "Period": "M7 2026"}, "month 7 of the fiscal year"),
        ({"Period": "FY27", "Fiscal year ends on": "last Friday"}, "Fiscal periods is months"),
        ({"Period": "FY27", "Fiscal year starts": "Easter"}, "is not one of January"),
    ],
)
def test_settings_that_do_not_say_a_calendar(said: dict[str, Any], tells: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=tells):
        run(write_plan(tmp_path / "plan.xlsx", plan(said)), now=WHEN)
