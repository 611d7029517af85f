"""The rows behind the dashboard's charts."""

from __future__ import annotations

import numpy as np

from revops_xl.model.commits import Bias, CommitReview
from revops_xl.model.outcome import Outcome
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.schema.declare import COVERAGE, QUOTIENT, WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, Formula, ResultTable, all_distinct_criteria, this_row

TOP_ICS = 15
#: More branches than this nobody reads in a chart; the largest are shown.
MOST_BRANCHES = 40
MOST_MANAGERS = 25

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
COVERAGES = Table(
    "BranchCoverage",
    f"Coverage of the nodes right below the top node against their thresholds; of more than {MOST_BRANCHES} the largest.",
    (
        Column("Covered branch", Kind.NODE, "The node.", width=20),
        Column("Branch coverage", Kind.NUMBER, "Pipeline / quota.", unit="×", width=20, number_format=COVERAGE),
        Column("Branch healthy", Kind.NUMBER, "Coverage from which it is healthy.", unit="×", width=20, number_format=COVERAGE),
        Column("Branch at risk", Kind.NUMBER, "Coverage below which it is at risk.", unit="×", width=20, number_format=COVERAGE),
    ),
    result=True,
    keys=("Covered branch",),
)  # fmt: skip
BIASES = Table(
    "BiasByManager",
    f"Bias quotients, the highest first; of more than {MOST_MANAGERS} managers those with the largest effect on their commit.",
    (
        Column("Committing manager", Kind.NODE, "The manager.", width=20),
        Column("Sandbagger", Kind.FACTOR, "Quotient of a sandbagger.", unit="×", width=20, number_format=QUOTIENT),
        Column("Neutral", Kind.FACTOR, "Quotient within the neutral band.", unit="×", width=20, number_format=QUOTIENT),
        Column("Happy ears", Kind.FACTOR, "Quotient of happy ears.", unit="×", width=20, number_format=QUOTIENT),
    ),
    result=True,
    keys=("Committing manager",),
)  # fmt: skip
TABLES = (BRANCHES, TOP, COVERAGES, BIASES)


def _largest_branches(plan: QuotaPlan) -> list[int]:
    """The children of the root with the largest quotas, in id order."""
    children = plan.inputs.tree.children(0)
    return sorted(sorted(children, key=lambda node: (-plan.quota[node], node))[:MOST_BRANCHES])


def render_branches(plan: QuotaPlan) -> ResultTable:
    """The children of the root; their quotas are formulas over Quotas."""
    tree = plan.inputs.tree
    nodes = _largest_branches(plan)
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


def render_coverages(outcome: Outcome) -> ResultTable:
    """Coverage and thresholds of the branches; a branch without a coverage is blank."""
    inputs, health = outcome.plan.pipeline, outcome.health
    if inputs is None or health is None:
        return ResultTable.empty(COVERAGES)
    tree = outcome.quotas.inputs.tree
    nodes = _largest_branches(outcome.quotas)
    return ResultTable.of_rows(
        COVERAGES,
        [
            {
                "Covered branch": tree.reference(node),
                "Branch coverage": float(health.coverage[node]),
                "Branch healthy": float(inputs.thresholds.healthy[node]),
                "Branch at risk": float(inputs.thresholds.at_risk[node]),
            }
            for node in nodes
        ],
    )


def render_biases(review: CommitReview | None) -> ResultTable:
    """Quotients of managers with a history, one column per label so that each has its colour."""
    if review is None:
        return ResultTable.empty(BIASES)
    bias = review.bias
    known = [i for i, label in enumerate(bias.label) if label is not Bias.NO_HISTORY]
    effect = np.abs(bias.quotient - 1) * np.where(np.isnan(review.commit), 0.0, review.commit)
    known = sorted(known, key=lambda i: (-effect[i], -abs(bias.quotient[i] - 1), bias.managers[i]))[:MOST_MANAGERS]
    known.sort(key=lambda i: (-bias.quotient[i], bias.managers[i]))
    columns = dict(zip(BIASES.headers[1:], (Bias.SANDBAGGER, Bias.NEUTRAL, Bias.HAPPY_EARS), strict=True))
    rows = [
        {BIASES.headers[0]: bias.managers[i]}
        | {name: float(bias.quotient[i]) if bias.label[i] is label else None for name, label in columns.items()}
        for i in known
    ]
    return ResultTable.of_rows(BIASES, rows)
