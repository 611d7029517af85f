"""Whose packet goes where: nodes of a level, and their addresses."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.org import OrgTree
from revops_xl.tables.schema.nodes import find_node
from revops_xl.tables.schema.raw import RawTable

#: One address as mail programs take it, without a name: nothing that could begin another header.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def chosen(tree: OrgTree, level: str | None, nodes: Sequence[str]) -> list[int]:
    """Positions of the teams that get a packet.

    Args:
        tree: The org.
        level: Every team of this level; None: the level above the ICs, if no nodes are named.
        nodes: These teams, as results name them.

    Raises:
        PlanError: There is no such level or node, or the node is an IC.
    """
    problems: list[Problem] = []
    found: list[int] = []
    if level is None and not nodes:
        level = tree.levels[-2]
    if level is not None:
        found += _of_level(tree, level, problems)
    for name in nodes:
        try:
            positions = find_node(tree, name)
        except PlanError as error:
            problems += error.problems
            continue
        if tree.is_ic[positions[0]]:
            problems.append(Problem("--node", "", f'"{name}" is an IC; a packet is for a team', "Name the manager."))
        else:
            found += positions
    if problems:
        raise PlanError(problems)
    wanted = set(found)
    return [node for node in tree.outline.tolist() if node in wanted]


def _of_level(tree: OrgTree, level: str, problems: list[Problem]) -> list[int]:
    matching = [index for index, name in enumerate(tree.levels[:-1]) if name.casefold() == level.casefold()]
    if not matching:
        known = ", ".join(tree.levels[:-1])
        problems.append(Problem("--level", "", f'there is no level "{level}" of teams', f"The levels are {known}."))
        return []
    return [int(node) for node in np.flatnonzero((tree.level == matching[0]) & ~tree.is_ic)]


def without_packet(tree: OrgTree, nodes: Collection[int]) -> list[str]:
    """ICs whom no packet holds."""
    flags = np.zeros(len(tree), dtype=bool)
    flags[list(nodes)] = True
    left = np.flatnonzero(tree.is_ic & ~tree.everybody_below(flags)).tolist()
    return [tree.reference(node) for node in left]


def addresses(tree: OrgTree, people: RawTable, nodes: Sequence[int], problems: list[Problem]) -> dict[int, str]:
    """The address of each node, as far as Hierarchy has one.

    It is what the column `<Level> email` says on the rows below the node; else the Email of a row whose IC has the
    node's name; else the Email of all rows below, if it is one and the same.

    Args:
        tree: The org.
        people: The raw table Hierarchy.
        nodes: Positions of teams.
        problems: Where addresses that cannot be used are put.
    """
    own = {header.casefold(): header for header in people.headers}
    plain = list(people.column("Email")) if "Email" in people.headers else []
    by_name = {str(tree.names[node]): int(tree.row[node]) for node in np.flatnonzero(tree.is_ic).tolist()}
    found: dict[int, str] = {}
    below = _rows_below(tree)
    for node in nodes:
        header = own.get(f"{tree.levels[tree.level[node]]} email".casefold())
        rows = below[node]
        if header is not None:
            _take(found, node, people, header, rows, tree, problems, must_agree=True)
            continue
        name = str(tree.names[node])
        if plain and name in by_name and name not in tree.shared_names and plain[by_name[name]]:
            rows = [by_name[name]]  # a name of two levels may be two people
        elif len(rows) < 2 or not all(plain[row] for row in rows if plain):
            continue  # the address of one person below is that person's own
        if plain:
            _take(found, node, people, "Email", rows, tree, problems, must_agree=False)
    return found


def _take(
    found: dict[int, str],
    node: int,
    people: RawTable,
    header: str,
    rows: Sequence[int],
    tree: OrgTree,
    problems: list[Problem],
    *,
    must_agree: bool,
) -> None:
    """The one address that some rows say."""
    column = people.column(header)
    said = {str(column[row]).strip(): row for row in reversed(rows) if column[row]}
    if len(said) > 1:
        if must_agree:
            listed = " and ".join(sorted(said)[:3])
            text = f'the rows of "{tree.reference(node)}" have several addresses: {listed}'
            problems.append(
                Problem(
                    people.sheet, people.cell(min(said.values()), header), text, "Write one address on all of them."
                )
            )
        return
    for address, row in said.items():
        if _ADDRESS.fullmatch(address) is None or ".." in address:
            text = f'"{address}" is no e-mail address'
            problems.append(Problem(people.sheet, people.cell(row, header), text, "Write it as name@company.com."))
        else:
            found[node] = address


def _rows_below(tree: OrgTree) -> dict[int, list[int]]:
    """Rows of the ICs below each node."""
    found: dict[int, list[int]] = {}
    for ic in np.flatnonzero(tree.is_ic).tolist():
        node = int(tree.parent[ic])
        while node >= 0:
            found.setdefault(node, []).append(int(tree.row[ic]))
            node = int(tree.parent[node])
    return found
