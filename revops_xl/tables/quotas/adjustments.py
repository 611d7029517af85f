"""Table AcceptedAdjustments: quota that was moved between the ICs of a team after the cascade, by decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from revops_xl.model.inputs import Adjustment
from revops_xl.model.money import Floats, Unit, amounts_of, tidy, whole_units
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.pipeline import SMALLEST_CHANGE
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.nodes import suggest
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.typed import TypedTable

TABLE = Table(
    "AcceptedAdjustments",
    "Quota moved between the ICs of a team, in force; a team's changes add up to 0. The command accept fills it.",
    (
        Column("Node", Kind.NODE, "An IC.", required=True, width=24),
        Column("Manager", Kind.NODE, "The node above; needed for an IC with several.", width=22),
        Column("Change", Kind.MONEY, "Change of the quota; negative for the rep who gives up quota.", required=True, unit="currency", width=16),
        Column("Reason", Kind.TEXT, "Why, for whoever asks.", width=44),
    ),
    keys=("Node", "Manager"),
)  # fmt: skip

_ANEW = "Run `accept` without naming nodes, or delete the rows of this team."


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
        leaver = f" If the IC has left: delete the rows of team {manager or 'it was in'}, or run `accept` without naming nodes."
        typed.problem(row, "Node", f'no node is called "{text}"', suggest(text, tree) + leaver)
        return None
    if not tree.is_ic[positions[0]]:
        typed.problem(row, "Node", f'"{text}" is a team; quota moves between ICs', "Name an IC.")
        return None
    above = {int(tree.parent[position]): position for position in positions}
    known = " or ".join(f'"{tree.reference(node)}"' for node in above)
    if manager is None:
        if len(above) > 1:
            typed.problem(row, "Manager", f'"{text}" has several managers', f"Write {known}.")
            return None
        return positions[0]
    try:
        named = [node for node in tree.find(manager) if node in above]
    except LookupError as error:
        typed.problem(row, "Manager", f'"{manager}" names nodes of several levels', f"Write {error}.")
        return None
    if not named:
        typed.problem(row, "Manager", f'"{text}" is not below "{manager}" but below {known}', _ANEW)
        return None
    return above[named[0]]


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


def none_yet() -> RawTable:
    """The table of a workbook that has none."""
    return RawTable(TABLE.name, TABLE.name, TABLE.headers, tuple([] for _ in TABLE.headers), [])


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
    teams = set(tree.parent[chosen].tolist())
    rows = []
    for row in range(len(raw)):
        manager = _text(raw, "Manager", row)
        places = _found(tree, manager) if manager else tree.parent[_found(tree, _text(raw, "Node", row))].tolist()
        if not places or not set(places) <= teams:
            rows.append(row)
    return _some_rows(raw, rows)


def _found(tree: OrgTree, text: str) -> list[int]:
    """Positions that a text names; none if it is not clear."""
    try:
        return tree.find(text)
    except LookupError:
        return []


def stated(raw: RawTable, tree: OrgTree, locale: NumberLocale) -> tuple[Floats, dict[int, int], int]:
    """What a table says as far as it fits the org.

    Returns:
        Change per node, the row that says so by position, and how many rows do not fit.
    """
    change, rows, strange = np.zeros(len(tree)), {}, 0
    for row in range(len(raw)):
        manager, cell = _text(raw, "Manager", row), raw.column("Change")[row]
        places = [node for node in _found(tree, _text(raw, "Node", row)) if tree.is_ic[node]]
        if manager:
            above = _found(tree, manager)
            places = [node for node in places if int(tree.parent[node]) in above]
        read = locale.read(cell) if isinstance(cell, str) else None
        amount = read.value if read is not None else cell
        if len(places) != 1 or not isinstance(amount, int | float):
            strange += 1
        else:
            change[places[0]] = float(amount)
            rows[places[0]] = row
    return change, rows, strange


def render(
    tree: OrgTree, change: Floats, chosen: Bools, others: RawTable, before: RawTable, locale: NumberLocale, reason: str
) -> ResultTable:
    """The table as it will be: rows of other teams as they stand, then the chosen ICs in outline order.

    Args:
        tree: The org.
        change: Per node, in currency; read for the chosen ICs.
        chosen: ICs that the command is about.
        others: The rows that it is not about.
        before: The table as it stands; a row of a chosen IC whose change stays keeps its cells.
        locale: How numbers typed as text are written.
        reason: For changes that are new.
    """
    known, places, _ = stated(before, tree, locale)
    rows: list[dict[str, Any]] = [
        {header: others.column(header)[row] for header in TABLE.headers} for row in range(len(others))
    ]
    for position in tree.outline[(chosen & (change != 0))[tree.outline]].tolist():
        if position in places and abs(known[position] - change[position]) < SMALLEST_CHANGE:
            rows.append({header: before.column(header)[places[position]] for header in TABLE.headers})
            continue
        node, manager = tree.reference(position), tree.reference(int(tree.parent[position]))
        rows.append({"Node": node, "Manager": manager, "Change": float(change[position]), "Reason": reason})
    return ResultTable.of_rows(TABLE, rows)


def with_rendered(book: RawBook, raw: RawTable, table: ResultTable) -> RawBook:
    """The workbook as it will be, so that the run sees what it would read."""
    headers, first = TABLE.headers, raw.header_row + 1
    columns = tuple(list(table.values(header)) for header in headers)
    rows = range(first, first + len(table))
    return with_rows(
        book, replace(raw, headers=headers, columns=columns, rows=rows, below="", beside="", has_odd=False)
    )


def _text(raw: RawTable, header: str, row: int) -> str:
    """A cell as the text of a node."""
    value = raw.column(header)[row] if header in raw.headers else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
