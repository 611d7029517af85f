"""What became of closed deals, by the IC who had them."""

from __future__ import annotations

import numpy as np

from revops_xl.model.deals import Deals
from revops_xl.model.org import OrgTree
from revops_xl.model.pipeline import ClosedDeals


def closed_by_ic(tree: OrgTree, deals: Deals) -> tuple[ClosedDeals, dict[str, int]]:
    """Closed deals of each IC, and how many each rep has who is none; those of a split IC are divided over its placements.

    Only deals with an amount above 0 are counted in the sums.
    """
    known = ~np.isnan(deals.amount) & (deals.amount > 0)
    counted = deals.is_closed & known
    slots = deals.rep.codes + 1  # deals of nobody come first
    names = deals.rep.names
    by_rep = [
        np.bincount(slots[flags], weights=None if values is None else values[flags], minlength=len(names) + 1)
        for flags, values in (
            (deals.is_closed, None),
            (counted, None),
            (counted & deals.is_won, deals.amount),
            (counted, deals.amount),
        )
    ]
    count, won_amount, closed_amount = np.zeros(len(tree)), np.zeros(len(tree)), np.zeros(len(tree))
    strangers: dict[str, int] = {}
    for slot in np.flatnonzero(by_rep[0]).tolist():
        name = names[slot - 1] if slot else ""
        positions = tree.ics_called(name) if slot else []
        if not positions:
            strangers[name or "(no rep)"] = int(by_rep[0][slot])
        split = tree.split_now[positions]
        count[positions] += by_rep[1][slot] * split
        won_amount[positions] += by_rep[2][slot] * split
        closed_amount[positions] += by_rep[3][slot] * split
    return ClosedDeals(count, won_amount, closed_amount), strangers
