"""The forecast by quarter and scenario: deals when they are expected to be won, and what does not exist yet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.forecast.cohorts import unseen
from revops_xl.model.forecast import Cohorts, Scenario, ScoredDeals
from revops_xl.model.money import Floats, to_cents


def won_in(scored: ScoredDeals, scenario: Scenario, rest: float, quarters: int) -> Floats:
    """Chance of each deal to be won in each quarter of a scenario, deals x quarters.

    Args:
        scored: Open deals.
        scenario: The scenario.
        rest: What is left of the running quarter, as a part of it.
        quarters: How many, the running one included.
    """
    known = np.nan_to_num(scored.probability)
    raised = np.divide(scenario.chance(known), known, out=np.zeros_like(known), where=known > 0)
    parts = scenario.in_time(rest, quarters)
    timed = np.zeros((len(scored), quarters))
    for q in range(quarters):
        for j in np.flatnonzero(parts[q]).tolist():
            timed[:, q] += parts[q, j] * scored.won_in[:, j]
    return timed * raised[:, None]


def by_quarter(
    scored: ScoredDeals, cohorts: Cohorts, scenarios: Sequence[Scenario], quarters: int, rest: float
) -> tuple[Floats, Floats]:
    """Revenue from deals and from the unseen pipeline, scenarios x quarters, to the cent.

    Args:
        scored: Open deals.
        cohorts: Unseen pipeline.
        scenarios: Scenarios.
        quarters: How many, the running one included.
        rest: What is left of the running quarter, as a part of it.
    """
    deals = np.zeros((len(scenarios), quarters))
    plain = unseen(cohorts, quarters)
    for s, scenario in enumerate(scenarios):
        value = np.nan_to_num(scored.basis(scenario.basis))
        deals[s] = to_cents(won_in(scored, scenario, rest, quarters) * value[:, None]).sum(axis=0)
    later = np.array([to_cents(plain * scenario.unseen) for scenario in scenarios]).reshape(deals.shape)
    return to_cents(deals), later
