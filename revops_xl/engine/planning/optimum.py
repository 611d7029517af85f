"""Quota laid over territories: most expected revenue by linear programming, and what planners want beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from revops_xl.engine.planning.linear import NOISE, QuotaLimits, least_cost
from revops_xl.engine.planning.shadow_prices import shadow_prices
from revops_xl.engine.planning.water_level import water_level
from revops_xl.errors import PlanError, Problem
from revops_xl.model.money import MAX_UNITS, Floats, Unit, amounts_of
from revops_xl.model.territories import Allocation, Alternative, OptimisedQuotas, Territories


def optimise(
    territories: Territories,
    present: Floats,
    potential: Floats,
    total: float,
    unit: Unit | None,
    fairness: float,
    year_part: float = 1.0,
) -> OptimisedQuotas:
    """Lay a total over territories.

    Maximises the sum of quota x conversion x utilization, subject to the total, to each territory's least and most, and to
    the fairness cap; then the three alternatives within the same limits.

    Args:
        territories: What is known about them.
        present: Quota that lies on each today; NaN where none is assigned.
        potential: What each could bring in a year; NaN where not known.
        total: What is to be laid over them, in currency.
        unit: Quotas are whole multiples of it; None: of a step that is a trillionth of the total, or less.
        fairness: Cap on a quota, as a multiple of the average.
        year_part: Part of a year that the quotas are for: potential and history are by the year.

    Raises:
        PlanError: The limits clash: which, and by how much.
    """
    step = unit if unit is not None else _fine_step(total)
    if total / float(step.size) > MAX_UNITS:
        raise PlanError([Problem("Territories", "", f"the total {total:,.15g} has more than 15 digits in units of {step.size}", "Raise the Rounding unit.")])  # fmt: skip
    limits, cap = _limits(territories, total, step, fairness)
    worth = territories.conversion * territories.utilization
    could, history = potential * year_part, territories.history * year_part
    found, left_out = [], []
    for alternative, needs, solve in _alternatives(history, worth, present, could, limits, step):
        blank = [name for name, value in zip(territories.names, needs[1], strict=True) if np.isnan(value)]
        if blank:
            left_out.append((alternative, f"{needs[0]} is not known of {blank[0]}{_more(blank)}"))
            continue
        quota = amounts_of(round_within(solve(), limits), step) + 0.0
        expected = float((quota * worth).sum())
        found.append(Allocation(alternative, quota, expected))
    prices = shadow_prices(worth, territories, limits, step, fairness) if not np.isnan(worth).any() else ()
    return OptimisedQuotas(
        territories, present, could, history, amounts_of(limits.low, step), amounts_of(limits.high, step), cap, total,
        tuple(found), prices, tuple(left_out),
    )  # fmt: skip


def _fine_step(total: float) -> Unit:
    """A power of ten of which the total has at most a trillion."""
    return Unit.of(f"1e{max(int(np.ceil(np.log10(max(total, 1e-9)))) - 12, -9)}")


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""


def _alternatives(
    history: Floats, worth: Floats, present: Floats, potential: Floats, limits: QuotaLimits, step: Unit
) -> list[tuple[Alternative, tuple[str, Floats], Callable[[], Floats]]]:
    """Each with what it needs of every territory, and how it is computed, in units."""
    low, high, total = limits.low, limits.high, limits.total
    return [
        (Alternative.REVENUE, ("Conversion rate or Capacity utilization", worth), lambda: _most_revenue(worth, limits, np.nan_to_num(present))),
        (Alternative.LEAST_CHANGE, ("the present quota", present), lambda: _least_change(step.in_units(present), limits)),
        (Alternative.FAIREST, ("the potential", potential), lambda: water_level(potential, low, high, total)),
        (Alternative.SMOOTHEST, ("Historical revenue", history), lambda: water_level(history, low, high, total)),
    ]  # fmt: skip


def _limits(territories: Territories, total: float, unit: Unit, fairness: float) -> tuple[QuotaLimits, float]:
    """The limits in whole units; PlanError where they clash."""
    count = len(territories)
    cap = fairness * total / count
    low = np.ceil(unit.in_units(np.nan_to_num(territories.minimum)) - NOISE) + 0.0
    most = np.where(np.isnan(territories.maximum), np.inf, territories.maximum)
    high = np.floor(unit.in_units(np.minimum(most, cap)) + NOISE)
    whole = float(np.rint(unit.in_units(total)))
    if high.sum() < whole:  # a cap between two units must not fail by the one
        high = np.where(most >= cap, np.ceil(unit.in_units(cap) - NOISE), high)
    problems = _clashes(territories, _Bounds(low, high, whole, most, cap, fairness, unit))
    if problems:
        raise PlanError(problems)
    return QuotaLimits(low, high, whole), cap


@dataclass(frozen=True)
class _Bounds:
    """Limits before it is known whether they hold together: in units, the cap and most in currency."""

    low: Floats
    high: Floats
    total: float
    most: Floats
    cap: float
    fairness: float
    unit: Unit

    def shown(self, units: float) -> str:
        """Units as an amount."""
        return f"{float(self.unit.to_amount(np.array([units]))[0]):,.2f}"


def _clashes(territories: Territories, bounds: _Bounds) -> list[Problem]:
    """Which limits cannot hold together, and by how much."""
    low, high, total, shown = bounds.low, bounds.high, bounds.total, bounds.shown
    problems = [_above_cap(territories, bounds, i) for i in np.flatnonzero(low > high).tolist()]
    if low.sum() > total:
        largest = np.argsort(-low, kind="stable")[:3].tolist()
        sheet, cell = _cell(territories, largest[0], "Min quota")
        named = ", ".join(f"{territories.names[i]} {shown(low[i])}" for i in largest)
        message = f"the Min quotas add up to {shown(low.sum())}, above the total of {shown(total)} by {shown(low.sum() - total)}; the largest: {named}"
        problems.append(Problem(sheet, cell, message, "Lower them by that much together, or raise the total."))
    if high.sum() < total and not problems:
        capped = bounds.most > bounds.cap
        tight = np.argsort(np.where(capped, np.inf, high), kind="stable")[:3].tolist()
        sheet, cell = _cell(territories, tight[0], "Max quota")
        named = ", ".join(f"{territories.names[i]} {shown(high[i])}" for i in tight)
        by_cap = f", {int(capped.sum())} of them held by the fairness cap of {bounds.cap:,.2f}" if capped.any() else ""
        message = f"the Max quotas add up to {shown(high.sum())}{by_cap}, below the total of {shown(total)} by {shown(total - high.sum())}; the smallest: {named}"
        fix = "Raise them by that much together, or the setting Fairness cap, or lower the total."
        problems.append(Problem(sheet, cell, message, fix))
    return problems


def _above_cap(territories: Territories, bounds: _Bounds, i: int) -> Problem:
    """A least that is above the most."""
    sheet, cell = _cell(territories, i, "Min quota")
    name, least, cap = territories.names[i], float(territories.minimum[i]), bounds.cap
    message = f'between Min quota and Max quota of "{name}" there is no multiple of the Rounding unit'
    if bounds.most[i] >= cap:
        message = (
            f'Min quota of "{name}" is {least:,.2f}, above the fairness cap of {cap:,.2f} '
            f"({bounds.fairness:g} × the average), by {least - cap:,.2f}"
        )
    return Problem(sheet, cell, message, "Lower it, or raise the setting Fairness cap.")


def _cell(territories: Territories, i: int, column: str) -> tuple[str, str]:
    """Sheet and cell of a limit."""
    if not territories.cells:
        return "territories", f"{column} of {territories.names[i]}"
    sheet, low, high = territories.cells[i]
    return sheet, low if column == "Min quota" else high


def _most_revenue(worth: Floats, limits: QuotaLimits, present: Floats) -> Floats:
    """The linear programme; territories of the same worth share what they have together in proportion to the present."""
    best = least_cost(-worth, limits)
    weight = present if (present > 0).all() else np.ones(len(worth))
    for value in np.unique(worth).tolist():
        same = worth == value
        if same.sum() > 1:
            best[same] = water_level(weight[same], limits.low[same], limits.high[same], float(best[same].sum()))
    return best


def _least_change(present: Floats, limits: QuotaLimits) -> Floats:
    """Least sum of changes, and among these the least largest change in proportion to the present quota."""
    kept = np.clip(present, limits.low, limits.high)
    left = limits.total - float(kept.sum())
    if not left:
        return kept
    # all further changes go one way, so any way of sharing them is of the same sum: share them in proportion
    room_low, room_high = (kept, limits.high) if left > 0 else (limits.low, kept)
    weight = np.where(present > 0, present, present.mean() if present.any() else 1.0)
    if left > 0:
        return water_level(weight, room_low - present, room_high - present, limits.total - present.sum()) + present
    return present - water_level(weight, present - room_high, present - room_low, present.sum() - limits.total)


def round_within(values: Floats, limits: QuotaLimits) -> Floats:
    """Whole numbers near the values, within the limits, that add up to the total: the largest remainders are rounded up.

    Example:
        >>> round_within(np.array([1.5, 1.25, 1.25]), QuotaLimits(np.zeros(3), np.array([1.0, 9, 9]), 4)).tolist()
        [1.0, 2.0, 1.0]
    """
    whole = np.clip(np.floor(values + NOISE), limits.low, limits.high)
    left = int(limits.total - whole.sum())
    remainder = values - whole
    for _ in range(2 * len(values) + 2):
        if not left:
            break
        up = left > 0
        room = whole < limits.high if up else whole > limits.low
        order = np.argsort(np.where(room, -remainder if up else remainder, np.inf), kind="stable")
        chosen = order[: min(abs(left), int(room.sum()))]
        if not len(chosen):
            break
        whole[chosen] += 1 if up else -1
        remainder = values - whole
        left = int(limits.total - whole.sum())
    return whole
