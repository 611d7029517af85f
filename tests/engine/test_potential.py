"""Potential: territories of known truth."""

from __future__ import annotations

import numpy as np
import pytest

from revops_xl.engine.planning.potential import potential
from revops_xl.model.money import Floats
from revops_xl.model.territories import FEATURES, PotentialModel, Territories


def company(count: int, *, seed: int = 0, noise: float = 0.1, kind: str = "linear") -> tuple[Territories, Floats]:
    """Territories and what they are truly worth."""
    dice = np.random.default_rng(seed)
    market = np.exp(dice.normal(16, 0.5, count))
    accounts = np.round(market / 1e5 * np.exp(dice.normal(0, 0.3, count)))
    competition, tenure, growth = (
        dice.uniform(1, 8, count),
        dice.uniform(1, 60, count),
        dice.uniform(-0.05, 0.15, count),
    )
    truth = 4e5 + 0.08 * market - 6e4 * competition + 1e4 * tenure
    if kind == "steps":
        truth = np.where(competition > 4, 0.4, 1.0) * np.where(tenure < 15, 0.5, 1.0) * 2e6 + 0.02 * market
    if kind == "history":
        truth = np.exp(dice.normal(14, 0.5, count))
    truth = np.maximum(truth, 5e4)
    history = truth * np.exp(dice.normal(0, 0.05 if kind == "history" else 0.6, count))
    features = np.column_stack([history, market, accounts, competition, tenure, growth])
    blank = np.full(count, np.nan)
    actual = truth * np.exp(dice.normal(0, noise, count))
    names = tuple(f"T{i:03d}" for i in range(count))
    return Territories(names, features, actual, blank, blank, blank, blank, np.ones(count)), truth


@pytest.mark.parametrize(("kind", "allowed"), [("linear", {"linear", "linear in logarithms"}), ("steps", {"forest"}), ("history", {"history × mean ratio"})])  # fmt: skip
def test_the_kind_of_truth_is_found(kind: str, allowed: set[str]) -> None:
    places, truth = company(150, kind=kind, seed=4)
    found = potential(places, 0.8, 1)
    assert str(found.model) in allowed
    assert [trial.model for trial in found.trials if trial.chosen] == [found.model]
    error = float(np.sqrt(np.mean((found.value - truth) ** 2)))
    assert error < 0.5 * truth.std()


def test_importance_and_direction_of_what_drives() -> None:
    found = potential(company(200)[0], 0.8, 1)
    effects = {each.name: each for each in found.effects}
    assert set(effects) == set(FEATURES)
    assert effects["Market size"].direction == "more"
    assert effects["Competition density"].direction == "less"
    assert effects["Rep tenure"].direction == "more"
    assert effects["Competition density"].effect == pytest.approx(-6e4 * 3.5, rel=0.4)  # quartiles 2.75 and 6.25
    assert effects["Market size"].importance > effects["Industry growth"].importance
    assert effects["Industry growth"].importance < 0.02


@pytest.mark.deep
def test_intervals_hold_for_territories_that_were_not_seen() -> None:
    inside = []
    for seed in range(6):
        places, _ = company(100, seed=seed, noise=0.15)
        hidden = np.arange(100) >= 80
        known = Territories(**{**places.__dict__, "actual": np.where(hidden, np.nan, places.actual)})
        found = potential(known, 0.8, 1)
        assert found.learned_from == 80
        inside.append(((found.low <= places.actual) & (places.actual <= found.high))[hidden].mean())
    assert 0.7 <= np.mean(inside) <= 0.9


def test_few_territories_step_down_and_say_so() -> None:
    found = potential(company(11)[0], 0.8, 1)
    assert found.model is PotentialModel.HISTORY
    assert found.reason == "11 territories with a known achievement; a model needs 12"
    assert found.value.tolist() == found.territories.history.tolist()
    assert np.isnan(found.low).all()
    some = potential(company(20)[0], 0.8, 1)
    assert PotentialModel.FOREST not in [trial.model for trial in some.trials]
    assert some.reason == "20 territories; a forest needs 30"


def test_blank_cells_count_as_the_median_and_nothing_known_is_blank() -> None:
    places, _ = company(60)
    features = places.features.copy()
    features[3, 1] = np.nan
    features[5] = np.nan
    found = potential(Territories(**{**places.__dict__, "features": features}), 0.8, 1)
    assert found.filled_in == 7
    assert np.isnan(found.value[5])
    assert np.isfinite(found.value[3])


def test_same_seed_same_potential() -> None:
    places, _ = company(60, kind="steps")
    assert potential(places, 0.8, 7).value.tolist() == potential(places, 0.8, 7).value.tolist()
