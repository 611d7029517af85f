"""Checks of the revenue forecast: what must add up, and how far it can be trusted."""

from __future__ import annotations

import numpy as np

from revops_xl.model.deal_model import Family, ModelSummary, Report, Use
from revops_xl.model.deals import DealStatus, quarter_start
from revops_xl.model.forecast import SCENARIOS, ValueBasis
from revops_xl.model.revenue import Revenue
from revops_xl.tables.check import NOTE, OK, WARNING, Check, clean, named, zero
from revops_xl.tables.days import to_date
from revops_xl.tables.deals import DealInputs
from revops_xl.tables.forecast import OUTSIDE
from revops_xl.tables.outcome import Outcome
from revops_xl.tables.result import LIVE_CHECK_ROWS, all_distinct_criteria, matches_itself

#: Amounts are in cents.
CENT_TOLERANCE = 0.005
#: A hold-out that is off by more deserves a look.
#: A spreadsheet keeps 15 digits.
DIGITS = 1e-14
BIAS_WARNING = 0.15
#: … and so do probabilities that are off by more than this, and by more than this many times what chance explains.
CALIBRATION_LEAST, CALIBRATION_TIMES = 0.03, 2.0
#: Nobody orders deals so well by what is known before the outcome.
TOO_GOOD = 0.97
#: Part of the open deals whose close date may have passed without a warning.
MANY_SLIPPED = 0.2
#: Won deals from which the longest cycle says something.
ENOUGH_CYCLES = 20
#: A planned cohort that is so many times what past deals suggest deserves a look.
FAR_ABOVE = 1.5
#: A deal that is a larger part of the year decides it.
DECISIVE = 0.1


def forecast_checks(outcome: Outcome) -> list[Check]:
    """What must hold of the forecast, and what deserves a look; nothing without one."""
    found, inputs = outcome.revenue, outcome.plan.deals
    if found is None:
        return _nothing(inputs)
    return [
        *_adds_up(outcome, found),
        *_model(found, inputs),
        *_quality(found.report),
        *_deals(found, inputs),
        *_assumptions(outcome, found),
    ]


def _nothing(inputs: DealInputs | None) -> list[Check]:
    """Deals from which no forecast comes."""
    if inputs is None or not inputs.deals.is_open.any():
        return []
    advice = (
        "The deals have no days at all, so there is no day to forecast from. Fill in Created, or the setting As of."
    )
    return [Check("Open deals without a forecast", WARNING, int(inputs.deals.is_open.sum()), None, "Deals", advice)]


def _adds_up(outcome: Outcome, found: Revenue) -> list[Check]:
    """Sums against the rows they are made of."""
    result, scored = found.forecast, found.scored
    tree, nodes = outcome.quotas.inputs.tree, found.nodes
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
    at_run = float(result.total.sum())
    checks.append(
        zero(
            "Low, High and Exceeded belong to the forecast",
            f"ROUND(SUM(Forecast[Total])-{at_run!r},2)",
            0.0,
            CENT_TOLERANCE,
            "Forecast, Budget",
            "An assumption was changed since the run: totals follow, what was simulated does not, nor does RiskAllocation. Run again.",
            WARNING,
        )
    )
    if outcome.plan.outlook.live_scenarios:
        delay = "Scenarios[Delay (quarters)]"
        checks.append(
            zero(
                "Delays are whole quarters",
                f"SUMPRODUCT(ABS({delay}-INT({delay})))",
                0.0,
                0.0,
                "Cohorts",
                "A deal closes in a quarter or in another: write whole quarters.",
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
        inside = scored.model_value[scored.quarter < found.rules.quarters].sum()
        ahead = f'SUMIFS(ScoredDeals[Model expected value],ScoredDeals[Quarters ahead],"<{found.rules.quarters}")'
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


def _model(found: Revenue, inputs: DealInputs | None) -> list[Check]:
    """Which model it is, and what it left out."""
    if inputs is None:
        return []
    deals, model = found.deals, found.model
    closed = deals.is_closed
    where = f"Deals!{inputs.columns.get('Status', '')}"
    if model is None:
        if not len(found.scored):
            return []
        one = closed.any() and (deals.is_won[closed].all() or not deals.is_won[closed].any())
        reason = f"There are {int(closed.sum()):,} closed deals; ten are needed."
        name = "Deals are forecast by the reps' probabilities"
        if one:
            word = "Won" if deals.is_won[closed].all() else "Lost"
            reason = f"All {int(closed.sum()):,} closed deals are {word}: what makes the difference cannot be learned."
        return [
            Check(
                name,
                WARNING,
                int(closed.sum()),
                None,
                where,
                f"{reason} So probabilities and amounts are the reps' own.",
            )
        ]
    checks = [_which(model)]
    leaks = [column for column in model.columns if column.use == Use.LEAK]
    for column in leaks:
        cell = inputs.columns.get(column.name, "")
        checks.append(
            Check(
                "Column left out: it knows the outcome",
                WARNING,
                None,
                None,
                f"Deals!{cell}" if cell else column.name,
                f'"{column.name}": {column.why}.',
            )
        )
    idle = [
        column
        for column in model.columns
        if column.use == Use.USELESS and column.name in inputs.columns and column.why != "blank in every closed deal"
    ]
    checks += [
        Check(
            "Column without information",
            NOTE,
            None,
            None,
            f"Deals!{inputs.columns[column.name]}",
            f'"{column.name}": {column.why}.',
        )
        for column in idle
    ]
    if not deals.has_won_amounts and model.form == "the amount as entered":
        advice = (
            "Deals has no Won amount, so a won deal is expected to bring its Amount; the quartiles are those of the setting "
            "Amount spread. If won deals bring less than their Amount said before, add the column Won amount."
        )
        checks.append(Check("Values are the amounts as entered", NOTE, None, None, "Deals", advice))
    return checks


def _which(model: ModelSummary) -> Check:
    """The model in one row; a step down is said."""
    tried = [standing for standing in model.standings if not standing.why_not]
    advice = f"Learned from {model.closed:,} closed deals, {model.rate:.0%} of them won. The sheet Model report says how well."
    if model.candidate.family == Family.BASE:
        advice += " No other model did clearly better on later deals, so every deal has the same chance, and risk flags say nothing."
        if len(tried) <= 1:
            advice = f"Only {model.closed:,} closed deals: too few for more than an overall win rate."
    status = WARNING if model.candidate.family == Family.BASE else NOTE
    return Check("Deal model", status, model.closed, None, str(model.candidate), advice)


def _quality(report: Report | None) -> list[Check]:
    """How the hold-out went."""
    if report is None:
        return []
    quality, checks = report.model, []
    since = to_date(report.since)
    if not np.isnan(quality.dollar_bias):
        off = abs(quality.dollar_bias)
        advice = (
            f"Deals that closed from {since} on, forecast by what was known before: {quality.predicted:,.0f} against {quality.actual:,.0f}. "
            "Few large deals can do that; Model report shows where."
        )
        status = WARNING if off > BIAS_WARNING else OK
        checks.append(
            Check(
                "Dollars of the hold-out: forecast against actual",
                status,
                round(off, 4),
                BIAS_WARNING,
                "Model report",
                advice,
            )
        )
    limit = max(CALIBRATION_LEAST, CALIBRATION_TIMES * quality.calibration_noise)
    advice = "Mean distance of probabilities and win rates on the hold-out, against what chance alone explains: beyond it, times have changed."
    status, error = WARNING if quality.calibration_error > limit else OK, round(quality.calibration_error, 4)
    checks.append(Check("Probabilities of the hold-out", status, error, round(limit, 4), "Model report", advice))
    if quality.auc > TOO_GOOD:
        advice = "So good that a column must know the outcome, alone or together with others. Look at the strongest in ModelColumns."
        checks.append(
            Check("The model is too good to be true", WARNING, round(quality.auc, 4), TOO_GOOD, "Model report", advice)
        )
    return checks


def _deals(found: Revenue, inputs: DealInputs | None) -> list[Check]:
    """Deals that are forecast in an odd way."""
    if inputs is None:
        return []
    scored, deals = found.scored, found.deals
    ids = deals.ids[scored.row]
    year = found.forecast.year(found.forecast.total)[found.forecast.baseline]
    beyond = scored.quarter >= found.rules.quarters
    passed = scored.moved & ~np.isnan(deals.close[scored.row])
    slipped = WARNING if passed.mean() > MANY_SLIPPED else NOTE
    cycles = (deals.close - deals.created)[deals.is_won]
    longest = float(np.nanmax(cycles)) if (~np.isnan(cycles)).sum() >= ENOUGH_CYCLES else np.inf
    ages = found.as_of - deals.created[scored.row]
    old = ages > longest
    entries = (
        ("Open deals older than any deal that was won", WARNING, old, f"No deal was won after more than {longest:,.0f} days; these are worth {scored.model_value[old].sum():,.2f} in the forecast. Close them, or say why they live."),
        ("Open deals that nobody gives a probability", WARNING, np.isnan(scored.probability), "They are in no sum. Fill in Rep probability."),
        ("Open deals without a value", WARNING, np.isnan(scored.value), "They have no Amount, and there is nothing to learn one from: they count as 0."),
        ("Open deals without an amount", NOTE, ~(deals.amount[scored.row] > 0) & ~np.isnan(scored.value), "Their value is that of like deals that were won."),
        ("Open deals whose close date has passed", slipped, passed, "They are expected as late as won deals of their age have closed. Correct the dates in the CRM."),
        ("Open deals without a close date", NOTE, scored.moved & np.isnan(deals.close[scored.row]), "They are expected when won deals of their age have closed."),
        ("Open deals that close after the forecast", NOTE, beyond, f"{scored.model_value[beyond].sum():,.2f} expected after the last quarter; the setting Forecast quarters reaches further."),
        ("Deals that decide the year", WARNING, scored.model_value > DECISIVE * year if year > 0 else np.zeros(len(scored), dtype=bool), f"Each is expected to bring more than {DECISIVE:.0%} of the year, and will bring all or nothing. Look at Low."),
        ("Mega deals", NOTE, scored.large, "Far larger than the usual deal (above the third quartile by one and a half quartile distances, on a log scale). The simulation wins or loses each at once."),
    )  # fmt: skip
    checks = [
        Check(name, status, int(flags.sum()), None, named([str(each) for each in ids[flags]]), advice)
        for name, status, flags, advice in entries
        if flags.any()
    ]
    if inputs.open_strangers:
        advice = "They are in the forecast, but in no sum along the org but the row (not in Hierarchy). Write the name as in Hierarchy."
        count = sum(inputs.open_strangers.values())
        checks.append(
            Check("Open deals of unknown reps", WARNING, count, None, named(sorted(inputs.open_strangers)), advice)
        )
    undated = (deals.status != DealStatus.OPEN) & np.isnan(deals.close)
    if undated.any():
        advice = "The day of their creation, or the beginning of time, stands for it: the model learns from them as its oldest deals."
        checks.append(Check("Closed deals without a close date", NOTE, int(undated.sum()), None, "Deals", advice))
    silent = sorted(set(inputs.usage.account.names) - set(deals.account.names)) if inputs.usage is not None else []
    if silent:
        checks.append(
            Check(
                "Accounts with usage and without a deal",
                NOTE,
                len(silent),
                None,
                named(silent),
                "Nothing depends on them.",
            )
        )
    return checks


def _assumptions(outcome: Outcome, found: Revenue) -> list[Check]:
    """What the forecast takes for granted."""
    checks = []
    rules, day = found.rules, to_date(found.as_of)
    left = quarter_start(found.forecast.first + 1) - found.as_of
    if rules.as_of is None:
        advice = (
            "The last day on which a deal was created or closed. Fill in the setting As of to look from another day."
        )
        checks.append(Check("As of is blank", NOTE, None, None, f"taken: {day}", advice))
    if not len(found.cohorts.names):
        advice = "Cohorts has no rows, so only deals that exist are forecast. CohortEstimates on the sheet Forecast suggests some."
        checks.append(Check("No unseen pipeline", NOTE, None, None, "Cohorts", advice))
    elif left < 75:
        advice = f"{left:.0f} days of {found.forecast.quarter_names[0]} are left after {day}; unseen pipeline counts in full in it unless Cohorts has a lag."
        checks.append(
            Check("The running quarter is under way", NOTE, int(left), None, found.forecast.quarter_names[0], advice)
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
    return checks


def _far_above(found: Revenue) -> list[Check]:
    """Cohorts that are planned far above what past deals suggest."""
    estimates = found.estimates
    if estimates is None:
        return []
    suggested = {name.casefold(): float(value) for name, value in zip(estimates.names, estimates.baseline, strict=True)}
    high = [
        f"{name}: {planned:,.0f} against {suggested[name.casefold()]:,.0f}"
        for name, planned in zip(found.cohorts.names, found.cohorts.baseline.tolist(), strict=True)
        if planned > FAR_ABOVE * suggested.get(name.casefold(), np.inf)
    ]
    if not high:
        return []
    advice = "The Baseline of the cohort is more than half above what past deals suggest (CohortEstimates)."
    return [Check("Cohorts planned far above the past", WARNING, len(high), None, named(high), advice)]
