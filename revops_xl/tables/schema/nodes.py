"""Cells that name a node."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from revops_xl.errors import PlanError, Problem
from revops_xl.model.org import OrgTree
from revops_xl.tables.schema.typed import TypedTable

#: Comparing spellings is slow; above this many nodes only blanks and case are looked at.
SUGGEST_UP_TO = 5000


def read_nodes(typed: TypedTable, tree: OrgTree, extra: tuple[str, ...] = ()) -> Iterator[tuple[int, str, list[int]]]:
    """Resolve the column Node: (row, text, positions) for each row whose node is known and named once.

    Args:
        typed: A table with a column Node.
        tree: The org.
        extra: Texts that are allowed beside nodes; they come with no positions.
    """
    first: dict[object, int] = {}
    for row, text in enumerate(typed.texts("Node")):
        if text is None:
            if not typed.is_bad(row, "Node"):
                typed.problem(row, "Node", "Node is blank; the name of a node is needed")
            continue
        key: object = text
        positions: list[int] = []
        if text not in extra:
            try:
                positions = tree.find(text)
            except LookupError as error:
                typed.problem(row, "Node", f'"{text}" names nodes of several levels', f"Write {error}.")
                continue
            if not positions:
                typed.problem(row, "Node", f'no node is called "{text}"', suggest(text, tree))
                continue
            key = tuple(positions)
        if key in first:
            before = typed.raw.row_text(first[key])
            typed.problem(row, "Node", f'"{text}" is listed twice, first in row {before}', "Keep one.")
            continue
        first[key] = row
        yield row, text, positions


def refuse_strangers(typed: TypedTable, names: Collection[str]) -> None:
    """Nodes that no level column has, where the org itself cannot be read yet."""
    known = {name.casefold() for name in names}
    for row, text in enumerate(typed.texts("Node")):
        bare = (text or "").partition(": ")[2] or text or ""
        if text is None or text.startswith("(") or typed.is_bad(row, "Node"):
            continue
        if text.casefold() not in known and bare.casefold() not in known:
            close = difflib.get_close_matches(text, names, n=1) if len(names) <= SUGGEST_UP_TO else []
            fix = f'Did you mean "{close[0]}"?' if close else "Write it as in Hierarchy."
            typed.problem(row, "Node", f'no node is called "{text}"', fix)


def suggest(text: str, tree: OrgTree) -> str:
    """The node that was probably meant, as a sentence; how nodes are named if none comes close."""
    names = sorted(set(tree.names.tolist()))
    wanted = text.strip().casefold()
    close = [name for name in names if name.strip().casefold() == wanted][:1]
    if not close and len(names) <= SUGGEST_UP_TO:
        close = difflib.get_close_matches(text, names, n=1)
    return f'Did you mean "{close[0]}"?' if close else "Write it as in Hierarchy."


def find_node(tree: OrgTree, node: str) -> list[int]:
    """Where a node that somebody asks for stands in the tree.

    Raises:
        PlanError: Nothing, or too much, is called so.
    """
    try:
        positions = tree.find(node)
    except LookupError as error:
        message = f'"{node}" names nodes of several levels'
        raise PlanError([Problem("node", "", message, f"Write {error}.")]) from None
    if not positions:
        raise PlanError([Problem("node", "", f'no node is called "{node}"', suggest(node, tree))])
    return positions
