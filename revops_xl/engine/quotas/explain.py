"""Why a node has the number it has, step by step from the target."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.quotas.directions import RULES
from revops_xl.engine.quotas.metric_values import row_values
from revops_xl.model.inputs import Basis, Hedges, MetricData
from revops_xl.model.money import round_half_away
from revops_xl.model.results import Explanation, QuotaPlan, Step
from revops_xl.model.wording import counted, number


def explain(plan: QuotaPlan, positions: list[int]) -> Explanation:
    """Derive a node's quota on both layers; a split IC through each of its placements.

    Args:
        plan: The computed plan.
        positions: Where the node stands in the tree, from `OrgTree.find`.
    """
    tree = plan.inputs.tree
    steps = [_target(plan)]
    for position in positions:
        chain = [*tree.ancestors(position), position]
        steps += [_step(plan, child) for child in chain[1:]]
        if tree.is_ic[position]:
            steps.append(_history(plan, position))
    node = positions[0]
    return Explanation(
        tree.reference(node),
        tree.levels[tree.level[node]],
        _tidy(plan, sum(float(plan.base[p]) for p in positions)),
        _tidy(plan, sum(float(plan.quota[p]) for p in positions)),
        tuple(steps),
    )


def _tidy(plan: QuotaPlan, amount: float) -> float:
    unit = plan.inputs.unit
    return amount if unit is None else float(unit.to_amount(round_half_away(unit.in_units(amount))))


def _amount(value: float) -> str:
    """An amount as people read it; up to six decimals where it is not rounded."""
    text = f"{value:,.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"


#: Two shares that differ by less are the same.
SAME = 1e-9


def _value(value: float) -> str:
    """A metric's value as people read it."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _target(plan: QuotaPlan) -> Step:
    root = plan.inputs.tree.reference(0)
    return Step(
        f"{root}: the target",
        (f"target {_amount(plan.inputs.target)}, the same on both layers",),
        {"step": "target", "node": root, "target": plan.inputs.target},
    )


def _step(plan: QuotaPlan, child: int) -> Step:
    tree, roles = plan.inputs.tree, plan.roles
    parent = int(tree.parent[child])
    hedge = float(plan.inputs.hedges.factor[parent])
    source = Hedges.SOURCES[plan.inputs.hedges.source[parent]]
    name, above = tree.reference(child), tree.reference(parent)
    base_pool, pool = float(plan.base[parent]), float(plan.quota[parent]) * hedge
    siblings = tree.children(parent)
    carried = _amount(float(plan.quota[parent]))
    lines = [
        f"{above} hands down {_amount(base_pool)} before hedges, and {carried} × {hedge:g} ({source}) = {_amount(pool)} hedged"
    ]
    fixed = [node for node in siblings if roles.fixed[node]]
    if fixed:
        listed = ", ".join(f"{tree.reference(node)} {_amount(float(plan.quota[node]))}" for node in fixed)
        rest = pool - float(plan.quota[fixed].sum())
        lines.append(f"fixed in this team: {listed} hedged; {_amount(rest)} is left for the others")
    facts: dict[str, object] = {
        "step": "hand down",
        "node": name,
        "parent": above,
        "siblings": len(siblings),
        "hedge": hedge,
        "hedge_source": source,
        "base_pool": base_pool,
        "pool": pool,
        "fixed": {tree.reference(node): float(plan.quota[node]) for node in fixed},
    }
    rule, text, metrics = _rule(plan, child, fixed)
    lines += text
    exact_base, exact = float(plan.exact_base[child]), float(plan.exact_quota[child])
    lines.append(
        f"exact: base {_amount(exact_base)}, cumulative hedge {plan.cumulative_hedge[child]:.8g}, hedged {_amount(exact)}"
    )
    unit = plan.inputs.unit
    how = (
        "not rounded"
        if unit is None
        else f"rounded to {unit.size:f} by running totals in id order, so that the team adds up"
    )
    cascaded_base, cascaded = float(plan.cascaded_base[child]), float(plan.cascaded_quota[child])
    lines.append(f"{how}: base {_amount(cascaded_base)}, quota {_amount(cascaded)}")
    accepted = 0.0 if plan.accepted is None else float(plan.accepted[child])
    if accepted:
        carried_now = f"base {_amount(float(plan.base[child]))}, quota {_amount(float(plan.quota[child]))}"
        lines.append(f"accepted adjustment {accepted:+,.2f}, which the others of the team make up: {carried_now}")
    facts |= {
        "rule": rule,
        "metrics": metrics,
        "share_of_parent": number(plan.share[child]),
        "cumulative_hedge": float(plan.cumulative_hedge[child]),
        "exact_base_quota": exact_base,
        "exact_quota": exact,
        "cascaded_quota": cascaded,
        "accepted_adjustment": accepted,
        "base_quota": float(plan.base[child]),
        "quota": float(plan.quota[child]),
    }
    return Step(f"{name} from {above}", tuple(lines), facts)


def _rule(plan: QuotaPlan, child: int, fixed: list[int]) -> tuple[str, list[str], list[dict[str, object]]]:
    """Which rule decided, in words, and the metrics behind it."""
    tree, roles = plan.inputs.tree, plan.roles
    parent = int(tree.parent[child])
    siblings = tree.children(parent)
    if roles.fixed[child]:
        entry = next(entry for entry in plan.inputs.fixed if entry.node == child)
        layer = "before hedges" if entry.basis is Basis.BASE else "hedged"
        where = f" in {entry.where}" if entry.where else ""
        return "fixed", [f"fixed at {_amount(entry.amount)} {layer}{where}"], []
    if roles.gated[child]:
        gates = ", ".join(
            f"{data.metric.name} {data.metric.gate} {data.metric.threshold:g}" for data in plan.inputs.gates
        )
        return "gated", [f"gated ({gates}): no quota"], []
    lines = []
    if roles.relaxed[child]:
        lines.append("fails the gate, but so does everything beside it: the gate is relaxed")
    lines += _in_seat(plan, child)
    if roles.new_hire[child]:
        open_children = sum(not roles.gated[node] for node in siblings)
        full = abs(float(plan.share[child]) * open_children / float(tree.split[child]) - 1) < SAME
        share = (
            f"an equal share of the pool, 1 of {open_children} children"
            if full
            else "an equal share of what the overrides leave"
        )
        return "new hire", [*lines, f"new hire: {share}"], []
    new = sum(bool(roles.new_hire[node]) for node in siblings)
    if new:
        lines.append(f"{counted(new, 'new hire')} in this team: an equal share each, before the others")
    if plan.breakdown.equal[child]:
        return "equal split", [*lines, "no metric has a signal in this team: equal split"], []
    metrics: list[dict[str, object]] = []
    sharing = [node for node in siblings if not (roles.fixed[node] or roles.gated[node] or roles.new_hire[node])]
    for i, data in enumerate(plan.inputs.blend):
        metrics.append(_metric(plan, i, data, child, sharing, lines))
    others = "what is left" if fixed or new else "the pool"
    lines.append(f"share by metrics {plan.breakdown.share[child]:.6%} of {others}")
    return "share", lines, metrics


def _in_seat(plan: QuotaPlan, child: int) -> list[str]:
    """How the time of its seats changes a share."""
    seats, tree = plan.inputs.seats, plan.inputs.tree
    if seats is None:
        return []
    share = f"with the time of every seat in the team: {plan.share[child]:.4%} of the pool"
    if not tree.is_ic[child]:
        return [share]
    return [f"in the seat for {float(seats.in_seat[tree.row[child]]):.4%} of the plan by season; {share}"]


def _metric(
    plan: QuotaPlan, i: int, data: MetricData, child: int, sharing: list[int], lines: list[str]
) -> dict[str, object]:
    breakdown, metric = plan.breakdown, data.metric
    value, share = float(breakdown.metric_value[i, child]), breakdown.metric_share[i, child]
    influence = breakdown.influence[i, child]
    total = float(np.maximum(breakdown.metric_value[i, sharing], 0).sum())
    if np.isnan(share):
        lines.append(f"{metric.name}: no signal in this team, the other metrics take its weight")
    else:
        split = plan.inputs.tree.split
        whole = value / float(split[child]) if metric.direction == "inverse" else value
        largest = float((np.maximum(breakdown.metric_value[i, sharing], 0) / split[sharing]).max())
        how = RULES[metric.direction].explain(_value(whole), _value(total), _value(largest))
        lines.append(
            f"{metric.name} ({metric.direction}, weight {metric.weight:g}, influence {influence:.2%}): {how} {share:.4%}"
        )
    return {
        "metric": metric.name,
        "direction": metric.direction,
        "weight": metric.weight,
        "influence": number(influence),
        "value": value,
        "team_total": total,
        "share": number(share),
    }


def _history(plan: QuotaPlan, position: int) -> Step:
    """What the IC's metrics are made of."""
    tree = plan.inputs.tree
    row = int(tree.row[position])
    lines, facts = [], []
    for data in (*plan.inputs.blend, *plan.inputs.gates):
        periods = data.periods[:, row].tolist()
        value = float(row_values(data)[row])
        shown = ", ".join(
            f"{name} {'blank' if np.isnan(period) else _value(period)}"
            for name, period in zip(data.columns, periods, strict=True)
        )
        holes = (np.isnan(periods) | (np.array(periods) == 0)) & ~data.boolean
        filled = data.metric.impute_zeros and bool(holes.any()) and bool(np.nansum(np.abs(periods)) > 0)
        lines.append(
            f"{data.metric.name} = {_value(value)} from {shown}"
            + (" (zero or blank periods filled with the own average)" if filled else "")
        )
        facts.append(
            {
                "metric": data.metric.name,
                "use": data.metric.use,
                "value": value,
                "periods": {n: number(p) for n, p in zip(data.columns, periods, strict=True)},
                "imputed": filled,
            }
        )
    name = tree.reference(position)
    split = float(tree.split[position])
    if split < 1:
        lines.append(f"this row carries {split:.4%} of the IC")
    return Step(f"{name}: history", tuple(lines), {"step": "history", "node": name, "split": split, "metrics": facts})
