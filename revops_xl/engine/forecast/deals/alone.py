"""How well one column alone orders deals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from revops_xl.model.deals import Feature, FeatureKind
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

BINS = 20
#: A number that is so large a part of a column is a group of its own.
OFTEN = 0.05
FOLDS = 5


def groups_of(column: Feature, values: Floats) -> npt.NDArray[np.int64]:
    """Deals by text, or by bins of a number; blanks are a group."""
    there = ~np.isnan(values)
    found = np.full(len(values), -1, dtype=np.int64)
    if column.kind == FeatureKind.TEXT:
        found[there] = values[there].astype(np.int64)
    elif there.any():
        edges = np.unique(np.quantile(values[there], np.linspace(0, 1, BINS + 1)[1:-1]))
        found[there] = np.searchsorted(edges, values[there], side="right")
        _, place, counts = np.unique(values[there], return_inverse=True, return_counts=True)
        own = counts >= OFTEN * there.sum()  # such as the 0 of everything that has not happened yet
        number = np.where(own, BINS + np.cumsum(own), -1)[place.reshape(-1)]
        found[there] = np.where(number >= 0, number, found[there])
    return found + 1


def auc_alone(groups: npt.NDArray[np.int64], won: Bools) -> float:
    """How well the win rate of each group, learned from other deals, orders the deals."""
    fold = np.arange(len(won)) % FOLDS
    scores = np.zeros(len(won))
    base = float(won.mean())
    for k in range(FOLDS):
        rest, here = fold != k, fold == k
        count = np.bincount(groups[rest], minlength=groups.max() + 1)
        wins = np.bincount(groups[rest], weights=won[rest], minlength=groups.max() + 1)
        scores[here] = ((wins + 2 * base) / (count + 2))[groups[here]]
    return area_under_curve(scores, won)


def area_under_curve(scores: Floats, won: Bools) -> float:
    """Part of the pairs of a won and a lost deal in which the won one scores higher; ties count half.

    Example:
        >>> area_under_curve(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]))
        0.875
    """
    from scipy.stats import rankdata  # noqa: PLC0415  (half a second that other commands do not need)

    wins = int(won.sum())
    losses = len(won) - wins
    if not wins or not losses:
        return float("nan")
    return float((rankdata(scores)[won].sum() - wins * (wins + 1) / 2) / (wins * losses))
