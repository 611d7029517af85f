"""The baseline of bookings: season, level, forecast with intervals, outliers, and the target range."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.baseline.intervals import ErrorModel, bounds, error_model, quantile, sum_error
from revops_xl.engine.baseline.outliers import find_outliers
from revops_xl.engine.baseline.seasons import centred_means, find_season
from revops_xl.engine.baseline.trials import predict, try_methods
from revops_xl.model.bookings import Baseline, BaselineRules, Bookings, Outlier, OutlierKind, TargetRange
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.plan_period import PlanPeriod

#: Below this every factor of a season counts as 1.
NO_SEASON = 1e-9


def baseline(bookings: Bookings, ahead: int, rules: BaselineRules) -> Baseline:
    """Season, level and forecast of bookings. A single unusual value is never taken for a season.

    Args:
        bookings: Two years or more, without gaps.
        ahead: How many periods to forecast, 1 or more.
        rules: Interval, and what happens to one-offs.
    """
    first, season = bookings.part(0), bookings.season
    outliers = find_outliers(bookings.values, season)
    plain = _without(bookings.values, outliers)
    used = plain if rules.replace_one_offs else bookings.values
    trials = try_methods(used, season, first, plain)
    reach = max(ahead, season)
    said = predict(used, season, first, reach, plain)[trials.chosen]
    said = to_cents(np.maximum(said, 0.0) if (used >= 0).all() else said)
    model = error_model(trials.errors)
    low, high = bounds(said, model, rules.interval)
    found = find_season(plain, season, first)
    last = float(used[-season:].sum())
    return Baseline(
        bookings,
        used,
        found.factors,
        bool((np.abs(found.factors - 1) > NO_SEASON).any()),
        centred_means(used, season),
        said[:ahead],
        to_cents(low)[:ahead],
        to_cents(high)[:ahead],
        trials.trials,
        len(trials.errors),
        outliers,
        model.spread,
        model.persistence,
        float(said[:season].sum()) / last - 1 if last > 0 else float("nan"),
    )


def _without(values: Floats, outliers: tuple[Outlier, ...]) -> Floats:
    """The values with one-offs replaced by what was expected of them."""
    used = values.copy()
    for each in outliers:
        if each.kind is OutlierKind.ONE_OFF:
            used[each.position] = round(each.expected, 2)
    return used


def periods_ahead(bookings: Bookings, period: PlanPeriod | None) -> int:
    """How many periods after the last booked one reach the end of the plan; a year without a plan's period."""
    if period is None:
        return bookings.season
    per = 12 // bookings.season
    end = -(-(period.first + period.months) // per)
    return max(end - (bookings.first + len(bookings)), 0)


def target_range(found: Baseline, period: PlanPeriod, target: float, interval: float) -> TargetRange:
    """What history supports for a plan's period: what is booked in it, and the sum of what is forecast."""
    bookings, per = found.bookings, 12 // found.bookings.season
    start = period.first // per - bookings.first
    stop = start + period.months // per
    count = len(bookings)
    booked = float(bookings.values[max(start, 0) : max(min(stop, count), 0)].sum()) if stop > 0 else 0.0
    ahead = slice(max(start - count, 0), max(stop - count, 0))
    said = found.forecast[ahead]
    model = ErrorModel(found.spread, found.persistence, found.origins + 2.0)
    weights = np.zeros(len(found.forecast))
    weights[ahead] = said
    expected = float(said.sum())
    error = sum_error(weights, model)
    width = quantile(model, interval) * error
    ends = sorted((booked + expected * float(np.exp(-width)), booked + expected * float(np.exp(width))))
    length = stop - start
    everything = np.concatenate([bookings.values, found.forecast])
    before = everything[start - length : start] if start - length >= 0 else everything[:0]
    return TargetRange(
        round(booked, 2),
        round(booked + expected, 2),
        round(ends[0], 2),
        round(ends[1], 2),
        target,
        float(before.sum()) if len(before) == length else float("nan"),
        _chance(target - booked, expected, error, model),
        start >= 0 and stop <= len(everything),
    )


def _chance(needed: float, expected: float, error: float, model: ErrorModel) -> float:
    """Probability that what is still to come reaches what is needed."""
    if needed <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if error == 0:
        return float(expected >= needed)
    from scipy.special import stdtr  # noqa: PLC0415  (slow to start)

    return float(stdtr(max(model.freedom, 3.0), -np.log(needed / expected) / error))


def phase_shares(found: Baseline, period: PlanPeriod, *, monthly: bool) -> Floats:
    """Part of the plan's period that falls on each of its quarters or months, by the seasonal factors.

    Quarters of monthly bookings add up their months; months of quarterly bookings are a third of their quarter.
    """
    season = found.bookings.season
    factors = np.maximum(found.factors, 0.0)
    months = np.arange(period.first, period.first + period.months)
    by_month = factors[months % 12] if season == 12 else factors[months % 12 // 3] / 3
    by_month = by_month if by_month.sum() > 0 else np.ones(len(months))
    parts = by_month if monthly else by_month.reshape(-1, 3).sum(axis=1)
    return np.asarray(parts / parts.sum())
