"""How far machine forecasts are to be believed beside corrected commits, learned from past periods."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.commits.across import across_managers
from revops_xl.model.commits import CommitHistory
from revops_xl.model.money import Floats

#: Weight where too little is known of past machine forecasts.
USUAL_WEIGHT = 0.5
#: Past machine forecasts from which the weight is learned.
FEWEST = 12
#: The usual weight counts as much as so many past forecasts.
PRIOR_FORECASTS = 8.0


def machine_weight(history: CommitHistory) -> tuple[float, int]:
    """The weight with which blends of past periods would have missed least, and how many forecasts it was learned from.

    Commits are corrected by what was known before the period: quotients drawn across managers from earlier periods. The
    weight minimises the squared miss, each as a part of its commit, and is drawn to one half.

    Args:
        history: Commits with their actuals and, where there were any, the machine forecasts of the time.

    Returns:
        The weight, 0 to 1, and the number of forecasts; one half and 0 if there are fewer than twelve.
    """
    if history.machine is None:
        return USUAL_WEIGHT, 0
    usable = ~np.isnan(history.actual) & ~np.isnan(history.machine) & (history.commit > 0)
    gap, miss = [], []
    for period in np.unique(history.period[usable]).tolist():
        quotient = _known_before(history, period)
        rows = np.flatnonzero(usable & (history.period == period))
        commit = history.commit[rows]
        adjusted = commit * quotient[history.manager[rows]]
        gap.append((history.machine[rows] - adjusted) / commit)
        miss.append((history.actual[rows] - adjusted) / commit)
    x, y = (np.concatenate(each) if each else np.zeros(0) for each in (gap, miss))
    if len(x) < FEWEST or not (x**2).sum():
        return USUAL_WEIGHT, 0
    prior = PRIOR_FORECASTS * float((x**2).mean())
    weight = (float((x * y).sum()) + prior * USUAL_WEIGHT) / (float((x**2).sum()) + prior)
    return float(np.clip(weight, 0.0, 1.0)), len(x)


def _known_before(history: CommitHistory, period: int) -> Floats:
    """Quotients by the closed periods before one; 1 for all where they do not say."""
    earlier = ~np.isnan(history.actual) & (history.period < period)
    found = across_managers(
        history.manager[earlier], history.commit[earlier], history.actual[earlier], len(history.managers)
    )
    return found.quotient if found is not None else np.ones(len(history.managers))
