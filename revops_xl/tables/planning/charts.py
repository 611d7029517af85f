"""The rows behind the dashboard's charts of quota planning."""

from __future__ import annotations

import numpy as np

from revops_xl.model.attainability import HEALTHY
from revops_xl.model.parts import Part
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.planning import attainability, phasing
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultTable, all_distinct_criteria, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

#: Periods of the past that a chart shows, and branches.
MOST_PERIODS, MOST_BRANCHES = 24, 40


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=20, number_format=WHOLE_MONEY)


LINE = Table(
    "BaselineLine",
    f"The last {MOST_PERIODS} periods of bookings, and those that are forecast.",
    (
        Column("Booked period", Kind.TEXT, "Quarter or month.", width=20),
        _money("Booked", "As booked."),
        _money("Seen ahead", "Forecast."),
        _money("Band low", "Lower end of its interval."),
        _money("Band high", "Upper end."),
    ),
    result=True,
    keys=("Booked period",),
)
BARS = Table(
    "PhasingBars",
    "What the ICs carry by period.",
    (Column("Phased period", Kind.TEXT, "Quarter or month.", width=20), _money("Phased quota", "Sum of their quotas.")),
    result=True,
    keys=("Phased period",),
)
BRANCHES = Table(
    "AttainBranches",
    f"Attainability of the nodes right below the top node; of more than {MOST_BRANCHES} the largest.",
    (
        Column("Judged branch", Kind.NODE, "The node.", width=20),
        Column("Branch attainability", Kind.PERCENT, "Historical average / quota.", unit="%", width=20, number_format="0%"),
        Column("Healthy from", Kind.PERCENT, "Lower end of what is healthy.", unit="%", width=20, number_format="0%"),
        Column("Healthy to", Kind.PERCENT, "Upper end.", unit="%", width=20, number_format="0%"),
    ),
    result=True,
    keys=("Judged branch",),
)  # fmt: skip


def _line(planning: PlanningOutcome) -> ResultTable:
    said = planning.ground.baseline
    if said is None:
        return ResultTable.empty(LINE)
    count = len(said.bookings)
    rows: list[dict[str, object]] = [
        {
            "Booked period": said.bookings.name(i),
            "Booked": float(said.bookings.values[i]),
            "Seen ahead": None,
            "Band low": None,
            "Band high": None,
        }
        for i in range(max(count - MOST_PERIODS, 0), count)
    ]
    rows += [
        {
            "Booked period": said.bookings.name(count + h),
            "Booked": None,
            "Seen ahead": float(said.forecast[h]),
            "Band low": float(said.low[h]),
            "Band high": float(said.high[h]),
        }
        for h in range(len(said.forecast))
    ]
    return ResultTable.of_rows(LINE, rows)


def _bars(plan: QuotaPlan, planning: PlanningOutcome) -> ResultTable:
    periods = phasing.render(plan, planning)[0]
    monthly = planning.inputs.rules.monthly
    wanted = phasing.MONTHS if monthly else phasing.QUARTERS
    rows = []
    for column, name, value in zip(
        periods.values("Column"), periods.values("Plan period"), periods.values("IC quotas"), strict=True
    ):
        if column in wanted:
            formula = f'SUMIFS(PhasingPeriods[IC quotas],PhasingPeriods[Column],"{column}")'
            rows.append({"Phased period": name, "Phased quota": Formula(formula, value)})
    return ResultTable.of_rows(BARS, rows)


def _branches(plan: QuotaPlan, planning: PlanningOutcome) -> ResultTable:
    judged = planning.attainability
    if judged is None:
        return ResultTable.empty(BRANCHES)
    tree = plan.inputs.tree
    ratio = attainability.judged(judged)[0]
    below = [node for node in np.flatnonzero(tree.depth == 1).tolist() if not np.isnan(ratio[node])]
    largest = sorted(sorted(below, key=lambda node: -plan.quota[node])[:MOST_BRANCHES])
    names = [tree.reference(node) for node in largest]
    level = tree.levels[tree.level[largest[0]]] if largest else ""
    live = len(tree) <= LIVE_CHECK_ROWS and all_distinct_criteria(names) and all(tree.levels[tree.level[node]] == level for node in largest)  # fmt: skip
    live = live and all_distinct_criteria([level])
    mine = this_row("AttainBranches", "Judged branch")
    sums = [f'SUMIFS(Attainability[{column}],Attainability[Node],{mine},Attainability[Level],"{level}")' for column in ("Historical average", "Quota")]  # fmt: skip
    rows = [
        {
            "Judged branch": name,
            "Branch attainability": Formula(f"{sums[0]}/{sums[1]}", float(ratio[node])) if live else float(ratio[node]),
            "Healthy from": HEALTHY[0],
            "Healthy to": HEALTHY[1],
        }
        for node, name in zip(largest, names, strict=True)
    ]
    return ResultTable.of_rows(BRANCHES, rows)


LINE_CHART = ResultSheet(
    "Baseline",
    "Bookings in a chart",
    (LINE,),
    Part.PLANNING,
    lambda outcome: [_line(outcome.planning)],
    (Drawing(LINE.name, "bookings"),),
    exported=False,
)
BARS_CHART = ResultSheet(
    "Phasing",
    "Quotas by period in a chart",
    (BARS,),
    Part.PLANNING,
    lambda outcome: [_bars(outcome.quotas, outcome.planning)],
    (Drawing(BARS.name, "phasing"),),
    exported=False,
)
BRANCHES_CHART = ResultSheet(
    "Attainability",
    "History behind quota in a chart",
    (BRANCHES,),
    Part.PLANNING,
    lambda outcome: [_branches(outcome.quotas, outcome.planning)],
    (Drawing(BRANCHES.name, "history behind quota"),),
    exported=False,
)
