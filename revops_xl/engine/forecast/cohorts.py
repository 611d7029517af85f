"""Unseen pipeline: revenue of deals that do not exist yet, by cohort, and what past deals say about it."""

from __future__ import annotations

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals, quarter_index, quarter_start
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
    quarter = quarter_index(deals.created)
    last = int(quarter_index(np.array([as_of]))[0])
    if not (quarter >= 0).any():
        return None
    begin = quarter_start(int(quarter[quarter >= 0].min()))
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
    rows = [
        _estimate(deals, cohort.codes == cohort.names.index(name), quarter, (first, last), as_of, fence, excess)
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
    fence: float,
    excess: float,
) -> tuple[float, ...]:
    """Created a quarter, conversion, value, lag, baseline and growth of one cohort."""
    first, last = span
    counts = np.bincount(quarter[mine & (quarter >= first) & (quarter < last)] - first, minlength=last - first).astype(
        np.float64
    )
    level, growth = _trend(counts)
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
    values = np.minimum(deals.won_amount[won & (deals.won_amount > 0)], fence)
    value = float(values.mean()) * excess if len(values) else float("nan")
    waits = cycle[won & ~np.isnan(cycle)]
    lag = float(np.median(waits)) / DAYS_A_QUARTER if len(waits) else float("nan")
    return level, conversion, value, lag, level * conversion * value, growth


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
