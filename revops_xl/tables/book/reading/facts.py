"""What the pages for readers start from: the plan in figures that several of them use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from revops_xl.model.bookings import TargetRange
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.model.pipeline import Status
from revops_xl.model.verdicts import ChanceVerdict, Level, level_of
from revops_xl.tables.book.reading.scale import Scale

#: Growth that is asked of somebody from which it is worth a word, and from which it is much.
ASKED, ASKED_MUCH = 0.25, 0.5
#: Months between January 1970 and January of the year 0.


@dataclass(frozen=True)
class Chance:
    """Whether the target is reached.

    Attributes:
        chance: Probability.
        verdict: What it says.
        expected: What is expected.
        source: What it rests on, in words.
        low: Lower end of what is expected; NaN where not known.
        high: Upper end.
    """

    chance: float
    verdict: ChanceVerdict
    expected: float
    source: str
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class YearForecast:
    """The forecast of revenue as it stands beside the target.

    Attributes:
        total: Of the Baseline.
        low: Lower end of its interval.
        high: Upper end.
        interval: Chance that it lies between them.
        best: Of the best scenario.
        safe: What may be spent at any rate.
        plain: What may be spent by the plain rule.
        span: The quarters, in words.
        comparable: Whether it covers the very time of the target, and new business as well as deals.
        why_not: If not, why, in words.
    """

    total: float
    low: float
    high: float
    interval: float
    best: float
    safe: float
    plain: float
    span: str
    comparable: bool
    why_not: str


@dataclass(frozen=True)
class Facts:
    """An outcome, read for people.

    Attributes:
        outcome: Everything that was computed.
        failed: Names of checks that failed or alarmed.
        to_look_at: How many checks warn, alarm or fail.
    """

    outcome: Outcome
    failed: tuple[str, ...] = ()
    to_look_at: int = 0

    @cached_property
    def target(self) -> float:
        """The target."""
        return self.outcome.quotas.inputs.target

    @cached_property
    def scale(self) -> Scale:
        """The unit of the page."""
        return Scale.of(self.target)

    @property
    def tree(self) -> OrgTree:
        """The org."""
        return self.outcome.quotas.inputs.tree

    @cached_property
    def carried(self) -> float:
        """What the reps carry, with hedges."""
        plan = self.outcome.quotas
        return float(np.round(plan.quota[self.tree.is_ic].sum(), 2))

    @property
    def over_assigned(self) -> float:
        """Carried / target - 1."""
        return self.carried / self.target - 1

    @cached_property
    def reps(self) -> int:
        """People with a quota."""
        tree, quota = self.tree, self.outcome.quotas.quota
        return len(set(tree.names[tree.is_ic & (quota > 0)].tolist()))

    @cached_property
    def spoken(self) -> TargetRange | None:
        """What bookings say of the target, where they cover its time and are about the same."""
        planning = self.outcome.planning
        spoken, judged = planning.ground.target_range, planning.attainability
        if spoken is None or not spoken.complete:
            return None
        return spoken if judged is None or judged.company else None

    @cached_property
    def chance(self) -> Chance | None:
        """The one chance of the target; None: nothing to tell by."""
        judged, spoken = self.outcome.planning.attainability, self.spoken
        if judged is not None and not np.isnan(judged.chance[0]):
            if spoken is not None:
                return Chance(
                    float(judged.chance[0]),
                    judged.verdict(0),
                    spoken.expected,
                    "past bookings",
                    spoken.low,
                    spoken.high,
                )
            return Chance(float(judged.chance[0]), judged.verdict(0), float(judged.expected[0]), "the reps' history")
        if spoken is not None:
            return Chance(spoken.chance, spoken.verdict, spoken.expected, "past bookings", spoken.low, spoken.high)
        return None

    @cached_property
    def last_year(self) -> float:
        """What was sold in the length of the plan before; NaN where not known."""
        spoken = self.outcome.planning.ground.target_range
        if spoken is not None and spoken.last > 0:
            return spoken.last
        if self.history is not None and self.history[0] > 0:
            return float(self.history[0])
        return float("nan")

    @cached_property
    def history(self) -> Floats | None:
        """What each node reached in the length of the plan before; None: no history."""
        past = self.outcome.planning.inputs.history
        found = None if past is None else past.last_of_nodes(self.tree)
        return None if found is None or not np.nansum(found) > 0 else found

    @cached_property
    def asked(self) -> Floats:
        """Growth that each node's quota asks over its history; NaN where not known."""
        if self.history is None:
            return np.full(len(self.tree), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.history > 0, self.outcome.quotas.quota / self.history - 1, np.nan)

    @cached_property
    def forecast(self) -> YearForecast | None:
        """The revenue forecast; None: nothing to forecast from."""
        revenue = self.outcome.revenue
        if revenue is None:
            return None
        result, at, rules = revenue.forecast, revenue.forecast.baseline, revenue.rules
        year = result.year(result.total)
        begin, quarters = result.year_span
        first, last = (result.calendar.quarter_name(quarter) for quarter in (begin, begin + quarters - 1))
        span = f"{first} to {last}" if quarters > 1 else first
        why = ""
        period = self.outcome.planning.inputs.period
        if period is None:
            why = "the plan's Period is not known"
        elif (period.first, period.months) != (begin * 3, quarters * 3):
            why = "another time than the plan's"
        elif not len(revenue.cohorts.names):
            why = "today's deals only: no Cohorts"
        total = float(year[at])
        return YearForecast(
            total,
            float(result.year_low[at]),
            float(result.year_high[at]),
            rules.interval,
            float(year.max()),
            float(np.round(rules.opex_limit * result.exceeded[at], 2)),
            float(np.round(rules.opex_limit * total, 2)),
            span,
            not why,
            why,
        )

    @cached_property
    def branches(self) -> list[int]:
        """The teams right below the top node that carry quota, the largest first."""
        quota = self.outcome.quotas.quota
        below = [node for node in self.tree.children(0) if quota[node] > 0]
        return sorted(below, key=lambda node: (-quota[node], node))

    @cached_property
    def short_of_pipeline(self) -> list[int]:
        """Branches whose pipeline is not healthy."""
        health = self.outcome.health
        if health is None:
            return []
        short = {Status.MODERATE, Status.AT_RISK, Status.CRITICAL}
        return [node for node in self.branches if health.STATUSES[health.status[node]] in short]

    @cached_property
    def reps_at_quota(self) -> float:
        """Share of the reps who are expected to reach their quota; NaN where not known."""
        judged = self.outcome.planning.attainability
        return float("nan") if judged is None else float(judged.reps_at_quota[0])

    @cached_property
    def missing_commits(self) -> list[str]:
        """Managers with a history of commits and none of now."""
        commits = self.outcome.plan.commits
        if commits is None or not commits.current.managers:
            return []
        now = set(commits.current.managers)
        return [name for name in dict.fromkeys(commits.history.managers) if name not in now and name in commits.nodes]

    def chance_level(self) -> Level:
        """How serious the chance of the target is."""
        return Level.NONE if self.chance is None else level_of(self.chance.verdict)

    def name(self, node: int) -> str:
        """How a node is called."""
        return self.tree.reference(node)
