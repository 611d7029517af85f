"""Why a deal has its probability: each feature's part in it, adding up to the difference from the usual deal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from revops_xl.model.money import Floats

#: Rows that a model is asked about for one explanation of all deals; bounds the time.
BUDGET = 300_000
#: Usual deals that a deal is compared with.
MOST_USUAL, LEAST_USUAL = 32, 4
ROWS_AT_ONCE = 200_000
SEED = 20260102


@dataclass(frozen=True)
class Drivers:
    """Parts of probabilities.

    Attributes:
        usual: Mean probability of the usual deals.
        parts: One row per deal, one column per feature: what it adds, from -1 to 1; a row adds up to probability - usual.
    """

    usual: float
    parts: Floats


def drivers(score: Callable[[Floats], Floats], x: Floats, usual: Floats, moving: list[int]) -> Drivers:
    """Shapley values of the score, by permutations.

    Starting from a usual deal, the features are replaced by the deal's own one after the other, in random order and
    then in the opposite order; what the score changes at a step is the feature's part. The mean over many usual deals
    and orders is the Shapley value; the parts add up exactly whatever their number. The same usual deals and orders serve
    every deal, so deals can be compared.

    Args:
        score: Features to probabilities.
        x: Features of the deals.
        usual: Features of deals to compare with.
        moving: Columns that the score reads; the others have no part.
    """
    parts = np.zeros(x.shape)
    if not len(x) or not len(usual) or not moving:
        return Drivers(float(score(usual).mean()) if len(usual) else 0.0, parts)
    rounds = int(np.clip(BUDGET / (len(x) * 2 * len(moving)), LEAST_USUAL // 2, MOST_USUAL // 2))
    scores = score(usual)
    # evenly over the usual scores, so that their mean is near that of all
    picked = np.argsort(scores, kind="stable")[((np.arange(rounds) + 0.5) * len(usual) / rounds).astype(np.int64)]
    dice = np.random.default_rng(SEED)
    for at in picked.tolist():
        order = dice.permutation(moving).tolist()
        for steps in (order, order[::-1]):
            _walk(score, x, usual[at], steps, parts)
    parts /= 2 * rounds
    return Drivers(float(scores[picked].mean()), parts)


def _walk(score: Callable[[Floats], Floats], x: Floats, start: Floats, steps: list[int], parts: Floats) -> None:
    """Replace one feature after the other and book what the score changes."""
    size = max(ROWS_AT_ONCE // len(steps), 1)
    for first in range(0, len(x), size):
        mine = x[first : first + size]
        mixed = np.broadcast_to(start, (len(steps) + 1, *mine.shape)).copy()
        for step, column in enumerate(steps, start=1):
            mixed[step:, :, column] = mine[:, column]
        said = score(mixed.reshape(-1, x.shape[1])).reshape(len(steps) + 1, len(mine))
        parts[first : first + size, steps] += np.diff(said, axis=0).T
