"""Commits added up along the org tree, without counting anything twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from revops_xl.model.commits import CommitReview, CommitRollUp
from revops_xl.model.money import CENT, Floats, apportion, to_cents
from revops_xl.model.org import OrgTree


def roll_up(tree: OrgTree, review: CommitReview, nodes: Mapping[str, Sequence[int]]) -> CommitRollUp:
    """Add the commits up from below.

    A node counts as the sum of the nodes right below it if they are all complete; else as its own commit if it has
    one; else as the sum of those that have something. A node is complete with a commit of its own, or when all
    below it are. Teams should commit; ICs where one beside them has.

    Args:
        tree: The org.
        review: The commits.
        nodes: Positions of each manager that stands in the tree; a split IC's commit is divided over its placements.
    """
    own = _own(tree, review, nodes)
    value = own.copy()
    complete = ~np.isnan(own[0])
    counted, committed, expected = (np.zeros(len(tree), dtype=np.int64) for _ in range(3))
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        here = slice(first, stop)
        there, is_ic = ~np.isnan(value[0, here]), tree.is_ic[here]
        with_value = np.add.reduceat(there, starts - first, dtype=np.int64)
        whole = np.add.reduceat(complete[here], starts - first, dtype=np.int64)
        any_ic = np.logical_or.reduceat(there & is_ic, starts - first)
        teams = np.add.reduceat(~is_ic, starts - first, dtype=np.int64)
        wanted = np.where(any_ic, tree.child_count[managers], teams)
        all_there = (wanted > 0) & (whole == wanted)
        below = all_there | ((with_value > 0) & np.isnan(own[0, managers]))
        sums = np.add.reduceat(np.nan_to_num(value[:, here]), starts - first, axis=1)
        value[:, managers] = np.where(below, sums, value[:, managers])
        complete[managers] |= all_there
        counted[managers] = np.where(below, with_value, 0)
        committed[managers], expected[managers] = whole, wanted
    found = np.flatnonzero(~np.isnan(value[0]))
    commit, adjusted, forecast = np.round(value[:, found], 2)  # sums of cents, free of the noise of adding doubles
    return CommitRollUp(
        found,
        commit,
        adjusted,
        forecast,
        own[1, found],
        own[2, found],
        counted[found],
        committed[found],
        expected[found],
    )


def _own(tree: OrgTree, review: CommitReview, nodes: Mapping[str, Sequence[int]]) -> Floats:
    """Own commit, adjusted commit and blended forecast of each node, shape (3, nodes); NaN where it has none."""
    own = np.full((3, len(tree)), np.nan)
    amounts = to_cents(np.array([review.commit, review.adjusted, review.blended]))
    here = [i for i, name in enumerate(review.bias.managers) if name in nodes and not np.isnan(review.commit[i])]
    places = [nodes[review.bias.managers[i]] for i in here]
    own[:, [positions[0] for positions in places]] = amounts[:, here]
    for i, positions in zip(here, places, strict=True):
        if len(positions) > 1:
            for row, amount in enumerate(amounts[:, i].tolist()):
                own[row, list(positions)] = CENT.to_amount(
                    apportion(CENT.exactly(amount) or 0, tree.split[list(positions)])
                )
    return own
