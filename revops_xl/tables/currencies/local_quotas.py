"""Sheet Local quotas: quotas in the currency of those who carry them, beside the plan's."""

from __future__ import annotations

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import InSight, Outline
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

TABLE = Table(
    "LocalQuotas",
    "Quotas in local currency, converted by Rates: each team's add up. The plan's currency is in force; local amounts are to read.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=30),
        Column("Parent", Kind.NODE, "The node above.", width=18),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8, hidden=True),
        Column("Quota", Kind.MONEY, "Quota in the plan's currency.", unit="currency", width=15, number_format=WHOLE_MONEY),
        Column("Currency", Kind.TEXT, "Currency of everybody below; mixed: there are several.", width=11),
        Column("Rate", Kind.NUMBER, "Plan currency per 1 unit.", width=12, number_format="General"),
        Column("Local quota", Kind.NUMBER, "Quota in that currency; blank where it is mixed.", width=16, number_format="#,##0.00;-#,##0.00;0"),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip


def render(outcome: Outcome) -> ResultTable:
    """One row per node in the order of Quotas; empty where everybody's currency is the plan's."""
    money, local = outcome.plan.money, outcome.local
    if money is None or local is None:
        return ResultTable.empty(TABLE)
    tree, quota = outcome.quotas.inputs.tree, outcome.quotas.quota
    rates = [money.rates.rate(code) for code in local.codes]
    order, names = tree.outline, tree.references
    parents = names.codes[tree.parent]
    parents[0] = -1
    return ResultTable.of_columns(
        TABLE,
        {
            "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
            "Node": Coded(names.codes[order], names.names),
            "Parent": Coded(parents[order], names.names),
            "Depth": tree.depth[order],
            "Quota": quota[order],
            "Currency": [local.codes[node] for node in order.tolist()],
            "Rate": np.array([np.nan if rate is None else float(rate) for rate in rates])[order],
            "Local quota": local.amounts[order],
        },
    )


SHEET = ResultSheet(
    "Local quotas",
    "Quotas in the currency of those who carry them",
    (TABLE,),
    Part.PLANNING,
    lambda outcome: (render(outcome),),
    look=(
        Outline(TABLE.name, (("Level", "Level"), ("Parent", "Local quota"))),
        InSight(TABLE.name, "Parent", on_paper=True),
    ),
)
