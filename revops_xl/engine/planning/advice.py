"""Plain recommendations: which node, which amount, and why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from revops_xl.model.attainability import HEALTHY, LOW_RISK, MEDIUM_RISK, Advice, Attainability, AttainabilityRules
from revops_xl.model.bookings import TargetRange
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import CapacityPlan
from revops_xl.model.wording import money

#: Recommendations on one topic, and the least amount that is worth one.
MOST, LEAST = 8, 0.005
#: Part of an amount that a node below must make to be named instead.
MOST_OF = 0.7
#: Chance from which a quota is more likely reached than not.
EVEN = 0.5
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
    if target_range is not None and target_range.complete:
        listed += _bookings(target_range, capacity)
    if judged is not None:
        # bookings know more about a target than the mean of years; history is heard where they make it unlikely, too
        silent = target_range is None or not target_range.complete
        if silent or (
            target_range is not None and target_range.chance < EVEN and target_range.target <= target_range.high
        ):
            listed += _overall(plan, judged, capacity)
        listed += _teams(plan, judged)
        listed += _inside_teams(plan, judged)
        listed += _pay(plan, judged, rules)
        listed += _fairness(plan, judged)
    if capacity is not None:
        listed += _capacity(plan, capacity)
    whole = [each for each in listed if each.node == 0]
    return (*whole, *sorted((each for each in listed if each.node), key=lambda each: -each.amount))


def _largest(amount: Floats, say: Callable[[int], Advice]) -> list[Advice]:
    """What is to be said of the nodes with the largest amounts; nothing of those with none."""
    known = np.where(np.isfinite(amount), amount, 0.0)
    order = np.argsort(-known, kind="stable")[:MOST]
    return [say(int(node)) for node in order.tolist() if known[node] > LEAST]


def _bookings(given: TargetRange, capacity: CapacityPlan | None) -> list[Advice]:
    between = f"the range that bookings support ({money(given.low)} to {money(given.high)})"
    beyond = given.target - given.high
    if beyond > 0:
        text = f"The target of {money(given.target)} is {money(beyond)} above {between}; the chance of it is {given.chance:.0%}. Lower it, or say what changes."
        return [Advice(0, "Target", text, beyond)]
    if given.target < given.low:
        room = (
            "There is room to raise it."
            if not _short(capacity)
            else "There would be room to raise it, if seats could carry it: see Capacity."
        )
        text = f"The target of {money(given.target)} is {money(given.low - given.target)} below {between}. {room}"
        return [Advice(0, "Target", text, given.low - given.target)]
    return []


def _short(capacity: CapacityPlan | None) -> bool:
    """Whether seats leave a good part of the target uncarried."""
    return capacity is not None and capacity.gap > 0.05 * capacity.target


def _overall(plan: QuotaPlan, judged: Attainability, capacity: CapacityPlan | None) -> list[Advice]:
    """What history says about the target; nothing where the chance says otherwise."""
    ratio, history, target, chance = (
        float(judged.ratio[0]),
        float(judged.history[0]),
        plan.inputs.target,
        float(judged.chance[0]),
    )
    if np.isnan(ratio):
        return []
    low, high = HEALTHY
    if ratio < low and not chance >= EVEN:
        better = history / low
        text = f"History reaches {ratio:.0%} of the target. At {low:.0%} it would be {money(better)}, {money(target - better)} less."
        return [Advice(0, "Target", text, target - better)]
    if ratio > high and not chance < EVEN and not _short(capacity):
        better = history / high
        text = f"History reaches {ratio:.0%} of the target. There is room up to {money(better)}, {money(better - target)} more, before it is below {high:.0%}."
        return [Advice(0, "Target", text, better - target)]
    return []


def _teams(plan: QuotaPlan, judged: Attainability) -> list[Advice]:
    """Teams whose history is far from their quota."""
    tree, ratio = plan.inputs.tree, judged.ratio
    with np.errstate(invalid="ignore"):
        doubtful = ~(judged.chance >= EVEN)  # new seats may carry what the others' history does not
        over = np.where(
            ~tree.is_ic & (ratio < MEDIUM_RISK) & doubtful, judged.quota - judged.history / MEDIUM_RISK, 0.0
        )
    over[0] = 0.0  # the whole plan is spoken of apart
    _once(tree, over)

    def say(node: int) -> Advice:
        name, quota, history = tree.reference(node), float(judged.quota[node]), float(judged.history[node])
        text = f"{name}: history of {money(history)} is {ratio[node]:.0%} of the quota of {money(quota)}. {money(float(over[node]))} less would make it {MEDIUM_RISK:.0%}."
        return Advice(node, "Team", text, float(over[node]))

    return _largest(over, say)


def _once(tree: OrgTree, over: Floats) -> None:
    """A region, its head and its team are one problem: it is named at the lowest node that makes most of the amount."""
    for node in range(len(tree)):  # parents come first
        below = [child for child in tree.children(node) if not tree.is_ic[child]]
        if over[node] > 0 and any(over[child] >= MOST_OF * over[node] for child in below):
            over[node] = 0.0


def _inside_teams(plan: QuotaPlan, judged: Attainability) -> list[Advice]:
    """Who should give quota, and which colleague could take it at low risk."""
    tree, ratio, growth = plan.inputs.tree, judged.ratio, judged.growth_required
    with np.errstate(invalid="ignore"):
        over = np.where(tree.is_ic & (ratio < MEDIUM_RISK), judged.quota - judged.history / MEDIUM_RISK, 0.0)
        stays = np.minimum(judged.history, judged.expected)  # who leaves, or is not there yet, has room for less
        room = np.where(tree.is_ic & (judged.quota > 0), stays / LOW_RISK - judged.quota, 0.0)
        room = np.where(room > LEAST, room, 0.0)

    def say(node: int) -> Advice:
        team = tree.children(int(tree.parent[node]))
        mates = sorted((mate for mate in team if room[mate] > LEAST), key=lambda mate: -room[mate])[:2]
        free = {mate: float(room[mate]) for mate in mates}
        left = float(over[node])
        for mate in mates:  # the same room is not offered twice
            taken = min(left, free[mate])
            room[mate] -= taken
            left -= taken
        who = f"{tree.reference(node)} ({tree.reference(int(tree.parent[node]))})"
        asks = (
            f"asks for {growth[node]:+.0%} on history"
            if np.isfinite(growth[node])
            else "has no history above 0 behind it"
        )
        text = f"{who}: a quota of {money(float(judged.quota[node]))} {asks}. {money(float(over[node]))} less would make it {MEDIUM_RISK:.0%} attainable"
        if mates:
            named = " and ".join(f"{tree.reference(mate)} {money(free[mate])}" for mate in mates)
            text += f"; colleagues with room at low risk: {named}."
        else:
            text += "; nobody in the team has room at low risk."
        return Advice(node, "Quota", text, float(over[node]))

    return _largest(over, say)


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
        return Advice(node, "Quota : OTE", text, float(off[node]))

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
        return Advice(node, "Fairness", text, float(over[node]))

    return _largest(over, say)


def _capacity(plan: QuotaPlan, capacity: CapacityPlan) -> list[Advice]:
    """What seats cannot carry."""
    listed = []
    gap = capacity.gap
    if gap > 0.005 * capacity.target:
        after = "is laid over all seats again" if capacity.spread_again else "is more than they can carry"
        text = f"After leave and ramp the seats can carry {money(capacity.target - gap)} of the target; {money(gap)} {after} (sheet Capacity)."
        listed.append(Advice(0, "Capacity", text, gap))
    tree = plan.inputs.tree
    base, can, seat = plan.base[capacity.node], capacity.productive, capacity.capacity
    over = np.where(((seat.ramp < 1) | (seat.present < 1)) & (base > FAR_ABOVE * can), base - can, 0.0)

    def say(i: int) -> Advice:
        node = int(capacity.node[i])
        text = f"{tree.reference(node)} is in the role for {seat.present[i]:.0%} of the plan at a ramp of {seat.ramp[i]:.0%}: the base quota of {money(float(base[i]))} is {money(float(over[i]))} above what tier and ramp make it."
        return Advice(node, "Ramp", text, float(over[i]))

    return [*listed, *_largest(over, say)]
