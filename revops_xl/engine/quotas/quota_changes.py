"""Why a quota differs between two plans: what the target, the hedges and the shares did, adding up to the change."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import to_cents
from revops_xl.model.quota_changes import QuotaChanges
from revops_xl.model.results import QuotaPlan


def quota_changes(
    first: QuotaPlan, second: QuotaPlan, ours: npt.NDArray[np.intp], theirs: npt.NDArray[np.intp]
) -> QuotaChanges:
    """Divide the change of each quota.

    A quota is target x shares x hedges, so its change divides by the logarithms of these factors: with L the logarithmic
    mean of the two quotas, each factor did L x ln(after / before). What is left goes to the shares, to the cent.

    Args:
        first: The plan before.
        second: The plan after.
        ours: Positions in the first plan.
        theirs: Positions of the same nodes in the second.

    Source:
        Logarithmic mean Divisia index (Ang 2004).
    """
    before, after = first.quota[ours], second.quota[theirs]
    both = (before > 0) & (after > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(after / before)
        mean = np.where(np.abs(ratio) < 1e-12, before, (after - before) / ratio)
        hedge_ratio = np.log(second.cumulative_hedge[theirs] / first.cumulative_hedge[ours])
    target = np.where(both, mean * np.log(second.inputs.target / first.inputs.target), 0.0)
    hedges = np.where(both, mean * hedge_ratio, 0.0)
    target, hedges = to_cents(target), to_cents(hedges)
    return QuotaChanges(before, after, target, hedges, to_cents(after - before - target - hedges))
