"""Sheet Quotas by period: every quota period by period, with running totals, and what was reached so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats, tidy
from revops_xl.model.outcome import Outcome
from revops_xl.model.overlays import OverlayResult
from revops_xl.model.parts import Part
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.tables.planning.phasing import by_quarter
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultColumn, ResultTable, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

#: Level of the rows of overlays.
OVERLAY = "Overlay"
#: More rows are shown by quarter, then for teams only: the sheet Phasing has them all.
MOST_ROWS = 100_000


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=15, number_format=WHOLE_MONEY)


TABLE = Table(
    "QuotasByPeriod",
    "Every quota period by period in the firm's calendar, with running totals; filter it by node, or pivot it.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=24),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Quarter", Kind.TEXT, "Fiscal quarter.", width=11),
        Column("Plan period", Kind.TEXT, "Month, fiscal period or quarter.", width=12),
        Column("First day", Kind.DATE, "Of the period.", width=12),
        Column("Last day", Kind.DATE, "Of the period.", width=12),
        _money("Quota", "Quota of the period, as on the sheet Phasing."),
        _money("Quota to date", "Sum from the first period of the plan on."),
        _money("Quota of the plan", "Of all its periods."),
        _money("Actual", "What the history columns say of the period; blank where they do not."),
        _money("Actual to date", "Sum from the first period on, where every one before is known."),
        Column("Attainment to date", Kind.PERCENT, "Actual to date / quota to date.", unit="%", width=13, number_format="0.0%"),
        Column("Place", Kind.INTEGER, "Number of the node in the outline.", width=8, hidden=True),
    ),
    result=True,
    keys=("Level", "Node", "Parent", "Plan period"),
)  # fmt: skip


def render(outcome: Outcome) -> ResultTable:
    """One row per node and period, in outline order; empty where nothing is phased."""
    planning, plan = outcome.planning, outcome.quotas
    period = planning.inputs.period
    if planning.phased is None or period is None:
        return ResultTable.empty(TABLE)
    tree, unit = plan.inputs.tree, plan.inputs.unit
    monthly = planning.inputs.rules.monthly
    nodes = tree.outline
    if monthly and len(nodes) * period.months > MOST_ROWS:
        quotas, monthly = by_quarter(planning.phased, unit, monthly=True), False
    else:
        quotas = planning.phased
    if len(nodes) * quotas.shape[1] > MOST_ROWS:
        nodes = nodes[~tree.is_ic[nodes]]
    step = 1 if monthly else 3
    starts = np.arange(period.first, period.first + period.months, step)
    reached = _actuals(outcome, period, starts, step)[nodes]
    quota = quotas[nodes]
    count = quota.shape[1]
    to_date_, plan_total = tidy(np.cumsum(quota, axis=1), unit), tidy(quota.sum(axis=1), unit)
    names, place = tree.references, np.repeat(np.arange(len(nodes)), count)
    at = nodes[place]
    parents = names.codes[tree.parent]
    parents[0] = -1
    actual_to_date = np.cumsum(reached, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        attained = np.where(to_date_ > 0, actual_to_date / to_date_, np.nan)
    live = len(at) <= LIVE_CHECK_ROWS
    calendar = period.calendar
    titles = [calendar.period_title(p) if monthly else calendar.quarter_name(p // 3) for p in starts.tolist()]
    if not monthly and period.first % 3:
        titles = [f"{calendar.period_title(p)} to {calendar.period_title(min(p + 2, period.first + period.months - 1))}" for p in starts.tolist()]  # fmt: skip
    firsts, lasts = (
        calendar.starts(starts),
        calendar.starts(np.minimum(starts + step, period.first + period.months)) - 1,
    )
    columns: dict[str, ResultColumn] = {
        "Level": Coded(tree.level[at].astype(np.int32), list(tree.levels)),
        "Node": Coded(names.codes[at], names.names),
        "Parent": Coded(parents[at], names.names),
        "Quarter": [calendar.quarter_name(p // 3) for p in starts.tolist()] * len(nodes),
        "Plan period": titles * len(nodes),
        "First day": [to_date(day) for day in firsts.tolist()] * len(nodes),
        "Last day": [to_date(day) for day in lasts.tolist()] * len(nodes),
        "Quota": quota.ravel(),
        "Quota to date": _running("Quota", to_date_.ravel(), live=live),
        "Quota of the plan": np.repeat(plan_total, count),
        "Actual": reached.ravel(),
        "Actual to date": actual_to_date.ravel(),
        "Attainment to date": attained.ravel(),
        "Place": place + 1,
    }
    beside = _overlays(outcome, count)
    if not beside:
        return ResultTable.of_columns(TABLE, columns)
    rows = [
        {
            "Level": OVERLAY,
            "Node": row.name,
            "Parent": row.reports_to or None,
            "Quarter": calendar.quarter_name(starts[i] // 3),
            "Plan period": titles[i],
            "First day": to_date(firsts[i]),
            "Last day": to_date(lasts[i]),
            "Quota": float(months[i]),
            "Quota to date": float(sums[i]),
            "Quota of the plan": float(sums[-1]),
            "Place": len(nodes) + 1 + number,
        }
        for number, (row, months) in enumerate(beside)
        for sums in (tidy(np.cumsum(months), unit),)
        for i in range(count)
    ]
    return ResultTable.of_columns(TABLE, _with_rows(columns, rows))


def _with_rows(columns: dict[str, ResultColumn], rows: list[dict[str, Any]]) -> dict[str, ResultColumn]:
    """The columns with rows behind them."""
    found: dict[str, ResultColumn] = {}
    for name, column in columns.items():
        cells = column.texts() if isinstance(column, Coded) else list(column)
        known = [None if isinstance(cell, float) and cell != cell else cell for cell in cells]  # noqa: PLR0124  (NaN)
        found[name] = [*known, *(row.get(name) for row in rows)]
    return found


def _overlays(outcome: Outcome, count: int) -> list[tuple[OverlayResult, Floats]]:
    """The quota of each overlay over the periods."""
    view, unit = outcome.overlays, outcome.quotas.inputs.unit
    found = []
    for row in view.overlays if view is not None else ():
        months = row.months if len(row.months) == count else by_quarter(row.months[None, :], unit, monthly=True)[0]
        found.append((row, months))
    return found


def _running(column: str, values: Floats, *, live: bool) -> ResultColumn:
    """The sum of a column from the first period of the node on."""
    if not live:
        return values
    name = TABLE.name
    text = f'ROUND(SUMIFS({name}[{column}],{name}[Place],{this_row(name, "Place")},{name}[First day],"<="&{this_row(name, "First day")}),6)'
    return [Formula(text, value) for value in values.tolist()]


def _actuals(outcome: Outcome, period: PlanPeriod, starts: np.ndarray[tuple[int], np.dtype[np.int64]], step: int) -> Floats:  # fmt: skip
    """What was reached in each period of the plan, of every node; NaN where the history does not say."""
    tree, history = outcome.quotas.inputs.tree, outcome.planning.inputs.history
    found = np.full((len(tree), len(starts)), np.nan)
    if history is None or not history.placed or 0 in history.years or history.months > step:
        return found
    first = np.array(history.years) * 12 + np.array(history.parts) * history.months
    there = outcome.planning.ground.presence
    for i, start in enumerate(starts.tolist()):
        wanted = range(start, start + step, history.months)
        rows = [index for p in wanted for index, at in enumerate(first.tolist()) if at == p][: len(wanted)]
        if len(rows) != len(wanted):
            continue
        known = np.asarray(~np.isnan(history.periods[rows]).all(axis=0), dtype=np.float64)
        values = np.nansum(history.periods[rows], axis=0)
        part: Floats = tree.split
        if there is not None:  # of a person who moves, where the person was
            life = there.life[:, start - period.first : start - period.first + step].mean(axis=1)
            whole = np.minimum(life * there.tenure.weight, 1.0)
            part = np.where(tree.split < 1, whole[tree.row], tree.split)
        mine = np.where(tree.is_ic, values[tree.row] * part, 0.0)
        has = tree.roll_up(np.where(tree.is_ic, known[tree.row], 0.0))
        found[:, i] = np.where(has > 0, tree.roll_up(mine), np.nan)
    return found


SHEET = ResultSheet(
    "Quotas by period",
    "Quotas by month and quarter with running totals",
    (TABLE,),
    Part.PLANNING,
    lambda outcome: [render(outcome)],
)
