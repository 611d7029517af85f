"""Shares where seats come and go during the plan: a seat that is there half of the time weighs half."""

from __future__ import annotations

import numpy as np

from revops_xl.model.inputs import SeatWeights
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree


def dated_parts(tree: OrgTree, of_rest: Floats, seats: SeatWeights) -> Floats:
    """Each child's part of what is left of its pool, by its share and the time in which its seats are there; see `paths`."""
    year = paths(tree, of_rest, seats) @ seats.season
    above = year[np.maximum(tree.parent, 0)]
    found = np.divide(year, above, out=of_rest.copy(), where=above > 0)
    found[0] = 0.0
    return np.asarray(np.where(of_rest > 0, found, 0.0))


def paths(tree: OrgTree, of_rest: Floats, seats: SeatWeights) -> Floats:
    """Each node's part of what the top hands down, period by period: nodes x periods of the weights.

    A team weighs what its members do: the mean of their time, by their shares. Where months follow shares, every month is
    handed down to who is there in it, and the year is the sum.

    Args:
        tree: The org.
        of_rest: Parts by share alone; of each team they add up to 1, or to 0 where everything is fixed.
        seats: Weight of each row's time.
    """
    weight, sums = weights(tree, of_rest, seats)
    shared = of_rest[:, None]
    path = np.zeros_like(weight)
    path[0] = 1.0
    for _, managers, starts, stop in tree.sibling_groups():
        first, counts = int(starts[0]), tree.child_count[managers]
        there = np.repeat(sums[managers], counts, axis=0)
        part = shared[first:stop] * weight[first:stop]
        part = np.divide(part, there, out=np.repeat(shared[first:stop], part.shape[1], axis=1), where=there > 0)
        path[first:stop] = np.repeat(path[managers], counts, axis=0) * part
    return path


def weights(tree: OrgTree, of_rest: Floats, seats: SeatWeights) -> tuple[Floats, Floats]:
    """Time of each node, period by period, and of each team the sum of its members' shares by their time."""
    weight = np.zeros((len(tree), seats.time.shape[1]))
    weight[tree.is_ic] = seats.time[tree.row[tree.is_ic]]
    shared = of_rest[:, None]
    sums = np.zeros_like(weight)
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        below = np.add.reduceat(shared[first:stop] * weight[first:stop], starts - first, axis=0)
        any_open = np.add.reduceat(of_rest[first:stop], starts - first) > 0
        sums[managers] = below
        weight[managers] = np.where(any_open[:, None], below, 1.0)
    return weight, sums
