"""Arithmetic inside teams that lie side by side: each on its own, so that no team's last bits depend on another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

Positions = npt.NDArray[np.intp]


def padded_blocks(first: Positions, size: Positions) -> Iterator[tuple[Positions, Bools]]:
    """Teams of similar size as the rows of one matrix.

    Args:
        first: Index of each team's first member.
        size: Members of each team, 1 or more.

    Yields:
        Index of each member, one row per team, and where the matrix holds members at all.
    """
    classes = np.ceil(np.log2(np.maximum(size, 1))).astype(np.int64)
    for each in np.unique(classes).tolist():
        teams = np.flatnonzero(classes == each)
        column = np.arange(int(size[teams].max()))
        yield first[teams][:, None] + column, column < size[teams][:, None]


def running_totals(values: Floats, first: Positions, size: Positions) -> Floats:
    """Running total within each team, left to right as a spreadsheet adds.

    Example:
        >>> running_totals(np.array([1.0, 2.0, 5.0]), np.array([0, 2]), np.array([2, 1])).tolist()
        [1.0, 3.0, 5.0]
    """
    result = np.zeros(len(values))
    for index, inside in padded_blocks(first, size):
        block = np.where(inside, values[np.where(inside, index, 0)], 0.0)
        result[index[inside]] = np.cumsum(block, axis=1)[inside]
    return result
