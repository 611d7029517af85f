"""Why redistribution moves an IC's quota, or does not, as steps that a person can follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.pipeline import PipelineHealth, PipelineInputs, Redistribution, Role
from revops_xl.model.results import QuotaPlan, Step
from revops_xl.model.wording import money, number


def explain_pipeline(
    plan: QuotaPlan, inputs: PipelineInputs, health: PipelineHealth, moved: Redistribution, positions: list[int]
) -> list[Step]:
    """Coverage of a node and, for ICs, what redistribution makes of it; one pair of steps a placement."""
    steps = []
    for position in positions:
        steps.append(_coverage(plan, inputs, health, position))
        if plan.inputs.tree.is_ic[position]:
            steps.append(_adjustment(plan, inputs, moved, position))
        else:
            steps += _team(plan, moved, position)
    return steps


def _coverage(plan: QuotaPlan, inputs: PipelineInputs, health: PipelineHealth, position: int) -> Step:
    tree, limits = plan.inputs.tree, inputs.thresholds
    name, quota = tree.reference(position), float(plan.quota[position])
    pipeline, coverage = float(health.pipeline[position]), float(health.coverage[position])
    source = int(limits.source[position])
    status = str(PipelineHealth.STATUSES[health.status[position]])
    if np.isnan(pipeline):
        lines = [f"no pipeline is known: {status}"]
    elif np.isnan(coverage):
        lines = [f"pipeline {money(pipeline)}, quota {money(quota)}: {status}, so coverage is undefined"]
    else:
        lines = [f"pipeline {money(pipeline)} ÷ quota {money(quota)} = {coverage:.4f}: {status}"]
    whose = "the default" if source < 0 else f"of {tree.reference(source)}"
    lines.append(f"thresholds {whose}: healthy {limits.healthy[position]:g}, at risk {limits.at_risk[position]:g}")
    if float(np.nan_to_num(health.gap[position])) > 0:
        lines.append(f"{money(float(health.gap[position]))} of pipeline is missing to healthy")
    if not np.isnan(health.needed[position]):
        rate = f"won {health.win_rate[position]:.1%} of the amount closed"
        lines.append(f"{rate}, so the quota takes {health.needed[position]:.2f}× coverage")
    facts: dict[str, object] = {
        "step": "coverage",
        "node": name,
        "quota": quota,
        "pipeline": number(pipeline),
        "coverage": number(coverage),
        "status": status,
        "healthy": float(limits.healthy[position]),
        "at_risk": float(limits.at_risk[position]),
        "thresholds_from": None if source < 0 else tree.reference(source),
        "gap_to_healthy": number(float(health.gap[position])),
        "win_rate": number(float(health.win_rate[position])),
        "coverage_needed": number(float(health.needed[position])),
    }
    return Step(f"{name}: coverage", tuple(lines), facts)


def _adjustment(plan: QuotaPlan, inputs: PipelineInputs, moved: Redistribution, position: int) -> Step:
    tree = plan.inputs.tree
    name, parent = tree.reference(position), int(tree.parent[position])
    quota, change = float(plan.cascaded_quota[position]), float(moved.change[position])
    coverage = float(moved.coverage[position])
    role = Redistribution.ROLES[moved.role[position]]
    reason = Redistribution.REASONS[moved.reason[position]]
    lines = [f"{role}: {reason}"]
    healthy, at_risk = float(inputs.thresholds.healthy[position]), float(inputs.thresholds.at_risk[position])
    if role is Role.DONOR:
        gap = (at_risk - coverage) / at_risk
        lines.append(
            f"could give min({inputs.max_change:g}, ({at_risk:g} − {coverage:.4f}) ÷ {at_risk:g} = {gap:.4f}) × {money(quota)} "
            f"= {money(float(moved.limit[position]))}"
        )
    if role is Role.RECEIVER:
        lines.append(
            f"takes in proportion to ({coverage:.4f} − {healthy:g}) ÷ {coverage:.4f} = {(coverage - healthy) / coverage:.4f}, "
            f"at most {inputs.max_change:g} × {money(quota)} = {money(float(moved.limit[position]))}"
        )
    facts: dict[str, Any] = {"step": "redistribution", "node": name, "role": str(role), "reason": reason}
    more, totals = _limits(plan, moved, parent)
    lines += more
    facts |= totals
    if inputs.redistribute:
        lines.append(f"quota {money(quota)} {change:+,.2f} = {money(quota + change)}")
    else:
        lines.append("Adjustment mode is flag only: nothing is proposed")
    accepted = 0.0 if plan.accepted is None else float(plan.accepted[position])
    lines.append(
        f"in force: {accepted:+,.2f}, so the quota is {money(float(plan.quota[position]))}"
        if accepted
        else "not in force: Quotas changes when it is accepted"
        if change
        else "nothing to accept"
    )
    facts |= {
        "limit": float(moved.limit[position]),
        "quota_before": quota,
        "change": change,
        "adjusted_quota": round(quota + change, 6),
        "accepted_change": accepted,
    }
    return Step(f"{name}: redistribution", tuple(lines), facts)


def _limits(plan: QuotaPlan, moved: Redistribution, parent: int) -> tuple[list[str], dict[str, Any]]:
    """What the ICs right below a node can give and take, and what moves between them."""
    tree = plan.inputs.tree
    team = [node for node in tree.children(parent) if tree.is_ic[node]]
    lines, facts = [], {}
    for side, verb in {Role.DONOR: "can give", Role.RECEIVER: "can take"}.items():
        total = sum(float(moved.limit[node]) for node in team if Redistribution.ROLES[moved.role[node]] is side)
        lines.append(f"{tree.reference(parent)}: {side}s {verb} {money(total)} in all")
        facts[f"{side}s_limit"] = total
    facts["moved_in_team"] = sum(max(float(moved.change[node]), 0.0) for node in team)
    if facts["moved_in_team"]:
        lines.append(f"{money(facts['moved_in_team'])} moves in the team, which keeps its total")
    return lines, facts


def _team(plan: QuotaPlan, moved: Redistribution, position: int) -> list[Step]:
    """Redistribution below a node: in its own team of ICs, or summed over the teams below it."""
    tree = plan.inputs.tree
    name = tree.reference(position)
    team = [node for node in tree.children(position) if tree.is_ic[node]]
    facts: dict[str, Any] = {"step": "redistribution", "node": name}
    if team:
        lines, more = _limits(plan, moved, position)
        facts |= more
        for node in sorted(team, key=lambda node: float(moved.change[node])):
            if moved.change[node] != 0:
                reason = Redistribution.REASONS[moved.reason[node]]
                lines.append(f"{tree.reference(node)} {moved.change[node]:+,.2f}: {reason}")
    else:
        below = np.zeros(len(tree), dtype=bool)
        below[position] = True
        total = float(moved.change[tree.everybody_below(below) & (moved.change > 0)].sum())
        facts["moved_below"] = total
        lines = [f"{money(total)} moves inside the teams below; the total stays"]
    return [Step(f"{name}: redistribution", tuple(lines), facts)]
