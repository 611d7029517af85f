"""Whether quotas can be reached: judged against history, and against what reps earn."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.model.verdicts import USUAL_LIMITS, VERDICTS, ChanceLimits, ChanceVerdict, verdict_codes

#: Historical average / quota from which a quota is of low, medium, high risk; below the last the risk is very high.
LOW_RISK, MEDIUM_RISK, HIGH_RISK = 0.85, 0.70, 0.55
#: A plan is healthy if its history reaches so much of its quotas.
HEALTHY = (0.75, 0.85)
#: Share of reps at quota that plans are designed for (aim) and that firms report of late (median).
REPS_AIM, REPS_USUAL = (0.60, 0.70), (0.43, 0.47)


class Risk(StrEnum):
    """How far a quota is from history."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"
    NO_HISTORY = "no history"
    NO_QUOTA = "no quota"


#: Levels in the order of their codes.
RISKS = tuple(Risk)


def risk_of(attainability: float) -> Risk:
    """The level of risk of an attainability, which is historical average / quota.

    Example:
        >>> [str(risk_of(each)) for each in (0.85, 0.84, 0.55, 0.2, float("nan"))]
        ['low', 'medium', 'high', 'very high', 'no history']
    """
    if np.isnan(attainability):
        return Risk.NO_HISTORY
    for floor, risk in ((LOW_RISK, Risk.LOW), (MEDIUM_RISK, Risk.MEDIUM), (HIGH_RISK, Risk.HIGH)):
        if attainability >= floor:
            return risk
    return Risk.VERY_HIGH


@dataclass(frozen=True)
class History:
    """What ICs have reached, as far as it speaks about a plan's quota.

    Attributes:
        periods: Shape (periods, rows of the path table), the oldest first; NaN where unknown.
        columns: Their names.
        per_plan: How many periods are as long as the plan.
        months: How many months a period is long; 0 where the names do not say.
        parts: Part of the year of each period, from 0; -1 where the name does not say.
        years: Year of each period; 0 where the name does not say.
        calendar: Whose periods they are.
    """

    periods: Floats
    columns: tuple[str, ...]
    per_plan: float
    months: int = 0
    parts: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    calendar: Calendar = CALENDAR_YEAR

    @property
    def placed(self) -> bool:
        """Whether every period has its part of the year."""
        return self.months > 0 and -1 not in self.parts

    def last(self) -> Floats:
        """What each row reached in the last periods that are as long as the plan; NaN where nothing is known.

        Example:
            >>> History(np.array([[1.0, np.nan], [2.0, np.nan], [3.0, 4.0]]), ("a", "b", "c"), 2.0).last().tolist()
            [5.0, 4.0]
        """
        count = max(1, min(round(self.per_plan), len(self.periods)))
        recent = self.periods[-count:]
        return np.where(np.isnan(recent).all(axis=0), np.nan, np.nansum(recent, axis=0))

    def last_of_nodes(self, tree: OrgTree) -> Floats:
        """The same of each node, teams by their members; NaN where nobody's is known."""
        rows = self.last()
        mine, known = np.zeros(len(tree)), np.zeros(len(tree))
        of_ics = rows[tree.row[tree.is_ic]]
        mine[tree.is_ic] = np.nan_to_num(of_ics) * tree.split[tree.is_ic]
        known[tree.is_ic] = ~np.isnan(of_ics)
        return np.where(tree.roll_up(known) > 0, tree.roll_up(mine), np.nan)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """What speaks about an IC: nothing blank, and no zero before the first sale, when the seat was empty."""
        filled = ~np.isnan(self.periods)
        sold = np.maximum.accumulate(filled & (self.periods != 0), axis=0)
        return np.asarray(filled & sold)


@dataclass(frozen=True)
class BookingsOutlook:
    """What bookings say about the time of the history and the plan.

    Attributes:
        factors: Seasonal factors by part of the year, 4 or 12 of them; None: no season is known.
        season_months: Months of a part.
        first: Month of the first level, counted from January of the year 0.
        levels: Bookings a month without their season, month by month, booked and forecast.
        error: Standard error of the plan's expected bookings, as a part of them.
    """

    factors: Floats | None = None
    season_months: int = 3
    first: int = 0
    levels: Floats = field(default_factory=lambda: np.zeros(0))
    error: float = 0.0

    def level(self, month: int, months: int) -> float:
        """Mean level of some months; NaN where one is not covered.

        Example:
            >>> BookingsOutlook(first=12, levels=np.array([1.0, 3.0])).level(12, 2)
            2.0
        """
        start = month - self.first
        if start < 0 or start + months > len(self.levels):
            return float("nan")
        return float(self.levels[start : start + months].mean())

    def factor(self, month: int, months: int) -> float:
        """Mean seasonal factor of some months."""
        if self.factors is None:
            return 1.0
        part = (np.arange(month, month + months) % 12) // self.season_months
        return float(self.factors[part].mean())


@dataclass(frozen=True)
class AttainabilityRules:
    """How quotas are judged.

    Attributes:
        growth: Growth to expect over history, as a part of it; NaN: what the bookings say, else none.
        growth_error: How far growth may be off for everybody at once, as a standard deviation, where bookings do not say.
        ote_low: Quota per 1 of on-target earnings that is too little for the cost.
        ote_high: The same that is too much to ask.
        limits: Chances from which a quota is backed, ambitious, a stretch.
    """

    growth: float = float("nan")
    growth_error: float = 0.08
    ote_low: float = 4.0
    ote_high: float = 6.0
    limits: ChanceLimits = USUAL_LIMITS


@dataclass(frozen=True)
class Attainability:
    """How attainable each quota is; one entry per node, in tree order.

    Attributes:
        quota: The hedged quota.
        history: What the node has reached in the length of a plan; NaN without history.
        expected: What it is expected to reach: history and growth, or what its seat can carry; NaN if neither says.
        spread: Standard error of that, as a part of it; NaN without.
        freedom: Degrees of freedom of the t distribution around it.
        covered: Part of the quota of the ICs below that has history behind it.
        chance: Probability of reaching the quota; NaN without an expectation or a quota.
        reps_at_quota: Share of the ICs with a chance below the node that are expected at quota.
        reps: How many these are.
        ote: On-target earnings of the ICs below; NaN where none is known.
        potential: Of the ICs below, by their territories; NaN where none is known.
        own_growth: Growth that is expected of each IC over the periods it has; NaN for teams.
        present: Part of the plan in which each IC is there; NaN for teams.
        growth: What is expected over a full history.
        growth_source: Where that comes from.
        company: Whether the chance of the top node is that of the company's bookings.
        apart: What bookings let expect / what the ICs add up to, where both are so far apart that they are about other things;
            NaN else.
        limits: Chances from which a quota is backed, ambitious, a stretch.
    """

    quota: Floats
    history: Floats
    expected: Floats
    spread: Floats
    freedom: Floats
    covered: Floats
    chance: Floats
    reps_at_quota: Floats
    reps: Floats
    ote: Floats
    potential: Floats
    own_growth: Floats
    present: Floats
    growth: float
    growth_source: str
    company: bool = False
    apart: float = float("nan")
    limits: ChanceLimits = USUAL_LIMITS

    @property
    def ratio(self) -> Floats:
        """Historical average / quota; NaN where undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.quota > 0, self.history / self.quota, np.nan)

    @property
    def growth_required(self) -> Floats:
        """(Quota - history) / history; NaN where undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.history > 0, (self.quota - self.history) / self.history, np.nan)

    @property
    def ote_ratio(self) -> Floats:
        """Quota / on-target earnings; NaN where undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.ote > 0, self.quota / self.ote, np.nan)

    @property
    def verdict_code(self) -> npt.NDArray[np.int32]:
        """What each node's chance says, as an index into VERDICTS."""
        return verdict_codes(self.chance, self.quota, self.limits)

    @property
    def not_backed(self) -> npt.NDArray[np.bool_]:
        """Nodes whose chance says that the quota is not backed; an unknown chance says nothing."""
        return np.asarray(self.verdict_code == VERDICTS.index(ChanceVerdict.NOT_BACKED))

    def verdict(self, node: int) -> ChanceVerdict:
        """What one node's chance says."""
        return VERDICTS[int(self.verdict_code[node])]


@dataclass(frozen=True)
class Advice:
    """A recommendation.

    Attributes:
        node: Position in the tree; 0 for the whole plan.
        topic: What it is about.
        text: What to do, with amounts, and why.
        amount: Currency that it moves, for the order.
        changes: What the plan would be with it, by a run of its own; "" where none was made.
        aim: Amount that the node would carry then, or the target; NaN where nothing is proposed that could be run.
    """

    node: int
    topic: str
    text: str
    amount: float
    changes: str = ""
    aim: float = float("nan")


@dataclass(frozen=True)
class Driver:
    """What the plan would be with one assumption moved.

    Attributes:
        name: The assumption.
        cases: What was assumed instead: low, high.
        ic_quotas: Sum of the ICs' quotas in both cases; NaN where the plan cannot be computed.
        moved: Quota that is added, taken away or changes hands between ICs, against the plan.
        reps_at_quota: Share of reps expected at quota.
        attainability: History / quotas of the ICs.
        refused: Why a case cannot be computed; "" if it can.
    """

    name: str
    cases: tuple[str, str]
    ic_quotas: tuple[float, float]
    moved: tuple[float, float]
    reps_at_quota: tuple[float, float]
    attainability: tuple[float, float]
    refused: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Sensitivity:
    """What moves the plan.

    Attributes:
        drivers: The strongest first.
        ic_quotas: Of the plan as it stands.
        reps_at_quota: Of the plan as it stands; NaN without history.
        attainability: Of the plan as it stands; NaN without history.
    """

    drivers: tuple[Driver, ...]
    ic_quotas: float
    reps_at_quota: float
    attainability: float
