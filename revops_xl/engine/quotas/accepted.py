"""Accepted adjustments: quota moved between the ICs of a team after the cascade."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.common.ic_teams import IcTeams, on_base
from revops_xl.errors import PlanError, Problem
from revops_xl.model.inputs import QuotaInputs
from revops_xl.model.money import Floats, amounts_of, whole_units


def accepted_changes(
    inputs: QuotaInputs, base: Floats, quota: Floats, cumulative_hedge: Floats
) -> tuple[Floats, Floats]:
    """The accepted changes of every node on both layers, in currency: (base, hedged).

    Args:
        inputs: With the adjustments; in each team they add up to 0.
        base: Base quota of each node before adjustments.
        quota: Hedged quota before adjustments.
        cumulative_hedge: Product of the hedges above each node.

    Raises:
        PlanError: An IC would have to give more than its quota.
    """
    tree, unit = inputs.tree, inputs.unit
    teams = IcTeams.of(tree)
    change = np.zeros(len(tree))
    for entry in inputs.adjustments:
        change[entry.node] += entry.change
    problems = [
        Problem(
            *_where(entry.where),
            f"an adjustment of {entry.change:,.10g} is more than the quota of {quota[entry.node]:,.10g} "
            f'that "{tree.reference(entry.node)}" has',
            "Accept the redistribution anew, or delete the rows of this team.",
        )
        for entry in inputs.adjustments
        if round(float(quota[entry.node] + entry.change), 6) < 0
    ]
    if problems:
        raise PlanError(problems)
    node = teams.node
    units, held = whole_units(change[node], unit), whole_units(base[node], unit)
    base_change = np.zeros(len(tree))
    base_change[node] = amounts_of(on_base(teams, units, cumulative_hedge[node], held, unit), unit)
    return base_change, change


def _where(where: str) -> tuple[str, str]:
    sheet, _, cell = where.rpartition("!")
    return sheet, cell
