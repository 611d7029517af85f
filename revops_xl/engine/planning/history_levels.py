"""History without its season, and how far bookings have grown since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.attainability import BookingsOutlook, History
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools
from revops_xl.model.plan_period import PlanPeriod

#: Productivity from which a period says how a seat's sales differ from period to period.
ENOUGH_RAMP = 0.5
#: Months of full productivity from which a seat's own history says what it brings.
LEAST_MONTHS = 1.0


@dataclass(frozen=True)
class HistoryLevels:
    """What ICs have reached a period, as a level.

    Attributes:
        known: Shape (periods, rows): what speaks about the row.
        level: The same shape: history without its season; NaN where nothing is known.
        mean: Per row; NaN without history.
        full: Per row, as if it had been ramped up all along: sales by productivity, both summed; NaN without history, or with less
            than a month of full productivity in it.
        plan_factor: Mean seasonal factor of the plan's period.
        trend: Per period, bookings against their mean over the history, for taking growth out of sums; empty if not known.
        growth: Per row, the plan's bookings against those of the periods that the row has; 0 where not known.
        overall_growth: The same of a full history; NaN if bookings do not cover it.
        error: Standard error of the plan's bookings, as a part of them.
    """

    known: Bools
    level: Floats
    mean: Floats
    full: Floats
    plan_factor: float
    trend: Floats
    growth: Floats
    overall_growth: float
    error: float


def past_levels(
    history: History, period: PlanPeriod | None, outlook: BookingsOutlook | None, productivity: Floats | None = None
) -> HistoryLevels:
    """Take season and ramp out of history: the season of the bookings, else that of the ICs with two complete years.

    Args:
        history: What was reached.
        period: What the plan covers.
        outlook: What bookings say.
        productivity: Of each row in each period, periods x rows, 1 for a seat that is filled and ramped up; None: 1.
    """
    known = history.known
    plain = np.where(known, history.periods, np.nan)
    factor, plan_factor = _season(history, plain, known, period, outlook)
    count = known.sum(axis=0)
    productive = np.ones_like(plain) if productivity is None else productivity
    at_full = productive * factor[:, None]
    # a month at a low ramp would count as much as a full one
    level = np.divide(plain, at_full, out=np.full(plain.shape, np.nan), where=productive >= ENOUGH_RAMP)
    # a ratio of sums: whole years then come to what they were
    parts = (known * factor[:, None]).sum(axis=0)
    mean = np.divide(np.nansum(plain, axis=0), parts, out=np.full(level.shape[1], np.nan), where=count > 0)
    carried = (known * at_full).sum(axis=0)
    months = (known * productive).sum(axis=0) * max(history.months, 1)
    full = np.divide(
        np.nansum(plain, axis=0), carried, out=np.full(len(mean), np.nan), where=(count > 0) & (carried > 0)
    )
    full = np.where(months >= LEAST_MONTHS, full, np.nan) if productivity is not None else full
    booked = _booked(history, outlook)
    coming = outlook.level(period.first, period.months) if outlook is not None and period is not None else np.nan
    if not coming > 0 or not len(booked) or np.isnan(booked).any() or booked.min() <= 0:
        return HistoryLevels(known, level, mean, full, plan_factor, np.zeros(0), np.zeros(len(mean)), float("nan"), 0.0)
    own = np.divide(
        (known * booked[:, None]).sum(axis=0), count, out=np.full(len(mean), booked.mean()), where=count > 0
    )
    error = outlook.error if outlook is not None else 0.0
    overall = float(coming / booked.mean() - 1)
    trend = booked / booked.mean()
    return HistoryLevels(known, level, mean, full, plan_factor, trend, coming / own - 1, overall, error)


def _booked(history: History, outlook: BookingsOutlook | None) -> Floats:
    """Level of the bookings in each period of the history; empty where the periods are not placed in time."""
    if outlook is None or not history.placed or 0 in history.years:
        return np.zeros(0)
    months = [year * 12 + part * history.months for year, part in zip(history.years, history.parts, strict=True)]
    return np.array([outlook.level(month, history.months) for month in months])


def _season(
    history: History, plain: Floats, known: Bools, period: PlanPeriod | None, outlook: BookingsOutlook | None
) -> tuple[Floats, float]:
    """Factor of each period, and that of the plan's."""
    one = np.ones(len(plain))
    if not history.placed or history.months == 12:
        return one, 1.0
    if outlook is not None and outlook.factors is not None:
        factor = np.array([outlook.factor(part * history.months, history.months) for part in history.parts])
        of_plan = outlook.factor(period.first, period.months) if period is not None else 1.0
        return (factor, of_plan) if factor.min() > 0 else (one, 1.0)
    whole = known.all(axis=0)
    parts = np.array(history.parts)
    seen = np.bincount(parts, minlength=12 // history.months)
    if not whole.any() or seen.min() < 2 or len(seen) != 12 // history.months:
        return one, 1.0
    total = plain[:, whole].sum(axis=1)
    mean = np.array([total[parts == part].mean() for part in range(len(seen))])
    if mean.min() <= 0:
        return one, 1.0
    mean /= mean.mean()
    if period is None:
        return mean[parts], 1.0
    plan_months = np.arange(period.first, period.first + period.months) % 12
    return mean[parts], float(mean[plan_months // history.months].mean())
