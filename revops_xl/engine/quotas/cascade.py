"""The cascade: a target handed down an org tree, base and hedged layer in one pass."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from revops_xl.engine.quotas.accepted import accepted_changes
from revops_xl.engine.quotas.roles import find_roles, metric_values
from revops_xl.engine.quotas.rounding import LayerFixed, Misfit, cumulative_shares, round_layer
from revops_xl.engine.quotas.seats import dated_parts, paths, weights
from revops_xl.engine.quotas.shares import sibling_shares
from revops_xl.errors import PlanError, Problem
from revops_xl.model.inputs import Basis, QuotaInputs
from revops_xl.model.money import MAX_UNITS, Floats, Unit, round_half_away, tidy
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.results import QuotaPlan, Roles


def cascade(inputs: QuotaInputs) -> QuotaPlan:
    """Hand the target down.

    A manager's pool is its quota times its hedge, less the amounts fixed below it. Gated children get nothing;
    a new hire gets pool / children (what is left, if that does not suffice); the others share the rest by metric.
    Because every hedge applies to all of a manager's children alike, the hedged layer is the base layer times
    the product of the hedges above; each layer is then rounded on its own so that both tie.

    Raises:
        PlanError: Fixed amounts exceed a pool, or fill a team without meeting it; or everything is gated and
            the fallback is to refuse.
    """
    tree = inputs.tree
    values = metric_values(inputs)
    roles = find_roles(inputs, values)
    open_nodes = ~roles.gated & ~roles.fixed
    breakdown = sibling_shares(tree, [data.metric for data in inputs.blend], values, open_nodes & ~roles.new_hire)
    with np.errstate(over="ignore"):  # absurd hedges are refused below, with their node
        cumulative_hedge = tree.down(1.0, inputs.hedges.factor)
    fixed_base = _fixed_amounts(inputs, cumulative_hedge)

    plain, exact_base = _exact_base(inputs, roles, np.nan_to_num(breakdown.share), fixed_base)
    of_rest = _dated(inputs, plain)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = exact_base[tree.parent]
        share = np.where(above > 0, exact_base / above, np.nan)
    share[0] = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        _refuse_too_large(inputs, exact_base * cumulative_hedge)
    if inputs.unit is None:
        _refuse_overdrawn(inputs, exact_base, fixed_base, roles.unallocated)
        base, quota = exact_base, exact_base * cumulative_hedge
    else:
        base, quota = _rounded(inputs, inputs.unit, cumulative_hedge, of_rest, roles.unallocated)
    plan = QuotaPlan(inputs, base, quota, exact_base, share, cumulative_hedge, breakdown, roles)
    if inputs.seats is not None:
        months = paths(tree, plain, inputs.seats) * inputs.seats.season if len(inputs.seats.season) > 1 else None
        time = weights(tree, plain, inputs.seats)[0][:, 0] if months is None else None
        plan = replace(plan, dated_part=of_rest, months=months, time=time)
    return _adjusted(plan) if inputs.adjustments else plan


def _adjusted(plan: QuotaPlan) -> QuotaPlan:
    """The plan with its accepted adjustments; the share of who gave or took quota is what the base quotas say."""
    tree, unit = plan.inputs.tree, plan.inputs.unit
    base_change, change = accepted_changes(plan.inputs, plan.base, plan.quota, plan.cumulative_hedge)
    base, quota = tidy(plan.base + base_change, unit), tidy(plan.quota + change, unit)
    moved = np.flatnonzero(base_change)
    share = plan.share.copy()
    share[moved] = base[moved] / base[tree.parent[moved]]
    return replace(plan, base=base, quota=quota, share=share, accepted=change, accepted_base=base_change)


def _fixed_amounts(inputs: QuotaInputs, cumulative_hedge: Floats) -> Floats:
    """Overrides as base amounts in currency, unrounded; 0 elsewhere."""
    amounts = np.zeros(len(inputs.tree))
    for entry in inputs.fixed:
        chain = cumulative_hedge[entry.node] if entry.basis is Basis.HEDGED else 1.0
        amounts[entry.node] = entry.amount / chain
    return amounts


def _exact_base(inputs: QuotaInputs, roles: Roles, share: Floats, fixed_base: Floats) -> tuple[Floats, Floats]:
    """Each open child's part of what is left of its pool, and the exact base quotas.

    New hires take pool / children each. As a part of what is left that is a constant of the team unless
    something is fixed in it, so only teams with overrides need their pool to be known first.
    """
    tree = inputs.tree
    head_below = np.where(roles.gated, 0.0, tree.split)[1:]
    heads = tree.group_sums(np.concatenate([[0.0], head_below]))
    new_heads = tree.group_sums(np.where(roles.new_hire, tree.split, 0.0))
    sharing = tree.group_sums(np.where(roles.gated | roles.fixed | roles.new_hire, 0.0, 1.0)) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        part_new = np.where(sharing, np.where(heads > 0, new_heads / heads, 0.0), np.where(new_heads > 0, 1.0, 0.0))

    any_fixed = bool(roles.fixed.any())
    exact = np.zeros(len(tree))
    exact[0] = inputs.target
    group = np.zeros(len(tree), dtype=np.intp)
    group[tree.managers] = np.arange(len(tree.managers))
    plain = _parts(tree, roles, share, part_new, new_heads)
    of_rest = _dated(inputs, plain)
    for _, managers, starts, stop in tree.sibling_groups():
        first = int(starts[0])
        here = slice(first, stop)
        counts = tree.child_count[managers]
        rest = exact[managers]
        if any_fixed:
            taken = np.add.reduceat(fixed_base[here], starts - first)
            touched = np.logical_or.reduceat(roles.fixed[here], starts - first) & sharing[group[managers]]
            rest = np.maximum(rest - taken, 0.0)
            if touched.any():
                teams = group[managers[touched]]
                wanted = exact[managers[touched]] * new_heads[teams] / np.maximum(heads[teams], 1e-300)
                left = rest[touched]
                part_new[teams] = np.divide(np.minimum(wanted, left), left, out=np.ones_like(left), where=left > 0)
                plain = _parts(tree, roles, share, part_new, new_heads)
                of_rest = _dated(inputs, plain)
        exact[here] = np.repeat(rest, counts) * of_rest[here] + fixed_base[here]
    return plain, exact


def _dated(inputs: QuotaInputs, plain: Floats) -> Floats:
    return plain if inputs.seats is None else dated_parts(inputs.tree, plain, inputs.seats)


def _parts(tree: OrgTree, roles: Roles, share: Floats, part_new: Floats, new_heads: Floats) -> Floats:
    """Each child's part of what is left of the pool: new hires divide `part_new`, the others the remainder."""
    new_part = tree.to_children(part_new)
    new_below = tree.to_children(np.where(new_heads > 0, new_heads, 1.0))
    below = np.where(roles.new_hire[1:], new_part * tree.split[1:] / new_below, (1.0 - new_part) * share[1:])
    return np.concatenate([[0.0], below])


def _refuse_too_large(inputs: QuotaInputs, exact_quota: Floats) -> None:
    """A spreadsheet keeps 15 digits; a quota of more would not tie."""
    largest = exact_quota.max()
    if (largest if inputs.unit is None else float(inputs.unit.in_units(largest))) <= MAX_UNITS:
        return
    in_units = exact_quota if inputs.unit is None else inputs.unit.in_units(exact_quota)
    fits = np.isfinite(in_units) & (in_units <= MAX_UNITS)
    if not fits.all():
        node = int(np.argmin(fits))
        message = (
            f'with its hedges the quota of "{inputs.tree.reference(node)}" has more than 15 digits in rounding units'
        )
        raise PlanError([Problem("Levels", "", message, "Lower the hedges or the target, or raise the Rounding unit.")])


def _rounded(
    inputs: QuotaInputs, unit: Unit, cumulative_hedge: Floats, of_rest: Floats, unallocated: Bools
) -> tuple[Floats, Floats]:
    tree = inputs.tree
    target = unit.exactly(inputs.target)
    if target is None:
        raise ValueError(f"target {inputs.target} is not a whole multiple of the unit {unit.size}")
    running = cumulative_shares(tree, of_rest)
    layers = []
    misfits: dict[int, dict[Basis, Misfit]] = defaultdict(dict)
    for basis, hedge in ((Basis.BASE, np.ones(len(tree))), (Basis.HEDGED, inputs.hedges.factor)):
        fixed = _layer_fixed(inputs, unit, cumulative_hedge, basis) if inputs.fixed else None
        units, unfit = round_layer(tree, target, hedge, running, fixed, unallocated)
        layers.append(unit.to_amount(units))
        for misfit in unfit:
            misfits[misfit.manager][basis] = misfit
    if misfits:
        raise PlanError(_misfit_problems(inputs, unit, misfits))
    return layers[0], layers[1]


def _layer_fixed(inputs: QuotaInputs, unit: Unit, cumulative_hedge: Floats, basis: Basis) -> LayerFixed:
    nodes = len(inputs.tree)
    present: Bools = np.zeros(nodes, dtype=bool)
    meant: Bools = np.zeros(nodes, dtype=bool)
    exact = np.zeros(nodes)
    for entry in inputs.fixed:
        chain = float(cumulative_hedge[entry.node])
        amount = entry.amount
        if entry.basis is not basis:
            amount = amount * chain if basis is Basis.HEDGED else amount / chain
        present[entry.node], meant[entry.node], exact[entry.node] = True, entry.basis is basis, unit.in_units(amount)
    return LayerFixed(present, round_half_away(exact), meant, exact)


def _misfit_problems(inputs: QuotaInputs, unit: Unit, misfits: dict[int, dict[Basis, Misfit]]) -> list[Problem]:
    """One problem a manager; what lies below a manager that is already wrong would only repeat it."""
    tree = inputs.tree
    by_parent: dict[int, list[str]] = defaultdict(list)
    cells: dict[int, list[str]] = defaultdict(list)
    for entry in inputs.fixed:
        parent = int(tree.parent[entry.node])
        at = f" ({entry.where})" if entry.where else ""
        by_parent[parent].append(f"{tree.reference(entry.node)} {entry.amount:,.10g} {entry.basis}{at}")
        cells[parent].append(entry.where)
    problems = []
    for manager in sorted(misfits):
        if any(above in misfits for above in tree.ancestors(manager)):
            continue
        asked = next(entry.basis for entry in inputs.fixed if int(tree.parent[entry.node]) == manager)
        basis = asked if asked in misfits[manager] else next(iter(misfits[manager]))
        misfit = misfits[manager][basis]
        pool, fixed = (float(unit.to_amount(round_half_away(np.array([x])))[0]) for x in (misfit.pool, misfit.fixed))
        over = fixed > pool
        name = tree.reference(manager)
        listed = "; ".join(by_parent[manager])
        if over:
            message = (
                f'overrides below "{name}" add up to {fixed:,.10g}, above its {basis} pool of {pool:,.10g}: {listed}'
            )
            fix = f"Lower them by {fixed - pool:,.10g} together, or raise the quota above."
        else:
            message = (
                f'everybody below "{name}" is fixed or gated, but the overrides add up to {fixed:,.10g}, '
                f"not to its {basis} pool of {pool:,.10g}: {listed}"
            )
            fix = "Leave one of them open to take the rest, or make them add up."
        sheet, _, cell = cells[manager][0].rpartition("!")
        problems.append(Problem(sheet or "Overrides", cell, message, fix))
    return problems


def _refuse_overdrawn(inputs: QuotaInputs, exact_base: Floats, fixed_base: Floats, unallocated: Bools) -> None:
    """Without rounding there is no layer pass that would notice overrides that do not fit."""
    if not inputs.fixed:
        return
    tree = inputs.tree
    unit = Unit.of("0.000001")
    misfits: dict[int, dict[Basis, Misfit]] = {}
    for manager in {int(tree.parent[entry.node]) for entry in inputs.fixed}:
        children = tree.children(manager)
        below = float(exact_base[children.start : children.stop].sum())
        pool = float(exact_base[manager])
        short = below < pool and not unallocated[manager]
        if abs(below - pool) > 1e-9 * max(pool, 1.0) and (short or below > pool):
            fixed = float(fixed_base[children.start : children.stop].sum())
            in_units = unit.in_units(np.array([pool, fixed]))
            misfits[manager] = {Basis.BASE: Misfit(manager, float(in_units[0]), float(in_units[1]))}
    if misfits:
        raise PlanError(_misfit_problems(inputs, unit, misfits))
