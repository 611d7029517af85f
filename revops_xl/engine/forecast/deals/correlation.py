"""How strongly the outcomes of deals hang together, learned from forecasts that missed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from revops_xl.engine.forecast.deals.model import Tried
from revops_xl.engine.forecast.deals.past_quarters import USUAL_MISS, PastQuarter, as_forecast
from revops_xl.model.deals import Deals, Ints
from revops_xl.model.forecast import Correlation
from revops_xl.model.money import Floats

#: Groups that the usual correlation counts for.
USUAL_GROUPS = 10.0
MOST = 0.5
#: Forecasts from which anything is estimated.
FEWEST = 100


def correlation(tried: Tried, deals: Deals) -> Correlation:
    """Estimate what quarters, regions and accounts share, drawn to the usual figures as far as there are few groups.

    Two deals of a quarter that miss in the same direction more often than by chance share the market; of a region or an
    account, that.

    Args:
        tried: Forecasts of deals that the model had not seen.
        deals: The deals, in the order of `Deals.in_order`.
    """
    if len(tried.row) < FEWEST:
        return Correlation()
    miss = deals.is_won[tried.row] - tried.probability
    quarter = deals.calendar.quarter_of(deals.close[tried.row])
    return _estimate(miss, density(tried.probability), quarter, tried.row, deals, Correlation())


def correlation_of(
    past: Sequence[PastQuarter], deals: Deals, miss: float, chance: Floats, value: Floats
) -> Correlation:
    """The same from past quarters and the deals that were open at their beginning.

    The market moves the open deals as far as past quarters missed, and a region, as is usual, as far again.

    Args:
        past: Past quarters.
        deals: The deals, in the order of `Deals.in_order`.
        miss: How far a quarter may miss beyond luck: the standard deviation of its log.
        chance: Of the open deals.
        value: What they bring if won.
    """
    known = ~np.isnan(chance) & (value > 0)
    chance, value = np.clip(chance[known], 1e-6, 1 - 1e-6), value[known]
    moved = float(density(chance) @ value)
    one = float(chance @ value) / moved if moved > 0 else 0.0  # on the scale of the latent variable, for a miss of 1
    usual = Correlation(min((miss * one) ** 2, MOST), min((USUAL_MISS * one) ** 2, MOST))
    if not past or sum(len(q.row) for q in past) < FEWEST:
        return usual
    row = np.concatenate([q.row for q in past])
    said = np.concatenate(as_forecast(past))
    won = np.concatenate([q.won for q in past])
    quarter = np.concatenate([np.full(len(q.row), q.quarter) for q in past]).astype(np.int64)
    return replace(_estimate(won - said, density(said), quarter, row, deals, usual), market=usual.market)


def _estimate(miss: Floats, scale: Floats, quarter: Ints, row: Ints, deals: Deals, usual: Correlation) -> Correlation:
    market, n_market = _shared(miss, scale, quarter)
    regions, n_regions = _shared(miss, scale, _pairs(quarter, deals.region.codes[row].astype(np.int64)))
    accounts, n_accounts = _shared(miss, scale, _pairs(quarter, deals.account.codes[row].astype(np.int64)))
    found = Correlation(
        _drawn(market, n_market, usual.market),
        _drawn(regions - market, n_regions, usual.region),
        _drawn(accounts - regions, n_accounts, usual.account),
    )
    total = found.market + found.region + found.account
    factor = min(1.0, 0.9 / total) if total else 1.0
    return Correlation(found.market * factor, found.region * factor, found.account * factor)


def density(probability: Floats) -> Floats:
    """Density of the normal variable behind an outcome at its threshold.

    Two outcomes whose variables have the correlation rho have the covariance rho x density x density, to the first order.
    """
    from scipy.special import ndtri  # noqa: PLC0415

    return np.asarray(np.exp(-(ndtri(probability) ** 2) / 2) / np.sqrt(2 * np.pi))


def _pairs(first: Ints, second: Ints) -> Ints:
    """A number for each pair; -1 where the second is none."""
    return np.where(second < 0, -1, first * (second.max(initial=0) + 1) + second)


def _shared(miss: Floats, scale: Floats, group: Ints) -> tuple[float, int]:
    """Mean product of the misses of two deals of one group / the mean product of their scales; how many groups."""
    known = group >= 0
    place = np.unique(group[known], return_inverse=True)[1].reshape(-1)

    def cross(values: Floats) -> Floats:
        here = values[known]
        return np.asarray(np.bincount(place, weights=here) ** 2 - np.bincount(place, weights=here**2))

    if not len(place):
        return 0.0, 0
    weight = cross(scale)
    groups = int((np.bincount(place) > 1).sum())
    return (float(cross(miss).sum() / weight.sum()) if weight.sum() > 0 else 0.0), groups


def _drawn(found: float, groups: int, usual: float) -> float:
    """Between what was found and what is usual, by the number of groups."""
    weight = groups / (groups + USUAL_GROUPS)
    return float(np.clip(weight * found + (1 - weight) * usual, 0.0, MOST))
