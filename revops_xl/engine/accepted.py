"""Accepted adjustments: quota moved between the ICs of a team after the cascade."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.ic_teams import IcTeams, on_base
from revops_xl.errors import PlanError, Problem
from revops_xl.model.inputs import QuotaInputs
from revops_xl.model.money import Floats, round_half_away


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
    if unit is None:
        units, held = change[node], base[node]
    else:
        units, held = round_half_away(unit.in_units(change[node])), round_half_away(unit.in_units(base[node]))
    steps = on_base(teams, units, cumulative_hedge[node], held, unit)
    base_change = np.zeros(len(tree))
    base_change[node] = steps if unit is None else unit.to_amount(steps)
    return base_change, change


def _where(where: str) -> tuple[str, str]:
    sheet, _, cell = where.rpartition("!")
    return sheet, cell
