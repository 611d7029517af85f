"""Filling up to one level: as equal as bounds allow."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats


def water_level(weight: Floats, low: Floats, high: Floats, total: float) -> Floats:
    """Amounts of one total that are the same multiple of their weights, as far as bounds allow.

    amount = clip(level x weight, low, high). The largest amount / weight is as small as it can be, then the next largest,
    and so on; what bounds force aside is shared by the others.

    Args:
        weight: 0 or more.
        low: Least of each.
        high: Most of each.
        total: From the sum of low to the sum of high.

    Example:
        >>> water_level(np.array([1.0, 1, 2]), np.zeros(3), np.array([10.0, 1, 99]), 10).tolist()
        [3.0, 1.0, 6.0]
    """
    heavy = weight > 0
    amount = low.astype(np.float64).copy()
    rest = total - float(low[~heavy].sum())
    if heavy.any():
        amount[heavy] = _levelled(weight[heavy], low[heavy], high[heavy], rest)
    left = total - float(amount.sum())
    if left > 0 and not heavy.all():  # nothing else can take it
        amount[~heavy] = _levelled(np.ones(int((~heavy).sum())), low[~heavy], high[~heavy], float(amount[~heavy].sum()) + left)  # fmt: skip
    return amount


def _levelled(weight: Floats, low: Floats, high: Floats, total: float) -> Floats:
    """Find the level between the points at which somebody reaches a bound: in between the sum is a straight line."""
    points = np.unique(np.concatenate([low / weight, high / weight]))
    sums = np.clip(points[:, None] * weight, low, high).sum(axis=1)
    level = float(np.interp(total, sums, points))
    return np.asarray(np.clip(level * weight, low, high))
