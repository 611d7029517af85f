"""Who is gated, who is new, who is fixed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from revops_xl.engine.quotas.metric_values import node_values, row_values
from revops_xl.errors import PlanError, Problem
from revops_xl.model.inputs import GateFallback, NewHires, QuotaInputs
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools
from revops_xl.model.results import Roles

GATE_TESTS: dict[str, Callable[[Floats, float], Bools]] = {
    "gt": lambda value, threshold: value > threshold,
    "ge": lambda value, threshold: value >= threshold,
    "lt": lambda value, threshold: value < threshold,
    "le": lambda value, threshold: value <= threshold,
    "true": lambda value, _: value != 0,
}


def metric_values(inputs: QuotaInputs) -> Floats:
    """Node values of the blend metrics, shape (metrics, nodes)."""
    if not inputs.blend:
        return np.zeros((0, len(inputs.tree)))
    return np.stack([node_values(inputs.tree, row_values(data)) for data in inputs.blend])


def find_roles(inputs: QuotaInputs, values: Floats) -> Roles:
    """Decide every node's part.

    An IC fails the gate if it fails any gate metric; a team is gated when its whole team is. An override wins
    over a gate. Where a quota has only gated nodes below it (the root, or a fixed team), the fallback decides.

    Raises:
        PlanError: Everything below a quota is gated and the fallback is ERROR.
    """
    tree = inputs.tree
    fixed = np.zeros(len(tree), dtype=bool)
    fixed[[entry.node for entry in inputs.fixed]] = True
    gated = np.zeros(len(tree), dtype=bool)
    relaxed = unallocated = failing = gated
    if inputs.gates:
        passes = np.ones(len(tree.split[tree.is_ic]), dtype=bool)
        rows = tree.row[tree.is_ic]
        for data in inputs.gates:
            test = GATE_TESTS[data.metric.gate]
            passes &= test(row_values(data), data.metric.threshold)[rows]
        failing = np.zeros(len(tree), dtype=bool)
        failing[tree.is_ic] = ~passes
        gated = tree.all_below(failing, stop_at=fixed)
        gated, relaxed, unallocated = _apply_fallback(inputs, gated, fixed)
    by_rule = _new_hires(inputs, values)
    negative: Bools = np.asarray((values < 0).any(axis=0), dtype=bool)
    return Roles(gated, relaxed, by_rule & ~gated & ~fixed, fixed, negative, unallocated, failing, by_rule)


def _apply_fallback(inputs: QuotaInputs, gated: Bools, fixed: Bools) -> tuple[Bools, Bools, Bools]:
    """Where a quota finds nobody below it who could take it: every child is gated, or fixed at an amount of its own."""
    tree = inputs.tree
    gated = gated.copy()
    gated[0] = False
    closed = np.logical_and.reduceat(gated | fixed, tree.group_start) & np.logical_or.reduceat(gated, tree.group_start)
    stuck = np.zeros(len(tree), dtype=bool)
    stuck[tree.managers] = closed & ~gated[tree.managers]
    nobody = np.zeros(len(tree), dtype=bool)
    if not stuck.any():
        return gated, nobody, nobody
    if inputs.gate_fallback is GateFallback.ERROR:
        names = ", ".join(gate.metric.name for gate in inputs.gates)
        raise PlanError(
            Problem(
                "Metrics",
                "",
                f'everything below "{tree.reference(node)}" fails the gate ({names}), so its quota cannot be handed down',
                'Loosen the gate, or set "Gate fallback" to redistribute or leave.',
            )
            for node in np.flatnonzero(stuck).tolist()
        )
    if inputs.gate_fallback is GateFallback.LEAVE:
        return gated, nobody, stuck
    below = stuck.copy()
    for depth in range(1, tree.depths):
        here = slice(int(tree.depth_start[depth]), int(tree.depth_start[depth + 1]))
        below[here] |= below[tree.parent[here]] & gated[here]
    relaxed = below & gated
    return gated & ~relaxed, relaxed, nobody


def _new_hires(inputs: QuotaInputs, values: Floats) -> Bools:
    tree = inputs.tree
    nobody = np.zeros(len(tree), dtype=bool)
    match inputs.new_hires:
        case NewHires.FLAG:
            return np.asarray(tree.is_ic & inputs.new_hire_flags[tree.row])
        case NewHires.ALL_METRICS_ZERO:
            active = [i for i, data in enumerate(inputs.blend) if data.metric.weight > 0]
            return tree.is_ic & (values[active] == 0).all(axis=0) if active else nobody
        case NewHires.PRIMARY_METRIC_ZERO:
            return tree.is_ic & (values[0] == 0) if len(values) else nobody
        case NewHires.NONE:
            return nobody
