"""The revenue forecast of a plan, as the result tables show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.deal_model import Effect, ModelSummary, Report
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import Cohorts, Correlation, ForecastRules, NodeForecast, RevenueForecast, ScoredDeals
from revops_xl.model.money import Floats


@dataclass(frozen=True)
class CohortEstimates:
    """What past deals say about cohorts; arrays with one entry per cohort, NaN where not known.

    Attributes:
        names: Cohorts.
        quarters: Whole quarters looked at.
        created: Deals created a quarter, at the end of them by the trend.
        conversion: Part of new deals that is won, by rates of winning and losing at each age; open deals are not failed ones.
        won_value: Mean of what a won deal brought; what mega deals brought beyond the fence is spread over all cohorts.
        lag: Median quarters from creation to winning.
        baseline: created x conversion x won_value.
        growth: Growth of the created deals a quarter, drawn to 0 as far as it may be chance.
        wins: Won deals that this hangs on.
    """

    names: tuple[str, ...]
    quarters: int
    created: Floats
    conversion: Floats
    won_value: Floats
    lag: Floats
    baseline: Floats
    growth: Floats
    wins: Floats


@dataclass(frozen=True)
class Valuation:
    """What the open deals are worth, by what was learned from the closed ones.

    Attributes:
        model: What was learned; None: too little to learn from, so the reps are believed.
        report: How well it did on held-out deals; None: not tried.
        scored: Open deals.
        effects: What drives the model, the strongest first.
        correlation: How outcomes hang together.
    """

    model: ModelSummary | None
    report: Report | None
    scored: ScoredDeals
    effects: tuple[Effect, ...]
    correlation: Correlation


@dataclass(frozen=True)
class Revenue:
    """Everything the forecast says.

    Attributes:
        deals: All deals, with what their accounts use.
        as_of: The day of the forecast, in days since 1970.
        model: What was learned; None: too little to learn from, so the reps are believed.
        report: How well it did on held-out deals; None: not tried.
        scored: Open deals.
        effects: What drives the model, the strongest first.
        forecast: Revenue by scenario and quarter.
        nodes: Sums along the org; None without an org.
        estimates: What past deals say about cohorts; None: too little.
        rules: How it was made.
        cohorts: Unseen pipeline.
    """

    deals: Deals
    as_of: float
    model: ModelSummary | None
    report: Report | None
    scored: ScoredDeals
    effects: tuple[Effect, ...]
    forecast: RevenueForecast
    nodes: NodeForecast | None
    estimates: CohortEstimates | None
    rules: ForecastRules
    cohorts: Cohorts

    @property
    def won_already(self) -> float:
        """What was won in the running quarter, up to the day of the forecast."""
        mine = self.deals.is_won & (self.deals.calendar.quarter_of(self.deals.close) == self.forecast.first)
        return float(np.round(np.nansum(self.deals.won_amount[mine]), 2))
