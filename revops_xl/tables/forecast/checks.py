"""Checks of the revenue forecast: what must add up, and how far it can be trusted."""

from __future__ import annotations

import numpy as np

from revops_xl.model.forecast import SCENARIOS, ValueBasis
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import DealInputs
from revops_xl.model.revenue import Revenue
from revops_xl.tables.forecast.deal_checks import deal_checks
from revops_xl.tables.forecast.forecast import OUTSIDE
from revops_xl.tables.forecast.scored_deals import CHANCES
from revops_xl.tables.schema.check import NOTE, WARNING, Check, clean, named, zero
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, all_distinct_criteria, matches_itself

#: Won deals from which a cohort's estimate is no luck.
FEW_WINS = 10
#: Amounts are in cents, and a spreadsheet keeps 15 digits of them.
CENT_TOLERANCE, DIGITS = 0.005, 1e-14
#: A planned cohort that is so many times what past deals suggest deserves a look.
FAR_ABOVE = 1.5


def forecast_checks(outcome: Outcome) -> list[Check]:
    """What must hold of the forecast, and what deserves a look; nothing without one."""
    found, inputs = outcome.revenue, outcome.plan.deals
    if found is None:
        return _nothing(inputs)
    return [
        *_adds_up(outcome, found),
        *deal_checks(found, inputs),
        *_assumptions(outcome, found),
    ]


def _nothing(inputs: DealInputs | None) -> list[Check]:
    """Deals from which no forecast comes."""
    if inputs is None or not len(inputs.deals):
        return []
    if not inputs.deals.is_open.any():
        count = len(inputs.deals)
        advice = "All deals are closed: there is no pipeline to forecast. They count as history."
        return [Check("No open deals", NOTE, count, None, inputs.sheet, advice)]
    advice = (
        "No deal has a day on which it was created, and none is closed on a day, so there is no day to forecast from. "
        "Fill in Created, or the setting As of."
    )
    return [Check("Open deals without a forecast", WARNING, int(inputs.deals.is_open.sum()), None, "Deals", advice)]


def _adds_up(outcome: Outcome, revenue: Revenue) -> list[Check]:
    """Sums against the rows they are made of."""
    result, scored = revenue.forecast, revenue.scored
    tree, nodes = outcome.quotas.inputs.tree, revenue.nodes
    checks = [
        zero(
            "Forecast is deals and unseen pipeline",
            "ROUND(SUMPRODUCT(ABS(Forecast[Total]-Forecast[Deals]-Forecast[Unseen])),6)",
            clean(float(np.abs(result.total - result.deals - result.unseen).sum())),
            max(CENT_TOLERANCE, DIGITS * float(result.total.sum())),
            f"Forecast: {result.total.size:,} rows",
            "Sum of the differences between a total and its parts.",
        )
    ]
    at_run = round(float((result.total * np.arange(1, result.total.shape[1] + 1)).sum()), 2)
    checks.append(
        zero(
            "Low, High and Exceeded belong to the forecast",
            f"ROUND(SUMPRODUCT(Forecast[Total]*(1+Forecast[Quarters ahead]))-{at_run!r},2)",
            0.0,
            CENT_TOLERANCE,
            "Forecast, Budget",
            "An assumption was changed since the run: totals follow, what was simulated does not, nor does RiskAllocation. Run again.",
            WARNING,
        )
    )
    base = result.scenarios[result.baseline]
    plain = base.conversion == 1 and base.basis is ValueBasis.MEAN and base.delay == 0
    live = (
        len(scored) <= LIVE_CHECK_ROWS
        and matches_itself(base.name)
        and all_distinct_criteria(s.name for s in result.scenarios)
    )
    if plain and len(scored):
        inside = scored.value_in(0, revenue.rules.quarters).sum()
        chances = CHANCES[: revenue.rules.quarters]
        ahead = "+".join(f"SUMPRODUCT(ROUND(ScoredDeals[{name}]*ScoredDeals[Value if won],2))" for name in chances)
        live = live and len(chances) == revenue.rules.quarters
        checks.append(
            zero(
                f"Deals of the {base.name} are the scored deals",
                f'ROUND({ahead}-SUMIFS(Forecast[Deals],Forecast[Scenario],"{base.name}"),2)' if live else None,
                clean(float(inside - result.deals[result.baseline].sum())),
                CENT_TOLERANCE,
                "ScoredDeals, Forecast",
                "A deal or a scenario was changed since the run. Run again.",
                WARNING,
            )
        )
    if nodes is not None and len(nodes.node):
        top = np.isin(nodes.node, [0, -1])
        few = len(nodes.node) <= LIVE_CHECK_ROWS and len(scored) <= LIVE_CHECK_ROWS
        tops = "+".join(f'SUMIFS(RiskAllocation[{{0}}],RiskAllocation[Level],"{level}")' for level in (tree.levels[0],))
        outside = 'SUMIFS(RiskAllocation[{0}],RiskAllocation[Node],"(not in Hierarchy)")'
        column = "Model expected value"
        checks.append(
            zero(
                "Model values add up along the org",
                f"ROUND({tops.format(column)}+{outside.format(column)}-SUM(ScoredDeals[{column}]),2)"
                if few and matches_itself(tree.levels[0]) and len(scored) and not tree.find(OUTSIDE)
                else None,
                clean(float(nodes.model_value[top].sum() - scored.model_value.sum())),
                CENT_TOLERANCE,
                f"RiskAllocation: {len(nodes.node):,} nodes",
                "The top node and reps outside the org against the scored deals: if a deal was changed since the run, run again.",
                WARNING,
            )
        )
    return checks


def _assumptions(outcome: Outcome, revenue: Revenue) -> list[Check]:
    """What the forecast takes for granted."""
    checks = []
    rules, day = revenue.rules, to_date(revenue.as_of)
    left = revenue.forecast.calendar.quarter_start(revenue.forecast.first + 1) - revenue.as_of
    if rules.as_of is None:
        advice = (
            "The last day on which a deal was created or closed. Fill in the setting As of to look from another day."
        )
        checks.append(Check("As of is blank", NOTE, None, None, f"taken: {day}", advice))
    if not len(revenue.cohorts.names):
        advice = "Cohorts has no rows, so only deals that exist are forecast. CohortEstimates on the sheet Forecast suggests some."
        checks.append(Check("No unseen pipeline", NOTE, None, None, "Cohorts", advice))
    elif left < 75:
        advice = f"{left:.0f} days of {revenue.forecast.quarter_names[0]} are left after {day}; unseen pipeline counts in full in it unless Cohorts has a lag."
        checks.append(
            Check("The running quarter is under way", NOTE, int(left), None, revenue.forecast.quarter_names[0], advice)
        )
    if not outcome.plan.rows.get("Scenarios"):
        names = ", ".join(scenario.name for scenario in SCENARIOS)
        checks.append(
            Check("Standard scenarios", NOTE, len(SCENARIOS), None, names, "Scenarios has no rows, so these are used.")
        )
    if outcome.machine:
        advice = "Their Machine forecast is blank in Commits, so what the deals say about the running quarter is used: won already, and due."
        checks.append(
            Check(
                "Machine forecasts from the deals",
                NOTE,
                len(outcome.machine),
                None,
                named(sorted(outcome.machine)),
                advice,
            )
        )
    return checks + _few_wins(revenue) + _far_above(revenue)


def _few_wins(revenue: Revenue) -> list[Check]:
    """Estimates that hang on a handful of deals."""
    estimates = revenue.estimates
    if estimates is None:
        return []
    few = [name for name, wins in zip(estimates.names, estimates.wins.tolist(), strict=True) if wins < FEW_WINS]
    if not few:
        return []
    advice = f"Fewer than {FEW_WINS} won deals: what CohortEstimates suggests for these cohorts may be luck."
    return [Check("Cohort estimates that hang on few wins", NOTE, len(few), None, named(few), advice)]


def _far_above(revenue: Revenue) -> list[Check]:
    """Cohorts that are planned far above what past deals suggest."""
    estimates = revenue.estimates
    if estimates is None:
        return []
    suggested = {name.casefold(): float(value) for name, value in zip(estimates.names, estimates.baseline, strict=True)}
    high = [
        f"{name}: {planned:,.0f} against {suggested[name.casefold()]:,.0f}"
        for name, planned in zip(revenue.cohorts.names, revenue.cohorts.baseline.tolist(), strict=True)
        if planned > FAR_ABOVE * suggested.get(name.casefold(), np.inf)
    ]
    if not high:
        return []
    advice = "The Baseline of the cohort is more than half above what past deals suggest (CohortEstimates)."
    return [Check("Cohorts planned far above the past", WARNING, len(high), None, named(high), advice)]
