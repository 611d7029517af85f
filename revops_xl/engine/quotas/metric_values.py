"""From an IC's periods to one value per metric."""

from __future__ import annotations

import numpy as np

from revops_xl.model.inputs import MetricData
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree


def row_values(data: MetricData) -> Floats:
    """One value per row of the path table: its periods imputed where they are missing, then aggregated.

    A zero or blank period of an IC that has other periods counts as the IC's own average of its non-zero
    periods (partial history). Boolean and 0/1 columns are left as they are, and so is a negative period:
    a clawback is neither missing nor replaced, and it is part of the average. A row without any period is 0.

    Example:
        >>> history = np.array([[0.0], [50.0], [np.nan], [70.0]])
        >>> from revops_xl.model.inputs import Metric
        >>> row_values(MetricData(Metric("Attainment"), ("a", "b", "c", "d"), history, np.zeros(4, bool))).tolist()
        [240.0]
    """
    periods, metric = data.periods, data.metric
    holes = data.holes
    if holes.any():
        counted = ~holes & ~data.boolean[:, None]
        count = counted.sum(axis=0)
        total = np.where(counted, periods, 0.0).sum(axis=0)
        average = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
        periods = np.where(holes, average, periods)
    missing = np.isnan(periods)
    if metric.aggregation == "last":
        return _last(periods, missing)
    total = np.where(missing, 0.0, periods).sum(axis=0) if missing.any() else periods.sum(axis=0)
    if metric.aggregation == "sum":
        return np.asarray(total)
    count = (~missing).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.zeros_like(total), where=count > 0))


def _last(periods: Floats, missing: Bools) -> Floats:
    """The newest period that is not blank; 0 where all are."""
    value = np.zeros(periods.shape[1])
    for period, blank in zip(periods, missing, strict=True):
        value = np.where(blank, value, period)
    return value


def has_history(data: MetricData) -> Bools:
    """Per row of the path table, whether any period is filled in."""
    return np.asarray(~np.isnan(data.periods).all(axis=0))


def node_values(tree: OrgTree, values: Floats) -> Floats:
    """One value per node: an IC's own times its split share, a team's the sum over its ICs."""
    own = np.where(tree.is_ic, values[tree.row] * tree.split, 0.0)
    return tree.roll_up(own)
