"""How far a forecast may be off: errors of the past, carried ahead by a model that can be written down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.money import Floats

#: Persistence tried, and what is believed of it before the past has spoken: the middle, as much as so many errors say.
PERSISTENCE = np.linspace(0.0, 1.0, 21)
PRIOR, PRIOR_ERRORS = 0.5, 10.0
#: Spread of a period where the past is too short to say, believed as much as so many errors.
USUAL_SPREAD, USUAL_ERRORS = 0.08, 2.0


@dataclass(frozen=True)
class ErrorModel:
    """Errors of a level that wanders: each period brings a surprise, of which a part stays.

    The relative error so many periods ahead is e + a x (the surprises before), so its variance is s² (1 + a² (h - 1)), and
    errors of different periods go together as far as they share surprises.

    Attributes:
        spread: s, standard error of the next period, as a part of it.
        persistence: a, 0 to 1.
        freedom: How many errors the spread rests on, for the width of intervals.
    """

    spread: float
    persistence: float
    freedom: float

    def covariance(self, ahead: int) -> Floats:
        """Of the relative errors of the next periods, shape (ahead, ahead)."""
        h = np.arange(ahead)
        earlier = np.minimum(h[:, None], h)
        a = self.persistence
        shared = a * a * earlier + np.where(h[:, None] == h, 1.0, a)
        return np.asarray(self.spread**2 * shared)


def error_model(errors: Floats) -> ErrorModel:
    """Fit spread and persistence to the errors of the past.

    Args:
        errors: Shape (origins, periods ahead), log(actual / forecast); NaN where there is none.
    """
    count = (~np.isnan(errors)).sum(axis=0)
    usable = count > 0
    squares = np.where(np.isnan(errors), 0.0, errors) ** 2
    mean = np.divide(squares.sum(axis=0), count, out=np.zeros(errors.shape[1]), where=usable)
    h = np.arange(errors.shape[1])
    # errors of neighbouring origins overlap, so those far ahead count as fewer
    weight = count / np.sqrt(h + 1.0)
    best = (np.inf, PRIOR, USUAL_SPREAD)
    for a in PERSISTENCE.tolist():
        growth = 1 + a * a * h
        total = weight.sum() + USUAL_ERRORS
        variance = float(((weight * mean / growth).sum() + USUAL_ERRORS * USUAL_SPREAD**2) / total)
        variance = max(variance, 1e-12)
        fit = float((weight * (np.log(variance * growth) + mean / (variance * growth)))[usable].sum())
        fit += PRIOR_ERRORS * (a - PRIOR) ** 2
        if fit < best[0]:
            best = (fit, a, float(np.sqrt(variance)))
    return ErrorModel(best[2], best[1], float(count.max(initial=0)) + USUAL_ERRORS)


def quantile(model: ErrorModel, interval: float) -> float:
    """Standard errors on each side that hold an interval."""
    from scipy.special import stdtrit  # noqa: PLC0415  (slow to start)

    return float(stdtrit(max(model.freedom, 3.0), 0.5 + interval / 2))


def bounds(forecast: Floats, model: ErrorModel, interval: float, scale: float = 0.0) -> tuple[Floats, Floats]:
    """Lower and upper ends of each period's interval: in proportion, or as far to both sides where errors are of a scale."""
    h = np.arange(len(forecast))
    width = quantile(model, interval) * model.spread * np.sqrt(1 + model.persistence**2 * h)
    if scale:
        return forecast - width * scale, forecast + width * scale
    return forecast * np.exp(-width), forecast * np.exp(width)


def sum_error(forecast: Floats, model: ErrorModel, scale: float = 0.0) -> float:
    """Standard error of the sum of forecasts, in their unit: they go wrong together. A forecast of 0 is not in the sum."""
    size = np.where(forecast != 0, scale, 0.0) if scale else forecast
    a, s = model.persistence, model.spread
    # the sum is that over surprises, each with all that it leads to later
    later = np.concatenate([np.cumsum(size[::-1])[::-1][1:], [0.0]])
    return float(s * np.sqrt(np.sum((size + a * later) ** 2)))
