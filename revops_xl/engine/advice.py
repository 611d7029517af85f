"""Plain recommendations: which node, which amount, and why."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revops_xl.engine.wording import money
from revops_xl.model.attainability import HEALTHY, LOW_RISK, MEDIUM_RISK, Advice, Attainability, AttainabilityRules
from revops_xl.model.bookings import TargetRange
from revops_xl.model.results import QuotaPlan
from revops_xl.model.seats import CapacityPlan

#: Recommendations on one topic.
MOST = 8
#: A new seat's quota may exceed what it can carry by so much before it is said, and a quota : potential the median.
FAR_ABOVE, FAR_FROM_MEDIAN = 1.25, 1.5


def advise(
    plan: QuotaPlan,
    found: Attainability | None,
    rules: AttainabilityRules,
    target_range: TargetRange | None,
    capacity: CapacityPlan | None,
) -> tuple[Advice, ...]:
    """What to look at first, the plan as a whole before its nodes, the largest amounts first.

    Args:
        plan: The quotas.
        found: How attainable they are; None: not known.
        rules: Bounds for quota : OTE.
        target_range: What bookings support; None: not known.
        capacity: The target by tier and ramp; None: not known.
    """
    listed: list[Advice] = []
    if target_range is not None and target_range.complete:
        listed += _bookings(target_range)
    if found is not None:
        listed += _overall(plan, found)
        listed += _largest(_teams(plan, found))
        listed += _largest(_inside_teams(plan, found))
        listed += _largest(_pay(plan, found, rules))
        listed += _largest(_fairness(plan, found))
    if capacity is not None:
        listed += _capacity(plan, capacity)
    whole = [each for each in listed if each.node == 0]
    return (*whole, *sorted((each for each in listed if each.node), key=lambda each: -each.amount))


def _largest(found: Iterator[Advice]) -> list[Advice]:
    return sorted(found, key=lambda each: -each.amount)[:MOST]


def _bookings(given: TargetRange) -> list[Advice]:
    beyond = given.target - given.high
    if beyond > 0:
        text = f"The target of {money(given.target)} is {money(beyond)} above the range that bookings support ({money(given.low)} to {money(given.high)}); the chance of it is {given.chance:.0%}. Lower it, or say what changes."
        return [Advice(0, "Target", text, beyond)]
    if given.target < given.low:
        text = f"The target of {money(given.target)} is {money(given.low - given.target)} below the range that bookings support ({money(given.low)} to {money(given.high)}). There is room to raise it."
        return [Advice(0, "Target", text, given.low - given.target)]
    return []


def _overall(plan: QuotaPlan, found: Attainability) -> list[Advice]:
    ratio, history, target = float(found.ratio[0]), float(found.history[0]), plan.inputs.target
    if np.isnan(ratio):
        return []
    low, high = HEALTHY
    if ratio < low:
        better = history / low
        text = f"History reaches {ratio:.0%} of the target. At {low:.0%} it would be {money(better)}, {money(target - better)} less."
        return [Advice(0, "Target", text, target - better)]
    if ratio > high:
        better = history / high
        text = f"History reaches {ratio:.0%} of the target. There is room up to {money(better)}, {money(better - target)} more, before it is below {high:.0%}."
        return [Advice(0, "Target", text, better - target)]
    return []


def _teams(plan: QuotaPlan, found: Attainability) -> Iterator[Advice]:
    """Teams whose history is far from their quota, and teams with room."""
    tree, ratio = plan.inputs.tree, found.ratio
    for node in np.flatnonzero(~tree.is_ic & (ratio < MEDIUM_RISK)).tolist():
        if not node:
            continue
        name, quota, history = tree.reference(node), float(found.quota[node]), float(found.history[node])
        over = quota - history / MEDIUM_RISK
        text = f"{name}: history of {money(history)} is {ratio[node]:.0%} of the quota of {money(quota)}. {money(over)} less would make it {MEDIUM_RISK:.0%}."
        yield Advice(node, "Team", text, over)


def _inside_teams(plan: QuotaPlan, found: Attainability) -> Iterator[Advice]:
    """Who should give quota, and which colleague could take it at low risk."""
    tree, ratio = plan.inputs.tree, found.ratio
    with np.errstate(invalid="ignore"):
        over = np.where(tree.is_ic & (ratio < MEDIUM_RISK), found.quota - found.history / MEDIUM_RISK, 0.0)
        room = np.where(tree.is_ic & (ratio > LOW_RISK), found.history / LOW_RISK - found.quota, 0.0)
    for node in np.argsort(-over, kind="stable")[: 4 * MOST].tolist():
        if over[node] <= 0:
            break
        team = tree.children(int(tree.parent[node]))
        mates = sorted((mate for mate in team if room[mate] > 0), key=lambda mate: -room[mate])[:2]
        who = f"{tree.reference(node)} ({tree.reference(int(tree.parent[node]))})"
        quota = float(found.quota[node])
        text = f"{who}: a quota of {money(quota)} asks for {found.growth_required[node]:+.0%} on history. {money(float(over[node]))} less would make it {MEDIUM_RISK:.0%} attainable"
        if mates:
            named = " and ".join(f"{tree.reference(mate)} {money(float(room[mate]))}" for mate in mates)
            text += f"; colleagues with room at low risk: {named}."
        else:
            text += "; nobody in the team has room at low risk."
        yield Advice(node, "Quota", text, float(over[node]))


def _pay(plan: QuotaPlan, found: Attainability, rules: AttainabilityRules) -> Iterator[Advice]:
    """Quota : OTE out of bounds."""
    tree, ratio = plan.inputs.tree, found.ote_ratio
    with np.errstate(invalid="ignore"):
        out = tree.is_ic & ((ratio > rules.ote_high) | (ratio < rules.ote_low)) & (found.quota > 0)
    for node in np.flatnonzero(out).tolist():
        quota, ote = float(found.quota[node]), float(found.ote[node])
        bound = rules.ote_high if ratio[node] > rules.ote_high else rules.ote_low
        off = abs(quota - bound * ote)
        word = "a quota of" if ratio[node] > rules.ote_high else "a quota of at least"
        text = f"{tree.reference(node)}: the quota is {ratio[node]:.1f} × OTE; {bound:g} × would be {word} {money(bound * ote)} or an OTE of {money(quota / bound)}."
        yield Advice(node, "Quota : OTE", text, off)


def _fairness(plan: QuotaPlan, found: Attainability) -> Iterator[Advice]:
    """ICs who carry far more of their territory's potential than others."""
    tree = plan.inputs.tree
    with np.errstate(divide="ignore", invalid="ignore"):
        carried = np.where(
            tree.is_ic & (found.potential > 0) & (found.quota > 0), found.quota / found.potential, np.nan
        )
    if np.isfinite(carried).sum() < 4:
        return
    middle = float(np.nanmedian(carried))
    with np.errstate(invalid="ignore"):
        far = np.flatnonzero(carried > FAR_FROM_MEDIAN * middle)
    for node in far.tolist():
        fair = middle * float(found.potential[node])
        text = f"{tree.reference(node)} carries {carried[node]:.0%} of the territory's potential, the median is {middle:.0%}: {money(float(found.quota[node]) - fair)} less would be as much as others carry."
        yield Advice(node, "Fairness", text, float(found.quota[node]) - fair)


def _capacity(plan: QuotaPlan, capacity: CapacityPlan) -> list[Advice]:
    """What seats cannot carry."""
    listed = []
    gap = capacity.gap
    if gap > 0.005 * capacity.target:
        after = "is spread again over all seats" if capacity.spread_again else "is carried by nobody"
        text = f"After leave and ramp the seats carry {money(capacity.target - gap)} of the target; {money(gap)} {after} (sheet Capacity)."
        listed.append(Advice(0, "Capacity", text, gap))
    tree = plan.inputs.tree
    base, can = plan.base[capacity.node], capacity.productive
    ramping = (capacity.capacity.ramp < 1) | (capacity.capacity.present < 1)
    over = np.where(ramping & (base > FAR_ABOVE * can), base - can, 0.0)
    for i in np.argsort(-over, kind="stable")[:MOST].tolist():
        if over[i] <= 0:
            break
        node = int(capacity.node[i])
        seat = capacity.capacity
        text = f"{tree.reference(node)} is in the seat for {seat.present[i]:.0%} of the plan at a ramp of {seat.ramp[i]:.0%}: the base quota of {money(float(base[i]))} is {money(float(over[i]))} above what tier and ramp make it."
        listed.append(Advice(node, "Ramp", text, float(over[i])))
    return listed
