"""One layer's quotas in whole units: children add up to their pool exactly, whatever the depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats, round_half_away
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.segments import padded_blocks


@dataclass(frozen=True)
class LayerFixed:
    """Amounts fixed below managers, on one layer, in whole units.

    Attributes:
        present: Per node, whether it is fixed.
        units: Per node; 0 where nothing is fixed.
        meant: True where the amount is meant on this layer: not a unit of it may move. The others are derived
            through hedges, so they may move by a unit where nobody else can take a remainder.
        exact: Per node, the derived amount before rounding.
    """

    present: Bools
    units: Floats
    meant: Bools
    exact: Floats


@dataclass(frozen=True)
class Misfit:
    """A manager whose fixed amounts do not fit its pool, in units."""

    manager: int
    pool: float
    fixed: float


def cumulative_shares(tree: OrgTree, share: Floats) -> Floats:
    """Running total of the shares within each team, in id order, and exactly 1 from the last that has a share on.

    Each team is added up on its own, left to right as a spreadsheet would, so no team depends on another.
    Teams of similar size are added up together as rows of one matrix.
    """
    running = np.zeros(len(tree))
    for index, inside in padded_blocks(tree.group_start, tree.child_count[tree.managers].astype(np.intp)):
        column = np.arange(index.shape[1])
        block = np.where(inside, share[np.where(inside, index, 0)], 0.0)
        # Extended precision, where the machine has it: 50,000 small steps must not drift by a cent of a large pool.
        total = np.cumsum(block, axis=1, dtype=np.longdouble).astype(np.float64)
        last = block.shape[1] - 1 - np.argmax(block[:, ::-1] > 0, axis=1)
        anybody: Bools = np.asarray((block > 0).any(axis=1), dtype=bool)
        total = np.where(anybody[:, None] & (column >= last[:, None]), 1.0, total)
        running[index[inside]] = total[inside]
    return running


def round_layer(
    tree: OrgTree, target: int, hedge: Floats, cumulative: Floats, fixed: LayerFixed | None, unallocated: Bools
) -> tuple[Floats, list[Misfit]]:
    """Quotas of one layer in whole units.

    Child i of a manager gets round(pool x C[i]) - round(pool x C[i-1]), where the pool is the manager's quota
    times its hedge less the amounts fixed below it, and C the cumulative share in id order.

    Args:
        tree: The org.
        target: The root's quota in units.
        hedge: Per node; all 1 for the base layer.
        cumulative: From `cumulative_shares`.
        fixed: Overrides on this layer, or None.
        unallocated: Managers with whom the rest of the pool stays.

    Returns:
        Whole units per node, and the managers whose fixed amounts do not fit.
    """
    units = np.zeros(len(tree))
    units[0] = target
    misfits: list[Misfit] = []
    for _, managers, starts, stop in tree.sibling_groups():
        first = int(starts[0])
        counts = tree.child_count[managers]
        pool = units[managers] * hedge[managers]
        here = slice(first, stop)
        if fixed is None:
            units[here] = _shared_out(pool, cumulative[here], starts - first, counts)
            continue
        taken = np.add.reduceat(fixed.units[here], starts - first)
        rest = pool - taken
        units[here] = _shared_out(np.maximum(rest, 0.0), cumulative[here], starts - first, counts) + fixed.units[here]
        nobody_shares = cumulative[starts + counts - 1] == 0
        any_fixed = np.logical_or.reduceat(fixed.present[here], starts - first)
        whole = round_half_away(
            pool
        )  # what the team is to carry; amounts that add up to it may lie above the exact pool
        tight = any_fixed & ((taken > whole) | (nobody_shares & ~unallocated[managers] & (whole != taken)))
        for i in np.flatnonzero(tight).tolist():
            team = slice(int(starts[i]), int(starts[i] + counts[i]))
            if not _absorb(units, fixed, team, float(round_half_away(pool[i])), tree.depths):
                misfits.append(Misfit(int(managers[i]), float(pool[i]), float(taken[i])))
    return units, misfits


def _shared_out(
    pool: Floats, cumulative: Floats, starts: npt.NDArray[np.intp], counts: npt.NDArray[np.int32]
) -> Floats:
    upper = round_half_away(np.repeat(pool, counts) * cumulative)
    lower = np.empty_like(upper)
    lower[1:] = upper[:-1]
    lower[starts] = 0.0
    return upper - lower


def _absorb(units: Floats, fixed: LayerFixed, team: slice, pool: float, depths: int) -> bool:
    """Let derived amounts take up a remainder of rounding; False if the amounts truly do not fit."""
    derived = ~fixed.meant[team] & (fixed.exact[team] > 0)
    left = pool - fixed.units[team][fixed.meant[team]].sum()
    exact = fixed.exact[team][derived]
    # What rounding can add up to: a unit for each amount and a few for each level above.
    noise = len(exact) + 4 * depths
    if not derived.any() or left < 0 or abs(exact.sum() - left) > noise:
        return False
    cumulative = np.cumsum(exact) / exact.sum()
    cumulative[-1] = 1.0
    parts = np.diff(round_half_away(left * cumulative), prepend=0.0)
    block = np.where(fixed.meant[team], fixed.units[team], 0.0)
    block[derived] = parts
    units[team] = block
    return True
