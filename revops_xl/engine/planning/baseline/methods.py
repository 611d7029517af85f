"""Forecasting methods for a series without its season; each gives the next periods."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np

from revops_xl.model.bookings import COMBINED
from revops_xl.model.money import Floats

#: How slowly a trend may fade: a factor a period.
DAMPING = (0.8, 0.98)
#: Basic methods.
NAIVE, SMOOTHING, DAMPED = "last value", "exponential smoothing", "damped trend"
THETA, LOG_THETA, GROWTH = "theta", "theta of logarithms", "constant growth"
#: Combinations of methods by their mean, and what they are made of; the first is the one to beat.
PARTS: dict[str, tuple[str, ...]] = {
    COMBINED: (DAMPED, THETA, LOG_THETA, GROWTH),
    "mean of damped trend and theta": (DAMPED, THETA),
    THETA: (THETA,),
    GROWTH: (GROWTH,),
    DAMPED: (DAMPED,),
    SMOOTHING: (SMOOTHING,),
    NAIVE: (NAIVE,),
}
#: Logarithms of forecasts beyond this are no forecasts.
FARTHEST = 50.0


def forecasts(values: Floats, ahead: int) -> dict[str, Floats]:
    """What every basic method says about the next periods.

    Where a value is not above 0 there are no logarithms, and the methods on the values stand for those on them.

    Args:
        values: At least 5, without their season.
        ahead: How many periods.
    """
    last = np.full(ahead, values[-1])
    if np.ptp(values) == 0:  # nothing to estimate
        return dict.fromkeys((NAIVE, SMOOTHING, DAMPED, THETA, LOG_THETA, GROWTH), last)
    size = float(np.abs(values).mean())
    scaled = values / size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still gives usable parameters
        result = {
            NAIVE: last / size,
            SMOOTHING: _finite(_smoothing, scaled, ahead),
            DAMPED: _finite(_damped, scaled, ahead),
            THETA: _finite(_theta, scaled, ahead),
        }
        if (values > 0).all():
            logs = np.log(scaled)
            result[LOG_THETA] = np.exp(np.clip(_finite(_theta, logs, ahead), -FARTHEST, FARTHEST))
            result[GROWTH] = np.exp(np.clip(_finite(_linear, logs, ahead), -FARTHEST, FARTHEST))
        else:
            result[LOG_THETA], result[GROWTH] = result[THETA], _finite(_linear, scaled, ahead)
    return {name: said * size for name, said in result.items()}


def combined(basic: Mapping[str, Floats], name: str) -> Floats:
    """A method that may be made of several."""
    return np.asarray(np.mean([basic[part] for part in PARTS[name]], axis=0))


def _finite(method: Callable[[Floats, int], Floats], values: Floats, ahead: int) -> Floats:
    """What a method says, or the last value where it breaks down."""
    try:
        said = np.asarray(method(values, ahead), dtype=np.float64)
    except (ValueError, FloatingPointError, np.linalg.LinAlgError, ZeroDivisionError):
        said = np.full(ahead, np.nan)
    return said if np.isfinite(said).all() else np.full(ahead, values[-1])


def _smoothing(values: Floats, ahead: int) -> Floats:
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing  # noqa: PLC0415  (slow to start)

    return np.asarray(SimpleExpSmoothing(values, initialization_method="estimated").fit().forecast(ahead))


def _damped(values: Floats, ahead: int) -> Floats:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415  (slow to start)

    enough = len(values) >= 10  # the heuristic start reads the first ten values
    model = ExponentialSmoothing(
        values,
        trend="add",
        damped_trend=True,
        initialization_method="heuristic" if enough else "estimated",
        bounds={"damping_trend": DAMPING},
    )
    return np.asarray(model.fit().forecast(ahead))


def _linear(values: Floats, ahead: int) -> Floats:
    from statsmodels.tsa.holtwinters import Holt  # noqa: PLC0415  (slow to start)

    return np.asarray(Holt(values, initialization_method="estimated").fit().forecast(ahead))


def _theta(values: Floats, ahead: int) -> Floats:
    from statsmodels.tsa.forecasting.theta import ThetaModel  # noqa: PLC0415  (slow to start)

    return np.asarray(ThetaModel(values, period=1, deseasonalize=False).fit().forecast(ahead))
