"""Sheet Baseline: what the bookings of the past support, beside the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from revops_xl.model.bookings import BookingsBaseline, TargetRange
from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.verdicts import RUN_AGAIN, ChanceVerdict
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, Tone, Words
from revops_xl.tables.schema.result import Formula, ResultTable, target_formula, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

HISTORY, AHEAD = "booked", "forecast"


def _money(name: str, text: str, width: int = 16) -> Column:
    return Column(name, Kind.MONEY, text, unit="currency", width=width, number_format=WHOLE_MONEY)


RANGE = Table(
    "TargetRange",
    "What bookings support in the plan's period, beside the target.",
    (
        Column("Plan covers", Kind.TEXT, "First and last period of the plan.", width=22),
        _money("Booked", "Booked in it already."),
        _money("Expected", "Booked and forecast."),
        _money("Range low", "Lower end of the interval of the setting Bookings interval."),
        _money("Range high", "Upper end."),
        _money("Target entered", "The setting Target."),
        Column("Against expected", Kind.PERCENT, "Target / expected - 1.", unit="%", width=12, number_format="+0.0%;-0.0%"),
        Column("Chance", Kind.PERCENT, "Probability of reaching the target, if the past goes on: the same as in Attainability.", unit="%", width=10, number_format="0%"),
        _money("Period before", "Bookings of the same length of time before; forecast where not booked yet."),
        Column("Growth asked", Kind.PERCENT, "Target / period before - 1.", unit="%", width=11, number_format="+0.0%;-0.0%"),
        Column("Verdict", Kind.TEXT, "What the chance says: backed from 80 %, ambitious from 50 %, a stretch from 20 %, else not backed; run again if the target was changed since.", width=16),
    ),
    result=True,
    keys=("Plan covers",),
)  # fmt: skip
PERIODS = Table(
    "BaselineForecast",
    "Bookings period by period, and the next.",
    (
        Column("Period", Kind.TEXT, "Quarter or month.", width=11),
        Column("Kind", Kind.TEXT, "booked or forecast.", width=10),
        _money("Bookings", "As booked."),
        Column("Seasonal factor", Kind.FACTOR, "What the part of the year brings for each 1 of an average one.", unit="×", width=11, number_format="0.000"),
        _money("Yearly mean", "Mean over the year around the period: the level without season."),
        _money("Forecast", "What is expected."),
        _money("Low", "Lower end of its interval."),
        _money("High", "Upper end."),
        Column("Flag", Kind.TEXT, "one-off: a single unusual value. level shift: another level begins.", width=44),
    ),
    result=True,
    keys=("Period",),
)  # fmt: skip
METHODS = Table(
    "BaselineMethods",
    "Forecasts from points of the past, against what came.",
    (
        Column("Method", Kind.TEXT, "How it was forecast. The mean of several is used unless another one is clearly better.", width=66),
        Column("Error", Kind.PERCENT, "sMAPE: mean of 2 x |actual - forecast| / (actual + forecast), up to a year ahead.", unit="%", width=10, number_format="0.0%"),
        Column("Chosen", Kind.TEXT, "yes: the forecast is made with it.", width=9),
    ),
    result=True,
    keys=("Method",),
)  # fmt: skip


def render(
    baseline: BookingsBaseline | None, target_range: TargetRange | None, period: PlanPeriod | None, target: str
) -> list[ResultTable]:
    """All three; empty without bookings.

    Args:
        baseline: What bookings say.
        target_range: What they support.
        period: What the plan covers.
        target: The target as a formula.
    """
    if baseline is None:
        return [ResultTable.empty(table) for table in TABLES]
    return [_range(target_range, period, target), _periods(baseline), _methods(baseline)]


def _range(target_range: TargetRange | None, period: PlanPeriod | None, entered: str) -> ResultTable:
    if target_range is None or period is None:
        return ResultTable.empty(RANGE)
    target, expected, before = (
        this_row("TargetRange", name) for name in ("Target entered", "Expected", "Period before")
    )
    chance = this_row("TargetRange", "Chance")
    otherwise = target_range.limits.formula(chance)
    known = not np.isnan(target_range.last) and target_range.last > 0
    row = {
        "Plan covers": f"{period.month_names[0]} to {period.month_names[-1]}",
        "Booked": target_range.booked,
        "Expected": target_range.expected,
        "Range low": target_range.low,
        "Range high": target_range.high,
        "Target entered": Formula(entered, target_range.target),
        "Against expected": Formula(f'IF({expected}>0,{target}/{expected}-1,"")', target_range.target / target_range.expected - 1 if target_range.expected > 0 else ""),
        "Chance": target_range.chance,
        "Period before": target_range.last,
        "Growth asked": Formula(f"{target}/{before}-1", target_range.target / target_range.last - 1) if known else None,
        "Verdict": Formula(f'IF(ABS({target}-{target_range.target!r})>0.005,"{RUN_AGAIN}",{otherwise})', str(target_range.verdict)),
    }  # fmt: skip
    return ResultTable.of_rows(RANGE, [row])


def _periods(baseline: BookingsBaseline) -> ResultTable:
    bookings = baseline.bookings
    flags = {each.position: f"{each.kind}: {each.deviation:+.0%} against {each.expected:,.0f}" for each in baseline.outliers}  # fmt: skip
    rows: list[dict[str, Any]] = [
        {
            "Period": bookings.name(i),
            "Kind": HISTORY,
            "Bookings": float(bookings.values[i]),
            "Seasonal factor": float(baseline.factors[bookings.part(i)]),
            "Yearly mean": None if np.isnan(baseline.level[i]) else round(float(baseline.level[i]), 2),
            "Forecast": None,
            "Low": None,
            "High": None,
            "Flag": flags.get(i),
        }
        for i in range(len(bookings))
    ]
    for h in range(len(baseline.forecast)):
        at = len(bookings) + h
        rows.append(
            {
                "Period": bookings.name(at),
                "Kind": AHEAD,
                "Bookings": None,
                "Seasonal factor": float(baseline.factors[bookings.part(at)]),
                "Yearly mean": None,
                "Forecast": float(baseline.forecast[h]),
                "Low": float(baseline.low[h]),
                "High": float(baseline.high[h]),
                "Flag": None,
            }
        )
    return ResultTable.of_rows(PERIODS, rows)


def _methods(baseline: BookingsBaseline) -> ResultTable:
    rows = [
        {"Method": trial.method, "Error": trial.error, "Chosen": "yes" if trial.chosen else None}
        for trial in baseline.trials
    ]
    return ResultTable.of_rows(METHODS, rows)


def _tables(outcome: Outcome) -> list[ResultTable]:
    planning = outcome.planning
    ground = planning.ground
    return render(ground.baseline, ground.target_range, planning.inputs.period, target_formula(outcome.plan.settings))


SHEET = ResultSheet(
    "Baseline",
    "What history supports",
    (RANGE, PERIODS, METHODS),
    Part.PLANNING,
    _tables,
    (
        Highlight(PERIODS.name, (("Flag", "Flag"),), '{Flag}<>""', Tone.WATCH),
        Highlight(PERIODS.name, (("Period", "Kind"),), f'{{Kind}}="{AHEAD}"', Tone.OTHER),
        Highlight(METHODS.name, (("Method", "Chosen"),), '{Chosen}="yes"', Tone.GOOD),
        Words.of(RANGE.name, "Verdict", ChanceVerdict),
    ),
)
TABLES = SHEET.tables
