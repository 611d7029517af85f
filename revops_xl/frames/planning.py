"""The public functions of quota planning: bookings, territories and seats in, what the plan can bear out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from revops_xl.engine.baseline.baseline import baseline as find_baseline
from revops_xl.engine.baseline.baseline import periods_ahead, phase_shares, target_range
from revops_xl.engine.optimum import optimise as lay_over
from revops_xl.engine.planning import groundwork
from revops_xl.engine.planning import plan_ahead as look_ahead
from revops_xl.engine.potential import potential as find_potential
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.api import Cascade
from revops_xl.frames.convert import to_frame, to_raw
from revops_xl.frames.given import is_number, typed_table
from revops_xl.model.attainability import AttainabilityRules
from revops_xl.model.bookings import Baseline as FoundBaseline
from revops_xl.model.bookings import BaselineRules, TargetRange
from revops_xl.model.money import Unit
from revops_xl.model.plan_period import MOST_MONTHS, PlanPeriod
from revops_xl.model.planning import Groundwork, PlanningInputs, PlanningRules
from revops_xl.model.planning import Planning as Found
from revops_xl.model.territories import Optimum as FoundOptimum
from revops_xl.model.territories import Potential as FoundPotential
from revops_xl.tables import attainability as attainability_tables
from revops_xl.tables import baseline as baseline_tables
from revops_xl.tables import bookings as booking_tables
from revops_xl.tables import capacity as capacity_tables
from revops_xl.tables import hierarchy as hierarchy_tables
from revops_xl.tables import optimum as optimum_tables
from revops_xl.tables import phasing as phasing_tables
from revops_xl.tables import planning as planning_tables
from revops_xl.tables import potential as potential_tables
from revops_xl.tables import sensitivity as sensitivity_tables
from revops_xl.tables import territories as territory_tables
from revops_xl.tables.declare import Table
from revops_xl.tables.number_text import NumberLocale
from revops_xl.tables.planning_results import present_quota
from revops_xl.tables.result import ResultTable
from revops_xl.tables.typed import TypedTable

if TYPE_CHECKING:
    import pandas as pd

Day = dt.date | str
UNUSUAL = (booking_tables.KEEP, booking_tables.REPLACE)


@dataclass(frozen=True, repr=False)
class Baseline:
    """What bookings support.

    Attributes:
        method: What the forecast is made with.
        growth: The next year against the last, as a fraction.
    """

    method: str
    growth: float
    _found: FoundBaseline
    _range: TargetRange | None
    _period: PlanPeriod

    def __repr__(self) -> str:
        return f"Baseline({self.method!r}, {len(self._found.bookings)} periods, next year {self.growth:+.1%})"

    def _table(self, table: Table) -> pd.DataFrame:
        tables = baseline_tables.render(self._found, self._range, self._period, "Target")
        return to_frame(next(each for each in tables if each.table is table))

    @cached_property
    def periods(self) -> pd.DataFrame:
        """The table BaselineForecast: period, kind, bookings, seasonal_factor, without_season, forecast, low, high, flag."""
        return self._table(baseline_tables.PERIODS)

    @cached_property
    def methods(self) -> pd.DataFrame:
        """The table BaselineMethods: method, error, chosen; empty where the past is too short to try them."""
        return self._table(baseline_tables.METHODS)

    @cached_property
    def target_range(self) -> pd.DataFrame:
        """The table TargetRange in one row; empty without a target."""
        return self._table(baseline_tables.RANGE)

    def shares(self, *, monthly: bool = False) -> list[float]:
        """Part of the plan's period that falls on each of its quarters or months, by season; they add up to 1."""
        if not monthly and not self._period.whole_quarters:
            raise PlanError(
                [Problem("start", "", "the plan is not made of whole calendar quarters", "Ask for months.")]
            )
        return [float(share) for share in phase_shares(self._found, self._period, monthly=monthly)]


def baseline(
    bookings: pd.DataFrame,
    *,
    target: float | None = None,
    start: Day | None = None,
    months: int = 12,
    interval: float = 0.8,
    unusual: str = "keep",
) -> Baseline:
    """Season, trend and forecast of bookings, and the target they support.

    Args:
        bookings: One row a quarter or month, two years or more, without gaps: period ("2026-Q1", "2026-03", a date) and
            bookings in currency.
        target: A target to set beside them; None: none.
        start: First day of the plan, the first of a month; None: the period after the last booked one.
        months: How many months the plan covers, 1 to 12.
        interval: Chance that a value lies between low and high.
        unusual: "keep": single unusual values count as they are; "replace": as what was expected. Both flag them.

    Raises:
        PlanError: With every problem found.

    Source:
        The README, under "How quota planning works".

    Example:
        >>> import pandas as pd
        >>> quarters = [f"{year}-Q{q}" for year in (2024, 2025, 2026) for q in (1, 2, 3, 4)]
        >>> booked = pd.DataFrame({"period": quarters, "bookings": [90, 100, 95, 115] * 3})
        >>> found = baseline(booked, target=420)
        >>> found.periods.tail(4)[["period", "forecast"]].round()
             period  forecast
        12  2027-Q1      90.0
        13  2027-Q2     100.0
        14  2027-Q3      95.0
        15  2027-Q4     115.0
    """
    problems: list[Problem] = []
    _check_number("interval", interval, 0.1, 0.99, problems)
    _check_choice("unusual", unusual, problems)
    if target is not None:
        _check_number("target", target, 0, 1e15, problems)
    typed = _typed(bookings, booking_tables.BOOKINGS, "bookings", problems)
    booked = booking_tables.parse(typed)
    after = (booked.first + len(booked)) * (12 // booked.season) if booked is not None else 0
    period = _period(start, months, problems) if start is not None else PlanPeriod(after, _months(months, problems))
    if problems or booked is None or period is None:
        raise PlanError(problems or [Problem("bookings", "", "the table has no rows")])
    rules = BaselineRules(interval, unusual == booking_tables.REPLACE)
    found = find_baseline(booked, max(periods_ahead(booked, period), 1), rules)
    aligned = booked.season == 12 or period.whole_quarters
    spoken = target_range(found, period, float(target), interval) if target is not None and aligned else None
    return Baseline(found.method or "mean of three methods", found.growth, found, spoken, period)


@dataclass(frozen=True, repr=False)
class Potential:
    """What territories could bring.

    Attributes:
        model: What the values come from.
        reason: Why it is a simpler one; "" if it is not.
    """

    model: str
    reason: str
    _found: FoundPotential

    def __repr__(self) -> str:
        return f"Potential({self.model!r}, {len(self._found.territories)} territories)"

    @cached_property
    def _tables(self) -> list[ResultTable]:
        ground = Groundwork(None, None, self._found, None, None)
        empty = PlanningInputs(PlanningRules())
        return potential_tables.render(Found(empty, ground, None, None, None, None, None, (), None), None, None)

    @cached_property
    def territories(self) -> pd.DataFrame:
        """The table TerritoryPotential in snake_case, in the order of the territories given."""
        return to_frame(self._tables[0])

    @cached_property
    def models(self) -> pd.DataFrame:
        """What was tried on territories it had not seen: model, error, explained, chosen."""
        return to_frame(self._tables[1])

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """What the columns say: driver, importance, direction, effect."""
        return to_frame(self._tables[2])


def potential(territories: pd.DataFrame, *, interval: float = 0.8, seed: int = 1) -> Potential:
    """Expected achievement of territories, learned from those whose achievement is known.

    Args:
        territories: Columns of the table Territories, in snake_case or as there; missing columns are not known. From 12
            known achievements on a linear model is tried, from 30 on a forest; below, historical revenue stands for it.
        interval: Chance that an achievement lies between low and high.
        seed: Same seed, same folds and trees.

    Raises:
        PlanError: With every problem found.

    Example:
        >>> import pandas as pd
        >>> few = pd.DataFrame({"territory": ["North", "South"], "historical_revenue": [100, 50]})
        >>> found = potential(few)
        >>> found.model, found.reason
        ('historical revenue', '0 territories with a known achievement; a model needs 12')
    """
    problems: list[Problem] = []
    _check_number("interval", interval, 0.1, 0.99, problems)
    typed = _typed(territories, territory_tables.TERRITORIES, "territories", problems)
    places = territory_tables.parse_territories(typed)
    if problems or places is None:
        raise PlanError(problems or [Problem("territories", "", "the table has no rows")])
    found = find_potential(places, interval, seed)
    return Potential(str(found.model), found.reason, found)


@dataclass(frozen=True, repr=False)
class Optimum:
    """Quota laid over territories in four ways."""

    _found: FoundOptimum
    _unit: Unit | None

    def __repr__(self) -> str:
        return f"Optimum({self._found.total:,.2f} over {len(self._found.territories)} territories)"

    @cached_property
    def _tables(self) -> list[ResultTable]:
        ground, empty = Groundwork(None, None, None, None, None), PlanningInputs(PlanningRules())
        return optimum_tables.render(Found(empty, ground, None, None, None, self._found, None, (), None), self._unit)

    @cached_property
    def alternatives(self) -> pd.DataFrame:
        """One row an alternative: alternative, total, expected_revenue, moved, lowest_attainability, largest_growth, remark."""
        return to_frame(self._tables[0])

    @cached_property
    def quotas(self) -> pd.DataFrame:
        """One row a territory: its limits, and its quota under each alternative."""
        return to_frame(self._tables[1])

    @cached_property
    def shadow_prices(self) -> pd.DataFrame:
        """What moving a limit would add: limit, limited_territory, step, gain, for_each_1, in_words."""
        return to_frame(self._tables[2])


def optimise(
    territories: pd.DataFrame,
    total: float,
    *,
    present: Mapping[str, float] | None = None,
    fairness: float = 2.0,
    unit: float | None = 0.01,
    seed: int = 1,
) -> Optimum:
    """Lay a total over territories: most expected revenue, least change, highest attainability, smoothest growth.

    Args:
        territories: Columns of the table Territories: conversion rate and capacity utilization for the first, min and max
            quota where there are limits, historical revenue (and achievement) for attainability and growth.
        total: To be laid over them, in currency.
        present: Quota that lies on each today; None: not known, so least change is left out.
        fairness: No quota is above so many times the average.
        unit: Quotas are whole multiples of it; None: of a millionth.
        seed: For the model of potential.

    Raises:
        PlanError: With every problem found: also limits that clash, by how much.

    Example:
        >>> import pandas as pd
        >>> places = pd.DataFrame({
        ...     "territory": ["North", "South"], "conversion_rate": [0.3, 0.2], "capacity_utilization": [1, 1],
        ...     "max_quota": [60, 80], "historical_revenue": [50, 40]})
        >>> found = optimise(places, 100)
        >>> found.quotas[["territory", "most_expected_revenue"]]
          territory  most_expected_revenue
        0     North                   60.0
        1     South                   40.0
        >>> found.shadow_prices["in_words"][0]
        'One more 1.00 of Max quota in North adds 0.10 to the expected revenue.'
    """
    problems: list[Problem] = []
    _check_number("total", total, 0, 1e15, problems)
    _check_number("fairness", fairness, 1, 1e6, problems)
    typed = _typed(territories, territory_tables.TERRITORIES, "territories", problems)
    places = territory_tables.parse_territories(typed)
    names = places.names if places is not None else ()
    strangers = [name for name in present or {} if name not in names]
    problems += [Problem("present", "", f'no territory is called "{name}"') for name in strangers]
    if problems or places is None:
        raise PlanError(problems or [Problem("territories", "", "the table has no rows")])
    lies = np.array([float((present or {}).get(name, 0.0 if present else np.nan)) for name in names])
    could = find_potential(places, 0.8, seed)
    step = Unit.of(unit) if unit is not None else None
    return Optimum(lay_over(places, lies, could.value, float(total), step, fairness), step)


@dataclass(frozen=True, repr=False)
class Planning:
    """What planning says about a cascaded plan. Each property is a table of the workbook in snake_case; empty where it had no inputs."""

    _plan: Cascade
    _found: Found

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
            *potential_tables.render(found, *present_quota(plan, found)),
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
    ote_ratio: tuple[float, float] = (4.0, 6.0),
    spread_again: bool = False,
    fairness: float = 2.0,
    territory_total: float | None = None,
    interval: float = 0.8,
    unusual: str = "keep",
    step: float = 0.1,
    seed: int = 1,
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
        ote_ratio: Quota per 1 of on-target earnings that is too little, and too much.
        spread_again: Lay what ramping seats leave of the target over all seats again.
        fairness: No territory's quota is above so many times the average.
        territory_total: What is laid over the territories; None: the base quotas of their ICs.
        interval: Chance that bookings and achievements lie between low and high.
        unusual: As in `baseline`.
        step: By which part the target is moved for the sensitivity.
        seed: Same seed, same folds.

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
        >>> found.attainability[["node", "quota", "historical_average", "attainability", "risk"]].round(3)
           node   quota  historical_average  attainability risk
        0  Acme  160.00               140.0          0.875  low
        1   Ann   91.43                80.0          0.875  low
        2   Bob   68.57                60.0          0.875  low
        >>> found.phasing[["node", "quarter_1", "quarter_2", "quarter_3", "quarter_4"]]
           node  quarter_1  quarter_2  quarter_3  quarter_4
        0  Acme      32.00      40.00      40.00      48.00
        1   Ann      18.29      22.85      22.86      27.43
        2   Bob      13.71      17.15      17.14      20.57
    """
    problems: list[Problem] = []
    for name, value, low, high in (
        ("interval", interval, 0.1, 0.99),
        ("step", step, 0.001, 0.9),
        ("fairness", fairness, 1, 1e6),
        *((("history_periods", history_periods, 1e-9, 1000),) if history_periods is not None else ()),
        *((("growth", growth, -0.999, 10),) if growth is not None else ()),
        *((("territory_total", territory_total, 0, 1e15),) if territory_total is not None else ()),
    ):
        _check_number(name, value, low, high, problems)
    _check_choice("unusual", unusual, problems)
    people = TypedTable(to_raw(hierarchy, "hierarchy"), hierarchy_tables.TABLE, NumberLocale(), problems)
    tree = plan.plan.inputs.tree
    if len(people) != int(tree.row.max()) + 1:
        problems.append(Problem("hierarchy", "", f"{len(people)} rows, but the plan was cascaded from {int(tree.row.max()) + 1}"))  # fmt: skip
    period = _period(start, months, problems)
    rules = PlanningRules(
        BaselineRules(interval, unusual == booking_tables.REPLACE),
        monthly,
        spread_again,
        fairness,
        float("nan") if territory_total is None else float(territory_total),
        AttainabilityRules(float("nan") if growth is None else float(growth), *ote_ratio),
        step,
        interval,
        seed,
    )
    given = ((bookings, booking_tables.BOOKINGS, "bookings"), (shares, booking_tables.SHARES, "shares"), (territories, territory_tables.TERRITORIES, "territories"), (tiers, territory_tables.TIERS, "tiers"), (curves, territory_tables.CURVES, "curves"))  # fmt: skip
    typed = [_typed(frame, table, name, problems) if frame is not None else None for frame, table, name in given]
    sources = planning_tables.Sources(people, tree.levels, *typed)
    entered = float("nan") if history_periods is None else float(history_periods)
    patterns = (history,) if isinstance(history, str) else tuple(history)
    parts, unmatched = planning_tables.gather(sources, rules, period, patterns, entered)
    problems += [Problem("history", "", f'no column of the hierarchy matches "{pattern}"') for pattern in unmatched]
    if problems:
        raise PlanError(list(dict.fromkeys(problems)))
    ground = groundwork(parts.inputs, plan.plan.inputs.target)
    return Planning(plan, look_ahead(plan.plan, parts.inputs, ground))


def _typed(frame: pd.DataFrame, table: Table, name: str, problems: list[Problem]) -> TypedTable | None:
    """A DataFrame as a declared table of which columns that no row needs may be missing."""
    loose = replace(table, columns=tuple(replace(each, optional=not each.required) for each in table.columns))
    return typed_table(frame, loose, name, problems)


def _check_number(name: str, value: object, low: float, high: float, problems: list[Problem]) -> None:
    if not is_number(value) or not low <= float(value) <= high:  # type: ignore[arg-type]
        problems.append(Problem(name, "", f"{value!r} where a number from {low:g} to {high:g} is needed"))


def _check_choice(name: str, value: str, problems: list[Problem]) -> None:
    if value not in UNUSUAL:
        problems.append(Problem(name, "", f"{value!r} is not one of {', '.join(UNUSUAL)}"))


def _months(months: object, problems: list[Problem]) -> int:
    if isinstance(months, int) and not isinstance(months, bool) and 1 <= months <= MOST_MONTHS:
        return months
    problems.append(Problem("months", "", f"{months!r} where a whole number from 1 to {MOST_MONTHS} is needed"))
    return MOST_MONTHS


def _period(start: Day, months: object, problems: list[Problem]) -> PlanPeriod | None:
    length = _months(months, problems)
    day = start
    if isinstance(start, str):
        try:
            day = dt.date.fromisoformat(start)
        except ValueError:
            problems.append(Problem("start", "", f"{start!r} where a day such as 2027-01-01 is needed"))
            return None
    if not isinstance(day, dt.date) or day.day != 1:
        problems.append(Problem("start", "", f"{start!r} where the first day of a month is needed"))
        return None
    return PlanPeriod(day.year * 12 + day.month - 1, length)
