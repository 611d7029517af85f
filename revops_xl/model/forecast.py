"""The revenue forecast: what it assumes, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.deal_model import Parts
from revops_xl.model.deals import Ints
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.org import Bools

#: The rows of Forecast that add up quarters are called so.
YEAR = "Year"
#: Quarters that make it.
YEAR_QUARTERS = 4


class ValueBasis(StrEnum):
    """Which value of a won deal a scenario counts."""

    MEAN = "mean"
    UPPER = "upper quartile"
    LOWER = "lower quartile"


class RiskFlag(StrEnum):
    """How far the rep's probability is from the model's."""

    HIGH = "High"
    MEDIUM = "Medium"
    UPSIDE = "Upside"
    NONE = "OK"
    UNKNOWN = ""


#: What stands for drivers where nobody records losses.
IN_TIME = "how long won deals took: nobody records losses, so this is the chance within the forecast"
#: Distances of rep and model probability from which a deal is flagged.
HIGH_RISK, MEDIUM_RISK = 0.3, 0.15


@dataclass(frozen=True)
class Scenario:
    """What a scenario assumes.

    Attributes:
        name: Its name.
        conversion: Factor on win probabilities; they stay at most 1.
        basis: Value of a won deal.
        delay: Quarters that deals close later; those that are due within a quarter, in proportion.
        unseen: Factor on the unseen pipeline.
    """

    name: str
    conversion: float = 1.0
    basis: ValueBasis = ValueBasis.MEAN
    delay: float = 0.0
    unseen: float = 1.0

    def chance(self, probability: Floats) -> Floats:
        """Probability in the scenario: times its factor, at most 1; 0 where nothing is known."""
        return np.minimum(np.nan_to_num(probability) * self.conversion, 1.0)

    def in_time(self, rest: float, quarters: int) -> Floats:
        """Part of what each quarter (column) would bring that comes in each quarter (row) after the delay.

        What would come a quarter from now or later comes so many quarters later; what would come sooner is delayed in
        proportion, so that a deal which is about to close still does. Inside a quarter, time runs evenly.

        Args:
            rest: What is left of the running quarter, as a part of it.
            quarters: How many, the running one included.

        Example:
            >>> Scenario("Late", delay=1).in_time(1.0, 3).tolist()
            [[0.5, 0.0, 0.0], [0.5, 0.0, 0.0], [0.0, 1.0, 0.0]]
        """
        ends: Floats = rest + np.arange(quarters, dtype=np.float64)
        starts = np.append(0.0, ends[:-1])

        def before(at: Floats) -> Floats:
            """The time without the delay."""
            return np.maximum(at / (1 + self.delay), at - self.delay)

        overlap = np.minimum(before(ends)[:, None], ends) - np.maximum(before(starts)[:, None], starts)
        return np.asarray(np.maximum(overlap, 0.0) / (ends - starts))


#: As the field defines them; a plan can have others.
SCENARIOS = (
    Scenario("Baseline"),
    Scenario("Best", 1.2, ValueBasis.UPPER),
    Scenario("Worst", 0.8, ValueBasis.LOWER, 1),
)


@dataclass(frozen=True)
class Cohorts:
    """Pipeline that no deal stands for yet; arrays with one entry per cohort.

    Attributes:
        names: Cohorts.
        baseline: Revenue a quarter, in currency, in the first quarter of the forecast.
        growth: Growth a quarter.
        lag: Quarters from the day of the forecast until the first such revenue.
    """

    names: tuple[str, ...]
    baseline: Floats
    growth: Floats
    lag: Floats

    @classmethod
    def none(cls) -> Cohorts:
        """No unseen pipeline."""
        return cls((), np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class ForecastRules:
    """How a forecast is made.

    Attributes:
        as_of: The day the deals are looked at, in days since 1970; None: the last day on which one was created or closed.
        quarters: Quarters to forecast, the first being that of the day.
        runs: Simulated outcomes.
        seed: Of the simulation.
        interval: Chance that a quarter lies between low and high.
        opex_limit: Part of the year's forecast that may be spent.
        confidence: Chance with which the year exceeds the amount that the cautious budget counts on.
        amount_spread: Spread of what a won deal brings around its amount, where the deals do not show it.
        unseen_spread: Spread of a quarter's unseen revenue around its plan.
        keep_history: Whether what deals say is kept at every run.
        this_fiscal_year: Whether the year of the budget is the fiscal year of the day; else the next four quarters.
    """

    as_of: float | None = None
    quarters: int = 4
    runs: int = 10_000
    seed: int = 1
    interval: float = 0.8
    opex_limit: float = 0.6
    confidence: float = 0.8
    amount_spread: float = 0.2
    unseen_spread: float = 0.25
    keep_history: bool = True
    this_fiscal_year: bool = False


@dataclass(frozen=True)
class ScoredDeals:
    """The open deals with what they are worth; one entry per deal, the weightiest first. Amounts are in whole cents.

    Attributes:
        row: Position in `Deals`.
        rep_probability: By the rep; NaN where not given.
        probability: By the model, in whole hundredths of a percent; NaN where nobody says anything.
        value: Value if won: mean.
        lower: Lower quartile.
        upper: Upper quartile.
        spread: Standard deviation of the log of the value.
        rep_value: Rep probability times amount; NaN where one of them is missing.
        model_value: Probability times value; 0 where one of them is missing.
        close: Day by which half of the chance to win has come; the entered close date where days teach nothing.
        moved: Whether it was moved, or no day was entered.
        quarter: Quarter of that day, counted from that of the forecast.
        won_in: Deals x quarters: chance to be won in each quarter of the forecast, and of the year at least; what is left comes later.
        flag: Risk flag.
        drivers: Key drivers in words.
        large: Whether the deal is a mega deal.
        parts: Why each deal has its probability; None: no feature decides.
    """

    row: Ints
    rep_probability: Floats
    probability: Floats
    value: Floats
    lower: Floats
    upper: Floats
    spread: Floats
    rep_value: Floats
    model_value: Floats
    close: Floats
    moved: Bools
    quarter: Ints
    won_in: Floats
    flag: tuple[RiskFlag, ...]
    drivers: tuple[str, ...]
    large: Bools
    parts: Parts | None = None

    def __len__(self) -> int:
        return len(self.row)

    def value_in(self, first: int, stop: int) -> Floats:
        """Model value that each deal is expected to bring from one quarter of the forecast up to another, to the cent."""
        return np.asarray(to_cents(self.won_in[:, first:stop] * np.nan_to_num(self.value)[:, None]).sum(axis=1))

    def worth_in(self, scenario: Scenario) -> Floats:
        """What each deal is worth in a scenario whenever it closes, to the cent."""
        return to_cents(scenario.chance(self.probability) * np.nan_to_num(self.basis(scenario.basis)))

    def basis(self, basis: ValueBasis) -> Floats:
        """Values that a scenario counts."""
        return {ValueBasis.MEAN: self.value, ValueBasis.UPPER: self.upper, ValueBasis.LOWER: self.lower}[basis]


@dataclass(frozen=True)
class RevenueForecast:
    """Revenue by scenario and quarter, in currency; arrays of scenarios x quarters, and of scenarios for the year.

    Attributes:
        first: First quarter, counted from the first of the year 0 of its calendar.
        scenarios: Scenarios in order.
        deals: From open deals.
        unseen: From deals that do not exist yet.
        total: Both.
        low: Lower end of the interval.
        high: Upper end.
        so_far_low: Lower end of the sum from the first quarter on.
        so_far_high: Upper end.
        rest: What is left of the running quarter, as a part of it.
        year_low: Lower end for the year.
        year_high: Upper end.
        exceeded: What the year exceeds with the confidence of the rules.
        calendar: Whose quarters they are.
        year_quarters: How many of the quarters the year has that budgets go by.
        fiscal_year: Whether that is the fiscal year of the day; else the next four quarters.
        won_before: What was won in that year up to the day, where it began before.
    """

    first: int
    scenarios: tuple[Scenario, ...]
    deals: Floats
    unseen: Floats
    total: Floats
    low: Floats
    high: Floats
    so_far_low: Floats
    so_far_high: Floats
    rest: float
    year_low: Floats
    year_high: Floats
    exceeded: Floats
    calendar: Calendar = CALENDAR_YEAR
    year_quarters: int = YEAR_QUARTERS
    fiscal_year: bool = False
    won_before: float = 0.0

    @property
    def year_span(self) -> tuple[int, int]:
        """First quarter of the year that budgets go by, and how many it has."""
        return (self.first - self.first % 4, 4) if self.fiscal_year else (self.first, self.year_quarters)

    @property
    def quarter_names(self) -> tuple[str, ...]:
        """The quarters as people write them."""
        return tuple(self.calendar.quarter_name(self.first + i) for i in range(self.total.shape[1]))

    def year(self, layer: Floats) -> Floats:
        """The year of a layer: what was won in it already, and its quarters to come."""
        return np.asarray(np.round(self.won_before + layer[:, : self.year_quarters].sum(axis=1), 2))

    @property
    def baseline(self) -> int:
        """Position of the scenario that budgets and managers go by: Baseline, else the first."""
        names = [scenario.name.casefold() for scenario in self.scenarios]
        return names.index("baseline") if "baseline" in names else 0


@dataclass(frozen=True)
class Correlation:
    """How strongly outcomes hang together: parts of the variance on the scale of the latent normal variable.

    Attributes:
        market: Shared by all deals.
        region: Shared, beyond that, by deals of a region.
        account: Shared, beyond that, by deals of an account.
    """

    market: float = 0.02
    region: float = 0.05
    account: float = 0.1


@dataclass(frozen=True)
class NodeForecast:
    """What reps and model say, added up along the org; one entry per node that has deals, parents first.

    Attributes:
        node: Position in the tree; -1: reps who are not in it.
        count: Open deals.
        rep_value: Rep probability times amount.
        model_value: Model probability times value.
        delta: Rep less model, over the deals that have a rep expected value.
        this_quarter: Of the model value, deals expected to close in the running quarter.
        won: What was won already in the running quarter.
        allocation: Part of the safe OpEx, by the model value of the deals due in the year.
    """

    node: npt.NDArray[np.int64]
    count: Floats
    rep_value: Floats
    model_value: Floats
    delta: Floats
    this_quarter: Floats
    won: Floats
    allocation: Floats
