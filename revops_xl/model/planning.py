"""What quota planning starts from beside the quota plan, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from revops_xl.model.attainability import Advice, Attainability, AttainabilityRules, History, Sensitivity
from revops_xl.model.bookings import BaselineRules, Bookings, BookingsBaseline, TargetRange
from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import PeriodQuotas, Presence, Tenure
from revops_xl.model.seats import CapacityPlan, SeatCapacity, Seats
from revops_xl.model.territories import OptimisedQuotas, Territories, TerritoryPotential

#: Metrics that no column of Hierarchy holds: what they read instead.
POTENTIAL_METRIC, CAPACITY_METRIC = "Territory potential", "Effective capacity"
DERIVED = (POTENTIAL_METRIC, CAPACITY_METRIC)


@dataclass(frozen=True)
class PlanningRules:
    """Settings of quota planning.

    Attributes:
        baseline: How bookings are read.
        monthly: Quotas by month as well as by quarter.
        spread_again: Whether what ramping seats leave of the target is laid over all again.
        fairness: Cap on a territory's quota, as a multiple of the average.
        territory_total: What is laid over the territories; NaN: the base quotas of their ICs, or the target.
        attainability: How quotas are judged.
        step: How far the target is flexed in the sensitivity analysis.
        interval: Of a territory's potential.
        seed: Same seed, same folds.
    """

    baseline: BaselineRules = field(default_factory=BaselineRules)
    monthly: bool = False
    spread_again: bool = False
    fairness: float = 2.0
    territory_total: float = float("nan")
    attainability: AttainabilityRules = field(default_factory=AttainabilityRules)
    step: float = 0.1
    interval: float = 0.8
    seed: int = 1


@dataclass(frozen=True)
class PlanningInputs:
    """What planning reads; a module without inputs has None.

    Attributes:
        rules: Settings.
        period: What the plan covers; None if neither Plan start nor Period says.
        bookings: Revenue booked, period by period.
        shares: Parts of the plan's period, as entered.
        territories: What is known about territories.
        territory: Per row of the path table, the index of its territory; -1 for none.
        seats: Who sits where, since when.
        history: What ICs have reached.
        ote: On-target earnings per row; NaN where not known.
        tenure: Days of the rows; None: nobody comes, goes, moves or is away.
    """

    rules: PlanningRules
    period: PlanPeriod | None = None
    bookings: Bookings | None = None
    shares: Floats | None = None
    territories: Territories | None = None
    territory: npt.NDArray[np.int32] | None = None
    seats: Seats | None = None
    history: History | None = None
    ote: Floats | None = None
    tenure: Tenure | None = None


@dataclass(frozen=True)
class Groundwork:
    """What is known before quotas are: what the derived metrics of the cascade read.

    Attributes:
        baseline: Season and forecast of the bookings.
        target_range: What they support.
        potential: Of the territories.
        capacity: Of the seats, per row of the path table.
        row_potential: Potential of each row's part of its territory; NaN where not known.
        presence: Who is in which seat, period by period; None: everybody all the time.
    """

    baseline: BookingsBaseline | None
    target_range: TargetRange | None
    potential: TerritoryPotential | None
    capacity: SeatCapacity | None
    row_potential: Floats | None
    presence: Presence | None = None


@dataclass(frozen=True)
class PlanningOutcome:
    """Everything planning found; a module without inputs has None.

    Attributes:
        inputs: What it started from.
        ground: What was known before the quotas.
        shares: Parts of the plan's period, entered or by season; None: nothing to phase by.
        phased: Quota of every node by quarter or month, shape (nodes, periods).
        by_period: The same where seats come and go, with what is relieved and who bears it; None: nobody does.
        capacity: The target by tier and ramp.
        optimum: Quota laid over the territories.
        attainability: How attainable the quotas are.
        advice: What to do, the largest amounts first.
        sensitivity: What moves the plan.
    """

    inputs: PlanningInputs
    ground: Groundwork
    shares: Floats | None
    phased: Floats | None
    capacity: CapacityPlan | None
    optimum: OptimisedQuotas | None
    attainability: Attainability | None
    advice: tuple[Advice, ...]
    sensitivity: Sensitivity | None
    by_period: PeriodQuotas | None = None
