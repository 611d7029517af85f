"""Numbers of one column on two scales: percent beside parts, thousands beside units, a digit too many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.money import Floats

FEWEST = 5
#: Powers of ten by which units differ that people mix up: percent, thousands, millions.
UNITS = (2.0, 3.0, 6.0)
#: How far the middles of the two groups may lie from such a power.
NEAR = 0.35
#: A single number so far from all others, in powers of ten, is a slip.
ALONE = 3.0


@dataclass(frozen=True)
class TwoScales:
    """Two groups of numbers with nothing between them.

    Attributes:
        small: Rows of the smaller numbers.
        large: Rows of the larger ones.
        factor: How many times the larger are larger, as a power of ten.
    """

    small: tuple[int, ...]
    large: tuple[int, ...]
    factor: float


def two_scales(values: Floats) -> TwoScales | None:
    """The two groups of a column, if a unit lies between them, or one number is far from all others.

    Args:
        values: NaN is blank; zeros and negative numbers say nothing.

    Example:
        >>> found = two_scales(np.array([98.2, 101.0, 0.97, 1.05, 93.0, 0.88]))
        >>> found.small, found.factor
        ((2, 3, 5), 100.0)
        >>> two_scales(np.array([1.0, 5.0, 20.0, 80.0, 300.0, 900.0])) is None
        True
    """
    rows = np.flatnonzero(values > 0)
    if len(rows) < FEWEST:
        return None
    logs = np.log10(values[rows])
    order = np.argsort(logs, kind="stable")
    gaps = np.diff(logs[order])
    cut = int(gaps.argmax()) + 1
    small, large = order[:cut], order[cut:]
    gap = float(gaps.max())
    widest = max(float(np.ptp(logs[small])), float(np.ptp(logs[large])))
    apart = float(np.median(logs[large]) - np.median(logs[small]))
    single = min(len(small), len(large)) == 1 and gap >= ALONE and gap >= 2 * widest
    unit = min(UNITS, key=lambda power: abs(apart - power))
    units = min(len(small), len(large)) >= 2 and gap >= 1.0 and gap >= widest and abs(apart - unit) <= NEAR
    if not (single or units):
        return None
    few, many = (tuple(sorted(rows[group].tolist())) for group in (small, large))
    return TwoScales(few, many, 10.0 ** (unit if units else round(gap)))
