"""The rows behind two charts of earlier versions: branches, and the largest quotas."""

from __future__ import annotations

import numpy as np

from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultTable, all_distinct_criteria, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

TOP_ICS = 15
#: More branches than this nobody reads in a chart; the largest are shown.
MOST_BRANCHES = 40

BRANCHES = Table(
    "Branches",
    f"The nodes right below the top node; of more than {MOST_BRANCHES} the largest.",
    (
        Column("Branch", Kind.NODE, "The node.", width=20),
        Column("Branch base quota", Kind.MONEY, "Base quota.", unit="currency", width=20, number_format=WHOLE_MONEY),
        Column("Branch quota", Kind.MONEY, "Quota.", unit="currency", width=20, number_format=WHOLE_MONEY),
    ),
    result=True,
    keys=("Branch",),
)
TOP = Table(
    "TopICs",
    f"The {TOP_ICS} largest IC quotas.",
    (
        Column("Top IC", Kind.NODE, "The IC.", width=20),
        Column("Manager", Kind.NODE, "The node above.", width=18),
        Column("IC quota", Kind.MONEY, "Quota.", unit="currency", width=12, number_format=WHOLE_MONEY),
    ),
    result=True,
    keys=("Top IC", "Manager"),
)


def largest_branches(plan: QuotaPlan) -> list[int]:
    """The children of the root with the largest quotas, in id order."""
    children = plan.inputs.tree.children(0)
    return sorted(sorted(children, key=lambda node: (-plan.quota[node], node))[:MOST_BRANCHES])


def render_branches(plan: QuotaPlan) -> ResultTable:
    """The children of the root; their quotas are formulas over Quotas."""
    tree = plan.inputs.tree
    nodes = largest_branches(plan)
    names = [tree.reference(node) for node in nodes]
    live = len(tree) <= LIVE_CHECK_ROWS and all_distinct_criteria(names)
    mine = this_row("Branches", "Branch")

    def cell(column: str, value: float) -> object:
        formula = f"SUMIFS(Quotas[{column}],Quotas[Node],{mine},Quotas[Depth],1)"
        return Formula(formula, value) if live else value

    rows = [
        {
            "Branch": name,
            "Branch base quota": cell("Base quota", float(plan.base[node])),
            "Branch quota": cell("Quota", float(plan.quota[node])),
        }
        for node, name in zip(nodes, names, strict=True)
    ]
    return ResultTable.of_rows(BRANCHES, rows)


def render_top(plan: QuotaPlan) -> ResultTable:
    """The largest quotas of ICs; a split IC's placements count apart, as they do in Quotas."""
    tree = plan.inputs.tree
    ics = np.flatnonzero(tree.is_ic)
    largest = ics[np.lexsort((ics, -plan.quota[ics]))][:TOP_ICS].tolist()
    names = [(tree.reference(node), tree.reference(int(tree.parent[node]))) for node in largest]
    live = (
        len(tree) <= LIVE_CHECK_ROWS
        and all_distinct_criteria(f"{name} {parent}" for name, parent in names)
        and all(all_distinct_criteria(pair) for pair in names)
    )
    formula = f"SUMIFS(Quotas[Quota],Quotas[Node],{this_row('TopICs', 'Top IC')},Quotas[Parent],{this_row('TopICs', 'Manager')})"
    rows = [
        {
            "Top IC": name,
            "Manager": parent,
            "IC quota": Formula(formula, float(plan.quota[node])) if live else float(plan.quota[node]),
        }
        for node, (name, parent) in zip(largest, names, strict=True)
    ]
    return ResultTable.of_rows(TOP, rows)


def _tables(outcome: Outcome) -> list[ResultTable]:
    return [render_branches(outcome.quotas), render_top(outcome.quotas)]


#: Of earlier versions: Summary shows the same; where a workbook has them they go on.
CHARTS = ResultSheet("Dashboard", "Quotas in charts", (BRANCHES, TOP), Part.QUOTAS, _tables, exported=False, kept=True)
