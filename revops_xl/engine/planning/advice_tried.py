"""What a recommendation would change: the plan with it, computed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from revops_xl.engine.quotas.cascade import cascade
from revops_xl.errors import PlanError
from revops_xl.model.attainability import Advice, Attainability
from revops_xl.model.inputs import Basis, Fixed, QuotaInputs
from revops_xl.model.money import round_half_away
from revops_xl.model.results import QuotaPlan
from revops_xl.model.wording import money

#: Recommendations that are tried: in a plan of up to so many nodes, and in a larger one.
TRIED, LARGE, TRIED_IN_LARGE = 12, 20_000, 3


def with_changes(
    plan: QuotaPlan, advice: tuple[Advice, ...], judge: Callable[[QuotaPlan], Attainability | None]
) -> tuple[Advice, ...]:
    """The same recommendations, the first ones with what the plan would be.

    Args:
        plan: The plan as it stands.
        advice: Recommendations.
        judge: What makes attainability of a plan.
    """
    here = judge(plan)
    if here is None:
        return advice
    left = TRIED if len(plan.inputs.tree) <= LARGE else TRIED_IN_LARGE
    found = []
    for each in advice:
        changed = _changed(plan, each) if left else None
        if changed is not None:
            left -= 1
            found.append(replace(each, changes=_told(plan, each.node, here, changed, judge)))
        else:
            found.append(each)
    return tuple(found)


def _changed(plan: QuotaPlan, advice: Advice) -> QuotaInputs | None:
    """The plan's inputs with a recommendation; None where there is nothing to run."""
    inputs, node, aim = plan.inputs, advice.node, advice.aim
    tree = inputs.tree
    if not aim > 0 or tree.split[node] < 1:
        return None
    while node and tree.child_count[tree.parent[node]] == 1:  # who is alone hands nothing over: those above do
        above = int(tree.parent[node])
        aim *= float(plan.quota[above] / plan.quota[node]) if plan.quota[node] > 0 else 1.0
        node = above
    if inputs.unit is not None:
        aim = float(inputs.unit.to_amount(round_half_away(inputs.unit.in_units(np.array([aim]))))[0])
    if node == 0:
        return replace(inputs, target=aim) if aim > 0 else None
    others = tuple(each for each in inputs.fixed if each.node != node)
    return replace(inputs, fixed=(*others, Fixed(node, aim, Basis.HEDGED)))


def _told(
    plan: QuotaPlan,
    node: int,
    here: Attainability,
    inputs: QuotaInputs,
    judge: Callable[[QuotaPlan], Attainability | None],
) -> str:
    """What differs, in words."""
    try:
        other = cascade(inputs)
    except PlanError:
        return "The plan has no room for it as it stands: overrides take the rest."
    there = judge(other)
    if there is None:
        return ""
    tree = plan.inputs.tree
    said = []
    if node:
        said.append(_moved(f"chance of {tree.reference(node)}", here.chance[node], there.chance[node]))
        while tree.child_count[tree.parent[node]] == 1 and tree.parent[node] > 0:
            node = int(tree.parent[node])
        mates = [mate for mate in tree.children(int(tree.parent[node])) if mate != node]
        more = [mate for mate in mates if other.quota[mate] > plan.quota[mate] + 0.005]
        taken = float(sum(other.quota[mate] - plan.quota[mate] for mate in more))
        if more:
            whom = tree.reference(more[0]) if len(more) == 1 else f"{len(more)} others beside it"
            said.append(f"{whom} carry {money(taken)} more" if len(more) > 1 else f"{whom} carries {money(taken)} more")
    said.append(_moved("chance of the target", here.chance[0], there.chance[0]))
    said.append(_moved("reps expected at quota", here.reps_at_quota[0], there.reps_at_quota[0]))
    text = "; ".join(part for part in said if part)
    return text[:1].upper() + text[1:] + "." if text else "No chance moves by a percent."


def _moved(what: str, before: float, after: float) -> str:
    """A chance before and after; "" where it stays as it is shown."""
    if np.isnan(before) or np.isnan(after) or f"{before:.0%}" == f"{after:.0%}":
        return ""
    return f"{what} {before:.0%} → {after:.0%}"
