"""What moves the plan: one assumption at a time, the whole plan computed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from revops_xl.engine.quotas.cascade import cascade
from revops_xl.errors import PlanError
from revops_xl.model.attainability import Attainability, Driver, Sensitivity
from revops_xl.model.inputs import QuotaInputs
from revops_xl.model.money import round_half_away
from revops_xl.model.results import QuotaPlan

#: How far hedges, weights and ramps are moved.
HEDGE_STEP, WEIGHT_STEP, RAMP_STEP = 0.01, 0.5, 0.5

#: Judges a plan whose seats ramp so many times as long as stated.
Judge = Callable[[QuotaPlan, float], Attainability | None]
#: The plan's inputs, with derived metrics for seats that ramp so many times as long.
Rebuild = Callable[[float], QuotaInputs]


@dataclass(frozen=True)
class _Figures:
    quotas: float
    moved: float
    reps: float
    ratio: float
    refused: str = ""


def sensitivity(plan: QuotaPlan, step: float, judge: Judge, rebuild: Rebuild | None) -> Sensitivity:
    """Move target, hedges, each weight and the ramp down and up, and look at the quotas of the ICs.

    Args:
        plan: The plan as it stands.
        step: By which part the target is moved.
        judge: What makes attainability of a plan.
        rebuild: The inputs with other ramps; None: nobody ramps.
    """
    inputs = plan.inputs

    def figures(changed: QuotaInputs, ramp: float = 1.0) -> _Figures:
        try:
            other = cascade(changed)
        except PlanError as error:
            return _Figures(np.nan, np.nan, np.nan, np.nan, error.problems[0].message)
        return _measure(plan, other, judge(other, ramp))

    drivers = []

    def add(name: str, cases: tuple[str, str], low: _Figures, high: _Figures) -> None:
        pairs = ((low.quotas, high.quotas), (low.moved, high.moved), (low.reps, high.reps), (low.ratio, high.ratio))
        drivers.append(Driver(name, cases, *pairs, (low.refused, high.refused)))

    low, high = (_target(inputs, 1 - step), _target(inputs, 1 + step))
    add("Target", (f"{low.target:,.2f}", f"{high.target:,.2f}"), figures(low), figures(high))
    add(
        "Hedges",
        (f"{HEDGE_STEP:g} less at every manager", f"{HEDGE_STEP:g} more"),
        figures(_hedged(inputs, -HEDGE_STEP)),
        figures(_hedged(inputs, HEDGE_STEP)),
    )
    weighty = [i for i, data in enumerate(inputs.blend) if data.metric.weight > 0]
    for i in weighty if len(weighty) > 1 else ():
        metric = inputs.blend[i].metric
        down, up = (1 - WEIGHT_STEP) * metric.weight, (1 + WEIGHT_STEP) * metric.weight
        add(
            f"Weight of {metric.name}",
            (f"{down:g}", f"{up:g}"),
            figures(_weighted(inputs, i, down)),
            figures(_weighted(inputs, i, up)),
        )
    if rebuild is not None:
        shorter, longer = 1 - RAMP_STEP, 1 + RAMP_STEP
        add(
            "Ramp months",
            (f"{shorter:.0%} of them", f"{longer:.0%} of them"),
            figures(rebuild(shorter), shorter),
            figures(rebuild(longer), longer),
        )
    here = _measure(plan, plan, judge(plan, 1.0))
    order = sorted(drivers, key=lambda each: (-_swing(each, here.reps), -_largest(each.moved), each.name))
    return Sensitivity(tuple(order), here.quotas, here.reps, here.ratio)


def _swing(driver: Driver, here: float) -> float:
    """How far the share of reps at quota moves from where it is; by the quota moved where nothing is known of it."""
    return 0.0 if np.isnan(here) else _largest(tuple(value - here for value in driver.reps_at_quota))


def _largest(values: tuple[float, ...]) -> float:
    """The largest size among those that are known."""
    return max((abs(value) for value in values if not np.isnan(value)), default=0.0)


def _measure(plan: QuotaPlan, other: QuotaPlan, judged: Attainability | None) -> _Figures:
    ics = plan.inputs.tree.is_ic
    moved = float(np.abs(other.quota[ics] - plan.quota[ics]).sum())
    total = float(other.quota[ics].sum())
    if judged is None:
        return _Figures(total, moved, np.nan, np.nan)
    known = judged.history[0]
    return _Figures(total, moved, float(judged.reps_at_quota[0]), float(known / total) if total else np.nan)


def _target(inputs: QuotaInputs, factor: float) -> QuotaInputs:
    moved = inputs.target * factor
    if inputs.unit is not None:
        moved = float(inputs.unit.to_amount(round_half_away(inputs.unit.in_units(np.array([moved]))))[0])
    return replace(inputs, target=moved)


def _hedged(inputs: QuotaInputs, step: float) -> QuotaInputs:
    manager = ~inputs.tree.is_ic
    factor = np.where(manager, np.maximum(inputs.hedges.factor + step, 1e-6), inputs.hedges.factor)
    return replace(inputs, hedges=replace(inputs.hedges, factor=factor))


def _weighted(inputs: QuotaInputs, index: int, weight: float) -> QuotaInputs:
    changed = replace(inputs.blend[index], metric=replace(inputs.blend[index].metric, weight=weight))
    return replace(inputs, blend=(*inputs.blend[:index], changed, *inputs.blend[index + 1 :]))
