"""People who come, go, move and are away: worked numbers, and a loop over the days as an independent count."""

from __future__ import annotations

import calendar
import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from revops_xl import run
from revops_xl.engine.planning.period_quotas import period_quotas
from revops_xl.engine.planning.presence import presence
from revops_xl.errors import PlanError
from revops_xl.model.calendar import Calendar
from revops_xl.model.codes import Coded
from revops_xl.model.money import Unit
from revops_xl.model.org_build import build_tree
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import Absence, Bearer, PresenceRules, Span, Tenure
from revops_xl.tables.schema.days import to_days
from tests.plans import Tables, worked_tables, write_plan
from tests.programs import recalculate

WHEN = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
D = dt.date
MONTHS = [f"month_{i}" for i in range(1, 13)]
QUARTERS = [f"quarter_{i}" for i in range(1, 5)]


def people(rows: list[dict[str, Any]], target: float, said: dict[str, Any] | None = None, **tables: list[list[Any]]) -> Tables:  # fmt: skip
    """A plan of rows with Company, Manager, IC, Weight (the history), and days."""
    found = worked_tables()
    chosen = {"Plan": "Dated", "Target": target, "Rounding unit": 1, "Period": "FY 2027", "New hires": "none"} | (said or {})  # fmt: skip
    found["Settings"][3] = [[name, value] for name, value in chosen.items()]
    headers = ["Company", "Manager", "IC", "Weight_Attainment", *(k for k in ("From", "To", "Backfill of", "Split %") if any(k in row for row in rows))]  # fmt: skip
    found["Hierarchy"] = ["Hierarchy", (4, 1), headers, [["Acme", row["Manager"], row["IC"], row.get("Weight"), *(row.get(h) for h in headers[4:])] for row in rows]]  # fmt: skip
    found["Levels"][3] = [["Company", None], ["Manager", None], ["IC", None]]
    for name in ("NodeHedges", "Metrics", "Overrides", "Thresholds"):
        found.pop(name, None)
    for name, entries in tables.items():
        found[name] = [name, (4, 1), ["Person", "From", "To", "Relief", "Bearer"], [[*entry, None, None][:5] for entry in entries]]  # fmt: skip
    return found


def months(results: Any) -> Any:
    """Months of each row by level, node and parent."""
    return results.frame("Phasing").set_index(["level", "node", "parent"])[[*MONTHS, "quota"]].astype(float)


def test_a_move_is_two_rows_with_days(tmp_path: Path) -> None:
    """A: October to September, James sells in East until March and in West from April."""
    rows = [
        {"Manager": "East", "IC": "Ann", "Weight": 1200},
        {"Manager": "West", "IC": "Cem", "Weight": 1200},
        {"Manager": "East", "IC": "James", "Weight": 1200, "To": D(2027, 3, 31)},
        {"Manager": "West", "IC": "James", "From": D(2027, 4, 1)},
    ]
    said = {"Fiscal year starts": "October", "Period": "FY27"}
    path = write_plan(tmp_path / "plan.xlsx", people(rows, 3_600_000, said))
    results = run(path, now=WHEN)
    found = months(results)
    for region in ("East", "West"):
        assert found.loc[("Manager", region, "Acme"), "quota"] == 1_800_000
    assert found.loc[("IC", "James", "East"), MONTHS].tolist() == [100_000] * 6 + [0] * 6
    assert found.loc[("IC", "James", "West"), MONTHS].tolist() == [0] * 6 + [100_000] * 6
    assert found.loc[("IC", "Ann", "East"), MONTHS].tolist() == [100_000] * 12
    periods = results.frame("PhasingPeriods").set_index("column")["plan_period"]
    assert (periods["Quarter 1"], periods["Month 1"]) == ("FY27-Q1", "2026-10")
    by_period = results.frame("QuotasByPeriod")
    west = by_period[(by_period["node"] == "James") & (by_period["parent"] == "West")]
    assert west["quota_to_date"].tolist()[5:8] == [0, 100_000, 200_000]
    assert west[["quarter", "plan_period"]].iloc[6].tolist() == ["Q3 FY27", "Apr 2027"]
    (again,) = recalculate([path], tmp_path)
    page = load_workbook(again, data_only=True)["Result QuotasByPeriod"]
    headers = [cell.value for cell in page[4]]
    at = headers.index("Quota to date") + 1
    assert [page.cell(5 + i, at).value for i in range(len(by_period))] == by_period["quota_to_date"].tolist()
    quotas = load_workbook(again, data_only=True)["Result Quotas"]
    column = [cell.value for cell in quotas[4]].index("Quota") + 1
    assert [quotas.cell(5 + i, column).value for i in range(4)] == [3_600_000, 1_800_000, 1_200_000, 600_000]


LEAVE = [
    {"Manager": "Team", "IC": "Ann", "Weight": 2},
    {"Manager": "Team", "IC": "Bob", "Weight": 1},
    {"Manager": "Team", "IC": "Cy", "Weight": 1},
]


@pytest.mark.parametrize(
    ("setting", "bearer", "years"),
    [
        ("team", None, (450_000, 375_000, 375_000, 0)),
        ("manager", None, (450_000, 300_000, 300_000, 150_000)),
        ("nobody", None, (450_000, 300_000, 300_000, 150_000)),
        ("manager", "Bob", (450_000, 450_000, 300_000, 0)),
        ("manager", "team", (450_000, 375_000, 375_000, 0)),
        ("year", None, (514_286, 342_857, 342_857, 0)),
    ],
)
def test_who_bears_a_leave(setting: str, bearer: str | None, years: tuple[int, ...], tmp_path: Path) -> None:
    """B: Ann, half of the team, is away from April to June."""
    tables = people(LEAVE, 1_200_000, {"Relieved quota": setting}, Absences=[["Ann", D(2027, 4, 1), D(2027, 6, 30), None, bearer]])  # fmt: skip
    results = run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN)
    found = months(results)
    assert tuple(found.loc[("IC", name, "Team"), "quota"] for name in ("Ann", "Bob", "Cy")) == years[:3]
    rest = found[found.index.get_level_values("level") == "Not carried"]["quota"].sum()
    assert rest == years[3]
    assert found.loc[("Manager", "Team", "Acme"), "quota"] == 1_200_000
    if setting != "year":
        assert found.loc[("IC", "Ann", "Team"), MONTHS].tolist()[3:6] == [0, 0, 0]
    if setting == "team":
        assert found.loc[("IC", "Bob", "Team"), MONTHS].tolist()[3:6] == [50_000] * 3
    checks = results.frame("Checks").set_index("check")["status"]
    assert ("Gap of the plan while people are away" in checks.index) == (setting == "nobody")
    assert "Error" not in set(checks)
    assert set(checks[[name for name in checks.index if "Phases" in name]]) == {"OK"}


@pytest.mark.parametrize(("follow", "years"), [("seats", (1_000_000, 500_000)), ("shares", (1_125_000, 375_000))])
def test_an_open_seat_from_july(follow: str, years: tuple[int, int], tmp_path: Path) -> None:
    """C: months level up to the season by seat, or months of the plan that keep their shares."""
    rows = [
        {"Manager": "Team", "IC": "Ann", "Weight": 1},
        {"Manager": "Team", "IC": "TBH", "Weight": 1, "From": D(2027, 7, 1)},
    ]
    results = run(write_plan(tmp_path / "plan.xlsx", people(rows, 1_500_000, {"Months follow": follow})), now=WHEN)
    found = months(results)
    assert (found.loc[("IC", "Ann", "Team"), "quota"], found.loc[("IC", "TBH", "Team"), "quota"]) == years
    ann, seat = found.loc[("IC", "Ann", "Team"), MONTHS].tolist(), found.loc[("IC", "TBH", "Team"), MONTHS].tolist()
    assert seat[:6] == [0] * 6
    if follow == "seats":
        assert {round(value / 10) for value in (*ann, *seat[6:])} == {8333}
    else:
        assert ann[:6] == [125_000] * 6
        assert ann[6:] == seat[6:] == [62_500] * 6


SEASON = [10 / 3, 10 / 3, 10 / 3, 20 / 3, 20 / 3, 20 / 3, 10, 10, 10, 40 / 3, 40 / 3, 40 / 3]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("team", {"Ann": (20_760.53, 86_753.25, 162_857.15, 171_428.57), "Bob": (39_619.74, 69_956.70, 108_571.42, 114_285.72), "Cy": (39_619.73, 43_290.05, 0, 0)}),
        ("manager", {"Ann": (390_306.13,), "Bob": (285_714.28,)}),
    ],
)  # fmt: skip
def test_days_season_vacancy_and_backfill(setting: str, expected: dict[str, tuple[float, ...]], tmp_path: Path) -> None:
    """D: Ann away 10 Feb to 15 Apr, Cy leaves on 31 May, the seat is filled on 1 September; season 10/20/30/40 %."""
    rows = [
        {"Manager": "Team", "IC": "Ann", "Weight": 3},
        {"Manager": "Team", "IC": "Bob", "Weight": 2},
        {"Manager": "Team", "IC": "Cy", "Weight": 2, "To": D(2027, 5, 31)},
        {"Manager": "Team", "IC": "Cy (backfill)", "Weight": 2, "From": D(2027, 9, 1), "Backfill of": "Cy"},
    ]
    said = {"Relieved quota": setting, "Rounding unit": 0.01, "Phasing periods": "months"}
    tables = people(rows, 1_000_000, said, Absences=[["Ann", D(2027, 2, 10), D(2027, 4, 15)]])
    tables["PhaseShares"] = ["Bookings", (4, 1), ["Plan period", "Share"], [[f"2027-{m:02d}", share / 100] for m, share in enumerate(SEASON, 1)]]  # fmt: skip
    found = run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN).frame("Phasing")
    found = found[found["level"] == "IC"].set_index("node")
    for name, values in expected.items():
        columns = QUARTERS if len(values) == 4 else ["quota"]
        mine = [float(str(found.loc[name, column])) for column in columns]
        np.testing.assert_allclose(mine, values, atol=0.011)
    if setting == "team":
        assert found.loc["Cy", "quota"] == pytest.approx(82_909.78, abs=0.011)
        assert found.loc["Cy (backfill)", "quota"] == pytest.approx(142_857.14, abs=0.011)
    else:
        assert found.loc[["Cy", "Cy (backfill)"], "quota"].sum() == pytest.approx(209_523.81, abs=0.011)


def test_a_gap_under_one_manager_is_one_seat_and_told(tmp_path: Path) -> None:
    """The case of a leave written as two rows: nothing falls on the gap, and the person asks nobody to carry more."""
    rows = [
        {"Manager": "Team", "IC": "Ann", "Weight": 5, "To": D(2027, 3, 31)},
        {"Manager": "Team", "IC": "Ann", "Weight": 5, "From": D(2027, 7, 1)},
        {"Manager": "Team", "IC": "Bob", "Weight": 5},
    ]
    results = run(write_plan(tmp_path / "plan.xlsx", people(rows, 1_750_000)), now=WHEN)
    found = months(results)
    assert (found.loc[("IC", "Ann", "Team"), "quota"], found.loc[("IC", "Bob", "Team"), "quota"]) == (750_000, 1_000_000)  # fmt: skip
    assert found.loc[("IC", "Ann", "Team"), MONTHS].tolist()[3:6] == [0, 0, 0]
    told = " ".join(str(text) for text in results.frame("Checks")["what_to_do"])
    assert "2027-04-01 to 2027-06-30" in told
    assert "Absences" in told


def test_open_seats_of_one_name_are_seats_of_their_own(tmp_path: Path) -> None:
    rows = [
        {"Manager": "Team", "IC": "Ann", "Weight": 1},
        {"Manager": "Team", "IC": "TBH", "Weight": 1, "From": D(2027, 10, 1), "Split %": 0.5},
        {"Manager": "Team", "IC": "tbh", "Weight": 1, "From": D(2027, 7, 1), "Split %": 0.5},
    ]
    found = months(run(write_plan(tmp_path / "plan.xlsx", people(rows, 1_750_000)), now=WHEN))
    assert found.loc[("IC", "tbh (Team) 1", "Team"), "quota"] == 500_000  # the one that begins first
    assert found.loc[("IC", "TBH (Team) 2", "Team"), "quota"] == 250_000
    assert found.loc[("IC", "Ann", "Team"), "quota"] == 1_000_000


def test_history_of_a_metric_that_follows_the_seat(tmp_path: Path) -> None:
    """Accounts stay: who fills the seat has them. History of the person: the successor is new."""
    rows = [
        {"Manager": "Team", "IC": "Ann", "Weight": 300},
        {"Manager": "Team", "IC": "Cy", "Weight": 100, "To": D(2027, 6, 30)},
        {"Manager": "Team", "IC": "Dee", "From": D(2027, 7, 1), "Backfill of": "Cy"},
    ]
    tables = people(rows, 1_000_000)
    tables["Metrics"] = ["Metrics", (4, 1), ["Metric", "Use", "Direction", "Weight", "Columns", "Follows"], [["Weight", "blend", "proportional", 1, "Weight_Attainment", "seat"]]]  # fmt: skip
    found = months(run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN))
    assert [found.loc[("IC", name, "Team"), "quota"] for name in ("Ann", "Cy", "Dee")] == [750_000, 125_000, 125_000]
    tables["Metrics"][3][0][-1] = "person"
    found = months(run(write_plan(tmp_path / "person.xlsx", tables), now=WHEN))
    assert found.loc[("IC", "Dee", "Team"), "quota"] == 0  # New hires is none, and no history


def test_everything_wrong_with_days_is_told_at_once(tmp_path: Path) -> None:
    rows = [
        {"Manager": "East", "IC": "James", "Weight": 1, "To": D(2027, 3, 31)},
        {"Manager": "West", "IC": "James", "Weight": 1, "From": D(2027, 3, 15)},
        {"Manager": "East", "IC": "Ann", "Weight": 1, "From": D(2027, 5, 1), "To": D(2027, 4, 1)},
        {"Manager": "East", "IC": "Bob", "Weight": 1, "From": D(2027, 1, 1), "Backfill of": "Cem"},
        {"Manager": "West", "IC": "Cem", "Weight": 1},
        {"Manager": "West", "IC": "Dora", "Weight": 1, "From": D(2027, 2, 1), "Backfill of": "Nobody"},
    ]
    with pytest.raises(PlanError) as refused:
        run(write_plan(tmp_path / "plan.xlsx", people(rows, 1000)), now=WHEN)
    told = "\n".join(str(each) for each in refused.value.problems)
    assert "James is in East (row 5) until 2027-03-31 and in West from 2027-03-15" in told
    assert "To 2027-04-01 is before From 2027-05-01" in told
    away = [
        ["Ann", D(2027, 4, 1), D(2027, 3, 1)],
        ["Bob", D(2027, 4, 1), D(2027, 5, 1), None, "Cy"],
        ["Cy", D(2027, 4, 20), D(2027, 6, 1)],
        ["Cy", D(2027, 5, 20), D(2027, 7, 1)],
        ["Nobody", D(2027, 5, 20), D(2027, 7, 1)],
        ["Dee", D(2027, 5, 20), D(2027, 8, 1)],
        ["Bob", D(2027, 9, 1), D(2027, 9, 9), -0.5, "Somebody"],
    ]
    staff = [*LEAVE, {"Manager": "Team", "IC": "Dee", "Weight": 1, "To": D(2027, 6, 30)}]
    with pytest.raises(PlanError) as refused:
        run(write_plan(tmp_path / "away.xlsx", people(staff, 1000, Absences=away)), now=WHEN)
    told = "\n".join(str(each) for each in refused.value.problems)
    for part in ("C5", "Cy is away then, too", "overlap those of row 7", 'no IC is called "Nobody"', "Dee is in the seat", "Relief", '"Somebody" is no node'):  # fmt: skip
        assert part in told, part


def test_splits_that_do_not_add_up_on_a_day(tmp_path: Path) -> None:
    rows = [
        {"Manager": "East", "IC": "James", "Weight": 1, "Split %": 0.5},
        {"Manager": "West", "IC": "James", "Weight": 1, "Split %": 0.5, "To": D(2027, 5, 31)},
    ]
    with pytest.raises(PlanError) as refused:
        run(write_plan(tmp_path / "plan.xlsx", people(rows, 1000)), now=WHEN)
    assert "on 2027-06-01 the splits of James add up to 0.5 of 1" in str(refused.value)


def _days(month: int) -> list[dt.date]:
    year, part = divmod(month, 12)
    return [D(year, part + 1, day) for day in range(1, calendar.monthrange(year, part + 1)[1] + 1)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_presence_and_bearers_as_a_loop_over_the_days_counts_them(data: st.DataObject) -> None:
    """Conservation by team, person and month, and each amount within a unit of the exact one."""
    start = data.draw(st.integers(1, 12))
    first = 12 * 2027 - (start != 1) * 12 + start - 1
    count = data.draw(st.integers(2, 5))
    day = st.dates(D(2026, 1, 1), D(2028, 1, 31))
    spans = [sorted(data.draw(st.tuples(day, day))) for _ in range(count)]
    open_ended = [data.draw(st.booleans()) for _ in range(count)]
    away = []
    for row in range(count):
        if data.draw(st.booleans()):
            leave = sorted(data.draw(st.tuples(day, day)))
            bearer = data.draw(st.sampled_from([None, Bearer.TEAM, Bearer.MANAGER]))
            away.append(Absence(row, to_days(leave[0]), to_days(leave[1]), data.draw(st.sampled_from([1.0, 0.5])), bearer))  # fmt: skip
    begin = np.array([np.nan if o else to_days(s[0]) for s, o in zip(spans, open_ended, strict=True)])
    end = np.array([np.nan if o else to_days(s[1]) for s, o in zip(spans, open_ended, strict=True)])
    rules = PresenceRules(bearer=data.draw(st.sampled_from([Bearer.TEAM, Bearer.MANAGER, Bearer.NOBODY])))
    tenure = Tenure(begin, end, absences=tuple(away), rules=rules)
    period = PlanPeriod(first - (start - 1), 12, Calendar(start))
    season = np.full(12, 1 / 12)
    found = presence(tenure, period, season)
    life, there = np.zeros((count, 12)), np.zeros((count, 12))
    for row in range(count):
        for m in range(12):
            days = _days(first + m)
            alive = [open_ended[row] or spans[row][0] <= each <= spans[row][1] for each in days]
            gone = [next((a.relief for a in away if a.row == row and a.first <= to_days(each) <= a.last), 0.0) for each in days]  # fmt: skip
            life[row, m] = sum(alive) / len(days)
            there[row, m] = sum(a * (1 - g) for a, g in zip(alive, gone, strict=True)) / len(days)
    np.testing.assert_allclose(found.life, life, atol=1e-12)
    np.testing.assert_allclose(found.present, there, atol=1e-12)

    names = [f"P{i}" for i in range(count)]
    top = Coded(np.zeros(count, dtype=np.int32), ["Team"])
    tree = build_tree(("Team", "IC"), [top, Coded(np.arange(count, dtype=np.int32), names)], np.ones(count))
    years = np.array([data.draw(st.integers(0, 10_000_000)) if life[row].sum() else 0 for row in range(count)], dtype=float)  # fmt: skip
    quota = np.concatenate([[years.sum()], years])
    made = period_quotas(tree, quota, found, Unit.of(1))
    np.testing.assert_allclose(made.full[1:].sum(axis=1), years)
    np.testing.assert_allclose(made.carried[1:].sum(axis=0) + made.left.sum(axis=0), made.full[1:].sum(axis=0))
    np.testing.assert_allclose(made.carried[0].sum(), years.sum())
    assert (made.carried >= 0).all()
    for m in range(12):
        full = [Fraction(made.full[1 + row, m]) for row in range(count)]
        part = [Fraction(there[row, m]).limit_denominator(10**6) / Fraction(life[row, m]).limit_denominator(10**6) if life[row, m] else Fraction(1) for row in range(count)]  # fmt: skip
        carried = [f * p for f, p in zip(full, part, strict=True)]
        lacking = [f - c for f, c in zip(full, carried, strict=True)]
        shared = Fraction(0)
        for row in range(count):
            mine = next((a.bearer for a in away if a.row == row and a.bearer is not None), None) or rules.bearer
            shared += lacking[row] if mine is Bearer.TEAM else 0
        if shared and sum(carried):
            carried = [c * (1 + shared / sum(carried)) for c in carried]
        for row in range(count):
            assert abs(made.carried[1 + row, m] - float(carried[row])) <= 1.0001


def test_a_seat_that_is_gapped_has_no_days_there() -> None:
    tenure = Tenure(
        np.array([np.nan]), np.array([np.nan]), gaps=(Span(0, to_days(D(2027, 4, 1)), to_days(D(2027, 6, 30))),)
    )
    found = presence(tenure, PlanPeriod(12 * 2027, 12), np.full(12, 1 / 12))
    assert found.life[0].tolist() == [1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1]


def test_whole_months_count_by_their_first_day() -> None:
    rules = PresenceRules(whole_months=True)
    tenure = Tenure(np.array([to_days(D(2027, 2, 1)), to_days(D(2027, 2, 2))]), np.full(2, np.nan), rules=rules)
    found = presence(tenure, PlanPeriod(12 * 2027, 12), np.full(12, 1 / 12))
    assert found.life[:, :3].tolist() == [[0, 1, 1], [0, 0, 1]]


def mixed(target: float, fixed: list[list[Any]]) -> Tables:
    """Movers, a leaver, an open seat, hedges and overrides, where formulas can follow."""
    rows = [
        {"Manager": "East", "IC": "Ann", "Weight": 420},
        {"Manager": "East", "IC": "Bob", "Weight": 310, "From": D(2027, 3, 10)},
        {"Manager": "East", "IC": "James", "Weight": 380, "To": D(2027, 3, 31)},
        {"Manager": "West", "IC": "James", "From": D(2027, 4, 1)},
        {"Manager": "West", "IC": "Cem", "Weight": 350},
        {"Manager": "West", "IC": "Dora", "Weight": 290, "To": D(2027, 5, 31)},
        {"Manager": "North", "IC": "TBH", "Weight": 100, "From": D(2027, 7, 1)},
        {"Manager": "North", "IC": "Fay", "Weight": 150, "From": D(2027, 7, 1)},
    ]
    tables = people(rows, target, {"Default hedge": 1.05, "Rounding unit": 0.01})
    tables["NodeHedges"] = ["Levels", (4, 5), ["Node", "Hedge"], [["West", 1.1]]]
    tables["Overrides"] = ["Overrides", (4, 1), ["Node", "Amount", "Basis"], fixed or [[None, None, None]]]
    return tables


def test_quotas_stay_formulas_and_follow_target_and_overrides(tmp_path: Path) -> None:
    """What LibreOffice calculates after a change of the target, and of who is fixed, is what a run of the changed plan says."""
    before = [["Ann", 30_000, "base"]]
    after = [["Cem", 40_000, "hedged"]]
    path = write_plan(tmp_path / "plan.xlsx", mixed(200_000, before), names={"Target": "Settings!$B$6", "Default_hedge": "Settings!$B$10"})  # fmt: skip
    results = run(path, now=WHEN)
    book: Any = load_workbook(path)
    cells = {row[0].value: row[1] for row in book["Settings"].iter_rows(min_row=5)}
    book.defined_names["Target"].attr_text = f"Settings!${cells['Target'].column_letter}${cells['Target'].row}"
    book.defined_names["Default_hedge"].attr_text = f"Settings!$B${cells['Default hedge'].row}"
    assert str(book["Result Quotas"].cell(6, 10).value).startswith("=")
    book.save(tmp_path / "named.xlsx")
    cells["Target"].value = 260_000
    for column, value in enumerate(after[0], start=1):
        book["Overrides"].cell(5, column).value = value
    book.save(tmp_path / "changed.xlsx")
    fresh = run(write_plan(tmp_path / "fresh.xlsx", mixed(260_000, after)), now=WHEN)
    again = recalculate([tmp_path / "named.xlsx", tmp_path / "changed.xlsx"], tmp_path / "again")
    for file, expected in zip(again, (results, fresh), strict=True):
        page: Any = load_workbook(file, data_only=True)["Result Quotas"]
        names = [cell.value for cell in page[4]]
        wanted = expected.quotas
        for header in ("Base quota", "Quota"):
            shown = [page.cell(5 + i, names.index(header) + 1).value for i in range(len(wanted))]
            np.testing.assert_allclose(shown, wanted[header.lower().replace(" ", "_")], atol=0.001, err_msg=header)


@pytest.mark.parametrize(
    ("rows", "said", "tells"),
    [
        ([{"IC": "Ann", "Weight": 1, "From": D(2027, 3, 1)}], {"Period": None}, "not known what the plan covers"),
        ([{"IC": "Ann", "Weight": 1, "To": D(2026, 3, 1)}], {}, "everybody is gone before the plan begins"),
        (
            [
                {"IC": "Ann", "Weight": 1, "To": D(2027, 2, 28)},
                {"IC": "Bob", "Weight": 1, "From": D(2027, 4, 1), "Backfill of": "Ann"},
                {"IC": "Cem", "Weight": 1, "From": D(2027, 5, 1), "Backfill of": "Ann"},
            ],
            {},
            "filled by row 6 already",
        ),
        (
            [{"IC": "Ann", "Weight": 1, "To": D(2027, 2, 28)}, {"IC": "Ann", "Weight": 3, "From": D(2027, 3, 1)}],
            {},
            "Weight_Attainment differs from row 5",
        ),
    ],
)
def test_days_that_cannot_be_meant(
    rows: list[dict[str, Any]], said: dict[str, Any], tells: str, tmp_path: Path
) -> None:
    staff = [{"Manager": "Team", **row} for row in rows]
    with pytest.raises(PlanError, match=tells):
        run(write_plan(tmp_path / "plan.xlsx", people(staff, 1000, said)), now=WHEN)


def test_absences_need_to_know_what_the_plan_covers(tmp_path: Path) -> None:
    tables = people(LEAVE, 1000, {"Period": None}, Absences=[["Ann", D(2027, 4, 1), D(2027, 6, 30)]])
    with pytest.raises(PlanError, match="Absences!B5"):
        run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN)


def test_a_plan_whose_start_dates_lie_inside_keeps_its_year_and_says_so(tmp_path: Path) -> None:
    """Start date alone is about ramp: months follow it, the quota of the year does not, and Checks names whom it concerns."""
    tables = people(
        [{"Manager": "Team", "IC": "Ann", "Weight": 1}, {"Manager": "Team", "IC": "Bob", "Weight": 1}],
        1_200,
        {"Phasing periods": "months"},
    )
    tables["Hierarchy"][2].append("Start date")
    tables["Hierarchy"][3] = [
        [*row, day] for row, day in zip(tables["Hierarchy"][3], (None, D(2027, 7, 1)), strict=True)
    ]
    results = run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN)
    found: Any = results.frame("Phasing").set_index("node")
    bob = [float(found.loc["Bob", name]) for name in MONTHS]
    assert bob == [0] * 6 + [100] * 6
    checks = results.frame("Checks").set_index("check")
    assert checks.loc["Quotas of a year for people who are there for a part of it", "where"] == "Bob"
