"""From the columns of a path table to the org tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from revops_xl.model.codes import Coded, Int32s
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree


def build_tree(
    levels: Sequence[str], columns: Sequence[Coded], split: Floats, shared: frozenset[str] = frozenset()
) -> OrgTree:
    """Number the nodes of a path table whose structure is known to be sound (see `org_faults.find_faults`).

    Args:
        levels: Level names, root first.
        columns: One coded column per level; blank cells in between are levels that a branch skips.
        split: Per row, the share of its IC that the row carries (1 where there is no split credit).
        shared: From `org_faults.names_at_several_levels`.
    """
    rows = len(columns[0].codes)
    *upper, ic = columns
    sizes = [len(column.names) for column in upper]
    offset = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    teams = int(offset[-1])
    count = teams + rows

    # Ids before ordering: teams by level and code, then one node per row.
    parent = np.full(count, -1, dtype=np.int32)
    depth = np.zeros(count, dtype=np.int32)
    level = np.repeat(np.arange(len(levels), dtype=np.int16), [*sizes, rows])
    above = upper[0].codes + offset[0]
    for i, column in enumerate(upper[1:], start=1):
        here = column.codes + offset[i]
        filled = column.codes >= 0
        if filled.all():
            parent[here] = above
            above = here
        else:
            parent[here[filled]] = above[filled]
            above = np.where(filled, here, above)
        span = slice(int(offset[i]), int(offset[i + 1]))
        depth[span] = depth[parent[span]] + 1
    parent[teams:] = above
    depth[teams:] = depth[above] + 1

    texts: list[str] = []
    for column in columns:
        texts += column.names
    text = np.concatenate([np.arange(teams, dtype=np.int32), ic.codes + teams])
    rank = np.concatenate([*(column.ranks() for column in upper), ic.ranks()[ic.codes]])
    order, depth_start = _level_order(parent, depth, level, rank, lambda node: texts[text[node]])
    place = np.empty(count, dtype=np.int32)
    place[order] = np.arange(count, dtype=np.int32)
    parent_ordered = parent[order]
    parent_ordered[1:] = place[parent_ordered[1:]]
    child_count = np.bincount(parent_ordered[1:], minlength=count).astype(np.int32)
    child_start = (np.cumsum(child_count) - child_count + 1).astype(np.int32)
    row = np.where(order >= teams, order - teams, -1).astype(np.int32)
    split_ordered = np.where(row >= 0, split[row], 1.0)
    return OrgTree(
        tuple(levels),
        level[order],
        texts,
        text[order],
        parent_ordered,
        depth_start,
        child_start,
        child_count,
        row,
        split_ordered,
        shared,
    )


def _level_order(
    parent: Int32s,
    depth: Int32s,
    level: npt.NDArray[np.int16],
    rank: Int32s,
    name: Callable[[int], str],
) -> tuple[npt.NDArray[np.intp], Int32s]:
    """Order the nodes by depth, place of the parent, and id."""
    by_depth = np.argsort(depth, kind="stable")
    counts = np.bincount(depth)
    depth_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    place = np.empty(len(parent), dtype=np.int64)
    pieces = []
    for d in range(len(counts)):
        nodes = by_depth[depth_start[d] : depth_start[d + 1]]
        if d:
            key = rank[nodes]
            if (level[nodes] != level[nodes[0]]).any():
                # A branch that skips levels puts nodes of several levels side by side: rank by text across them.
                mixed = Coded.of([f"{name(n)}\0{level[n]:05d}" for n in nodes.tolist()])
                key = mixed.ranks()[mixed.codes]
            above = place[parent[nodes]]
            if not _is_sorted(above, key):
                nodes = nodes[np.lexsort((key, above))]
        place[nodes] = np.arange(depth_start[d], depth_start[d + 1])
        pieces.append(nodes)
    return np.concatenate(pieces), depth_start


def _is_sorted(major: npt.NDArray[np.int64], minor: Int32s) -> bool:
    step = np.diff(major)
    return bool(((step > 0) | ((step == 0) & (np.diff(minor) > 0))).all())
