"""The org tree as level-ordered arrays: parents before children, siblings side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from revops_xl.model.codes import Coded, Int32s
from revops_xl.model.money import Floats

Bools = npt.NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class OrgTree:
    """Every node once, ordered by depth, then by parent, then by id: children of one node are contiguous.

    A node is (level, name). An IC on several rows (split credit) has one node a row, called a placement.
    All arrays have one entry per node in that order, so position 0 is the root.

    Attributes:
        levels: Level names from the root's to the ICs'.
        level: Index of each node's level.
        texts: Every text that names a node, level by level.
        text: Index of each node's text.
        parent: Position of the parent; -1 for the root.
        depth_start: Position of the first node of each depth, and the number of nodes as last entry.
        child_start: Position of the first child.
        child_count: Number of children; 0 for ICs.
        row: For ICs, the index of the input row; -1 for the others.
        split: Share of the IC that this placement carries, 0 to 1; 1 for teams and for unsplit ICs.
        shared_names: Texts that name nodes of more than one level, so that only `Level: Name` tells them apart.
        now: Part of the person that is in each placement on the day deals and pipeline are looked at; None: as the split.
    """

    levels: tuple[str, ...]
    level: npt.NDArray[np.int16]
    texts: list[str]
    text: Int32s
    parent: Int32s
    depth_start: Int32s
    child_start: Int32s
    child_count: Int32s
    row: Int32s
    split: Floats
    shared_names: frozenset[str]
    now: Floats | None = None

    @property
    def split_now(self) -> Floats:
        """What of a person's deals and pipeline belongs to each placement."""
        return self.split if self.now is None else self.now

    def __len__(self) -> int:
        return len(self.parent)

    @cached_property
    def names(self) -> npt.NDArray[np.object_]:
        """Text of each node, as written."""
        return np.array(self.texts, dtype=object)[self.text]

    @cached_property
    def is_ic(self) -> Bools:
        """True for ICs."""
        return self.row >= 0

    @cached_property
    def managers(self) -> npt.NDArray[np.intp]:
        """Positions of the nodes that have children, in order."""
        return np.flatnonzero(self.child_count)

    @cached_property
    def group_start(self) -> npt.NDArray[np.intp]:
        """First child of each manager: where each sibling group starts."""
        return self.child_start[self.managers].astype(np.intp)

    @cached_property
    def depth(self) -> Int32s:
        """Number of ancestors of each node."""
        counts = np.diff(self.depth_start)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    @property
    def depths(self) -> int:
        """How many depths there are; 1 for a root alone."""
        return len(self.depth_start) - 1

    def group_sums(self, values: Floats) -> Floats:
        """Sum over each manager's children; one entry per manager. Entry 0 of values (the root) is left out."""
        return np.add.reduceat(values, self.group_start)

    def to_children(self, per_manager: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Hand a value of each manager to its children; one entry per node but the root."""
        return np.repeat(per_manager, self.child_count[self.managers])

    def roll_up(self, values: Floats) -> Floats:
        """Fill the teams' entries with the sum over their children, from the deepest level up; a new array."""
        total = values.copy()
        for _, managers, starts, stop in self.sibling_groups(deepest_first=True):
            first = int(starts[0])
            total[managers] = np.add.reduceat(total[first:stop], starts - first)
        return total

    def all_below(self, flags: Bools, *, stop_at: Bools | None = None) -> Bools:
        """True for ICs that are flagged and for teams whose children all are.

        Args:
            flags: One per node; only the ICs' entries are read.
            stop_at: Nodes that count as not flagged whatever is below them.
        """
        result = flags & self.is_ic
        if stop_at is not None:
            result &= ~stop_at
        for _, managers, starts, stop in self.sibling_groups(deepest_first=True):
            first = int(starts[0])
            every = np.logical_and.reduceat(result[first:stop], starts - first)
            result[managers] = every if stop_at is None else every & ~stop_at[managers]
        return result

    def everybody_below(self, flags: Bools) -> Bools:
        """True for flagged nodes and for every node below one."""
        result = flags.copy()
        for depth in range(1, self.depths):
            here = slice(int(self.depth_start[depth]), int(self.depth_start[depth + 1]))
            result[here] |= result[self.parent[here]]
        return result

    def sibling_groups(
        self, *, deepest_first: bool = False
    ) -> list[tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp], int]]:
        """Depth by depth: (depth of the managers, their positions, their first children, end of the last children)."""
        return self._sibling_groups[::-1] if deepest_first else self._sibling_groups

    @cached_property
    def _sibling_groups(self) -> list[tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp], int]]:
        bounds = np.searchsorted(self.managers, self.depth_start)
        return [
            (
                depth,
                self.managers[bounds[depth] : bounds[depth + 1]],
                self.group_start[bounds[depth] : bounds[depth + 1]],
                int(self.depth_start[depth + 2]),
            )
            for depth in range(self.depths - 1)
        ]

    def down(self, root_value: float, factor: Floats) -> Floats:
        """Chain a factor from parent to child: result[root] = root_value, result[child] = result[parent] x factor[parent]."""
        result = np.empty(len(self))
        result[0] = root_value
        for depth in range(1, self.depths):
            here = slice(int(self.depth_start[depth]), int(self.depth_start[depth + 1]))
            above = self.parent[here]
            result[here] = result[above] * factor[above]
        return result

    @cached_property
    def outline(self) -> npt.NDArray[np.intp]:
        """Positions in the order a person reads: each team followed by its members."""
        size = np.ones(len(self), dtype=np.int64)
        for _, managers, starts, stop in self.sibling_groups(deepest_first=True):
            first = int(starts[0])
            size[managers] += np.add.reduceat(size[first:stop], starts - first)
        place = np.zeros(len(self), dtype=np.int64)
        for _, managers, starts, stop in self.sibling_groups():
            first = int(starts[0])
            before = np.cumsum(size[first:stop]) - size[first:stop]
            counts = self.child_count[managers]
            offset = np.repeat(before[starts - first], counts)
            place[first:stop] = np.repeat(place[managers], counts) + 1 + before - offset
        order = np.empty(len(self), dtype=np.intp)
        order[place] = np.arange(len(self))
        return order

    def reference(self, position: int) -> str:
        """How a node cell names this node: its text, or `Level: Name` where the text alone is ambiguous."""
        name = self.texts[self.text[position]]
        return f"{self.levels[self.level[position]]}: {name}" if name in self.shared_names else name

    @cached_property
    def references(self) -> Coded:
        """`reference` of every node, in tree order."""
        if not self.shared_names:
            return Coded(self.text, self.texts)
        return Coded(np.arange(len(self), dtype=np.int32), [self.reference(position) for position in range(len(self))])

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Positions by text, for texts that one level alone uses."""
        index: dict[str, list[int]] = {}
        for position, name in enumerate(self.names.tolist()):
            if name not in self.shared_names:
                index.setdefault(name, []).append(position)
        return index

    def _qualified(self, reference: str) -> list[int]:
        """Positions that `Level: Name` means; the level is the one whose name the reference begins with."""
        found: list[int] = []
        for index, level in enumerate(self.levels):
            if reference.startswith(f"{level}: "):
                name = reference[len(level) + 2 :]
                found += [int(i) for i in np.flatnonzero(self.names == name) if self.level[i] == index]
        return found

    def ics_called(self, name: str) -> list[int]:
        """Placements of the IC of this name, even if a node of another level has it too; none for a stranger."""
        try:
            positions = self.find(name)
        except LookupError:
            positions = self.find(f"{self.levels[-1]}: {name}")
        return [position for position in positions if self.is_ic[position]]

    def find(self, reference: str) -> list[int]:
        """Positions that a node cell names: none if unknown, several for the placements of a split IC.

        Raises:
            LookupError: The text names nodes of several levels; the message lists the spellings that are clear.
        """
        plain = self._by_name.get(reference, [])
        if reference in self.shared_names:
            plain = [int(i) for i in np.flatnonzero(self.names == reference)]
        meant = (
            plain
            if reference not in self.shared_names and ": " not in reference
            else plain + self._qualified(reference)
        )
        nodes = {(int(self.level[i]), str(self.names[i])): None for i in meant}
        if len(nodes) > 1:
            raise LookupError(" or ".join(f'"{self.levels[level]}: {name}"' for level, name in sorted(nodes)))
        return sorted(set(meant))

    def ancestors(self, position: int) -> list[int]:
        """Positions from the root down to, and without, the node."""
        chain = []
        above = int(self.parent[position])
        while above >= 0:
            chain.append(above)
            above = int(self.parent[above])
        return chain[::-1]

    def children(self, position: int) -> range:
        """Positions of the children, in id order; empty for an IC."""
        start = int(self.child_start[position])
        return range(start, start + int(self.child_count[position]))
