"""Fitting the deal model: candidates compared in the order of time, the best one corrected, tried on the last deals, and fitted to all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revops_xl.engine.common.threads import one_thread
from revops_xl.engine.forecast.deals.ages import age_rates
from revops_xl.engine.forecast.deals.bookkeeping import days_say_when
from revops_xl.engine.forecast.deals.calibration import Calibration, calibrate
from revops_xl.engine.forecast.deals.candidates import classifier, fit
from revops_xl.engine.forecast.deals.choose_chance import LEAST, choose_chance, not_tried
from revops_xl.engine.forecast.deals.choose_value import choose_value, with_values
from revops_xl.engine.forecast.deals.features import AGE, AMOUNT, make_plan
from revops_xl.engine.forecast.deals.leakage import examine
from revops_xl.engine.forecast.deals.model import NO_CORRECTION, FittedDealModel, Tried
from revops_xl.engine.forecast.deals.open_level import fit_level
from revops_xl.engine.forecast.deals.past_quarters import FEWEST_OPEN, learn_level, learn_order, past_quarters
from revops_xl.engine.forecast.deals.snapshots import dated, folds, to_try
from revops_xl.engine.forecast.deals.training import Training, ValueForm
from revops_xl.model.deal_model import Candidate, Family, Use
from revops_xl.model.deals import Deals


def fit_deals(deals: Deals, as_of: float) -> FittedDealModel | None:
    """Learn from the closed deals, in one thread: several would wait for each other on a busy machine.

    Args:
        deals: Open and closed deals.
        as_of: The day they are looked at.

    Returns:
        The model; None with fewer than ten closed deals, or if all of them ended alike.
    """
    with one_thread():
        return _fit_deals(deals, as_of)


def _fit_deals(deals: Deals, as_of: float) -> FittedDealModel | None:
    given = deals.in_order()
    deals = dated(given)
    closed = deals.is_closed
    won = int(deals.is_won.sum())
    rarer = min(won, int(closed.sum()) - won)
    if closed.sum() < LEAST[Family.BASE][0] or not rarer:
        return None
    uses = examine(deals, as_of)
    plan = make_plan(deals.take(closed), {use.name for use in uses if use.use == Use.USED})
    families = [
        f
        for f, (count, rare) in LEAST.items()
        if closed.sum() >= count and rarer >= rare and (f != Family.STAGES or plan.stage)
    ]
    validation, last = folds(deals.close[closed])
    work = Training(deals, plan, next(use for use in uses if use.name == AMOUNT).use != Use.LEAK)
    chosen, standings, tried = choose_chance(work, families, validation)
    value, blank, value_standings = choose_value(work, validation, last)
    tried = with_values(work, tried, validation, value, blank)
    held_out = None
    if last is not None and len(to_try(deals, last).row):
        correction = _correction(tried, deals, chosen)
        alone = with_values(work, work.try_once(chosen, last, len(validation)), [*validation, last], value, blank)
        held_out = alone.corrected(correction)
        tried = tried.and_then(alone)
    correction = _correction(tried, deals, chosen)
    x, y = work.learned(as_of + 1)
    model = FittedDealModel(
        plan=plan,
        columns=uses,
        candidate=chosen,
        classifier=fit(classifier(chosen, plan), x, y),
        calibration=correction,
        value=work.value_model(value, np.inf, tried),
        blank_value=work.value_model(blank, np.inf, tried) if blank is not None else None,
        standings=(*standings, *not_tried(int(closed.sum()), rarer, families)),
        value_standings=value_standings,
        tried=tried.corrected(correction),
        held_out=held_out,
        rate=float(deals.is_won[closed].mean()),
        closed=int(closed.sum()),
        as_of=as_of,
        has_won_amounts=deals.has_won_amounts,
    )
    return _levelled(model, given, work, value, as_of)


def _levelled(model: FittedDealModel, deals: Deals, work: Training, value: ValueForm, as_of: float) -> FittedDealModel:
    """The model on the level of open deals, with what it would have said of past quarters; as it is where days say nothing."""
    rates = age_rates(deals, as_of + 1) if days_say_when(deals) else None
    if rates is None:
        return model
    past = past_quarters(deals, as_of, model.candidate, value)
    order = learn_order(past)
    level, miss = learn_level(past, order)
    still_open = deals.take(deals.is_open & ~np.isnan(deals.created))
    if len(still_open) >= FEWEST_OPEN:
        x = model.features(still_open, deals, as_of)
    else:  # closed deals, at ages at which they were open
        x, _ = work.learned(as_of + 1)
    age = x[:, model.plan.names.index(AGE)] + 1
    return replace(
        model, level=fit_level(rates, model.chance(x), age, model.worth(x), order, level), past=tuple(past), miss=miss
    )


def _correction(tried: Tried, deals: Deals, candidate: Candidate) -> Calibration:
    """What the deals that were tried say about the probabilities."""
    if not len(tried.row):
        return NO_CORRECTION
    won, by_size = deals.is_won[tried.row], candidate.family not in {Family.BASE, Family.STAGES}
    return calibrate(tried.probability, won, tried.value, tried.fold, by_size=by_size)
