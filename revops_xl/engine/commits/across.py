"""Bias quotients drawn together across managers, as far as their differences may be chance (empirical Bayes)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.model.money import Floats

#: Each manager's noise is drawn to that of all as if so many more periods had shown it.
PRIOR_FREEDOM = 4.0
#: Commits that add up to less than half a cent are none.
LEAST_COMMIT = 0.005
#: Fewer managers with a history have no mean worth drawing to.
FEWEST_MANAGERS = 3


@dataclass(frozen=True)
class Across:
    """What managers have in common; arrays with one entry per manager.

    Attributes:
        mean: The quotient that all are drawn to.
        between: Standard deviation of the true quotients around it.
        quotient: Drawn; the mean without a history.
        weight: Part of a manager's own difference from the mean that counts, 0 to 1.
        error: Standard error of the drawn quotient.
        freedom: Degrees of freedom of it.
    """

    mean: float
    between: float
    quotient: Floats
    weight: Floats
    error: Floats
    freedom: Floats


def across_managers(manager: npt.NDArray[np.int32], commits: Floats, actuals: Floats, count: int) -> Across | None:
    """Draw the quotients together; None where too few managers, or no two periods of one, show how they differ by chance.

    A period's noise, relative: s2 = sum (a - q c)^2 / (n - 1) / (q^2 mean c^2), drawn to that of all managers. Error of a
    quotient: v = s2 x sum c^2 / (sum c)^2 x Q^2, Q = all actuals / all commits. Between managers: tau2 = variance of the
    quotients less mean v. Drawn: mean + tau2 / (tau2 + v) x (q - mean).

    Args:
        manager: Manager of each closed period.
        commits: Its commit, in currency.
        actuals: What was closed.
        count: How many managers.
    """

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(manager, weights=values, minlength=count), dtype=np.float64)

    periods, commit, actual, squares = (total(each) for each in (np.ones(len(commits)), commits, actuals, commits**2))
    committed = commit >= LEAST_COMMIT
    there = np.flatnonzero(committed)
    if len(there) < FEWEST_MANAGERS:
        return None
    plain = np.divide(actual, commit, out=np.zeros(count), where=committed)
    known = (periods > 1) & (plain > 0) & committed
    freedom = np.where(known, periods - 1, 0.0)
    if not freedom.sum():
        return None
    missed = total((actuals - plain[manager] * commits) ** 2)
    scale = np.where(known, np.maximum(periods - 1, 1) * plain**2 * squares / np.maximum(periods, 1), 1.0)
    noise = np.where(known, missed / scale, 0.0)
    pooled = float((freedom * noise).sum() / freedom.sum())
    drawn = (freedom * noise + PRIOR_FREEDOM * pooled) / (freedom + PRIOR_FREEDOM)
    level = float(actual.sum() / commit.sum())
    error = np.divide(drawn * squares, commit**2, out=np.zeros(count), where=committed) * level**2
    q, v = plain[there], error[there]
    spread = float(q.var(ddof=1))
    weights = np.divide(1.0, v + spread, out=np.ones(len(v)), where=v + spread > 0)
    mean = float((weights * q).sum() / weights.sum())
    between = max(spread - float(v.mean()), 0.0)
    weight = np.zeros(count)
    weight[there] = np.divide(between, between + v, out=np.ones(len(v)), where=between + v > 0)
    of_mean = 1 / float(weights.sum()) if (v + spread > 0).all() else 0.0
    # how far quotients differ is itself known from few managers (Morris 1983)
    unsure = 2 / (len(there) - 1) * ((1 - weight) * (plain - mean)) ** 2
    variance = weight * error + (1 - weight) ** 2 * of_mean + unsure
    variance[~committed] = between + of_mean
    return Across(
        mean,
        float(np.sqrt(between)),
        np.where(committed, mean + weight * (plain - mean), mean),
        weight,
        np.sqrt(variance),
        freedom + PRIOR_FREEDOM,
    )
