"""Sheet Potential: what territories could bring, and what says so."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.planning import PlanningOutcome
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, Tone
from revops_xl.tables.schema.result import Formula, ResultTable, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet


def _money(name: str, text: str, width: int = 16) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width, number_format=WHOLE_MONEY)


TABLE = Table(
    "TerritoryPotential",
    "What each territory could bring in a year, beside what it carries.",
    (
        Column("Territory", Kind.TEXT, "As in Territories.", width=20),
        _money("Historical revenue", "Revenue of the last year."),
        _money("Actual achievement", "Revenue reached."),
        _money("Potential", "Expected achievement, from what this and other territories have reached."),
        _money("Potential low", "An achievement lies below with half the chance that Bookings interval leaves."),
        _money("Potential high", "Above with the other half."),
        _money("Present quota", "Base quotas of its ICs."),
        Column("Quota : potential", Kind.PERCENT, "Present quota / potential in the length of the plan: alike is fair.", unit="%", width=11, number_format="0%"),
        Column("ICs", Kind.NUMBER, "ICs in it, by their splits.", width=8, number_format="#,##0.##"),
    ),
    result=True,
    keys=("Territory",),
)  # fmt: skip
MODELS = Table(
    "PotentialModels",
    "Models tried on territories they had not seen.",
    (
        Column("Model", Kind.TEXT, "How potential is predicted.", width=24),
        _money("Error", "Root mean square error."),
        Column("Explained", Kind.PERCENT, "1 - squared error / variance: 100 % is perfect, 0 % no better than the mean.", unit="%", width=11, number_format="0%"),
        Column("Chosen", Kind.TEXT, "yes: the potential is its.", width=9),
    ),
    result=True,
    keys=("Model",),
)  # fmt: skip
DRIVERS = Table(
    "PotentialDrivers",
    "What the columns of Territories say.",
    (
        Column("Driver", Kind.TEXT, "Column of Territories.", width=22),
        Column("Importance", Kind.PERCENT, "Error that shuffling it adds, as a part of the variance.", unit="%", width=12, number_format="0.0%"),
        Column("Direction", Kind.TEXT, "more: the more of it, the more potential; less: the other way.", width=11),
        _money("Effect", "Change of the potential from the lower to the upper quartile of it, all else equal."),
    ),
    result=True,
    keys=("Driver",),
)  # fmt: skip


def render(planning: PlanningOutcome, present: Any, seats: Any, year_part: float = 1.0) -> list[ResultTable]:
    """All three; empty without territories.

    Args:
        planning: What was found.
        present: Base quota per territory; None where none is assigned.
        seats: ICs per territory.
        year_part: Part of a year that the plan covers.
    """
    potential = planning.ground.potential
    if potential is None:
        return [ResultTable.empty(table) for table in SHEET.tables]
    places = potential.territories
    quota, could = this_row(TABLE.name, "Present quota"), this_row(TABLE.name, "Potential")
    rows = []
    for i, name in enumerate(places.names):
        value = float(potential.value[i])
        lies = None if present is None else float(np.round(present[i], 6))
        ratio: Any = None
        if lies is not None:
            scaled = could if year_part == 1 else f"({could}*{year_part!r})"
            ratio = Formula(f'IF(N({could})>0,{quota}/{scaled},"")', lies / (value * year_part) if value > 0 else "")
        rows.append(
            {
                "Territory": name,
                "Historical revenue": _or_none(places.history[i]),
                "Actual achievement": _or_none(places.actual[i]),
                "Potential": _or_none(value),
                "Potential low": _or_none(potential.low[i]),
                "Potential high": _or_none(potential.high[i]),
                "Present quota": lies,
                "Quota : potential": ratio,
                "ICs": None if seats is None else round(float(seats[i]), 6),
            }
        )
    models = [
        {"Model": str(t.model), "Error": t.error, "Explained": t.explained, "Chosen": "yes" if t.chosen else None}
        for t in potential.trials
    ]
    drivers = [
        {"Driver": e.name, "Importance": e.importance, "Direction": e.direction or None, "Effect": e.effect}
        for e in potential.effects
    ]
    return [
        ResultTable.of_rows(TABLE, rows),
        ResultTable.of_rows(MODELS, models),
        ResultTable.of_rows(DRIVERS, drivers),
    ]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def present_quota(plan: QuotaPlan, planning: PlanningOutcome) -> tuple[Floats | None, Floats | None]:
    """Base quota and ICs of each territory; None where Hierarchy assigns none."""
    places, place = planning.inputs.territories, planning.inputs.territory
    if places is None or place is None:
        return None, None
    tree = plan.inputs.tree
    node = np.flatnonzero(tree.is_ic)
    at = place[tree.row[node]]
    here = at >= 0
    size = len(places)
    carried = np.bincount(at[here], weights=plan.base[node][here], minlength=size).astype(np.float64)
    return carried, np.bincount(at[here], weights=tree.split[node][here], minlength=size).astype(np.float64)


def _tables(outcome: Outcome) -> list[ResultTable]:
    planning, period = outcome.planning, outcome.planning.inputs.period
    return render(planning, *present_quota(outcome.quotas, planning), period.year_part if period is not None else 1.0)


SHEET = ResultSheet(
    "Potential",
    "What territories could bring",
    (TABLE, MODELS, DRIVERS),
    Part.PLANNING,
    _tables,
    (Highlight(MODELS.name, (("Model", "Chosen"),), '{Chosen}="yes"', Tone.GOOD),),
)
