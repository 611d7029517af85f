"""What moving a limit would bring: told by solving again."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.planning.linear import NOISE, QuotaLimits, least_cost
from revops_xl.model.money import Floats, Unit
from revops_xl.model.org import Bools
from revops_xl.model.territories import ShadowPrice, Territories

#: Limits whose price is told.
MOST_PRICES = 12


def shadow_prices(
    worth: Floats, territories: Territories, limits: QuotaLimits, unit: Unit, fairness: float
) -> tuple[ShadowPrice, ...]:
    """What moving a limit that binds by a round step adds, by solving again; the dearest first."""
    best = least_cost(-worth, limits)
    value = float(worth @ best)
    step = 10.0 ** np.floor(np.log10(max(limits.total / 100, 1.0)))
    cap = fairness * limits.total / len(worth)

    def gain(changed: QuotaLimits) -> float:
        return _currency(float(worth @ least_cost(-worth, changed)) - value, unit)

    found = []
    for i in _binding(worth, best, limits, territories, cap, unit):
        low, high = limits.low.copy(), limits.high.copy()
        if best[i] >= limits.high[i] - 0.5:
            name, moved = "Max quota", min(step, np.floor(cap) - high[i])
            high[i] += moved
        else:
            name, moved = "Min quota", min(step, low[i])
            low[i] -= moved
        one = gain(QuotaLimits(low, high, limits.total)) if moved > 0 else 0.0
        if one > 0:
            found.append(ShadowPrice(name, i, float(unit.to_amount(moved)), one, one / float(unit.to_amount(moved))))
    found.sort(key=lambda price: (-price.marginal, price.territory))
    amount = float(unit.to_amount(step))
    capped = _capped(territories, unit, cap)
    if capped.any():
        wider = gain(
            QuotaLimits(limits.low, np.where(capped, _up_to(territories, unit, cap + step), limits.high), limits.total)
        )
        if wider > 0:
            found.append(ShadowPrice("Fairness cap", -1, amount, wider, wider / amount))
    # the cap is a multiple of the average, so it grows with the total
    more = fairness * (limits.total + step) / len(worth)
    high = np.where(capped, _up_to(territories, unit, more), limits.high)
    if high.sum() >= limits.total + step:
        total = gain(QuotaLimits(limits.low, high, limits.total + step))
        found.append(ShadowPrice("Total", -1, amount, total, total / amount))
    return tuple(found)


def _capped(territories: Territories, unit: Unit, cap: float) -> Bools:
    """Territories whose most is the fairness cap, in units."""
    most = np.where(np.isnan(territories.maximum), np.inf, unit.in_units(np.nan_to_num(territories.maximum)))
    return np.asarray(most > cap)


def _up_to(territories: Territories, unit: Unit, cap: float) -> Floats:
    """The most of each under another cap, in units."""
    most = np.where(np.isnan(territories.maximum), np.inf, unit.in_units(np.nan_to_num(territories.maximum)))
    return np.floor(np.minimum(most, cap) + NOISE)


def _binding(
    worth: Floats, best: Floats, limits: QuotaLimits, territories: Territories, cap: float, unit: Unit
) -> list[int]:
    """Territories held by a limit of their own that is worth moving: those far from what others are worth first."""
    room_up, room_down = best < limits.high - 0.5, best > limits.low + 0.5
    middle = float(np.median(worth[room_up & room_down])) if (room_up & room_down).any() else float(np.median(worth))
    at_high = ~room_up & ~_capped(territories, unit, cap) & (worth > worth[room_down].min(initial=np.inf))
    at_low = ~room_down & (limits.low > 0) & (worth < worth[room_up].max(initial=-np.inf))
    order = np.argsort(-np.abs(worth - middle), kind="stable")
    return [int(i) for i in order if at_high[i] or at_low[i]][:MOST_PRICES]


def _currency(units: float, unit: Unit) -> float:
    """Units as an amount, to the cent, or to the unit where that is finer."""
    amount = float(unit.size) * units
    return float(np.round(amount, 2)) + 0.0 if abs(amount) >= 0.01 else 0.0
