"""Whether things go better or worse than they used to: the level of a rate at the end of its history."""

from __future__ import annotations

from itertools import product

import numpy as np

from revops_xl.model.money import Floats

#: How fast a level may drift, as the standard deviation of its log a period, and how likely each is beforehand.
DRIFTS = ((0.0, 0.4), (0.03, 0.2), (0.06, 0.2), (0.12, 0.12), (0.25, 0.08))
#: How much more than chance a period's count may scatter: a day of cleaning up books many at once.
SCATTERS = (1.0, 2.0, 5.0, 20.0, 100.0)
#: A surprise counts for no more than this many standard deviations.
SURPRISE = 2.5
FARTHEST = 1.5


def level_now(came: Floats, expected: Floats) -> tuple[float, float]:
    """Log of came / expected at the end of some periods, and its variance.

    A local level model (Harvey 1989) for every drift and scatter, averaged by how well each has foreseen the next period.

    Args:
        came: Events by period, the oldest first.
        expected: What a constant rate expects.

    Example:
        >>> level_now(np.full(24, 50.0), np.full(24, 50.0))[0]
        0.0
        >>> 0.4 < level_now(np.repeat([50.0, 100.0], 12), np.full(24, 66.7))[0] < 0.9
        True
    """
    found = []
    for (drift, prior), scatter in product(DRIFTS, SCATTERS):
        mean, variance, likelihood = 0.0, (0.25 if drift else 0.05) ** 2, 0.0
        for count, rate in zip(came.tolist(), expected.tolist(), strict=True):
            variance += drift**2
            said = max(rate * np.exp(mean), 0.3)
            total = variance + scatter / said
            miss = (count - rate * np.exp(mean)) / said
            likelihood -= 0.5 * (np.log(total) + miss * miss / total) + np.log(said)
            gain = variance / total
            bound = SURPRISE * np.sqrt(total)
            mean, variance = mean + gain * float(np.clip(miss, -bound, bound)), variance * (1 - gain)
        found.append((likelihood + np.log(prior), mean, variance))
    score, means, variances = np.array(found).T
    weight = np.exp(score - score.max())
    weight /= weight.sum()
    mean = float(weight @ means)
    return float(np.clip(mean, -FARTHEST, FARTHEST)), float(weight @ (variances + (means - mean) ** 2))
