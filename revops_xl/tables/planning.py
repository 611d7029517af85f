"""The inputs of quota planning, gathered from Settings, Hierarchy, Bookings and Territories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.inputs import MetricData
from revops_xl.model.plan_period import MOST_MONTHS, PlanPeriod
from revops_xl.model.planning import CAPACITY_METRIC, DERIVED, POTENTIAL_METRIC, PlanningInputs, PlanningRules
from revops_xl.model.settings import PlanSettings
from revops_xl.tables import bookings, history, territories
from revops_xl.tables.days import to_date
from revops_xl.tables.periods import key
from revops_xl.tables.raw import RawTable
from revops_xl.tables.typed import TypedTable

#: Months of the kinds of periods that Period may name.
_MONTHS = {"Y": 12, "H": 6, "Q": 3, "M": 1}
#: Columns of Hierarchy that planning reads, where it has something to read them with.
OWN_COLUMNS = ("Tier", territories.START, territories.END, "Capacity", "OTE", "Territory")


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


@dataclass(frozen=True)
class PlanningParts:
    """Planning's inputs, and what reading them showed.

    Attributes:
        inputs: For the engine.
        columns: Columns of Hierarchy that were read.
        history_clear: Whether the headers, or the setting, say how long the periods of the history are.
        untiered: ICs without a tier, where there are tiers.
        unplaced: ICs without a territory, where others have one.
        idle_territories: Territories that no IC of Hierarchy is in, where others are.
    """

    inputs: PlanningInputs
    columns: tuple[str, ...]
    history_clear: bool
    untiered: int
    unplaced: int
    idle_territories: tuple[str, ...]


def parse(
    sources: Sources,
    settings: RawTable,
    found: PlanSettings | None,
    patterns: Sequence[str],
    metrics: Sequence[MetricData],
) -> PlanningParts:
    """Read everything as Settings says; problems are gathered by the tables.

    Args:
        sources: The tables.
        settings: The table Settings, for naming its cells.
        found: What it says; None if it has problems.
        patterns: What the setting History columns lists.
        metrics: Blend and gate metrics, for what derived ones need.
    """
    problems = sources.people.problems
    period = plan_period(settings, found, problems)
    if sources.tiers is not None and period is None and found is not None and sources.people.has(territories.START):
        fix = "Fill in Plan start, or Period as FY 2027: seats ramp by months."
        message = "what the plan covers is not known, but Tiers has rows"
        problems.append(Problem(settings.sheet, _setting_cell(settings, "Period"), message, fix))
    rules = found.planning_rules if found is not None else PlanningRules()
    entered = found.history_periods if found is not None else float("nan")
    parts, unmatched = gather(sources, rules, period, patterns, entered)
    for pattern in unmatched:
        text = f'History columns: no column of Hierarchy matches "{pattern}"'
        cell = _setting_cell(settings, "History columns")
        problems.append(Problem(settings.sheet, cell, text, "Correct it, or clear the setting."))
    given = parts.inputs
    _refuse_unfounded(metrics, sources.people, given.territory is not None, given.seats is not None, problems)
    return parts


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
    place = territories.territory_of(people, places)
    tiers = territories.parse_tiers(sources.tiers, sources.curves)
    seats = territories.parse_seats(people, tiers, places, place, period)
    names, unmatched = history.columns(patterns, people, sources.levels)
    past = history.read(names, people, period, entered)
    ote = people.numbers("OTE") if people.has("OTE") else None
    read = [*names, *(name for name in OWN_COLUMNS if people.has(name) and _reads(name, sources, seats is not None))]
    parts = PlanningParts(
        PlanningInputs(rules, period, booked, shares, places, place, seats, past, ote),
        tuple(read),
        past is None or not np.isnan(entered) or -1 not in past.parts,
        int((seats.tier < 0).sum()) if seats is not None and tiers else 0,
        int((place < 0).sum()) if place is not None else 0,
        _idle(places, place),
    )
    return parts, unmatched


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


def plan_period(settings: RawTable, found: PlanSettings | None, problems: list[Problem]) -> PlanPeriod | None:
    """What the plan covers: Plan start and Plan months, else what Period names; None if neither says."""
    if found is None:
        return None
    named = key(found.period) if found.period else None
    if named is not None and named[0] not in _MONTHS:
        named = None
    months = found.plan_months if found.plan_months is not None else _MONTHS[named[0]] if named is not None else MOST_MONTHS  # fmt: skip
    start = to_date(found.plan_start)
    if start is not None:
        if start.day != 1:
            cell = _setting_cell(settings, "Plan start")
            message = f"Plan start is {start}; the first day of a month is needed"
            problems.append(Problem(settings.sheet, cell, message))
            return None
        return PlanPeriod(start.year * 12 + start.month - 1, months)
    if named is None:
        return None
    return PlanPeriod(named[1] * 12 + (named[2] - 1) * _MONTHS[named[0]], months)


def _setting_cell(settings: RawTable, name: str) -> str:
    names = [str(text).strip().lower() for text in settings.column("Setting")]
    return settings.cell(names.index(name.lower()), "Value") if name.lower() in names else settings.header_cell()


def _refuse_unfounded(
    metrics: Sequence[MetricData],
    people: TypedTable,
    placed: bool,  # noqa: FBT001
    seated: bool,  # noqa: FBT001
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
        name = data.columns[0] if data.columns else ""
        if name in DERIVED and name not in people.raw.headers and not needs[name][0]:
            message = f'metric "{data.metric.name}" reads "{name}", which needs {needs[name][1]}'
            problems.append(Problem("Metrics", "", message, "Fill them in, or take the metric out."))


def has_inputs(inputs: PlanningInputs) -> bool:
    """Whether there is anything to plan with."""
    parts = (inputs.bookings, inputs.shares, inputs.territories, inputs.seats, inputs.history)
    return any(part is not None for part in parts)
