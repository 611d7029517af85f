"""Quotas by quarter or month: every row adds up to its year, every column to its period, in whole units."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats, Unit, amounts_of, round_half_away, whole_units
from revops_xl.model.org import OrgTree
from revops_xl.model.segments import padded_blocks


def spread(total: Floats, shares: Floats) -> Floats:
    """Whole totals over periods by share; part p is round(total x C[p]) - round(total x C[p-1]).

    Args:
        total: Whole units, 0 or more, shape (n,).
        shares: Of the periods; they add up to 1.

    Returns:
        Shape (n, periods), whole units; each row adds up to its total.

    Example:
        >>> spread(np.array([100.0]), np.array([1, 1, 1]) / 3).tolist()
        [[33.0, 34.0, 33.0]]
    """
    reached = np.concatenate([[0.0], np.cumsum(shares)])
    reached[-1] = 1.0
    return np.diff(round_half_away(np.asarray(total)[:, None] * reached), axis=1)


def phase(tree: OrgTree, quota: Floats, shares: Floats, unit: Unit | None) -> Floats:
    """The quota of every node by period.

    What the ICs of a team carry in a period adds up exactly to what the team's ICs carry together, up to the top, where the
    total is split by the shares; each IC's periods add up exactly to its quota. A node whose quota is that of its ICs
    shows their periods; another one, with a hedge in between, has its own quota split by the shares.

    Args:
        tree: The org.
        quota: Per node, in currency, 0 or more, whole multiples of the unit.
        shares: Of the periods, 0 or more; they add up to 1.
        unit: Smallest step; None: no rounding, every node is split by the shares.

    Returns:
        Shape (nodes, periods), in currency. An IC's period is within a few units of quota x share, and never below 0.
    """
    if unit is None:
        return np.asarray(quota[:, None] * shares)
    units = whole_units(quota, unit)
    carried = tree.roll_up(np.where(tree.is_ic, units, 0.0))
    below = np.zeros((len(tree), len(shares)))
    below[0] = spread(carried[:1], shares)[0]
    for _, managers, starts, stop in tree.sibling_groups():
        first = int(starts[0])
        sizes = tree.child_count[managers].astype(np.intp)
        part = _margins(carried[first:stop], below[managers], starts - first, sizes)
        below[first:stop] = part
    own = np.where((carried == units)[:, None], below, spread(units, shares))
    return amounts_of(own, unit)


def phase_team(quota: Floats, shares: Floats, unit: Unit | None) -> Floats:
    """Quotas of one team by period: each adds up to its quota, and each period to what the shares make of them all.

    Args:
        quota: In currency, 0 or more, whole multiples of the unit, shape (members,).
        shares: Of the periods, 0 or more; they add up to 1.
        unit: Smallest step; None: no rounding.

    Example:
        >>> phase_team(np.array([10.0, 5.0]), np.array([0.5, 0.5]), Unit.of(1)).tolist()
        [[5.0, 5.0], [3.0, 2.0]]
    """
    if unit is None:
        return np.asarray(quota[:, None] * shares)
    units = whole_units(quota, unit)
    together = spread(np.array([units.sum()]), shares)
    parts = _margins(units, together, np.array([0], dtype=np.intp), np.array([len(units)], dtype=np.intp))
    return amounts_of(parts, unit)


def _margins(rows: Floats, columns: Floats, starts: np.ndarray[tuple[int, ...], np.dtype[np.intp]], sizes: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Floats:  # fmt: skip
    """A table of whole numbers for each team, with these row sums and column sums.

    Each member takes, of what the periods still have to give, the part that its row is of all rows left. Because the
    running total is rounded and what is left is whole, nobody takes more than there is, and the last takes it all.
    """
    result = np.zeros((len(rows), columns.shape[1]))
    place = {int(start): team for team, start in enumerate(starts.tolist())}
    for index, inside in padded_blocks(starts, sizes):
        left = columns[[place[int(start)] for start in index[:, 0]]].copy()
        for k in range(index.shape[1]):
            here = inside[:, k]
            member = np.where(here, index[:, k], 0)
            amount = np.where(here, rows[member], 0.0)
            reached = np.concatenate([np.zeros((len(left), 1)), np.cumsum(left, axis=1)], axis=1)
            whole = reached[:, -1]
            part = np.divide(amount, whole, out=np.zeros_like(amount), where=whole > 0)
            taken = np.diff(round_half_away(part[:, None] * reached), axis=1)
            taken[amount >= whole] = left[amount >= whole]
            result[member[here]] = taken[here]
            left -= np.where(here[:, None], taken, 0.0)
    return result
