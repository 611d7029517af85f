"""Fitting the deal model: what was chosen on past deals, learned from all, and put on the level of open deals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from revops_xl.engine.common.threads import one_thread
from revops_xl.engine.forecast.deals.ages import AgeRates, age_rates
from revops_xl.engine.forecast.deals.bookkeeping import days_say_when
from revops_xl.engine.forecast.deals.candidates import classifier, fit
from revops_xl.engine.forecast.deals.choice import Choice, choose, columns, learnable
from revops_xl.engine.forecast.deals.features import AGE, FeaturePlan
from revops_xl.engine.forecast.deals.model import FittedDealModel
from revops_xl.engine.forecast.deals.open_level import fit_level
from revops_xl.engine.forecast.deals.past_quarters import (
    FEWEST_OPEN,
    Forecasted,
    as_known,
    forecast_quarter,
    learn_level,
    learn_order,
    past_quarter,
    quarters_to_try,
)
from revops_xl.engine.forecast.deals.snapshots import dated
from revops_xl.engine.forecast.deals.training import Training
from revops_xl.model.deal_model import Candidate, ColumnUse, Family
from revops_xl.model.deals import Deals

#: What is chosen is chosen by what was known at the beginning of the running quarter, if so many of the closed deals were closed.
ENOUGH_BEFORE = 0.8


class Keep(Protocol):
    """Keeps what was found out about a past day: it changes only if what was known then does."""

    def __call__(self, name: str, known: Deals, make: Callable[[], Any]) -> Any:
        """What was kept under a name for such deals; else it is made."""


def afresh(name: str, known: Deals, make: Callable[[], Any]) -> Any:  # noqa: ARG001
    """Nothing is kept."""
    return make()


def fit_deals(deals: Deals, as_of: float, keep: Keep = afresh) -> FittedDealModel | None:
    """Learn from the deals, in one thread: several would wait for each other on a busy machine.

    Args:
        deals: Open and closed deals.
        as_of: The day they are looked at.
        keep: Keeps trials of past days.

    Returns:
        The model; None with fewer than ten closed deals, or if all of them ended alike.
    """
    with one_thread():
        return _fit_deals(deals, as_of, keep)


def _fit_deals(deals: Deals, as_of: float, keep: Keep) -> FittedDealModel | None:
    given = deals.in_order()
    if not learnable(given):
        return None
    deals = dated(given)
    uses, plan, work = columns(deals, as_of)
    rates = age_rates(given, as_of + 1) if days_say_when(given) else None
    if rates is None:
        return _learned(deals, as_of, choose(deals, plan, work), uses, plan, work)
    choice = _chosen(given, as_of, keep) or choose(deals, plan, work)
    if choice.candidate.family == Family.STAGES and not plan.stage:
        choice = replace(choice, candidate=Candidate(Family.BASE))
    return _levelled(_learned(deals, as_of, choice, uses, plan, work), given, work, rates, choice, keep)


def _chosen(deals: Deals, as_of: float, keep: Keep) -> Choice | None:
    """What is chosen by what was known at the beginning of the quarter; None if that was far less than now."""
    start = deals.calendar.quarter_start(deals.calendar.quarter_at(as_of))
    known = as_known(deals, start)
    if known.is_closed.sum() < ENOUGH_BEFORE * deals.is_closed.sum() or not learnable(known):
        return None

    def make() -> Choice:
        there = dated(known)
        _, plan, work = columns(there, start)
        return choose(there, plan, work).alone

    found: Choice = keep(f"choice {start:.0f}", known, make)
    return found


def _learned(
    deals: Deals, as_of: float, choice: Choice, uses: tuple[ColumnUse, ...], plan: FeaturePlan, work: Training
) -> FittedDealModel:
    """What was chosen, learned from all deals."""
    closed = deals.is_closed
    x, y = work.learned(as_of + 1)
    return FittedDealModel(
        plan=plan,
        columns=uses,
        candidate=choice.candidate,
        classifier=fit(classifier(choice.candidate, plan), x, y),
        calibration=choice.calibration,
        value=work.value_model(choice.value, np.inf, choice.scatter),
        blank_value=work.value_model(choice.blank, np.inf, choice.blank_scatter) if choice.blank is not None else None,
        standings=choice.standings,
        value_standings=choice.value_standings,
        tried=choice.tried,
        held_out=choice.held_out,
        covered=choice.covered,
        rate=float(deals.is_won[closed].mean()),
        closed=int(closed.sum()),
        as_of=as_of,
        has_won_amounts=deals.has_won_amounts,
    )


def _levelled(
    model: FittedDealModel, deals: Deals, work: Training, rates: AgeRates, choice: Choice, keep: Keep
) -> FittedDealModel:
    """The model on the level of open deals, with what it would have said of past quarters."""
    past = []
    for quarter in quarters_to_try(deals, model.as_of):
        known = as_known(deals, deals.calendar.quarter_start(quarter))
        name = f"quarter {quarter} {model.candidate!r} {choice.value!r}"

        def make(known: Deals = known, quarter: int = quarter) -> Forecasted | None:
            return forecast_quarter(known, quarter, model.candidate, choice.value)

        found: Forecasted | None = keep(name, known, make)
        if found is not None:
            past.append(past_quarter(deals, quarter, found))
    order = learn_order(past)
    level, miss = learn_level(past, order)
    still_open = deals.take(deals.is_open & ~np.isnan(deals.created))
    if len(still_open) >= FEWEST_OPEN:
        x = model.features(still_open, deals, model.as_of)
    else:  # closed deals, at ages at which they were open
        x, _ = work.learned(model.as_of + 1)
    age = x[:, model.plan.names.index(AGE)] + 1
    return replace(
        model, level=fit_level(rates, model.chance(x), age, model.worth(x), order, level), past=tuple(past), miss=miss
    )
