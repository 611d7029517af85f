"""How often deals of an age are won and lost, learned from all deals: one that is still open counts for every day it has been so.

A model of closed deals learns the chance of those that close early. Where losses are recorded later than wins, young
closed deals are nearly all won, and the open ones, which are the others, are forecast far too high. Rates of winning and
losing a day, with open deals censored (Aalen and Johansen 1978), do not have that fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.engine.forecast.deals.level import level_now
from revops_xl.model.deals import Deals
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Below this many closed deals, wins and losses nothing is learned.
FEWEST_CLOSED, FEWEST_WON, FEWEST_LOST = 10, 3, 1
#: Closings that a bin of ages should have, and most bins by either outcome.
PER_BIN, MOST_BINS = 5, 20
#: Closings at the overall rates of winning and losing that each bin starts with.
PRIOR_EVENTS = 0.1
#: An age at which so large a part of the closings falls, far more than near it, is a bin of its own: a rule closes deals then.
BY_RULE, FAR_MORE = 0.02, 5.0
#: Periods over which the level is followed: this many, or months if the history is short.
PERIODS, SHORTEST = 24, 30.0
#: At the beginning, periods with fewer wins than this part of the expected were not recorded.
NOT_RECORDED, EXPECTED_THEN = 0.2, 5.0

#: Days ahead that stand for "ever": where nothing of that age closes any more, rates say nothing of what comes after.
HORIZON = 730.0
#: A year, and wins in it from which its win rate is told.
YEAR, ENOUGH_WINS = 365.0, 30

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class AgeRates:
    """Rates of winning and losing a day, by age.

    Attributes:
        edges: First age of each bin, in days; the last bin has no end.
        won: Chance to be won on a day, by bin.
        lost: Chance to be lost on a day, by bin.
        spread: Standard deviation of the log of the level of the wins, from its drift and from how few wins there were.
        at_first: Part of new deals that would be won by the rates of the first year; NaN without two years, or with few wins.
        lately: By those of the last year.
        recorded: Days before the day of learning from which wins were recorded as later.
    """

    edges: Floats
    won: Floats
    lost: Floats
    spread: float
    at_first: float = np.nan
    lately: float = np.nan
    recorded: float = np.inf

    def ever(self, age: Floats) -> Floats:
        """Chance that a deal which is open at an age, in days, is won within two years."""
        return self.within(age, HORIZON)

    def within(self, age: Floats, days: Floats | float) -> Floats:
        """Chance to be won in the days that follow."""
        at_edges = self._in_the_end()
        later = self._from(age + days, at_edges)
        return np.asarray(np.maximum(self._from(age, at_edges) - self.alive(age, days) * later, 0.0))

    def alive(self, age: Floats, days: Floats | float) -> Floats:
        """Chance to be still open after some days."""
        return np.asarray(np.exp(self._log_alive(age + days) - self._log_alive(age)))

    def wins_until(self, age: Floats) -> Floats:
        """Wins to be expected of a deal that is watched from its creation to an age: rates times days."""
        before = np.concatenate([[0.0], np.cumsum(self.won[:-1] * np.diff(self.edges))])
        bins = self._bin(age)
        return np.asarray(before[bins] + self.won[bins] * (age - self.edges[bins]))

    def _log_alive(self, age: Floats) -> Floats:
        """Log of the part that is still open at an age, of those that were at 0."""
        daily = np.log1p(-np.minimum(self.won + self.lost, 0.999))
        before = np.concatenate([[0.0], np.cumsum(daily[:-1] * np.diff(self.edges))])
        bins = self._bin(age)
        return np.asarray(before[bins] + daily[bins] * (age - self.edges[bins]))

    def _in_the_end(self) -> Floats:
        """Chance to be won at any time, at the beginning of each bin: in the last ones what was believed before any deal was seen."""
        both = np.minimum(self.won + self.lost, 0.999)
        part = self.won / np.maximum(both, 1e-12)
        stay = np.exp(np.log1p(-both[:-1]) * np.diff(self.edges))
        found = np.empty(len(self.edges))
        found[-1] = part[-1]
        for i in range(len(found) - 2, -1, -1):
            found[i] = (1 - stay[i]) * part[i] + stay[i] * found[i + 1]
        return found

    def _from(self, age: Floats, at_edges: Floats) -> Floats:
        """Chance at an age inside its bin: the rest of the bin, then the next one."""
        bins = self._bin(age)
        both = np.minimum(self.won + self.lost, 0.999)[bins]
        part = self.won[bins] / np.maximum(both, 1e-12)
        end = np.append(self.edges[1:], np.inf)[bins]
        stay = np.where(np.isinf(end), 0.0, np.exp(np.log1p(-both) * np.where(np.isinf(end), 0.0, end - age)))
        return np.asarray((1 - stay) * part + stay * np.append(at_edges[1:], 0.0)[bins])

    def _bin(self, age: Floats) -> Ints:
        return np.maximum(np.searchsorted(self.edges, age, side="right") - 1, 0).astype(np.int64)


def age_rates(deals: Deals, as_of: float, *, fewest_lost: int = FEWEST_LOST) -> AgeRates | None:
    """Learn the rates from what was known at the beginning of a day; None where too little was.

    Args:
        deals: All deals. Those without a day of creation, and closed ones without a closing day, say nothing.
        as_of: What happened before this day is known, and nothing later.
        fewest_lost: Lost deals that are needed; without any, every deal is won in the end, so only some time ahead can be asked for.
    """
    known = ~np.isnan(deals.created) & (deals.created < as_of) & ~(deals.is_closed & np.isnan(deals.close))
    created = np.floor(deals.created[known])
    closed = (deals.is_closed[known]) & (deals.close[known] < as_of)
    close = np.where(closed, np.floor(np.nan_to_num(deals.close[known])), np.inf)
    won = deals.is_won[known] & closed
    lost = closed & ~won
    if closed.sum() < FEWEST_CLOSED or won.sum() < FEWEST_WON or lost.sum() < fewest_lost:
        return None
    edges = _edges(close[won] - created[won], close[lost] - created[lost])
    length = max(SHORTEST, (as_of - created.min()) / PERIODS)
    count = int(np.ceil((as_of - created.min()) / length))
    cuts = as_of - length * np.arange(count, 0, -1)
    days, wins, losses = _exposure(created, close, won, as_of, edges, cuts)
    first = _first_recorded(days, wins)
    days, wins, losses = days[first:], wins[first:], losses[first:]
    rates = _rates(wins.sum(axis=0), losses.sum(axis=0), days.sum(axis=0))
    levels = [level_now(events.sum(axis=1), days @ rate) for events, rate in zip((wins, losses), rates, strict=True)]
    (won_level, variance), (lost_level, _) = levels
    return AgeRates(
        edges,
        rates[0] * np.exp(won_level),
        rates[1] * np.exp(lost_level),
        float(np.sqrt(variance + 1 / won.sum())),
        *_by_year(edges, days, wins, losses, int(np.ceil(YEAR / length))),
        as_of - float(cuts[first]),
    )


def _by_year(edges: Floats, days: Floats, wins: Floats, losses: Floats, periods: int) -> tuple[float, float]:
    """Part of new deals that is won by the rates of the first year and by those of the last; NaN where there is too little."""
    if len(days) < 2 * periods:
        return np.nan, np.nan
    found = []
    for part in (slice(None, periods), slice(-periods, None)):
        if wins[part].sum() < ENOUGH_WINS:
            return np.nan, np.nan
        won, lost = _rates(*(each[part].sum(axis=0) for each in (wins, losses, days)))
        found.append(float(AgeRates(edges, won, lost, 0.0).ever(np.zeros(1))[0]))
    return found[0], found[1]


def _edges(won: Floats, lost: Floats) -> Floats:
    """First ages of the bins: quantiles of the ages at winning and at losing, finer in the tail; ages of a rule alone."""
    edges = {0.0}
    for ages in (won, lost):
        count = int(np.clip(len(ages) // PER_BIN, 1, MOST_BINS))
        if count > 1:
            at = [*np.linspace(0, 1, count + 1)[1:-1]]
            at += [1 - part / count for part in (0.5, 0.25) if part / count * len(ages) >= PER_BIN / 2]
            edges |= set(np.floor(np.quantile(ages, at)).tolist())
        value, often = np.unique(ages, return_counts=True)
        total = np.concatenate([[0], np.cumsum(often)])
        near = total[np.searchsorted(value, value + 7, side="right")] - total[np.searchsorted(value, value - 7)] - often
        ruled = (often >= max(BY_RULE * len(ages), PER_BIN)) & (often >= FAR_MORE * near / 14)
        edges |= {float(age + step) for age in value[ruled].tolist() for step in (0, 1)}
    return np.array(sorted(edges))


def _exposure(
    created: Floats, close: Floats, won: Bools, as_of: float, edges: Floats, cuts: Floats
) -> tuple[Floats, Floats, Floats]:
    """Days at risk, wins and losses by period and bin. A deal is at risk from its creation to its closing, both included."""
    end = np.where(np.isinf(close), as_of, close + 1)
    shape = (len(cuts), len(edges))
    days, ends = np.zeros(shape), np.append(edges[1:], np.inf)
    stops = np.append(cuts[1:], np.inf)
    for b, (low, high) in enumerate(zip(edges.tolist(), ends.tolist(), strict=True)):
        start, stop = created + low, np.minimum(created + high, end)
        there = stop > start
        first, last = start[there], stop[there]
        for p, (begin, finish) in enumerate(zip(cuts.tolist(), stops.tolist(), strict=True)):
            days[p, b] = np.maximum(np.minimum(last, finish) - np.maximum(first, begin), 0.0).sum()
    events = []
    for flags in (won, ~np.isinf(close) & ~won):
        age, day = close[flags] - created[flags], close[flags]
        place = np.maximum(np.searchsorted(cuts, day, side="right") - 1, 0) * len(edges)
        place += np.searchsorted(edges, age, side="right") - 1
        events.append(np.bincount(place, minlength=days.size)[: days.size].reshape(shape).astype(np.float64))
    return days, events[0], events[1]


def _first_recorded(days: Floats, wins: Floats) -> int:
    """First period in which wins were recorded as later: before it the history says nothing."""
    first = 0
    for _ in range(4):
        at_risk = days[first:].sum(axis=0)
        rate, _ = _rates(wins[first:].sum(axis=0), np.zeros(len(at_risk)), at_risk)
        came, expected = np.cumsum(wins[first:].sum(axis=1)), np.cumsum(days[first:] @ rate)
        blank = np.flatnonzero((expected >= EXPECTED_THEN) & (came < NOT_RECORDED * expected))
        if not len(blank):
            break
        first += int(blank[-1]) + 1
    return first


def _rates(wins: Floats, losses: Floats, days: Floats) -> tuple[Floats, Floats]:
    """Wins and losses a day by bin, each drawn to the overall rate by the same days: where nothing closed, the overall part is won."""
    total = max(float(days.sum()), 1.0)
    overall = [max(float(events.sum()), 0.0) / total for events in (wins, losses)]
    prior = PRIOR_EVENTS / max(sum(overall), 0.5 / total)
    won, lost = ((events + rate * prior) / (days + prior) for events, rate in zip((wins, losses), overall, strict=True))
    return np.asarray(won), np.asarray(lost)
