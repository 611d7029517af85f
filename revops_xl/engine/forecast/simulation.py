"""How far a quarter may lie from its expectation: deals are won or lost at once in thousands of simulated worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from revops_xl.engine.forecast.scenarios import won_in
from revops_xl.model.codes import Coded
from revops_xl.model.deals import Ints
from revops_xl.model.forecast import YEAR_QUARTERS, Correlation, ForecastRules, Scenario, ScoredDeals
from revops_xl.model.money import Floats

#: Deals that are won or lost one by one; the others, which move a sum little each, are added up by the law of large numbers.
ONE_BY_ONE = 2000
#: Classes of probability in which the others are added up.
CLASSES = 20
RUNS_AT_ONCE = 500


@dataclass(frozen=True)
class Simulated:
    """Quantiles of the totals: scenarios x quarters, and scenarios for the year.

    Attributes:
        low: Lower end of a quarter's interval.
        high: Upper end.
        so_far_low: Lower end of the sum from the first quarter on.
        so_far_high: Upper end.
        year_low: Lower end for the quarters of the year together.
        year_high: Upper end.
        exceeded: What the year exceeds with the confidence of the rules.
    """

    low: Floats
    high: Floats
    so_far_low: Floats
    so_far_high: Floats
    year_low: Floats
    year_high: Floats
    exceeded: Floats


@dataclass(frozen=True)
class _Group:
    """Deals, or classes of deals, as one simulation sees them."""

    threshold: Floats  # scenarios x quarters x deals, on the scale of the latent variable: below it won by then
    value: Floats  # scenarios x deals
    square: Floats  # scenarios x deals; sum of squared values of a class
    region: Ints  # -1: none
    account: Ints
    spread: Floats


def simulate(
    scored: ScoredDeals,
    region: Coded,
    account: Coded,
    unseen: Floats,
    scenarios: Sequence[Scenario],
    rules: ForecastRules,
    correlation: Correlation,
    *,
    rest: float,
    year_quarters: int = YEAR_QUARTERS,
) -> Simulated:
    """Simulate every scenario in the same worlds, so that they differ by what they assume and not by luck.

    A deal is won by the end of a quarter if a latent normal variable lies below the quantile of its chance to be won by
    then: in a good world more deals are won, and sooner. The variable has parts shared by all deals, by the region and by
    the account. A won deal brings its value with a lognormal spread. Unseen revenue
    is lognormal around its plan and shares half of its variance with the market.

    Args:
        scored: Open deals.
        region: Region of each scored deal.
        account: Account of each scored deal.
        unseen: Expected unseen revenue, scenarios x quarters.
        scenarios: Scenarios.
        rules: Runs, seed, interval and confidence.
        correlation: Shared parts.
        rest: What is left of the running quarter, as a part of it.
        year_quarters: How many quarters the year has that budgets go by.
    """
    from scipy.special import ndtri  # noqa: PLC0415

    there = np.flatnonzero((scored.model_value != 0) & ~np.isnan(scored.probability))
    won_by = np.array([np.cumsum(won_in(scored, s, rest, rules.quarters)[there].T, axis=0) for s in scenarios])
    won_by = np.minimum(won_by, 1.0).reshape(len(scenarios), rules.quarters, len(there))
    value = np.array([scored.basis(s.basis)[there] for s in scenarios]).reshape(len(scenarios), len(there))
    weight = scored.value[there] ** 2 * scored.probability[there] * (1 - scored.probability[there])
    large = np.zeros(len(there), dtype=bool)
    large[np.argsort(-weight, kind="stable")[:ONE_BY_ONE]] = True
    large |= scored.value[there] < 0  # a class adds up values of one sign
    regions, accounts = _by_name(region)[there], _by_name(account)[there]
    if len(np.unique(regions)) < 2:  # one region for all is the market
        regions = np.full(len(there), -1)
    # a deal without an account hangs together with no other
    accounts = np.where(accounts < 0, accounts.max(initial=-1) + 1 + np.arange(len(there)), accounts)
    single = _Group(
        ndtri(won_by[:, :, large]), value[:, large], value[:, large] ** 2,
        regions[large], np.unique(accounts[large], return_inverse=True)[1], scored.spread[there][large],
    )  # fmt: skip
    classes = _classes(won_by[:, :, ~large], value[:, ~large], regions[~large], scored.spread[there][~large])
    dice = np.random.default_rng(rules.seed)
    totals = np.empty((rules.runs, len(scenarios), rules.quarters))
    for first in range(0, rules.runs, RUNS_AT_ONCE):
        count = min(RUNS_AT_ONCE, rules.runs - first)
        totals[first : first + count] = _worlds(dice, count, single, classes, unseen, rules, correlation)
    edges = [0.5 - rules.interval / 2, 0.5 + rules.interval / 2]
    low, high = np.quantile(totals, edges, axis=0)
    so_far = np.quantile(np.cumsum(totals, axis=2), edges, axis=0)
    year = totals[:, :, :year_quarters].sum(axis=2)
    year_low, year_high, exceeded = np.quantile(year, [*edges, 1 - rules.confidence], axis=0)
    return Simulated(*(np.round(each, 2) for each in (low, high, *so_far, year_low, year_high, exceeded)))


def _by_name(coded: Coded) -> Ints:
    """Codes in the order of their names, so that the order of the rows does not give the dice to others; -1 for none."""
    return np.append(coded.ranks(), -1)[coded.codes].astype(np.int64)


def _classes(won_by: Floats, value: Floats, region: Ints, spread: Floats) -> _Group:
    """Deals of one region that are alike in their chances by the end of the first and of the last quarter, added up."""
    from scipy.special import ndtri  # noqa: PLC0415

    scenarios, quarters, count = won_by.shape
    if not count:
        none = np.zeros(0, dtype=np.int64)
        empty = np.zeros((scenarios, 0))
        return _Group(np.zeros((scenarios, quarters, 0)), empty, empty, none, none, np.zeros(0))
    alike = np.minimum((won_by[0, [0, -1]] * CLASSES).astype(np.int64), CLASSES - 1)
    distinct, place = np.unique(np.vstack([alike, region]), axis=1, return_inverse=True)
    place = place.reshape(-1)
    size = distinct.shape[1]

    def total(values: Floats) -> Floats:
        return np.array([np.bincount(place, weights=row, minlength=size) for row in values])

    worth = total(value)
    mean = np.array([total(each * amounts) for each, amounts in zip(won_by, value, strict=True)])
    mean = np.divide(mean, worth[:, None, :], out=np.full(mean.shape, 0.5), where=worth[:, None, :] > 0)
    squares = total(value**2 * (1 + np.expm1(spread**2)))
    regions = distinct[-1]
    return _Group(ndtri(np.clip(mean, 1e-9, 1 - 1e-9)), worth, squares, regions, regions, np.zeros(size))


def _worlds(
    dice: np.random.Generator,
    runs: int,
    single: _Group,
    classes: _Group,
    unseen: Floats,
    rules: ForecastRules,
    correlation: Correlation,
) -> Floats:
    """Totals of some runs: runs x scenarios x quarters."""
    from scipy.special import ndtr  # noqa: PLC0415

    scenarios, quarters = unseen.shape
    market = dice.standard_normal((runs, 1))
    regions = dice.standard_normal((runs, 2 + max(single.region.max(initial=-1), classes.region.max(initial=-1))))
    regions[:, -1] = 0.0  # that of deals without a region
    accounts = dice.standard_normal((runs, 1 + single.account.max(initial=0)))
    beside_market = 1 - correlation.market - correlation.region * (single.region >= 0)
    own = np.sqrt(np.maximum(beside_market - correlation.account, 0.0))
    shared = np.sqrt(correlation.market) * market + np.sqrt(correlation.region) * regions
    latent = shared[:, single.region] + np.sqrt(correlation.account) * accounts[:, single.account]
    latent += own * dice.standard_normal(latent.shape)
    brought = np.exp(single.spread * dice.standard_normal(latent.shape) - single.spread**2 / 2)
    noise = dice.standard_normal((quarters, runs, len(classes.region)))
    extra = dice.standard_normal((runs, quarters))
    spread = np.sqrt(np.log1p(rules.unseen_spread**2))
    luck = np.exp(spread * (-np.sqrt(0.5) * market + np.sqrt(0.5) * extra) - spread**2 / 2)
    totals = np.empty((runs, scenarios, quarters))
    for s in range(scenarios):
        worth = brought * single.value[s]
        # given what a region shares, a class is won to the part that its probability then has
        left = np.sqrt(1 - correlation.market - correlation.region * (classes.region >= 0))
        before, part_before = np.zeros(runs), np.zeros(noise.shape[1:])
        for q in range(quarters):
            won = np.einsum("ij,ij->i", worth, latent < single.threshold[s, q])
            part = ndtr((classes.threshold[s, q] - shared[:, classes.region]) / left)
            new = part - part_before
            sums = new * classes.value[s] + noise[q] * np.sqrt(new * (1 - new) * classes.square[s])
            totals[:, s, q] = won - before + sums.sum(axis=1)
            before, part_before = won, part
        totals[:, s, :] += unseen[s] * luck
    return np.maximum(totals, 0.0)
