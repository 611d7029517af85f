"""How attainable quotas are: history, what it lets expect, and the chance of reaching the quota."""

from __future__ import annotations

import numpy as np

from revops_xl.model.attainability import Attainability, AttainabilityRules, History
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import SeatCapacity

#: A spread seen in few periods is drawn to that of everybody, as if so many more periods had shown it.
PRIOR_FREEDOM = 4.0
#: Spread of a period, as a part of it, where nobody's history shows one.
USUAL_SPREAD = 0.3
#: No history is so regular that its spread is nothing.
LEAST_SPREAD = 0.01


def attainability(
    plan: QuotaPlan,
    history: History,
    rules: AttainabilityRules,
    *,
    booked_growth: float = float("nan"),
    seats: SeatCapacity | None = None,
    ote: Floats | None = None,
    potential: Floats | None = None,
) -> Attainability:
    """Judge every quota.

    History counts as in the cascade: a blank or zero period is taken as the mean of the IC's other periods. What is
    expected of an IC is its history in the length of a plan, grown, for the part of the plan in which the seat is filled;
    of an IC without history what its team brings for each 1 of weighted capacity, times what its seat can carry. The chance
    is that of a t distribution around it; its spread is how the IC's periods differ after their season is taken out,
    drawn to that of all ICs, with what the mean itself may be off. A team's spread is that of its own sum.

    Args:
        plan: The quotas.
        history: Per row of the path table.
        rules: Growth to expect, bounds for quota : OTE.
        booked_growth: Growth that the bookings show over the time of the history; NaN: not known.
        seats: What seats can carry, per row; None: everybody all the time.
        ote: On-target earnings per row.
        potential: Of the territories, per row.
    """
    tree = plan.inputs.tree
    known = ~np.isnan(history.periods) & (history.periods != 0)
    plain = np.where(known, history.periods, np.nan)
    factor = _season(plain, known, history.parts)
    level = plain / factor[:, None]
    count = known.sum(axis=0)
    mean = np.divide(np.nansum(level, axis=0), count, out=np.full(level.shape[1], np.nan), where=count > 0)
    growth, source = _growth(rules, booked_growth)
    present = seats.present if seats is not None else np.ones(len(mean))
    own = mean * history.per_plan
    expected = own * (1 + growth) * present
    cv, pooled = _spreads(level, mean, count)
    spread = cv * np.sqrt(1 / history.per_plan + 1 / np.maximum(count, 1))
    freedom = PRIOR_FREEDOM + np.maximum(count - 1, 0)
    new = (count == 0) & (present > 0)
    if seats is not None and new.any():
        said, between = _by_capacity(tree, own, seats)
        expected[new] = said[new] * (1 + growth)
        spread[new] = np.sqrt(pooled**2 / history.per_plan + between**2)
        freedom[new] = PRIOR_FREEDOM
    at = np.where(tree.is_ic, tree.row, 0)
    node_history = _sums(tree, np.where(np.isnan(own), np.nan, own))
    node_expected = _sums(tree, expected)
    node_spread, node_freedom = _team_spreads(tree, history, level, mean, expected, spread)
    node_spread = np.where(tree.is_ic, spread[at], node_spread)
    node_freedom = np.where(tree.is_ic, freedom[at], node_freedom)
    chance = _chance(plan.quota, node_expected, node_spread, node_freedom)
    reps, reached = _share_at_quota(tree, chance)
    return Attainability(
        plan.quota,
        node_history,
        node_expected,
        node_spread,
        chance,
        reached,
        reps,
        _sums(tree, ote) if ote is not None else np.full(len(tree), np.nan),
        _sums(tree, potential) if potential is not None else np.full(len(tree), np.nan),
        growth,
        source,
    )


def _growth(rules: AttainabilityRules, booked: float) -> tuple[float, str]:
    """Growth to expect over history, and where it comes from."""
    if not np.isnan(rules.growth):
        return rules.growth, "the setting Expected growth"
    return (0.0, "none") if np.isnan(booked) else (booked, "Bookings")


def _season(periods: Floats, known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], parts: tuple[int, ...]) -> Floats:
    """Factor of each period by its part of the year, from ICs whose history is complete; 1 without two years of it."""
    part = np.array(parts)
    plain = np.ones(len(part))
    whole = known.all(axis=0)
    if (part < 0).any() or not whole.any():
        return plain
    kinds = np.unique(part)
    if min(np.bincount(part, minlength=int(part.max()) + 1)[kinds]) < 2 or len(kinds) < 2:
        return plain
    total = periods[:, whole].sum(axis=1)
    years = [np.flatnonzero(part == kind) for kind in kinds]
    mean = {int(kind): float(total[place].mean()) for kind, place in zip(kinds, years, strict=True)}
    middle = float(np.mean(list(mean.values())))
    if middle <= 0 or min(mean.values()) <= 0:
        return plain
    return np.array([mean[int(kind)] / middle for kind in part])


def _spreads(level: Floats, mean: Floats, count: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> tuple[Floats, float]:  # fmt: skip
    """Each row's spread as a part of its mean, drawn to that of all; and that of all."""
    off = np.nansum((level - mean) ** 2, axis=0)
    usable = (count > 1) & (mean > 0)
    square = np.divide(off, mean**2, out=np.zeros_like(off), where=usable)
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
    each = brought[usable] / weight[usable] / rate[parent[usable]] if usable.any() else np.zeros(0)
    between = float(np.std(each[np.isfinite(each)])) if len(each) > 1 else USUAL_SPREAD
    return said, between


def _team_spreads(tree: OrgTree, history: History, level: Floats, mean: Floats, expected: Floats, spread: Floats) -> tuple[Floats, Floats]:  # fmt: skip
    """Spread of each team's sum: how it differed by period, drawn to what independent members would have."""
    filled = np.where(np.isnan(level), mean, level)
    size = np.nan_to_num(expected)
    independent = _sums(tree, (size * np.nan_to_num(spread)) ** 2, divided=False)
    whole = _sums(tree, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        prior = np.where(whole > 0, np.sqrt(np.nan_to_num(independent)) / whole, np.nan)
    periods = len(filled)
    if periods < 3:
        return prior, np.full(len(tree), PRIOR_FREEDOM)
    sums = np.array([np.nan_to_num(_sums(tree, period)) for period in filled])
    middle = sums.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = np.where(middle > 0, sums.var(axis=0, ddof=1) / middle**2, np.nan)
    seen = square * (1 / history.per_plan + 1 / periods)
    drawn = (PRIOR_FREEDOM * prior**2 + (periods - 1) * seen) / (PRIOR_FREEDOM + periods - 1)
    return np.where(np.isnan(drawn), prior, np.sqrt(drawn)), np.full(len(tree), PRIOR_FREEDOM + periods - 1)


def _sums(tree: OrgTree, values: Floats, *, divided: bool = True) -> Floats:
    """Per node, the sum over its ICs that have a value; NaN where none has. A split IC's is divided."""
    part = tree.split if divided else tree.split**2
    own = np.where(tree.is_ic, values[tree.row] * part, 0.0)
    counted = np.where(tree.is_ic & ~np.isnan(own), 1.0, 0.0)
    total = tree.roll_up(np.nan_to_num(own))
    return np.where(tree.roll_up(counted) > 0, total, np.nan)


def _chance(quota: Floats, expected: Floats, spread: Floats, freedom: Floats) -> Floats:
    """Probability of reaching the quota; NaN without a quota or an expectation."""
    from scipy.special import stdtr  # noqa: PLC0415  (slow to start)

    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (quota - expected) / (expected * np.maximum(spread, LEAST_SPREAD))
        chance = np.where(expected > 0, stdtr(freedom, -distance), 0.0)
    return np.where((quota > 0) & ~np.isnan(expected), chance, np.nan)


def _share_at_quota(tree: OrgTree, chance: Floats) -> tuple[Floats, Floats]:
    """ICs with a chance below each node, and the mean of it; a split IC counts with its parts."""
    known = tree.is_ic & ~np.isnan(chance)
    reps = tree.roll_up(np.where(known, tree.split, 0.0))
    reached = tree.roll_up(np.where(known, np.nan_to_num(chance) * tree.split, 0.0))
    return reps, np.divide(reached, reps, out=np.full(len(tree), np.nan), where=reps > 0)
