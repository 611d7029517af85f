"""What seats can carry: presence by the day, ramp by months in the seat, tier and territory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from revops_xl.model.attainability import History
from revops_xl.model.calendar import month_starts
from revops_xl.model.money import Floats, Unit, amounts_of, round_half_away, whole_units
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.seats import CapacityPlan, SeatCapacity, Seats, Tier

#: Days of a mean month, for parts of one.
DAYS_A_MONTH = 365.25 / 12
LONG_AGO = -1e7


def seat_capacity(seats: Seats, period: PlanPeriod) -> SeatCapacity:
    """What each seat can carry over the months of the plan.

    A month counts by the part of its days in which the seat is filled. The ramp factor of a day is that of the months
    in the seat on it, so a ramp that ends in March holds until that day and no longer.

    Source:
        capacity x tier multiplier x ramp x territory maturity, as in `revops-xl guide planning`.
    """
    edges = period.edges
    present, productive = productivity(seats, edges)
    ramp = np.divide(productive, present, out=np.ones_like(present), where=present > 0)
    weighted = seats.capacity * seats.multiplier
    return SeatCapacity(
        _months_between(seats.start, edges[0]),
        present,
        ramp,
        weighted,
        weighted * productive * seats.maturity,
    )


def productivity(seats: Seats, edges: Floats) -> tuple[Floats, Floats]:
    """Part of some months in which each seat is filled, and the same weighted by its ramp.

    Args:
        seats: Who sits where, since when.
        edges: First day of each month, and of the one after the last.
    """
    start = np.nan_to_num(seats.start if seats.begin is None else seats.begin, nan=LONG_AGO)
    end = np.nan_to_num(seats.end, nan=-LONG_AGO) + 1
    present = _overlap(start, end, edges)
    productive = np.zeros(len(start))
    for code, tier in enumerate([*seats.tiers, Tier("", 1.0)]):
        here = seats.tier == (code if code < len(seats.tiers) else -1)
        if here.any():
            productive[here] = _productive(tier.steps, seats.start[here], start[here], end[here], edges)
    return present, productive


def past_productivity(seats: Seats, history: History) -> Floats | None:
    """Productivity of each seat in each period of the history, periods x rows; None where periods are not placed in time.

    A seat without a start day has been ramped up all along. Whoever has left since sold with the ramp of then.
    """
    if not history.placed or 0 in history.years:
        return None
    stayed = replace(seats, end=np.full(len(seats.end), np.nan), begin=None)
    found = []
    for year, part in zip(history.years, history.parts, strict=True):
        edges = PlanPeriod(year * 12 + part * history.months, history.months, history.calendar).edges
        found.append(np.where(np.isnan(seats.start), 1.0, productivity(stayed, edges)[1]))
    return np.array(found)


def _productive(steps: Sequence[tuple[float, float]], known: Floats, start: Floats, end: Floats, edges: Floats) -> Floats:  # fmt: skip
    """Presence weighted by ramp; a seat without a start day is ramped up."""
    total = np.zeros(len(start))
    begins = [start if months == 0 else after(known, months) for months, _ in steps]
    for i, (_, factor) in enumerate(steps):
        ramped = np.isnan(known)
        first = np.where(ramped, start if i == len(steps) - 1 else end, begins[i])
        last = np.where(ramped, end, begins[i + 1]) if i + 1 < len(steps) else end
        total += factor * _overlap(np.maximum(first, start), np.minimum(last, end), edges)
    return total


def after(day: Floats, months: float) -> Floats:
    """The same day so many months later, the last of the month where it has no such day; NaN stays NaN.

    Example:
        >>> from_jan_31 = after(np.array([30.0]), 1)  # 1970-01-31
        >>> from_jan_31.tolist()  # 1970-02-28
        [58.0]
    """
    whole, rest = divmod(months, 1)
    filled = np.nan_to_num(day).astype(np.int64)
    month = filled.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    inside = filled - month_starts(month)
    later = month_starts(month + int(whole))
    length = month_starts(month + int(whole) + 1) - later
    moved = later + np.minimum(inside, length - 1) + rest * DAYS_A_MONTH
    return np.where(np.isnan(day), np.nan, moved)


def _months_between(start: Floats, day: float) -> Floats:
    """Months from a day to the first of a month; below 0 where it comes later."""
    filled = np.nan_to_num(start).astype(np.int64)
    month = filled.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    length = month_starts(month + 1) - month_starts(month)
    this = int(np.datetime64(int(day), "D").astype("datetime64[M]").astype(np.int64)) + 1970 * 12
    between = this - month - (filled - month_starts(month)) / length
    return np.where(np.isnan(start), np.nan, between)


def _overlap(first: Floats, last: Floats, edges: Floats) -> Floats:
    """Mean over the months of the part of their days from first to before last."""
    opened = np.maximum(first[:, None], edges[:-1])
    closed = np.minimum(last[:, None], edges[1:])
    parts = np.maximum(closed - opened, 0.0) / np.diff(edges)
    return np.asarray(parts.mean(axis=1))


def capacity_plan(
    tree: OrgTree, capacity: SeatCapacity, target: float, unit: Unit | None, gated: Bools, *, spread_again: bool
) -> CapacityPlan:
    """The target over the ICs by capacity x multiplier, what is left of it after leave, ramp and maturity, and the gap.

    Args:
        tree: The org.
        capacity: Of each row of the path table; a split IC's is divided.
        target: To be spread, in currency.
        unit: Amounts are whole multiples of it; None: no rounding.
        gated: Per node; who is gated carries nothing.
        spread_again: Whether the gap is laid over the ICs again, by what each can carry.
    """
    node = np.flatnonzero(tree.is_ic)
    row = tree.row[node]
    split = np.where(gated[node], 0.0, tree.split[node])
    weighted, effective = capacity.weighted[row] * split, capacity.effective[row] * split
    whole = float(whole_units(np.array([target]), unit)[0])
    full = _shared_out(whole, weighted, unit)
    factor = np.divide(effective, weighted, out=np.zeros_like(weighted), where=weighted > 0)
    productive = full * factor if unit is None else round_half_away(full * factor)
    again = spread_again and effective.any()
    quota = _shared_out(whole, effective, unit) if again else productive
    return CapacityPlan(
        node,
        SeatCapacity(
            capacity.months[row], capacity.present[row], capacity.ramp[row], weighted, effective
        ),
        amounts_of(full, unit),
        amounts_of(productive, unit),
        amounts_of(quota, unit),
        target,
        bool(again),
    )  # fmt: skip


def _shared_out(whole: float, weight: Floats, unit: Unit | None) -> Floats:
    """A total by weight, in whole units; nothing where nobody weighs anything."""
    if not weight.any():
        return np.zeros(len(weight))
    if unit is None:
        return np.asarray(whole * weight / weight.sum())
    reached = np.cumsum(weight) / weight.sum()
    reached[np.flatnonzero(weight)[-1] :] = 1.0
    return np.diff(round_half_away(whole * reached), prepend=0.0)
