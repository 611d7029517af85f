"""Plain recommendations: which node, which amount, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from revops_xl.model.attainability import Advice, Attainability, AttainabilityRules
from revops_xl.model.bookings import TargetRange
from revops_xl.model.deals import Ints
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import CapacityPlan
from revops_xl.model.verdicts import VERDICTS, ChanceVerdict, Level, level_of
from revops_xl.model.wording import money

#: Recommendations on one topic, altogether, and the least amount that is worth one.
MOST, MOST_ALTOGETHER, LEAST = 8, 15, 0.005
#: Part of an amount that a node below must make to be named instead.
MOST_OF = 0.7
#: The chance of what is expected, to which recommendations bring a quota; levels that are worth one.
EVEN, SERIOUS = 0.5, (Level.WATCH, Level.ACT)
#: A target is raised only by more than so much.
WORTH_RAISING = 1.02
#: A new seat's quota may exceed what it can carry by so much before it is said, and a quota : potential the median.
FAR_ABOVE, FAR_FROM_MEDIAN = 1.25, 1.5


def advise(
    plan: QuotaPlan,
    judged: Attainability | None,
    rules: AttainabilityRules,
    target_range: TargetRange | None,
    capacity: CapacityPlan | None,
) -> tuple[Advice, ...]:
    """What to look at first, the plan as a whole before its nodes, the largest amounts first.

    Args:
        plan: The quotas.
        judged: How attainable they are; None: not known.
        rules: Bounds for quota : OTE.
        target_range: What bookings support; None: not known.
        capacity: The target by tier and ramp; None: not known.
    """
    listed: list[Advice] = []
    said = np.zeros(len(plan.inputs.tree), dtype=bool)
    spoken = target_range is not None and target_range.complete and (judged is None or judged.company)
    if target_range is not None and spoken:
        listed += _target(target_range, capacity)
        said[0] = True
    if judged is not None:
        if not spoken:
            listed += _whole(plan, judged, said)
            listed += _room(plan, judged, capacity)
        listed += _quotas(plan, judged, said)
        listed += _pay(plan, judged, rules)
        listed += _fairness(plan, judged)
    if capacity is not None:
        listed += _capacity(plan, capacity, {each.node for each in listed})
    whole = [each for each in listed if each.node == 0]
    return (*whole, *_by_node([each for each in listed if each.node]))[:MOST_ALTOGETHER]


def _by_node(listed: list[Advice]) -> list[Advice]:
    """One of each node, what it can reach before what it costs; its other topics are named with it. The largest amount first."""
    found: dict[int, list[Advice]] = {}
    for each in listed:
        found.setdefault(each.node, []).append(each)
    merged = [
        replace(first, text=f"{first.text} Also: {', '.join(each.topic for each in others)}.") if others else first
        for first, *others in found.values()
    ]
    return sorted(merged, key=lambda each: -each.amount)


def _whole(plan: QuotaPlan, judged: Attainability, said: Bools) -> list[Advice]:
    """The target, where it is too much for most and not for one of them."""
    gap, _ = _own_gaps(plan, judged, said)
    if not gap[0] > LEAST:
        return []
    said[0] = True
    text = f"The target of {money(plan.inputs.target)} has a chance of {judged.chance[0]:.0%} ({judged.verdict(0)}): {money(float(judged.expected[0]))} is expected. {money(float(gap[0]))} less would make it {EVEN:.0%}."
    return [Advice(0, "Target", text, float(gap[0]), aim=float(judged.expected[0]))]


def _largest(amount: Floats, say: Callable[[int], Advice]) -> list[Advice]:
    """What is to be said of the nodes with the largest amounts; nothing of those with none."""
    known = np.where(np.isfinite(amount), amount, 0.0)
    order = np.argsort(-known, kind="stable")[:MOST]
    return [say(int(node)) for node in order.tolist() if known[node] > LEAST]


def _short(capacity: CapacityPlan | None) -> bool:
    """Whether seats leave a good part of the target uncarried."""
    return capacity is not None and capacity.gap > 0.05 * capacity.target


def _target(given: TargetRange, capacity: CapacityPlan | None) -> list[Advice]:
    """What bookings say about the target, by its chance."""
    verdict = given.verdict
    between = f"bookings let expect {money(given.expected)} ({money(given.low)} to {money(given.high)})"
    over = given.target - given.expected
    if level_of(verdict) in SERIOUS and over > 0:
        text = f"The target of {money(given.target)} has a chance of {given.chance:.0%} ({verdict}): {between}. {money(over)} less would make it {EVEN:.0%}."
        return [Advice(0, "Target", text, over, aim=given.expected)]
    room = given.low - given.target
    if verdict is ChanceVerdict.BACKED and room > 0:
        if _short(capacity):
            text = f"The target of {money(given.target)} is {money(room)} below what {between}; seats could not carry more, see Capacity."
            return [Advice(0, "Target", text, room)]
        text = f"The target of {money(given.target)} has a chance of {given.chance:.0%}: {between}. There is room for {money(room)} more."
        return [Advice(0, "Target", text, room, aim=given.low)]
    return []


def _reach(judged: Attainability, chance: float) -> Floats:
    """The quota of each node that would have a chance; NaN without an expectation."""
    from scipy.special import stdtrit  # noqa: PLC0415  (slow to start)

    away = -stdtrit(judged.freedom, chance)
    return np.asarray(judged.expected * np.maximum(1 + away * judged.spread, 0.0))


def _room(plan: QuotaPlan, judged: Attainability, capacity: CapacityPlan | None) -> list[Advice]:
    """How much more target would still be backed; only what history says, where bookings are silent."""
    could = float(_reach(judged, judged.limits.backed)[0])
    target = plan.inputs.target
    if judged.verdict(0) is not ChanceVerdict.BACKED or not could > WORTH_RAISING * target or _short(capacity):
        return []
    text = f"The target of {money(target)} has a chance of {judged.chance[0]:.0%} ({judged.verdict(0)}). There is room for {money(could - target)} more before it is below {judged.limits.backed:.0%}."
    return [Advice(0, "Target", text, could - target, aim=could)]


def _own_gaps(plan: QuotaPlan, judged: Attainability, said: Bools) -> tuple[Floats, Ints]:
    """Quota above what is expected of nodes whose chance is poor, each fact at one node: the lowest that makes most of it.

    What a node's managers ask too much of all of them is theirs: below a node that is named only what is asked beyond its
    own part counts.

    Returns:
        The amount of each node that is named, else 0; and the named node above whose part is left out, -1 for none.
    """
    tree, quota = plan.inputs.tree, judged.quota
    serious = np.array([level_of(word) in SERIOUS for word in VERDICTS])[judged.verdict_code]
    expected = np.where(judged.expected > 0, judged.expected, 0.0)
    shared, named, whose = np.ones(len(tree)), np.zeros(len(tree)), np.full(len(tree), -1)
    for node in range(len(tree)):  # parents come first
        asked = float(shared[node])
        gap = quota[node] - expected[node] * asked if serious[node] else 0.0
        below = np.asarray(tree.children(node), dtype=np.int64)
        if len(below):
            most = float((np.where(serious[below], quota[below] - expected[below] * asked, 0.0)).max())
            if gap > LEAST and not said[node] and most < MOST_OF * gap:
                named[node] = gap
            if (named[node] or said[node]) and expected[node] > 0:
                whose[node] = node if quota[node] > asked * expected[node] else whose[node]
                asked = max(asked, quota[node] / expected[node])
            shared[below], whose[below] = asked, whose[node]
        elif gap > LEAST and not said[node]:
            named[node] = gap
    own = whose == np.arange(len(tree))
    whose[own] = np.where(tree.parent[own] >= 0, whose[tree.parent[own]], -1)
    return named, whose


def _quotas(plan: QuotaPlan, judged: Attainability, said: Bools) -> list[Advice]:
    """Whose quota is too much, and which colleague could take it."""
    tree = plan.inputs.tree
    gap, whose = _own_gaps(plan, judged, said)
    stays = np.fmin(_reach(judged, judged.limits.backed), judged.expected)
    room = np.where(tree.is_ic & (judged.quota > 0), np.nan_to_num(stays - judged.quota), 0.0)
    room = np.where(room > LEAST, room, 0.0)

    def say(node: int) -> Advice:
        quota, over = float(judged.quota[node]), float(gap[node])
        who = tree.reference(node)
        if tree.is_ic[node]:
            who = f"{who} ({tree.reference(int(tree.parent[node]))})"
        text = f"{who}: a quota of {money(quota)}, {money(float(judged.expected[node]))} expected, a chance of {judged.chance[node]:.0%} ({judged.verdict(node)}). "
        if whose[node] >= 0:
            above = tree.reference(int(whose[node])) if whose[node] else "the target"
            text += f"{money(over)} of the gap is its own, the rest that of {above}"
        else:
            text += f"{money(over)} less would make the chance {EVEN:.0%}"
        topic = "Team"
        if tree.is_ic[node]:
            topic = "Quota"
            text += _taken_over(tree, node, over, room)
        return Advice(node, topic, text + ".", over, aim=quota - over)

    return _largest(np.where(np.arange(len(tree)) > 0, gap, 0.0), say)


def _taken_over(tree: OrgTree, node: int, over: float, room: Floats) -> str:
    """Colleagues whose quota would still be backed with more; the same room is not offered twice."""
    team = tree.children(int(tree.parent[node]))
    mates = sorted((mate for mate in team if room[mate] > LEAST and mate != node), key=lambda mate: -room[mate])[:2]
    if not mates:
        return "; nobody in the team has room"
    free = {mate: float(room[mate]) for mate in mates}
    for mate in mates:
        taken = min(over, free[mate])
        room[mate] -= taken
        over -= taken
    return "; colleagues with room: " + " and ".join(f"{tree.reference(mate)} {money(free[mate])}" for mate in mates)


def _pay(plan: QuotaPlan, judged: Attainability, rules: AttainabilityRules) -> list[Advice]:
    """Quota : OTE out of bounds."""
    tree, ratio = plan.inputs.tree, judged.ote_ratio
    with np.errstate(invalid="ignore"):
        bound = np.where(ratio > rules.ote_high, rules.ote_high, np.where(ratio < rules.ote_low, rules.ote_low, np.nan))
        off = np.where(tree.is_ic & (judged.quota > 0), np.abs(judged.quota - bound * judged.ote), np.nan)

    def say(node: int) -> Advice:
        quota, limit = float(judged.quota[node]), float(bound[node])
        word = "a quota of" if ratio[node] > rules.ote_high else "a quota of at least"
        pay = f" or an OTE of {money(quota / limit)}" if limit > 0 else ""
        text = f"{tree.reference(node)}: the quota is {ratio[node]:.1f} × OTE; {limit:g} × would be {word} {money(limit * float(judged.ote[node]))}{pay}."
        return Advice(node, "Quota : OTE", text, float(off[node]), aim=limit * float(judged.ote[node]))

    return _largest(off, say)


def _fairness(plan: QuotaPlan, judged: Attainability) -> list[Advice]:
    """ICs who carry far more of their territory's potential than others."""
    tree = plan.inputs.tree
    with np.errstate(divide="ignore", invalid="ignore"):
        carried = np.where(
            tree.is_ic & (judged.potential > 0) & (judged.quota > 0), judged.quota / judged.potential, np.nan
        )
    if np.isfinite(carried).sum() < 4:
        return []
    middle = float(np.nanmedian(carried))
    with np.errstate(invalid="ignore"):
        over = np.where(carried > FAR_FROM_MEDIAN * middle, judged.quota - middle * judged.potential, np.nan)

    def say(node: int) -> Advice:
        text = f"{tree.reference(node)} carries {carried[node]:.0%} of its share of the territory's potential, the median is {middle:.0%}: {money(float(over[node]))} less would be as much as others carry."
        return Advice(node, "Fairness", text, float(over[node]), aim=float(judged.quota[node] - over[node]))

    return _largest(over, say)


def _capacity(plan: QuotaPlan, capacity: CapacityPlan, named: set[int]) -> list[Advice]:
    """What seats cannot carry; nothing of those who are named already."""
    listed = []
    gap = capacity.gap
    if gap > 0.005 * capacity.target:
        after = "is laid over all seats again" if capacity.spread_again else "is more than they can carry"
        text = f"After leave and ramp the seats can carry {money(capacity.target - gap)} of the target; {money(gap)} {after} (sheet Capacity)."
        listed.append(Advice(0, "Capacity", text, gap, aim=capacity.target - gap))
    tree = plan.inputs.tree
    base, can, seat = plan.base[capacity.node], capacity.productive, capacity.capacity
    fresh = ~np.isin(capacity.node, list(named))
    over = np.where(fresh & ((seat.ramp < 1) | (seat.present < 1)) & (base > FAR_ABOVE * can), base - can, 0.0)

    def say(i: int) -> Advice:
        node = int(capacity.node[i])
        text = f"{tree.reference(node)} is in the role for {seat.present[i]:.0%} of the plan at a ramp of {seat.ramp[i]:.0%}: the base quota of {money(float(base[i]))} is {money(float(over[i]))} above what tier and ramp make it."
        return Advice(node, "Ramp", text, float(over[i]), aim=float(plan.quota[node] - over[i]))

    return [*listed, *_largest(over, say)]
