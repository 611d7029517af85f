"""The cascade step by step, as a spreadsheet works it out: one number per node and step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from revops_xl.engine.quotas.rounding import cumulative_shares
from revops_xl.model.cascade_steps import CascadeSteps
from revops_xl.model.inputs import Basis
from revops_xl.model.money import Floats, round_half_away, whole_units
from revops_xl.model.org import OrgTree
from revops_xl.model.results import QuotaPlan


def cascade_steps(plan: QuotaPlan) -> CascadeSteps | None:
    """What each step of the rule gives, for a plan that is rounded to a unit.

    Returns:
        The steps; None where the rule alone does not lead to the plan's quotas, because amounts that were derived
        through hedges had to take up a remainder of rounding.
    """
    tree, roles, unit = plan.inputs.tree, plan.roles, plan.inputs.unit
    if unit is None:
        return None
    amount, on_quota = np.zeros(len(tree)), np.zeros(len(tree), dtype=bool)
    for entry in plan.inputs.fixed:
        amount[entry.node], on_quota[entry.node] = entry.amount, entry.basis is Basis.HEDGED
    chain = plan.cumulative_hedge
    before = np.where(on_quota, amount / chain, amount)
    fixed_base = whole_units(before, unit)
    fixed_quota = whole_units(np.where(on_quota, amount, amount * chain), unit)
    sharing = ~roles.gated & ~roles.fixed & ~roles.new_hire
    sharing[0] = False

    if plan.dated_part is not None and (roles.new_hire.any() or plan.time is None):
        return None  # an equal share that is then weighed by time, or a year that is a sum of months, is no step in a sheet
    share = np.where(sharing, np.nan_to_num(plan.breakdown.share), 0.0)
    time = np.ones(len(tree)) if plan.time is None else plan.time
    timed = share * time
    of_team = _of_team(tree, timed)
    by_share = share if plan.time is None else np.divide(timed, of_team, out=share.copy(), where=of_team > 0)
    left = np.maximum(_from_parent(tree, plan.exact_base) - _of_team(tree, before), 0.0)
    new_part = _new_part(plan, left)
    heads = _of_team(tree, np.where(roles.new_hire, tree.split, 0.0))
    alike = new_part * tree.split / np.where(heads > 0, heads, 1.0)
    part = np.where(roles.new_hire, alike, (1.0 - new_part) * by_share)
    part[0] = 0.0
    up_to = cumulative_shares(tree, part)
    earlier = np.zeros(len(tree))
    earlier[1:] = up_to[:-1]
    earlier[tree.group_start] = 0.0
    base, quota = whole_units(plan.cascaded_base, unit), whole_units(plan.cascaded_quota, unit)
    base_pool = np.maximum(_from_parent(tree, base) - _of_team(tree, fixed_base), 0.0)
    quota_pool = np.maximum(_from_parent(tree, quota * plan.inputs.hedges.factor) - _of_team(tree, fixed_quota), 0.0)
    for pool, fixed, units in ((base_pool, fixed_base, base), (quota_pool, fixed_quota, quota)):
        told = fixed + round_half_away(pool * up_to) - round_half_away(pool * earlier)
        if (told != units)[1:].any():
            return None
    return CascadeSteps(
        _places(tree), amount, on_quota, before, fixed_base, fixed_quota, sharing, share, left, new_part, part, up_to,
        earlier, base_pool, quota_pool, base, quota, time, timed,
    )  # fmt: skip


def _from_parent(tree: OrgTree, values: Floats) -> Floats:
    """Each node's parent's value; 0 for the root."""
    above = values[np.maximum(tree.parent, 0)]
    above[0] = 0.0
    return above


def _of_team(tree: OrgTree, values: Floats) -> Floats:
    """For each node the sum over its siblings and itself; 0 for the root."""
    return np.concatenate([[0.0], tree.to_children(tree.group_sums(values))])


def _places(tree: OrgTree) -> npt.NDArray[np.int64]:
    """Place of each node among its siblings, from 1; 0 for the root."""
    place = np.arange(len(tree), dtype=np.int64) + 1
    place[1:] -= np.repeat(tree.group_start, tree.child_count[tree.managers])
    place[0] = 0
    return place


def _new_part(plan: QuotaPlan, left: Floats) -> Floats:
    """Part of what is left of the pool that new hires of a team get together, for each of its members."""
    tree, roles = plan.inputs.tree, plan.roles
    open_nodes = ~roles.gated & ~roles.fixed & ~roles.new_hire
    heads, new = (_of_team(tree, np.where(flags, tree.split, 0.0)) for flags in (~roles.gated, roles.new_hire))
    fixed, sharing = (_of_team(tree, flags.astype(np.float64)) for flags in (roles.fixed, open_nodes))
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = _from_parent(tree, plan.exact_base) * new / heads
        untouched = np.where(sharing > 0, new / heads, 1.0)
        touched = np.where(left > 0, np.minimum(wanted, left) / left, 1.0)
        return np.where(new == 0, 0.0, np.where((fixed > 0) & (sharing > 0), touched, untouched))
