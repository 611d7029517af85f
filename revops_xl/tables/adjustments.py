"""Table AcceptedAdjustments: quota that was moved between the ICs of a team after the cascade, by decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from revops_xl.model.inputs import Adjustment
from revops_xl.model.money import Floats, Unit, amounts_of, tidy, whole_units
from revops_xl.model.org import Bools, OrgTree
from revops_xl.tables.declare import Column, Kind, Table
from revops_xl.tables.nodes import suggest
from revops_xl.tables.raw import RawBook, RawTable
from revops_xl.tables.result import ResultTable
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

_ANEW = "Accept the redistribution anew, or delete the rows of this team."


def parse(typed: TypedTable, tree: OrgTree, unit: Unit | None) -> list[Adjustment]:
    """Read the accepted changes; each team's must add up to 0."""
    changes = typed.numbers("Change")
    typed.check_required("Change")
    typed.check_required("Node")
    whole = changes == tidy(changes, unit)  # the others are looked at one by one
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
        if not whole[row] and unit is not None and unit.exactly(change) is None:
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
        leaver = f" If the IC has left: delete the rows of team {manager or 'it was in'}, or accept anew."
        typed.problem(row, "Node", f'no node is called "{text}"', suggest(text, tree) + leaver)
        return None
    if not tree.is_ic[positions[0]]:
        typed.problem(row, "Node", f'"{text}" is a team; quota moves between ICs', "Name an IC.")
        return None
    above = {tree.reference(int(tree.parent[position])): position for position in positions}
    if manager is not None and manager not in above:
        known = " or ".join(f'"{name}"' for name in above)
        typed.problem(row, "Manager", f'"{text}" is not below "{manager}" but below {known}', _ANEW)
        return None
    if manager is None and len(positions) > 1:
        typed.problem(row, "Manager", f'"{text}" has several managers', f"Write {' or '.join(above)}.")
        return None
    return above[manager] if manager is not None else positions[0]


def _check_team(typed: TypedTable, manager: str, rows: list[int], changes: list[float], unit: Unit | None) -> None:
    total = float(amounts_of(whole_units(np.array(changes), unit).sum(keepdims=True), unit)[0])
    if abs(total) > 1e-6:
        cells = ", ".join(typed.raw.cell(row, "Change") for row in rows[:6])
        typed.problem(
            rows[0],
            "Change",
            f'the changes in team "{manager}" add up to {total:,.10g} ({cells}), not to 0, so the team would not keep its total',
            _ANEW,
        )  # fmt: skip


# --- the table as `accept` rewrites it ------------------------------------------------------------------------------


def no_rows(raw: RawTable) -> RawTable:
    """The table without rows."""
    return _some_rows(raw, [])


def without_rows(book: RawBook, raw: RawTable) -> RawBook:
    """The workbook as if nothing were accepted."""
    return with_rows(book, no_rows(raw))


def with_rows(book: RawBook, raw: RawTable) -> RawBook:
    """The workbook with this table in place of its own."""
    return replace(book, tables={**book.tables, raw.name: raw})


def _some_rows(raw: RawTable, rows: Sequence[int]) -> RawTable:
    """Some rows of a table; they keep the numbers they have on the sheet."""
    columns = tuple([list(raw.column(header))[row] for row in rows] for header in raw.headers)
    return replace(raw, columns=columns, rows=[int(raw.rows[row]) for row in rows], below="", beside="")


def of_other_teams(raw: RawTable, tree: OrgTree, chosen: Bools) -> RawTable:
    """The rows that do not belong to the teams of the chosen ICs, as they stand."""
    teams = {tree.reference(node) for node in np.unique(tree.parent[chosen]).tolist()}
    mine = {(tree.reference(node), tree.reference(int(tree.parent[node]))) for node in np.flatnonzero(chosen).tolist()}
    ics = {node for node, _ in mine}
    rows = []
    for row in range(len(raw)):
        node, manager = _text(raw, "Node", row), _text(raw, "Manager", row)
        theirs = manager in teams if manager else node in ics
        if not theirs:
            rows.append(row)
    return _some_rows(raw, rows)


def render(tree: OrgTree, change: Floats, before: RawTable, reason: str) -> ResultTable:
    """The accepted changes as rows in outline order; who changes by the same amount as before keeps the reason.

    Args:
        tree: The org.
        change: Per node, in currency.
        before: The table as it stands.
        reason: For changes that are new.
    """
    known = {
        (_text(before, "Node", row), _text(before, "Manager", row)): row
        for row in range(len(before))
        if {"Node", "Manager", "Change", "Reason"} <= set(before.headers)
    }
    rows = []
    for position in tree.outline[change[tree.outline] != 0].tolist():
        node, manager = tree.reference(position), tree.reference(int(tree.parent[position]))
        row = known.get((node, manager), known.get((node, "")))
        same = row is not None and before.column("Change")[row] == change[position]
        kept = _text(before, "Reason", row) if same and row is not None else ""
        rows.append((node, manager, float(change[position]), kept or reason))
    return ResultTable.of_rows(TABLE, rows)


def with_rendered(book: RawBook, raw: RawTable, table: ResultTable) -> RawBook:
    """The workbook as it will be, so that the run sees what it would read."""
    headers, first = TABLE.headers, raw.header_row + 1
    columns = tuple(list(table.values(header)) for header in headers)
    rows = range(first, first + len(table))
    return with_rows(
        book, replace(raw, headers=headers, columns=columns, rows=rows, below="", beside="", has_odd=False)
    )


def stated(raw: RawTable, tree: OrgTree) -> tuple[Floats, int]:
    """What a table says, as far as it fits the org: change per node, and how many rows do not fit."""
    change, strange = np.zeros(len(tree)), 0
    placements = {
        (tree.reference(node), tree.reference(int(tree.parent[node]))): node
        for node in np.flatnonzero(tree.is_ic).tolist()
    }
    alone = {name: node for (name, _), node in placements.items()}
    for row in range(len(raw)):
        node, manager = _text(raw, "Node", row), _text(raw, "Manager", row)
        position = placements.get((node, manager)) if manager else alone.get(node)
        amount = raw.column("Change")[row]
        if position is None or not isinstance(amount, int | float):
            strange += 1
        else:
            change[position] = float(amount)
    return change, strange


def _text(raw: RawTable, header: str, row: int) -> str:
    """A cell as the text of a node."""
    value = raw.column(header)[row] if header in raw.headers else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
