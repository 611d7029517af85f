"""Sheet Thresholds: the pipeline coverage a node needs."""

from __future__ import annotations

import numpy as np

from revops_xl.model.org import OrgTree
from revops_xl.model.pipeline import DEFAULT_AT_RISK, DEFAULT_HEALTHY, Thresholds, inherit_thresholds
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.nodes import read_nodes
from revops_xl.tables.schema.typed import TypedTable

DEFAULT_ROW = "(default)"
TABLE = Table(
    "Thresholds",
    f"Coverage (pipeline / quota) that counts as healthy and as at risk, inherited from the nearest node above; the row {DEFAULT_ROW} holds elsewhere ({DEFAULT_HEALTHY:g} and {DEFAULT_AT_RISK:g} without it).",
    (
        Column("Node", Kind.NODE, f"A node, or {DEFAULT_ROW}.", required=True, width=24),
        Column("Healthy", Kind.NUMBER, "Coverage from which a node is healthy.", required=True, unit="×", above=0, maximum=1e6, width=10, number_format='0.0#"×"'),
        Column("At risk", Kind.NUMBER, "Coverage below which quota may be given away.", required=True, unit="×", above=0, maximum=1e6, width=10, number_format='0.0#"×"'),
    ),
)  # fmt: skip
SHEET = Sheet("Thresholds", "Coverage a node needs", (TABLE,))


def parse(typed: TypedTable | None, tree: OrgTree) -> Thresholds:
    """Thresholds of every node; unknown nodes and thresholds in the wrong order are problems."""
    default = DEFAULT_HEALTHY, DEFAULT_AT_RISK
    by_node: dict[int, tuple[float, float]] = {}
    if typed is None:
        return inherit_thresholds(tree, default, by_node)
    healthy, at_risk = typed.numbers("Healthy"), typed.numbers("At risk")
    typed.check_required("Healthy")
    typed.check_required("At risk")
    for row, text, positions in read_nodes(typed, tree, extra=(DEFAULT_ROW,)):
        pair = float(healthy[row]), float(at_risk[row])
        if text == DEFAULT_ROW:
            default = pair
        by_node.update(dict.fromkeys(positions, pair))
    for row in np.flatnonzero(healthy < at_risk).tolist():
        typed.problem(row, "Healthy", f"Healthy {healthy[row]:g} is below At risk {at_risk[row]:g}", "Swap them.")
    return inherit_thresholds(tree, default, by_node)
