"""Sheet Territories: what is known about territories, and what seats of each tier can carry."""

from __future__ import annotations

import difflib
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from revops_xl.model.bounds import LARGEST
from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import Tenure
from revops_xl.model.seats import Seats, Tier
from revops_xl.model.territories import FEATURES, Territories
from revops_xl.tables.quotas.moves import FROM
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.days import to_days
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.typed import TypedTable
from revops_xl.tables.schema.unique_names import unique_names

START, END = "Start date", "End date"
CURVE_MONTH, CURVE_FACTOR = "From month", "Productivity"


def _money(name: str, text: str) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", minimum=0, maximum=LARGEST, width=16, number_format=WHOLE_MONEY)  # fmt: skip


TERRITORIES = Table(
    "Territories",
    "What is known about each territory.",
    (
        Column("Territory", Kind.TEXT, "Name, as in Hierarchy.", required=True, width=18),
        _money("Historical revenue", "Revenue of the last year."),
        _money("Market size", "Addressable market."),
        Column("Account count", Kind.INTEGER, "Accounts in it.", minimum=0, maximum=1e9, width=14),
        Column("Competition density", Kind.NUMBER, "Competitors an account meets.", minimum=0, maximum=1e6, width=19),
        Column("Rep tenure", Kind.NUMBER, "Months the rep has been in the role.", unit="months", minimum=0, maximum=1e4, width=12),
        Column("Industry growth", Kind.PERCENT, "Growth of the industry a year.", unit="%", minimum=-1, maximum=10, width=15, number_format="0.0%"),
        _money("Actual achievement", "Revenue reached, which the model of potential learns from."),
        Column("Conversion rate", Kind.PERCENT, "Part of the pipeline that is won.", unit="%", minimum=0, maximum=1, width=15, number_format="0.0%"),
        Column("Capacity utilization", Kind.PERCENT, "Part of the capacity in use.", unit="%", minimum=0, maximum=2, width=18, number_format="0.0%"),
        _money("Min quota", "Least the territory must carry, before hedges. Blank: 0."),
        _money("Max quota", "Most it can carry, before hedges. Blank: any amount up to the fairness cap."),
        Column("Maturity", Kind.FACTOR, "What a seat brings here for each 1 elsewhere: below 1 for a young territory. Blank: 1.", optional=True, unit="×", minimum=0, maximum=2, width=10),
    ),
    totals="summed",
)  # fmt: skip
TIERS = Table(
    "Tiers",
    "Kinds of seats: how much their capacity weighs, and how they ramp.",
    (
        Column("Tier", Kind.TEXT, "Name of the tier.", required=True, width=14),
        Column("Multiplier", Kind.FACTOR, "Weight of the tier's capacity.", required=True, unit="×", minimum=0, maximum=1000, width=11),
        Column("Ramp factor", Kind.FACTOR, "Productivity before Ramp months are over. Blank: no ramp, or as RampCurves says.", unit="×", minimum=0, maximum=1, width=12),
        Column("Ramp months", Kind.NUMBER, "Months in the role until full productivity.", unit="months", minimum=0, maximum=120, width=13),
    ),
)  # fmt: skip
CURVES = Table(
    "RampCurves",
    "Ramp in steps, for tiers that ramp in more than one: a row for each step, the first from month 0.",
    (
        Column("Curve tier", Kind.TEXT, "A tier of Tiers.", required=True, width=14),
        Column(CURVE_MONTH, Kind.NUMBER, "Months in the role from which it holds.", required=True, unit="months", minimum=0, maximum=120, width=12),
        Column(CURVE_FACTOR, Kind.FACTOR, "Productivity from then on, 1 for full.", required=True, unit="×", minimum=0, maximum=1, width=12),
    ),
)  # fmt: skip
SHEET = Sheet("Territories", "Territories, tiers and ramp", (TERRITORIES, TIERS, CURVES))


def parse_territories(typed: TypedTable | None) -> Territories | None:
    """Read the territories; None without rows."""
    if typed is None:
        return None
    names = unique_names(typed, "Territory")
    features = np.column_stack([typed.numbers(name) for name in FEATURES])
    low, high = typed.numbers("Min quota"), typed.numbers("Max quota")
    with np.errstate(invalid="ignore"):
        for row in np.flatnonzero(low > high).tolist():
            text = f"Min quota {low[row]:,.15g} is above Max quota {high[row]:,.15g}"
            typed.problem(row, "Min quota", text, "Correct one of them.")
    maturity = typed.numbers("Maturity")
    cells = tuple(
        (typed.raw.sheet, typed.raw.cell(row, "Min quota"), typed.raw.cell(row, "Max quota"))
        for row in range(len(typed))
    )
    return Territories(
        names,
        features,
        typed.numbers("Actual achievement"),
        typed.numbers("Conversion rate"),
        typed.numbers("Capacity utilization"),
        low,
        high,
        np.where(np.isnan(maturity), 1.0, maturity),
        cells,
    )


def parse_tiers(typed: TypedTable | None, curves: TypedTable | None) -> tuple[Tier, ...]:
    """Read tiers and their ramps."""
    if typed is None:
        if curves is not None:
            curves.problem(0, "Curve tier", "RampCurves has rows, but Tiers has none", "List the tiers, or clear it.")
        return ()
    names = unique_names(typed, "Tier")
    multiplier, factor, months = (typed.numbers(name) for name in ("Multiplier", "Ramp factor", "Ramp months"))
    typed.check_required("Multiplier")
    for row in np.flatnonzero(np.isnan(factor) != np.isnan(months)).tolist():
        blank = "Ramp months" if np.isnan(months[row]) else "Ramp factor"
        if not typed.is_bad(row, blank):
            typed.problem(row, blank, f"{blank} is blank, but the other half of the ramp is given", "Fill in both, or none.")  # fmt: skip
    steps = _curves(curves, names) if curves is not None else {}
    tiers = []
    for row, name in enumerate(names):
        ramp: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
        if name in steps:
            ramp = steps[name]
            if not np.isnan(factor[row]):
                fix = "Clear Ramp factor and Ramp months, or the rows of RampCurves."
                typed.problem(row, "Ramp factor", f'"{name}" has rows in RampCurves, too: two answers to one question', fix)  # fmt: skip
        elif months[row] > 0:
            ramp = ((0.0, float(factor[row])), (float(months[row]), 1.0))
        tiers.append(Tier(name, float(np.nan_to_num(multiplier[row])), ramp))
    return tuple(tiers)


def _curves(typed: TypedTable, tiers: tuple[str, ...]) -> dict[str, tuple[tuple[float, float], ...]]:
    names, months, factors = typed.texts("Curve tier"), typed.numbers(CURVE_MONTH), typed.numbers(CURVE_FACTOR)
    for column in typed.table.headers:
        typed.check_required(column)
    steps: dict[str, dict[float, float]] = {}
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        if name is None:
            continue
        if name not in tiers:
            typed.problem(row, "Curve tier", f'no tier is called "{name}"', _meant(name, tiers))
            continue
        month = float(months[row])
        first.setdefault(name, row)
        if month in steps.setdefault(name, {}):
            typed.problem(row, CURVE_MONTH, f'"{name}" has month {month:g} twice', "Keep one.")
        steps[name][month] = float(factors[row])
    for name, found in steps.items():
        if min(found) != 0 and not np.isnan(min(found)):
            text = f'the curve of "{name}" begins at month {min(found):g}; it has to say what holds from month 0 on'
            typed.problem(first[name], CURVE_MONTH, text, "Add a row for month 0.")
    return {name: tuple(sorted(found.items())) for name, found in steps.items()}


def parse_seats(
    people: TypedTable,
    own: Collection[str],
    tiers: tuple[Tier, ...],
    territories: Territories | None,
    territory: npt.NDArray[np.int32] | None,
    period: PlanPeriod | None,
    tenure: Tenure | None = None,
) -> Seats | None:
    """Who sits where, since when; None where nothing tells one seat from another, or what the plan covers is not known.

    Args:
        people: The table Hierarchy.
        own: Its columns that are about seats.
        tiers: What the tiers are.
        territories: For their maturity.
        territory: Per row, the index of its territory.
        period: What the plan covers.
        tenure: Days in the seats; None: as Start date and End date say.
    """
    blank = np.full(len(people), np.nan)
    start, end = (_days(people, name) if name in own else blank for name in (START, END))
    tier = _tier_of(people, tiers) if "Tier" in own else np.full(len(people), -1, dtype=np.int32)
    capacity = people.numbers("Capacity") if "Capacity" in own else blank
    if period is None:
        return None
    edges = period.edges
    with np.errstate(invalid="ignore"):
        begin = start if tenure is None else tenure.begin
        for row in np.flatnonzero((begin >= edges[-1]) | (start >= edges[-1])).tolist():
            name = FROM if people.has(FROM) and not is_blank(people.cells(FROM)[row]) else START
            text = f"{name} is after the plan's period, which ends with {period.month_names[-1]}"
            people.problem(row, name, text, "Correct it, or take the row out of this plan.")
        for row in np.flatnonzero(end < start).tolist():
            people.problem(row, END, f"{END} is before {START}", "Correct one of them.")
    if tenure is not None:
        start, end = np.where(np.isnan(start), tenure.begin, start), tenure.end
    if not tiers and np.isnan(start).all() and np.isnan(end).all() and np.isnan(capacity).all():
        return None
    maturity = np.ones(len(people))
    if territories is not None and territory is not None:
        maturity = np.where(territory >= 0, territories.maturity[territory], 1.0)
    return Seats(tiers, tier, np.where(np.isnan(capacity), 1.0, capacity), start, end, maturity, begin)


def _days(people: TypedTable, column: str) -> Floats:
    return np.array([to_days(day) for day in people.dates(column)])


def _tier_of(people: TypedTable, tiers: tuple[Tier, ...]) -> npt.NDArray[np.int32]:
    """Index of each row's tier; -1 without one."""
    found = np.full(len(people), -1, dtype=np.int32)
    if not tiers:
        return found
    place = {tier.name: i for i, tier in enumerate(tiers)}
    for row, name in enumerate(people.texts("Tier")):
        if name is None:
            continue
        if name in place:
            found[row] = place[name]
        else:
            people.problem(row, "Tier", f'no tier is called "{name}" in Tiers', _meant(name, tuple(place)))
    return found


def territory_of(people: TypedTable, territories: Territories | None) -> npt.NDArray[np.int32] | None:
    """Index of each row's territory, -1 without one; None where no row names any."""
    if territories is None:
        return None
    place = {name: i for i, name in enumerate(territories.names)}
    found = np.full(len(people), -1, dtype=np.int32)
    for row, name in enumerate(people.texts("Territory")):
        if name is None:
            continue
        if name in place:
            found[row] = place[name]
        else:
            text = f'no territory is called "{name}" in Territories'
            people.problem(row, "Territory", text, _meant(name, territories.names))
    return found if (found >= 0).any() else None


def _meant(name: str, known: tuple[str, ...]) -> str:
    """The name that was probably meant, as a sentence."""
    close = difflib.get_close_matches(name.strip().casefold(), [each.casefold() for each in known], n=1)
    meant = next((each for each in known if close and each.casefold() == close[0]), "")
    return f'Did you mean "{meant}"?' if meant else f"They are {', '.join(known[:8])}."
