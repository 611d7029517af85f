"""Probabilities that hold: for deals counted, and for deals weighed by what they bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revops_xl.model.deal_model import Treatment
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: How far each correction is believed to lie from none: standard deviations of intercept, slope, size, large.
PRIOR = np.array([0.5, 0.3, 0.3, 0.7])
#: Another treatment must lower the loss by this part of its standard error, where it needs proof.
WORTH_IT = 0.5
FEWEST = 60
#: Deals from which level, spread and size are corrected unless another treatment does better.
ENOUGH_TO_CORRECT = 500
#: Where most deals are of one size, a deal four times as large is large: log 4.
LEAST_FENCE = float(np.log(4))


@dataclass(frozen=True)
class Calibration:
    """A correction on the scale of log odds: odds' = intercept + (1 + slope) odds + size z + apart [large].

    Attributes:
        treatment: What is corrected.
        weights: intercept, slope, size, apart.
        center: Mean log value, from which z counts.
        scale: Standard deviation of the log values.
        fence: Value from which a deal is large.
    """

    treatment: Treatment
    weights: tuple[float, float, float, float]
    center: float
    scale: float
    fence: float

    def apply(self, probability: Floats, value: Floats) -> Floats:
        """Corrected probabilities; a deal without a known value counts as one of middle size."""
        x = _columns(probability, value, self.center, self.scale, self.fence)
        return np.clip(_sigmoid(x[:, 1] + x @ np.array(self.weights)), 0.001, 0.999)


def fence_of(values: Floats) -> float:
    """Where large deals begin: the third quartile of the logs and 1.5 times the distance of the quartiles (Tukey); at least four times the quartile.

    Quartiles do not see how large the largest deals are. Infinity with fewer than 20 values above 0.

    Example:
        >>> round(fence_of(np.exp(np.linspace(8, 10, 101))) / np.exp(11))
        1
    """
    logs = np.log(values[values > 0])
    if len(logs) < 20:
        return float("inf")
    low, high = np.quantile(logs, [0.25, 0.75])
    return float(np.exp(min(high + max(1.5 * (high - low), LEAST_FENCE), 700.0)))


def calibrate(probability: Floats, won: Bools, value: Floats, fold: Floats, *, by_size: bool = True) -> Calibration:
    """Learn the correction from probabilities of deals that the model had not seen, and choose how rich it may be.

    Each treatment is fitted on the earlier folds and judged on the later ones, by the log-loss in which half of the
    weight lies on the deals and half on their values, values above the fence cut to it.

    Args:
        probability: By the model.
        won: What came of it.
        value: What the deal brings if won; NaN where not known.
        fold: Number of the fold each deal was scored in, growing with time.
        by_size: Whether the size may count: not where every deal is to have the same chance.
    """
    fence = fence_of(value)
    known = value[value > 0]
    center = float(np.log(known).mean()) if len(known) else 0.0
    scale = float(np.log(known).std()) if len(known) else 1.0
    frame = (center, max(scale, 0.1), fence)
    chosen = Treatment.NONE
    if len(won) >= FEWEST and 0 < won.sum() < len(won):
        chosen = _choose(probability, won, value, fold, frame, by_size=by_size)
    return _fit(chosen, probability, won, value, frame)


def _choose(
    probability: Floats,
    won: Bools,
    value: Floats,
    fold: Floats,
    frame: tuple[float, float, float],
    *,
    by_size: bool,
) -> Treatment:
    later = [k for k in np.unique(fold).tolist() if (fold < k).sum() >= FEWEST / 2]
    if not later:
        return Treatment.COUNTS
    losses: dict[Treatment, Floats] = {}
    judged = np.isin(fold, later)
    weight = _weight(value, frame[2])[judged]
    for treatment in Treatment:
        loss = np.zeros(len(won))
        for k in later:
            before, here = fold < k, fold == k
            made = _fit(treatment, probability[before], won[before], value[before], frame)
            loss[here] = log_loss(made.apply(probability[here], value[here]), won[here])
        losses[treatment] = loss[judged] * weight
    # all corrections are drawn to none, so with enough deals the usual one needs no proof, and the others do
    chosen, others = Treatment.NONE, (Treatment.COUNTS, Treatment.SIZE, Treatment.APART)[: 3 if by_size else 1]
    if len(won) >= ENOUGH_TO_CORRECT and by_size:
        chosen, others = Treatment.SIZE, (Treatment.NONE, Treatment.COUNTS, Treatment.APART)
    for treatment in others:
        gain = losses[chosen] - losses[treatment]
        proof = WORTH_IT if len(won) >= ENOUGH_TO_CORRECT or treatment == Treatment.APART else 0.0
        if gain.mean() > proof * gain.std() / np.sqrt(len(gain)):
            chosen = treatment
    return chosen


def _fit(
    treatment: Treatment, probability: Floats, won: Bools, value: Floats, frame: tuple[float, float, float]
) -> Calibration:
    """Newton's method on the penalised likelihood; the penalty draws to no correction."""
    used = {Treatment.NONE: [], Treatment.COUNTS: [0, 1], Treatment.SIZE: [0, 1, 2], Treatment.APART: [0, 1, 2, 3]}[
        treatment
    ]
    weights = np.zeros(4)
    if used and len(won):
        x = _columns(probability, value, *frame)
        offset, x = x[:, 1], x[:, used]
        weight = np.ones(len(won)) if treatment == Treatment.COUNTS else _weight(value, frame[2])
        penalty = np.diag(1 / PRIOR[used] ** 2)
        found = np.zeros(len(used))
        for _ in range(25):
            p = _sigmoid(offset + x @ found)
            gradient = x.T @ (weight * (p - won)) + penalty @ found
            step = np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + penalty, gradient)
            found -= step
            if np.abs(step).max() < 1e-10:
                break
        weights[used] = found
    return Calibration(treatment, (float(weights[0]), float(weights[1]), float(weights[2]), float(weights[3])), *frame)


def _columns(probability: Floats, value: Floats, center: float, scale: float, fence: float) -> Floats:
    logit = np.log(probability) - np.log1p(-probability)
    known = value > 0
    size = np.where(known, (np.log(np.where(known, value, 1.0)) - center) / scale, 0.0)
    large = np.where(known, value > fence, False)
    return np.column_stack([np.ones(len(logit)), logit, np.clip(size, -3, 3), large])


def _weight(value: Floats, fence: float) -> Floats:
    """Half by deal, half by value; the mean is 1."""
    cut = np.minimum(np.where(value > 0, value, 0.0), fence)
    mean = float(cut.mean()) if len(cut) else 0.0
    return 0.5 + 0.5 * (cut / mean if mean > 0 else np.ones(len(cut)))


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def log_loss(probability: Floats, won: Bools) -> Floats:
    """Minus the log of the probability given to what happened, per deal."""
    return np.asarray(-np.log(np.where(won, probability, 1 - probability)))
