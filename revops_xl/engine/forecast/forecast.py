"""The whole forecast of a plan: scored deals, scenarios, intervals, and sums along the org."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.forecast.scenarios import by_quarter
from revops_xl.engine.forecast.simulation import simulate
from revops_xl.engine.forecast.timing import rest_of_quarter
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import YEAR_QUARTERS, Cohorts, ForecastRules, RevenueForecast, Scenario
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
    rest, first = rest_of_quarter(as_of, deals.calendar), deals.calendar.quarter_at(as_of)
    year = 4 - first % 4 if rules.this_fiscal_year else YEAR_QUARTERS
    from_deals, unseen = by_quarter(worth.scored, cohorts, scenarios, rules.quarters, rest)
    scored = worth.scored
    region = Coded(deals.region.codes[scored.row], deals.region.names)
    account = Coded(deals.account.codes[scored.row], deals.account.names)
    found = simulate(
        scored, region, account, unseen, scenarios, rules, worth.correlation, rest=rest, year_quarters=year
    )
    before = (
        _won_since(deals, deals.calendar.quarter_start(first - first % 4), as_of) if rules.this_fiscal_year else 0.0
    )
    return RevenueForecast(
        first=first,
        scenarios=tuple(scenarios),
        deals=from_deals,
        unseen=unseen,
        total=np.asarray(np.round(from_deals + unseen, 2)),
        low=found.low,
        high=found.high,
        so_far_low=found.so_far_low,
        so_far_high=found.so_far_high,
        rest=rest,
        year_low=np.asarray(np.round(before + found.year_low, 2)),
        year_high=np.asarray(np.round(before + found.year_high, 2)),
        exceeded=np.asarray(np.round(before + found.exceeded, 2)),
        calendar=deals.calendar,
        year_quarters=min(year, rules.quarters),
        fiscal_year=rules.this_fiscal_year,
        won_before=before,
    )


def _won_since(deals: Deals, start: float, as_of: float) -> float:
    """What was won from a day on, up to that of the forecast."""
    mine = deals.is_won & (deals.close >= start) & (deals.close <= as_of)
    return float(np.round(np.nansum(deals.won_amount[mine]), 2))


def last_day(deals: Deals) -> float:
    """The last day on which a deal was created or closed: the day of the forecast if none is set; NaN without any."""
    days = np.concatenate([deals.created, deals.close[deals.is_closed]])
    return float(np.nanmax(days)) if (~np.isnan(days)).any() else float("nan")
