"""Quotas by period where seats come and go: what a seat would carry, what is relieved, and who bears it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from revops_xl.model.money import Floats, Unit, amounts_of, apportion, round_half_away, whole_units
from revops_xl.model.org import OrgTree
from revops_xl.model.presence import Bearer, PeriodQuotas, Presence


def period_quotas(
    tree: OrgTree, quota: Floats, found: Presence, unit: Unit | None, months: Floats | None = None
) -> PeriodQuotas:
    """Each IC's year over the periods in which its seat is there, by season; teams are the sums of their ICs.

    What somebody who is away does not carry is borne as the absence says. In each period what a team's ICs carry, and what
    is left at its manager or borne elsewhere, adds up to what its seats would carry.

    Args:
        tree: The org.
        quota: Per node, in currency, whole multiples of the unit.
        found: Presence of the rows.
        unit: Smallest step; None: no rounding.
        months: Nodes x periods: how quotas fall on the periods; None, or nothing but zeros: by the seat and the season.
    """
    units = whole_units(quota, unit) if unit is not None else quota.astype(np.float64)
    ics = np.flatnonzero(tree.is_ic)
    rows = tree.row[ics]
    counted = found.counted[rows] * found.season
    if months is not None:
        counted = np.where(months[ics].sum(axis=1, keepdims=True) > 0, months[ics], counted)
    counted = np.where(counted.sum(axis=1, keepdims=True) > 0, counted, found.season)
    full = np.zeros((len(tree), len(found.season)))
    full[ics] = spread_rows(units[ics], counted, rounded=unit is not None)
    carried, left = full.copy(), np.zeros_like(full)
    if found.relieved and found.tenure.rules.bearer is not Bearer.YEAR:
        _relieve(tree, full, carried, left, found, rounded=unit is not None)
    below = _sums(tree, full), _sums(tree, carried) + _up(tree, left)
    own = [np.where(tree.is_ic[:, None], layer, total) for layer, total in zip((full, carried), below, strict=True)]
    at_team = units - own[0].sum(axis=1)  # a hedge in between: the team's own quota follows the periods of its ICs
    apart = np.flatnonzero(~tree.is_ic & (np.abs(at_team) > 0))
    if len(apart):
        there = own[0][apart]
        there = np.where(there.sum(axis=1, keepdims=True) > 0, there, found.season)
        own[0][apart] = own[1][apart] = spread_rows(units[apart], there, rounded=unit is not None)
    values = (amounts_of(each, unit) if unit is not None else each for each in (*own, left))
    return PeriodQuotas(*values)


def spread_rows(total: Floats, weights: Floats, *, rounded: bool) -> Floats:
    """Each row's total over periods by weights of its own; every row adds up.

    Example:
        >>> spread_rows(np.array([100.0]), np.array([[0.0, 1.0, 1.0]]), rounded=True).tolist()
        [[0.0, 50.0, 50.0]]
    """
    reached = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    last = weights.shape[1] - np.argmax(weights[:, ::-1] > 0, axis=1)
    reached[np.arange(weights.shape[1]) >= last[:, None] - 1] = 1.0
    made = total[:, None] * reached
    return np.diff(round_half_away(made) if rounded else made, axis=1, prepend=0.0)


def _relieve(tree: OrgTree, full: Floats, carried: Floats, left: Floats, found: Presence, *, rounded: bool) -> None:
    """Take from who is away, and give it to who bears it, team by team and period by period."""
    life, present = found.life[tree.row], found.present[tree.row]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(tree.is_ic[:, None] & (life > 0), np.minimum(present / life, 1.0), 1.0)
    lacking = full * (1 - part)
    bearers = _bearers(tree, found)
    teams = {int(tree.parent[node]) for node in np.flatnonzero((lacking > 0).any(axis=1)).tolist()}
    for team in sorted(teams):
        members = np.array([node for node in tree.children(team) if tree.is_ic[node]])
        for m in np.flatnonzero((lacking[members] > 0).any(axis=0)).tolist():
            there = full[members, m] * part[members, m]
            borne: dict[int, float] = defaultdict(float)
            shared = 0.0
            for node in members[lacking[members, m] > 0].tolist():
                who = bearers.get(node, found.tenure.rules.bearer)
                if who is Bearer.TEAM and there.sum() > 0:
                    shared += float(lacking[node, m])
                else:
                    borne[who if isinstance(who, int) else team] += float(lacking[node, m])
            if shared:
                there = there * (1 + shared / there.sum())
            takers = sorted(borne)
            weights = np.concatenate([there, [borne[who] for who in takers]])
            total = float(full[members, m].sum())
            parts = apportion(round(total), weights) if rounded else total * weights / weights.sum()
            carried[members, m] = parts[: len(members)]
            for who, amount in zip(takers, parts[len(members) :], strict=True):
                if tree.is_ic[who]:
                    carried[who, m] += amount
                else:
                    left[who, m] += amount


def _bearers(tree: OrgTree, found: Presence) -> dict[int, Bearer | int]:
    """Who bears what each IC's absences relieve, where one says so: a rule, or the position of a node."""
    said: dict[int, Bearer | int] = {}
    for each in found.tenure.absences:
        if each.node >= 0:
            said[each.row] = each.node
        elif each.bearer is not None:
            said[each.row] = each.bearer
    at = {int(row): node for node, row in enumerate(tree.row.tolist()) if row >= 0}
    return {at[row]: who for row, who in said.items() if row in at}


def _sums(tree: OrgTree, layer: Floats) -> Floats:
    """Sums of the ICs below each node."""
    return np.column_stack([tree.roll_up(np.where(tree.is_ic, column, 0.0)) for column in layer.T])


def _up(tree: OrgTree, left: Floats) -> Floats:
    """What is left at a node and at the managers below it."""
    if not left.any():
        return left
    total = left.copy()
    for depth in range(tree.depths - 1, 0, -1):
        here = np.arange(int(tree.depth_start[depth]), int(tree.depth_start[depth + 1]))
        np.add.at(total, tree.parent[here], total[here])
    return total
