"""The inputs of quota planning, gathered from Settings, Hierarchy, Bookings and Territories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.bookings import Bookings
from revops_xl.model.inputs import MetricData
from revops_xl.model.org import Bools
from revops_xl.model.plan import PlanningParts
from revops_xl.model.plan_period import MOST_MONTHS, PlanPeriod
from revops_xl.model.planning import CAPACITY_METRIC, POTENTIAL_METRIC, PlanningInputs, PlanningRules
from revops_xl.model.presence import Tenure
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.planning import bookings, history, territories
from revops_xl.tables.quotas.moves import BACKFILL, FROM, TO
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.periods import LENGTHS, Key, dates_of, first_of, key, unsettled
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.typed import TypedTable

#: A plan further than this from the bookings is a slip, in years.
MOST_YEARS_AHEAD = 5
#: Months of the kinds of periods that Period may name.
#: Columns of Hierarchy that planning reads, where it has something to read them with.
OWN_COLUMNS = ("Tier", territories.START, territories.END, FROM, TO, "Capacity", "OTE", "Territory")


@dataclass(frozen=True)
class Sources:
    """The tables planning reads; None where one is missing or has no rows."""

    people: TypedTable
    levels: Sequence[str]
    bookings: TypedTable | None = None
    shares: TypedTable | None = None
    territories: TypedTable | None = None
    tiers: TypedTable | None = None
    curves: TypedTable | None = None
    tenure: Tenure | None = None

    def has(self, column: str) -> bool:
        """Whether Hierarchy has a column of planning; a level that is called so is none."""
        return self.people.has(column) and column not in self.levels


def parse(
    sources: Sources,
    settings: RawTable,
    plan_settings: PlanSettings | None,
    patterns: Sequence[str],
    metrics: Sequence[MetricData],
    where: Callable[[str], tuple[str, str]],
) -> PlanningParts:
    """Read everything as Settings says; problems are gathered by the tables.

    Args:
        sources: The tables.
        settings: The table Settings, for naming its cells.
        plan_settings: What it says; None if it has problems.
        patterns: What the setting History columns lists.
        metrics: Blend and gate metrics, for what derived ones need.
        where: Sheet and cell that declare a metric.
    """
    problems = sources.people.problems
    period = plan_period(settings, plan_settings, problems)
    if sources.tiers is not None and period is None and plan_settings is not None and sources.has(territories.START):
        fix = "Fill in Plan start, or Period as FY 2027: seats ramp by months."
        named = (
            f'Period "{plan_settings.period}" names no year, half, quarter or month'
            if plan_settings.period
            else "Period and Plan start are blank"
        )
        message = f"{named}, so what the plan covers is not known, but Tiers has rows"
        problems.append(Problem(settings.sheet, _setting_cell(settings, "Period"), message, fix))
    rules = plan_settings.planning_rules if plan_settings is not None else PlanningRules()
    entered = plan_settings.history_periods if plan_settings is not None else float("nan")
    parts, unmatched = gather(sources, rules, period, patterns, entered)
    for pattern in unmatched:
        text = f'History columns: no column of Hierarchy matches "{pattern}"'
        cell = _setting_cell(settings, "History columns")
        problems.append(Problem(settings.sheet, cell, text, "Correct it, or clear the setting."))
    given = parts.inputs
    if given.bookings is not None and period is not None and too_far(given.bookings, period):
        name = "Plan start" if plan_settings is not None and not np.isnan(plan_settings.plan_start) else "Period"
        text = f"the plan ends with {period.month_names[-1]}, the bookings with {given.bookings.name(len(given.bookings) - 1)}: more than {MOST_YEARS_AHEAD} years apart"
        problems.append(Problem(settings.sheet, _setting_cell(settings, name), text, "Correct one of them."))
    _refuse_unfounded(metrics, given.territory is not None, given.seats is not None, where, problems)
    return parts


def too_far(booked: Bookings, period: PlanPeriod) -> bool:
    """Whether a plan ends so long after the bookings, or begins so long before them, that one of the two is a slip."""
    per = 12 // booked.season
    first, last = booked.first * per, (booked.first + len(booked)) * per
    return period.first + period.months - last > 12 * MOST_YEARS_AHEAD or period.first + period.months < first - 12 * MOST_YEARS_AHEAD  # fmt: skip


def gather(
    sources: Sources, rules: PlanningRules, period: PlanPeriod | None, patterns: Sequence[str], entered: float
) -> tuple[PlanningParts, Sequence[str]]:
    """Read the tables: the inputs, and patterns of history columns that match none.

    Args:
        sources: The tables.
        rules: How quotas are planned.
        period: What the plan covers.
        patterns: History columns; empty: the usual ones.
        entered: How many of them are as long as the plan; NaN: as their headers say.
    """
    people = sources.people
    booked = bookings.parse(sources.bookings)
    shares = bookings.parse_shares(sources.shares, period, monthly=rules.monthly)
    places = territories.parse_territories(sources.territories)
    place = territories.territory_of(people, places) if sources.has("Territory") else None
    tiers = territories.parse_tiers(sources.tiers, sources.curves)
    own = [name for name in OWN_COLUMNS if sources.has(name)]
    seats = territories.parse_seats(people, own, tiers, places, place, period, sources.tenure)
    names, unmatched = history.columns(patterns, people, sources.levels)
    past = history.read(names, people, period, entered)
    ote = people.numbers("OTE") if "OTE" in own else None
    read = [*names, *(name for name in own if _reads(name, sources, seats is not None))]
    read += [
        name for name in (FROM, TO, BACKFILL) if sources.has(name) and sources.tenure is not None and name not in read
    ]
    parts = PlanningParts(
        PlanningInputs(rules, period, booked, shares, places, place, seats, past, ote, sources.tenure),
        tuple(read),
        past is None or not np.isnan(entered) or past.placed,
        _people(sources, seats.tier < 0) if seats is not None and tiers else (),
        _people(sources, place < 0) if place is not None else (),
        _idle(places, place),
    )
    return parts, unmatched


def _people(sources: Sources, rows: Bools) -> tuple[str, ...]:
    """Names of the ICs on some rows."""
    names = sources.people.texts(sources.levels[-1]) if rows.any() else []
    return tuple(dict.fromkeys(str(names[row]) for row in np.flatnonzero(rows).tolist()))


def _reads(column: str, sources: Sources, seats: bool) -> bool:  # noqa: FBT001
    """Whether anything reads a column of Hierarchy."""
    if column == "Territory":
        return sources.territories is not None
    if column == "OTE":
        return True
    return seats and (column != "Tier" or sources.tiers is not None)


def _idle(places: Any, place: Any) -> tuple[str, ...]:
    if places is None or place is None:
        return ()
    used = set(place.tolist())
    return tuple(name for i, name in enumerate(places.names) if i not in used)


def plan_period(settings: RawTable, plan_settings: PlanSettings | None, problems: list[Problem]) -> PlanPeriod | None:
    """What the plan covers: Plan start and Plan months, else what Period names; None if neither says."""
    if plan_settings is None:
        return None
    calendar = plan_settings.calendar
    named = key(plan_settings.period, calendar) if plan_settings.period else None
    for _, what, fix in unsettled([plan_settings.period or None], calendar, None) if calendar.fiscal else ():
        problems.append(Problem(settings.sheet, _setting_cell(settings, "Period"), what, fix))
    if named is not None and named[0] not in LENGTHS:
        named = None
    months = plan_settings.plan_months if plan_settings.plan_months is not None else LENGTHS[named[0]] if named is not None else MOST_MONTHS  # fmt: skip
    start = plan_settings.plan_start
    if not np.isnan(start):
        return _from_day(settings, plan_settings, (start, months), named, problems)
    return PlanPeriod(first_of(named), months, calendar) if named is not None else None


def _from_day(
    settings: RawTable,
    plan_settings: PlanSettings,
    said: tuple[float, int],
    named: Key | None,
    problems: list[Problem],
) -> PlanPeriod | None:
    """The period that begins on the day of Plan start; None, and a problem, where none does."""
    (start, months), calendar = said, plan_settings.calendar
    first = int(calendar.period_of(np.array([start]))[0])
    cell = _setting_cell(settings, "Plan start")
    begins = float(calendar.starts(np.array([first]))[0])
    if begins != start:
        what = "a month" if calendar.weeks is None else "a fiscal period"
        near = "" if calendar.weeks is None else f": {to_date(begins)} or {to_date(float(calendar.starts(np.array([first + 1]))[0]))}"  # fmt: skip
        problems.append(Problem(settings.sheet, cell, f"Plan start is {to_date(start)}; the first day of {what} is needed{near}"))  # fmt: skip
        return None
    if named is not None and calendar.said and first_of(named) != first:
        text = f"Plan start is {to_date(start)}, but Period {plan_settings.period} is {dates_of(named, calendar)}"
        problems.append(Problem(settings.sheet, cell, text, "Correct one of them, or leave Plan start blank."))
        return None
    return PlanPeriod(first, months, calendar)


def _setting_cell(settings: RawTable, name: str) -> str:
    names = [str(text).strip().lower() for text in settings.column("Setting")]
    return settings.cell(names.index(name.lower()), "Value") if name.lower() in names else settings.header_cell()


def _refuse_unfounded(
    metrics: Sequence[MetricData],
    placed: bool,  # noqa: FBT001
    seated: bool,  # noqa: FBT001
    where: Callable[[str], tuple[str, str]],
    problems: list[Problem],
) -> None:
    """A derived metric needs what it is derived from."""
    needs = {
        POTENTIAL_METRIC: (placed, "the table Territories, and the column Territory of Hierarchy"),
        CAPACITY_METRIC: (
            seated,
            "the table Tiers, or a column Capacity or Start date of Hierarchy, and the plan's period",
        ),
    }
    for data in metrics:
        if data.derived and not needs[data.columns[0]][0]:
            name = data.columns[0]
            message = f'metric "{data.metric.name}" reads "{name}", which needs {needs[name][1]}'
            problems.append(Problem(*where(data.metric.name), message, "Fill them in, or take the metric out."))


def has_inputs(inputs: PlanningInputs) -> bool:
    """Whether there is anything to plan with."""
    parts = (inputs.bookings, inputs.shares, inputs.territories, inputs.seats, inputs.history)
    return any(part is not None for part in parts)
