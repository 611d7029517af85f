"""Sheet Quotas: every node's quota on both layers, as an outline."""

from __future__ import annotations

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.inputs import Basis
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.declare import Column, Kind, Sheet, Table
from revops_xl.tables.result import ResultTable

TABLE = Table(
    "Quotas",
    "Every node's quota, each team followed by its members.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node; Level: Name where two levels share the text.", width=34),
        Column("Parent", Kind.NODE, "The node above.", width=22),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8),
        Column("IC", Kind.BOOLEAN, "TRUE for an IC.", width=8),
        Column("Share", Kind.PERCENT, "Part of the parent's base quota.", unit="%", width=10, number_format="0.00%"),
        Column("Base quota", Kind.MONEY, "Quota with every hedge at 1; adds up to the target.", unit="currency", width=18),
        Column("Hedge", Kind.FACTOR, "The node's own hedge, on what it hands down.", unit="×", width=9),
        Column("Cumulative hedge", Kind.FACTOR, "Product of the hedges above.", unit="×", width=13),
        Column("Quota", Kind.MONEY, "The quota the node carries, with the hedges above it.", unit="currency", width=18),
        Column("Hedge buffer", Kind.MONEY, "Quota less base quota.", unit="currency", width=16),
        Column("Over-assignment %", Kind.PERCENT, "Quota / base quota - 1; blank where the base quota is 0.", unit="%", width=13),
        Column("Rule", Kind.TEXT, "What decided it, where it was not the metrics.", width=46),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip
SHEET = Sheet("Quotas", "Every node's quota", (TABLE,))

UNALLOCATED = "unallocated: everything below is gated"


def render(plan: QuotaPlan) -> ResultTable:
    """One row per node in outline order; a split IC has one per placement."""
    tree = plan.inputs.tree
    order = tree.outline
    names = tree.references
    found = rules(plan)
    rule_names = list(dict.fromkeys(found.values()))
    numbers = {rule: number for number, rule in enumerate(rule_names)}
    rule = np.full(len(tree), -1, dtype=np.int32)
    rule[list(found)] = [numbers[text] for text in found.values()]
    parents = names.codes[tree.parent]
    parents[0] = -1
    return ResultTable(
        TABLE,
        (
            Coded(tree.level[order].astype(np.int32), list(tree.levels)),
            Coded(names.codes[order], names.names),
            Coded(parents[order], names.names),
            tree.depth[order],
            tree.is_ic[order],
            plan.share[order],
            plan.base[order],
            np.where(tree.is_ic, np.nan, plan.inputs.hedges.factor)[order],
            plan.cumulative_hedge[order],
            plan.quota[order],
            plan.hedge_buffer[order],
            plan.over_assignment[order],
            Coded(rule[order], rule_names),
        ),
    )


def rules(plan: QuotaPlan) -> dict[int, str]:
    """What decided a node's quota, by position, where it was not its share by metrics alone."""
    tree, roles = plan.inputs.tree, plan.roles
    found: dict[int, list[str]] = {0: ["target"]}

    def say(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], text: str) -> None:
        for node in np.flatnonzero(flags).tolist():
            found.setdefault(node, []).append(text)

    say(roles.gated, "gated: no quota")
    for entry in plan.inputs.fixed:
        layer = "before hedges" if entry.basis is Basis.BASE else "hedged"
        found.setdefault(entry.node, []).append(f"fixed ({layer})")
    say(roles.new_hire, "new hire: equal share of the team")
    only_child = np.zeros(len(tree), dtype=bool)
    only_child[1:] = tree.child_count[tree.parent[1:]] == 1
    say(plan.breakdown.equal & ~only_child, "equal split: no history in the team")
    say(roles.relaxed, "gate relaxed: everything beside it is gated")
    say(roles.negative & ~roles.gated & ~roles.fixed, "negative history counts as 0")
    say(roles.unallocated, UNALLOCATED)
    if plan.accepted is not None:
        for node in np.flatnonzero(plan.accepted).tolist():
            found.setdefault(node, []).append(f"accepted adjustment {plan.accepted[node]:+,.2f}")
    for node in np.flatnonzero(tree.split < 1).tolist():
        found.setdefault(node, []).append(f"split {tree.split[node] * 100:.4g} %")
    return {node: "; ".join(parts) for node, parts in found.items()}
