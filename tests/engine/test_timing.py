"""When open deals are won: quarters against simulated truth, and scenarios that never contradict each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl import fit_deals, forecast
from revops_xl.engine.forecast.deals.ages import AgeRates
from revops_xl.engine.forecast.scenarios import by_quarter
from revops_xl.engine.forecast.simulation import simulate
from revops_xl.engine.forecast.timing import by_age, rest_of_quarter
from revops_xl.model.calendar import CALENDAR_YEAR
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals, DealStatus, Feature, FeatureKind
from revops_xl.model.forecast import Cohorts, Correlation, ForecastRules, RiskFlag, Scenario, ScoredDeals, ValueBasis
from tests.simulated_pipelines import SHAPES, Pipeline, pipeline

NONE = Cohorts.none()


def within_91_days(made: Pipeline) -> np.ndarray:
    """Chances to be won in the 91 days that the truth speaks of: this quarter, and that part of the next one."""
    model = fit_deals(made.deals, as_of=str(made.as_of.date()))
    scored = model.score().set_index("deal_id").loc[made.deals.loc[made.deals["Status"] == "Open", "Deal ID"]]
    left = (pd.Timestamp(made.as_of) + pd.offsets.QuarterEnd(0) - made.as_of).days
    return (scored["this_quarter"] + scored["next_quarter"] * (91 - left) / 91).to_numpy()


def error(made: Pipeline) -> tuple[float, float]:
    """Said / true wins of the quarter ahead, and the mean squared error of each deal's chance."""
    said = within_91_days(made)
    return float(said.sum() / made.next_quarter.sum()), float(np.mean((said - (made.days_left < 91)) ** 2))


@pytest.mark.parametrize("name", ["losses swept late", "closed by a rule"])
def test_wins_of_the_quarter_ahead_are_right(name: str) -> None:
    assert np.mean([error(pipeline(SHAPES[name], seed))[0] for seed in (31, 32)]) == pytest.approx(1, abs=0.12)


@pytest.mark.deep
@pytest.mark.parametrize("name", list(SHAPES))
def test_wins_of_the_quarter_ahead_are_right_over_seeds(name: str) -> None:
    assert np.mean([error(pipeline(SHAPES[name], seed))[0] for seed in range(40, 46)]) == pytest.approx(1, abs=0.1)


@pytest.mark.deep
def test_close_dates_that_reps_know_help_and_others_do_little_harm() -> None:
    """Long cycles, where the quarter is open: the sum of the quarter does not follow the dates, the order of the deals does."""
    seeds = range(50, 54)
    none, known, guessed = (
        np.mean([error(pipeline(SHAPES["long cycles"], seed, guess)) for seed in seeds], axis=0)
        for guess in (None, 0.3, 1.5)
    )
    assert known[0] == pytest.approx(none[0], abs=0.01)
    assert known[1] < none[1]
    assert guessed[1] < 1.05 * none[1]


def some_deals(n: int, as_of: float, seed: int) -> tuple[Deals, np.ndarray]:
    dice = np.random.default_rng(seed)
    created = as_of - dice.integers(0, 300, n).astype(float)
    close = np.where(dice.random(n) < 0.3, np.nan, as_of + dice.integers(-50, 500, n))
    nobody, nan = Coded.of([None] * n), np.full(n, np.nan)
    ids = np.array([f"D{i}" for i in range(n)], dtype=object)
    states = np.full(n, np.int8(DealStatus.OPEN))
    deals = Deals(
        ids, nobody, nobody, nobody, states, np.full(n, 100.0), nan, nan, created, close, Feature("S", FeatureKind.TEXT, nan)
    )  # fmt: skip
    return deals, as_of + 1 - created


def test_quarters_keep_the_sums_of_the_ages_and_late_deals_are_seldom_early() -> None:
    as_of = CALENDAR_YEAR.quarter_start(4 * 2027) + 20
    deals, age = some_deals(300, as_of, 3)
    rates = AgeRates(np.array([0.0, 40.0, 150.0]), np.array([0.002, 0.006, 0.001]), np.array([0.004, 0.004, 0.01]), 0.1)
    chance = np.random.default_rng(1).uniform(0.05, 0.6, 300)
    found = by_age(deals, rates, age, chance, as_of, 6)
    blind = by_age(replace(deals, close=np.full(300, np.nan)), rates, age, chance, as_of, 6)
    np.testing.assert_allclose(chance @ found.shares, chance @ blind.shares, rtol=1e-3)
    assert (found.shares >= 0).all()
    assert (found.shares.sum(axis=1) <= 1 + 1e-12).all()
    far = deals.close > CALENDAR_YEAR.quarter_start(4 * 2027 + 1)
    assert found.shares[far, 0].mean() < 0.95 * blind.shares[far, 0].mean()
    assert found.shares[~far, 0].mean() > 1.05 * blind.shares[~far, 0].mean()
    # without close dates: the plain loop over days
    for i in (0, 7, 100):
        alive, won = 1.0, np.zeros(6)
        for day in range(2000):
            kind = int(np.searchsorted(rates.edges, age[i] + day, side="right")) - 1
            q = next((q for q in range(6) if as_of + 1 + day < CALENDAR_YEAR.quarter_start(4 * 2027 + 1 + q)), None)
            if q is not None:
                won[q] += alive * rates.won[kind]
            alive *= 1 - rates.won[kind] - rates.lost[kind]
            if q is None and not day % 500:
                break
        ever = rates.ever(age[i : i + 1])[0]
        np.testing.assert_allclose(blind.shares[i] * ever, won, atol=2e-4)


@st.composite
def scored_deals(draw: st.DrawFn) -> ScoredDeals:
    n = draw(st.integers(1, 6))
    dice = np.random.default_rng(draw(st.integers(0, 10**6)))
    chance = np.round(dice.uniform(0, 1, n), 4)
    shares = dice.dirichlet(np.ones(5), n)[:, :4]
    won_by = np.round(chance[:, None] * np.cumsum(shares, axis=1), 6)
    value = np.round(dice.lognormal(10, 1, n), 2)
    nan = np.full(n, np.nan)
    return ScoredDeals(
        np.arange(n), nan, chance, value, np.round(value * 0.8, 2), np.round(value * 1.2, 2), np.full(n, 0.2), nan,
        np.round(chance * value, 2), nan, np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64),
        np.round(np.diff(won_by, axis=1, prepend=0.0), 6), (RiskFlag.UNKNOWN,) * n, ("",) * n, np.zeros(n, dtype=bool),
    )  # fmt: skip


@given(
    scored=scored_deals(),
    rest=st.floats(0.02, 1.0),
    delay=st.floats(0, 4),
    conversion=st.tuples(st.floats(0.3, 1.0), st.floats(1.0, 3.0)),
)
def test_better_scenarios_are_ahead_in_every_cumulative_quarter(
    scored: ScoredDeals, rest: float, delay: float, conversion: tuple[float, float]
) -> None:
    worse, better = conversion
    scenarios = (
        Scenario("Best", better, ValueBasis.UPPER),
        Scenario("Baseline"),
        Scenario("Worst", worse, ValueBasis.LOWER, delay),
    )
    deals, unseen = by_quarter(scored, NONE, scenarios, 4, rest)
    so_far = np.cumsum(deals, axis=1)
    cents = 0.01 * len(scored) * 4
    assert (so_far[0] >= so_far[1] - cents).all()
    assert (so_far[1] >= so_far[2] - cents).all()
    assert (so_far[:, -1] <= [scored.worth_in(s).sum() + cents for s in scenarios]).all()
    nobody = Coded.of([None] * len(scored))
    rules = ForecastRules(runs=200)
    made = simulate(scored, nobody, nobody, unseen, scenarios, rules, Correlation(), rest=rest)
    for ends in (made.so_far_low, made.so_far_high):  # world by world, and so for every quantile
        assert (ends[0] >= ends[1] - 0.011).all()
        assert (ends[1] >= ends[2] - 0.011).all()


def test_simulated_worlds_have_the_expected_mean_in_every_quarter() -> None:
    dice = np.random.default_rng(2)
    n = 3000  # more than are won or lost one by one
    chance = np.round(dice.uniform(0.02, 0.7, n), 4)
    won_by = np.round(chance[:, None] * np.cumsum(dice.dirichlet(np.ones(5), n)[:, :4], axis=1), 6)
    value, nan = np.round(dice.lognormal(9, 0.3, n), 2), np.full(n, np.nan)
    scored = ScoredDeals(
        np.arange(n), nan, chance, value, value, value, np.full(n, 0.3), nan, np.round(chance * value, 2), nan,
        np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64), np.round(np.diff(won_by, axis=1, prepend=0.0), 6),
        (RiskFlag.UNKNOWN,) * n, ("",) * n, np.zeros(n, dtype=bool),
    )  # fmt: skip
    scenarios = (Scenario("Baseline"), Scenario("Worst", 0.8, ValueBasis.LOWER, 1.0))
    deals, unseen = by_quarter(scored, NONE, scenarios, 4, 0.4)
    nobody = Coded.of([None] * n)
    rules = ForecastRules(runs=4000, interval=0.02)  # the ends nearly meet in the median
    made = simulate(scored, nobody, nobody, unseen, scenarios, rules, Correlation(0.0, 0.0, 0.0), rest=0.4)
    np.testing.assert_allclose((made.low + made.high) / 2, deals, rtol=0.02)


def test_where_nobody_records_losses_quarters_are_given_and_nothing_is_said_of_ever() -> None:
    """Lost deals are still called open: what is won in the year ahead is right, and far less than all of them."""
    said, true = [], []
    for seed in (61, 62, 63):
        made = pipeline(SHAPES["wins and losses alike"], seed)
        table = made.deals.copy()
        lost = table["Status"] == "Lost"
        table["Status"] = table["Status"].where(~lost, "Open")
        table["Close date"] = table["Close date"].where(~lost)
        worth = forecast(table, as_of=str(made.as_of.date())).deals
        assert worth["key_drivers"].str.contains("nobody records losses").all()
        quarters = worth[["this_quarter", "next_quarter", "in_2_quarters", "in_3_quarters"]].sum(axis=1)
        np.testing.assert_allclose(quarters, worth["model_probability"], atol=2e-4)
        said.append(worth["model_probability"].sum())
        true.append(made.chance.sum())  # nearly all of them within the year
        assert len(worth) > 8 * true[-1]
    assert np.sum(said) == pytest.approx(np.sum(true), rel=0.15)


@pytest.mark.parametrize(("day", "rest"), [("2027-01-01", 89 / 90), ("2026-12-31", 1 / 92), ("2026-11-30", 31 / 92)])
def test_the_rest_of_a_quarter(day: str, rest: float) -> None:
    assert rest_of_quarter(float(np.datetime64(day, "D").astype(int))) == pytest.approx(rest)
