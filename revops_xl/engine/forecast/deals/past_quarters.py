"""The forecast as it would have been made at the start of past quarters, against what came in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from revops_xl.engine.forecast.deals.ages import AgeRates, age_rates
from revops_xl.engine.forecast.deals.candidates import classifier, fit, probability
from revops_xl.engine.forecast.deals.features import AGE, AMOUNT, make_plan, matrix
from revops_xl.engine.forecast.deals.leakage import examine
from revops_xl.engine.forecast.deals.open_level import HIGHEST, Order, fit_level, log_odds
from revops_xl.engine.forecast.deals.training import Training, ValueForm
from revops_xl.model.deal_model import Candidate, Family, Use
from revops_xl.model.deals import Deals, DealStatus, Ints
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

QUARTERS = 4
#: What reps say of a deal, and the part of the deals of a day of which it must have been kept.
BY_REPS, ENOUGH_SEEN = ("Rep probability", "Amount", "Close date"), 0.8
#: History before a quarter from which it is tried: days, and times the age at which nine of ten deals have closed.
LEAST_DAYS, LEAST_CYCLES = 182.0, 1.5
FEWEST_OPEN = 10
#: The level's miss is believed to lie around 0 with this standard deviation, before any quarter has been seen.
USUAL_MISS = 0.1
#: How far the order's slope is believed to lie from 1, and the part of size from 0; wins from which both are learned.
SLOPE_PRIOR, SIZE_PRIOR, FEWEST_WINS = 0.5, 0.15, 20


@dataclass(frozen=True)
class Forecasted:
    """What would have been said of the deals that were open on the first day of a quarter.

    Attributes:
        rates: Chances by age, as learned then.
        chance: Of winning, by a model of the deals that had closed by then.
        age: In days, then.
        value: If won, as learned then.
    """

    rates: AgeRates
    chance: Floats
    age: Floats
    value: Floats


@dataclass(frozen=True)
class PastQuarter:
    """A past quarter as it would have been forecast on its first day.

    Attributes:
        quarter: Which one, as the deals' calendar counts.
        days: Its length.
        row: Deals that were open then.
        rates: Chances by age, as learned then.
        chance: Of winning, by a model of the deals that had closed by then.
        age: In days, then.
        value: If won, as learned then.
        won: Whether each was won in the quarter.
        brought: What those brought.
        reps: What the reps' probabilities, amounts and close dates of then said; NaN where they were not kept.
    """

    quarter: int
    days: float
    row: Ints
    rates: AgeRates
    chance: Floats
    age: Floats
    value: Floats
    won: Bools
    brought: Floats
    reps: float = np.nan

    def said(self, order: Order, level: float) -> Floats:
        """Chance of each deal to be won in the quarter."""
        open_level = fit_level(self.rates, self.chance, self.age, self.value, order, level)
        return open_level.within(self.chance, self.age, self.value, self.days)


def as_known(deals: Deals, day: float) -> Deals:
    """The deals that were there on a day, with what had become of them by then; later outcomes are gone.

    Args:
        deals: All deals.
        day: What happened before it is known.
    """
    there = deals.take((deals.created < day) | (np.isnan(deals.created) & deals.is_closed & (deals.close < day)))
    there = there.on(np.full(len(there), day - 1))
    later = there.is_closed & ~(there.close < day)
    return replace(
        there,
        status=np.where(later, np.int8(DealStatus.OPEN), there.status),
        close=np.where(later | there.is_open, np.nan, there.close),
        won_amount=np.where(later, np.nan, there.won_amount),
        history=tuple(each.until(day) for each in there.history),
    )


def quarters_to_try(deals: Deals, as_of: float) -> list[int]:
    """The last whole quarters before which there is history enough."""
    dated = deals.is_closed & ~np.isnan(deals.close) & ~np.isnan(deals.created)
    if not dated.any():
        return []
    cycle = float(np.quantile((deals.close - deals.created)[dated], 0.9))
    first = float(np.nanmin(deals.created)) + max(LEAST_DAYS, LEAST_CYCLES * cycle)
    now = deals.calendar.quarter_at(as_of)
    return [quarter for quarter in range(now - QUARTERS, now) if deals.calendar.quarter_start(quarter) >= first]


def forecast_quarter(known: Deals, quarter: int, candidate: Candidate, value: ValueForm) -> Forecasted | None:
    """Forecast a quarter by what was known on its first day; None if that was too little.

    Features have their values of today, for no others are kept; outcomes, dates and records are those of the day.

    Args:
        known: The deals, `as_known` on that day.
        quarter: Which one, as the deals' calendar counts.
        candidate: What learns the order of the deals.
        value: Form of the value.
    """
    start = known.calendar.quarter_start(quarter)
    rates = age_rates(known, start)
    there = np.flatnonzero(known.is_open)
    if rates is None or len(there) < FEWEST_OPEN:
        return None
    uses = examine(known, start)
    plan = make_plan(known.take(known.is_closed), {use.name for use in uses if use.use == Use.USED})
    amounts = all(use.name != AMOUNT or use.use != Use.LEAK for use in uses)
    work = Training(known, plan, amounts)
    x, y = work.learned(start)
    if candidate.family == Family.STAGES and not plan.stage:
        candidate = Candidate(Family.BASE)
    seen = matrix(plan, known.take(there), np.full(len(there), start), known)
    worth = work.value_model(value, start).mean(work.value_features(seen), work.amount(there))
    chance = probability(fit(classifier(candidate, plan), x, y), seen)
    return Forecasted(rates, chance, seen[:, plan.names.index(AGE)], worth)


def past_quarter(deals: Deals, quarter: int, found: Forecasted) -> PastQuarter:
    """A forecast quarter with what came of it."""
    start, end = deals.calendar.quarter_start(quarter), deals.calendar.quarter_start(quarter + 1)
    row = np.flatnonzero((deals.created < start) & ~(deals.is_closed & (deals.close < start)))
    won = deals.is_won[row] & (deals.close[row] < end)
    brought = np.where(won, np.nan_to_num(deals.won_amount[row]), 0.0)
    reps = said_by_reps(deals.take(row), start, end)
    return PastQuarter(quarter, end - start, row, found.rates, found.chance, found.age, found.value, won, brought, reps)


def said_by_reps(deals: Deals, start: float, end: float) -> float:
    """What reps expected of a quarter on the day before it: probability times amount of deals that were due by its end.

    Args:
        deals: Those that were open then.
        start: First day of the quarter.
        end: Of the next one.

    Returns:
        NaN where fewer than four of five deals were seen by then, or nobody gave a probability.
    """
    seen = {each.name: each for each in deals.history}
    if not set(BY_REPS) <= set(seen) or not len(deals):
        return float("nan")
    day = np.full(len(deals), start - 1)
    (chance, there), (amount, _), (due, _) = (seen[name].by(deals.serial, day) for name in BY_REPS)
    if there.mean() < ENOUGH_SEEN or np.isnan(chance).all():
        return float("nan")
    return float(np.nansum(np.where(due < end, chance * amount, 0.0)))


def learn_order(past: Sequence[PastQuarter]) -> Order:
    """How far the order by the closed deals' model, and the size, counted among the deals that were open.

    A penalised logistic regression with a free level for each quarter; half of the weight lies on what deals bring.
    """
    known = np.concatenate([q.value[q.value > 0] for q in past]) if past else np.zeros(0)
    if not len(known) or sum(q.won.sum() for q in past) < FEWEST_WINS:
        return Order()
    logs = np.log(known)
    order = Order(middle=float(logs.mean()), scale=max(float(logs.std()), 0.1))
    said = np.concatenate([log_odds(q.said(order, 0.0)) for q in past])
    chance = np.concatenate([log_odds(q.chance) - log_odds(q.chance).mean() for q in past])
    value, won = np.concatenate([q.value for q in past]), np.concatenate([q.won for q in past])
    quarter = np.concatenate([np.full(len(q.row), q.quarter) for q in past])
    x = np.column_stack([chance, order.standard(value), *(quarter == q.quarter for q in past)])
    cut = np.minimum(np.where(value > 0, value, 0.0), np.exp(order.middle + 2.7 * order.scale))
    weight = 0.5 + 0.5 * cut / max(float(cut.mean()), 1e-9)
    penalty = np.diag([1 / SLOPE_PRIOR**2, 1 / SIZE_PRIOR**2, *[1 / 0.5**2] * len(past)])
    found = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-(said + x @ found)))
        gradient = x.T @ (weight * (p - won)) + penalty @ found
        step = np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + penalty, gradient)
        found -= np.clip(step, -1, 1)
    return replace(order, slope=max(1 + float(found[0]), 0.0), size=float(found[1]))


def as_forecast(past: Sequence[PastQuarter]) -> list[Floats]:
    """What would have been said of each quarter: corrected by the quarters before it, and by nothing later."""
    said = []
    for i, quarter in enumerate(past):
        order = learn_order(past[:i])
        said.append(np.clip(quarter.said(order, learn_level(past[:i], order)[0]), 1e-6, HIGHEST))
    return said


def learn_level(past: Sequence[PastQuarter], order: Order) -> tuple[float, float]:
    """Log of came / said, drawn to 0 as far as it may be chance; and how far a quarter may miss, as a standard deviation.

    A single quarter moves it little. From two on it is drawn by how far they agree (James and Stein).

    Args:
        past: Past quarters.
        order: How far the model's order counts.
    """
    if not past:
        return 0.0, USUAL_MISS
    said = np.array([float(q.said(order, 0.0).sum()) for q in past]) + 1
    came = np.array([float(q.won.sum()) for q in past]) + 1
    ratio = np.log(came / said)
    weight = 1 / (1 / said + USUAL_MISS**2)
    middle = float((weight * ratio).sum() / weight.sum()) if len(past) > 1 else 0.0
    part = len(past) / max(len(past) - 1, 1)
    between = max(USUAL_MISS**2, part * float(np.mean((ratio - middle) ** 2 - 1 / said)))
    precision = 1 / (1 / said + between)
    # all of them off to one side, by more than luck and their own differences make it: then the level is believed to be off
    believed = max(USUAL_MISS**2, middle**2 - 1 / float(precision.sum()))
    level = float((precision * ratio).sum() / (precision.sum() + 1 / believed))
    weight = np.minimum(said / 10, 1)
    miss = (ratio - level) ** 2 - 1 / said
    variance = (3 * USUAL_MISS**2 + float((weight * miss).sum())) / (3 + float(weight.sum()))
    return level, float(np.sqrt(max(variance, 0.04**2)))
