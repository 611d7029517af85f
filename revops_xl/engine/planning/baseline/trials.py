"""Forecasts from points of the past, against what came: which method to trust, and how far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from revops_xl.engine.planning.baseline.methods import PARTS, combined, forecasts
from revops_xl.engine.planning.baseline.seasons import find_season
from revops_xl.model.bookings import COMBINED, Trial
from revops_xl.model.money import Floats

#: From how many points of the past a forecast is tried at most.
MOST_ORIGINS = 12
#: Another method than the combination has to make at most so much of its error.
CLEARLY_BETTER = 0.6
#: Periods, in years, that have to lie before a point.
YEARS_BEFORE = 2


@dataclass(frozen=True)
class Trials:
    """What the past said.

    Attributes:
        trials: Methods, the best first.
        errors: Shape (origins, periods ahead): log(actual / forecast) of the chosen method, or (actual - forecast) / scale;
            NaN beyond the last period.
    """

    trials: tuple[Trial, ...]
    errors: Floats

    @property
    def chosen(self) -> str:
        """The method to use."""
        return next((trial.method for trial in self.trials if trial.chosen), COMBINED)


def predict(values: Floats, season: int, first: int, ahead: int, plain: Floats | None = None) -> dict[str, Floats]:
    """What every method says about the next periods, their season included.

    Args:
        values: The past.
        season: Periods a year.
        first: Part of the year of the first value.
        ahead: How many periods.
        plain: The past without single unusual values, for its season; None: as it is.
    """
    found = find_season(values if plain is None else plain, season, first)
    basic = forecasts(values, found, first, ahead)
    return {name: combined(basic, name) for name in PARTS}


def smape(actual: Floats, forecast: Floats) -> float:
    """Mean of 2 |actual - forecast| / (|actual| + |forecast|), 0 to 2.

    Example:
        >>> smape(np.array([1.0, 1.0]), np.array([1.0, 3.0]))
        0.5
    """
    whole = np.abs(actual) + np.abs(forecast)
    off = np.divide(2 * np.abs(actual - forecast), whole, out=np.zeros_like(whole), where=whole > 0)
    return float(off.mean())


def try_methods(values: Floats, season: int, first: int, plain: Floats | None = None) -> Trials:
    """Forecast up to a year ahead from each of the last points of the past that has two years before it.

    The combination is the one to beat: a choice by the smallest error alone is mostly a choice by luck. What was found
    about the same bookings is kept while the program runs.
    """
    return _tried(tuple(values.tolist()), season, first, None if plain is None else tuple(plain.tolist()))


@lru_cache(maxsize=32)
def _tried(listed: tuple[float, ...], season: int, first: int, listed_plain: tuple[float, ...] | None) -> Trials:
    values, plain = np.array(listed), None if listed_plain is None else np.array(listed_plain)
    count = len(values)
    earliest = YEARS_BEFORE * season
    origins = range(count - 1, earliest - 1, -1)[:MOST_ORIGINS]
    made: list[tuple[int, dict[str, Floats]]] = []
    for origin in origins:
        ahead = min(season, count - origin)
        made.append((origin, predict(values[:origin], season, first, ahead, None if plain is None else plain[:origin])))
    if not made:
        return Trials((), np.zeros((0, season)))
    error = {
        name: float(np.mean([smape(values[o : o + len(said[name])], said[name]) for o, said in made])) for name in PARTS
    }
    best = min(PARTS, key=lambda name: error[name])
    chosen = best if error[best] < CLEARLY_BETTER * error[COMBINED] else COMBINED
    trials = tuple(Trial(name, error[name], name == chosen) for name in sorted(PARTS, key=lambda name: error[name]))
    errors = np.full((len(made), season), np.nan)
    for row, (origin, said) in enumerate(made):
        actual = values[origin : origin + len(said[chosen])]
        errors[row, : len(actual)] = relative_errors(actual, said[chosen], error_scale(values))
    return Trials(trials, errors)


def error_scale(values: Floats) -> float:
    """By what errors are divided where a value is 0 or below; 0 where none is: then errors are in proportion."""
    return 0.0 if (values > 0).all() else float(np.abs(values).mean())


def relative_errors(actual: Floats, forecast: Floats, scale: float) -> Floats:
    """Errors in proportion, as logarithms; of a scale where that cannot be."""
    if scale:
        return np.asarray((actual - forecast) / scale)
    return np.log(actual / np.maximum(forecast, 1e-6 * actual))
