"""Quota from ICs whose pipeline does not support it to colleagues whose pipeline supports more: each team keeps its total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.engine.common.ic_teams import IcTeams, on_base
from revops_xl.engine.pipeline.coverage import coverage_of
from revops_xl.model.money import Floats, Unit, amounts_of, whole_units
from revops_xl.model.org import Bools
from revops_xl.model.pipeline import PipelineInputs, Reason, Redistribution, Role, reaches
from revops_xl.model.results import QuotaPlan

#: Excess over healthy coverage that is noise of the division.
SMALLEST_APPETITE = 1e-12


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
    teams = IcTeams.of(tree)
    node = teams.node
    quota = plan.cascaded_quota[node]
    flow = _flow(teams, quota, whole_units(quota, unit), unit, inputs)
    change = flow.taken - flow.given if inputs.redistribute else np.zeros(len(node))
    held = whole_units(plan.cascaded_base[node], unit)
    base_change = on_base(teams, change, plan.cumulative_hedge[node], held, unit)
    roles = np.select(
        [inputs.locked[node], flow.donor, flow.receiver],
        [Redistribution.ROLES.index(role) for role in (Role.LOCKED, Role.DONOR, Role.RECEIVER)],
        Redistribution.ROLES.index(Role.UNCHANGED),
    )

    def spread(values: Floats, elsewhere: float = 0.0) -> Floats:
        result = np.full(len(tree), elsewhere)
        result[node] = values
        return result

    return Redistribution(
        spread(roles.astype(np.float64), Redistribution.ROLES.index(Role.UNCHANGED)).astype(np.int8),
        spread(_reasons(flow, quota, inputs, inputs.locked[node]).astype(np.float64)).astype(np.int8),
        spread(amounts_of(change, unit)),
        spread(amounts_of(base_change, unit)),
        spread(flow.coverage, np.nan),
        spread(amounts_of(flow.give + flow.take, unit)),
    )


@dataclass(frozen=True)
class _Flow:
    """Who could move quota and who does; one entry per IC, amounts in units.

    Attributes:
        coverage: Pipeline / quota; NaN where undefined.
        donor: Below at risk and free to give.
        receiver: Healthy and free to take.
        appetite: Weight of a receiver, 0 where it is exactly healthy.
        at_cap: Whether a donor's limit is the cap.
        give: Most that a donor can give.
        take: Most that a receiver can take.
        given: What moves from a donor.
        taken: What moves to a receiver.
    """

    coverage: Floats
    donor: Bools
    receiver: Bools
    appetite: Floats
    at_cap: Bools
    give: Floats
    take: Floats
    given: Floats
    taken: Floats


def _flow(teams: IcTeams, quota: Floats, units: Floats, unit: Unit | None, inputs: PipelineInputs) -> _Flow:
    node = teams.node
    coverage = coverage_of(inputs.pipeline[node], quota)
    healthy, at_risk = inputs.thresholds.healthy[node], inputs.thresholds.at_risk[node]
    free = ~inputs.locked[node] & ~np.isnan(coverage)
    donor = free & ~reaches(coverage, at_risk)
    receiver = free & reaches(coverage, healthy)
    with np.errstate(divide="ignore", invalid="ignore"):
        wish = np.where(receiver, np.maximum((coverage - healthy) / coverage, 0.0), 0.0)
    appetite = np.where(wish > SMALLEST_APPETITE, wish, 0.0)
    pipeline = inputs.pipeline[node] if unit is None else unit.in_units(inputs.pipeline[node])
    cap = units * inputs.max_change
    gap = units - pipeline / at_risk  # gap x quota, without the noise of a difference of quotients
    give = np.where(donor, _whole(np.minimum(gap, cap), units, unit), 0.0)
    take = np.where(appetite > 0, _whole(cap, units, unit), 0.0)
    moved = np.minimum(teams.sums(give), teams.sums(take))
    given, taken = _scaled(teams, give, moved, unit), _shared(teams, take, appetite, moved, unit)
    return _Flow(coverage, donor, receiver, appetite, donor & (gap >= cap), give, take, given, taken)


def _reasons(flow: _Flow, quota: Floats, inputs: PipelineInputs, locked: Bools) -> npt.NDArray[np.intp]:
    """Why each IC gives or takes what it does, as index into REASONS."""
    flag_only = not inputs.redistribute
    cases = {
        Reason.LOCKED: locked,
        Reason.NO_QUOTA: quota <= 0,
        Reason.NO_PIPELINE: np.isnan(flow.coverage),
        Reason.DONOR_FLAGGED: flow.donor & flag_only,
        Reason.RECEIVER_FLAGGED: flow.receiver & flag_only,
        Reason.NO_APPETITE: flow.receiver & (flow.appetite == 0),
        Reason.TOO_LITTLE: (flow.donor & (flow.give == 0)) | (flow.receiver & (flow.take == 0)),
        Reason.NO_RECEIVER: flow.donor & (flow.given == 0),
        Reason.GIVES_LESS: flow.donor & (flow.given < flow.give),
        Reason.GIVES_MOST: flow.at_cap,
        Reason.GIVES: flow.donor,
        Reason.NO_DONOR: flow.receiver & (flow.taken == 0),
        Reason.TAKES_MOST: flow.receiver & (flow.taken >= flow.take),
        Reason.TAKES: flow.receiver,
    }
    order = Redistribution.REASONS.index
    return np.select(list(cases.values()), [order(reason) for reason in cases], order(Reason.BETWEEN))


def _whole(limits: Floats, units: Floats, unit: Unit | None) -> Floats:
    """Limits in whole units, never above; what lies below a whole number by noise of the quota is that number."""
    return limits if unit is None else np.floor(limits + np.minimum(units * 2.0**-49, 2.0**-10))


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
