"""Sheet Quotas: every node's quota on both layers, as an outline."""

from __future__ import annotations

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.inputs import Basis
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE, QuotaPlan
from revops_xl.tables.quotas.cascade import SPLIT_MARK
from revops_xl.tables.quotas.cascade_formulas import to_amount
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, InSight, Outline, Tone
from revops_xl.tables.schema.result import Formula, ResultColumn, ResultTable, rounded, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

TABLE = Table(
    "Quotas",
    "Every node's quota, each team followed by its members.",
    (
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Node", Kind.NODE, "The node; Level: Name where two levels share the text.", width=30),
        Column("Parent", Kind.NODE, "The node above.", width=18),
        Column("Depth", Kind.INTEGER, "Number of nodes above.", width=8, hidden=True),
        Column("IC", Kind.BOOLEAN, "TRUE for an IC.", width=8, hidden=True),
        Column("Share", Kind.PERCENT, "Part of the parent's base quota.", unit="%", width=10, number_format="0.00%"),
        Column("Base quota", Kind.MONEY, "Quota with every hedge at 1; adds up to the target.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Hedge", Kind.FACTOR, "The node's own hedge, on what it hands down.", unit="×", width=9),
        Column("Cumulative hedge", Kind.FACTOR, "Product of the hedges above.", unit="×", width=13),
        Column("Quota", Kind.MONEY, "The quota the node carries, with the hedges above it.", unit="currency", width=14, number_format=WHOLE_MONEY),
        Column("Hedge buffer", Kind.MONEY, "Quota less base quota.", unit="currency", width=13, number_format=WHOLE_MONEY),
        Column("Over-assignment %", Kind.PERCENT, "Quota / base quota - 1; blank where the base quota is 0.", unit="%", width=13),
        Column("Rule", Kind.TEXT, "What decided it, where it was not the metrics.", width=36),
    ),
    result=True,
    keys=("Level", "Node", "Parent"),
)  # fmt: skip

UNALLOCATED = "unallocated: everything below is gated"


def render(plan: QuotaPlan, *, live: bool = False) -> ResultTable:
    """One row per node in outline order; a split IC has one per placement.

    Args:
        plan: The quotas.
        live: Write numbers as formulas over the table Cascade, so that they follow target, hedges and overrides.
    """
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
    values = ResultTable.of_columns(
        TABLE,
        {
            "Level": Coded(tree.level[order].astype(np.int32), list(tree.levels)),
            "Node": Coded(names.codes[order], names.names),
            "Parent": Coded(parents[order], names.names),
            "Depth": tree.depth[order],
            "IC": tree.is_ic[order],
            "Share": plan.share[order],
            "Base quota": plan.base[order],
            "Hedge": np.where(tree.is_ic, np.nan, plan.inputs.hedges.factor)[order],
            "Cumulative hedge": plan.cumulative_hedge[order],
            "Quota": plan.quota[order],
            "Hedge buffer": plan.hedge_buffer[order],
            "Over-assignment %": plan.over_assignment[order],
            "Rule": Coded(rule[order], rule_names),
        },
    )
    return _with_formulas(values, plan) if live else values


def _with_formulas(values: ResultTable, plan: QuotaPlan) -> ResultTable:
    unit = plan.inputs.unit
    if unit is None:
        raise ValueError("quotas without a rounding unit are not live")
    base, quota = this_row(TABLE.name, "Base quota"), this_row(TABLE.name, "Quota")
    order = plan.inputs.tree.outline
    split, is_ic = plan.inputs.tree.split[order] < 1, plan.inputs.tree.is_ic[order]
    nobody = np.zeros(len(order), dtype=bool)
    texts = {
        "Share": step("Share of parent"),
        "Base quota": to_amount(step("Base units"), unit),
        "Hedge": step("Hedge"),
        "Cumulative hedge": step("Hedges above"),
        "Quota": to_amount(step("Quota units"), unit),
        "Hedge buffer": rounded(f"{quota}-{base}", unit),
        "Over-assignment %": f'IF({base}>0,{quota}/{base}-1,"")',
    }
    columns: dict[str, ResultColumn] = {**values.by_header(), "Rule": _rule_formulas(plan)}
    for name, plain in texts.items():
        shown = np.asarray(columns[name], dtype=np.float64)
        placed = plain.replace(_PLAIN_KEY, _SPLIT_KEY)
        has_none = is_ic if name == "Hedge" else nobody  # a blank text would spoil the checks that multiply by it
        columns[name] = [
            None if none else Formula(placed if is_split else plain, "" if np.isnan(value) else value)
            for value, is_split, none in zip(shown.tolist(), split.tolist(), has_none.tolist(), strict=True)
        ]
    return ResultTable.of_columns(TABLE, columns)


def _rule_formulas(plan: QuotaPlan) -> list[Formula]:
    """What decided a quota, with an override that is added or taken away in the open workbook."""
    tree, found = plan.inputs.tree, rules(plan)
    fixed, on_quota = f"{step('Fixed')}=1", f"{step('Fixed on quota')}=1"
    formulas = []
    for node in tree.outline.tolist():
        text = found.get(node, "")
        rest = "; ".join(part for part in text.split("; ") if not part.startswith("fixed ("))
        behind = f'&"; {rest}"' if rest else ""
        formula = f'IF({fixed},IF({on_quota},"fixed (hedged)","fixed (before hedges)"){behind},"{rest}")'
        key = _SPLIT_KEY if tree.split[node] < 1 else _PLAIN_KEY
        formulas.append(Formula(formula.replace(_PLAIN_KEY, key), text))
    return formulas


def step(name: str) -> str:
    """A step of this row's node, from the table Cascade."""
    return f"INDEX(Cascade[{name}],{_PLAIN_KEY})"


_NODE, _PARENT = this_row(TABLE.name, "Node"), this_row(TABLE.name, "Parent")
_PLAIN_KEY = f"MATCH({_NODE},Cascade[Key],0)"
_SPLIT_KEY = f'MATCH({_NODE}&"{SPLIT_MARK}"&{_PARENT},Cascade[Key],0)'


def quotas_of(table: str, plan: QuotaPlan) -> list[Formula]:
    """The quota of the node that stands in each row of another table in outline order, as a formula."""
    tree = plan.inputs.tree
    node, parent = this_row(table, "Node"), this_row(table, "Parent")
    plain = f"INDEX(Quotas[Quota],MATCH({node},Quotas[Node],0))"
    placed = f"SUMIFS(Quotas[Quota],Quotas[Node],{node},Quotas[Parent],{parent})"
    rows = zip(plan.quota[tree.outline].tolist(), (tree.split[tree.outline] < 1).tolist(), strict=True)
    return [Formula(placed if is_split else plain, value) for value, is_split in rows]


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
    there = plan.inputs.seats.in_seat[tree.row] if plan.inputs.seats is not None else np.ones(len(tree))
    for node in np.flatnonzero(tree.is_ic & (there < 1)).tolist():
        found.setdefault(node, []).append(f"in the seat {there[node] * 100:.4g} % of the plan")
    for node in np.flatnonzero((tree.split < 1) & ~(tree.is_ic & (there < 1))).tolist():
        found.setdefault(node, []).append(f"split {tree.split[node] * 100:.4g} %")
    return {node: "; ".join(parts) for node, parts in found.items()}


def _tables(outcome: Outcome) -> list[ResultTable]:
    return [render(outcome.quotas, live=outcome.steps is not None)]


_OVER = (("Over-assignment %", "Over-assignment %"),)
SHEET = ResultSheet(
    "Quotas",
    "Every node's quota",
    (TABLE,),
    Part.QUOTAS,
    _tables,
    (
        Highlight(TABLE.name, _OVER, f'({{Over-assignment %}}<>"")*({{Over-assignment %}}>={ALARM_FROM})', Tone.ACT),
        Highlight(TABLE.name, _OVER, f'({{Over-assignment %}}<>"")*({{Over-assignment %}}>{WARN_ABOVE})', Tone.WATCH),
        Outline(TABLE.name, (("Level", "Level"), ("Parent", "Rule")), '({IC}=FALSE)*({Node}<>"")', "({IC}=TRUE)"),
        InSight(TABLE.name, "Parent"),
    ),
)
