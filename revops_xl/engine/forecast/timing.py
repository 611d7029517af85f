"""When open deals are won: chances by quarter, from their ages and from the close dates that reps entered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.engine.forecast.deals.ages import AgeRates
from revops_xl.engine.forecast.slippage import expected_close
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.deals import Deals, Ints
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: How likely a win in a quarter before that of the entered close date is, beside what the age alone says.
EARLIER = 0.2
#: Rounds in which quarters and deals are brought to their sums in turn.
ROUNDS = 60


@dataclass(frozen=True)
class Timing:
    """When deals are won, if they are.

    Attributes:
        shares: Deals x quarters: part of the chance to win that falls into each quarter; what is left comes later.
        close: Day by which half of the chance has come.
        moved: Whether the close date has passed or is missing.
    """

    shares: Floats
    close: Floats
    moved: Bools


def by_close_date(deals: Deals, past: Deals, as_of: float, quarters: int) -> Timing:
    """Every deal in the quarter of its close date; one that has passed is moved by how late deals of its age have closed.

    Args:
        deals: Open deals.
        past: Closed deals, which give the cycles.
        as_of: The day of the forecast.
        quarters: How many, the running one included.
    """
    close, moved = expected_close(deals, past, as_of)
    place = np.maximum(deals.calendar.quarter_of(close) - deals.calendar.quarter_at(as_of), 0)
    return Timing((place[:, None] == np.arange(quarters)).astype(np.float64), close, moved)


def by_age(deals: Deals, rates: AgeRates, age: Floats, chance: Floats, as_of: float, quarters: int) -> Timing:
    """As many wins in each quarter as ages say; which deals they are follows from the entered close dates as well.

    A deal whose close date lies in a later quarter is seldom won before it, so the wins of a quarter come rather from deals
    that are due by then. The sums over all deals stay those of the ages, which past quarters have been judged by.

    Args:
        deals: Open deals.
        rates: Rates of winning and losing by age.
        age: Age of each deal at the beginning of the next day, in days.
        chance: To be won within two years.
        as_of: The day of the forecast.
        quarters: How many, the running one included.
    """
    moved = np.isnan(deals.close) | (deals.close < as_of)
    ever = np.maximum(rates.ever(age), 1e-12)
    ends = days_to_ends(as_of, quarters, deals.calendar)
    won_by = np.column_stack([rates.within(age, days) / ever for days in ends.tolist()])
    plain = np.diff(np.clip(won_by, 0.0, 1.0), axis=1, prepend=0.0, append=1.0)
    due = np.where(moved, -1, deals.calendar.quarter_of(deals.close) - deals.calendar.quarter_at(as_of))
    before = np.arange(quarters + 1) < due[:, None]
    shares = _balanced(np.maximum(plain, 0.0), np.where(before, EARLIER, 1.0), np.nan_to_num(chance))
    later = np.where(moved, 0.0, deals.close)
    return Timing(shares[:, :-1], _half_way(shares, rates, age, later, as_of, ends), moved)


def days_to_ends(as_of: float, quarters: int, calendar: Calendar = CALENDAR_YEAR) -> Floats:
    """Days from the end of a day to the end of its quarter and of those after it.

    Example:
        >>> days_to_ends(np.datetime64("2026-11-30").astype(float), 3).tolist()
        [31.0, 121.0, 212.0]
    """
    running = calendar.quarter_at(as_of)
    return np.array([calendar.quarter_start(running + 1 + q) - as_of - 1 for q in range(quarters)])


def rest_of_quarter(as_of: float, calendar: Calendar = CALENDAR_YEAR) -> float:
    """What is left of the quarter of a day, as a part of it; at least a day, on which the deals that are due on it close."""
    length = calendar.length(3 * calendar.quarter_at(as_of), 3)
    return max(float(days_to_ends(as_of, 1, calendar)[0]), 1.0) / length


def _balanced(plain: Floats, factor: Floats, chance: Floats) -> Floats:
    """Shares after the factors, with every deal's sum 1 and every quarter's sum over the deals, weighted by chance, as before."""
    if not len(plain) or (factor == 1.0).all():
        return plain
    weight = np.maximum(chance, 1e-9)[:, None]
    sums = (plain * weight).sum(axis=0)
    shares = plain * factor
    for _ in range(ROUNDS):
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        now = (shares * weight).sum(axis=0)
        shares *= np.divide(sums, now, out=np.ones_like(sums), where=now > 0)
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300))


def _half_way(shares: Floats, rates: AgeRates, age: Floats, close: Floats, as_of: float, ends: Floats) -> Floats:
    """Day by which half of the chance has come."""
    until = np.cumsum(shares[:, :-1], axis=1)
    place: Ints = (until < 0.5).sum(axis=1)
    inside = place < len(ends)
    at = np.minimum(place, len(ends) - 1)
    row = np.arange(len(age))
    start = np.append(0.0, ends)[at]
    before = np.where(at > 0, until[row, np.maximum(at - 1, 0)], 0.0)
    part = (0.5 - before) / np.maximum(until[row, at] - before, 1e-12)
    days = start + np.clip(part, 0.0, 1.0) * (ends[at] - start)
    alone = median_left(rates, age)  # exact, where the close date does not say another quarter
    days = np.where((alone > start) & (alone <= ends[at]), alone, days)
    beyond = np.maximum(alone, ends[-1] + 1)
    return np.asarray(
        np.where(inside, np.floor(as_of + np.maximum(days, 1.0)), np.floor(np.maximum(as_of + beyond, close)))
    )


def median_left(rates: AgeRates, age: Floats) -> Floats:
    """Days after which half of those that will be won are."""
    low, high = np.zeros(len(age)), np.full(len(age), 7300.0)
    half = rates.ever(age) / 2
    for _ in range(16):
        middle = (low + high) / 2
        enough = np.array(rates.within(age, middle)) >= half
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(high)
