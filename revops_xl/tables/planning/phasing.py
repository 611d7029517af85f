"""Sheet Phasing: every quota by quarter, or by month as well; rows and columns add up."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.calendar import Ints
from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats, Unit, tidy
from revops_xl.model.parts import Part
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import Highlight
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultColumn, ResultTable, rounded, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

#: No Q1 or M1: that is a cell, too, and not every program can tell.
QUARTERS = tuple(f"Quarter {i}" for i in range(1, 5))
MONTHS = tuple(f"Month {i}" for i in range(1, 13))


#: Level of the rows that say what nobody carries.
NOT_CARRIED = "Not carried"


def _money(name: str, text: str, width: int = 15) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width)


PERIODS = Table(
    "PhasingPeriods",
    "Which period each column of Phasing is, its part of the plan, and what the ICs carry in it.",
    (
        Column("Column", Kind.TEXT, "Column of Phasing.", width=11),
        Column("Plan period", Kind.TEXT, "Quarter or month.", width=12),
        Column("Share", Kind.PERCENT, "Part of the plan that falls on it.", unit="%", width=12, number_format="0.00%"),
        _money("IC quotas", "Sum of the ICs' quotas in it."),
        _money("Target", "The top node's quota in it."),
    ),
    result=True,
    keys=("Column",),
)
TABLE = Table(
    "Phasing",
    "Quota of every node by period. Which one Quarter 1 is says PhasingPeriods; months stand to the right of them, and are blank unless the setting Phasing periods is months.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=26),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("IC", Kind.BOOLEAN, "TRUE for an IC.", width=8, hidden=True),
        _money("Quota", "As in Quotas, less what is relieved while somebody is away."),
        *(_money(name, f"{name} of the plan.") for name in QUARTERS),
        *(_money(name, f"{name} of the plan.", 13) for name in MONTHS),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)


def by_quarter(phased: Floats, unit: Unit | None, *, monthly: bool) -> Floats:
    """Quarters of what is phased by month: the third, sixth month and so on end one; the last may be short."""
    if not monthly:
        return phased
    starts = np.arange(0, phased.shape[1], 3)
    return np.asarray(tidy(np.add.reduceat(phased, starts, axis=1), unit))


def render(plan: QuotaPlan, planning: PlanningOutcome) -> list[ResultTable]:
    """Periods, and one row per node as an outline; empty without a season or shares."""
    if planning.phased is None or planning.shares is None or planning.inputs.period is None:
        return [ResultTable.empty(PERIODS), ResultTable.empty(TABLE)]
    unit, monthly = plan.inputs.unit, planning.inputs.rules.monthly
    quarters = by_quarter(planning.phased, unit, monthly=monthly)
    return [_periods(plan, planning, quarters), _nodes(plan, planning, quarters)]


def _nodes(plan: QuotaPlan, planning: PlanningOutcome, quarters: Floats) -> ResultTable:
    tree, unit = plan.inputs.tree, plan.inputs.unit
    order, names = tree.outline, tree.references
    parents = names.codes[tree.parent]
    parents[0] = -1
    months = planning.phased if planning.inputs.rules.monthly else None
    quota, beside = plan.quota, _not_carried(planning)
    if planning.by_period is not None and planning.phased is not None:  # less what is relieved
        quota = tidy(planning.phased.sum(axis=1), unit)
    live = months is not None and len(tree) <= LIVE_CHECK_ROWS
    columns: dict[str, ResultColumn] = {
        "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
        "Node": Coded(names.codes[order], names.names),
        "Parent": Coded(parents[order], names.names),
        "IC": tree.is_ic[order],
        "Quota": quota[order],
    }
    blank = np.full(len(tree), np.nan)
    for q, quarter in enumerate(QUARTERS):
        values = quarters[order, q] if q < quarters.shape[1] else blank
        if live and months is not None and q < quarters.shape[1]:
            members = [this_row("Phasing", MONTHS[m]) for m in range(3 * q, min(3 * q + 3, months.shape[1]))]
            columns[quarter] = [Formula(rounded("+".join(members), unit), value) for value in values.tolist()]
        else:
            columns[quarter] = values
    for m, month in enumerate(MONTHS):
        columns[month] = months[order, m] if months is not None and m < months.shape[1] else blank
    if len(beside):
        return _with_rest(plan, planning, columns, beside)
    return ResultTable.of_columns(TABLE, columns)


def _not_carried(planning: PlanningOutcome) -> Ints:
    """Managers at whom quota is left that nobody carries."""
    if planning.by_period is None:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero((planning.by_period.left > 0).any(axis=1))


def _with_rest(
    plan: QuotaPlan, planning: PlanningOutcome, columns: dict[str, ResultColumn], nodes: Ints
) -> ResultTable:
    """The same with a row for what is left at each manager."""
    tree, unit, found = plan.inputs.tree, plan.inputs.unit, planning.by_period
    if found is None:
        raise ValueError("nobody is away")
    left = found.left[nodes]
    quarters = by_quarter(left, unit, monthly=True)
    managers = [tree.reference(node) for node in nodes.tolist()]
    rest: dict[str, list[Any]] = {"Level": [NOT_CARRIED] * len(nodes), "Node": managers, "Parent": managers, "IC": [False] * len(nodes), "Quota": tidy(left.sum(axis=1), unit).tolist()}  # fmt: skip
    for i, name in enumerate(QUARTERS):
        rest[name] = quarters[:, i].tolist() if i < quarters.shape[1] else [None] * len(nodes)
    for i, name in enumerate(MONTHS):
        rest[name] = left[:, i].tolist() if i < left.shape[1] else [None] * len(nodes)
    both: dict[str, ResultColumn] = {}
    for name, column in columns.items():
        cells = column.texts() if isinstance(column, Coded) else list(column)
        both[name] = [*(None if isinstance(cell, float) and cell != cell else cell for cell in cells), *rest[name]]  # noqa: PLR0124  (NaN)
    return ResultTable.of_columns(TABLE, both)


def _periods(plan: QuotaPlan, planning: PlanningOutcome, quarters: Floats) -> ResultTable:
    period, shares = planning.inputs.period, planning.shares
    if period is None or shares is None or planning.phased is None:
        raise ValueError("nothing is phased")
    monthly = planning.inputs.rules.monthly
    quarter_shares = np.add.reduceat(shares, np.arange(0, len(shares), 3)) if monthly else shares
    names = period.quarter_names if period.first % 3 == 0 else tuple(
        f"{period.month_names[3 * q]} to {period.month_names[min(3 * q + 2, period.months - 1)]}" for q in range(quarters.shape[1])
    )  # fmt: skip
    rows = [_period(plan, QUARTERS[q], names[q], float(quarter_shares[q]), quarters[:, q]) for q in range(quarters.shape[1])]  # fmt: skip
    if monthly:
        phased = planning.phased
        rows += [_period(plan, MONTHS[m], period.month_names[m], float(shares[m]), phased[:, m]) for m in range(period.months)]  # fmt: skip
    return ResultTable.of_rows(PERIODS, rows)


def _period(plan: QuotaPlan, column: str, name: str, share: float, values: Floats) -> dict[str, Any]:
    tree, unit = plan.inputs.tree, plan.inputs.unit
    total = float(tidy(np.array([values[tree.is_ic].sum()]), unit)[0])
    live = len(tree) <= LIVE_CHECK_ROWS
    text = rounded(f"SUMIFS(Phasing[{column}],Phasing[IC],TRUE)", unit)
    return {
        "Column": column,
        "Plan period": name,
        "Share": share,
        "IC quotas": Formula(text, total) if live else total,
        "Target": float(values[0]),
    }


SHEET = ResultSheet(
    "Phasing",
    "Every quota by quarter and month",
    (PERIODS, TABLE),
    Part.PLANNING,
    lambda outcome: render(outcome.quotas, outcome.planning),
    (Highlight(TABLE.name, (("Level", "Month 12"),), '({IC}=FALSE)*({Node}<>"")'),),
)
