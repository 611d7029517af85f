"""Sheet Cascade: the rule of the cascade worked out, one row per node; Quotas reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.model.cascade_steps import CascadeSteps
from revops_xl.model.codes import Coded
from revops_xl.model.org import OrgTree
from revops_xl.model.parts import Part
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.quotas.cascade_formulas import METRIC_SHARES, METRICS, active_metrics, formulas
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import InSight
from revops_xl.tables.schema.result import Formula, ResultColumn, ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

#: Between an IC and the node above it, in the key of a placement.
SPLIT_MARK = " < "


def _number(name: str, text: str, width: int = 10, number_format: str = "") -> Column:
    return Column(name, Kind.NUMBER, text, width=width, number_format=number_format)


TABLE = Table(
    "Cascade",
    "How each quota is worked out, as formulas: change the target, a hedge or an override, and Quotas follows. Amounts in rounding units.",
    (
        Column("Node", Kind.NODE, "The node.", width=30),
        Column("Key", Kind.TEXT, "The node; for a placement of a split IC with the node above.", width=30),
        Column("Level", Kind.TEXT, "Its level.", width=12),
        _number("No", "Number of the node in this run."),
        _number("Parent no", "Number of the node above; -1 for the top node."),
        _number("Place", "Place among its siblings, by id: the order in which quotas are rounded."),
        _number("Split", "Share of a split IC that this placement carries; 1 for the others.", 10, "0.0%"),
        _number("Split before", "Shares of its placements before this one.", 10, "0.0%"),
        _number("Line", "Line of the outline."),
        _number("Last line", "Last line of what is below the node."),
        Column("IC", Kind.BOOLEAN, "TRUE for an IC.", width=8),
        Column("Fails gate", Kind.BOOLEAN, "TRUE for an IC that fails a gate.", width=8),
        Column("New by rule", Kind.BOOLEAN, "TRUE for an IC whom the setting New hires finds new.", width=8),
        *(_number(name, f"Value of blend metric {i + 1}, added up over the ICs below.", 13) for i, name in enumerate(METRICS)),
        _number("Parent row", "Row of the table where the parent stands."),
        Column("Hedge", Kind.FACTOR, "Hedge of the node, else of its level, else the default; 1 for an IC.", width=9),
        Column("Hedges above", Kind.FACTOR, "Product of the hedges above.", width=11),
        _number("Fixed", "1 if Overrides fixes an amount."),
        _number("Fixed amount", "That amount.", 15, "#,##0.00"),
        _number("Fixed on quota", "1 if it is meant after hedges."),
        _number("Fixed before hedges", "The amount before hedges, in currency.", 16, "#,##0.00"),
        _number("Fixed base units", "The same in rounding units.", 16),
        _number("Fixed quota units", "The amount after hedges, in rounding units.", 16),
        _number("Gated", "1 if the node gets nothing."),
        _number("New hire", "1 if it gets an equal share."),
        _number("Sharing", "1 if it shares by metric."),
        *(_number(name, f"Share among those who share, by metric {i + 1}; blank without a signal.", 10, "0.00%") for i, name in enumerate(METRIC_SHARES)),
        _number("Share", "Share among those who share, by all metrics.", 10, "0.00%"),
        _number("Left", "What fixed amounts leave of the parent's base quota, in currency.", 16, "#,##0.00"),
        _number("New hire part", "Part of it that new hires of the team get together.", 10, "0.00%"),
        _number("Part", "The node's part of what is left.", 10, "0.00%"),
        _number("Exact base", "Base quota before rounding, in currency.", 16, "#,##0.00"),
        _number("Share of parent", "Part of the parent's base quota; blank where that is 0.", 10, "0.00%"),
        _number("Up to here", "Parts of the siblings up to this one.", 10, "0.00%"),
        _number("Before", "Parts of the siblings before this one.", 10, "0.00%"),
        _number("Base pool", "What the team shares before hedges.", 16),
        _number("Quota pool", "What the team shares after the hedge.", 16),
        _number("Base units", "Base quota.", 16),
        _number("Quota units", "Quota.", 16),
        _number("Seat time", "What the time of an IC's seat weighs; 1: it is there all the time.", 10, "0.00%"),
        _number("Time", "The same of every node: a team by the shares of its members.", 10, "0.00%"),
        _number("Timed share", "Share x time.", 10, "0.00%"),
    ),
    result=True,
    keys=("Node",),
)  # fmt: skip


def render(plan: QuotaPlan, steps: CascadeSteps | None) -> ResultTable:
    """One row per node in outline order: what a run knows as values, what follows from inputs as formulas.

    Args:
        plan: The quotas.
        steps: How they came about; None: quotas are not live, so the table has no rows.
    """
    if steps is None:
        return ResultTable.empty(TABLE)
    tree = plan.inputs.tree
    order = tree.outline
    names = tree.references
    cells: dict[str, ResultColumn] = {
        "Node": Coded(names.codes[order], names.names),
        "Key": keys(tree, order),
        "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
        "IC": tree.is_ic[order],
        "Fails gate": plan.roles.fails_gate[order],
        "New by rule": plan.roles.new_by_rule[order],
    }
    values = _values(plan, steps)
    texts = formulas(plan)
    for column in TABLE.columns:
        if column.name in cells:
            continue
        numbers = values.get(column.name)
        if numbers is None:
            cells[column.name] = np.full(len(tree), np.nan)
        elif column.name in texts:
            cells[column.name] = [Formula(texts[column.name], _shown(each)) for each in numbers[order].tolist()]
        else:
            cells[column.name] = numbers[order]
    return ResultTable.of_columns(TABLE, cells)


def _shown(value: float) -> Any:
    """What a formula gives: "" where there is no number."""
    return "" if value != value else value  # noqa: PLR0124  (NaN)


def _values(plan: QuotaPlan, steps: CascadeSteps) -> dict[str, npt.NDArray[Any]]:
    """Every number of the table, in tree order."""
    tree, roles = plan.inputs.tree, plan.roles
    line = np.empty(len(tree), dtype=np.int64)
    line[tree.outline] = np.arange(len(tree))
    active = active_metrics(plan)
    shares = plan.breakdown.metric_share
    return {
        "No": np.arange(len(tree)),
        "Parent no": tree.parent,
        "Place": steps.place,
        "Split": tree.split,
        "Split before": _split_before(tree),
        "Line": line,
        "Last line": line + _size(tree) - 1,
        **{METRICS[k]: np.maximum(plan.breakdown.metric_value[i], 0.0) for k, (i, _) in enumerate(active)},
        "Parent row": np.where(tree.parent >= 0, line[tree.parent] + 1.0, np.nan),
        "Hedge": plan.inputs.hedges.factor,
        "Hedges above": plan.cumulative_hedge,
        "Fixed": roles.fixed.astype(np.float64),
        "Fixed amount": steps.fixed_amount,
        "Fixed on quota": steps.fixed_on_quota.astype(np.float64),
        "Fixed before hedges": steps.fixed_before,
        "Fixed base units": steps.fixed_base,
        "Fixed quota units": steps.fixed_quota,
        "Gated": roles.gated.astype(np.float64),
        "New hire": roles.new_hire.astype(np.float64),
        "Sharing": steps.sharing.astype(np.float64),
        **{METRIC_SHARES[k]: np.where(steps.sharing, shares[i], np.nan) for k, (i, _) in enumerate(active)},
        "Share": steps.share,
        "Left": steps.left,
        "New hire part": steps.new_part,
        "Part": steps.part,
        "Exact base": plan.exact_base,
        "Share of parent": plan.share,
        "Up to here": steps.up_to,
        "Before": steps.before,
        "Base pool": steps.base_pool,
        "Quota pool": steps.quota_pool,
        "Base units": steps.base,
        "Quota units": steps.quota,
        "Seat time": np.where(tree.is_ic, steps.time, 1.0),
        "Time": steps.time,
        "Timed share": steps.timed,
    }


def keys(tree: OrgTree, order: npt.NDArray[np.intp]) -> list[str]:
    """What tells the rows apart: the node, and where an IC is split, the node above it too."""
    names = tree.references.texts()
    split = tree.split < 1
    return [f"{names[i]}{SPLIT_MARK}{names[tree.parent[i]]}" if split[i] else str(names[i]) for i in order.tolist()]


def _split_before(tree: OrgTree) -> npt.NDArray[np.float64]:
    """For each placement, the shares of the same IC's placements before it; 0 for everybody else."""
    before = np.zeros(len(tree))
    so_far: dict[str, float] = {}
    for node in np.flatnonzero(tree.split < 1).tolist():
        name = tree.reference(node)
        before[node] = so_far.get(name, 0.0)
        so_far[name] = before[node] + float(tree.split[node])
    return before


def _size(tree: OrgTree) -> npt.NDArray[np.int64]:
    """How many nodes there are from each node down, itself included."""
    size = np.ones(len(tree), dtype=np.int64)
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        size[managers] += np.add.reduceat(size[first:stop], starts - first)
    return size


SHEET = ResultSheet(
    "Cascade",
    "The formulas behind Quotas",
    (TABLE,),
    Part.QUOTAS,
    lambda outcome: [render(outcome.quotas, outcome.steps)],
    (InSight(TABLE.name, "Key", on_paper=True),),
    exported=False,
)
