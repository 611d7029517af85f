"""Quota from ICs whose pipeline does not support it to colleagues whose pipeline supports more: each team keeps its total."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.coverage import coverage_of, reaches
from revops_xl.engine.ic_teams import IcTeams, on_base
from revops_xl.model.money import Floats, Unit, round_half_away
from revops_xl.model.pipeline import PipelineInputs, Redistribution, Role
from revops_xl.model.results import QuotaPlan


def redistribute(plan: QuotaPlan, inputs: PipelineInputs) -> Redistribution:
    """Move quota inside each team of ICs, from the cascaded quotas, whatever is accepted already.

    A donor is below at risk and gives min(cap x quota, gap x quota), gap = (at risk - coverage) / at risk. A receiver
    is healthy and takes in proportion to (coverage - healthy) / coverage, at most cap x quota; what it cannot take
    goes to the others; donors give less where a team cannot take it all. Locked ICs, and ICs without a quota
    or a known pipeline, stay as they are. The base layer moves by the same, divided by the hedges above.

    Starting from the cascaded quotas means that no quota ever moves by more than the cap, however often a
    redistribution is accepted.
    """
    tree, unit = plan.inputs.tree, plan.inputs.unit
    quota, base, cumulative_hedge = plan.cascaded_quota, plan.cascaded_base, plan.cumulative_hedge
    teams = IcTeams.of(tree)
    node = teams.node
    mine = quota[node]
    coverage = coverage_of(inputs.pipeline[node], mine)
    healthy, at_risk = inputs.thresholds.healthy[node], inputs.thresholds.at_risk[node]
    free = ~inputs.locked[node] & ~np.isnan(coverage)
    donor = free & ~reaches(coverage, at_risk)
    receiver = free & reaches(coverage, healthy)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(donor, np.minimum((at_risk - coverage) / at_risk, inputs.max_change), 0.0)
        appetite = np.where(receiver, np.maximum((coverage - healthy) / coverage, 0.0), 0.0)
    appetite = np.where(appetite > SMALLEST_APPETITE, appetite, 0.0)
    units = mine if unit is None else round_half_away(unit.in_units(mine))
    give = _whole(units * part, unit)
    take = _whole(np.where(appetite > 0, units * inputs.max_change, 0.0), unit)
    moved = np.minimum(teams.sums(give), teams.sums(take))
    given = _scaled(teams, give, moved, unit)
    taken = _shared(teams, take, appetite, moved, unit)
    change = taken - given if inputs.redistribute else np.zeros(len(node))
    base_units = base[node] if unit is None else round_half_away(unit.in_units(base[node]))
    base_change = on_base(teams, change, cumulative_hedge[node], base_units, unit)

    locked, text, flag_only = inputs.locked[node], Redistribution.REASONS.index, not inputs.redistribute
    role = np.select([locked, donor, receiver], [_role(Role.LOCKED), _role(Role.DONOR), _role(Role.RECEIVER)], _role(Role.UNCHANGED))  # fmt: skip
    cases = [
        (locked, "locked in Overrides"),
        (mine <= 0, "no quota"),
        (np.isnan(coverage), "no pipeline known"),
        (donor & flag_only, "below at risk; flag only, so nothing moves"),
        (receiver & flag_only, "healthy; flag only, so nothing moves"),
        (donor & (given == 0), "below at risk, but nobody in the team can take quota"),
        (donor & (given < give), "gives less: the team can take no more"),
        (donor & (part >= inputs.max_change), "gives the most allowed"),
        (donor, "gives its part"),
        (receiver & (appetite == 0), "exactly healthy: can take nothing"),
        (receiver & (taken == 0), "healthy, but nobody in the team gives quota"),
        (receiver & (taken >= take), "takes the most allowed"),
        (receiver, "takes its part"),
    ]
    flags, words = zip(*cases, strict=True)
    reason = np.select(flags, [text(word) for word in words], text("between the thresholds"))

    def spread(values: Floats, empty: float = 0.0) -> Floats:
        result = np.full(len(tree), empty)
        result[node] = values
        return result

    def amounts(values: Floats) -> Floats:
        return spread(values if unit is None else unit.to_amount(values))

    roles = np.full(len(tree), _role(Role.UNCHANGED), dtype=np.int8)
    roles[node] = role
    reasons = np.zeros(len(tree), dtype=np.int8)
    reasons[node] = reason
    return Redistribution(
        roles, reasons, amounts(change), amounts(base_change), spread(coverage, np.nan), amounts(give + take)
    )


#: Excess over healthy coverage that is noise of the division.
SMALLEST_APPETITE = 1e-12


def _role(role: Role) -> int:
    return Redistribution.ROLES.index(role)


def _whole(limits: Floats, unit: Unit | None) -> Floats:
    """Limits in whole units, never above; a hair below a whole number is that number."""
    return limits if unit is None else np.floor(limits + np.minimum(limits * 2.0**-49, 2.0**-10))


def _scaled(teams: IcTeams, limits: Floats, total: Floats, unit: Unit | None) -> Floats:
    """Parts in proportion to the limits that add up to the total of each team."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(total > 0, total / teams.sums(limits), 0.0)
    return _rounded(teams, limits * scale[teams.team], limits, total, unit)


def _shared(teams: IcTeams, limits: Floats, weight: Floats, total: Floats, unit: Unit | None) -> Floats:
    """Parts in proportion to the weights, each at most its limit, that add up to the total of each team.

    Who reaches the limit is full, and the others share what is left: the level of a basin that is filled.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        full_at = np.where(weight > 0, limits / weight, np.inf)
    order = np.lexsort((full_at, teams.team))
    sorted_limit, sorted_weight, sorted_full = limits[order], weight[order], full_at[order]
    filled = teams.running(sorted_limit)
    open_weight = np.maximum(teams.sums(weight)[teams.team] - teams.running(sorted_weight), 0.0)
    with np.errstate(invalid="ignore"):
        at_level = np.where(sorted_weight > 0, filled + sorted_full * open_weight, np.inf)
    is_full = at_level <= total[teams.team] * (1 + 1e-15)
    full_count = teams.sums(is_full.astype(np.float64)).astype(np.intp)
    last = np.maximum(teams.first + full_count - 1, 0)
    inside = full_count > 0
    left = total - np.where(inside, filled[last], 0.0)
    weights_left = np.where(inside, open_weight[last], teams.sums(weight))
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(weights_left > 0, np.maximum(left, 0.0) / weights_left, 0.0)
    part = np.empty(len(limits))
    part[order] = np.where(is_full, sorted_limit, np.minimum(sorted_weight * level[teams.team], sorted_limit))
    return _rounded(teams, part, limits, total, unit)


def _rounded(teams: IcTeams, parts: Floats, limits: Floats, total: Floats, unit: Unit | None) -> Floats:
    """Whole parts by running totals in id order, none above its limit, adding up to the whole total of each team."""
    if unit is None:
        return parts
    whole = np.clip(teams.whole_steps(parts), 0.0, limits)
    return _repaired(teams, whole, limits, total)


def _repaired(teams: IcTeams, whole: Floats, limits: Floats, total: Floats) -> Floats:
    """Give the units that noise of the division has lost to the first who have room, and take back surplus ones."""
    missing = total - teams.sums(whole)
    for team in np.flatnonzero(missing).tolist():
        left = float(missing[team])
        for i in teams.members(team):
            step = min(left, limits[i] - whole[i]) if left > 0 else max(left, -whole[i])
            whole[i] += step
            left -= step
            if left == 0:
                break
    return whole
