"""What is known about a deal model: how it was chosen, what it reads, how well it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from revops_xl.model.money import Floats


class Family(StrEnum):
    """What learns the chance to win, the simplest first."""

    BASE = "base rate"
    STAGES = "win rate by stage"
    LOGISTIC = "logistic regression"
    BLEND = "boosting and logistic regression"
    BOOSTING = "gradient boosting"


@dataclass(frozen=True)
class Candidate:
    """A family with the strength that is to be tried.

    Attributes:
        family: What learns.
        strength: Inverse penalty of the logistic regression, rounds of boosting, trees; 0 for the others.
    """

    family: Family
    strength: float = 0.0

    def __str__(self) -> str:
        match self.family:
            case Family.LOGISTIC:
                return f"{self.family} (C = {self.strength:g})"
            case Family.BOOSTING | Family.BLEND:
                return f"{self.family} ({self.strength:.0f} rounds)"
            case _:
                return str(self.family)


@dataclass(frozen=True)
class Standing:
    """How a candidate did in validation: its mean log-loss, NaN if it was not tried or there was too little to judge by."""

    candidate: Candidate
    loss: float
    chosen: bool
    why_not: str = ""


class Treatment(StrEnum):
    """How probabilities are corrected."""

    NONE = "none"
    COUNTS = "level and spread"
    SIZE = "level, spread and size of the deal"
    APART = "level, spread, size, and large deals apart"


class Form(StrEnum):
    """How the value of a deal is found."""

    ENTERED = "the amount as entered"
    SHARE = "a fixed part of the amount"
    RATIO = "a model of won amount / amount"
    LOG = "a model of the won amount"
    OVERALL = "the mean of won deals"


@dataclass(frozen=True)
class ValueStanding:
    """How a form of the value did in validation.

    Attributes:
        form: The form.
        family: What learns.
        capped: Whether large values were cut to the fence while learning.
        error: Root mean square error in currency, values cut to the fence.
        bias: Mean over the folds of predicted / actual - 1.
        chosen: Whether it is the one.
    """

    form: Form
    family: Family
    capped: bool
    error: float
    bias: float
    chosen: bool


class Use(StrEnum):
    """What becomes of a column."""

    USED = "used"
    LEAK = "left out: leak"
    USELESS = "left out: nothing to learn"
    APART = "left out: a second opinion is wanted"


@dataclass(frozen=True)
class ColumnUse:
    """What was found out about a column.

    Attributes:
        name: Its header.
        use: What becomes of it.
        why: The reason, in a sentence; for a column that is used, how well it orders deals alone.
        auc: Part of pairs of a won and a lost deal that it orders rightly alone; NaN where not asked.
        changes: Whether it seems to change while a deal is open, of which closed deals show only the last value.
    """

    name: str
    use: Use
    why: str
    auc: float = np.nan
    changes: bool = False


@dataclass(frozen=True)
class Effect:
    """What a feature does over all open deals.

    Attributes:
        name: The feature.
        points: Mean size of its part in a probability, in percentage points.
        direction: 1: more of it, or TRUE, makes winning likelier; -1: less likely; 0: neither, or not a number.
    """

    name: str
    points: float
    direction: int


#: Wins from which forecast and actual are set against each other.
ENOUGH_WINS = 10


@dataclass(frozen=True)
class Quality:
    """Figures of one forecaster over the same deals; NaN where undefined.

    Attributes:
        deals: How many deals it speaks of.
        log_loss: Mean of minus the log of the probability of what happened.
        brier: Mean squared error of the probability.
        auc: Part of the pairs of a won and a lost deal ordered rightly.
        calibration_error: Mean distance of probability and win rate over ten groups of equal size.
        calibration_noise: How large that distance is by chance alone, if the probabilities are right.
        predicted: Probability times value, added up, in currency.
        actual: What the won deals brought.
        wins: Wins that came or that were expected, whichever are more.
    """

    deals: int
    log_loss: float
    brier: float
    auc: float
    calibration_error: float
    calibration_noise: float
    predicted: float
    actual: float
    wins: float

    @property
    def dollar_bias(self) -> float:
        """Predicted / actual - 1; positive: too much was forecast. NaN where fewer than ten wins speak, or nothing came."""
        return self.predicted / self.actual - 1 if self.actual > 0 and self.wins >= ENOUGH_WINS else float("nan")


@dataclass(frozen=True)
class Bin:
    """Deals of nearly the same probability, with the bounds between which their win rate lies by chance."""

    deals: int
    predicted: float
    actual: float
    low: float
    high: float


@dataclass(frozen=True)
class ReportPart:
    """Dollars of one quarter or region of the hold-out, with the interval that the probabilities imply; None: what reps said was not kept."""

    kind: str
    name: str
    deals: int
    predicted: float
    actual: float
    low: float
    high: float
    reps: float | None = None

    @property
    def inside(self) -> bool:
        """Whether what happened lies in the interval."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True)
class Report:
    """How well a model did on the last deals, which it had not seen.

    Attributes:
        model: Its figures.
        base: Those of the base rate on the same deals, at the values of the model.
        reps: Those of the reps' own probabilities and amounts, on the deals that have some; None: no such deals, or they know the outcome.
        bins: Reliability.
        parts: Dollars by quarter and by region.
        covered: Part of the quarters and regions whose actual dollars lie in their interval; NaN without any.
        values_covered: Part of the won deals whose value lies between the 10 % and the 90 % quantile; NaN if not modelled.
        since: First day of the hold-out, in days since 1970.
        past_quarters: How many past quarters were forecast from their first day; 0: the last closed deals were, without the open ones.
    """

    model: Quality
    base: Quality
    reps: Quality | None
    bins: tuple[Bin, ...]
    parts: tuple[ReportPart, ...]
    covered: float
    values_covered: float
    since: float
    past_quarters: int = 0


@dataclass(frozen=True)
class ModelSummary:
    """A fitted model in words and figures.

    Attributes:
        candidate: What won the comparison.
        standings: All families, the simplest first.
        treatment: How its probabilities are corrected.
        form: How the value is found.
        value_standings: Forms of the value, the best first.
        columns: What became of every entered column.
        closed: Closed deals it learned from.
        rate: Part of them that was won.
        fence: Value from which a deal is a mega deal.
        levelled: Whether chances are on the level that deals of each age have shown, open ones counted.
        win_rates: Part of new deals that is won by the rates of the first year, and of the last; NaN where there is too little.
    """

    candidate: Candidate
    standings: tuple[Standing, ...]
    treatment: Treatment
    form: Form
    value_standings: tuple[ValueStanding, ...]
    columns: tuple[ColumnUse, ...]
    closed: int
    rate: float
    fence: float
    levelled: bool = False
    win_rates: tuple[float, float] = (np.nan, np.nan)

    @property
    def leaks(self) -> tuple[ColumnUse, ...]:
        """Columns that were left out because they know the outcome."""
        return tuple(column for column in self.columns if column.use == Use.LEAK)

    @property
    def is_learned(self) -> bool:
        """Whether features of the deals decide."""
        return self.candidate.family in {Family.LOGISTIC, Family.BOOSTING, Family.BLEND}


@dataclass(frozen=True)
class Parts:
    """Why each scored deal has its probability.

    Attributes:
        names: Features.
        texts: Per deal, what each feature is, in words.
        points: One row per deal, one column per feature: its part, from -1 to 1; a row adds up to probability - usual.
        usual: Probability of the usual deal.
    """

    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    points: Floats
    usual: float
