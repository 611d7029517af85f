"""Closed deals as they stood while they were open: what a model learns from, and on what it is tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from revops_xl.model.deals import Deals, Ints
from revops_xl.model.money import Floats

#: Days before the cut at which the pipeline is looked at, for the ages that open deals have.
LOOKS = (0.0, 91.0, 182.0, 273.0)
#: Part of the closed deals, the last ones, on which the chosen model is tried and nothing is chosen.
HELD_OUT = 0.2
#: Where validation cuts the rest, as parts of all closed deals.
CUTS = (0.35, 0.5, 0.65)
SEED = 20260101


@dataclass(frozen=True)
class Snapshots:
    """Deals on a day each.

    Attributes:
        row: Position of the deal; a deal may stand here twice.
        at: The day.
    """

    row: Ints
    at: Floats


@dataclass(frozen=True)
class Fold:
    """A moment to forecast from.

    Attributes:
        cut: Only what closed before this day is known.
        end: Deals that close before this day, and not before the cut, are forecast.
    """

    cut: float
    end: float


def dated(deals: Deals) -> Deals:
    """A closed deal without a closing day closed when it was created; without any day it came before all others."""
    close = np.where(np.isnan(deals.close) & deals.is_closed, deals.created, deals.close)
    first = float(np.nanmin(close)) - 1 if (~np.isnan(close)).any() else 0.0
    return replace(deals, close=np.where(np.isnan(close) & deals.is_closed, first, close))


def folds(close: Floats) -> tuple[list[Fold], Fold | None]:
    """Cuts in time for choosing a model, and the last one for trying it; None where all deals closed on few days.

    Args:
        close: Day each deal was closed.
    """
    marks = np.unique(np.quantile(close, [*CUTS, 1 - HELD_OUT], method="higher")).tolist()
    marks = [mark for mark in marks if (close < mark).any()]
    if not marks:
        return [], None
    held_out = Fold(marks[-1], np.inf)
    return [Fold(cut, end) for cut, end in pairwise(marks)], held_out


def to_learn(deals: Deals, cut: float) -> Snapshots:
    """Each deal closed before the cut at its creation, and once more at the age of a random open deal, if it was open then.

    So the chance that is learned is that of a deal which is still open at its age, among deals as old as open ones are.
    """
    known = np.flatnonzero(deals.is_closed & (deals.close < cut))
    created = np.where(np.isnan(deals.created), deals.close, deals.created)
    ages = _ages(deals, cut)
    if not len(ages):
        return Snapshots(known, created[known])
    drawn = np.random.default_rng(SEED).choice(ages, len(known))
    later = created[known] + drawn
    there = (later < deals.close[known]) & (drawn > 0)
    return Snapshots(np.concatenate([known, known[there]]), np.concatenate([created[known], later[there]]))


def _ages(deals: Deals, cut: float) -> Floats:
    """Ages of the deals that were open on some days before the cut."""
    found = []
    for back in LOOKS:
        day = cut - back
        there = (deals.created <= day) & ((deals.close >= day) | deals.is_open)
        found.append(day - deals.created[there])
    return np.concatenate(found)


def to_try(deals: Deals, fold: Fold) -> Snapshots:
    """Deals that closed in the fold, as they stood at the cut, or at their creation if that came later."""
    rows = np.flatnonzero(deals.is_closed & (deals.close >= fold.cut) & (deals.close < fold.end))
    created = np.where(np.isnan(deals.created[rows]), fold.cut, deals.created[rows])
    return Snapshots(rows, np.maximum(created, fold.cut))
