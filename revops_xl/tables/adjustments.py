"""Table AcceptedAdjustments: quota that was moved between the ICs of a team after the cascade, by decision."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from revops_xl.model.inputs import Adjustment
from revops_xl.model.money import Unit
from revops_xl.model.org import OrgTree
from revops_xl.tables.declare import Column, Kind, Table
from revops_xl.tables.nodes import suggest
from revops_xl.tables.typed import TypedTable

TABLE = Table(
    "AcceptedAdjustments",
    "Quota moved between the ICs of a team, in force; a team's changes add up to 0. The command accept fills it.",
    (
        Column("Node", Kind.NODE, "An IC.", required=True, width=24),
        Column("Manager", Kind.NODE, "The node above; needed for an IC with several.", width=22),
        Column("Change", Kind.MONEY, "Change of the quota; negative for who gives.", required=True, unit="currency", width=16),
        Column("Reason", Kind.TEXT, "Why, for whoever asks.", width=44),
    ),
    keys=("Node", "Manager"),
)  # fmt: skip


def parse(typed: TypedTable, tree: OrgTree, unit: Unit | None) -> list[Adjustment]:
    """Read the accepted changes; each team's must add up to 0."""
    changes = typed.numbers("Change")
    typed.check_required("Change")
    typed.check_required("Node")
    managers = typed.texts("Manager") if typed.has("Manager") else [None] * len(typed)
    found: list[Adjustment] = []
    first: dict[int, int] = {}
    teams: dict[int, list[int]] = defaultdict(list)
    before = len(typed.problems)
    for row, text in enumerate(typed.texts("Node")):
        position = _placement(typed, tree, row, text, managers[row]) if text is not None else None
        if position is None or np.isnan(changes[row]):
            continue
        if first.setdefault(position, row) != row:
            typed.problem(row, "Node", f'"{text}" is listed twice, first in row {typed.raw.row_text(first[position])}')
            continue
        change = float(changes[row])
        if unit is not None and unit.exactly(change) is None:
            what = f"Change {change:,.15g} is not a whole multiple of the Rounding unit {unit.size:f}"
            typed.problem(row, "Change", what)
            continue
        teams[int(tree.parent[position])].append(row)
        found.append(Adjustment(position, change, f"{typed.raw.sheet}!{typed.raw.cell(row, 'Change')}"))
    if len(typed.problems) == before:
        for manager, rows in teams.items():
            _check_team(typed, tree.reference(manager), rows, changes[rows].tolist(), unit)
    return found


def _placement(typed: TypedTable, tree: OrgTree, row: int, text: str, manager: str | None) -> int | None:
    """Where the IC of a row stands; None, and a problem, where that is not clear."""
    try:
        positions = tree.find(text)
    except LookupError as error:
        typed.problem(row, "Node", f'"{text}" names nodes of several levels', f"Write {error}.")
        return None
    if not positions:
        typed.problem(row, "Node", f'no node is called "{text}"', suggest(text, tree))
        return None
    if not tree.is_ic[positions[0]]:
        typed.problem(row, "Node", f'"{text}" is a team; quota moves between ICs', "Name an IC.")
        return None
    above = {tree.reference(int(tree.parent[position])): position for position in positions}
    if manager is not None and manager not in above:
        known = " or ".join(f'"{name}"' for name in above)
        typed.problem(row, "Manager", f'"{text}" is not below "{manager}" but below {known}', "Accept anew.")
        return None
    if manager is None and len(positions) > 1:
        typed.problem(row, "Manager", f'"{text}" has several managers', f"Write {' or '.join(above)}.")
        return None
    return above[manager] if manager is not None else positions[0]


def _check_team(typed: TypedTable, manager: str, rows: list[int], changes: list[float], unit: Unit | None) -> None:
    total = sum(changes)
    if unit is not None:
        total = float(unit.to_amount(np.array([sum(unit.exactly(change) or 0 for change in changes)]))[0])
    if abs(total) > 1e-6:
        cells = ", ".join(typed.raw.cell(row, "Change") for row in rows[:6])
        typed.problem(
            rows[0],
            "Change",
            f'the changes in team "{manager}" add up to {total:,.10g} ({cells}), not to 0, so the team would not keep its total',
            "Accept the redistribution anew, or delete the rows of this team.",
        )  # fmt: skip
