"""What is wrong with the structure of a path table: roots, gaps, second parents, circles, doubled ICs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.codes import Coded
from revops_xl.model.money import Floats

#: Split shares come as percentages with a few digits; their sum may miss 1 by the noise of a double only.
SPLIT_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Fault:
    """A structural fault at one cell of the path table.

    Attributes:
        row: Index of the input row.
        level: Index of the level column.
        message: What is wrong; other rows concerned are written as {row:INDEX} for the caller to fill in.
        fix: What to do about it.
    """

    row: int
    level: int
    message: str
    fix: str = ""


def find_faults(levels: Sequence[str], columns: Sequence[Coded], split: Floats, shared: frozenset[str]) -> list[Fault]:
    """List every structural fault.

    Args:
        levels: Level names, root first, ICs last.
        columns: One coded column per level.
        split: Share of the IC each row carries; NaN where blank.
        shared: From `names_at_several_levels`.
    """
    faults = [*_blank_ends(levels, columns)]
    if faults:
        return faults  # without a root and an IC on each row, the parents below would be guesses
    faults += _roots(levels, columns)
    faults += _second_parents(levels, columns)
    faults += _doubled_ics(levels, columns, split)
    faults += _circles(columns, shared)
    return faults


def _blank_ends(levels: Sequence[str], columns: Sequence[Coded]) -> Iterator[Fault]:
    for index, what in ((0, "the root"), (len(levels) - 1, "the IC")):
        for row in np.flatnonzero(columns[index].codes < 0).tolist():
            yield Fault(
                row,
                index,
                f'"{levels[index]}" is blank; each row names {what}',
                "Fill it in, or delete the row." if index == 0 else 'Name the IC, for example "Open headcount 1".',
            )


def _roots(levels: Sequence[str], columns: Sequence[Coded]) -> Iterator[Fault]:
    root = columns[0]
    for code in range(1, len(root.names)):
        row = int(np.argmax(root.codes == code))
        yield Fault(
            row,
            0,
            f'a second company in column {levels[0]}: "{root.names[code]}"; row {{row:0}} has "{root.names[0]}"; a plan has one top node',
            f"If they are parts of one company, insert a column left of {levels[0]} with its name on every row, and a row for it in Levels. "
            f'Else write the same {levels[0]} on every row, or plan "{root.names[code]}" in a workbook of its own.',
        )


def _second_parents(levels: Sequence[str], columns: Sequence[Coded]) -> Iterator[Fault]:
    above = columns[0].codes.astype(np.int64)
    for index in range(1, len(levels) - 1):
        codes, names = columns[index].codes, columns[index].names
        blank = codes < 0
        parent_of = np.empty(len(names) + 1, dtype=np.int64)
        parent_of[codes] = above  # blank cells write to, and read from, the last place
        if ((parent_of[codes] == above) | blank).all():
            above = np.where(blank, above, _global_code(columns, index))
            continue
        filled = np.flatnonzero(~blank)
        first_row = np.zeros(len(names), dtype=np.int64)
        first_row[codes[filled][::-1]] = filled[::-1]
        other = filled[above[filled] != above[first_row[codes[filled]]]]
        seen: set[tuple[int, int]] = set()
        for row in other.tolist():
            key = (int(codes[row]), int(above[row]))
            if key in seen:
                continue
            seen.add(key)
            first = int(first_row[key[0]])
            yield Fault(
                row,
                index,
                f'{levels[index]} "{names[key[0]]}" reports to {_parent_text(levels, columns, index, row)} here '
                f"and to {_parent_text(levels, columns, index, first)} in row {{row:{first}}}",
                "A team has one parent: correct one of the rows, or give the two teams different names.",
            )
        above = np.where(blank, above, _global_code(columns, index))


def _global_code(columns: Sequence[Coded], index: int) -> npt.NDArray[np.int64]:
    offset = sum(len(column.names) for column in columns[:index])
    return columns[index].codes.astype(np.int64) + offset


def _parent_text(levels: Sequence[str], columns: Sequence[Coded], index: int, row: int) -> str:
    above = next(i for i in range(index - 1, -1, -1) if columns[i].codes[row] >= 0)
    return f'{levels[above]} "{columns[above].names[columns[above].codes[row]]}"'


def _doubled_ics(levels: Sequence[str], columns: Sequence[Coded], split: Floats) -> Iterator[Fault]:
    ic, last = columns[-1], len(levels) - 1
    if len(ic.names) == len(ic.codes):
        for row in np.flatnonzero(~np.isnan(split) & (np.abs(split - 1) > SPLIT_TOLERANCE)).tolist():
            yield _partial_split(ic, last, [row], split)
        return
    counts = np.bincount(ic.codes, minlength=len(ic.names))
    order = np.argsort(ic.codes, kind="stable")
    ends = np.cumsum(counts)
    partial = np.zeros(len(ic.names), dtype=bool)
    partial[ic.codes[~np.isnan(split) & (np.abs(split - 1) > SPLIT_TOLERANCE)]] = True
    for code in np.flatnonzero((counts > 1) | partial).tolist():
        rows = order[ends[code] - counts[code] : ends[code]].tolist()
        name = ic.names[code]
        others = ", ".join(f"{{row:{row}}}" for row in rows[1:])
        if len(rows) > 1 and np.isnan(split[rows]).any():
            yield Fault(
                rows[0],
                last,
                f'IC "{name}" is also in row {others}',
                'An IC has one row. For shared credit add a column "Split %" that adds up to 100 % over the rows.',
            )
        elif abs(split[rows].sum() - 1) > SPLIT_TOLERANCE:
            yield _partial_split(ic, last, rows, split)
        parents: dict[str, int] = {}
        for row in rows:
            text = _parent_text(levels, columns, last, row)
            if text in parents:
                yield Fault(
                    row,
                    last,
                    f'IC "{name}" stands twice under {text}, here and in row {{row:{parents[text]}}}',
                    "Put the two rows together.",
                )
            parents.setdefault(text, row)


def _partial_split(ic: Coded, last: int, rows: Sequence[int], split: Floats) -> Fault:
    listed = ", ".join(f"row {{row:{row}}} {split[row] * 100:.10g} %" for row in rows)
    return Fault(
        rows[0],
        last,
        f'the shares of IC "{ic.names[ic.codes[rows[0]]]}" add up to {split[list(rows)].sum() * 100:.10g} % ({listed})',
        "Split % of one IC adds up to 100 % over its rows.",
    )


def _circles(columns: Sequence[Coded], shared: frozenset[str]) -> Iterator[Fault]:
    """A name above another in one row and below it in another row: people cannot report in a circle."""
    if len(shared) < 2:
        return
    import networkx as nx  # noqa: PLC0415  (190 ms, and only needed where names repeat across levels)

    edge_at = _edges(columns, shared)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(edge_at)
    for component in nx.strongly_connected_components(graph):
        if len(component) < 2:
            continue
        cycle = nx.find_cycle(graph.subgraph(component))
        path = [edge[0] for edge in cycle] + [cycle[0][0]]
        steps = "; ".join(f"{{row:{edge_at[edge[0], edge[1]][0]}}}" for edge in cycle)
        row, level = edge_at[cycle[-1][0], cycle[-1][1]]
        yield Fault(
            row,
            level,
            f"reporting circle {' > '.join(path)} (rows {steps})",
            "Nobody reports to somebody below: correct one of the rows, or rename the node that is meant otherwise.",
        )


def names_at_several_levels(columns: Sequence[Coded]) -> frozenset[str]:
    """Texts that name nodes of more than one level."""
    seen: set[str] = set()
    shared: set[str] = set()
    for column in columns[:-1]:
        shared |= seen.intersection(column.names)
        seen.update(column.names)
    return frozenset(shared | seen.intersection(columns[-1].names))


def _edges(columns: Sequence[Coded], names: frozenset[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """Who stands above whom among these names, and the (row, level) where it says so first."""
    edge_at: dict[tuple[str, str], tuple[int, int]] = {}
    for index in range(1, len(columns)):
        codes = columns[index].codes
        hit = np.isin(codes, [i for i, name in enumerate(columns[index].names) if name in names])
        for row in np.flatnonzero(hit).tolist():
            child = columns[index].names[codes[row]]
            for up in range(index):
                code = columns[up].codes[row]
                parent = columns[up].names[code] if code >= 0 else None
                if parent is not None and parent in names and parent != child:
                    edge_at.setdefault((parent, child), (row, index))
    return edge_at
