"""The baseline: seasons and outliers of known truth, another implementation, and honest intervals."""

from __future__ import annotations

import numpy as np
import pytest

from revops_xl.engine.planning.baseline.baseline import baseline, periods_ahead, phase_shares, target_range
from revops_xl.engine.planning.baseline.intervals import ErrorModel, error_model, sum_error
from revops_xl.engine.planning.baseline.outliers import find_outliers
from revops_xl.engine.planning.baseline.seasons import find_season
from revops_xl.engine.planning.baseline.trials import smape
from revops_xl.model.bookings import BaselineRules, Bookings, OutlierKind
from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod

RULES = BaselineRules()
FACTORS = np.array([0.85, 1.0, 0.9, 1.25])


def quarters(years: int, *, growth: float = 0.1, noise: float = 0.02, seed: int = 0, season: Floats = FACTORS) -> Floats:  # fmt: skip
    dice = np.random.default_rng(seed)
    t = np.arange(years * len(season))
    return np.asarray(1000 * (1 + growth) ** (t / len(season)) * np.tile(season, years) * np.exp(dice.normal(0, noise, len(t))))  # fmt: skip


def test_factors_of_a_known_season() -> None:
    found = baseline(Bookings(quarters(6), 4, 4 * 2021), 4, RULES)
    assert found.factors == pytest.approx(FACTORS, abs=0.02)
    assert found.factors.mean() == pytest.approx(1)
    assert found.growth == pytest.approx(0.1, abs=0.04)
    truth = 1000 * 1.1 ** (np.arange(24, 28) / 4) * FACTORS
    assert found.forecast == pytest.approx(truth, rel=0.06)


def classical(values: Floats) -> Floats:
    """Seasonal factors as statsmodels has them."""
    from statsmodels.tsa.seasonal import seasonal_decompose

    return np.asarray(seasonal_decompose(values, model="multiplicative", period=4).seasonal[:4])


def test_factors_against_statsmodels() -> None:
    """Without noise the classical factors of statsmodels are ours: nothing is drawn to 1."""
    values = quarters(7, noise=0.0, growth=0.06)
    theirs = classical(values)
    assert find_season(values, 4, 0).factors == pytest.approx(theirs, rel=1e-6)


def test_the_part_of_the_year_counts_from_the_first_period() -> None:
    """The same series from the third quarter on has the same factors for the same quarters."""
    values = quarters(6, noise=0.0)
    assert find_season(values[2:], 4, 2).factors == pytest.approx(find_season(values, 4, 0).factors, abs=1e-3)
    monthly = np.linspace(0.7, 1.3, 12)
    found = baseline(Bookings(quarters(4, season=monthly, noise=0.0, growth=0.0)[5:], 12, 12 * 2023 + 5), 12, RULES)
    assert found.factors == pytest.approx(monthly, abs=1e-6)
    assert found.bookings.name(0) == "2023-06"


def test_noise_is_not_a_season() -> None:
    """White noise over three years: the classical factors stray, ours are drawn to 1."""
    ours, plain = [], []
    for seed in range(40):
        values = quarters(3, season=np.ones(4), noise=0.1, growth=0.0, seed=seed)
        ours.append(np.abs(find_season(values, 4, 0).factors - 1).mean())
        plain.append(np.abs(classical(values) - 1).mean())  # fmt: skip
    assert np.mean(ours) < 0.85 * np.mean(plain)


def test_one_offs_and_shifts_are_told_apart() -> None:
    spiked = quarters(6, noise=0.02)
    spiked[9] *= 1.6
    found = find_outliers(spiked, 4)
    assert [(each.position, each.kind) for each in found] == [(9, OutlierKind.ONE_OFF)]
    assert found[0].deviation == pytest.approx(0.6, abs=0.12)
    assert found[0].expected == pytest.approx(spiked[9] / 1.6, rel=0.08)
    stepped = quarters(6, noise=0.02, growth=0.03)
    stepped[12:] *= 1.5
    kinds = [(each.position, each.kind) for each in find_outliers(stepped, 4)]
    assert kinds == [(12, OutlierKind.SHIFT)]
    assert find_outliers(stepped, 4)[0].deviation == pytest.approx(0.5, abs=0.12)


def test_ordinary_series_are_seldom_flagged() -> None:
    flagged = sum(bool(find_outliers(quarters(years, noise=0.06, seed=seed), 4)) for years in (3, 5, 8) for seed in range(25))  # fmt: skip
    assert flagged <= 6


def test_a_one_off_is_no_season_and_can_be_replaced() -> None:
    values = quarters(5, noise=0.01)
    values[6] *= 1.8
    kept = baseline(Bookings(values, 4, 8080), 4, RULES)
    assert kept.factors == pytest.approx(FACTORS, abs=0.03)
    assert kept.used.tolist() == values.tolist()
    replaced = baseline(Bookings(values, 4, 8080), 4, BaselineRules(replace_one_offs=True))
    assert replaced.used[6] == pytest.approx(values[6] / 1.8, rel=0.06)
    assert replaced.spread < kept.spread


def test_smape_by_hand() -> None:
    assert smape(np.array([100.0, 200.0]), np.array([110.0, 160.0])) == pytest.approx((20 / 210 + 80 / 360) / 2)


def test_the_error_of_a_sum_by_simulation() -> None:
    """Surprises of which a part stays: the closed form against 200,000 drawn paths."""
    model = ErrorModel(0.05, 0.6, 10)
    forecast = np.array([100.0, 140, 90, 120])
    dice = np.random.default_rng(1)
    surprise = dice.normal(0, 0.05, (200_000, 4))
    error = surprise + 0.6 * (np.cumsum(surprise, axis=1) - surprise)
    assert np.cov(error.T) == pytest.approx(model.covariance(4), rel=0.05, abs=3e-5)
    assert (error @ forecast).std() == pytest.approx(sum_error(forecast, model), rel=0.02)


def test_spread_and_persistence_are_found_again() -> None:
    dice = np.random.default_rng(2)
    surprise = dice.normal(0, 0.06, (2000, 4))
    error = surprise + 0.5 * (np.cumsum(surprise, axis=1) - surprise)
    found = error_model(error)
    assert found.spread == pytest.approx(0.06, rel=0.06)
    assert found.persistence == pytest.approx(0.5, abs=0.1)


@pytest.mark.deep
def test_ranges_hold_as_often_as_they_say() -> None:
    """Companies of known truth: the year lies in its 80 % range about as often, and chances are as frequent as they say."""
    inside, chances, reached = [], [], []
    for seed in range(40):
        dice = np.random.default_rng(seed)
        level = np.exp(np.cumsum(dice.normal(0.02, 0.03, 24)))
        series = 1000 * level * np.tile(FACTORS, 6) * np.exp(dice.normal(0, 0.04, 24))
        found = baseline(Bookings(series[:20], 4, 4 * 2022), 4, RULES)
        target = float(series[16:20].sum()) * dice.uniform(0.95, 1.25)
        spoken = target_range(found, PlanPeriod(2027 * 12, 12), target, 0.8)
        truth = float(series[20:].sum())
        inside.append(spoken.low <= truth <= spoken.high)
        chances.append(spoken.chance)
        reached.append(truth >= target)
    assert 0.7 <= np.mean(inside) <= 0.97
    assert abs(np.mean(chances) - np.mean(reached)) < 0.12
    assert np.corrcoef(chances, reached)[0, 1] > 0.4


def test_booked_periods_of_the_plan_count_as_they_are() -> None:
    """A plan that has begun: two quarters booked, two forecast."""
    found = baseline(Bookings(quarters(5, noise=0.0, growth=0.0)[:18], 4, 4 * 2023), 2, RULES)
    spoken = target_range(found, PlanPeriod(2027 * 12, 12), 4000, 0.8)
    assert spoken.booked == pytest.approx(1850, abs=0.01)
    assert spoken.expected == pytest.approx(4000, rel=0.001)
    assert spoken.complete
    assert spoken.last == pytest.approx(4000, abs=0.01)
    assert target_range(found, PlanPeriod(2027 * 12, 12), 1800, 0.8).chance == 1
    assert periods_ahead(found.bookings, PlanPeriod(2027 * 12, 12)) == 2


def test_the_chance_by_hand() -> None:
    """Half at what is expected, a tenth above an 80 % range, and a tenth below."""
    found = baseline(Bookings(quarters(6), 4, 8000), 4, RULES)
    period = PlanPeriod((8000 + 24) // 4 * 12, 12)
    middle = target_range(found, period, float(found.forecast.sum()), 0.8)
    assert middle.chance == pytest.approx(0.5)
    assert target_range(found, period, middle.high, 0.8).chance == pytest.approx(0.1, abs=1e-4)
    assert target_range(found, period, middle.low, 0.8).chance == pytest.approx(0.9, abs=1e-4)


def test_shares_of_quarters_and_months() -> None:
    found = baseline(Bookings(quarters(6, noise=0.0, growth=0.0), 4, 4 * 2021), 4, RULES)
    year, half = PlanPeriod(2027 * 12, 12), PlanPeriod(2027 * 12 + 3, 6)
    assert phase_shares(found, year, monthly=False) == pytest.approx(FACTORS / 4)
    assert phase_shares(found, year, monthly=True)[:4] == pytest.approx(np.array([0.85, 0.85, 0.85, 1.0]) / 12)
    assert phase_shares(found, half, monthly=False) == pytest.approx(np.array([1.0, 0.9]) / 1.9)


@pytest.mark.parametrize("values", [np.array([0.0, 5, 0, 9] * 3), np.array([-5.0, 20, 30, 40] * 3), np.full(12, 7.0)])
def test_zeros_refunds_and_flat_lines_give_numbers(values: Floats) -> None:
    found = baseline(Bookings(values, 4, 8000), 4, RULES)
    assert np.isfinite(found.forecast).all()
    assert (found.low <= found.forecast + 0.01).all()
    assert (found.high >= found.forecast - 0.01).all()
    assert phase_shares(found, PlanPeriod(2006 * 12, 12), monthly=False).sum() == pytest.approx(1)


def test_two_years_are_enough_and_said_to_be_few() -> None:
    found = baseline(Bookings(quarters(2), 4, 8000), 4, RULES)
    assert found.trials == ()
    assert found.forecast == pytest.approx(1000 * 1.1 ** (np.arange(8, 12) / 4) * FACTORS, rel=0.15)
    assert (found.high > found.low).all()


def test_sums_of_the_year_so_far_are_told_from_seasons() -> None:
    """Series of every kind, and the same summed up within calendar or fiscal years: only the sums are called so."""
    for seed in range(60):
        dice = np.random.default_rng(seed)
        season = int(dice.choice([4, 12]))
        shape = np.sort(dice.uniform(0.6, 1.6, season)) if seed % 3 else dice.uniform(0.6, 1.6, season)
        years = int(dice.integers(3, 6))
        plain = quarters(years, growth=float(dice.uniform(-0.1, 0.5)), noise=0.1, seed=seed, season=shape)
        start = int(dice.integers(season))
        summed = np.concatenate([np.cumsum(part) for part in np.split(plain, range(start, len(plain), season))])
        assert not Bookings(plain, season, 0).cumulative
        assert Bookings(summed, season, 0).cumulative == enough(plain, start, season), seed


def enough(plain: Floats, start: int, season: int) -> bool:
    """Whether no period brought less than two fifths of the first of its year, in two whole years or more."""
    years = [plain[i : i + season] for i in range(start, len(plain) - season + 1, season)]
    return len(years) > 1 and all((year[1:] >= 0.4 * year[0]).all() for year in years)
