"""Forecasting methods for a series without its season; each gives the next periods."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np

from revops_xl.model.money import Floats

#: How slowly a trend may fade: a factor a period.
DAMPING = (0.8, 0.98)
#: Combinations of methods by their mean, and what they are made of; the first is the one to beat.
NAIVE, SMOOTHING, DAMPED, THETA, HOLT = "last value", "exponential smoothing", "damped trend", "theta", "linear trend"
COMBINED = "mean of smoothing, damped trend and theta"
PARTS: dict[str, tuple[str, ...]] = {
    COMBINED: (SMOOTHING, DAMPED, THETA),
    "mean of damped trend and theta": (DAMPED, THETA),
    THETA: (THETA,),
    DAMPED: (DAMPED,),
    SMOOTHING: (SMOOTHING,),
    HOLT: (HOLT,),
    NAIVE: (NAIVE,),
}


def forecasts(values: Floats, ahead: int) -> dict[str, Floats]:
    """What every basic method says about the next periods.

    Args:
        values: At least 5, without their season.
        ahead: How many periods.
    """
    last = np.full(ahead, values[-1])
    if np.ptp(values) == 0:  # nothing to estimate
        return dict.fromkeys((NAIVE, SMOOTHING, DAMPED, THETA, HOLT), last)
    size = float(np.abs(values).mean())
    scaled = values / size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still gives usable parameters
        found: Mapping[str, Callable[[], Floats]] = {
            SMOOTHING: lambda: _smoothing(scaled, ahead),
            DAMPED: lambda: _damped(scaled, ahead),
            THETA: lambda: _theta(scaled, ahead),
            HOLT: lambda: _linear(scaled, ahead),
        }
        result = {name: _finite(method, last / size) * size for name, method in found.items()}
    return {NAIVE: last, **result}


def combined(basic: Mapping[str, Floats], name: str) -> Floats:
    """A method that may be made of several."""
    return np.asarray(np.mean([basic[part] for part in PARTS[name]], axis=0))


def _finite(method: Callable[[], Floats], fallback: Floats) -> Floats:
    """What a method says, or the last value where it breaks down."""
    try:
        value = np.asarray(method(), dtype=np.float64)
    except (ValueError, FloatingPointError, np.linalg.LinAlgError, ZeroDivisionError):
        return fallback
    return value if np.isfinite(value).all() else fallback


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
