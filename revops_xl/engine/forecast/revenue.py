"""From deals and assumptions to the revenue forecast: value, place, simulate, add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from revops_xl.engine.forecast.budget import by_node, safe_opex
from revops_xl.engine.forecast.cohorts import estimate_cohorts
from revops_xl.engine.forecast.deals.calibration import fence_of
from revops_xl.engine.forecast.deals.telemetry import with_usage
from revops_xl.engine.forecast.deals.valuation import value_deals
from revops_xl.engine.forecast.forecast import forecast, last_day
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals, Usage
from revops_xl.model.forecast import Cohorts, ForecastRules, Scenario
from revops_xl.model.org import OrgTree
from revops_xl.model.revenue import Revenue, Valuation

Value = Callable[[Deals, ForecastRules, float], Valuation]


def revenue(
    deals: Deals,
    usage: Usage | None,
    cohort: Coded,
    cohorts: Cohorts,
    scenarios: Sequence[Scenario],
    rules: ForecastRules,
    *,
    tree: OrgTree | None = None,
    value: Value = value_deals,
) -> Revenue | None:
    """Forecast; None where there is nothing to forecast: no open deal and no cohort, or no day to do it from.

    Args:
        deals: Open and closed deals.
        usage: What accounts use.
        cohort: Cohort of each deal.
        cohorts: Unseen pipeline.
        scenarios: Scenarios.
        rules: How it is made.
        tree: The org, for sums along it.
        value: What values the deals; a store of what was said before can stand in for it.
    """
    as_of = rules.as_of if rules.as_of is not None else last_day(deals)
    if np.isnan(as_of) or not (deals.is_open.any() or len(cohorts.names)):
        return None
    deals = with_usage(deals, usage)
    worth = value(deals, rules, as_of)
    found = forecast(worth, deals, cohorts, scenarios, rules, as_of)
    budget = float(safe_opex(found, rules)[found.baseline]), found.year_quarters
    return Revenue(
        deals,
        as_of,
        worth.model,
        worth.report,
        worth.scored,
        worth.effects,
        found,
        by_node(tree, deals, worth.scored, as_of, budget) if tree is not None else None,
        estimate_cohorts(deals, cohort, as_of, fence_of(deals.won_amount[deals.is_won])),
        rules,
        cohorts,
    )
