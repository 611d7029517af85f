"""The whole forecast of a plan: scored deals, scenarios, intervals, and sums along the org."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.forecast.scenarios import by_quarter
from revops_xl.engine.forecast.simulation import simulate
from revops_xl.engine.forecast.timing import rest_of_quarter
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import Cohorts, ForecastRules, RevenueForecast, Scenario
from revops_xl.model.revenue import Valuation


def forecast(
    worth: Valuation,
    deals: Deals,
    cohorts: Cohorts,
    scenarios: Sequence[Scenario],
    rules: ForecastRules,
    as_of: float,
) -> RevenueForecast:
    """Revenue by scenario and quarter, with intervals.

    Args:
        worth: What the open deals are worth.
        deals: All deals.
        cohorts: Unseen pipeline.
        scenarios: Scenarios.
        rules: Quarters, runs and confidences.
        as_of: The day of the forecast.
    """
    rest = rest_of_quarter(as_of, deals.calendar)
    from_deals, unseen = by_quarter(worth.scored, cohorts, scenarios, rules.quarters, rest)
    scored = worth.scored
    region = Coded(deals.region.codes[scored.row], deals.region.names)
    account = Coded(deals.account.codes[scored.row], deals.account.names)
    found = simulate(scored, region, account, unseen, scenarios, rules, worth.correlation, rest=rest)
    return RevenueForecast(
        first=deals.calendar.quarter_at(as_of),
        scenarios=tuple(scenarios),
        deals=from_deals,
        unseen=unseen,
        total=np.asarray(np.round(from_deals + unseen, 2)),
        low=found.low,
        high=found.high,
        so_far_low=found.so_far_low,
        so_far_high=found.so_far_high,
        rest=rest,
        year_low=found.year_low,
        year_high=found.year_high,
        exceeded=found.exceeded,
        calendar=deals.calendar,
    )


def last_day(deals: Deals) -> float:
    """The last day on which a deal was created or closed: the day of the forecast if none is set; NaN without any."""
    days = np.concatenate([deals.created, deals.close[deals.is_closed]])
    return float(np.nanmax(days)) if (~np.isnan(days)).any() else float("nan")
