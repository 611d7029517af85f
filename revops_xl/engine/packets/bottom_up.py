"""What managers ask for, added up along the tree."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree


def bottom_up(tree: OrgTree, of_ics: Floats, asked: Floats, quota: Floats, top_down: Floats) -> Floats:
    """Each node's sum over the ICs below it, as their managers ask.

    Args:
        tree: The org.
        of_ics: Per node, the number of an IC; the teams' entries are not read.
        asked: Per node, what is asked for a team as a whole; NaN where nothing is. Then its ICs share that, whatever is
            asked for them one by one.
        quota: Per node, what it carries now.
        top_down: Per node, the sum over its ICs now.

    Returns:
        One number per node, in the unit of the inputs.

    Example:
        >>> from revops_xl.model.codes import Coded
        >>> from revops_xl.model.org_build import build_tree
        >>> tree = build_tree(("Team", "IC"), [Coded.of(["T", "T"]), Coded.of(["Ann", "Bob"])], np.ones(2))
        >>> nan = np.nan
        >>> bottom_up(tree, np.array([nan, 60.0, 50.0]), np.array([nan, nan, nan]), np.array([100.0, 55, 45]), np.array([100.0, 55, 45])).tolist()
        [110.0, 60.0, 50.0]
    """
    total = of_ics.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        as_asked = np.where(np.isnan(asked) | (quota <= 0), np.nan, top_down * asked / quota)
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        below = np.add.reduceat(total[first:stop], starts - first)
        total[managers] = np.where(np.isnan(as_asked[managers]), below, as_asked[managers])
    return total
