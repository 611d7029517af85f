"""When an open deal will close: as entered, or as late as deals of its age have closed."""

from __future__ import annotations

import numpy as np

from revops_xl.model.deals import Deals
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Won deals from which their cycles are believed; else those of all closed deals are taken.
ENOUGH_WON = 20
#: Days that a deal takes where no deal has closed yet.
USUAL_DAYS = 90.0


def expected_close(deals: Deals, past: Deals, as_of: float) -> tuple[Floats, Bools]:
    """Day on which each deal is expected to close, and whether that is not the one entered.

    A day that lies ahead, or is the day of the forecast, stands. One that has passed, or is missing, becomes the day of the forecast plus the
    median time that won deals took from the deal's age on: what deals that were as late have shown.

    Args:
        deals: The deals.
        past: Closed deals, which give the cycles.
        as_of: The day of the forecast.
    """
    late = np.isnan(deals.close) | (deals.close < as_of)
    lives = _cycles(past)
    age = np.where(np.isnan(deals.created), 0.0, np.maximum(as_of - deals.created, 0.0))
    return np.where(late, as_of + remaining(lives, age), deals.close), late


def _cycles(deals: Deals) -> Floats:
    """Days from creation to closing of won deals, sorted."""
    days = deals.close - deals.created
    known = ~np.isnan(days) & deals.is_closed
    won = known & deals.is_won
    return np.sort(days[won if won.sum() >= ENOUGH_WON else known])


def remaining(cycles: Floats, age: Floats) -> Floats:
    """Median time to closing of deals that were still open at an age; at least a day.

    Older than all of them: as long as the last quarter of the cycles took in the median.

    Example:
        >>> remaining(np.array([10.0, 20.0, 60.0]), np.array([0.0, 15.0, 100.0])).tolist()
        [20.0, 25.0, 60.0]
    """
    count = len(cycles)
    if not count:
        return np.full(len(age), USUAL_DAYS)
    longer = np.searchsorted(cycles, age, side="right")
    left = count - longer
    below = np.clip(longer + (left - 1) // 2, 0, count - 1)
    above = np.clip(longer + left // 2, 0, count - 1)
    median = (cycles[below] + cycles[above]) / 2 - age
    oldest = float(np.median(cycles[-max(count // 4, 1) :]))
    return np.maximum(np.where(left > 0, median, oldest), 1.0)
