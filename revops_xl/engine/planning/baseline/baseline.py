"""The baseline of bookings: season, level, forecast with intervals, outliers, and the target range."""

from __future__ import annotations

import numpy as np

from revops_xl.engine.planning.baseline.intervals import ErrorModel, bounds, error_model, quantile, sum_error
from revops_xl.engine.planning.baseline.outliers import find_outliers
from revops_xl.engine.planning.baseline.seasons import Season, centred_means, find_season
from revops_xl.engine.planning.baseline.trials import error_scale, predict, try_methods
from revops_xl.model.attainability import BookingsOutlook
from revops_xl.model.bookings import BaselineRules, Bookings, BookingsBaseline, Outlier, OutlierKind, TargetRange
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.plan_period import PlanPeriod

#: With two years the level, too, is hardly known: errors are so many times what one year differs from the other.
SHORT_PAST = 1.3
#: Below this every factor of a season counts as 1.
NO_SEASON = 1e-9


def baseline(bookings: Bookings, ahead: int, rules: BaselineRules) -> BookingsBaseline:
    """Season, level and forecast of bookings. A single unusual value is never taken for a season.

    Args:
        bookings: Two years or more, without gaps.
        ahead: How many periods to forecast, 1 or more.
        rules: Interval, and what happens to one-offs.
    """
    first, season = bookings.part(0), bookings.season
    values = bookings.values / bookings.longer(0, len(bookings))
    outliers = find_outliers(values, season)
    replaced = _without(values, outliers)
    plain = _level_with(replaced, outliers)
    used = replaced if rules.replace_one_offs else values
    trials = try_methods(used, season, first, plain)
    reach = max(ahead, season)
    found = find_season(plain, season, first)
    model = error_model(trials.errors if len(trials.errors) else _first_errors(plain, found, season, first))
    said = predict(used, season, first, reach, plain)[trials.chosen]
    said = to_cents(np.maximum(said, 0.0) if (used >= 0).all() else said)
    scale = error_scale(used)
    low, high = bounds(said, model, rules.interval, scale)
    last = float(used[-season:].sum())
    longer = bookings.longer(len(bookings), reach)
    coming = to_cents(said * longer)
    return BookingsBaseline(
        bookings,
        used,
        found.factors,
        bool((np.abs(found.factors - 1) > NO_SEASON).any()),
        centred_means(used, season),
        coming[:ahead],
        to_cents(low * longer)[:ahead],
        to_cents(high * longer)[:ahead],
        trials.trials,
        len(trials.errors),
        outliers,
        model.spread,
        model.persistence,
        model.freedom,
        float(said[:season].sum()) / last - 1 if last > 0 else float("nan"),
    )


def _without(values: Floats, outliers: tuple[Outlier, ...]) -> Floats:
    """The values with one-offs replaced by what was expected of them."""
    used = values.copy()
    for each in outliers:
        if each.kind is OutlierKind.ONE_OFF:
            used[each.position] = round(each.expected, 2)
    return used


def _level_with(values: Floats, outliers: tuple[Outlier, ...]) -> Floats:
    """The values as if every shift had come before the first of them, for telling the season."""
    level = values.copy()
    for each in outliers:
        if each.kind is OutlierKind.SHIFT:
            level[: each.position] *= 1 + each.deviation
    return level


def _first_errors(values: Floats, season: Season, periods: int, first: int) -> Floats:
    """Errors of the next period where the past is too short to try anything: how the second year differed from the first."""
    level = season.without(values, first)
    if len(level) < 2 * periods or not (level > 0).all():
        return np.zeros((0, periods))
    grown = np.log(level[periods : 2 * periods] / level[:periods])
    off = (grown - grown.mean()) / np.sqrt(2 * (1 - 1 / periods)) * SHORT_PAST
    errors = np.full((periods, periods), np.nan)
    errors[:, 0] = off
    return errors


def periods_ahead(bookings: Bookings, period: PlanPeriod | None) -> int:
    """How many periods after the last booked one reach the end of the plan; a year without a plan's period."""
    if period is None:
        return bookings.season
    per = 12 // bookings.season
    end = -(-(period.first + period.months) // per)
    return max(end - (bookings.first + len(bookings)), 0)


def target_range(baseline: BookingsBaseline, period: PlanPeriod, target: float, interval: float) -> TargetRange:
    """What history supports for a plan's period: what is booked in it, and the sum of what is forecast."""
    bookings, per = baseline.bookings, 12 // baseline.bookings.season
    start = period.first // per - bookings.first
    stop = start + period.months // per
    count = len(bookings)
    booked = float(bookings.values[max(start, 0) : max(min(stop, count), 0)].sum()) if stop > 0 else 0.0
    ahead = slice(max(start - count, 0), max(stop - count, 0))
    said = baseline.forecast[ahead]
    model = _model(baseline)
    weights = np.zeros(len(baseline.forecast))
    weights[ahead] = said
    expected = float(said.sum())
    scale = error_scale(baseline.used)
    error = sum_error(weights, model, scale)
    width = quantile(model, interval) * error
    if scale:
        ends = [booked + expected - width, booked + expected + width]
    else:
        relative = width / expected if expected else 0.0
        ends = [booked + expected * float(np.exp(-relative)), booked + expected * float(np.exp(relative))]
    length = stop - start
    everything = np.concatenate([bookings.values, baseline.forecast])
    before = everything[start - length : start] if start - length >= 0 else everything[:0]
    return TargetRange(
        round(booked, 2),
        round(booked + expected, 2),
        round(ends[0], 2),
        round(ends[1], 2),
        target,
        float(before.sum()) if len(before) == length else float("nan"),
        _chance(target - booked, expected, error, model, in_proportion=not scale),
        start >= 0 and stop <= len(everything),
    )


def _model(baseline: BookingsBaseline) -> ErrorModel:
    """How far its forecasts may be off."""
    return ErrorModel(baseline.spread, baseline.persistence, baseline.freedom)


def outlook(baseline: BookingsBaseline, period: PlanPeriod | None) -> BookingsOutlook:
    """What bookings say about months of the past and of the plan: a level without season, the season, and its error."""
    bookings, months = baseline.bookings, 12 // baseline.bookings.season
    factors = np.where(baseline.factors > 0, baseline.factors, 1.0)
    coming = baseline.forecast / bookings.longer(len(bookings), len(baseline.forecast))
    everything = np.concatenate([baseline.used, coming])
    part = (bookings.part(0) + np.arange(len(everything))) % bookings.season
    levels = np.repeat(everything / factors[part] / months, months)
    ahead = np.zeros(len(baseline.forecast))
    if period is not None:
        start = period.first // months - bookings.first - len(bookings)
        stop = -(-(period.first + period.months) // months) - bookings.first - len(bookings)
        ahead[max(start, 0) : max(stop, 0)] = baseline.forecast[max(start, 0) : max(stop, 0)]
    whole = float(ahead.sum())
    error = sum_error(ahead, _model(baseline), error_scale(baseline.used)) / whole if whole > 0 else 0.0
    return BookingsOutlook(factors if baseline.seasonal else None, months, bookings.first * months, levels, error)


def _chance(needed: float, expected: float, error: float, model: ErrorModel, *, in_proportion: bool) -> float:
    """Probability that what is still to come reaches what is needed."""
    if error == 0 or (in_proportion and (needed <= 0 or expected <= 0)):
        return float(expected >= needed)
    from scipy.special import stdtr  # noqa: PLC0415  (slow to start)

    distance = expected * np.log(needed / expected) / error if in_proportion else (needed - expected) / error
    return float(stdtr(max(model.freedom, 3.0), -distance))


def phase_shares(baseline: BookingsBaseline, period: PlanPeriod, *, monthly: bool) -> Floats:
    """Part of the plan's period that falls on each of its quarters or months, by the seasonal factors.

    Quarters of monthly bookings add up their months; months of quarterly bookings are a third of their quarter, periods of
    weeks go by their weeks.
    """
    season = baseline.bookings.season
    factors = np.maximum(baseline.factors, 0.0)
    months, calendar = period.periods, period.calendar
    if season == 12:
        by_month = factors[months % 12] * calendar.longer(months)
    else:
        by_month = factors[months % 12 // 3] * calendar.weeks_of(months) / (13 if calendar.weeks is not None else 3)
    by_month = by_month if by_month.sum() > 0 else calendar.weeks_of(months)
    parts = by_month if monthly else by_month.reshape(-1, 3).sum(axis=1)
    return np.asarray(parts / parts.sum())
