"""Quota planning from end to end: what is known before the quotas, and what they are judged by after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revops_xl.engine.planning.advice import advise
from revops_xl.engine.planning.advice_tried import with_changes
from revops_xl.engine.planning.attainability import attainability
from revops_xl.engine.planning.baseline.baseline import baseline, outlook, periods_ahead, phase_shares, target_range
from revops_xl.engine.planning.optimum import optimise
from revops_xl.engine.planning.period_quotas import period_quotas
from revops_xl.engine.planning.phasing import phase
from revops_xl.engine.planning.potential import potential
from revops_xl.engine.planning.presence import presence
from revops_xl.engine.planning.ramp import capacity_plan, past_productivity, seat_capacity
from revops_xl.engine.planning.sensitivity import sensitivity
from revops_xl.model.attainability import Attainability
from revops_xl.model.bookings import BookingsBaseline, TargetRange
from revops_xl.model.inputs import MetricData, QuotaInputs, SeatWeights
from revops_xl.model.money import Floats, tidy
from revops_xl.model.org import OrgTree
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.planning import CAPACITY_METRIC, POTENTIAL_METRIC, Groundwork, PlanningInputs, PlanningOutcome
from revops_xl.model.presence import Presence
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import SeatCapacity, Seats
from revops_xl.model.territories import OptimisedQuotas


def groundwork(inputs: PlanningInputs, target: float, tree: OrgTree) -> Groundwork:
    """Baseline, potential and capacity: what does not depend on the quotas."""
    rules, period = inputs.rules, inputs.period
    found = spoken = None
    if inputs.bookings is not None:
        found = baseline(inputs.bookings, max(periods_ahead(inputs.bookings, period), 1), rules.baseline)
        aligned = period is not None and (inputs.bookings.season == 12 or period.whole_quarters)
        if period is not None and aligned:
            spoken = target_range(found, period, target, rules.baseline.interval)
            spoken = replace(spoken, limits=rules.attainability.limits)
    could = potential(inputs.territories, rules.interval, rules.seed) if inputs.territories is not None else None
    seats = seat_capacity(inputs.seats, period) if inputs.seats is not None and period is not None else None
    there = _presence(inputs, found)
    if seats is not None and there is not None:
        seats = _there(seats, there.life)
    by_row = None
    if could is not None and inputs.territory is not None:
        by_row = _row_potential(could.value, inputs, tree, seats) * (period.year_part if period is not None else 1.0)
    return Groundwork(found, spoken, could, seats, by_row, there)


def _there(seats: SeatCapacity, part: Floats) -> SeatCapacity:
    """What seats can carry if they are filled for these parts of the periods."""
    present = part.mean(axis=1)
    ratio = np.divide(present, seats.present, out=np.zeros_like(present), where=seats.present > 0)
    ratio = np.where(np.abs(ratio - 1) < 1e-9, 1.0, ratio)
    present = np.where(ratio == 1.0, seats.present, present)
    return replace(seats, present=present, effective=seats.effective * ratio)


def _presence(inputs: PlanningInputs, found: BookingsBaseline | None) -> Presence | None:
    """Who is in which seat by period; None where everybody is in one all the time, or what the plan covers is not known."""
    if inputs.tenure is None or inputs.period is None:
        return None
    there = presence(inputs.tenure, inputs.period, monthly_season(inputs, found))
    return there if there.dated else None


def monthly_season(given: PlanningInputs, found: BookingsBaseline | None) -> Floats:
    """Share of the plan that falls on each of its periods: as entered, by season, else by their length."""
    period = given.period
    if period is None:
        raise ValueError("what the plan covers is not known")
    weeks = period.calendar.weeks_of(period.periods)
    if given.shares is None:
        return phase_shares(found, period, monthly=True) if found is not None else weeks / weeks.sum()
    if len(given.shares) == period.months:
        return given.shares
    by_quarter = weeks.reshape(-1, 3)
    return np.asarray((given.shares[:, None] * by_quarter / by_quarter.sum(axis=1, keepdims=True)).ravel())


def _row_potential(value: Floats, inputs: PlanningInputs, tree: OrgTree, seats: SeatCapacity | None) -> Floats:
    """A territory's potential divided among its ICs by effective capacity; of a split IC the part of the whole person."""
    territory = inputs.territory
    if territory is None:
        raise ValueError("no territories are assigned")
    capacity = seats.effective if seats is not None else np.ones(len(territory))
    split = np.zeros(len(territory))
    split[tree.row[tree.is_ic]] = tree.split[tree.is_ic]
    here = territory >= 0
    whole = np.bincount(territory[here], weights=(capacity * split)[here], minlength=len(value))
    share = np.divide(capacity, whole[territory], out=np.zeros(len(capacity)), where=here & (whole[territory] > 0))
    return np.where(here, value[territory] * share, np.nan)


def with_derived(inputs: QuotaInputs, ground: Groundwork) -> QuotaInputs:
    """The cascade's inputs with the metrics that come from planning filled in."""
    source = {POTENTIAL_METRIC: ground.row_potential}
    source[CAPACITY_METRIC] = ground.capacity.effective if ground.capacity is not None else None

    there = ground.presence
    seats = seat_weights(inputs.tree, there) if there is not None and bool((there.weighed < 1).any()) else None

    def filled(data: MetricData) -> MetricData:
        values = source[data.columns[0]] if data.derived else None
        if values is not None and seats is not None:  # capacity counts the days already
            values = np.divide(values, seats.in_seat, out=np.zeros_like(values), where=seats.in_seat > 0)
        return data if values is None else replace(data, periods=values[None])

    inputs = replace(inputs, seats=seats)
    return replace(inputs, blend=tuple(map(filled, inputs.blend)), gates=tuple(map(filled, inputs.gates)))


def _beside_split(tree: OrgTree, there: Presence) -> Floats:
    """What each row weighs beside the split of its node: a person who moves is divided by it, though whole in each place."""
    split = np.ones(len(there.life))
    split[tree.row[tree.is_ic]] = tree.split[tree.is_ic]
    return np.divide(there.tenure.weight, split, out=np.zeros_like(split), where=split > 0)


def seat_weights(tree: OrgTree, there: Presence) -> SeatWeights:
    """What the cascade needs of presence."""
    beside = _beside_split(tree, there)[:, None] * there.weighed
    in_seat = there.weighed @ there.season
    if there.tenure.rules.by_shares:
        return SeatWeights(beside, there.season, in_seat)
    return SeatWeights((beside @ there.season)[:, None], np.ones(1), in_seat)


def plan_ahead(plan: QuotaPlan, given: PlanningInputs, ground: Groundwork) -> PlanningOutcome:
    """Everything that is said about quotas once they are there.

    Raises:
        PlanError: The limits of territories clash.
    """
    rules, tree, unit = given.rules, plan.inputs.tree, plan.inputs.unit
    shares = _shares(given, ground)
    phased = phase(tree, plan.quota, shares, unit) if shares is not None else None
    by_period = None
    if ground.presence is not None:
        by_period = period_quotas(tree, plan.quota, ground.presence, unit, plan.months)
        given = replace(given, rules=replace(rules, monthly=_by_month(given, ground.presence)))
        rules, shares, phased = given.rules, ground.presence.season, by_period.carried
        if not rules.monthly:
            starts = np.arange(0, len(shares), 3)
            shares, phased = np.add.reduceat(shares, starts), tidy(np.add.reduceat(phased, starts, axis=1), unit)
    capacity = None
    if (
        ground.presence is not None and ground.capacity is not None
    ):  # who is away carries nothing, though the seat is there
        beside = _beside_split(tree, ground.presence)
        ground = replace(ground, capacity=_there(ground.capacity, ground.presence.present * beside[:, None]))
    if ground.capacity is not None and given.seats is not None and given.seats.tiers:
        capacity = capacity_plan(
            tree, ground.capacity, plan.inputs.target, unit, plan.roles.gated, spread_again=rules.spread_again
        )

    said = outlook(ground.baseline, given.period) if ground.baseline is not None else None

    def judge(other: QuotaPlan, ramp: float = 1.0) -> Attainability | None:
        if given.history is None:
            return None
        seats = ground.capacity if ramp == 1.0 else _ramped(given, ramp)
        known = given.seats if seats is not None else None
        return attainability(
            _carried(other, ground.presence),
            given.history,
            rules.attainability,
            period=given.period,
            outlook=said,
            company=_spoken(ground, given, other.inputs.target),
            seats=seats,
            productivity=past_productivity(known, given.history) if known is not None else None,
            ote=given.ote,
            potential=ground.row_potential,
        )

    def rebuild(ramp: float) -> QuotaInputs:
        return with_derived(plan.inputs, replace(ground, capacity=_ramped(given, ramp)))

    judged = judge(plan)
    ground = _with_one_chance(ground, judged)
    ramping = ground.capacity is not None and bool((ground.capacity.ramp < 1).any())
    asked = judged is not None or capacity is not None or ground.baseline is not None
    return PlanningOutcome(
        given,
        ground,
        shares,
        phased,
        capacity,
        _optimum(plan, given, ground),
        judged,
        with_changes(plan, advise(plan, judged, rules.attainability, ground.target_range, capacity), judge),
        sensitivity(plan, rules.step, judge, rebuild if ramping else None) if asked else None,
        by_period,
    )


def _by_month(given: PlanningInputs, there: Presence) -> bool:
    """Whether quotas are shown by month: as asked, where people move or are away, and where quarters do not part the plan."""
    moving = bool((there.weighed < 1).any()) or there.relieved
    return given.rules.monthly or moving or given.period is None or not given.period.whole_quarters


def _carried(plan: QuotaPlan, there: Presence | None) -> QuotaPlan:
    """The plan with what each IC carries after relief, which is what is to be reached."""
    if there is None or not there.relieved:
        return plan
    tree, unit = plan.inputs.tree, plan.inputs.unit
    found = period_quotas(tree, plan.quota, there, unit, plan.months)
    return replace(plan, quota=np.where(tree.is_ic, tidy(found.carried.sum(axis=1), unit), plan.quota))


def _spoken(ground: Groundwork, given: PlanningInputs, target: float) -> TargetRange | None:
    """What bookings say about a target: the plan's, or one that is tried."""
    spoken = ground.target_range
    if spoken is None or ground.baseline is None or given.period is None or target == spoken.target:
        return spoken
    other = target_range(ground.baseline, given.period, target, given.rules.baseline.interval)
    return replace(other, limits=spoken.limits)


def _with_one_chance(ground: Groundwork, judged: Attainability | None) -> Groundwork:
    """The chance of the target that everything shows."""
    spoken = ground.target_range
    if judged is None or spoken is None or np.isnan(judged.chance[0]):
        return ground
    return replace(ground, target_range=replace(spoken, chance=float(judged.chance[0])))


def _ramped(given: PlanningInputs, ramp: float) -> SeatCapacity | None:
    if given.seats is None or given.period is None:
        return None
    return seat_capacity(_longer(given.seats, ramp), given.period)


def _longer(seats: Seats, ramp: float) -> Seats:
    """Seats that ramp so many times as long."""
    tiers = (
        replace(tier, steps=tuple((months * ramp, factor) for months, factor in tier.steps)) for tier in seats.tiers
    )
    return replace(seats, tiers=tuple(tiers))


def _shares(given: PlanningInputs, ground: Groundwork) -> Floats | None:
    """Entered shares, else those of the season."""
    if given.shares is not None:
        return given.shares
    period = given.period
    if period is None or not _phaseable(period, monthly=given.rules.monthly):
        return None
    if ground.baseline is None:  # no season; periods of weeks differ in length all the same
        asked = given.rules.monthly or period.calendar.weeks is not None
        even = monthly_season(given, None)
        return (even if given.rules.monthly else even.reshape(-1, 3).sum(axis=1)) if asked else None
    return phase_shares(ground.baseline, period, monthly=given.rules.monthly)


def _phaseable(period: PlanPeriod, *, monthly: bool) -> bool:
    return monthly or period.whole_quarters


def _optimum(plan: QuotaPlan, given: PlanningInputs, ground: Groundwork) -> OptimisedQuotas | None:
    """Quota laid over territories; None where nothing limits or weighs them."""
    territories, could = given.territories, ground.potential
    if territories is None or could is None or not _limited(given):
        return None
    tree = plan.inputs.tree
    present = np.full(len(territories), np.nan)
    total = plan.inputs.target
    if given.territory is not None:
        node = np.flatnonzero(tree.is_ic)
        at = given.territory[tree.row[node]]
        base = plan.base[node]
        present = np.bincount(at[at >= 0], weights=base[at >= 0], minlength=len(territories)).astype(np.float64)
        total = float(np.round(present.sum(), 6))
    if not np.isnan(given.rules.territory_total):
        total = given.rules.territory_total
    if total <= 0:
        return None
    part = given.period.year_part if given.period is not None else 1.0
    return optimise(territories, present, could.value, total, plan.inputs.unit, given.rules.fairness, part)


def _limited(given: PlanningInputs) -> bool:
    """Whether there is anything to optimise by: a worth of quota, or a limit."""
    territories = given.territories
    if territories is None or not len(territories):
        return False
    known = (territories.conversion, territories.utilization, territories.minimum, territories.maximum)
    return any(np.isfinite(each).any() for each in known)
