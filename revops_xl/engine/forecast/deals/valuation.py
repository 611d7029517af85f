"""From deals to what the open ones are worth: fit, score, judge."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.common.threads import one_thread
from revops_xl.engine.forecast.deals.correlation import correlation, correlation_of
from revops_xl.engine.forecast.deals.fit import Keep, afresh, fit_deals
from revops_xl.engine.forecast.deals.model import FittedDealModel
from revops_xl.engine.forecast.deals.report import report
from revops_xl.engine.forecast.deals.scores import score
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import Correlation, ForecastRules
from revops_xl.model.revenue import Valuation


def value_deals(deals: Deals, rules: ForecastRules, as_of: float, keep: Keep = afresh) -> Valuation:
    """Learn from the closed deals, and value the open ones.

    Args:
        deals: Open and closed deals.
        rules: Spread of amounts.
        as_of: The day they are looked at.
        keep: Keeps trials of past days.
    """
    return valued(fit_deals(deals, as_of, keep), deals, rules, as_of)


def valued(model: FittedDealModel | None, deals: Deals, rules: ForecastRules, as_of: float) -> Valuation:
    """Value the open deals by a model; None: by the reps."""
    if model is None:
        return Valuation(None, None, score(model, deals, rules, as_of)[0], (), Correlation())
    with one_thread():
        scored, effects = score(model, deals, rules, as_of)
    ordered = deals.in_order()
    if model.level is not None:
        miss = float(np.hypot(model.miss, model.level.rates.spread))
        together = correlation_of(model.past, ordered, miss, scored.probability, scored.value)
    else:
        together = correlation(model.tried, ordered)
    return Valuation(model.summary, report(model, deals), scored, effects, together)
