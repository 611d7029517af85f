"""What reps and model say, added up along the org, and what may be spent."""

from __future__ import annotations

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import YEAR_QUARTERS, ForecastRules, NodeForecast, RevenueForecast, ScoredDeals
from revops_xl.model.money import CENT, Floats, apportion, to_cents
from revops_xl.model.org import Bools, OrgTree

#: Position of reps who are not in the org.
OUTSIDE = -1


def safe_opex(forecast: RevenueForecast, rules: ForecastRules) -> Floats:
    """The part of each scenario's year that may be spent, to the cent."""
    return to_cents(rules.opex_limit * forecast.year(forecast.total))


def safe_share(quarters: Floats, limit: float) -> float:
    """The part of the next four quarters that may be spent, to the cent.

    Example:
        >>> safe_share(np.array([100.0, 110.0, 120.0, 130.0, 140.0]), 0.6)
        276.0
    """
    return float(to_cents(np.array([limit * np.sum(quarters[:YEAR_QUARTERS])]))[0])


def by_node(tree: OrgTree, deals: Deals, scored: ScoredDeals, as_of: float, budget: tuple[float, int]) -> NodeForecast:
    """Add up open deals, and what was won in the running quarter, for every node that has some below it.

    A deal of a split IC is divided over the placements, to the cent. A manager's own deals count at the
    manager. The budget goes by the model value of the deals due in the year, rounded so that it adds up.

    Args:
        tree: The org.
        deals: All deals.
        scored: Open deals.
        as_of: The day of the forecast.
        budget: Safe OpEx of the year in the Baseline.
    """
    running = deals.calendar.quarter_at(as_of)
    won = deals.is_won & (deals.calendar.quarter_of(deals.close) == running)
    rep = deals.rep
    columns = [
        _by_rep(rep, scored.row, np.ones(len(scored))),
        _by_rep(rep, scored.row, np.nan_to_num(scored.rep_value)),
        _by_rep(rep, scored.row, scored.model_value),
        _by_rep(rep, scored.row, np.nan_to_num(to_cents(scored.rep_value - scored.model_value))),
        _by_rep(rep, scored.row, scored.value_in(0, 1)),
        _by_rep(rep, np.flatnonzero(won), np.nan_to_num(deals.won_amount[won])),
        _by_rep(rep, scored.row, scored.value_in(0, budget[1])),
    ]
    places = [_places(tree, name) for name in rep.names]
    sums = np.zeros((len(columns), len(tree) + 1))  # the last entry is for those outside
    for slot, positions in enumerate([*places, []]):
        for column, amounts in enumerate(columns):
            amount = amounts[slot]
            if not amount:
                continue
            if len(positions) <= 1:
                sums[column, positions[0] if positions else OUTSIDE] += amount
            elif column == 0:
                sums[column, positions] += amount * tree.split_now[positions]
            else:
                sums[column, positions] += CENT.to_amount(
                    apportion(int(CENT.in_units(amount).round()), tree.split_now[positions])
                )
    shares = np.maximum(sums[-1], 0)
    has: Bools = np.asarray(sums.any(axis=0))
    allocation = np.zeros(len(tree) + 1)
    if shares.sum() > 0:
        ids = np.array([*tree.outline, len(tree)])  # by the outline, so that rounding does not depend on rows
        allocation[ids] = CENT.to_amount(apportion(int(CENT.in_units(budget[0]).round()), shares[ids]))
    everything = np.vstack([sums[:-1], allocation])
    for depth in range(tree.depths - 1, 0, -1):
        here = np.arange(int(tree.depth_start[depth]), int(tree.depth_start[depth + 1]))
        for row in everything:
            np.add.at(row, tree.parent[here], row[here])
        np.logical_or.at(has, tree.parent[here], has[here])
    node = np.append(np.flatnonzero(has[:-1]), OUTSIDE if has[-1] else []).astype(np.int64)
    found = everything[:, node]
    return NodeForecast(node, found[0], *(to_cents(row) for row in found[1:]))


def _places(tree: OrgTree, name: str) -> list[int]:
    """Placements of the IC that a rep's name means, or the manager of this name; none for a stranger."""
    positions = tree.ics_called(name)
    if positions:
        return positions
    try:
        return tree.find(name)
    except LookupError:
        return []


def _by_rep(rep: Coded, rows: np.ndarray[tuple[int], np.dtype[np.int64]], amounts: Floats) -> Floats:
    """Sums by rep; the last entry is for deals without one."""
    codes = rep.codes[rows]
    slots = np.where(codes < 0, len(rep.names), codes)
    return np.asarray(np.bincount(slots, weights=amounts, minlength=len(rep.names) + 1))
