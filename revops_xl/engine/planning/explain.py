"""What quota planning says about a node, as steps that a person can follow."""

from __future__ import annotations

import numpy as np

from revops_xl.model.attainability import Attainability
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan, Step
from revops_xl.model.seats import SeatCapacity
from revops_xl.model.wording import money, number


def explain_planning(plan: QuotaPlan, planning: PlanningOutcome, positions: list[int]) -> list[Step]:
    """Attainability, seat and phases of a node; a set of steps a placement."""
    steps: list[Step] = []
    for position in positions:
        steps += _attainability(plan, planning, position)
        steps += _seat(plan, planning, position)
        steps += _phases(plan, planning, position)
    return steps


def _attainability(plan: QuotaPlan, planning: PlanningOutcome, node: int) -> list[Step]:
    judged, history = planning.attainability, planning.inputs.history
    if judged is None or history is None:
        return []
    name = plan.inputs.tree.reference(node)
    past, expected = (round(float(each[node]), 2) for each in (judged.history, judged.expected))
    chance = float(judged.chance[node])
    quota, ratio = float(judged.quota[node]), float(judged.ratio[node])
    if np.isnan(past):
        lines = ["no history"]
    else:
        span = f"{history.per_plan:.3g} of the {len(history.columns)} periods {history.columns[0]} to {history.columns[-1]}"
        lines = [f"history: {money(past)} in the length of the plan, which is {span}"]
        if not np.isnan(ratio):
            lines.append(f"attainability {money(past)} ÷ {money(quota)} = {ratio:.1%}")
    if not np.isnan(expected):
        lines.append(
            f"expected {money(expected)}: {_why(judged, node, past)}; standard error {judged.spread[node]:.0%}"
        )
    if not np.isnan(chance):
        lines.append(f"chance of reaching {money(quota)}: {chance:.0%}, {judged.verdict(node)}")
    if not np.isnan(judged.ote_ratio[node]):
        lines.append(f"quota ÷ OTE of {money(float(judged.ote[node]))} = {judged.ote_ratio[node]:.1f}")
    could = float(judged.potential[node])
    if could > 0:
        whose = (
            "its part of its territory's potential" if plan.inputs.tree.is_ic[node] else "potential of the territories"
        )
        lines.append(f"{whose} {money(could)}; quota ÷ potential = {quota / could:.0%}")
    facts: dict[str, object] = {
        "step": "attainability",
        "node": name,
        "historical_average": number(past),
        "attainability": number(ratio),
        "growth_required": number(float(judged.growth_required[node])),
        "verdict": str(judged.verdict(node)),
        "expected": number(expected),
        "chance": number(chance),
        "reps_at_quota": number(float(judged.reps_at_quota[node])),
        "quota_to_ote": number(float(judged.ote_ratio[node])),
    }
    return [Step("Attainability", tuple(lines), facts)]


def _why(judged: Attainability, node: int, past: float) -> str:
    """What makes the expectation."""
    growth, present = float(judged.own_growth[node]), float(judged.present[node])
    if np.isnan(present):  # a team
        return "the sum of its ICs who carry a quota"
    if np.isnan(past):
        return "no history, so what the team brings for each 1 of weighted capacity × its own effective capacity"
    there = f" × present {present:.1%} of the plan" if present < 1 else ""
    return f"history × {1 + growth:.3f} (growth over the periods it has; from {judged.growth_source}){there}"


def _seat(plan: QuotaPlan, planning: PlanningOutcome, node: int) -> list[Step]:
    capacity = planning.capacity
    if capacity is None or not plan.inputs.tree.is_ic[node]:
        return []
    i = int(np.flatnonzero(capacity.node == node)[0])
    seat = capacity.capacity
    lines = (
        f"capacity × multiplier {seat.weighted[i]:.4g}: {money(float(capacity.full[i]))} of the target",
        f"× present {seat.present[i]:.1%} of the plan × ramp {seat.ramp[i]:.1%} meanwhile{_maturity(seat, i)} = effective capacity {seat.effective[i]:.4g}: {money(float(capacity.productive[i]))}",
        f"the cascade gives {money(float(plan.base[node]))} before hedges",
    )
    facts: dict[str, object] = {
        "step": "seat",
        "node": plan.inputs.tree.reference(node),
        "weighted_capacity": float(seat.weighted[i]),
        "present": float(seat.present[i]),
        "ramp": float(seat.ramp[i]),
        "effective_capacity": float(seat.effective[i]),
        "full_quota": float(capacity.full[i]),
        "productive_quota": float(capacity.productive[i]),
    }
    return [Step("Seat", lines, facts)]


def _maturity(seat: SeatCapacity, i: int) -> str:
    """The maturity of the seat's territory, if it is not 1."""
    before = float(seat.weighted[i] * seat.present[i] * seat.ramp[i])
    maturity = float(seat.effective[i]) / before if before else 1.0
    return "" if abs(maturity - 1) < 1e-9 else f" × maturity of the territory {maturity:g}"


def _away(plan: QuotaPlan, planning: PlanningOutcome, node: int) -> tuple[str, ...]:
    """What is relieved of a node while people are away."""
    found = planning.by_period
    if found is None:
        return ()
    full, carried, left = (float(each[node].sum()) for each in (found.full, found.carried, found.left))
    said = []
    if plan.inputs.tree.is_ic[node] and abs(full - carried) > 0.005:
        what = "relieved while away" if carried < full else "carried for others who are away"
        said.append(
            f"{money(abs(full - carried))} {what}: {money(carried)} of the year's {money(full)} is to be reached"
        )
    if left:
        said.append(f"{money(left)} is carried by nobody while people of this team are away")
    return tuple(said)


def _phases(plan: QuotaPlan, planning: PlanningOutcome, node: int) -> list[Step]:
    period = planning.inputs.period
    if planning.phased is None or planning.shares is None or period is None:
        return []
    names = period.month_names if planning.inputs.rules.monthly else period.quarter_names
    values = planning.phased[node].tolist()
    lines = tuple(
        f"{name}: {share:.2%} of the plan, {money(value)}"
        for name, share, value in zip(names, planning.shares.tolist(), values, strict=True)
    ) + _away(plan, planning, node)
    facts: dict[str, object] = {
        "step": "phases",
        "node": plan.inputs.tree.reference(node),
        "periods": dict(zip(names, values, strict=True)),
    }
    return [Step("By period", lines, facts)]
