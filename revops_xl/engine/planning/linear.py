"""The linear programme that lays a total over territories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.money import Floats

#: Parts of a unit that are noise.
NOISE = 1e-6


@dataclass(frozen=True)
class QuotaLimits:
    """What an allocation must keep, in whole units."""

    low: Floats
    high: Floats
    total: float


def least_cost(cost: Floats, limits: QuotaLimits) -> Floats:
    """Least cost within the limits, in units."""
    from scipy.optimize import linprog  # noqa: PLC0415  (slow to start)

    size = max(limits.total, 1.0)
    result = linprog(
        cost,
        A_eq=np.ones((1, len(cost))),
        b_eq=[limits.total / size],
        bounds=list(zip(limits.low / size, limits.high / size, strict=True)),
        method="highs",
    )
    if result.status != 0:
        raise RuntimeError(f"the linear programme was not solved: {result.message}")
    return np.asarray(result.x) * size
