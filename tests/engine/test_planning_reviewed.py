"""What a statistician found who looked for wrong numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from revops_xl import Metric, baseline, cascade, optimise, plan_ahead, potential
from revops_xl.engine.planning.baseline.baseline import baseline as find_baseline
from revops_xl.engine.planning.baseline.baseline import target_range
from revops_xl.engine.planning.baseline.outliers import find_outliers
from revops_xl.model.bookings import BaselineRules, Bookings, OutlierKind
from revops_xl.model.plan_period import PlanPeriod
from tests.engine.test_attainability import LEVELS, by
from tests.engine.test_potential import company

SEASON = np.array([0.85, 1.0, 0.9, 1.25])
HEADERS = [f"{year}-Q{q}_Attainment" for year in (2025, 2026) for q in (1, 2, 3, 4)]


def team(history: np.ndarray[Any, Any], **columns: list[Any]) -> pd.DataFrame:
    """ICs of one team with two years of quarters, a row each."""
    data = pd.DataFrame({"Company": "A", "Team": "T", "IC": [f"I{i:02d}" for i in range(len(history))], **columns})
    for i, header in enumerate(HEADERS[-history.shape[1] :]):
        data[header] = history[:, i]
    return data


def booked(growth: float, quarters: int = 16, first: int = 2023) -> pd.DataFrame:
    periods = [f"{first + i // 4}-Q{i % 4 + 1}" for i in range(quarters)]
    return pd.DataFrame({"period": periods, "bookings": [1000 * (1 + growth) ** (i / 4) * SEASON[i % 4] for i in range(quarters)]})  # fmt: skip


@pytest.mark.parametrize(("growth", "worst"), [(0.3, 0.06), (0.0, 0.03)])
@pytest.mark.deep
def test_growing_companies_are_not_forecast_too_low(growth: float, worst: float) -> None:
    """Five years of quarters: the mean error of the next year, and how often its range holds."""
    errors, inside = [], []
    for seed in range(40):
        dice = np.random.default_rng(seed)
        level = np.exp(np.cumsum(dice.normal(0, 0.02, 24)) + dice.normal(0, 0.04, 24))
        values = 1000 * (1 + growth) ** (np.arange(24) / 4) * np.tile(SEASON, 6) * level
        found = find_baseline(Bookings(values[:20], 4, 4 * 2022), 4, BaselineRules())
        spoken = target_range(found, PlanPeriod(2027 * 12, 12), 1.0, 0.8)
        errors.append(float(np.log(values[20:].sum() / spoken.expected)))
        inside.append(spoken.low <= values[20:].sum() <= spoken.high)
    assert abs(np.mean(errors)) < worst
    assert np.mean(inside) >= 0.7


@pytest.mark.parametrize(("start", "months", "truth"), [("2027-10-01", 3, 1250), ("2027-01-01", 3, 850), ("2027-07-01", 6, 2150), ("2027-01-01", 12, 4000)])  # fmt: skip
@pytest.mark.parametrize("with_bookings", [True, False])
def test_a_plan_shorter_than_a_year_has_its_own_season(
    start: str, months: int, truth: float, *, with_bookings: bool
) -> None:
    """Ten equal reps without growth whose target is what they will bring: a fair bet, whatever the quarter."""
    dice = np.random.default_rng(1)
    data = team(100 * np.tile(SEASON, 2) * dice.normal(1, 0.05, (10, 8)))
    plan = cascade(data, truth, levels=LEVELS, new_hires="none")
    found = plan_ahead(plan, data, start=start, months=months, bookings=booked(0.0) if with_bookings else None)
    top = by(found.attainability, "node")["A"]
    assert top["historical_average"] == pytest.approx(truth, rel=0.03)
    assert 0.15 < top["chance"] < 0.85
    assert by(found.health, "measure")["Growth expected"]["figure"] == pytest.approx(0, abs=0.02)


def test_growth_is_counted_from_the_periods_that_an_ic_has() -> None:
    """30 % a year: who has two years has grown further since their mean than who came half a year ago."""
    level = 100 * 1.3 ** (np.arange(8) / 4) * np.tile(SEASON, 2)
    history = np.tile(level, (2, 1))
    history[1, :6] = np.nan
    data = team(history)
    plan = cascade(data, 1000, levels=LEVELS)
    found = by(plan_ahead(plan, data, start="2027-01-01", bookings=booked(0.3)).attainability, "node")
    truth = 100 * (1.3 ** (np.arange(8, 12) / 4) * SEASON).sum()
    assert found["I00"]["expected"] == pytest.approx(truth, rel=0.06)
    assert found["I01"]["expected"] == pytest.approx(truth, rel=0.06)


def test_bookings_inside_the_plan_do_not_count_as_history() -> None:
    """40 % growth, history of 2026: the growth to expect is the same whether 2027 has begun or not."""
    data = team(np.tile(100 * 1.4 ** (np.arange(4, 8) / 4) * SEASON, (3, 1)))
    plan = cascade(data, 2000, levels=LEVELS)
    grown = []
    for quarters in (16, 18):
        found = plan_ahead(plan, data, start="2027-01-01", bookings=booked(0.4, quarters))
        grown.append(by(found.health, "measure")["Growth expected"]["figure"])
    assert grown[0] == pytest.approx(0.4, abs=0.06)
    assert grown[1] == pytest.approx(0.4, abs=0.06)


def test_growth_that_nobody_knows_is_not_taken_for_none_in_silence() -> None:
    data = team(np.full((3, 8), 100.0))
    found = plan_ahead(cascade(data, 1000, levels=LEVELS), data, start="2027-01-01")
    assert "no growth is assumed" in by(found.health, "measure")["Growth expected"]["meaning"]


def test_quarters_without_a_sale_are_zeros() -> None:
    """Reps who sell in seven quarters of ten: a third of them reach their mean too seldom if zeros are not counted."""
    chances, reached = [], []
    for seed in range(8):
        dice = np.random.default_rng(seed)
        quarters = dice.gamma(4, 25, (60, 12)) * (dice.random((60, 12)) < 0.7)
        quarters[:, 0] = np.maximum(quarters[:, 0], 1.0)
        data = team(quarters[:, :8])
        plan = cascade(data, round(float(quarters[:, :8].sum() / 2), 2), levels=LEVELS, new_hires="none")
        found = plan_ahead(plan, data, start="2027-01-01").attainability
        ics = found[found["depth"] == 2]
        chances += ics["chance"].tolist()
        reached += (quarters[:, 8:].sum(axis=1) >= ics["quota"].to_numpy()).tolist()
    assert abs(np.mean(chances) - np.mean(reached)) < 0.06


def test_who_leaves_is_not_offered_quota() -> None:
    data = team(np.full((2, 4), 25.0), **{"End date": [None, pd.Timestamp("2027-01-31")]})
    tiers = pd.DataFrame({"tier": ["E"], "multiplier": [1.0]})
    plan = cascade(data, 220, levels=LEVELS, overrides={"I00": 170})
    found = plan_ahead(plan, data.assign(Tier="E"), start="2027-01-01", tiers=tiers).recommendations["recommendation"].tolist()  # fmt: skip
    assert any("nobody in the team has room" in text for text in found)
    assert not any("There is room" in text for text in found)


def test_a_plan_that_new_seats_carry_is_not_cut() -> None:
    """Ten equal seats, six with history, a target that ten bring: history is 60 % of it, and the chance even."""
    history = np.full((10, 8), 25.0) * np.random.default_rng(2).normal(1, 0.1, (10, 8))
    history[6:] = np.nan
    data = team(history, Tier=["E"] * 10)
    tiers = pd.DataFrame({"tier": ["E"], "multiplier": [1.0]})
    plan = cascade(data, 960, levels=LEVELS, new_hires="all_metrics_zero")
    found = plan_ahead(plan, data, start="2027-01-01", tiers=tiers)
    assert by(found.attainability, "node")["A"]["chance"] > 0.5
    assert by(found.health, "measure")["Quota with history behind it"]["figure"] == pytest.approx(0.6, abs=0.02)
    assert not {"Target", "Team"} & set(found.recommendations["about"])


def test_bookings_and_history_do_not_contradict_each_other_about_the_target() -> None:
    data = team(np.tile(100 * 1.6 ** (np.arange(8) / 4) * np.tile(SEASON, 2), (3, 1)))
    last = 300 * (1.6 ** (np.arange(4, 8) / 4) * SEASON).sum()
    plan = cascade(data, round(1.1 * last, 2), levels=LEVELS)
    found = plan_ahead(plan, data, start="2027-01-01", bookings=booked(0.6))
    about = found.recommendations[found.recommendations["about"] == "Target"]
    assert len(about) <= 1
    assert not any("less" in text for text in about["recommendation"])


@pytest.mark.deep
def test_a_new_territory_is_not_worth_millions() -> None:
    """Sizes of 0 are not known: neither the logarithm of almost nothing, nor nothing."""
    for seed in range(4):
        places, truth = company(40, seed=seed, kind="linear")
        frame = pd.DataFrame({"territory": list(places.names), "actual_achievement": places.actual})
        names = [
            "historical_revenue",
            "market_size",
            "account_count",
            "competition_density",
            "rep_tenure",
            "industry_growth",
        ]
        for i, name in enumerate(names):
            frame[name] = places.features[:, i]
        frame.loc[0, ["historical_revenue", "actual_achievement"]] = [0.0, np.nan]
        found = potential(frame).territories
        assert 0.3 * truth[0] < found["potential"][0] < 3 * truth[0]


@pytest.mark.deep
def test_intervals_of_potential_hold_for_large_and_small_territories() -> None:
    inside, large = [], []
    for seed in range(8):
        places, truth = company(90, seed=seed, noise=0.3, kind="history")
        hidden = np.arange(90) >= 60
        known = places.__class__(**{**places.__dict__, "actual": np.where(hidden, np.nan, places.actual)})
        from revops_xl.engine.planning.potential import potential as find

        found = find(known, 0.8, 1)
        held = (found.low <= places.actual) & (places.actual <= found.high)
        inside.append(held[hidden].mean())
        large.append(held[hidden & (truth > np.quantile(truth, 0.7))].mean())
    assert 0.7 <= np.mean(inside) <= 0.9
    assert np.mean(large) >= 0.62


@pytest.mark.parametrize("season", [4, 12])
def test_a_level_shift_is_found_where_it_is(season: int) -> None:
    near = 0
    for seed in range(10):
        dice = np.random.default_rng(seed)
        values = 1000 * np.tile(np.linspace(0.8, 1.2, season), 6) * np.exp(dice.normal(0, 0.03, 6 * season))
        values[3 * season + 1 :] *= 1.5
        shifts = [each.position for each in find_outliers(values, season) if each.kind is OutlierKind.SHIFT]
        near += len(shifts) == 1 and abs(shifts[0] - 3 * season - 1) <= 1
    assert near >= 9


def test_the_season_survives_a_level_shift() -> None:
    dice = np.random.default_rng(4)
    values = 1000 * np.tile(SEASON, 6) * np.exp(dice.normal(0, 0.02, 24))
    values[13:] *= 1.5
    found = find_baseline(Bookings(values, 4, 8000), 4, BaselineRules())
    assert found.factors == pytest.approx(SEASON, abs=0.04)


def test_two_noisy_years_have_a_wide_range_and_two_calm_ones_a_narrow_one() -> None:
    width = []
    for noise in (0.01, 0.2):
        dice = np.random.default_rng(5)
        values = 1000 * np.tile(SEASON, 2) * np.exp(dice.normal(0, noise, 8))
        found = baseline(pd.DataFrame({"period": [f"{2025 + i // 4}-Q{i % 4 + 1}" for i in range(8)], "bookings": values}), target=4000)  # fmt: skip
        spoken = found.target_range.iloc[0]
        width.append((spoken["range_high"] - spoken["range_low"]) / spoken["expected"])
    assert width[1] > 2 * width[0]


def test_half_a_year_is_set_against_half_of_what_a_year_brings() -> None:
    data = team(np.full((3, 8), 100.0), Territory=["W", "E", "S"])
    places = pd.DataFrame({"territory": ["W", "E", "S"], "historical_revenue": [400, 400, 400], "conversion_rate": 0.2, "capacity_utilization": 1.0})  # fmt: skip
    found = plan_ahead(cascade(data, 600, levels=LEVELS), data, start="2027-01-01", months=6, territories=places)
    assert found.potential["quota_potential"].tolist() == pytest.approx([1, 1, 1])
    assert found.attainability["quota_potential"].dropna().to_numpy() == pytest.approx(np.ones(5))
    smooth = by(found.alternatives, "alternative")["Smoothest growth"]
    assert smooth["largest_growth"] == pytest.approx(0)
    assert smooth["lowest_potential_quota"] == pytest.approx(1)


def test_the_strongest_driver_stands_first_even_if_a_case_is_refused(worked: pd.DataFrame, levels: list[str]) -> None:
    plan = cascade(worked, 1000, levels=levels, overrides={"NA": 950})
    found = plan_ahead(plan, worked, start="2027-01-01").sensitivity
    swing = found[["swing_low", "swing_high"]].abs().max(axis=1)
    assert swing.is_monotonic_decreasing


def test_one_member_teams_have_the_chance_of_their_member() -> None:
    data = team(100 * np.random.default_rng(3).normal(1, 0.2, (3, 8))).assign(Team=["T0", "T1", "T1"])
    found = by(plan_ahead(cascade(data, 1200, levels=LEVELS), data, start="2027-01-01").attainability, "node")
    assert found["T0"]["chance"] == pytest.approx(found["I00"]["chance"])


def test_optimise_without_rounding_and_zero_worth() -> None:
    places = pd.DataFrame({"territory": list("ABC"), "conversion_rate": 0.0, "capacity_utilization": 1.0})
    found = optimise(places, 5e10, unit=None)
    assert found.quotas["most_expected_revenue"].sum() == pytest.approx(5e10)
    assert (found.quotas["most_expected_revenue"] >= 0).all()


def test_who_carries_no_quota_is_neither_counted_nor_offered_any() -> None:
    """A gated IC with a good history: the team's attainability is that of who carries."""
    data = team(np.full((3, 4), 25.0)).assign(Carrying=[True, True, False])
    metrics = [Metric("Attainment"), Metric("Carrying", columns=("Carrying",), use="gate", gate="true")]
    plan = cascade(data, 220, levels=LEVELS, metrics=metrics, overrides={"I00": 170})
    found = plan_ahead(plan, data, start="2027-01-01")
    assert by(found.attainability, "node")["A"]["historical_average"] == 200
    said = found.recommendations[found.recommendations["advised_node"] == "I00"]["recommendation"].tolist()
    room = 100 * (1 - stats.t.ppf(0.8, 7) * np.sqrt(0.08**2 + 0.01**2 / 2)) - 50
    assert any(f"I01 {room:.2f}" in text for text in said)
    assert not any("I02" in text for text in said)
