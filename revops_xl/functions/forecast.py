"""Functions of the revenue forecast."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from revops_xl.engine.forecast.budget import safe_share
from revops_xl.engine.forecast.cohorts import unseen
from revops_xl.functions import examples
from revops_xl.functions.answers import of_frame
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.calendar import CALENDAR, calendar_of
from revops_xl.functions.cells import Answer, rows_of
from revops_xl.functions.commits import SEED
from revops_xl.functions.declare import Category, Function, Parameter, Takes
from revops_xl.functions.kept import Kept
from revops_xl.model import bounds
from revops_xl.model.calendar import CALENDAR_YEAR
from revops_xl.model.forecast import YEAR_QUARTERS
from revops_xl.model.money import to_cents
from revops_xl.tables.forecast import cohorts, deals
from revops_xl.tables.forecast import forecast as forecast_tables
from revops_xl.tables.forecast.scored_deals import TABLE as SCORED
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.typed import TypedTable

if TYPE_CHECKING:
    from revops_xl.frames.forecast import Forecast

_function = partial(Function, category=Category.FORECAST)
DEALS = Parameter("deals", Takes.TABLE, "Table Deals: open deals to score, closed ones to learn from.", tables=(deals.DEALS,))  # fmt: skip
TELEMETRY = Parameter("telemetry", Takes.TABLE, "Table Telemetry: usage of the accounts.", tables=(deals.TELEMETRY,))
AS_OF = Parameter("as_of", Takes.DAY, "Day of the forecast. Blank: the last day on which a deal was created or closed.")
COHORTS = Parameter("cohorts", Takes.TABLE, "Table Cohorts: Cohort, Baseline (revenue a quarter), Growth rate.", tables=(cohorts.COHORTS,))  # fmt: skip
SCENARIOS = Parameter("scenarios", Takes.TABLE, "Table Scenarios. Blank: Baseline, Best and Worst.", tables=(cohorts.SCENARIOS,))  # fmt: skip
QUARTERS = Parameter(
    "quarters", Takes.WHOLE, "How many quarters. Blank: 4.", default=4, **bounds.FORECAST_QUARTERS.limits
)
LIMIT = Parameter("opex_limit", Takes.NUMBER, "Part of the year that may be spent. Blank: 0.6.", default=0.6, **bounds.PART.limits)  # fmt: skip
_FORECAST = (
    DEALS,
    COHORTS,
    SCENARIOS,
    TELEMETRY,
    AS_OF,
    QUARTERS,
    Parameter("confidence", Takes.NUMBER, "Chance with which the year exceeds what the cautious budget counts on. Blank: 0.8.", default=0.8, **bounds.BUDGET_CONFIDENCE.limits),
    Parameter("interval", Takes.NUMBER, "Chance that a quarter lies between low and high. Blank: 0.8.", default=0.8, **bounds.CONFIDENCE.limits),
    Parameter("runs", Takes.WHOLE, "Simulated outcomes. Blank: 10,000.", default=10_000, **bounds.RUNS.limits),
    SEED,
    LIMIT,
    *CALENDAR,
)  # fmt: skip
_kept = Kept["Forecast"](4)


def _forecast(arguments: Arguments, names: Sequence[str]) -> Forecast:
    """The forecast of these arguments; functions that ask for the same share it."""
    from revops_xl.frames.forecast import forecast  # noqa: PLC0415  (what learns is loaded when it learns)

    tables = {name: arguments.table(name) for name in names if name in {"deals", "cohorts", "scenarios", "telemetry"}}
    day = arguments.day("as_of")
    numbers = {name: arguments.number(name) for name in names if name in {"confidence", "interval", "opex_limit"}}
    whole = {name: arguments.whole(name) for name in names if name in {"quarters", "runs", "seed"}}
    calendar = calendar_of(arguments) if CALENDAR[0].name in names else CALENDAR_YEAR
    arguments.refuse()
    return _kept.get(
        arguments.key(*(each.name for each in _FORECAST)),
        lambda: forecast(**tables, as_of=day, **numbers, **whole, calendar=calendar),  # type: ignore[arg-type]
    )


def _score_deals(arguments: Arguments) -> Answer:
    return of_frame(_forecast(arguments, ("deals", "telemetry")).deals, SCORED)


def _quarters(arguments: Arguments) -> Answer:
    return of_frame(_forecast(arguments, [each.name for each in _FORECAST]).quarters, forecast_tables.FORECAST)


def _budget(arguments: Arguments) -> Answer:
    return of_frame(_forecast(arguments, [each.name for each in _FORECAST]).budget, forecast_tables.BUDGET)


def _unseen(arguments: Arguments) -> Answer:
    raw, quarters = arguments.table("cohorts"), arguments.whole("quarters")
    arguments.refuse()
    assert raw is not None  # noqa: S101  (a needed argument)
    typed = TypedTable(raw, cohorts.COHORTS, NumberLocale(), arguments.problems)
    found = cohorts.parse(typed if typed.check_headers() else None, None)
    arguments.refuse()
    amounts = to_cents(unseen(found.cohorts, quarters)).tolist()
    return rows_of(("Quarter", "Unseen"), (range(1, quarters + 1), amounts))


def _safe_budget(arguments: Arguments) -> Answer:
    quarters, limit = arguments.numbers("quarters"), arguments.number("opex_limit")
    if min(quarters.shape) > 1:
        arguments.problem("quarters", f"{quarters.shape[0]} by {quarters.shape[1]} cells; one row or column is needed")
    year = quarters.ravel()[:YEAR_QUARTERS]
    if len(year) < YEAR_QUARTERS or np.isnan(year).any():
        arguments.problem(
            "quarters", f"{int((~np.isnan(year)).sum())} of the next {YEAR_QUARTERS} quarters are there; all are needed"
        )
    arguments.refuse()
    return safe_share(year, limit)


FUNCTIONS = (
    _function(
        "REVOPS_SCORE_DEALS",
        help="Chance and value of each open deal, learned from the closed ones, beside what the reps say; with the reasons. The weightiest first.",
        parameters=(Parameter("deals", Takes.TABLE, DEALS.help, needed=True, tables=DEALS.tables), TELEMETRY, AS_OF),
        gives="table ScoredDeals, one row per open deal",
        formula="=REVOPS_SCORE_DEALS(Deals[[#Headers],[#Data]],Telemetry[[#Headers],[#Data]])",
        example=(examples.DEALS, None, 45950),
        act=_score_deals,
    ),
    _function(
        "REVOPS_UNSEEN",
        help="Revenue of each quarter that no deal stands for yet: the sum over cohorts of baseline x (1 + growth)^t, t from 0.",
        parameters=(Parameter("cohorts", Takes.TABLE, COHORTS.help, needed=True, tables=COHORTS.tables), QUARTERS),
        gives="table: Quarter, Unseen",
        formula="=REVOPS_UNSEEN(Cohorts[[#Headers],[#Data]],4)",
        example=(examples.COHORTS, 3),
        act=_unseen,
    ),
    _function(
        "REVOPS_FORECAST",
        help="Revenue by scenario and quarter: open deals at chance x value, and unseen pipeline, with the range they lie in.",
        parameters=_FORECAST,
        gives="table Forecast, one row per scenario and quarter",
        formula="=REVOPS_FORECAST(Deals[[#Headers],[#Data]],Cohorts[[#Headers],[#Data]],Scenarios[[#Headers],[#Data]],Telemetry[[#Headers],[#Data]],As_of)",
        example=(examples.DEALS, examples.COHORTS, None, None, 45950, 2, None, None, 500),
        act=_quarters,
    ),
    _function(
        "REVOPS_BUDGET",
        help="The year of each scenario, what it exceeds with some confidence, and what of it may be spent.",
        parameters=_FORECAST,
        gives="table Budget, one row per scenario",
        formula="=REVOPS_BUDGET(Deals[[#Headers],[#Data]],Cohorts[[#Headers],[#Data]],Scenarios[[#Headers],[#Data]],Telemetry[[#Headers],[#Data]],As_of)",
        example=(None, examples.COHORTS, None, None, 45950, 4, None, None, 500),
        act=_budget,
    ),
    _function(
        "REVOPS_SAFE_BUDGET",
        help="What may be spent of the next four quarters of a forecast, to the cent.",
        parameters=(Parameter("quarters", Takes.NUMBERS, "Forecast of each quarter in currency, the next first; four count.", needed=True), LIMIT),
        gives="number",
        formula="=REVOPS_SAFE_BUDGET(F2:F5,60%)",
        example=(((100,), (110,), (120,), (130,), (140,)), 0.6),
        act=_safe_budget,
    ),
)  # fmt: skip
