"""The forecast by quarter and scenario: deals where they are expected to close, and what does not exist yet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.forecast.cohorts import unseen
from revops_xl.model.deals import Ints
from revops_xl.model.forecast import Cohorts, Scenario, ScoredDeals
from revops_xl.model.money import Floats, to_cents


def won_chance(probability: Floats, scenario: Scenario) -> Floats:
    """Probability in a scenario: times its factor, at most 1; 0 where nothing is known."""
    return np.minimum(np.nan_to_num(probability) * scenario.conversion, 1.0)


def quarter_of(quarter: Ints, scenario: Scenario, quarters: int) -> Ints:
    """Quarter in a scenario; -1 beyond the forecast."""
    later = quarter + scenario.delay
    return np.where(later < quarters, later, -1)


def deal_value(scored: ScoredDeals, scenario: Scenario) -> Floats:
    """What each deal adds in a scenario, to the cent."""
    return to_cents(won_chance(scored.probability, scenario) * np.nan_to_num(scored.basis(scenario.basis)))


def by_quarter(
    scored: ScoredDeals, cohorts: Cohorts, scenarios: Sequence[Scenario], quarters: int
) -> tuple[Floats, Floats]:
    """Revenue from deals and from the unseen pipeline, scenarios x quarters, to the cent."""
    deals = np.zeros((len(scenarios), quarters))
    plain = unseen(cohorts, quarters)
    for s, scenario in enumerate(scenarios):
        place = quarter_of(scored.quarter, scenario, quarters)
        inside = place >= 0
        deals[s] = np.bincount(place[inside], weights=deal_value(scored, scenario)[inside], minlength=quarters)
    later = np.array([to_cents(plain * scenario.unseen) for scenario in scenarios]).reshape(deals.shape)
    return to_cents(deals), later
