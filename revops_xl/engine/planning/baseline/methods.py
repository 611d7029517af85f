"""Forecasting methods; each gives the next periods, its season included."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from revops_xl.engine.planning.baseline.seasons import Season
from revops_xl.model.bookings import COMBINED
from revops_xl.model.money import Floats

#: How slowly a trend may fade: a factor a period.
DAMPING = (0.8, 0.98)
#: Values from which Holt and Winters' method starts, beside a year more than two.
FEWEST = 10
#: When the search for smoothing parameters ends: closer is slower by six times, and forecasts no better.
ROUGHLY = {"ftol": 1e-4, "maxiter": 40}
#: Weights of the newest value that are tried.
SMOOTHING = np.linspace(0.01, 0.99, 50)
#: Basic methods.
NAIVE, LAST_YEAR, THETA, GROWTH = "last value", "same period of last year", "optimised theta", "constant growth"
WINTERS, LOG_WINTERS = "Holt-Winters", "Holt-Winters of logarithms"
#: Logarithms of forecasts beyond this are no forecasts.
FARTHEST = 50.0
#: Combinations of methods by their mean, and what they are made of; the first is the one to beat.
PARTS: dict[str, tuple[str, ...]] = {
    COMBINED: (WINTERS, LOG_WINTERS, THETA),
    WINTERS: (WINTERS,),
    LOG_WINTERS: (LOG_WINTERS,),
    THETA: (THETA,),
    GROWTH: (GROWTH,),
    LAST_YEAR: (LAST_YEAR,),
    NAIVE: (NAIVE,),
}


def forecasts(values: Floats, season: Season, first: int, ahead: int) -> dict[str, Floats]:
    """What every basic method says about the next periods.

    Where a value is not above 0 there are no logarithms, and the method on the values stands for that on them; where values
    are too few for a season that moves, theta stands for both.

    Args:
        values: Two years or more.
        season: Taken out before, and put back after, all methods but those that have a season of their own.
        first: Part of the year of the first value.
        ahead: How many periods.
    """
    periods, count = len(season.factors), len(values)
    level = season.without(values, first)

    def with_season(said: Floats) -> Floats:
        return season.again(said, first + count)

    theta = with_season(_theta(level, ahead))
    size = float(np.abs(values).mean()) or 1.0
    winters = _winters(values / size, periods, ahead)
    winters = theta if winters is None else winters * size
    grown = _winters(np.log(values / size), periods, ahead) if (values > 0).all() else None
    return {
        NAIVE: with_season(np.full(ahead, level[-1])),
        LAST_YEAR: values[count - periods + np.arange(ahead) % periods],
        THETA: theta,
        GROWTH: with_season(_growing(level, ahead)),
        WINTERS: winters,
        LOG_WINTERS: winters if grown is None else size * np.exp(np.clip(grown, -FARTHEST, FARTHEST)),
    }


def combined(basic: Mapping[str, Floats], name: str) -> Floats:
    """A method that may be made of several."""
    return np.asarray(np.mean([basic[part] for part in PARTS[name]], axis=0))


def _winters(values: Floats, periods: int, ahead: int) -> Floats | None:
    """Level, fading trend and season that follow the last values; None where there are too few, or it breaks down."""
    if len(values) < max(FEWEST, 2 * periods + 1) or np.ptp(values) == 0:
        return None
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415  (slow to start)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still gives usable parameters
        try:
            model = ExponentialSmoothing(
                values,
                trend="add",
                damped_trend=True,
                seasonal="add",
                seasonal_periods=periods,
                initialization_method="heuristic",
                bounds={"damping_trend": DAMPING},
            )
            fitted = model.fit(use_brute=False, minimize_kwargs={"options": ROUGHLY})
            said = np.asarray(fitted.forecast(ahead), dtype=np.float64)
        except (ValueError, FloatingPointError, np.linalg.LinAlgError, ZeroDivisionError):
            return None
    return said if np.isfinite(said).all() else None


def _growing(values: Floats, ahead: int) -> Floats:
    """Growth in percent that goes on as it was lately; the last value where it breaks down."""
    from statsmodels.tsa.holtwinters import Holt  # noqa: PLC0415  (slow to start)

    last = np.full(ahead, values[-1])
    if np.ptp(values) == 0 or len(values) < FEWEST // 2:
        return last
    size, logs = float(np.abs(values).mean()), bool((values > 0).all())
    given = np.log(values / size) if logs else values / size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still gives usable parameters
        try:
            fitted = Holt(given, initialization_method="estimated").fit(minimize_kwargs={"options": ROUGHLY})
            said = np.asarray(fitted.forecast(ahead), dtype=np.float64)
        except (ValueError, FloatingPointError, np.linalg.LinAlgError, ZeroDivisionError):
            return last
    if not np.isfinite(said).all():
        return last
    return size * (np.exp(np.clip(said, -FARTHEST, FARTHEST)) if logs else said)


def _theta(values: Floats, ahead: int) -> Floats:
    """Between exponential smoothing and the line of the whole past, by what would have forecast each value best.

    The theta lines with an optimised theta: smoothing of the values plus w x (line - smoothing of the line), w = 1 - 1/theta
    from 0 to 1. For a given smoothing the errors are linear in w and in the starting level, so both are solved for.

    Source:
        Fiorucci et al., "Models for optimising the theta method and their relationship to state space models",
        IJF 32 (2016).
    """
    from scipy.signal import lfilter  # noqa: PLC0415  (slow to start)

    count = len(values)
    time = np.arange(count + ahead, dtype=np.float64)
    slope, height = np.polyfit(time[:count], values, 1)
    line = height + slope * time
    start = float(values[0])
    best = (np.inf, np.full(ahead, values[-1]))
    for weight in SMOOTHING.tolist():
        keep = 1 - weight

        def smoothed(series: Floats, weight: float = weight, keep: float = keep) -> Floats:
            """Levels before each value and after the last one, from a start of 0."""
            return np.concatenate([[0.0], np.asarray(lfilter([weight], [1.0, -keep], series))])

        fade = keep ** np.arange(count + 1)
        base = smoothed(values - start) + start  # the start is moved by what is solved for
        pull = line[: count + 1] - (smoothed(line[:count] - line[0]) + line[0])
        known = np.column_stack([fade[:count], pull[:count]])
        off = values - base[:count]
        moved, part = np.linalg.lstsq(known, off, rcond=None)[0]
        if not 0 <= part <= 1:
            part = float(np.clip(part, 0.0, 1.0))
            moved = float(fade[:count] @ (off - part * pull[:count]) / (fade[:count] @ fade[:count]))
        error = float(((off - moved * fade[:count] - part * pull[:count]) ** 2).sum())
        if error < best[0]:
            level = base[count] + moved * fade[count]
            last = line[count] - pull[count]
            best = (error, level + part * (line[count:] - last))
    return best[1]
