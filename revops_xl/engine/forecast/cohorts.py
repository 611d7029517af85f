"""Unseen pipeline: revenue of deals that do not exist yet, by cohort, and what past deals say about it."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.forecast.deals.ages import AgeRates, age_rates
from revops_xl.engine.forecast.deals.bookkeeping import days_say_when
from revops_xl.engine.forecast.timing import median_left
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import Cohorts
from revops_xl.model.money import Floats
from revops_xl.model.revenue import CohortEstimates

#: Whole quarters of created deals from which growth is estimated.
ENOUGH_QUARTERS = 4
#: Quarters that are looked at.
MOST_QUARTERS = 12
#: Growth a quarter is believed to lie around 0 with this spread.
USUAL_GROWTH = 0.1
DAYS_A_QUARTER = 91.3125
#: Wins from which a cohort has rates of its own; expected wins with which the others' are weighed against its own.
ENOUGH_WINS, GROUP = 10, 8.0
#: A won deal that is a larger part of all of them is an accident, and not counted beyond the fence.
DECISIVE = 0.2


def unseen(cohorts: Cohorts, quarters: int) -> Floats:
    """Revenue of each quarter: the sum over cohorts of baseline x (1 + growth)^t, t from 0; nothing before the lag is over.

    Example:
        >>> both = Cohorts(("A", "B"), np.array([100.0, 50.0]), np.array([0.1, 0.0]), np.array([0.0, 1.5]))
        >>> unseen(both, 3).round(2).tolist()
        [100.0, 135.0, 171.0]
    """
    t = np.arange(quarters, dtype=np.float64)[:, None]
    open_part = np.clip(t + 1 - cohorts.lag, 0, 1)
    return np.asarray((cohorts.baseline * (1 + cohorts.growth) ** t * open_part).sum(axis=1))


def estimate_cohorts(deals: Deals, cohort: Coded, as_of: float, fence: float) -> CohortEstimates | None:
    """Estimate baseline and growth of each cohort; None without a whole quarter of created deals.

    Args:
        deals: All deals.
        cohort: Cohort of each deal.
        as_of: The day of the forecast; its quarter is not over, so it is not counted.
        fence: Where mega deals begin: what they bring beyond it is spread over all cohorts.
    """
    quarter = deals.calendar.quarter_of(deals.created)
    last = deals.calendar.quarter_at(as_of)
    if not (quarter >= 0).any():
        return None
    begin = deals.calendar.quarter_start(int(quarter[quarter >= 0].min()))
    first = int(quarter[quarter >= 0].min()) + (float(np.nanmin(deals.created)) > begin + 15)
    first = max(first, last - MOST_QUARTERS)
    count = last - first
    if count < 1:
        return None
    brought = deals.won_amount[deals.is_won & (deals.won_amount > 0)]
    excess = 1.0
    if len(brought) and brought.max() <= DECISIVE * brought.sum():
        excess = float(brought.mean() / np.minimum(brought, fence).mean())
    names = [name for i, name in enumerate(cohort.names) if (cohort.codes == i).any()]
    rates = age_rates(deals, as_of + 1) if days_say_when(deals) else None
    rows = [
        _estimate(
            deals, cohort.codes == cohort.names.index(name), quarter, (first, last), as_of, (fence, excess), rates
        )
        for name in names
    ]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return CohortEstimates(tuple(names), count, *columns) if rows else None


def _estimate(
    deals: Deals,
    mine: np.ndarray[tuple[int], np.dtype[np.bool_]],
    quarter: np.ndarray[tuple[int], np.dtype[np.int64]],
    span: tuple[int, int],
    as_of: float,
    large: tuple[float, float],
    rates: AgeRates | None,
) -> tuple[float, ...]:
    """Created a quarter, conversion, value, lag, baseline, growth and wins of one cohort."""
    (first, last), (fence, excess) = span, large
    counts = np.bincount(quarter[mine & (quarter >= first) & (quarter < last)] - first, minlength=last - first).astype(
        np.float64
    )
    level, growth = _trend(counts)
    won = mine & deals.is_won
    values = np.minimum(deals.won_amount[won & (deals.won_amount > 0)], fence)
    value = float(values.mean()) * excess if len(values) else float("nan")
    conversion, lag = _by_age(deals, mine, as_of, rates) if rates is not None else _of_old_ones(deals, mine, as_of)
    return level, conversion, value, lag, level * conversion * value, growth, float(won.sum())


def _by_age(
    deals: Deals, mine: np.ndarray[tuple[int], np.dtype[np.bool_]], as_of: float, rates: AgeRates
) -> tuple[float, float]:
    """Part of new deals that is won, and the median quarters until then: young deals are not failed, they are not yet won.

    A cohort with few wins is as the others, as far as its own wins do not say otherwise.
    """
    theirs = deals.take(mine)
    own = age_rates(theirs, as_of + 1) if (deals.is_won & mine).sum() >= ENOUGH_WINS else None
    new = np.zeros(1)
    if own is not None:
        return float(own.ever(new)[0]), float(median_left(own, new)[0]) / DAYS_A_QUARTER
    known = ~np.isnan(theirs.created) & ~(theirs.is_closed & np.isnan(theirs.close))
    until = np.where(theirs.is_closed, theirs.close, as_of)[known] + 1
    days = np.maximum(until - np.maximum(theirs.created[known], as_of + 1 - rates.recorded), 0.0)
    start = np.maximum(until - days - theirs.created[known], 0.0)
    expected = float((rates.wins_until(start + days) - rates.wins_until(start)).sum())
    came = float(theirs.is_won[known].sum())
    ratio = (came + GROUP) / (expected + GROUP)
    return min(float(rates.ever(new)[0]) * ratio, 1.0), float(median_left(rates, new)[0]) / DAYS_A_QUARTER


def _of_old_ones(deals: Deals, mine: np.ndarray[tuple[int], np.dtype[np.bool_]], as_of: float) -> tuple[float, float]:
    """The same from deals as old as nine of ten closed ones, where days do not say when deals were won."""
    closed, won = mine & deals.is_closed, mine & deals.is_won
    cycle = deals.close - deals.created
    old = (
        mine & (as_of - deals.created >= np.nanquantile(cycle[closed], 0.9))
        if (closed & ~np.isnan(cycle)).any()
        else closed
    )
    if old.sum() < 10:
        old = closed
    conversion = float((won & old).sum() / old.sum()) if old.any() else float("nan")
    waits = cycle[won & ~np.isnan(cycle)]
    lag = float(np.median(waits)) / DAYS_A_QUARTER if len(waits) else float("nan")
    return conversion, lag


def _trend(counts: Floats) -> tuple[float, float]:
    """Level at the end and growth a quarter, by Poisson regression with a growth that is drawn to 0."""
    if len(counts) < ENOUGH_QUARTERS or counts.sum() < 2 * len(counts):
        return float(counts.mean()), 0.0
    t = np.arange(len(counts), dtype=np.float64) - (len(counts) - 1)
    x = np.column_stack([np.ones(len(t)), t])
    found = np.array([np.log(counts.mean()), 0.0])
    excess = max(
        float(counts.var(ddof=1) / counts.mean()), 1.0
    )  # more scatter than Poisson makes the trend less certain
    for _ in range(50):
        mean = np.exp(np.clip(x @ found, -20, 20))
        gradient = x.T @ (mean - counts) / excess + np.array([0.0, found[1] / USUAL_GROWTH**2])
        step = np.linalg.solve((x * (mean / excess)[:, None]).T @ x + np.diag([0.0, 1 / USUAL_GROWTH**2]), gradient)
        found -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    return float(np.exp(found[0])), float(np.expm1(found[1]))
