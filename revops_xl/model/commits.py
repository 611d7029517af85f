"""Commits, what became of them, and what a review makes of both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.codes import Int32s
from revops_xl.model.money import Floats


class Bias(StrEnum):
    """What a bias quotient says about a manager."""

    SANDBAGGER = "sandbagger"
    NEUTRAL = "neutral"
    HAPPY_EARS = "happy ears"
    UNCLEAR = "not clear yet"
    NO_HISTORY = "no history"


@dataclass(frozen=True)
class CommitHistory:
    """Commits of past periods; one entry per manager and period.

    Attributes:
        managers: Distinct names, in code-point order.
        periods: Distinct periods, the oldest first.
        times: When each of them begins, counted in periods.
        manager: Index into managers.
        period: Index into periods.
        commit: In currency, 0 or more.
        actual: What was closed, in currency; NaN while the period is open.
        machine: Machine forecast of the time; NaN where there was none; None: none at all.
    """

    managers: tuple[str, ...]
    periods: tuple[str, ...]
    times: tuple[float, ...]
    manager: Int32s
    period: Int32s
    commit: Floats
    actual: Floats
    machine: Floats | None = None


@dataclass(frozen=True)
class CurrentCommits:
    """Commits of the running period; one entry per manager, in code-point order.

    Attributes:
        managers: Names, each once.
        commit: In currency, 0 or more.
        machine: Machine forecast in currency; NaN where there is none.
    """

    managers: tuple[str, ...]
    commit: Floats
    machine: Floats


@dataclass(frozen=True)
class CommitRules:
    """How commits are judged.

    Attributes:
        neutral_band: A quotient within 1 plus or minus this is neutral.
        machine_weight: Weight of the machine forecast in a blended forecast, 0 to 1; None: learned from past ones, else one half.
        shrinkage: None: quotients are drawn together across managers. Periods of unbiased commits to add to each history; 0: the plain ratio.
        interval: Confidence of the interval, 0 to below 1; 0: no interval.
        seed: Seed of the bootstrap.
    """

    neutral_band: float = 0.1
    machine_weight: float | None = None
    shrinkage: float | None = None
    interval: float = 0.8
    seed: int = 1


@dataclass(frozen=True)
class BiasQuotients:
    """What the history says about each manager; arrays with one entry per manager.

    Attributes:
        managers: Names, in code-point order.
        periods: Closed periods.
        commit: Sum of the commits of the closed periods, in currency.
        actual: Sum of the actuals, in currency.
        plain: Actual / commit; NaN where nothing was committed in a closed period.
        quotient: The same, drawn together or shrunk if the rules say so; without a commit the mean of all, else 1.
        low: Lower end of its interval; of the plain quotient where quotients are not drawn together, from three closed periods.
        high: Upper end.
        weight: Part of the difference from the mean of all that counts; NaN where quotients are not drawn together.
        mean: What they are drawn to; NaN where they are not.
        trend: Change of the quotient per period; NaN with fewer than three periods that have a commit.
        label: What the quotient says.
    """

    managers: tuple[str, ...]
    periods: npt.NDArray[np.int64]
    commit: Floats
    actual: Floats
    plain: Floats
    quotient: Floats
    low: Floats
    high: Floats
    trend: Floats
    label: tuple[Bias, ...]
    weight: Floats
    mean: float

    @property
    def drawn(self) -> bool:
        """Whether quotients are drawn together across managers."""
        return not np.isnan(self.mean)


@dataclass(frozen=True)
class CommitReview:
    """Every manager of the history and of the current commits; arrays with one entry per manager.

    Attributes:
        bias: What the history says.
        commit: Current commit, in currency; NaN where there is none.
        adjusted: Commit times quotient, to the cent.
        machine: Machine forecast; NaN where there is none.
        blended: Adjusted commit and machine forecast by weight, to the cent; the adjusted commit where there is no
            machine forecast; NaN without a commit.
        weight: Weight of the machine forecast.
        learned_from: Past machine forecasts that the weight was learned from; 0: it was not learned.
    """

    bias: BiasQuotients
    commit: Floats
    adjusted: Floats
    machine: Floats
    blended: Floats
    weight: float = 0.5
    learned_from: int = 0


@dataclass(frozen=True)
class CommitRollUp:
    """Commits added up along the org tree; one entry per node that has a commit or one below.

    Attributes:
        node: Position in the tree, parents first.
        commit: In currency.
        adjusted: Adjusted commits, in currency.
        forecast: Blended forecasts.
        own: The node's own adjusted commit; NaN where it has none.
        own_forecast: The node's own blended forecast; NaN where it has none.
        counted: How many nodes right below are counted; 0 where the own commit is.
        committed: How many nodes right below are complete: with a commit of their own, or of all below them.
        expected: How many nodes right below should have one.
    """

    node: npt.NDArray[np.int64]
    commit: Floats
    adjusted: Floats
    forecast: Floats
    own: Floats
    own_forecast: Floats
    counted: npt.NDArray[np.int64]
    committed: npt.NDArray[np.int64]
    expected: npt.NDArray[np.int64]
