"""What a rep, an account or a kind of deal had done up to a day: only outcomes from before that day count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats

Codes = npt.NDArray[np.int64]
#: Deals at the overall rate that each record starts with, so that one lucky deal is no habit.
PRIOR_DEALS = 10.0


@dataclass(frozen=True)
class Outcomes:
    """Closed deals in the order of their closing.

    Attributes:
        day: Day it was closed.
        won: Whether it was won, 0 or 1.
        value: What it brought, 0 if lost.
    """

    day: Floats
    won: Floats
    value: Floats


@dataclass(frozen=True)
class Record:
    """A group's record up to a day; one entry per question.

    Attributes:
        closed: How many deals had closed.
        rate: Win rate, drawn to the overall one by PRIOR_DEALS.
        value: What its won deals had brought.
    """

    closed: Floats
    rate: Floats
    value: Floats


def record(outcomes: Outcomes, groups: Codes, asked: Codes, at: Floats) -> Record:
    """Each asked group's record of the deals that closed before the day asked about.

    Args:
        outcomes: Closed deals.
        groups: Their groups; -1: none.
        asked: Groups to look up; -1 gives an empty record.
        at: Days, one per question; NaN: before everything.
    """
    order = np.lexsort((outcomes.day, groups))
    group, day = groups[order], outcomes.day[order]
    sums = [np.concatenate([[0.0], np.cumsum(column[order])]) for column in (outcomes.won, outcomes.value)]
    by_time = np.argsort(outcomes.day, kind="stable")
    all_day, all_won = outcomes.day[by_time], np.concatenate([[0.0], np.cumsum(outcomes.won[by_time])])
    moment = np.where(np.isnan(at), -np.inf, at)
    before = np.searchsorted(all_day, moment)
    overall = (all_won[before] + 0.5 * PRIOR_DEALS) / (before + PRIOR_DEALS)
    first = np.searchsorted(group, asked)
    last = _position(group, day, asked, moment)
    known = asked >= 0
    first, last = np.where(known, first, 0), np.where(known, last, 0)
    closed = (last - first).astype(np.float64)
    won, value = (total[last] - total[first] for total in sums)
    return Record(closed, (won + PRIOR_DEALS * overall) / (closed + PRIOR_DEALS), value)


def _position(group: Codes, day: Floats, asked: Codes, at: Floats) -> npt.NDArray[np.intp]:
    """First place among (group, day), sorted, that is not before each (asked, at)."""
    days = np.unique(np.concatenate([day, at]))
    width = len(days) + 1
    keys = group * width + np.searchsorted(days, day)
    return np.searchsorted(keys, asked * width + np.searchsorted(days, at))
