"""Hedges: which applies to whom, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from revops_xl.model.inputs import Hedges
from revops_xl.model.org import OrgTree
from revops_xl.model.results import LevelAudit, QuotaPlan

#: Over-assignment above the first warns, from the second alarms (survey of firms, 2017).
WARN_ABOVE = 0.25
ALARM_FROM = 0.40


def resolve_hedges(
    tree: OrgTree, default: float, by_level: Mapping[int, float], by_node: Mapping[int, float]
) -> Hedges:
    """A manager's hedge is its own, else its level's, else the default; ICs hand nothing down.

    Args:
        tree: The org.
        default: Multiplier above 0; 1.05 hands down 5 % more.
        by_level: Multiplier by index of the level.
        by_node: Multiplier by position in the tree.
    """
    manager = ~tree.is_ic
    factor = np.where(manager, float(default), 1.0)
    source = np.where(manager, Hedges.SOURCES.index("default"), 0).astype(np.int8)
    for level, value in by_level.items():
        here = manager & (tree.level == level)
        factor[here], source[here] = value, Hedges.SOURCES.index("level")
    for node, value in by_node.items():
        factor[node], source[node] = value, Hedges.SOURCES.index("node")
    return Hedges(factor, source)


def verdict(over_assignment: float) -> str:
    """OK, Warning or Alarm against the figures from practice; blank where it is undefined."""
    if np.isnan(over_assignment):
        return ""
    if over_assignment >= ALARM_FROM:
        return "Alarm"
    return "Warning" if over_assignment > WARN_ABOVE else "OK"


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
        audits.append(LevelAudit(level, audit.nodes, audit.base_total, audit.hedged_total, verdict(audit.over_assignment)))
    return audits
