"""Commits added up along the org tree, without counting anything twice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from revops_xl.model.commits import CommitReview, CommitRollUp
from revops_xl.model.org import OrgTree


def roll_up(tree: OrgTree, review: CommitReview, nodes: Mapping[str, int]) -> CommitRollUp:
    """Add the commits up from below.

    A node counts as the sum of the nodes right below it if they all have committed; else as its own commit if it
    has one; else as the sum of those that have. Teams should commit; ICs count where one of them has.

    Args:
        tree: The org.
        review: The commits.
        nodes: Position of each manager that stands in the tree.
    """
    own, value = np.full(len(tree), np.nan), np.full((3, len(tree)), np.nan)
    for i, name in enumerate(review.bias.managers):
        if name in nodes and not np.isnan(review.commit[i]):
            position = nodes[name]
            own[position] = review.adjusted[i]
            value[:, position] = review.commit[i], review.adjusted[i], review.forecast[i]
    counted, expected = np.zeros(len(tree), dtype=np.int64), np.zeros(len(tree), dtype=np.int64)
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        here = slice(first, stop)
        there = ~np.isnan(value[0, here])
        with_value = np.add.reduceat(there, starts - first, dtype=np.int64)
        any_ic = np.logical_or.reduceat(there & tree.is_ic[here], starts - first)
        teams = np.add.reduceat(~tree.is_ic[here], starts - first, dtype=np.int64)
        wanted = np.where(any_ic, tree.child_count[managers], teams)
        sums = np.add.reduceat(np.nan_to_num(value[:, here]), starts - first, axis=1)
        below = (with_value > 0) & ((with_value == wanted) | np.isnan(own[managers]))
        value[:, managers] = np.where(below, sums, value[:, managers])
        counted[managers] = np.where(below, with_value, 0)
        expected[managers] = wanted
    found = np.flatnonzero(~np.isnan(value[0]))
    amounts = np.round(value[:, found], 2)  # sums of cents, free of the noise of adding doubles
    return CommitRollUp(found, amounts[0], amounts[1], amounts[2], own[found], counted[found], expected[found])
