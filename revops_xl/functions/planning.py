"""Functions of quota planning."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import numpy as np

from revops_xl.engine.planning.phasing import phase_team
from revops_xl.engine.planning.ramp import seat_capacity
from revops_xl.errors import Problem
from revops_xl.frames.common.periods import period_of
from revops_xl.functions import examples
from revops_xl.functions.answers import of_figures, of_frame, of_texts, together
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.calendar import CALENDAR, calendar_of
from revops_xl.functions.cells import Answer
from revops_xl.functions.commits import SEED
from revops_xl.functions.declare import Category, Function, Parameter, Takes
from revops_xl.functions.quotas import UNIT
from revops_xl.model import bounds
from revops_xl.model.attainability import risk_of
from revops_xl.model.money import MAX_UNITS, Floats, Unit
from revops_xl.model.plan_period import MOST_MONTHS
from revops_xl.model.seats import Seats, Tier
from revops_xl.tables.planning import baseline as baseline_tables
from revops_xl.tables.planning import bookings as booking_tables
from revops_xl.tables.planning import optimum as optimum_tables
from revops_xl.tables.planning import potential as potential_tables
from revops_xl.tables.planning import territories as territory_tables
from revops_xl.tables.schema.days import to_days
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.typed import TypedTable

_function = partial(Function, category=Category.PLANNING)
BOOKINGS = Parameter("bookings", Takes.TABLE, "Table Bookings: Period and Bookings, two years or more of quarters or months.", needed=True, tables=(booking_tables.BOOKINGS,))  # fmt: skip
START = Parameter(
    "start", Takes.DAY, "First day of the plan, the first of a month. Blank: after the last booked period."
)
MONTHS = Parameter("months", Takes.WHOLE, "How many months the plan covers. Blank: 12.", default=12, minimum=1, maximum=MOST_MONTHS)  # fmt: skip
INTERVAL = Parameter("interval", Takes.NUMBER, "Chance that a value lies between low and high. Blank: 0.8.", default=0.8, **bounds.CONFIDENCE.limits)  # fmt: skip
UNUSUAL = Parameter("unusual", Takes.TEXT, "keep: single unusual values count; replace: as what was expected. Both flag them.", default=booking_tables.KEEP, choices=(booking_tables.KEEP, booking_tables.REPLACE))  # fmt: skip
TERRITORIES = Parameter("territories", Takes.TABLE, "Table Territories.", needed=True, tables=(territory_tables.TERRITORIES,))  # fmt: skip
#: A ramp of one tier: RampCurves without its name.
STEPS = replace(territory_tables.CURVES, columns=territory_tables.CURVES.columns[1:])
#: Shares of periods add up to 1 but for what people round.
_SHARES_TOLERANCE = 1e-6


def _baseline(arguments: Arguments) -> Answer:
    return of_frame(_based(arguments, None).periods, baseline_tables.PERIODS)


def _target_range(arguments: Arguments) -> Answer:
    return of_frame(_based(arguments, arguments.number("target")).target_range, baseline_tables.RANGE)


def _based(arguments: Arguments, target: float | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from revops_xl.frames.bookings import baseline  # noqa: PLC0415  (statsmodels is loaded when it forecasts)

    bookings, start = arguments.table("bookings"), arguments.day("start")
    months, interval, unusual = arguments.whole("months"), arguments.number("interval"), arguments.text("unusual")
    calendar = calendar_of(arguments)
    if start is not None and calendar.weeks is None and start.day != 1:
        arguments.problem("start", f"{start}; the first day of a month is needed")
    arguments.refuse()
    assert bookings is not None  # noqa: S101  (a needed argument)
    return baseline(
        bookings, target=target, start=start, months=months, interval=interval, unusual=unusual, calendar=calendar
    )


def _phase(arguments: Arguments) -> Answer:
    quotas, shares, unit = arguments.numbers("quotas"), arguments.numbers("shares"), arguments.number("unit")
    if quotas.shape[1] > 1 and quotas.shape[0] > 1:
        arguments.problem("quotas", f"{quotas.shape[0]} by {quotas.shape[1]} cells; one column is needed")
    if not arguments.problems and abs(np.nansum(shares) - 1) > _SHARES_TOLERANCE:
        arguments.problem("shares", f"they add up to {np.nansum(shares):.6g}; 1 is needed")
    arguments.refuse()
    step, flat = Unit.of(unit), quotas.ravel()
    parts = np.nan_to_num(shares.ravel())
    known = ~np.isnan(flat)
    for amount in flat[known].tolist():
        if float(step.in_units(amount)) > MAX_UNITS or step.exactly(amount) is None:
            arguments.problem("quotas", f"{amount:,.15g} is not a whole multiple of the unit {unit:g}")
    arguments.refuse()
    rows: Floats = np.full((len(flat), len(parts)), np.nan)
    rows[known] = phase_team(flat[known], parts / parts.sum(), step) if known.any() else 0.0
    return of_figures(rows)


def _ramp(arguments: Arguments) -> Answer:
    start, months = arguments.day("plan_start"), arguments.whole("months")
    begins, ends = arguments.days("start_dates"), arguments.days("end_dates")
    steps = _steps(arguments)
    seats_begin, seats_end = together(
        ("start_dates", "end_dates"), [_as_numbers(begins), _as_numbers(ends)], arguments.problem
    )
    if (seats_end < seats_begin).any():
        arguments.problem("end_dates", "a day before the start")
    problems: list[Problem] = []
    period = period_of(start or dt.date(1970, 1, 1), months, problems)
    if problems:
        arguments.problem("plan_start", f"{start}; the first day of a month is needed")
    arguments.refuse()
    assert period is not None  # noqa: S101  (or there was a problem)
    flat, last = seats_begin.ravel(), seats_end.ravel()
    ones = np.ones(len(flat))
    seats = Seats((Tier("", 1.0, steps),), np.zeros(len(flat), dtype=np.int32), ones, flat, last, ones)
    return of_figures(seat_capacity(seats, period).effective.reshape(seats_begin.shape))


def _steps(arguments: Arguments) -> tuple[tuple[float, float], ...]:
    """Months from which a productivity holds."""
    if not arguments.is_table("ramp", *territory_tables.CURVES.headers):
        factor, months = arguments.number("ramp"), arguments.number("ramp_months")
        if months > 0 and not arguments.given("ramp"):
            arguments.problem("ramp", "blank; the productivity during the months of the ramp is needed")
        if factor < 1 and months == 0:
            arguments.problem("ramp_months", "blank or 0; how many months the ramp takes is needed")
        return ((0.0, factor), (months, 1.0)) if months > 0 else ((0.0, 1.0),)
    raw = arguments.table("ramp")
    if arguments.given("ramp_months"):
        arguments.problem("ramp_months", "the table of ramp says the months already", "Leave it blank.")
    wanted = (territory_tables.CURVE_MONTH, territory_tables.CURVE_FACTOR)
    if raw is None or any(name not in raw.headers for name in wanted):
        arguments.problem("ramp", f"it needs the columns {wanted[0]} and {wanted[1]}")
        return ((0.0, 1.0),)
    tier = territory_tables.CURVES.columns[0].name
    if tier in raw.headers and len(set(raw.column(tier))) > 1:
        arguments.problem("ramp", f"several tiers in the column {tier}; the steps of one are needed")
    typed = TypedTable(raw, STEPS, NumberLocale(), arguments.problems)
    begins, factors = (typed.numbers(name) for name in wanted)
    if not len(begins) or np.isnan([*begins, *factors]).any() or begins[0] != 0 or (np.diff(begins) <= 0).any():
        arguments.problem("ramp", "numbers are needed, the months ascending from 0")
    if arguments.problems:
        return ((0.0, 1.0),)
    return tuple(zip(begins.tolist(), factors.tolist(), strict=True))


def _as_numbers(days: list[list[dt.date | None]]) -> Floats:
    return np.array([[to_days(day) for day in row] for row in days])


def _attainability(arguments: Arguments) -> Answer:
    names = ("history", "quota")
    history, quota = together(names, [arguments.numbers(name) for name in names], arguments.problem)
    arguments.refuse()
    with np.errstate(divide="ignore", invalid="ignore"):
        return of_figures(np.where(quota > 0, history / quota, np.nan))


def _risk(arguments: Arguments) -> Answer:
    values = arguments.numbers("attainability")
    arguments.refuse()
    return of_texts([[str(risk_of(value)) for value in row] for row in values.tolist()])


def _potential(arguments: Arguments) -> Answer:
    from revops_xl.frames.territories import potential  # noqa: PLC0415  (what learns is loaded when it learns)

    raw, interval, seed = arguments.table("territories"), arguments.number("interval"), arguments.whole("seed")
    arguments.refuse()
    assert raw is not None  # noqa: S101  (a needed argument)
    return of_frame(potential(raw, interval=interval, seed=seed).territories, potential_tables.TABLE)


def _optimise(arguments: Arguments) -> Answer:
    from revops_xl.frames.territories import optimise  # noqa: PLC0415  (SciPy's optimiser is loaded when it is used)

    raw, total, fairness = arguments.table("territories"), arguments.number("total"), arguments.number("fairness")
    unit, seed = arguments.number("unit"), arguments.whole("seed")
    arguments.refuse()
    assert raw is not None  # noqa: S101  (a needed argument)
    found = optimise(raw, total, fairness=fairness, unit=unit, seed=seed)
    return of_frame(found.quotas, optimum_tables.TABLE)


FUNCTIONS = (
    _function(
        "REVOPS_BASELINE",
        help="Season, trend and forecast of bookings with its range; unusual values are flagged.",
        parameters=(BOOKINGS, START, MONTHS, INTERVAL, UNUSUAL, *CALENDAR),
        gives="table BaselineForecast, one row per period",
        formula="=REVOPS_BASELINE(Bookings[[#Headers],[#Data]])",
        example=(examples.BOOKINGS,),
        act=_baseline,
    ),
    _function(
        "REVOPS_TARGET_RANGE",
        help="What bookings support for the plan beside a target: low, middle, high, and the chance of the target.",
        parameters=(
            BOOKINGS,
            Parameter("target", Takes.NUMBER, "The target, in currency.", needed=True, **bounds.TARGET.limits),
            START, MONTHS, INTERVAL, UNUSUAL, *CALENDAR,
        ),
        gives="table TargetRange, one row",
        formula="=REVOPS_TARGET_RANGE(Bookings[[#Headers],[#Data]],Target)",
        example=(examples.BOOKINGS, 430),
        act=_target_range,
    ),
    _function(
        "REVOPS_PHASE",
        help="Quotas of a team by period: each row adds up to its quota, each column to what the shares make of the total, in whole units.",
        parameters=(
            Parameter("quotas", Takes.NUMBERS, "One column of quotas, whole multiples of the unit.", needed=True, minimum=0),
            Parameter("shares", Takes.NUMBERS, "Share of each period; together 1.", needed=True, minimum=0),
            UNIT,
        ),
        gives="numbers, one row per quota, one column per period",
        formula="=REVOPS_PHASE(D2:D9,{0.2,0.25,0.25,0.3})",
        example=(((100.01,), (50,)), ((0.2, 0.25, 0.25, 0.3),)),
        act=_phase,
    ),
    _function(
        "REVOPS_RAMP",
        help="Productivity of a rep over a plan, as a fraction of one who is there and ramped all the time: presence by days x ramp by months in the role.",
        parameters=(
            Parameter("start_dates", Takes.DAYS, "First day in the role; a blank cell in a range: long ago.", needed=True, blank=True),
            Parameter("plan_start", Takes.DAY, "First day of the plan, the first of a month.", needed=True),
            MONTHS,
            Parameter("ramp", Takes.TABLE_OR_NUMBER, "Productivity while ramping, or a table: From month, Productivity. Blank: 1.", default=1, minimum=0, maximum=1, tables=(STEPS,)),
            Parameter("ramp_months", Takes.NUMBER, "Months until full productivity. Blank: 0.", default=0, minimum=0, maximum=120),
            Parameter("end_dates", Takes.DAYS, "Last day in the role. Blank: stays."),
        ),
        gives="fraction, or fractions in the shape of start_dates",
        formula='=REVOPS_RAMP(Hierarchy[Start date],"2027-01-01",12,50%,6)',
        example=((("2027-01-01",), ("2020-05-01",), ("2027-07-01",)), "2027-01-01", 12, 0.5, 6),
        act=_ramp,
    ),
    _function(
        "REVOPS_ATTAINABILITY",
        help="Historical average / quota. Blank where there is no quota.",
        parameters=(
            Parameter("history", Takes.NUMBERS, "What was reached on average in the length of the plan, in currency.", needed=True, blank=True),
            Parameter("quota", Takes.NUMBERS, "Quota in currency.", needed=True, blank=True, minimum=0),
        ),
        gives="fraction, or fractions in the shape of the ranges",
        formula="=REVOPS_ATTAINABILITY(D2:D9,E2:E9)",
        example=(((85,), (70,), (40,)), ((100,), (100,), (0,))),
        act=_attainability,
    ),
    _function(
        "REVOPS_RISK",
        help="Risk of an attainability: from 0.85 low, from 0.70 medium, from 0.55 high, else very high.",
        parameters=(Parameter("attainability", Takes.NUMBERS, "Historical average / quota, or a range of them.", needed=True, blank=True),),
        gives="text, or texts in the shape of attainability",
        formula="=REVOPS_RISK(F2:F9)",
        example=(((0.85,), (0.7,), (0.3,)),),
        act=_risk,
    ),
    _function(
        "REVOPS_POTENTIAL",
        help="What territories could bring, learned from those whose achievement is known, with its range.",
        parameters=(TERRITORIES, INTERVAL, SEED),
        gives="table TerritoryPotential, one row per territory",
        formula="=REVOPS_POTENTIAL(Territories[[#Headers],[#Data]])",
        example=(examples.TERRITORIES,),
        act=_potential,
    ),
    _function(
        "REVOPS_OPTIMISE",
        help="A total laid over territories: most expected revenue, highest attainability, smoothest growth, within their limits.",
        parameters=(
            TERRITORIES,
            Parameter("total", Takes.NUMBER, "To be laid over them, in currency.", needed=True, **bounds.TOTAL.limits),
            Parameter("fairness", Takes.NUMBER, "Cap on a quota, as a multiple of the average. Blank: 2.", default=2, **bounds.FAIRNESS.limits),
            UNIT,
            SEED,
        ),
        gives="table Optimum, one row per territory",
        formula="=REVOPS_OPTIMISE(Territories[[#Headers],[#Data]],72000000)",
        example=(examples.TERRITORIES, 100),
        act=_optimise,
    ),
)  # fmt: skip
