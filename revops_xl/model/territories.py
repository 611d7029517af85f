"""Territories: what is known about them, what they could bring, and how quota can be laid over them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from revops_xl.model.money import Floats

#: What a model of potential reads, in order.
FEATURES = (
    "Historical revenue",
    "Market size",
    "Account count",
    "Competition density",
    "Rep tenure",
    "Industry growth",
)
#: Territories with a known achievement that a linear model, and a forest, need at least.
LINEAR_FROM, FOREST_FROM = 12, 30


@dataclass(frozen=True)
class Territories:
    """One entry per territory.

    Attributes:
        names: As in Hierarchy.
        features: Shape (territories, FEATURES); NaN where not known.
        actual: Revenue reached, which a model learns from; NaN where not known.
        conversion: Part of the pipeline that is won; NaN where not known.
        utilization: Part of the capacity in use; NaN where not known.
        minimum: Least the territory must carry; NaN: nothing.
        maximum: Most it can carry; NaN: anything.
        maturity: 1 for a developed territory.
        cells: Sheet, and the cells of minimum and maximum, for messages.
    """

    names: tuple[str, ...]
    features: Floats
    actual: Floats
    conversion: Floats
    utilization: Floats
    minimum: Floats
    maximum: Floats
    maturity: Floats
    cells: tuple[tuple[str, str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def history(self) -> Floats:
        """Revenue of the last year."""
        return np.asarray(self.features[:, 0])


class PotentialModel(StrEnum):
    """What says the potential."""

    RATIO = "history × mean ratio"
    LINEAR = "linear"
    LOG_LINEAR = "linear in logarithms"
    FOREST = "forest"
    HISTORY = "historical revenue"


@dataclass(frozen=True)
class FeatureEffect:
    """What a column says about the potential.

    Attributes:
        name: The column.
        importance: Error that shuffling it adds, as a part of the variance of what was reached; 0 or more.
        effect: Change of the potential from its lower to its upper quartile, all else equal, in currency.
    """

    name: str
    importance: float
    effect: float

    @property
    def direction(self) -> str:
        """Which way it pulls."""
        return "" if not self.importance or not self.effect else "more" if self.effect > 0 else "less"


@dataclass(frozen=True)
class PotentialTrial:
    """How a model did on territories it had not seen.

    Attributes:
        model: Which one.
        error: Root mean square error in currency.
        explained: 1 - squared error / variance: 1 is perfect, 0 no better than the mean.
        chosen: Whether the potential is its.
    """

    model: PotentialModel
    error: float
    explained: float
    chosen: bool


@dataclass(frozen=True)
class TerritoryPotential:
    """What territories could bring in a year; one entry per territory.

    Attributes:
        territories: What is known about them.
        value: Expected achievement; NaN where nothing is known.
        low: Lower end of its prediction interval; NaN without one.
        high: Upper end.
        trials: Models tried, the best first; none where there are too few territories.
        effects: What the columns say, the strongest first.
        learned_from: Territories with a known achievement.
        filled_in: Blank cells of columns that were taken as the column's median.
        reason: Why the model is a simpler one; "" if it is not.
    """

    territories: Territories
    value: Floats
    low: Floats
    high: Floats
    trials: tuple[PotentialTrial, ...]
    effects: tuple[FeatureEffect, ...]
    learned_from: int
    filled_in: int
    reason: str

    @property
    def model(self) -> PotentialModel:
        """What the values come from."""
        return next((trial.model for trial in self.trials if trial.chosen), PotentialModel.HISTORY)


class Alternative(StrEnum):
    """What an allocation is best at."""

    REVENUE = "Most expected revenue"
    LEAST_CHANGE = "Least change"
    FAIREST = "Highest attainability"
    SMOOTHEST = "Smoothest growth"


@dataclass(frozen=True)
class Allocation:
    """Quota by territory under one alternative, in currency; adds up to the total.

    Attributes:
        alternative: What it is best at.
        quota: Per territory.
        expected: Sum of quota x conversion x utilization.
    """

    alternative: Alternative
    quota: Floats
    expected: float


@dataclass(frozen=True)
class ShadowPrice:
    """What moving a limit a step would change.

    Attributes:
        limit: "Max quota", "Min quota", "Fairness cap" or "Total".
        territory: Index; -1 for the total and the fairness cap.
        step: By how much the limit is moved, in currency: up for a most, down for a least.
        gain: What that adds to the expected revenue; below 0 if it takes away.
        marginal: Gain for each 1 of the step.
    """

    limit: str
    territory: int
    step: float
    gain: float
    marginal: float


@dataclass(frozen=True)
class OptimisedQuotas:
    """Quota laid over territories.

    Attributes:
        territories: What is known about them.
        present: Base quota of the ICs in each; NaN where Hierarchy assigns none.
        potential: What each could bring in the length of the plan; NaN where not known.
        history: Revenue of the last year, in the length of the plan.
        low: Least each must carry.
        high: Most each can carry, the fairness cap included.
        cap: The fairness cap in currency.
        total: What is laid over them.
        allocations: The alternatives that could be computed.
        prices: What moving limits would change, the dearest first.
        left_out: Alternatives that could not, with the reason.
    """

    territories: Territories
    present: Floats
    potential: Floats
    history: Floats
    low: Floats
    high: Floats
    cap: float
    total: float
    allocations: tuple[Allocation, ...]
    prices: tuple[ShadowPrice, ...]
    left_out: tuple[tuple[Alternative, str], ...]
