"""The rows behind the dashboard's chart of coverage."""

from __future__ import annotations

from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.tables.quotas.charts import MOST_BRANCHES, largest_branches
from revops_xl.tables.schema.declare import COVERAGE, Column, Kind, Table
from revops_xl.tables.schema.look import Drawing
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

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


def render_coverages(outcome: Outcome) -> ResultTable:
    """Coverage and thresholds of the branches; a branch without a coverage is blank."""
    inputs, health = outcome.plan.pipeline, outcome.health
    if inputs is None or health is None:
        return ResultTable.empty(COVERAGES)
    tree = outcome.quotas.inputs.tree
    nodes = largest_branches(outcome.quotas)
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


CHARTS = ResultSheet(
    "Pipeline health",
    "Coverage in a chart",
    (COVERAGES,),
    Part.PIPELINE,
    lambda outcome: [render_coverages(outcome)],
    (Drawing(COVERAGES.name, "coverage"),),
    exported=False,
)
