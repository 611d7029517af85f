"""Sheet Overrides: amounts fixed by decision."""

from __future__ import annotations

import numpy as np

from revops_xl.model.inputs import Basis, Fixed
from revops_xl.model.money import Unit, apportion
from revops_xl.model.org import Bools, OrgTree
from revops_xl.tables.quotas import adjustments
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.nodes import read_nodes
from revops_xl.tables.schema.typed import TypedTable

TABLE = Table(
    "Overrides",
    "Amounts fixed by decision, for any node; the others of the team share the rest.",
    (
        Column("Node", Kind.NODE, "A team or an IC, by its text; Level: Name where two levels share the text.", required=True, width=24),
        Column("Amount", Kind.MONEY, "The fixed quota; may be blank on a row that only locks.", unit="currency", minimum=0, width=16),
        Column("Basis", Kind.CHOICE, "base: before hedges. hedged: the number the node carries. Blank: base.", choices=("base", "hedged"), width=10),
        Column("Lock", Kind.BOOLEAN, "TRUE keeps the node, and everybody below it, out of redistribution.", optional=True, width=8),
        Column("Reason", Kind.TEXT, "Why, for whoever asks.", optional=True, width=44),
    ),
)  # fmt: skip
SHEET = Sheet("Overrides", "Amounts fixed by decision", (TABLE, adjustments.TABLE))


def parse(typed: TypedTable, tree: OrgTree, unit: Unit | None) -> tuple[list[Fixed], Bools]:
    """Read the overrides; a split IC's amount is divided over its placements.

    Returns:
        The fixed amounts, and per node whether it is locked; a locked team locks everybody below it.
    """
    amounts, bases = typed.numbers("Amount"), typed.choices("Basis", "base")
    locks = typed.flags("Lock") if typed.has("Lock") else [None] * len(typed)
    fixed: list[Fixed] = []
    locked = np.zeros(len(tree), dtype=bool)
    for row, text, positions in read_nodes(typed, tree):
        amount, basis = float(amounts[row]), bases[row]
        locked[positions] = locks[row] is True
        if np.isnan(amount) and not typed.is_bad(row, "Amount") and locks[row] is not True:
            what = "Amount is blank; an amount of 0 or more is needed, or TRUE under Lock alone"
            typed.problem(row, "Amount", what)
        if np.isnan(amount) or basis is None:
            continue
        if positions[0] == 0:
            typed.problem(row, "Node", f'"{text}" is the top node, whose quota is the Target', "Change the Target.")
            continue
        if unit is not None and unit.exactly(amount) is None:
            typed.problem(
                row, "Amount", f"Amount {amount:,.15g} is not a whole multiple of the Rounding unit {unit.size:f}"
            )
            continue
        where = f"{typed.raw.sheet}!{typed.raw.cell(row, 'Amount')}"
        splits = [float(tree.split[position]) for position in positions]
        if len(positions) == 1:
            parts = [amount]
        elif unit is None:
            parts = [amount * split for split in splits]
        else:
            parts = unit.to_amount(apportion(unit.exactly(amount) or 0, splits)).tolist()
        fixed += [Fixed(p, part, Basis(basis), where) for p, part in zip(positions, parts, strict=True)]
    return fixed, tree.everybody_below(locked)
