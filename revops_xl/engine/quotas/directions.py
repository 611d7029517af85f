"""What each direction of a metric means: the worth of a value, by which siblings share, and how it is explained.

A direction that is listed in `model.inputs.DIRECTIONS` has an entry here, and in `tables.quotas.cascade_formulas` where
it has a native formula; without one, quotas of a plan that uses it are values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from revops_xl.model.inputs import INVERSE_FLOOR
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree

#: Below this the reciprocal of a value is not a number any more.
SMALLEST_SIGNAL = 1e-290
#: Worth of each child, and per manager whether the team has a signal.
Worth = tuple[Floats, Bools]


@dataclass(frozen=True)
class DirectionRule:
    """How a direction works.

    Attributes:
        more: More of the metric means more quota.
        worth: From the children's values (0 and more; of a split IC the part of the placement) and who takes part; the share
            of a child is its worth over that of its siblings.
        explain: From a child's value, its team's total and its team's largest, both of whole persons: how its share
            comes about.
    """

    more: bool
    worth: Callable[[OrgTree, Floats, Bools], Worth]
    explain: Callable[[str, str, str], str]


def sums(tree: OrgTree, below_root: Floats) -> Floats:
    """Sum over the children of each manager."""
    return np.add.reduceat(below_root, tree.group_start - 1)


def _proportional(tree: OrgTree, value: Floats, _: Bools) -> Worth:
    return value, sums(tree, value) > 0


def _inverse(tree: OrgTree, value: Floats, part: Bools) -> Worth:
    """1 / (value + f), f = 1 % of the largest; of a split IC the whole person's value counts."""
    split = tree.split[1:]
    whole = value / split
    largest = np.maximum.reduceat(whole, tree.group_start - 1)
    signal = largest > SMALLEST_SIGNAL
    floor = tree.to_children(np.where(signal, INVERSE_FLOOR * largest, 1.0))
    return np.where(part & tree.to_children(signal), split / (whole + floor), 0.0), signal


RULES: dict[str, DirectionRule] = {
    "proportional": DirectionRule(True, _proportional, lambda value, total, _: f"{value} of {total} in the team gives"),
    "inverse": DirectionRule(
        False,
        _inverse,
        lambda value, _, largest: (
            f"1 / ({value} + f), f = 1 % of the largest {largest}, over the sum of the same in the team gives"
        ),
    ),
}
