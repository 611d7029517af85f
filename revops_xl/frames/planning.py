"""The public function of quota planning: a cascaded plan in, what it can bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from revops_xl.engine.planning.planning import groundwork
from revops_xl.engine.planning.planning import plan_ahead as look_ahead
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import to_frame, to_raw
from revops_xl.frames.common.given import check_number
from revops_xl.frames.quotas import Cascade
from revops_xl.model.attainability import AttainabilityRules
from revops_xl.model.bookings import BaselineRules
from revops_xl.model.bounds import CONFIDENCE, FAIRNESS, GROWTH, HISTORY_PERIODS, PART, SEED, STEP, TOTAL
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.planning import PlanningOutcome, PlanningRules
from revops_xl.tables.planning import attainability as attainability_tables
from revops_xl.tables.planning import baseline as baseline_tables
from revops_xl.tables.planning import bookings as booking_tables
from revops_xl.tables.planning import capacity as capacity_tables
from revops_xl.tables.planning import optimum as optimum_tables
from revops_xl.tables.planning import phasing as phasing_tables
from revops_xl.tables.planning import planning as planning_tables
from revops_xl.tables.planning import potential as potential_tables
from revops_xl.tables.planning import sensitivity as sensitivity_tables
from revops_xl.tables.planning import territories as territory_tables
from revops_xl.tables.planning.potential import present_quota
from revops_xl.tables.quotas import hierarchy as hierarchy_tables
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.typed import TypedTable

if TYPE_CHECKING:
    import pandas as pd

from revops_xl.frames.common.periods import Day, period_of
from revops_xl.frames.common.planning_arguments import (
    check_unusual,
    limits_of,
    patterns_of,
    ratios_of,
    refuse_other_hierarchy,
    typed_loosely,
)


@dataclass(frozen=True, repr=False)
class Planning:
    """What planning says about a cascaded plan. Each property is a table of the workbook in snake_case; empty where it had no inputs."""

    _plan: Cascade
    _found: PlanningOutcome

    def __repr__(self) -> str:
        parts = ("shares", "capacity", "optimum", "attainability")
        known = [part for part in parts if getattr(self._found, part) is not None]
        return f"Planning({', '.join(known) or 'nothing'})"

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        plan, found = self._plan.plan, self._found
        listed = [
            *baseline_tables.render(found.ground.baseline, found.ground.target_range, found.inputs.period, "Target"),
            *phasing_tables.render(plan, found),
            *capacity_tables.render(plan, found),
            *potential_tables.render(
                found,
                *present_quota(plan, found),
                found.inputs.period.year_part if found.inputs.period is not None else 1.0,
            ),
            *attainability_tables.render(plan, found),
            *optimum_tables.render(found, plan.inputs.unit),
            sensitivity_tables.render(found.sensitivity),
        ]
        return {table.table.name: to_frame(table) for table in listed}

    @property
    def target_range(self) -> pd.DataFrame:
        """What bookings support beside the target."""
        return self._tables["TargetRange"]

    @property
    def phasing(self) -> pd.DataFrame:
        """Quota of every node by quarter, and by month if that was asked for."""
        return self._tables["Phasing"]

    @property
    def phasing_periods(self) -> pd.DataFrame:
        """Which period each column of phasing is."""
        return self._tables["PhasingPeriods"]

    @property
    def capacity(self) -> pd.DataFrame:
        """What each seat can carry."""
        return self._tables["Capacity"]

    @property
    def capacity_by_tier(self) -> pd.DataFrame:
        """The target by tier, and the gap."""
        return self._tables["CapacityByTier"]

    @property
    def potential(self) -> pd.DataFrame:
        """What territories could bring, beside what they carry."""
        return self._tables["TerritoryPotential"]

    @property
    def attainability(self) -> pd.DataFrame:
        """History against quota of every node."""
        return self._tables["Attainability"]

    @property
    def health(self) -> pd.DataFrame:
        """The plan as a whole against figures from practice."""
        return self._tables["PlanHealth"]

    @property
    def recommendations(self) -> pd.DataFrame:
        """What to look at first."""
        return self._tables["Recommendations"]

    @property
    def alternatives(self) -> pd.DataFrame:
        """Ways to lay the quota over the territories."""
        return self._tables["Alternatives"]

    @property
    def optimum(self) -> pd.DataFrame:
        """Quota of each territory under each alternative."""
        return self._tables["Optimum"]

    @property
    def shadow_prices(self) -> pd.DataFrame:
        """What moving a limit would bring."""
        return self._tables["ShadowPrices"]

    @property
    def sensitivity(self) -> pd.DataFrame:
        """What moves the plan most."""
        return self._tables["Sensitivity"]


def plan_ahead(
    plan: Cascade,
    hierarchy: pd.DataFrame,
    *,
    start: Day,
    months: int = 12,
    monthly: bool = False,
    bookings: pd.DataFrame | None = None,
    shares: pd.DataFrame | None = None,
    territories: pd.DataFrame | None = None,
    tiers: pd.DataFrame | None = None,
    curves: pd.DataFrame | None = None,
    history: Sequence[str] = (),
    history_periods: float | None = None,
    growth: float | None = None,
    growth_error: float = 0.08,
    verdicts: tuple[float, float, float] = (0.8, 0.5, 0.2),
    ote_ratio: tuple[float, float] = (4.0, 6.0),
    spread_again: bool = False,
    fairness: float = 2.0,
    territory_total: float | None = None,
    interval: float = 0.8,
    unusual: str = "keep",
    step: float = 0.1,
    seed: int = 1,
    calendar: Calendar = CALENDAR_YEAR,
) -> Planning:
    """Everything that quota planning says about a cascaded plan.

    Args:
        plan: From `cascade`.
        hierarchy: The table it was cascaded from; the columns Tier, Start date, End date, Capacity, OTE and Territory
            count where they are there.
        start: First day of the plan, the first of a month.
        months: How many months it covers, 1 to 12.
        monthly: Quotas by month as well as by quarter.
        bookings: As in `baseline`.
        shares: plan_period and share of each quarter (or month) of the plan; None: by the season of the bookings.
        territories: As in `potential`.
        tiers: tier, multiplier, ramp_factor, ramp_months.
        curves: curve_tier, from_month, productivity: ramps of several steps.
        history: Columns of the hierarchy with what ICs reached, the oldest first, `*` allowed; none: `*_Attainment`.
        history_periods: How many of them are as long as the plan; None: read from their names.
        growth: Growth to expect over that history, as a fraction; None: what bookings show, else none.
        growth_error: How far growth may be off for everybody at once, as a standard deviation, where bookings do not say.
        verdicts: Chances from which a target or quota is backed, ambitious, a stretch; below the last it is not backed.
        ote_ratio: Quota per 1 of on-target earnings that is too little, and too much.
        spread_again: Lay what ramping seats leave of the target over all seats again.
        fairness: Cap on a territory's quota, as a multiple of the average.
        territory_total: What is laid over the territories; None: the base quotas of their ICs.
        interval: Chance that bookings and achievements lie between low and high.
        unusual: As in `baseline`.
        step: How far the target is flexed in the sensitivity analysis.
        seed: Same seed, same folds.
        calendar: The firm's, from `fiscal_calendar`.

    Raises:
        PlanError: With every problem found.

    Example:
        >>> import pandas as pd
        >>> from revops_xl import cascade
        >>> team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": ["Ann", "Bob"], "Q1_Attainment": [20, 15],
        ...                      "Q2_Attainment": [22, 13], "Q3_Attainment": [18, 16], "Q4_Attainment": [20, 16]})
        >>> quotas = cascade(team, 160, levels=["Company", "IC"])
        >>> parts = pd.DataFrame({"plan_period": ["Q1", "Q2", "Q3", "Q4"], "share": [0.2, 0.25, 0.25, 0.3]})
        >>> found = plan_ahead(quotas, team, start="2027-01-01", shares=parts)
        >>> found.attainability[["node", "quota", "historical_average", "attainability", "verdict"]].round(3)
           node   quota  historical_average  attainability     verdict
        0  Acme  160.00               140.0          0.875  not backed
        1   Ann   91.43                80.0          0.875  not backed
        2   Bob   68.57                60.0          0.875  not backed
        >>> found.phasing[["node", "quarter_1", "quarter_2", "quarter_3", "quarter_4"]]
           node  quarter_1  quarter_2  quarter_3  quarter_4
        0  Acme      32.00      40.00      40.00      48.00
        1   Ann      18.29      22.85      22.86      27.43
        2   Bob      13.71      17.15      17.14      20.57
    """
    problems: list[Problem] = []
    for name, value, bounds in (
        ("interval", interval, CONFIDENCE),
        ("step", step, STEP),
        ("fairness", fairness, FAIRNESS),
        ("history_periods", history_periods, HISTORY_PERIODS),
        ("growth", growth, GROWTH),
        ("growth_error", growth_error, PART),
        ("territory_total", territory_total, TOTAL),
    ):
        if value is not None:
            check_number(name, value, bounds, problems)
    check_unusual("unusual", unusual, problems)
    check_number("seed", seed, SEED, problems)
    low, high = ratios_of(ote_ratio, problems)
    limits = limits_of(verdicts, problems)
    patterns = patterns_of(history, problems)
    if not isinstance(plan, Cascade) or not hasattr(hierarchy, "columns"):
        raise PlanError(
            [*problems, Problem("plan", "", "a plan from cascade, and the DataFrame it was made from, are needed")]
        )
    people = TypedTable(to_raw(hierarchy, "hierarchy"), hierarchy_tables.TABLE, NumberLocale(), problems)
    tree = plan.plan.inputs.tree
    refuse_other_hierarchy(plan, people, problems)
    period = period_of(start, months, problems, calendar)
    people.calendar = calendar
    if problems:
        raise PlanError(list(dict.fromkeys(problems)))
    rules = PlanningRules(
        BaselineRules(interval, unusual == booking_tables.REPLACE),
        monthly,
        spread_again,
        fairness,
        float("nan") if territory_total is None else float(territory_total),
        AttainabilityRules(float("nan") if growth is None else float(growth), growth_error, low, high, limits),
        step,
        interval,
        seed,
    )
    given = ((bookings, booking_tables.BOOKINGS, "bookings"), (shares, booking_tables.SHARES, "shares"), (territories, territory_tables.TERRITORIES, "territories"), (tiers, territory_tables.TIERS, "tiers"), (curves, territory_tables.CURVES, "curves"))  # fmt: skip
    typed = [typed_loosely(frame, table, name, problems) if frame is not None else None for frame, table, name in given]
    for each in typed:
        if each is not None:
            each.calendar = calendar
    sources = planning_tables.Sources(people, tree.levels, typed[0], typed[1], typed[2], typed[3], typed[4])
    entered = float("nan") if history_periods is None else float(history_periods)
    parts, unmatched = planning_tables.gather(sources, rules, period, patterns, entered)
    problems += [Problem("history", "", f'no column of the hierarchy matches "{pattern}"') for pattern in unmatched]
    if (
        parts.inputs.bookings is not None
        and period is not None
        and planning_tables.too_far(parts.inputs.bookings, period)
    ):
        problems.append(
            Problem("start", "", f"the plan is more than {planning_tables.MOST_YEARS_AHEAD} years from the bookings")
        )
    if problems:
        raise PlanError(list(dict.fromkeys(problems)))
    ground = groundwork(parts.inputs, plan.plan.inputs.target, tree)
    return Planning(plan, look_ahead(plan.plan, parts.inputs, ground))
