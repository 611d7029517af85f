"""Why a manager's commit counts as it does, as a step that a person can follow."""

from __future__ import annotations

import numpy as np

from revops_xl.model.commits import CommitReview, CommitRollUp, CommitRules
from revops_xl.model.org import OrgTree
from revops_xl.model.results import Step
from revops_xl.model.wording import number


def explain_commit(
    review: CommitReview, sums: CommitRollUp | None, tree: OrgTree, rules: CommitRules, name: str
) -> list[Step]:
    """Quotient, adjusted commit and blended forecast of a manager, and what a node counts in the roll-up."""
    steps = _commit(review, rules, name)
    places = [] if sums is None else [i for i, node in enumerate(sums.node.tolist()) if tree.reference(node) == name]
    return steps + [_sum(sums, tree, i) for i in places if sums is not None and not tree.is_ic[sums.node[i]]]


def _sum(sums: CommitRollUp, tree: OrgTree, i: int) -> Step:
    node = int(sums.node[i])
    name, counted = tree.reference(node), int(sums.counted[i])
    place = {position: number for number, position in enumerate(sums.node.tolist())}
    below = [child for child in tree.children(node) if child in place]
    lines = [
        f"{tree.reference(child)}: adjusted {sums.adjusted[place[child]]:,.2f}, forecast {sums.forecast[place[child]]:,.2f}"
        for child in below
    ]
    complete = f"{int(sums.committed[i])} of {int(sums.expected[i])} below are complete"
    if counted:
        lines.append(
            f"counts as the sum of {counted} below ({complete}): adjusted {sums.adjusted[i]:,.2f}, forecast {sums.forecast[i]:,.2f}"
        )
    else:
        why = f" ({complete})" if sums.expected[i] else ""
        lines.append(
            f"counts as its own commit{why}: adjusted {sums.adjusted[i]:,.2f}, forecast {sums.forecast[i]:,.2f}"
        )
    facts: dict[str, object] = {
        "step": "roll-up",
        "node": name,
        "counted_below": counted,
        "complete_below": int(sums.committed[i]),
        "expected_below": int(sums.expected[i]),
        "commit": float(sums.commit[i]),
        "adjusted_commit": float(sums.adjusted[i]),
        "forecast": float(sums.forecast[i]),
    }
    return Step(f"{name}: commits added up", tuple(lines), facts)


def _commit(review: CommitReview, rules: CommitRules, name: str) -> list[Step]:
    bias = review.bias
    if name not in bias.managers:
        return []
    i = bias.managers.index(name)
    commit, actual, quotient = float(bias.commit[i]), float(bias.actual[i]), float(bias.quotient[i])
    lines = []
    if np.isnan(bias.plain[i]):
        all_ = f"the mean of all managers, {quotient:.4f}" if bias.drawn else "1"
        lines.append(f"no closed period with a commit, so the quotient is {all_}")
    else:
        lines.append(
            f"{int(bias.periods[i])} closed periods: actual {actual:,.2f} ÷ commit {commit:,.2f} = {bias.plain[i]:.4f}"
        )
    if bias.drawn and not np.isnan(bias.plain[i]):
        lines.append(
            f"drawn to the mean of all managers, {bias.mean:.4f}, for differences may be chance: {bias.weight[i]:.0%} of its own counts: {quotient:.4f}"
        )
    if rules.shrinkage and not np.isnan(bias.plain[i]):
        several = "s" * (rules.shrinkage != 1)
        lines.append(f"with {rules.shrinkage:g} period{several} of unbiased commits added: {quotient:.4f}")
    lines.append(f"neutral is {1 - rules.neutral_band:g} to {1 + rules.neutral_band:g}: {bias.label[i]}")
    if not np.isnan(bias.low[i]):
        of = "the quotient" if bias.drawn else "actual ÷ commit"
        how = "" if bias.drawn else ", by bootstrap over periods"
        lines.append(f"{rules.interval:.0%} interval of {of} {bias.low[i]:.4f} to {bias.high[i]:.4f}{how}")
    current, machine = float(review.commit[i]), float(review.machine[i])
    if np.isnan(current):
        lines.append("no current commit")
    else:
        lines.append(f"commit {current:,.2f} × {quotient:.4f} = {review.adjusted[i]:,.2f}")
    if not np.isnan(review.blended[i] + machine):
        weight = review.weight
        lines.append(
            f"blended: {1 - weight:.4g} × {review.adjusted[i]:,.2f} + {weight:.4g} × machine forecast {machine:,.2f} = {review.blended[i]:,.2f}"
        )
    facts: dict[str, object] = {
        "step": "commit",
        "manager": name,
        "periods": int(bias.periods[i]),
        "commit": commit,
        "actual": actual,
        "bias_quotient": quotient,
        "label": str(bias.label[i]),
        "low": number(bias.low[i]),
        "high": number(bias.high[i]),
        "current_commit": number(current),
        "adjusted_commit": number(review.adjusted[i]),
        "machine_forecast": number(machine),
        "blended_forecast": number(review.blended[i]),
    }
    return [Step(f"{name}: commit", tuple(lines), facts)]
