"""Sheet Roll-up: what managers ask for against the plan, level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats, tidy
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.tables.packets.ledger import Sent, newest
from revops_xl.tables.packets.returns import COMMIT, OPEN, READ, REJECT, Request, Return
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import InSight, Outline
from revops_xl.tables.schema.result import Formula, ResultTable, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

TABLE = Table(
    "RollUp",
    "The numbers of the managers, added up from below, against the plan. Open requests count as asked; contradicting ones do not count.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node.", width=28),
        Column("Parent", Kind.NODE, "The node above.", width=20),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8, hidden=True),
        Column("Quota", Kind.MONEY, "Quota of the node in the plan.", unit="currency", width=17),
        Column("Top-down", Kind.MONEY, "Quotas of the ICs below, in the plan.", unit="currency", width=17),
        Column("Bottom-up", Kind.MONEY, "The same as the managers ask for it.", unit="currency", width=17),
        Column("Gap", Kind.MONEY, "Bottom-up less top-down.", unit="currency", width=16, number_format='+#,##0.00;[Red]-#,##0.00;"–"'),
        Column("Gap %", Kind.PERCENT, "Gap / top-down.", unit="%", width=9, number_format='+0.0%;[Red]-0.0%;"–"'),
        Column("Commit", Kind.MONEY, "Current commit of the node.", unit="currency", width=17),
        Column("Packets", Kind.INTEGER, "Packets sent at and below the node.", width=9),
        Column("Returned", Kind.INTEGER, "How many of them have come back.", width=9),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip


def asked_of(tree: OrgTree, requests: Sequence[Request]) -> Floats:
    """What is asked for each node; NaN where nothing is, or where requests contradict each other."""
    asked = np.full(len(tree), np.nan)
    for request in requests:
        if request.kind == COMMIT or request.state != OPEN or request.decision == REJECT or request.conflict:
            continue
        for position in _positions(tree, request.node):
            asked[position] = request.asked * float(tree.split[position])
    return asked


def _positions(tree: OrgTree, name: str) -> list[int]:
    try:
        return tree.find(name)
    except LookupError:
        return []


def render(
    outcome: Outcome,
    rolled: Floats,
    ledger: Sequence[Sent],
    returns: Sequence[Return],
    commits: Mapping[str, float],
) -> ResultTable:
    """One row per node, as an outline; teams only, and ICs for whom something else is asked.

    Args:
        outcome: The plan.
        rolled: What is asked, per node, added up.
        ledger: What was sent.
        returns: What came back.
        commits: Current commits by node.
    """
    plan = outcome.quotas
    tree = plan.inputs.tree
    unit = plan.inputs.unit
    top, rolled = tidy(tree.roll_up(np.where(tree.is_ic, plan.quota, 0.0)), unit), tidy(rolled, unit)
    sent, back = np.zeros(len(tree)), np.zeros(len(tree))
    came = {each.packet for each in returns if each.status in READ}
    for each in newest(ledger).values():
        for position in _positions(tree, each.node):
            for above in (position, *tree.ancestors(position)):
                sent[above] += 1
                back[above] += each.packet in came
    shown = ~tree.is_ic | (np.abs(rolled - plan.quota) > 1e-9)
    order = tree.outline[shown[tree.outline]]
    names = tree.references
    parents = names.codes[tree.parent]
    parents[0] = -1
    gap, down = this_row(TABLE.name, "Gap"), this_row(TABLE.name, "Top-down")
    gaps = np.round(rolled - top, 2)
    listed = names.texts()
    return ResultTable.of_columns(
        TABLE,
        {
            "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
            "Node": Coded(names.codes[order], names.names),
            "Parent": Coded(parents[order], names.names),
            "Depth": tree.depth[order],
            "Quota": plan.quota[order],
            "Top-down": top[order],
            "Bottom-up": rolled[order],
            "Gap": [
                Formula(f"ROUND({this_row(TABLE.name, 'Bottom-up')}-{down},2)", value) for value in gaps[order].tolist()
            ],
            "Gap %": [
                Formula(f'IF({down}=0,"",{gap}/{down})', value / base if base else "")
                for value, base in zip(gaps[order].tolist(), top[order].tolist(), strict=True)
            ],
            "Commit": [commits.get(str(listed[node])) for node in order.tolist()],
            "Packets": sent[order].astype(np.int64),
            "Returned": back[order].astype(np.int64),
        },
    )


SHEET = ResultSheet(
    "Roll-up",
    "What managers ask for, against the plan",
    (TABLE,),
    look=(
        Outline(TABLE.name, (("Level", "Level"), ("Parent", "Returned"))),
        InSight(TABLE.name, "Parent"),
    ),
)
