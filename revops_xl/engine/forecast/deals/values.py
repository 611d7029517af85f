"""What a deal brings if it is won: its mean and its quartiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.engine.forecast.deals.candidates import fit, regressor
from revops_xl.engine.forecast.deals.features import FeaturePlan
from revops_xl.model.deal_model import Candidate, Family, Form
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Won deals from which a model of the value is tried.
FEWEST_WON = 50
ROUNDS = 100
#: Quantiles that are kept of the scatter around the model.
QUANTILES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])


@dataclass(frozen=True)
class Values:
    """Values if won, in currency, one entry per deal."""

    mean: Floats
    lower: Floats
    upper: Floats
    low: Floats
    high: Floats

    def or_entered(self, amount: Floats, rows: Bools) -> Values:
        """These values, and for some deals the amount as entered."""
        return Values(
            *(np.where(rows, amount, each) for each in (self.mean, self.lower, self.upper, self.low, self.high))
        )


@dataclass(frozen=True)
class ValueModel:
    """A fitted form.

    Attributes:
        form: How the value is found.
        family: What learns, where something does.
        estimator: Of the log of the value, or of the ratio; None where nothing is learned.
        level: Mean of the value, or of the ratio, in units of what the estimator says.
        fence: Values of won deals above it were cut to it; infinity: none.
        scatter: QUANTILES of log(actual) - log(mean) among deals that the model had not seen.
    """

    form: Form
    family: Family
    estimator: Any
    level: float
    fence: float
    scatter: tuple[float, ...] = (0.0,) * 5

    def mean(self, x: Floats, amount: Floats) -> Floats:
        """Expected value if won; NaN where the form needs an amount that is not there."""
        entered = np.where(amount > 0, amount, np.nan)
        match self.form:
            case Form.ENTERED:
                return entered
            case Form.SHARE:
                return entered * self.level
            case Form.OVERALL:
                return np.full(len(amount), self.level)
        if not len(x):
            return np.zeros(0)
        logs = np.clip(self.estimator.predict(x), -30, 30)
        found = np.exp(logs) * self.level
        return np.asarray(entered * found if self.form == Form.RATIO else found)

    def values(self, x: Floats, amount: Floats) -> Values:
        """Mean and quantiles; a quartile is never on the wrong side of the mean."""
        mean = self.mean(x, amount)
        low, lower, _, upper, high = (mean * np.exp(shift) for shift in self.scatter)
        return Values(mean, np.minimum(lower, mean), np.maximum(upper, mean), low, high)


def learn(
    form: Form, family: Family, plan: FeaturePlan, x: Floats, amount: Floats, won_amount: Floats, *, fence: float
) -> ValueModel:
    """Fit a form to won deals.

    Args:
        form: What is modelled.
        family: What learns.
        plan: Columns of x.
        x: Features of won deals.
        amount: By the rep.
        won_amount: What each brought, above 0.
        fence: Larger values are cut to it.
    """
    actual = np.minimum(won_amount, fence)
    with_amount = amount > 0
    if not len(actual):
        return ValueModel(
            form if form == Form.ENTERED else Form.OVERALL, family, None, 1.0 if form == Form.ENTERED else np.nan, fence
        )
    match form:
        case Form.ENTERED:
            return ValueModel(form, family, None, 1.0, fence)
        case Form.SHARE:
            return ValueModel(form, family, None, float(actual[with_amount].sum() / amount[with_amount].sum()), fence)
        case Form.OVERALL:
            return ValueModel(form, family, None, float(actual.mean()), fence)
    rows = with_amount if form == Form.RATIO else np.ones(len(amount), dtype=bool)
    base = amount if form == Form.RATIO else np.ones(len(amount))
    target = np.log(actual[rows] / base[rows])
    estimator = fit(regressor(Candidate(family, ROUNDS if family == Family.BOOSTING else 0.1), plan), x[rows], target)
    said = np.exp(np.clip(estimator.predict(x[rows]), -30, 30)) * base[rows]
    return ValueModel(form, family, estimator, float(actual[rows].sum() / said.sum()), fence)


def scatter(mean: Floats, won_amount: Floats) -> tuple[float, ...]:
    """QUANTILES of log(actual) - log(mean)."""
    known = (mean > 0) & (won_amount > 0)
    if known.sum() < 10:
        return (0.0,) * 5
    found = np.quantile(np.log(won_amount[known] / mean[known]), QUANTILES)
    return tuple(float(each) for each in found)
