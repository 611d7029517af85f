"""Sheet Levels: which columns of Hierarchy are levels, and the hedges of levels and nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.org import OrgTree
from revops_xl.tables.evidence.header_names import meant_by
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.nodes import read_nodes
from revops_xl.tables.schema.typed import TypedTable

HEDGE_HELP = "Multiplier on the quota before it is handed down: 1.05 hands down 5 % more."
LEVELS = Table(
    "Levels",
    "The level columns of Hierarchy from the top node's to the ICs', one row each.",
    (
        Column("Level", Kind.TEXT, "Header of the level column in Hierarchy.", required=True, width=18),
        Column("Hedge", Kind.FACTOR, HEDGE_HELP + " Blank: the default hedge. ICs have none.", unit="×", above=0, width=10),
    ),
)  # fmt: skip
NODE_HEDGES = Table(
    "NodeHedges",
    "Hedges of single nodes, instead of their level's.",
    (
        Column("Node", Kind.NODE, "A team, by its text; Level: Name where two levels share the text.", required=True, width=24),
        Column("Hedge", Kind.FACTOR, HEDGE_HELP, required=True, unit="×", above=0, width=10),
        Column("Reason", Kind.TEXT, "Why.", optional=True, width=40),
    ),
)  # fmt: skip
SHEET = Sheet("Levels", "Levels of the org and their hedges", (LEVELS, NODE_HEDGES))


@dataclass(frozen=True)
class OrgLevels:
    """Level names, root first, and the hedge of each that has one."""

    names: tuple[str, ...]
    hedges: dict[int, float]


def parse_levels(typed: TypedTable, headers: tuple[str, ...]) -> OrgLevels | None:
    """Read the level names against the headers of Hierarchy; None when they cannot be used."""
    before = len(typed.problems)
    names = typed.texts("Level")
    hedges = typed.numbers("Hedge")
    seen: dict[str, int] = {}
    for row, name in enumerate(names):
        if name is None:
            if not typed.is_bad(row, "Level"):
                typed.problem(row, "Level", "Level is blank; the header of a level column is needed")
        elif name in seen:
            typed.problem(
                row, "Level", f'level "{name}" is listed twice, first in row {typed.raw.row_text(seen[name])}'
            )
        elif name not in headers:
            meant = meant_by("Hierarchy", name, [header for header in headers if header not in names])
            each = "your company's name in each row" if row == 0 else "each row's name on that level"
            fix = (
                f'Rename "{meant}" to "{name}".'
                if meant
                else f'Add a column "{name}" with {each}, or correct the name here.'
            )
            typed.problem(row, "Level", f'Hierarchy has no column "{name}"', fix)
        seen.setdefault(name or "", row)
    if len(typed) == 1:
        typed.problem(0, "Level", "a plan needs at least two levels, the top node's and the ICs'")
    last = len(names) - 1
    if last > 0 and not np.isnan(hedges[last]):
        typed.problem(
            last, "Hedge", f'"{names[last]}" is the level of the ICs, who hand nothing down', "Clear the hedge."
        )
    if len(typed.problems) > before:
        return None
    found = {row: float(hedge) for row, hedge in enumerate(hedges.tolist()) if not np.isnan(hedge)}
    return OrgLevels(tuple(name for name in names if name is not None), found)


def refuse_idle_hedges(typed: TypedTable, levels: OrgLevels, tree: OrgTree) -> None:
    """Report hedges of levels that no node is on."""
    for index, hedge in levels.hedges.items():
        if not (tree.level == index).any():
            typed.problem(
                index,
                "Hedge",
                f'no node is on level "{levels.names[index]}", so its hedge {hedge:g} does nothing',
                "Clear it.",
            )


def parse_node_hedges(typed: TypedTable, tree: OrgTree) -> dict[int, float]:
    """Read hedges by node as {position: factor}."""
    hedges = typed.numbers("Hedge")
    typed.check_required("Hedge")
    result = {}
    for row, text, positions in read_nodes(typed, tree):
        if tree.is_ic[positions[0]]:
            typed.problem(row, "Node", f'"{text}" is an IC, who hands nothing down', "Name a team, or delete the row.")
        elif not np.isnan(hedges[row]):
            result[positions[0]] = float(hedges[row])
    return result
