"""The ICs below one parent each, side by side, and changes that keep each team's total."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from revops_xl.model.money import Floats, Unit, round_half_away
from revops_xl.model.org import OrgTree
from revops_xl.model.segments import Positions, running_totals


@dataclass(frozen=True)
class IcTeams:
    """Every team's ICs; arrays have one entry per IC, in tree order.

    Attributes:
        node: Position in the tree.
        first: Index of the first IC of each team.
        size: ICs of each team.
    """

    node: Positions
    first: Positions
    size: Positions

    @classmethod
    def of(cls, tree: OrgTree) -> IcTeams:
        """The ICs of a tree; those beside teams of their own are one team too."""
        node = np.flatnonzero(tree.is_ic)
        first = np.flatnonzero(np.diff(tree.parent[node], prepend=-2))
        return cls(node, first, np.diff(first, append=len(node)))

    @cached_property
    def team(self) -> Positions:
        """Number of each IC's team."""
        return np.repeat(np.arange(len(self.first)), self.size)

    def members(self, team: int) -> range:
        """Indices of a team's ICs."""
        start = int(self.first[team])
        return range(start, start + int(self.size[team]))

    def sums(self, values: Floats) -> Floats:
        """Sum of each team."""
        return np.asarray(np.add.reduceat(values, self.first))

    def running(self, values: Floats) -> Floats:
        """Running total within each team, in id order."""
        return running_totals(values, self.first, self.size)

    def whole_steps(self, values: Floats) -> Floats:
        """Whole numbers by rounding the running totals: a team's add up to its rounded total."""
        running = round_half_away(self.running(values))
        whole = running.copy()
        whole[1:] -= running[:-1]
        whole[self.first] = running[self.first]
        return whole


def on_base(teams: IcTeams, change: Floats, hedge: Floats, base: Floats, unit: Unit | None) -> Floats:
    """A change of quotas on the base layer: divided by the hedges, adding up to 0, never more than is there.

    Args:
        teams: The ICs.
        change: Of the hedged quota of each IC, in units; adds up to 0 in each team.
        hedge: Product of the hedges above each IC; one number a team.
        base: Base quota of each IC, in units.
        unit: None: no rounding.
    """
    if unit is None:
        return change / hedge
    step = np.where(change == 0, 0.0, teams.whole_steps(change / hedge))
    short = np.maximum(-(base + step), 0.0)  # who gives all of a quota that was rounded up
    step += short
    for team in np.flatnonzero(teams.sums(step)).tolist():
        left = float(step[teams.members(team)].sum())
        for i in teams.members(team):  # receivers take less of what they were to get
            back = min(left, max(step[i], 0.0))
            step[i] -= back
            left -= back
        for i in teams.members(team):  # and if that does not do, the other donors give more
            back = min(left, base[i] + step[i]) if change[i] < 0 else 0.0
            step[i] -= back
            left -= back
    return step
