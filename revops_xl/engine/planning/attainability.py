"""How attainable quotas are: history, what it lets expect, and the chance of reaching the quota."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.engine.planning.history_levels import HistoryLevels, past_levels
from revops_xl.model.attainability import Attainability, AttainabilityRules, BookingsOutlook, History
from revops_xl.model.bookings import TargetRange
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import SeatCapacity

#: A spread seen in few periods is drawn to that of everybody, as if so many more periods had shown it.
PRIOR_FREEDOM = 4.0
#: Spread of a period, as a part of it, where nobody's history shows one.
USUAL_SPREAD = 0.3
#: What bookings expect of the company / what its seats add up to, between which both speak of the same.
FURTHEST = (0.8, 1.25)
#: No history is so regular that its spread is nothing.
LEAST_SPREAD = 0.01


@dataclass(frozen=True)
class _Expected:
    """Per row of the path table: what is expected, its standard error as a part of it, and what that rests on."""

    value: Floats
    spread: Floats
    freedom: Floats


def attainability(
    plan: QuotaPlan,
    history: History,
    rules: AttainabilityRules,
    *,
    period: PlanPeriod | None = None,
    outlook: BookingsOutlook | None = None,
    company: TargetRange | None = None,
    seats: SeatCapacity | None = None,
    productivity: Floats | None = None,
    ote: Floats | None = None,
    potential: Floats | None = None,
) -> Attainability:
    """Judge every quota.

    History is the mean of the IC's periods without their season, in the length and the season of the plan. Blank periods, and
    zeros before the first sale, are not known; a zero after it is one. What is expected of an IC is its history as if it had
    been ramped up, grown, times its presence and ramp in the plan; of an IC without history what its team brings for each 1 of
    weighted capacity, times what its seat can carry. ICs without a quota count in no team. The chance is that of a t distribution around it; its spread is how the IC's
    periods differ without their season, drawn to that of all ICs, with what the mean itself and the growth may be off. A
    team's spread is that of its own sum.

    Args:
        plan: The quotas.
        history: Per row of the path table.
        rules: Growth to expect, bounds for quota : OTE.
        period: What the plan covers; None: a year.
        outlook: What bookings say; None: nothing.
        company: What bookings let expect of the whole plan; None: not known.
        seats: What seats can carry, per row; None: everybody all the time.
        productivity: Of each row in each period of the history, periods x rows; None: everybody was ramped up.
        ote: On-target earnings per row.
        potential: Of the territories in the length of the plan, per row.
    """
    tree = plan.inputs.tree
    past = past_levels(history, period, outlook, productivity)
    growth, overall, source, error = _growth(rules, past)
    present = seats.present if seats is not None else np.ones(len(past.mean))
    ramp = seats.ramp if seats is not None else np.ones(len(past.mean))
    own = past.mean * history.per_plan * past.plan_factor
    full = past.full * history.per_plan * past.plan_factor
    cv, pooled = _spreads(past)
    count = np.where(np.isnan(full), 0, past.known.sum(axis=0))
    expected = _Expected(
        full * (1 + growth) * present * (ramp if productivity is not None else 1.0),
        np.sqrt(cv**2 * (1 / history.per_plan + 1 / np.maximum(count, 1)) + error**2),
        PRIOR_FREEDOM + np.maximum(count - 1, 0),
    )
    new = (count == 0) & (present > 0)
    if seats is not None and new.any():
        said, between = _by_capacity(tree, full * (1 + growth), seats)
        expected.value[new] = said[new]
        expected.spread[new] = np.sqrt(pooled**2 / history.per_plan + between**2 + error**2)
        expected.freedom[new] = PRIOR_FREEDOM
    counted = _carriers(tree, plan.quota)
    agrees, factor = _reconcile(tree, expected, counted, company)
    node_expected = to_cents(_sums(tree, expected.value, counted))  # what is shown is what is judged
    spread, freedom = _node_spreads(tree, history, past, expected, error, counted)
    spread = np.maximum(spread, LEAST_SPREAD)
    chance = _chance(plan.quota, node_expected, spread, freedom)
    spoken = company is not None and company.complete and company.target == plan.inputs.target
    if company is not None and spoken:
        # one chance of the target: that of the company's bookings, or the more careful one
        spoken = agrees or not chance[0] <= company.chance
        chance[0] = company.chance if spoken else chance[0]
    reps, reached = _share_at_quota(tree, chance)
    node_history = _sums(tree, own, counted)
    carried = tree.roll_up(np.where(tree.is_ic, plan.quota, 0.0))
    backed = tree.roll_up(np.where(tree.is_ic & np.asarray(past.known.any(axis=0))[tree.row], plan.quota, 0.0))
    return Attainability(
        plan.quota,
        node_history,
        node_expected,
        spread,
        freedom,
        np.divide(backed, carried, out=np.full(len(tree), np.nan), where=carried > 0),
        chance,
        reached,
        reps,
        _sums(tree, ote, counted) if ote is not None else np.full(len(tree), np.nan),
        _sums(tree, potential, counted) if potential is not None else np.full(len(tree), np.nan),
        np.where(tree.is_ic, growth[np.where(tree.is_ic, tree.row, 0)], np.nan),
        np.where(tree.is_ic, present[np.where(tree.is_ic, tree.row, 0)], np.nan),
        overall,
        source,
        spoken,
        float("nan") if agrees else factor,
        rules.limits,
    )


def _reconcile(tree: OrgTree, expected: _Expected, counted: Bools, company: TargetRange | None) -> tuple[bool, float]:
    """Bring what is expected of the ICs to what bookings let expect of all of them, by one factor, so that nodes agree with the top.

    Returns:
        Whether that was done: sums that are further apart are about other things. And bookings / ICs; NaN without both.
    """
    if company is None or not company.complete:
        return False, float("nan")
    total = float(_sums(tree, expected.value, counted)[0])
    factor = company.expected / total if total > 0 else float("nan")
    if not FURTHEST[0] <= factor <= FURTHEST[1]:
        return False, factor
    np.multiply(expected.value, factor, out=expected.value)
    return True, factor


def _growth(rules: AttainabilityRules, past: HistoryLevels) -> tuple[Floats, float, str, float]:
    """Growth to expect of each row over its history, that of a full history, where it comes from, and its error."""
    if not np.isnan(rules.growth):
        return np.full(len(past.mean), rules.growth), rules.growth, "the setting Expected growth", rules.growth_error
    if np.isnan(past.overall_growth):
        return np.zeros(len(past.mean)), 0.0, "nowhere: no growth is assumed", rules.growth_error
    return past.growth, past.overall_growth, "Bookings", past.error


def _spreads(past: HistoryLevels) -> tuple[Floats, float]:
    """Each row's spread as a part of its mean, drawn to that of all; and that of all."""
    count = (~np.isnan(past.level)).sum(axis=0)
    off = np.nansum((past.level - past.full) ** 2, axis=0)
    usable = (count > 1) & (past.full > 0)
    square = np.divide(off, past.full**2, out=np.zeros_like(off), where=usable)
    freedom = np.where(usable, count - 1, 0)
    pooled = float(square.sum() / freedom.sum()) if freedom.sum() else USUAL_SPREAD**2
    drawn = (PRIOR_FREEDOM * pooled + square) / (PRIOR_FREEDOM + freedom)
    return np.maximum(np.sqrt(drawn), LEAST_SPREAD), float(np.sqrt(pooled))


def _by_capacity(tree: OrgTree, own: Floats, seats: SeatCapacity) -> tuple[Floats, float]:
    """What a seat without history can bring, and how much seats differ for the same capacity."""
    place = np.flatnonzero(tree.is_ic)
    row, parent = tree.row[place], tree.parent[place]
    weight = seats.weighted[row] * tree.split[place]
    brought = own[row] * tree.split[place]
    usable = ~np.isnan(brought) & (weight > 0)
    total, heavy = np.zeros(len(tree)), np.zeros(len(tree))
    np.add.at(total, parent[usable], brought[usable])
    np.add.at(heavy, parent[usable], weight[usable])
    overall = total.sum() / heavy.sum() if heavy.sum() else np.nan
    rate = np.divide(total, heavy, out=np.full(len(tree), overall), where=heavy > 0)
    said = np.full(len(own), np.nan)
    said[row] = rate[parent] * seats.effective[row]
    with np.errstate(divide="ignore", invalid="ignore"):
        each = brought[usable] / weight[usable] / rate[parent[usable]]
    each = each[np.isfinite(each)]
    return said, float(np.std(each)) if len(each) > 1 else USUAL_SPREAD


def _node_spreads(
    tree: OrgTree, history: History, past: HistoryLevels, expected: _Expected, error: float, counted: Bools
) -> tuple[Floats, Floats]:
    """Spread and degrees of freedom of each node: an IC's own, a team's from its sum, a single member's where there is one.

    How a team's sum differed by period is drawn to what independent members would have; growth goes wrong for all at once.
    """
    at = np.where(tree.is_ic, tree.row, 0)
    size = np.nan_to_num(expected.value)
    apart = np.sqrt(np.maximum(np.nan_to_num(expected.spread) ** 2 - error**2, 0.0))
    independent = np.nan_to_num(_sums(tree, (size * apart) ** 2, counted, divided=False))
    whole = np.nan_to_num(_sums(tree, size, counted))
    prior = np.divide(np.sqrt(independent), whole, out=np.full(len(tree), np.nan), where=whole > 0)
    drawn, freedom = prior, np.full(len(tree), PRIOR_FREEDOM)
    periods = len(past.level)
    if periods > 2:
        grown = np.where(np.isnan(past.level), past.full, past.level)
        if len(past.trend) == periods:
            grown = grown / past.trend[:, None]
        sums = np.array([np.nan_to_num(_sums(tree, period, counted)) for period in grown])
        middle = sums.mean(axis=0)
        square = np.divide(sums.var(axis=0, ddof=1), middle**2, out=np.zeros(len(tree)), where=middle > 0)
        seen = square * (1 / history.per_plan + 1 / periods)
        drawn = np.sqrt((PRIOR_FREEDOM * prior**2 + (periods - 1) * seen) / (PRIOR_FREEDOM + periods - 1))
        freedom = freedom + periods - 1
    spread = np.where(tree.is_ic, expected.spread[at], np.sqrt(drawn**2 + error**2))
    freedom = np.where(tree.is_ic, expected.freedom[at], freedom)
    for _, managers, starts, _ in tree.sibling_groups(deepest_first=True):
        alone = tree.child_count[managers] == 1
        spread[managers[alone]], freedom[managers[alone]] = spread[starts[alone]], freedom[starts[alone]]
    return spread, freedom


def _carriers(tree: OrgTree, quota: Floats) -> Bools:
    """ICs who count in the sums of their teams: who carries no quota helps to reach none."""
    return np.asarray(tree.is_ic & (quota > 0))


def _sums(tree: OrgTree, values: Floats, counted: Bools, *, divided: bool = True) -> Floats:
    """Each IC's value, and per team the sum over its ICs that count and have one; NaN where there is none. A split IC's is divided."""
    part = tree.split if divided else tree.split**2
    own = np.where(tree.is_ic, values[tree.row] * part, np.nan)
    here = counted & ~np.isnan(own)
    total = tree.roll_up(np.where(here, np.nan_to_num(own), 0.0))
    found = np.where(tree.roll_up(here.astype(np.float64)) > 0, total, np.nan)
    return np.where(tree.is_ic, own, found)


def _chance(quota: Floats, expected: Floats, spread: Floats, freedom: Floats) -> Floats:
    """Probability of reaching the quota; NaN without a quota or an expectation."""
    from scipy.special import stdtr  # noqa: PLC0415  (slow to start)

    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (quota - expected) / (expected * spread)
        chance = np.where(expected > 0, stdtr(freedom, -distance), 0.0)
    return np.where((quota > 0) & ~np.isnan(expected), chance, np.nan)


def _share_at_quota(tree: OrgTree, chance: Floats) -> tuple[Floats, Floats]:
    """ICs with a chance below each node, and the mean of it; a split IC counts with its parts."""
    known = tree.is_ic & ~np.isnan(chance)
    reps = tree.roll_up(np.where(known, tree.split, 0.0))
    reached = tree.roll_up(np.where(known, np.nan_to_num(chance) * tree.split, 0.0))
    return reps, np.divide(reached, reps, out=np.full(len(tree), np.nan), where=reps > 0)
