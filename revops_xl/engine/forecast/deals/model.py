"""A fitted deal model, and the scores it gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from revops_xl.engine.forecast.deals.calibration import Calibration
from revops_xl.engine.forecast.deals.candidates import probability
from revops_xl.engine.forecast.deals.features import AGE, AMOUNT, FeaturePlan, matrix
from revops_xl.engine.forecast.deals.snapshots import dated
from revops_xl.engine.forecast.deals.values import ValueModel, Values
from revops_xl.engine.forecast.timing import Timing, by_age
from revops_xl.model.deal_model import Candidate, ColumnUse, Form, ModelSummary, Standing, Treatment, Use, ValueStanding
from revops_xl.model.deals import Deals, Ints
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

if TYPE_CHECKING:
    from revops_xl.engine.forecast.deals.open_level import OpenLevel
    from revops_xl.engine.forecast.deals.past_quarters import PastQuarter

NO_CORRECTION = Calibration(Treatment.NONE, (0.0, 0.0, 0.0, 0.0), 0.0, 1.0, float("inf"))
#: Quantiles of a normal distribution: 10, 25, 50, 75 and 90 %.
NORMAL = np.array([-1.2815515655446004, -0.6744897501960817, 0.0, 0.6744897501960817, 1.2815515655446004])


_NAMES = ("row", "fold", "probability", "value", "blank_value")
#: Width of a normal distribution between its 10 % and its 90 % quantile, in standard deviations.
OUTER = 2.5631031310892007


@dataclass(frozen=True)
class Tried:
    """Deals that were forecast by models that had not seen them, in the order of time; one entry per deal.

    Attributes:
        row: Position of the deal, in the order of `Deals.in_order`.
        fold: Number of its fold, growing with time.
        probability: Chance to win.
        value: Expected value if won.
        blank_value: The same without a look at the amount.
    """

    row: Ints
    fold: Floats
    probability: Floats
    value: Floats
    blank_value: Floats

    @classmethod
    def of(cls, row: Ints, fold: float | Floats, said: Floats) -> Tried:
        """Without values yet."""
        blank = np.full(len(row), np.nan)
        return cls(row, np.broadcast_to(fold, row.shape).astype(np.float64), said, blank, blank)

    @classmethod
    def none(cls) -> Tried:
        """Nothing was tried."""
        return cls.of(np.zeros(0, dtype=np.int64), 0.0, np.zeros(0))

    def take(self, rows: Bools) -> Tried:
        """Some of the deals."""
        return Tried(*(getattr(self, name)[rows] for name in _NAMES))

    def with_values(self, value: Floats, blank_value: Floats) -> Tried:
        """With values if won."""
        return replace(self, value=value, blank_value=blank_value)

    def corrected(self, correction: Calibration) -> Tried:
        """With corrected probabilities."""
        return replace(self, probability=correction.apply(self.probability, self.value))

    def and_then(self, later: Tried) -> Tried:
        """Followed by later deals."""
        return Tried(*(np.concatenate([getattr(self, name), getattr(later, name)]) for name in _NAMES))


@dataclass(frozen=True)
class FittedDealModel:
    """A fitted model.

    Attributes:
        plan: Columns it reads.
        columns: What became of every entered column.
        candidate: What won the comparison.
        classifier: The fitted estimator.
        calibration: The correction of its probabilities.
        value: Value if won.
        blank_value: The same for deals without an amount; None: it needs none.
        standings: All candidates, the simplest first.
        value_standings: Forms of the value, the best first.
        tried: Every deal of validation and hold-out, with the final correction.
        held_out: The last deals, forecast by what was known before them alone; None: too few.
        covered: Part of the last won deals whose value lay between the outer quantiles; NaN if not modelled.
        rate: Part of the closed deals that was won.
        closed: How many closed deals.
        as_of: The day of the fit.
        has_won_amounts: Whether what won deals brought stood in a column of its own.
        level: What puts chances on the level of open deals; None: the days of the deals cannot show it.
        past: Past quarters, forecast by what was known before them.
        miss: How far a quarter may miss beyond luck: the standard deviation of its log.
    """

    plan: FeaturePlan
    columns: tuple[ColumnUse, ...]
    candidate: Candidate
    classifier: Any
    calibration: Calibration
    value: ValueModel
    blank_value: ValueModel | None
    standings: tuple[Standing, ...]
    value_standings: tuple[ValueStanding, ...]
    tried: Tried
    held_out: Tried | None
    covered: float
    rate: float
    closed: int
    as_of: float
    has_won_amounts: bool
    level: OpenLevel | None = None
    past: tuple[PastQuarter, ...] = ()
    miss: float = 0.0

    @property
    def leaks(self) -> tuple[ColumnUse, ...]:
        """Columns that were left out because they know the outcome."""
        return tuple(column for column in self.columns if column.use == Use.LEAK)

    @property
    def amount_counts(self) -> bool:
        """Whether the amount may be used."""
        return all(column.name != AMOUNT for column in self.leaks)

    @property
    def summary(self) -> ModelSummary:
        """The model in words and figures."""
        return ModelSummary(
            self.candidate,
            self.standings,
            self.calibration.treatment,
            self.value.form,
            self.value_standings,
            self.columns,
            self.closed,
            self.rate,
            self.calibration.fence,
            self.level is not None,
            (self.level.rates.at_first, self.level.rates.lately) if self.level is not None else (np.nan, np.nan),
        )

    def features(self, deals: Deals, past: Deals, at: float) -> Floats:
        """Features of deals as they stand on a day."""
        return matrix(self.plan, deals, np.full(len(deals), at), dated(past))

    def chance(self, x: Floats) -> Floats:
        """Corrected chance to win, from the features alone."""
        sized = self.calibration.treatment in {Treatment.SIZE, Treatment.APART}
        sized |= self.level is not None and self.level.order.size != 0
        value = self.worth(x) if sized else np.full(len(x), np.nan)
        found = self.calibration.apply(probability(self.classifier, x), value)
        if self.level is None:
            return found
        # the day of the forecast is over: what it brought is known
        return self.level.ever(found, x[:, self.plan.names.index(AGE)] + 1, value)

    def timing(self, x: Floats, deals: Deals, chance: Floats, as_of: float, quarters: int) -> Timing | None:
        """When deals are won, by their ages and close dates; None where days teach nothing."""
        if self.level is None:
            return None
        age = self.level.age_of(x[:, self.plan.names.index(AGE)] + 1)
        return by_age(deals, self.level.rates, age, chance, as_of, quarters)

    def worth(self, x: Floats) -> Floats:
        """Expected value if won, from the features alone."""
        place = self.plan.names.index(AMOUNT) if AMOUNT in self.plan.names else -1
        return self._mean(x, x[:, place] if place >= 0 else np.full(len(x), np.nan))

    def _blind(self, x: Floats) -> Floats:
        """Features without the amount, where it is what the model of the value says."""
        if self.has_won_amounts or AMOUNT not in self.plan.names:
            return x
        blind = x.copy()
        blind[:, self.plan.names.index(AMOUNT)] = np.nan
        return blind

    def _mean(self, x: Floats, amount: Floats) -> Floats:
        """Expected value if won."""
        blind = self._blind(x)
        found = self.value.mean(blind, amount)
        if self.blank_value is None:
            return found
        return np.where(np.isnan(found), self.blank_value.mean(blind, amount), found)

    def values(self, x: Floats, deals: Deals, amount_spread: float) -> Values:
        """Value if won; where the amount is missing it comes from the features.

        Args:
            x: Features.
            deals: The deals.
            amount_spread: Spread of won amount / amount where the data do not show it: the standard deviation of its log.
        """
        amount = deals.amount if self.amount_counts else np.full(len(deals), np.nan)
        blind = self._blind(x)
        model = self.value
        if model.form == Form.ENTERED:
            model = replace(model, scatter=tuple((NORMAL * amount_spread).tolist()))
        found = model.values(blind, amount)
        if self.blank_value is None:
            return found
        other = self.blank_value.values(blind, amount)
        return Values(
            *(
                np.where(np.isnan(ours), theirs, ours)
                for ours, theirs in zip(
                    (found.mean, found.lower, found.upper, found.low, found.high),
                    (other.mean, other.lower, other.upper, other.low, other.high),
                    strict=True,
                )
            )
        )
