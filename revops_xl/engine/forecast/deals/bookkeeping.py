"""Whether closing days say when deals were won, or only when somebody booked them."""

from __future__ import annotations

import numpy as np

from revops_xl.model.deals import Deals

#: A day that holds this part of all wins, and so many, is a day of booking …
BULK, FEWEST = 0.02, 20
#: … if its deals differ in age by more than so many days; days on which deals of one age close are a rule, or a cohort.
OF_ALL_AGES = 30.0
#: Part of the wins on such days from which closing days teach nothing about time.
TOO_MANY = 1 / 3
#: Part of the closed deals that must have both days.
ENOUGH_DATED = 0.5


def days_say_when(deals: Deals) -> bool:
    """Whether rates by age can be learned. Days on which many losses are swept up do not matter: that is how deals are lost.

    Args:
        deals: All deals.
    """
    closed = deals.is_closed
    dated = closed & ~np.isnan(deals.close) & ~np.isnan(deals.created)
    if not closed.any() or dated.sum() < ENOUGH_DATED * closed.sum():
        return False
    won = dated & deals.is_won
    day, place, count = np.unique(deals.close[won], return_inverse=True, return_counts=True)
    age = (deals.close - deals.created)[won]
    large = np.flatnonzero(count >= max(BULK * len(age), FEWEST)).tolist()
    mixed = [i for i in large if np.ptp(np.quantile(age[place == i], [0.1, 0.9])) > OF_ALL_AGES]
    return bool(count[mixed].sum() <= TOO_MANY * len(age)) if len(day) else False
