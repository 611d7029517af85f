"""The forecast of open deals against companies whose truth is known: losses recorded late, rules, growth, large deals."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from revops_xl import fit_deals
from revops_xl.engine.forecast.deals.ages import age_rates
from revops_xl.engine.forecast.deals.bookkeeping import days_say_when
from revops_xl.engine.forecast.deals.level import level_now
from revops_xl.engine.forecast.deals.open_level import Order
from revops_xl.engine.forecast.deals.past_quarters import (
    PastQuarter,
    as_known,
    forecast_quarter,
    learn_level,
    past_quarter,
    quarters_to_try,
)
from revops_xl.engine.forecast.deals.training import ValueForm
from revops_xl.frames.forecast import DealModel
from revops_xl.model.calendar import CALENDAR_YEAR
from revops_xl.model.codes import Coded
from revops_xl.model.deal_model import Candidate, Family, Form
from revops_xl.model.deals import Deals, DealStatus, Feature, FeatureKind
from revops_xl.model.money import Floats
from revops_xl.model.plan import DealInputs
from revops_xl.tables.forecast.deal_checks import deal_checks
from tests.simulated_deals import company, fitted_to_closed_deals
from tests.simulated_pipelines import SHAPES, Pipeline, pipeline


def _model(made: Pipeline) -> DealModel:
    return fit_deals(made.deals, as_of=str(made.as_of.date()))


def _expected(made: Pipeline) -> tuple[float, float]:
    """Said / true, in wins and in money, of the open pipeline."""
    said = _model(made).score().set_index("deal_id")["model_probability"]
    mine = said.loc[made.deals.loc[made.deals["Status"] == "Open", "Deal ID"]].to_numpy()
    return float(mine.sum() / made.chance.sum()), float(mine @ made.amount / (made.chance @ made.amount))


def _simple(created: list[float], close: list[float], status: list[int]) -> Deals:
    n = len(created)
    nobody, nan = Coded.of([None] * n), np.full(n, np.nan)
    states = np.array(status, dtype=np.int8)
    amount = np.full(n, 100.0)
    stage = Feature("Stage", FeatureKind.TEXT, nan)
    ids = np.array([f"D{i}" for i in range(n)], dtype=object)
    won = np.where(states == DealStatus.WON, amount, np.nan)
    return Deals(ids, nobody, nobody, nobody, states, amount, won, nan, np.array(created), np.array(close), stage)


@pytest.mark.parametrize("name", ["losses swept late", "closed by a rule", "wins and losses alike"])
def test_open_deals_are_forecast_as_they_fare(name: str) -> None:
    wins, money = np.mean([_expected(pipeline(SHAPES[name], seed)) for seed in (11, 12)], axis=0)
    assert wins == pytest.approx(1, abs=0.12)
    assert money == pytest.approx(1, abs=0.2)


@pytest.mark.deep
@pytest.mark.parametrize("name", list(SHAPES))
def test_expected_wins_are_right_over_seeds(name: str) -> None:
    wins, money = np.mean([_expected(pipeline(SHAPES[name], seed)) for seed in range(20, 28)], axis=0)
    assert wins == pytest.approx(1, abs=0.1)
    assert money == pytest.approx(1, abs=0.15)


def test_closed_deals_alone_would_have_said_a_multiple_and_the_report_shows_it() -> None:
    """The model of closed deals that the first release used: its own hold-out praised it."""
    made = pipeline(SHAPES["losses swept late"], 11)
    fitted = _model(made)
    closed_only = fitted_to_closed_deals(made.deals, str(made.as_of.date()))
    assert closed_only.score()["model_probability"].sum() > 2 * made.chance.sum()
    assert closed_only.report.set_index("measure")["model"]["ROC AUC"] > 0.8  # on deals that have closed
    past = fitted._fitted.past
    came = sum(int(quarter.won.sum()) for quarter in past)
    assert sum(float(quarter.chance.sum()) for quarter in past) > 2 * came  # on those that were open
    figures = fitted.report.set_index("measure")["model"]
    assert abs(figures["Dollar bias"]) < 0.2


def test_rates_are_those_of_aalen_and_johansen() -> None:
    """Bins as wide as the data are long: a plain loop over days gives the same part of wins."""
    dice = np.random.default_rng(5)
    count = 4000
    created = dice.integers(0, 600, count).astype(float)
    life = dice.geometric(0.02, count).astype(float)
    won = dice.random(count) < 0.3
    close = created + life
    is_open = close >= 700
    status = [0 if o else 1 if w else 2 for o, w in zip(is_open, won, strict=True)]
    deals = _simple(created.tolist(), np.where(is_open, np.nan, close).tolist(), status)
    rates = age_rates(deals, 700.0)
    assert rates is not None
    alive, ever = 1.0, 0.0
    for day in range(400):
        at_risk = (np.where(is_open, 699, close) - created >= day).sum()
        if not at_risk:
            break
        closing = ~is_open & (close - created == day)
        ever += alive * (closing & won).sum() / at_risk
        alive *= 1 - closing.sum() / at_risk
    assert rates.ever(np.zeros(1))[0] == pytest.approx(ever, abs=0.015)
    assert rates.within(np.zeros(1), 1e6)[0] == pytest.approx(rates.ever(np.zeros(1))[0], abs=1e-6)
    quarters = [rates.within(np.array([30.0]), days)[0] for days in (30.0, 91.0, 182.0)]
    assert quarters == sorted(quarters)


def forecasts(deals: Deals, as_of: float) -> list[PastQuarter]:
    """Past quarters as they would have been forecast, and what came."""
    found = []
    for quarter in quarters_to_try(deals, as_of):
        known = as_known(deals, CALENDAR_YEAR.quarter_start(quarter))
        said = forecast_quarter(known, quarter, Candidate(Family.LOGISTIC, 0.1), ValueForm(Form.ENTERED))
        assert said is not None
        found.append(past_quarter(deals, quarter, said))
    return found


def test_a_win_rate_that_has_changed_is_told() -> None:
    for drift, words in ((3.0, "Win rates have risen"), (-3.0, "Win rates have fallen"), (0.0, "")):
        made = company(6000, seed=4, drift=drift)
        fitted = fit_deals(made.deals, as_of=str(made.as_of.date()))
        names = {check.name: check for check in deal_checks(fitted._revenue, _inputs(fitted._deals))}
        told = [name for name in names if name.startswith("Win rates")]
        assert told == ([words] if words else [])
        then, now = fitted._revenue.model.win_rates if fitted._revenue.model is not None else (0.0, 0.0)
        created = made.deals["Created"] - made.deals["Created"].min()
        first, last = created.dt.days < 365, created.dt.days >= 900 - 365
        assert then == pytest.approx(made.chance[first].mean(), abs=0.07)
        assert now == pytest.approx(made.chance[last].mean(), abs=0.07)


def test_nothing_looks_ahead() -> None:
    """What happened after the first day of a past quarter does not change what would have been said of it."""
    made = pipeline(SHAPES["losses swept late"], 13)
    deals = _model(made)._deals
    as_of = float((made.as_of - pd.Timestamp("1970-01-01")).days)
    past = forecasts(deals, as_of)
    assert past
    for quarter in past:
        start = float(np.datetime64(quarter.quarter * 3 - 1970 * 12, "M").astype("datetime64[D]").astype(np.int64))
        known = as_known(deals, start)
        assert not (known.close[known.is_closed] >= start).any()
        assert np.isnan(known.close[known.is_open]).all()
        blanked = replace(
            deals,
            status=np.where(deals.close >= start, np.int8(DealStatus.LOST), deals.status),
            won_amount=np.where(deals.close >= start, np.nan, deals.won_amount),
        )
        again = next(each for each in forecasts(blanked, as_of) if each.quarter == quarter.quarter)
        np.testing.assert_allclose(again.chance, quarter.chance, atol=1e-12)
        np.testing.assert_allclose(again.rates.won, quarter.rates.won)
        assert not again.won.any()


def test_days_of_booking_are_no_days_of_winning() -> None:
    made = pipeline(SHAPES["nobody tidies up"], 3)
    deals = _model(made)._deals
    assert days_say_when(deals)
    monthly = np.ceil(deals.close / 91) * 91
    booked = replace(deals, close=np.where(deals.is_won, monthly, deals.close))
    assert not days_say_when(booked)
    swept = replace(deals, close=np.where(deals.is_won, deals.close, monthly))
    assert days_say_when(swept)  # a day of cleaning up is how deals are lost
    assert not days_say_when(replace(deals, close=np.full(len(deals), np.nan)))


def test_without_usable_days_the_report_is_of_closed_deals_and_the_checks_say_so() -> None:
    made = pipeline(SHAPES["nobody tidies up"], 3)
    won = made.deals["Status"] == "Won"
    start = pd.Timestamp("2023-01-01")
    days = (made.deals["Close date"] - start).dt.days
    booked = start + pd.to_timedelta(np.minimum(np.ceil(days / 91) * 91, 999), "D")
    fitted = fit_deals(made.deals.assign(**{"Close date": made.deals["Close date"].where(~won, booked)}))
    assert fitted._fitted.level is None
    assert not fitted._fitted.past
    names = [check.name for check in deal_checks(fitted._revenue, _inputs(fitted._deals))]
    assert "The forecast cannot see late losses" in names
    assert "Past quarters: forecast against actual" not in names
    usual = _model(made)
    names = [check.name for check in deal_checks(usual._revenue, _inputs(usual._deals))]
    assert "The forecast cannot see late losses" not in names
    assert "Past quarters: forecast against actual" in names


def _inputs(deals: Deals) -> DealInputs:
    return DealInputs(deals, Coded.of([]), None, {}, 0, {}, (), None, {}, "Deals")


def test_a_level_follows_a_change_and_not_a_single_day() -> None:
    dice = np.random.default_rng(1)
    steady, halved, bulk = (dice.poisson(60, 24).astype(float) for _ in range(3))
    halved[12:] = dice.poisson(30, 12)
    bulk[10] = 600
    rate = [np.full(24, each.mean()) for each in (steady, halved, bulk)]
    assert abs(level_now(steady, rate[0])[0]) < 0.12
    assert np.exp(level_now(halved, rate[1])[0]) * rate[1][0] == pytest.approx(30, rel=0.2)
    assert np.exp(level_now(bulk, rate[2])[0]) * rate[2][0] == pytest.approx(60, rel=0.35)


def test_too_little_history_is_not_levelled() -> None:
    assert age_rates(_simple([0.0] * 8, [5.0] * 8, [1] * 4 + [2] * 4), 100.0) is None
    assert age_rates(_simple([0.0] * 40, [5.0] * 40, [1] * 40), 100.0) is None  # nobody records losses


class _Quarter:
    """A past quarter of which only the sums count."""

    def __init__(self, said: float, came: int) -> None:
        self._said, self.won = np.full(100, said / 100), np.arange(100) < came

    def said(self, order: Order, level: float) -> Floats:
        assert order == Order()
        return np.asarray(self._said * np.exp(level))


def _level(*quarters: tuple[float, int]) -> float:
    return learn_level(cast("list[PastQuarter]", [_Quarter(*each) for each in quarters]), Order())[0]


def test_a_forecast_that_was_always_far_off_is_corrected_and_luck_is_not() -> None:
    """Ten times too much in each of three quarters is no luck; up and down, or a few wins, or one quarter alone, may be."""
    assert np.exp(_level((60, 6), (80, 8), (70, 7))) == pytest.approx(0.1, rel=0.35)
    assert np.exp(_level((20, 40), (22, 44), (25, 50))) == pytest.approx(2, rel=0.25)
    assert abs(_level((40, 60), (40, 27), (40, 62), (40, 25))) < 0.1
    assert abs(_level((4, 6), (4, 5))) < 0.1
    assert abs(_level((30, 10))) < 0.1
    assert abs(_level((50, 52), (50, 49), (50, 53))) < 0.05
