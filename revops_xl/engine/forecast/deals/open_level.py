"""Chances of open deals: as many wins as deals of their age have shown, ordered by what closed deals teach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.engine.forecast.deals.ages import AgeRates
from revops_xl.model.money import Floats

#: Deals of like age that are levelled together, at least, and most groups.
PER_GROUP, MOST_GROUPS = 40, 12
HIGHEST = 0.999


@dataclass(frozen=True)
class Order:
    """How far the order of the deals by the closed ones' model holds among open deals.

    Attributes:
        slope: What its log odds are multiplied by.
        size: What a standard deviation of the log value adds to the log odds.
        middle: Mean log value.
        scale: Standard deviation of the log values.
    """

    slope: float = 1.0
    size: float = 0.0
    middle: float = 0.0
    scale: float = 1.0

    def odds(self, probability: Floats, value: Floats) -> Floats:
        """Log odds without their level; a deal without a value counts as one of middle size."""
        return np.asarray(self.slope * log_odds(probability) + self.size * self.standard(value))

    def standard(self, value: Floats) -> Floats:
        """Values as standard deviations of their logs."""
        known = value > 0
        logs = np.log(np.where(known, value, 1.0))
        return np.where(known, np.clip((logs - self.middle) / self.scale, -3, 3), 0.0)


@dataclass(frozen=True)
class OpenLevel:
    """Puts probabilities that were learned from closed deals on the level that open deals have.

    Attributes:
        rates: Chances by age.
        ages: First age of each group but the first.
        shift: What is added to the log odds in each group.
        order: How far the model's order counts.
        level: Log of what came / what was said, by past quarters.
        usual_age: Age that stands for one that is not known.
    """

    rates: AgeRates
    ages: Floats
    shift: Floats
    order: Order
    level: float
    usual_age: float

    def ever(self, probability: Floats, age: Floats, value: Floats) -> Floats:
        """Chance to be won within two years.

        Args:
            probability: By the model of closed deals.
            age: Days since creation; NaN: not known.
            value: If won; NaN: not known.
        """
        known = self.age_of(age)
        odds = log_odds(self.rates.ever(known)) + self.order.odds(probability, value)
        odds += self.shift[np.searchsorted(self.ages, known, side="right")]
        return np.asarray(np.minimum(np.exp(self.level) / (1 + np.exp(-odds)), HIGHEST))

    def age_of(self, age: Floats) -> Floats:
        """Ages, the usual one where it is not known."""
        return np.where(np.isnan(age), self.usual_age, age)

    def within(self, probability: Floats, age: Floats, value: Floats, days: float) -> Floats:
        """Chance to be won in the days that follow."""
        known = self.age_of(age)
        part = self.rates.within(known, days) / np.maximum(self.rates.ever(known), 1e-12)
        return np.asarray(self.ever(probability, age, value) * part)


def fit_level(
    rates: AgeRates, probability: Floats, age: Floats, value: Floats, order: Order, level: float = 0.0
) -> OpenLevel:
    """Find the shifts with which the deals of each group have the wins that their ages say.

    Args:
        rates: Chances by age.
        probability: By the model of closed deals, of deals that are open.
        age: Their ages.
        value: Their values.
        order: How far the model's order counts.
        level: Log of came / said in the past.
    """
    known = ~np.isnan(age)
    age = age[known]
    count = int(np.clip(len(age) // PER_GROUP, 1, MOST_GROUPS))
    ages = np.unique(np.quantile(age, np.linspace(0, 1, count + 1)[1:-1])) if count > 1 else np.zeros(0)
    group = np.searchsorted(ages, age, side="right")
    base = rates.ever(age)
    odds = log_odds(base) + order.odds(probability[known], value[known])
    shift = np.array([_shift(odds[group == g], float(base[group == g].sum())) for g in range(len(ages) + 1)])
    return OpenLevel(rates, ages, shift, order, level, float(np.median(age)) if len(age) else 0.0)


def _shift(odds: Floats, wins: float) -> float:
    """What must be added to log odds so that the chances add up to the wins."""
    if not len(odds):
        return 0.0
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-np.clip(odds + middle, -700, 700)))).sum() < wins:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def log_odds(probability: Floats) -> Floats:
    """Log of p / (1 - p)."""
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))
