"""How well a deal model did on deals it had not seen, beside the base rate and beside the reps."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from revops_xl.engine.forecast.deals.alone import area_under_curve
from revops_xl.engine.forecast.deals.calibration import log_loss
from revops_xl.engine.forecast.deals.choice import seen_before, spread_of
from revops_xl.engine.forecast.deals.correlation import correlation, density
from revops_xl.engine.forecast.deals.model import FittedDealModel, Tried
from revops_xl.engine.forecast.deals.open_level import HIGHEST, Order
from revops_xl.engine.forecast.deals.past_quarters import as_forecast
from revops_xl.engine.forecast.deals.snapshots import dated
from revops_xl.model.deal_model import Bin, Form, Quality, Report, ReportPart
from revops_xl.model.deals import Deals, Ints
from revops_xl.model.forecast import Correlation
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

BINS = 10
#: Bounds of the wins in a bin hold with this chance if the probabilities are right.
BIN_CONFIDENCE = 0.9


def report(model: FittedDealModel, deals: Deals, *, confidence: float = 0.8) -> Report | None:
    """Judge a model by its hold-out; None if there is none.

    Args:
        model: A fitted model.
        deals: The deals it was fitted to, open ones included.
        confidence: Of the intervals of the parts.
    """
    if model.past and model.level is not None:
        return _past_report(model, deals.in_order(), confidence)
    held = model.held_out
    if held is None or model.level is not None:  # closed deals do not show how open ones fare
        return None
    deals = dated(deals.in_order())
    won = deals.is_won[held.row]
    brought = np.where(won, np.nan_to_num(deals.won_amount[held.row]), 0.0)
    earlier = np.setdiff1d(np.flatnonzero(deals.is_closed), held.row)
    rate = float(deals.is_won[earlier].mean()) if len(earlier) else model.rate
    base = np.clip(np.full(len(won), rate), 0.001, 0.999)
    parts = _parts(
        deals,
        held,
        brought,
        confidence,
        0.0 if model.value.form == Form.ENTERED else spread_of(seen_before(_before(model.tried, held), deals)),
        correlation(_before(model.tried, held), deals),
    )
    inside = [part.low <= part.actual <= part.high for part in parts]
    return Report(
        quality(held.probability, won, held.value, brought),
        quality(base, won, held.value, brought),
        _reps(model, deals, held.row, brought),
        _bins(held.probability, won),
        parts,
        float(np.mean(inside)) if inside else float("nan"),
        model.covered,
        float(deals.close[held.row].min()),
    )


def _past_report(model: FittedDealModel, deals: Deals, confidence: float) -> Report:
    """Deals that were open at the start of past quarters, against what came in each."""
    past = model.past
    said = as_forecast(past)
    alone = [np.clip(q.said(Order(slope=0.0), 0.0), 1e-6, HIGHEST) for q in past]
    won, brought = (np.concatenate(each) for each in zip(*((q.won, q.brought) for q in past), strict=True))
    value = np.concatenate([q.value for q in past])
    parts = [
        _part(
            "Quarter",
            deals.calendar.quarter_name(q.quarter),
            chance,
            q.value,
            q.brought,
            np.hypot(model.miss, q.rates.spread),
            confidence,
            reps=None if np.isnan(q.reps) else q.reps,
        )
        for q, chance in zip(past, said, strict=True)
    ]
    miss = float(np.hypot(model.miss, np.mean([q.rates.spread for q in past])))
    region = np.concatenate([deals.region.codes[q.row] for q in past])
    chances = np.concatenate(said)
    for code in np.unique(region).tolist():
        here = region == code
        name = deals.region.names[code] if code >= 0 else "(not in Hierarchy)"
        parts.append(_part("Region", name, chances[here], value[here], brought[here], miss, confidence))
    inside = [part.inside for part in parts]
    return Report(
        quality(chances, won, value, brought),
        quality(np.concatenate(alone), won, value, brought),
        None,
        _bins(chances, won),
        tuple(parts),
        float(np.mean(inside)),
        model.covered,
        deals.calendar.quarter_start(past[0].quarter),
        len(past),
    )


def _part(
    kind: str,
    name: str,
    chance: Floats,
    value: Floats,
    brought: Floats,
    miss: float,
    confidence: float,
    *,
    reps: float | None = None,
) -> ReportPart:
    """Dollars of some deals, with an interval of each deal's luck and of a level that all share."""
    worth = np.nan_to_num(value)
    predicted = float((chance * worth).sum())
    wide = NormalDist().inv_cdf(0.5 + confidence / 2) * float(
        np.sqrt((worth**2 * chance * (1 - chance)).sum() + (miss * predicted) ** 2)
    )
    low, high = max(predicted - wide, 0.0), predicted + wide
    return ReportPart(kind, name, len(chance), predicted, float(brought.sum()), low, high, reps)


def quality(probability: Floats, won: Bools, value: Floats, brought: Floats) -> Quality:
    """Figures of probabilities and values against what happened."""
    worth = np.nan_to_num(value)
    return Quality(
        len(won),
        float(log_loss(probability, won).mean()),
        float(np.mean((probability - won) ** 2)),
        area_under_curve(probability, won),
        calibration_error(probability, won),
        calibration_noise(probability),
        float(np.sum(probability * worth)),
        float(np.sum(brought)),
        float(max(probability.sum(), won.sum())),
    )


def calibration_error(probability: Floats, won: Bools) -> float:
    """Mean distance of mean probability and win rate over ten groups of equal size, by probability."""
    if not len(won):
        return float("nan")
    groups = _groups(probability)
    size = np.bincount(groups)
    said, came = (np.bincount(groups, weights=each) for each in (probability, won.astype(np.float64)))
    return float(np.sum(np.abs(said - came)) / size.sum())


def calibration_noise(probability: Floats) -> float:
    """Calibration error that is to be expected by chance alone if the probabilities are right."""
    if not len(probability):
        return float("nan")
    scatter = np.bincount(_groups(probability), weights=probability * (1 - probability))
    return float(np.sqrt(2 / np.pi) * np.sqrt(scatter).sum() / len(probability))


def _groups(probability: Floats) -> Ints:
    """Ten groups of equal size; equal probabilities stay together."""
    count = min(BINS, max(len(probability) // 20, 1))
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, count + 1)[1:-1]))
    return np.searchsorted(edges, probability, side="left").astype(np.int64)


def _bins(probability: Floats, won: Bools) -> tuple[Bin, ...]:
    groups = _groups(probability)
    z = NormalDist().inv_cdf(0.5 + BIN_CONFIDENCE / 2)
    found = []
    for group in np.unique(groups).tolist():
        here = groups == group
        mean, count = float(probability[here].mean()), int(here.sum())
        wide = z * float(np.sqrt(np.sum(probability[here] * (1 - probability[here])))) / count
        found.append(Bin(count, mean, float(won[here].mean()), max(mean - wide, 0.0), min(mean + wide, 1.0)))
    return tuple(found)


def _reps(model: FittedDealModel, deals: Deals, rows: Ints, brought: Floats) -> Quality | None:
    """The reps on the same deals, if they had said something before the outcome."""
    if any(column.name == "Rep probability" for column in model.leaks):
        return None
    there = ~np.isnan(deals.rep_probability[rows])
    if there.sum() < BINS:
        return None
    said = np.clip(deals.rep_probability[rows][there], 0.001, 0.999)
    return quality(said, deals.is_won[rows][there], deals.amount[rows][there], brought[there])


def _before(tried: Tried, held: Tried) -> Tried:
    """What was tried before the hold-out."""
    return tried.take(tried.fold < held.fold.min())


def _parts(
    deals: Deals, held: Tried, brought: Floats, confidence: float, spread: float, shared: Correlation
) -> tuple[ReportPart, ...]:
    """Dollars by quarter of closing and by region, with an interval that knows what deals share."""
    calendar = deals.calendar
    quarter = calendar.quarter_of(deals.close[held.row])
    region = deals.region.codes[held.row]
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    value, chance = np.nan_to_num(held.value), held.probability
    mean, shared_scale = chance * value, value * density(chance)
    own = value**2 * chance * (1 - chance) + chance * value**2 * np.expm1(spread**2)
    named = [("Quarter", calendar.quarter_name(q), quarter == q, shared.market) for q in np.unique(quarter).tolist()]
    named += [
        (
            "Region",
            deals.region.names[r] if r >= 0 else "(not in Hierarchy)",
            region == r,
            shared.market + shared.region,
        )
        for r in np.unique(region).tolist()
    ]
    found = []
    for kind, name, here, latent in named:
        predicted = float(mean[here].sum())
        here_scale = shared_scale[here]
        together = max(float(here_scale.sum()) ** 2 - float((here_scale**2).sum()), 0.0) * latent
        wide = z * float(np.sqrt(own[here].sum() + together))
        low, high = max(predicted - wide, 0.0), predicted + wide
        found.append(ReportPart(kind, name, int(here.sum()), predicted, float(brought[here].sum()), low, high))
    return tuple(found)
