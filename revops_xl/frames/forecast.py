"""The public functions of the revenue forecast: deals in, probabilities, values, quarters and a budget out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from revops_xl.engine.common.threads import one_thread
from revops_xl.engine.forecast.deals import fit as fitting
from revops_xl.engine.forecast.deals.model import FittedDealModel
from revops_xl.engine.forecast.deals.scores import score
from revops_xl.engine.forecast.deals.telemetry import with_usage
from revops_xl.engine.forecast.deals.valuation import valued
from revops_xl.engine.forecast.forecast import forecast as quarters_of
from revops_xl.engine.forecast.forecast import last_day
from revops_xl.engine.forecast.revenue import revenue
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.common.convert import Given, to_frame
from revops_xl.frames.common.given import DEALS, check_number, typed_table
from revops_xl.model.bounds import BUDGET_CONFIDENCE, CONFIDENCE, FORECAST_QUARTERS, PART, RUNS, SEED, SPREAD, Bounds
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Deals
from revops_xl.model.forecast import SCENARIOS, Cohorts, Correlation, ForecastRules
from revops_xl.model.revenue import Revenue, Valuation
from revops_xl.tables.forecast import cohorts as cohort_tables
from revops_xl.tables.forecast import deals as deal_tables
from revops_xl.tables.forecast import forecast as forecast_tables
from revops_xl.tables.forecast import model_report, scored_deals
from revops_xl.tables.schema.days import EPOCH, to_date, to_days
from revops_xl.tables.schema.declare import Table, snake

if TYPE_CHECKING:
    import pandas as pd

Day = dt.date | str | None


@dataclass(frozen=True, repr=False)
class DealModel:
    """What was learned from deals.

    Attributes:
        name: What won the comparison, such as "gradient boosting (120 rounds)".
        as_of: The day of the fit.
        leaks: Columns that were left out because they know the outcome, with the reason.
    """

    name: str
    as_of: dt.date
    leaks: dict[str, str]
    _fitted: FittedDealModel
    _deals: Deals
    _rules: ForecastRules

    def __repr__(self) -> str:
        return f"DealModel({self.name!r}, {self._fitted.closed:,} closed deals, as of {self.as_of})"

    @cached_property
    def _revenue(self) -> Revenue:
        """The open deals scored, when they are first asked for."""
        day = to_days(self.as_of)
        worth = valued(self._fitted, self._deals, self._rules, day)
        made = quarters_of(worth, self._deals, Cohorts.none(), SCENARIOS, replace(self._rules, runs=100), day)
        return Revenue(
            self._deals,
            day,
            worth.model,
            worth.report,
            worth.scored,
            worth.effects,
            made,
            None,
            None,
            self._rules,
            Cohorts.none(),
        )

    def _table(self, table: Table) -> pd.DataFrame:
        tables = {each.table.name: each for each in model_report.render(self._revenue)}
        return to_frame(tables[table.name])

    @property
    def report(self) -> pd.DataFrame:
        """How it did in past quarters, or on the last fifth of the closed deals: measure, model, base_rate, reps; empty if too few."""
        return self._table(model_report.REPORT)

    @property
    def choice(self) -> pd.DataFrame:
        """What was tried, on earlier deals."""
        return self._table(model_report.CHOICE)

    @property
    def columns(self) -> pd.DataFrame:
        """What it reads, the strongest first, and what was left out and why."""
        return self._table(model_report.COLUMNS)

    @property
    def reliability(self) -> pd.DataFrame:
        """Predicted and won, in groups."""
        return self._table(model_report.RELIABILITY)

    @property
    def dollar_bias(self) -> pd.DataFrame:
        """Dollars forecast and come, by quarter and region."""
        return self._table(model_report.DOLLARS)

    def score(
        self, deals: pd.DataFrame | None = None, *, telemetry: Given | None = None, as_of: Day = None
    ) -> pd.DataFrame:
        """Chance and value of deals.

        Args:
            deals: Deals to score, whatever their status says: they are looked at as if open. None: the open deals of the fit.
            telemetry: Usage of their accounts.
            as_of: The day they are looked at; None: that of the fit. A deal that was created later is looked at on its first day.

        Returns:
            The columns of the table ScoredDeals in snake_case: in the order and with the index of the deals given; without deals, the weightiest first.

        Raises:
            PlanError: With every problem found.
        """
        if deals is None:
            return to_frame(scored_deals.render(self._revenue))
        if not hasattr(deals, "columns"):
            raise PlanError([Problem("deals", "", "a DataFrame is needed")])
        given = deals.drop(columns=[c for c in deals.columns if _is(c, deal_tables.WON_AMOUNT)])
        given = given.assign(**{next((c for c in deals.columns if _is(c, "Status")), "Status"): "Open"})
        ours, _ = _with_cohorts(given, telemetry, None)
        day = to_days(self.as_of) if as_of is None else _day(as_of, "as_of")
        scored = replace(ours, has_won_amounts=self._deals.has_won_amounts)
        with one_thread():
            found, _ = score(self._fitted, scored, self._rules, day, past=self._deals)
        worth = Valuation(self._fitted.summary, None, found, (), Correlation())
        made = quarters_of(worth, scored, Cohorts.none(), SCENARIOS[:1], replace(self._rules, runs=100), day)
        shown = Revenue(scored, day, worth.model, None, found, (), made, None, None, self._rules, Cohorts.none())
        frame = to_frame(scored_deals.render(shown))
        place = np.argsort(found.row, kind="stable")
        return frame.iloc[place].set_axis(deals.index)


@dataclass(frozen=True, repr=False)
class Forecast:
    """Revenue by scenario and quarter.

    Attributes:
        quarters: The table Forecast in snake_case.
        budget: The table Budget: the year, and what may be spent.
        deals: The table ScoredDeals.
        cohort_estimates: What past deals suggest for cohorts.
        model: The model; None: too few closed deals, so the reps are believed.
        as_of: The day of the forecast.
    """

    quarters: pd.DataFrame
    budget: pd.DataFrame
    deals: pd.DataFrame
    cohort_estimates: pd.DataFrame
    model: DealModel | None
    as_of: dt.date

    def __repr__(self) -> str:
        return f"Forecast({len(self.quarters)} rows, {len(self.deals):,} open deals, as of {self.as_of})"


def fit_deals(
    deals: Given, *, telemetry: Given | None = None, as_of: Day = None, calendar: Calendar = CALENDAR_YEAR
) -> DealModel:
    """Learn from all deals what open ones are worth.

    How many deals are won follows from the ages of all deals, open ones counted for every day; which ones, from the closed
    deals (win rate by stage, regularised logistic regression, gradient boosting: what does best on later
    deals), and so does the value if won. The report forecasts each of the last four quarters by what was known before it.

    Args:
        deals: One row per deal: deal_id, account_id, rep, stage, status (Open, Won, Lost), amount, rep_probability (0 to 1),
            created, close_date, perhaps won_amount, and columns of any name that say what is known while a deal is open.
            Only status is needed, and created or close_date for the order of time. Blanks are not known.
        telemetry: Usage of the accounts: account_id, child_node, usage.
        as_of: The day the deals are looked at; None: the last day on which one was created or closed.
        calendar: The firm's, from `fiscal_calendar`: whose quarters are looked back at.

    Returns:
        The model.

    Raises:
        PlanError: With every problem found; also with fewer than ten closed deals, or if all ended alike.

    Source:
        `revops-xl guide forecast`.

    Example:
        >>> import pandas as pd
        >>> days = pd.date_range("2026-01-01", periods=40)
        >>> past = pd.DataFrame({"status": ["Won", "Lost", "Lost", "Lost"] * 10, "amount": 100.0, "created": days,
        ...                      "close_date": days + pd.Timedelta(days=30)})
        >>> model = fit_deals(past)
        >>> model.name
        'base rate'
        >>> model.score(pd.DataFrame({"amount": [200.0], "created": ["2026-03-01"]}).assign(
        ...     created=pd.Timestamp("2026-03-01")))[["model_probability", "model_expected_value"]]
           model_probability  model_expected_value
        0             0.2481                 49.62
    """
    day = None if as_of is None else _day(as_of, "as_of")
    ours, _ = _with_cohorts(deals, telemetry, day)
    ours = replace(ours, calendar=calendar)
    moment = day if day is not None else last_day(ours)
    if np.isnan(moment):
        raise PlanError([Problem("deals", "", "no deal has a day", "Fill in created or close_date.")])
    fitted = fitting.fit_deals(ours, moment)
    if fitted is None:
        closed, won = int(ours.is_closed.sum()), int(ours.is_won.sum())
        message = f"{closed} closed deals, {won} of them won: ten are needed, and both outcomes"
        raise PlanError([Problem("deals", "", message)])
    return _public(fitted, ours, moment, ForecastRules(as_of=moment))


def forecast(
    deals: Given | None = None,
    cohorts: Given | None = None,
    scenarios: Given | None = None,
    *,
    telemetry: Given | None = None,
    as_of: Day = None,
    quarters: int = 4,
    opex_limit: float = 0.6,
    confidence: float = 0.8,
    interval: float = 0.8,
    amount_spread: float = 0.2,
    unseen_spread: float = 0.25,
    runs: int = 10_000,
    seed: int = 1,
    model: DealModel | None = None,
    calendar: Calendar = CALENDAR_YEAR,
    this_fiscal_year: bool = False,
) -> Forecast:
    """Forecast revenue by quarter and scenario, from open deals and from pipeline that does not exist yet.

    A quarter is the sum of probability x value over the deals expected to close in it, plus baseline x (1 + growth)^t over
    the cohorts, t from 0. Low and high come from a simulation in which deals of a region or an account hang together.

    Args:
        deals: As in `fit_deals`, open ones among them; None: none.
        cohorts: cohort, baseline (currency a quarter), growth_rate, perhaps lag_quarters; None: nothing unseen.
        scenarios: scenario, conversion_factor, value_basis (mean, upper quartile, lower quartile), delay_quarters, unseen_factor;
            None: Baseline, Best (1.2, upper quartile) and Worst (0.8, lower quartile, a quarter later).
        telemetry: As in `fit_deals`.
        as_of: The day of the forecast; its quarter is the first. None: the last day on which a deal was created or closed.
        quarters: How many, 1 to 40. The year is the first four.
        opex_limit: Part of the year that may be spent, 0 to 1.
        confidence: Chance with which the year exceeds what the cautious budget counts on, 0.5 to 0.99.
        interval: Chance that a quarter lies between low and high, 0.1 to 0.99.
        amount_spread: Spread of what won deals bring around their amount, where the deals do not show it.
        unseen_spread: Spread of a quarter's unseen revenue around its plan.
        runs: Simulated outcomes, 100 to 100,000.
        seed: Same seed, same intervals.
        model: From `fit_deals`, to value these deals by; None: one is fitted to their closed ones.
        calendar: The firm's, from `fiscal_calendar`: whose quarters are forecast.
        this_fiscal_year: The year of the budget is the fiscal year of the day, with what was won in it; else the next four quarters.

    Returns:
        Tables in currency, to the cent.

    Raises:
        PlanError: With every problem found; also if there is nothing to forecast.

    Source:
        `revops-xl guide forecast`.

    Example:
        >>> import pandas as pd
        >>> later = pd.DataFrame({"cohort": ["Enterprise", "SMB"], "baseline": [100.0, 50.0], "growth_rate": [0.1, 0.0]})
        >>> made = forecast(cohorts=later, as_of="2027-01-01", quarters=3)
        >>> made.quarters.query("scenario == 'Baseline'")[["quarter", "unseen", "total"]]
           quarter  unseen  total
        0  Q1 2027   150.0  150.0
        1  Q2 2027   160.0  160.0
        2  Q3 2027   171.0  171.0
        >>> made.budget[["scenario", "year_forecast", "safe_opex"]].head(1)
           scenario  year_forecast  safe_opex
        0  Baseline          481.0      288.6
    """
    problems: list[Problem] = []
    if model is not None and not isinstance(model, DealModel):
        raise PlanError([Problem("model", "", "a DealModel from fit_deals is needed")])
    rules = _rules(
        {
            "quarters": (quarters, FORECAST_QUARTERS),
            "runs": (runs, RUNS),
            "seed": (seed, SEED),
            "opex_limit": (opex_limit, PART),
            "confidence": (confidence, BUDGET_CONFIDENCE),
            "interval": (interval, CONFIDENCE),
            "amount_spread": (amount_spread, SPREAD),
            "unseen_spread": (unseen_spread, SPREAD),
        },
        None if as_of is None else _day(as_of, "as_of"),
    )
    rules = replace(rules, this_fiscal_year=this_fiscal_year)
    later = typed_table(cohorts, cohort_tables.COHORTS, "cohorts", problems) if cohorts is not None else None
    assumed = typed_table(scenarios, cohort_tables.SCENARIOS, "scenarios", problems) if scenarios is not None else None
    outlook = cohort_tables.parse(later, assumed)
    if problems:
        raise PlanError(problems)
    ours, cohort = _with_cohorts(deals, telemetry, rules.as_of) if deals is not None else (Deals.none(), Coded.of([]))
    ours = replace(ours, calendar=calendar)
    fitted: list[FittedDealModel | None] = []

    def value(known: Deals, given: ForecastRules, day: float) -> Valuation:
        fitted.append(fitting.fit_deals(known, day) if model is None else model._fitted)  # noqa: SLF001  (our own)
        return valued(fitted[-1], known, given, day)

    found = revenue(ours, None, cohort, outlook.cohorts, outlook.scenarios, rules, value=value)
    if found is None:
        message = "there is nothing to forecast: no open deal and no cohort, or no day to forecast from"
        raise PlanError([Problem("deals", "", message, "Give as_of, open deals or cohorts.")])
    used = fitted[0]
    return Forecast(
        to_frame(forecast_tables.render(found, outlook)),
        to_frame(forecast_tables.render_budget(found, outlook)),
        to_frame(scored_deals.render(found)),
        to_frame(forecast_tables.render_estimates(found)),
        model or (_public(used, ours, found.as_of, rules) if used is not None else None),
        to_date(found.as_of) or EPOCH,
    )


def _public(fitted: FittedDealModel, deals: Deals, as_of: float, rules: ForecastRules) -> DealModel:
    """The model as a caller sees it."""
    leaks = {column.name: column.why for column in fitted.leaks}
    return DealModel(str(fitted.candidate), to_date(as_of) or EPOCH, leaks, fitted, deals, rules)


def _is(header: object, name: str) -> bool:
    return snake(str(header)) == snake(name)


def _day(given: Day, name: str) -> float:
    """A day as a number; text is read as year-month-day."""
    day = None if given != given else given  # noqa: PLR0124  (NaT)
    if isinstance(day, str):
        try:
            day = dt.date.fromisoformat(day)
        except ValueError:
            day = None
    if isinstance(day, dt.datetime):
        day = day.date()
    if not isinstance(day, dt.date):
        raise PlanError([Problem(name, "", f"{given!r} is no day", "Write it as 2027-01-31.")])
    return to_days(day)


def _with_cohorts(deals: Given, telemetry: Given | None, as_of: float | None) -> tuple[Deals, Coded]:
    """Deals with what their accounts use, and the cohort of each.

    Raises:
        PlanError: With every problem found.
    """
    problems: list[Problem] = []
    typed = typed_table(deals, DEALS, "deals", problems)
    usage = typed_table(telemetry, deal_tables.TELEMETRY, "telemetry", problems) if telemetry is not None else None
    if typed is None:
        raise PlanError(problems or [Problem("deals", "", "the table has no rows")])
    found = deal_tables.parse(typed, usage, None, as_of=as_of)
    if problems:
        raise PlanError(problems)
    return with_usage(found.deals, found.usage), found.cohort


def _rules(numbers: Mapping[str, tuple[Any, Bounds]], as_of: float | None) -> ForecastRules:
    """The rules, if they are in their bounds."""
    problems: list[Problem] = []
    for name, (value, bounds) in numbers.items():
        check_number(name, value, bounds, problems)
    if problems:
        raise PlanError(problems)
    typed: dict[str, Any] = {name: (int if bounds.whole else float)(value) for name, (value, bounds) in numbers.items()}
    return ForecastRules(as_of=as_of, **typed)
