"""What people found who tried to break the forecast."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from revops_xl import PlanError, fit_deals, forecast, run
from revops_xl.engine.forecast.deals.snapshots import to_learn
from revops_xl.frames.forecast import _with_cohorts
from revops_xl.model.deals import DealStatus
from revops_xl.model.forecast import ForecastRules
from revops_xl.usecases import deal_store
from revops_xl.usecases.run import compute, explain_node
from tests.plans import Tables, small_sample
from tests.programs import recalculate
from tests.simulated_deals import company
from tests.simulated_pipelines import SHAPES, pipeline
from tests.test_forecast import DAY, DEALS, WHEN, book, by_quarter, rows, statuses

SCENARIOS = ["Scenario", "Conversion factor", "Value basis", "Delay (quarters)", "Unseen factor"]


def many(count: int, **columns: Any) -> list[list[Any]]:
    """Closed and open deals of the worked org, with further columns as functions of (number, status)."""
    dice = np.random.default_rng(5)
    listed = []
    for i in range(count):
        status = "Open" if i % 4 == 0 else ("Won" if dice.random() < 0.45 else "Lost")
        created = DAY(2026, 1, 1) + dt.timedelta(days=int(dice.integers(0, 150)))
        closes = DAY(2027, 2, 1) if status == "Open" else created + dt.timedelta(days=int(dice.integers(10, 90)))
        rep = ("Ann", "Bob", "Cy", "Dee", "Eli", "Fay")[i % 6]
        row = [f"D{i}", f"A{i % 31}", rep, "Proposal", status, float(dice.integers(100, 5000)), 0.4, created, closes]
        listed.append(row + [make(i, status) for make in columns.values()])
    return listed


def with_deals(found: Tables, listed: list[list[Any]], *extra: str) -> None:
    found["Deals"][2], found["Deals"][3] = [*DEALS, *extra], listed


def test_the_last_fit_sees_deals_of_every_age() -> None:
    """An open deal may be a year old; a model that learned only from first days would not know what that means."""
    made = company(1500, seed=2)
    deals = _with_cohorts(made.deals, None, None)[0].in_order()
    as_of = float((made.as_of - pd.Timestamp("1970-01-01")).days)
    learned = to_learn(deals, as_of + 1)
    assert (learned.at > deals.created[learned.row]).sum() > 200
    assert len(set(learned.row.tolist())) == int(deals.is_closed.sum())


@pytest.mark.deep
def test_deals_that_outlive_the_winners_are_believed_less() -> None:
    """Winners close within 40 days, losers linger for a year: an open deal of 200 days is all but lost."""
    dice = np.random.default_rng(0)
    count = 3000
    won = dice.random(count) < 0.5
    created = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(dice.integers(0, 700, count)), "D")
    cycle = np.where(won, dice.integers(5, 40, count), dice.integers(20, 365, count))
    closes = created + pd.to_timedelta(cycle, "D")
    as_of = pd.Timestamp("2025-12-01")
    status = np.where(closes > as_of, "Open", np.where(won, "Won", "Lost"))
    frame = pd.DataFrame({"status": status, "amount": 100.0, "created": created, "close_date": closes})
    scored = fit_deals(frame, as_of=as_of.date()).score(frame[status == "Open"])["model_probability"]
    old = (as_of - created[status == "Open"]).days > 60
    assert scored[old].mean() < 0.1
    assert scored[~old].mean() > 0.3


@pytest.mark.parametrize("name", ["Region", "Quarter created", "stage ", "Age (days)", "Account", "Usage"])
def test_a_column_called_like_a_derived_feature_is_read_beside_it(tmp_path: Path, name: str) -> None:
    """A leak under such a name is found like any other, and numbers under it do no harm."""

    def change(found: Tables) -> None:
        outcome = {"Won": "signed", "Lost": "dead"}
        with_deals(found, many(240, leak=lambda i, s: outcome.get(s, ("signed", "dead")[i % 2])), name)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    listed = {row["Feature"]: row["Use"] for row in rows(path, "Model report", "ModelColumns")}
    assert listed[f"{name} (column)"] == "left out: leak"
    where = [row["Where"] for row in rows(path, "Checks", "Checks") if row["Check"].startswith("Column left out")]
    assert where == ["Deals!J4"]

    def numbers(found: Tables) -> None:
        with_deals(found, many(240, number=lambda i, _: i % 90), name)

    run(book(tmp_path, numbers), now=WHEN, who="tester")


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path) -> None:
    listed = many(200)
    results = []
    for order in (listed, list(reversed(listed)), listed[100:] + listed[:100]):
        path = book(tmp_path, lambda found, order=order: with_deals(found, order))  # type: ignore[misc]
        run(path, now=WHEN, who="tester")
        results.append([rows(path, sheet, table) for sheet, table in (("Forecast", "Forecast"), ("Forecast", "Budget"), ("Scored deals", "ScoredDeals"), ("Model report", "ModelReport"))])  # fmt: skip
    assert results[0] == results[1] == results[2]


def test_same_input_same_results_whatever_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small_sample(tmp_path / "sample.xlsx", deals=150)
    outs = []
    for number, store in enumerate(("off", str(tmp_path / "store"), str(tmp_path / "store"))):
        monkeypatch.setenv("REVOPS_CACHE", store)
        out = tmp_path / f"out{number}.xlsx"
        run(path, out, now=WHEN, who="tester")
        outs.append(out.read_bytes())
    assert outs[0] == outs[1] == outs[2]


def test_nobodys_files_are_deleted_from_the_folder_of_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "mine"
    store.mkdir()
    for i in range(30):
        (store / f"precious{i}.zip").write_bytes(b"mine")
    monkeypatch.setenv("REVOPS_CACHE", str(store))
    path = book(tmp_path, lambda found: with_deals(found, many(160)))
    run(path, now=WHEN, who="tester")
    assert len(list(store.glob("precious*.zip"))) == 30
    assert len(list(store.glob("deals-*.zip"))) == 1


def test_what_is_kept_belongs_to_all_code_that_values_deals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Thresholds in the model and the slipping of dates count as well as the deal model itself."""
    names = {path.name for path in deal_store._what_computes()}
    assert {"deal_model.py", "forecast.py", "slippage.py", "valuation.py", "simulation.py", "threads.py"} <= names
    store = tmp_path / "store"
    monkeypatch.setenv("REVOPS_CACHE", str(store))
    path = book(tmp_path, lambda found: with_deals(found, many(110)))
    compute(path)
    other = tmp_path / "changed.py"
    other.write_text("RISK = 0.4\n")
    listed = deal_store._what_computes()
    monkeypatch.setattr(deal_store, "_what_computes", lambda: [*listed, other])
    compute(path)
    assert len(list(store.glob("deals-*.zip"))) == 2


def test_a_kept_file_of_other_deals_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("REVOPS_CACHE", str(store))
    path = book(tmp_path, lambda found: with_deals(found, many(160)))
    plain = compute(path).revenue
    (kept,) = store.glob("deals-*.zip")
    with zipfile.ZipFile(kept) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in [each for each in parts if each.endswith(".npy")][:3]:
        with zipfile.ZipFile(kept, "w") as archive:
            for other, content in parts.items():
                archive.writestr(other, content[:-8] if other == name else content)
        again = compute(path).revenue
        assert plain is not None
        assert again is not None
        assert again.scored.probability.tolist() == plain.scored.probability.tolist()
    for text in ("[" * 100_000, '{"type": "Valuation", "model": "x"}', "null"):
        with zipfile.ZipFile(kept, "w") as archive:
            archive.writestr("facts.json", text)
        again = compute(path).revenue
        assert again is not None
        assert plain is not None
        assert again.scored.probability.tolist() == plain.scored.probability.tolist()


def test_trials_of_past_days_are_kept_for_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deal that closes today makes the valuation anew, from trials that are found again; damaged ones are made anew."""
    store = tmp_path / "store"
    monkeypatch.setenv("REVOPS_CACHE", str(store))
    made = pipeline(SHAPES["closed by a rule"], 3)
    deals = _with_cohorts(made.deals, None, None)[0]
    day = float((made.as_of - pd.Timestamp("1970-01-01")).days)
    deal_store.valued(deals, ForecastRules(), day)
    trials = sorted(store.glob("trials-*.zip"))
    assert len(trials) == 5  # the choice, and four quarters
    at = np.flatnonzero(deals.is_open)[0]
    status, close = deals.status.copy(), deals.close.copy()
    status[at], close[at] = DealStatus.LOST, day
    later = replace(deals, status=status, close=close)
    again = deal_store.valued(later, ForecastRules(), day)
    assert sorted(store.glob("trials-*.zip")) == trials
    monkeypatch.setenv("REVOPS_CACHE", "off")
    afresh = deal_store.valued(later, ForecastRules(), day)
    np.testing.assert_array_equal(again.scored.probability, afresh.scored.probability)
    np.testing.assert_array_equal(again.scored.won_in, afresh.scored.won_in)
    assert again.report is not None
    assert afresh.report is not None
    assert again.report.parts == afresh.report.parts
    assert again.report.model == afresh.report.model
    monkeypatch.setenv("REVOPS_CACHE", str(store))
    for trial, text in zip(
        trials, ("", "null", '{"type": "Choice"}', "[" * 100_000, '{"type": "Forecasted"}'), strict=True
    ):
        with zipfile.ZipFile(trial, "w") as archive:
            archive.writestr("facts.json", text)
    for path in store.glob("deals-*.zip"):
        path.unlink()
    once_more = deal_store.valued(later, ForecastRules(), day)
    np.testing.assert_array_equal(once_more.scored.probability, afresh.scored.probability)


def test_blanks_around_a_value_basis(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Scenarios"] = [
            "Cohorts",
            (4, 7),
            SCENARIOS,
            [["Plan", 1, " mean", 0, 1], ["Up", 1, "Upper Quartile ", 0, 1]],
        ]

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    (again,) = recalculate([path], tmp_path)
    assert by_quarter(path, "Deals") == by_quarter(again, "Deals")
    assert by_quarter(again, "Deals")["Plan"][0] == 500


def test_what_ifs_say_that_the_intervals_are_those_of_the_run(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    before = statuses(path)
    assert before["Low, High and Exceeded belong to the forecast"] == "OK"
    for cell, value, check, status in (
        ("G6", 3, "Low, High and Exceeded belong to the forecast", "Warning"),
        ("I7", 0.5, "Low, High and Exceeded belong to the forecast", "Warning"),
        ("F6", "Other", "Forecast is deals and unseen pipeline", "Failed"),
    ):
        workbook = load_workbook(path)
        workbook["Cohorts"][cell].value = value
        changed = tmp_path / f"changed-{cell}.xlsx"
        workbook.save(changed)
        (again,) = recalculate([changed], tmp_path)
        assert statuses(again)[check] == status, cell


def test_model_value_of_the_budget_follows_its_scenario(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = book(tmp_path)
    run(path, now=WHEN, who="tester")
    workbook = load_workbook(path)
    workbook["Cohorts"]["G6"].value = 0
    changed = tmp_path / "changed.xlsx"
    workbook.save(changed)
    (again,) = recalculate([changed], tmp_path)
    found = {row["Scenario"]: row["Model value"] for row in rows(again, "Forecast", "Budget")}
    assert (found["Baseline"], found["Best"]) == (2400, 0)


def test_huge_amounts_do_not_fail_the_checks(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        for row in found["Deals"][3]:
            row[5] = 9_999_999_999_999.99
        found["Cohorts"][3] = [["A", 1e13, 10, None]]
        found["Settings"][3].append(["Forecast quarters", 12])

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    assert "Failed" not in statuses(path).values()


def test_deals_without_any_day(tmp_path: Path) -> None:
    listed = [[*row[:7], None, None] for row in many(200)]
    path = book(tmp_path, lambda found: with_deals(found, listed))
    run(path, now=WHEN, who="tester")
    assert len(rows(path, "Scored deals", "ScoredDeals")) == 50


@pytest.mark.parametrize("value", [1e300, -1e31])
def test_numbers_beyond_all_bounds_are_refused_with_their_cell(tmp_path: Path, value: float) -> None:
    listed = many(40, size=lambda i, _: value if i == 3 else i)
    with pytest.raises(PlanError) as caught:
        run(book(tmp_path, lambda found: with_deals(found, listed, "Size")))
    assert [problem.where for problem in caught.value.problems] == ["Deals!J8"]


def test_a_day_at_the_end_of_the_calendar(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Settings"][3][-1] = ["As of", DAY(9999, 12, 31)]

    run(book(tmp_path, change), now=WHEN, who="tester")


def test_values_of_nothing(tmp_path: Path) -> None:
    """Every amount is 0: nothing to learn a value from, and no noise about it."""
    listed = [[*row[:5], 0, *row[6:]] for row in many(120)]
    path = book(tmp_path, lambda found: with_deals(found, listed))
    run(path, now=WHEN, who="tester")
    assert statuses(path)["Open deals without a value"] == "Warning"


def test_a_deal_that_is_called_like_a_node(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Deals"][3][0][0] = "Ann"

    path = book(tmp_path, change)
    assert explain_node(path, "Ann").level == "IC"
    assert explain_node(path, "Deal: Ann").level == "an open deal"


def test_a_node_that_is_called_like_those_outside(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        for row in found["Hierarchy"][3]:
            row[2] = "(not in Hierarchy)" if row[2] == "Dir_2" else row[2]
        found["Deals"][3][0][2] = "Nobody"

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    (again,) = recalculate([path], tmp_path)
    assert statuses(again)["Model values add up along the org"] == "OK"


def test_cohorts_that_are_years(tmp_path: Path) -> None:
    listed = many(200, year=lambda i, _: 2025 + i % 2)
    path = book(tmp_path, lambda found: with_deals(found, listed, "Cohort"))
    run(path, now=WHEN, who="tester")
    assert {row["Cohort"] for row in rows(path, "Forecast", "CohortEstimates")} == {"2025", "2026"}


def test_closed_won_is_refused_with_what_to_write(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Deals"][3][3][4] = "Closed Won"

    with pytest.raises(PlanError) as caught:
        run(book(tmp_path, change))
    assert [(problem.where, problem.fix) for problem in caught.value.problems] == [("Deals!E8", "Write Won.")]


def test_odd_arguments_from_python() -> None:
    made = company(300, seed=1).deals
    for call in (
        lambda: forecast(made, as_of=pd.NaT),  # type: ignore[arg-type]
        lambda: forecast(made, quarters=0),
        forecast,
        lambda: forecast([1, 2]),  # type: ignore[arg-type]
        lambda: fit_deals(made.head(5)),
        lambda: fit_deals(made).score("x"),  # type: ignore[arg-type]
        lambda: fit_deals(made.assign(Noise=np.inf)),
    ):
        with pytest.raises(PlanError):
            call()
    exact = made.assign(Amount=made["Amount"].map(lambda value: Decimal(str(value))))
    pd.testing.assert_frame_equal(fit_deals(made).score(), fit_deals(exact).score())


@pytest.mark.deep
def test_a_fitted_model_can_be_used_again() -> None:
    made = company(600, seed=1).deals
    model = fit_deals(made)
    pd.testing.assert_frame_equal(forecast(made, model=model).quarters, forecast(made).quarters)
    assert forecast(made, model=model).model is model


def test_a_lag_under_another_header_is_not_passed_over(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Cohorts"][2][3] = "Lag"

    with pytest.raises(PlanError, match=r'did you mean "Lag \(quarters\)"'):
        run(book(tmp_path, change))
    with pytest.raises(PlanError):
        forecast(
            cohorts=pd.DataFrame({"cohort": ["a"], "baseline": [1.0], "growth_rate": [0.0], "lag": [3]}),
            as_of="2027-01-01",
        )

    def note(found: Tables) -> None:
        found["Cohorts"][2].append("Owner")
        for row in found["Cohorts"][3]:
            row.append("Kim")

    path = book(tmp_path, note)
    run(path, now=WHEN, who="tester")
    unread = [
        row["What to do"] for row in rows(path, "Checks", "Checks") if row["Check"] == "Inputs that nothing reads"
    ]
    assert "Owner" in unread


def test_deals_after_the_year_neither_decide_it_nor_get_its_budget(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Deals"][3][1][8] = DAY(2028, 6, 1)

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    decisive = {row["Check"]: row["Where"] for row in rows(path, "Checks", "Checks")}["Deals that decide the year"]
    assert "D2" not in decisive
    parts = {row["Node"]: row["Budget allocation"] for row in rows(path, "Forecast", "RiskAllocation")}
    assert parts["Bob"] == 0
    assert parts["Global"] == pytest.approx(parts["Ann"] + parts["Eli"])
    assert parts["Global"] == round(0.6 * (500 + 100 + 100 + 135 + 171 + 183.1), 2)


def test_a_managers_own_deals_count_at_the_manager(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Deals"][3].append(
            ["D5", "A9", "Dir_1", "Proposal", "Open", 1000, 0.5, DAY(2026, 11, 1), DAY(2027, 2, 1)]
        )

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    found = {row["Node"]: row["Model expected value"] for row in rows(path, "Forecast", "RiskAllocation")}
    assert (found["Ann"], found["Dir_1"], found["Global"]) == (500, 500 + 1800 + 500, 2900)
    assert "Open deals of unknown reps" not in statuses(path)


def test_a_model_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="a DealModel from fit_deals is needed"):
        forecast(company(100).deals, model="x")  # type: ignore[arg-type]
