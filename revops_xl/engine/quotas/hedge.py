"""What the hedges add up to, level by level."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.results import LevelAudit, QuotaPlan, verdict


def audit_levels(plan: QuotaPlan) -> list[LevelAudit]:
    """What each level carries on both layers, root first.

    Where a branch skips a level, that level's total is below the target by what the branch carries.
    """
    tree, unit = plan.inputs.tree, plan.inputs.unit
    nodes = np.bincount(tree.level, minlength=len(tree.levels))
    totals = []
    for layer in (plan.base, plan.quota):
        counts = layer if unit is None else np.rint(unit.in_units(layer))
        sums = np.bincount(tree.level, weights=counts, minlength=len(tree.levels))
        totals.append(sums if unit is None else unit.to_amount(sums))
    audits = []
    for i, level in enumerate(tree.levels):
        audit = LevelAudit(level, int(nodes[i]), float(totals[0][i]), float(totals[1][i]), "")
        audits.append(
            LevelAudit(level, audit.nodes, audit.base_total, audit.hedged_total, verdict(audit.over_assignment))
        )
    return audits


def compound(hedges: Floats, layers: float = 1) -> float:
    """What hedges come to that are handed down one after the other: their product, as often as there are layers.

    Example:
        >>> round(compound(np.array([1.05]), 5), 6)
        1.276282
    """
    with np.errstate(over="ignore"):  # too large for a number is infinite
        return float(np.prod(hedges) ** layers)
