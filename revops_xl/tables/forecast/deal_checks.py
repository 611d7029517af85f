"""Checks of the deal model and of the deals: what it left out, how far it can be trusted, which deals are odd."""

from __future__ import annotations

import numpy as np

from revops_xl.model.deal_model import Family, ModelSummary, Report, Use
from revops_xl.model.deals import Deals, DealStatus
from revops_xl.model.forecast import IN_TIME
from revops_xl.model.plan import DealInputs
from revops_xl.model.revenue import Revenue
from revops_xl.tables.schema.check import NOTE, OK, WARNING, Check, named
from revops_xl.tables.schema.days import to_date

#: A hold-out whose dollars are off by more deserves a look …
BIAS_WARNING = 0.15
#: … and so do probabilities that are off by more than this, and by more than this many times what chance explains.
CALIBRATION_LEAST, CALIBRATION_TIMES = 0.03, 2.0
#: Nobody orders deals so well by what is known before the outcome.
TOO_GOOD = 0.97
#: Part of the open deals whose close date may have passed without a warning.
MANY_SLIPPED = 0.2
#: Won deals from which the longest cycle says something.
ENOUGH_CYCLES = 20
#: A deal that is a larger part of the year decides it.
DECISIVE = 0.1
#: Change of the win rate, as a log, from which it is told: by a quarter.
DRIFTED = 0.22


def deal_checks(revenue: Revenue, inputs: DealInputs | None) -> list[Check]:
    """The model and its hold-out, then the deals."""
    kept = revenue.rules.keep_history and inputs is not None and inputs.has_ids
    history = _history(revenue.deals, revenue.as_of, kept=kept)
    return [*_model(revenue, inputs), *_quality(revenue.report), *_deals(revenue, inputs), *history]


def _model(revenue: Revenue, inputs: DealInputs | None) -> list[Check]:
    """Which model it is, and what it left out."""
    if inputs is None:
        return []
    deals, model = revenue.deals, revenue.model
    closed = deals.is_closed
    where = inputs.columns.get("Status", inputs.sheet)
    if model is None:
        if not len(revenue.scored):
            return []
        if IN_TIME in revenue.scored.drivers:
            advice = (
                f"All {int(closed.sum()):,} closed deals are Won, so whether an open deal is ever won cannot be learned. Probabilities are "
                "those to be won within the forecast, by how long deals have taken and how long they have been open. Record losses."
            )
            return [Check("Nobody records losses", WARNING, int(closed.sum()), None, where, advice)]
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
    if not model.levelled:
        advice = (
            "Closing days are missing or are days of booking, so it cannot be seen how long deals stay open. If losses are recorded "
            "later than wins, the forecast is too high, and the Model report cannot show it."
        )
        checks.append(Check("The forecast cannot see late losses", WARNING, None, None, where, advice))
    then, now = model.win_rates
    if abs(np.log(now / then)) > DRIFTED:
        advice = (
            f"By the rates of the first year {then:.0%} of new deals would be won, by those of the last year {now:.0%}. "
            "The forecast follows the last quarters; it is late by some of the change if it goes on."
        )
        word = "risen" if now > then else "fallen"
        checks.append(Check(f"Win rates have {word}", NOTE, round(now - then, 4), None, where, advice))
    leaks = [column for column in model.columns if column.use == Use.LEAK]
    for column in leaks:
        cell = inputs.columns.get(column.name, "")
        checks.append(
            Check(
                "Column left out: it knows the outcome",
                WARNING,
                None,
                None,
                cell or column.name,
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
            inputs.columns[column.name],
            f'"{column.name}": {column.why}.',
        )
        for column in idle
    ]
    moving = [column.name for column in model.columns if column.changes]
    if moving:
        cells = [inputs.columns.get(name, name) for name in moving]
        advice = (
            "Closed deals show their last value, open ones a value on the way, so these columns count for less than they could. "
            "The history that is kept at every run (setting Keep deal history) makes them exact with time."
        )
        checks.append(Check("Columns that change while a deal is open", NOTE, len(moving), None, named(cells), advice))
    if not deals.has_won_amounts and model.form == "the amount as entered":
        advice = (
            "Deals has no Won amount, so a won deal is expected to bring its Amount; the quartiles are those of the setting "
            "Amount spread. If won deals bring less than their Amount said before, add the column Won amount."
        )
        checks.append(Check("Values are the amounts as entered", NOTE, None, None, inputs.sheet, advice))
    return checks


def _history(deals: Deals, as_of: float, *, kept: bool) -> list[Check]:
    """What is known of past days."""
    if not kept:
        return []
    days = np.unique(np.concatenate([each.day for each in deals.history])) if deals.history else np.zeros(0)
    days = days[days < as_of]
    since = f" So far: {len(days)} days since {to_date(float(days[0]))}." if len(days) else ""
    advice = f"At every run, what deals say is kept in NAME.history.parquet beside the plan, to know what was known when.{since} Setting Keep deal history."
    return [Check("Deal history", NOTE, len(days), None, "beside the plan", advice)]


def _which(model: ModelSummary) -> Check:
    """The model in one row; a step down is said."""
    tried = [standing for standing in model.standings if not standing.why_not]
    advice = f"Learned from {model.closed:,} closed deals, {model.rate:.0%} of them won. The sheet Model report says how well."
    if model.candidate.family == Family.BASE:
        advice += " No other model did clearly better on later deals, so every deal has the same chance, and risk flags say nothing."
        if len(tried) <= 1:
            advice = f"Only {model.closed:,} closed deals: too few for more than an overall win rate."
    if model.levelled:
        advice += " How many are won follows from how long deals stay open, open ones counted; which ones, from the closed deals."
    status = WARNING if model.candidate.family == Family.BASE else NOTE
    return Check("Deal model", status, model.closed, None, str(model.candidate), advice)


def _quality(report: Report | None) -> list[Check]:
    """How the hold-out went."""
    if report is None:
        return []
    quality, checks = report.model, []
    since = to_date(report.since)
    name, told = (
        "Dollars of the hold-out: forecast against actual",
        f"Deals that closed from {since} on, forecast by what was known before",
    )
    if report.past_quarters:
        name, told = "Past quarters: forecast against actual", _past(report)
    if not np.isnan(quality.dollar_bias):
        off = abs(quality.dollar_bias)
        advice = f"{told}: {quality.predicted:,.0f} against {quality.actual:,.0f}. Few large deals can do that; Model report shows where."
        status = WARNING if off > BIAS_WARNING else OK
        checks.append(
            Check(
                name,
                status,
                round(off, 4),
                BIAS_WARNING,
                "Model report",
                advice,
            )
        )
    limit = max(CALIBRATION_LEAST, CALIBRATION_TIMES * quality.calibration_noise)
    advice = "Mean distance of probabilities and win rates, against what chance alone explains: beyond it, times have changed."
    status, error = WARNING if quality.calibration_error > limit else OK, round(quality.calibration_error, 4)
    which = "past quarters" if report.past_quarters else "the hold-out"
    checks.append(Check(f"Probabilities of {which}", status, error, round(limit, 4), "Model report", advice))
    if quality.auc > TOO_GOOD:
        advice = "So good that a column must know the outcome, alone or together with others. Look at the strongest in ModelColumns."
        checks.append(
            Check("The model is too good to be true", WARNING, round(quality.auc, 4), TOO_GOOD, "Model report", advice)
        )
    return checks


def _past(report: Report) -> str:
    """What would have been said of each past quarter."""
    parts = [part for part in report.parts if part.kind == "Quarter"]
    each = "; ".join(f"{part.name} {part.predicted:,.0f}, came {part.actual:,.0f}" for part in parts)
    return f"By what was known on the first day of each past quarter, its open deals were to bring {each}. Together"


def _deals(revenue: Revenue, inputs: DealInputs | None) -> list[Check]:
    """Deals that are forecast in an odd way."""
    if inputs is None:
        return []
    scored, deals = revenue.scored, revenue.deals
    ids = deals.ids[scored.row]
    year = revenue.forecast.year(revenue.forecast.total)[revenue.forecast.baseline]
    beyond = scored.quarter >= revenue.rules.quarters
    in_time = scored.value_in(0, revenue.rules.quarters)
    later = scored.model_value.sum() - in_time.sum()
    this_year = scored.value_in(0, revenue.forecast.year_quarters)
    passed = scored.moved & ~np.isnan(deals.close[scored.row])
    slipped = WARNING if passed.mean() > MANY_SLIPPED else NOTE
    cycles = (deals.close - deals.created)[deals.is_won]
    longest = float(np.nanmax(cycles)) if (~np.isnan(cycles)).sum() >= ENOUGH_CYCLES else np.inf
    ages = revenue.as_of - deals.created[scored.row]
    old = ages > longest
    entries = (
        ("Open deals older than any deal that was won", WARNING, old, f"No deal was won after more than {longest:,.0f} days; these bring {in_time[old].sum():,.2f} to the forecast and {scored.model_value[old].sum():,.2f} within two years. Close them, or say why they live."),
        ("Open deals that nobody gives a probability", WARNING, np.isnan(scored.probability), "They are in no sum. Fill in Rep probability."),
        ("Open deals without a value", WARNING, np.isnan(scored.value), "They have no Amount, and there is nothing to learn one from: they count as 0."),
        ("Open deals without an amount", NOTE, ~(np.abs(deals.amount[scored.row]) > 0) & ~np.isnan(scored.value), "Their value is that of like deals that were won."),
        ("Open deals whose close date has passed", slipped, passed, "They are expected as late as won deals of their age have closed. Correct the dates in the CRM."),
        ("Open deals without a close date", NOTE, scored.moved & np.isnan(deals.close[scored.row]), "They are expected when won deals of their age have closed."),
        ("Open deals that close after the forecast", NOTE, beyond, f"{later:,.2f} of the open deals expected after the last quarter; the setting Forecast quarters reaches further."),
        ("Deals that decide the year", WARNING, this_year > DECISIVE * max(year, 0.0), f"Each is expected to bring more than {DECISIVE:.0%} of the year, and will bring all or nothing. Look at Low."),
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
    odd = inputs.odd
    if odd.backwards:
        advice = (
            f"They close before they were created, so nothing is learned from their dates; worth {odd.backwards_amount:,.2f}. "
            "An open one is expected when won deals of its age have closed. Correct one of the two dates."
        )
        where = f"{inputs.sheet}!{named(list(odd.backwards))}"
        checks.append(
            Check("Deals that close before they were created", WARNING, len(odd.backwards), None, where, advice)
        )
    if odd.downsells:
        advice = f"Amounts below 0 add up to {odd.downsells_amount:,.2f}. They count at probability x amount, and no value is learned from them."
        where = f"{inputs.sheet}!{named(list(odd.downsells))}"
        checks.append(Check("Downsells", NOTE, len(odd.downsells), None, where, advice))
    undated = (deals.status != DealStatus.OPEN) & np.isnan(deals.close)
    if undated.any():
        advice = "The day of their creation, or the beginning of time, stands for it: the model learns from them as its oldest deals."
        checks.append(Check("Closed deals without a close date", NOTE, int(undated.sum()), None, inputs.sheet, advice))
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
