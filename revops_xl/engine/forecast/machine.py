"""What the running quarter is expected to bring, node by node: the machine forecast of the commit review."""

from __future__ import annotations

from revops_xl.model.money import Floats, to_cents
from revops_xl.model.org import OrgTree
from revops_xl.model.revenue import Revenue


def machine_forecasts(tree: OrgTree, revenue: Revenue) -> dict[str, float]:
    """Won and due in the running quarter, by the name that results give the node; none without a model."""
    if revenue.nodes is None or revenue.model is None:
        return {}
    sums: Floats = to_cents(revenue.nodes.won + revenue.nodes.this_quarter)
    named: dict[str, float] = {}
    for node, value in zip(revenue.nodes.node.tolist(), sums.tolist(), strict=True):
        if node >= 0:
            named[tree.reference(node)] = named.get(tree.reference(node), 0.0) + value
    return {name: round(value, 2) for name, value in named.items()}
