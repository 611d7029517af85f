"""Which model of the chance to win: every candidate fitted before some days, and judged by what closed next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from revops_xl.engine.forecast.deals.calibration import log_loss
from revops_xl.engine.forecast.deals.candidates import (
    BLENDED_PENALTY,
    ENOUGH_TO_COMPARE,
    PENALTIES,
    ROUNDS,
    STEP,
    blended,
    classifier,
    fit,
    penalties,
    probability,
)
from revops_xl.engine.forecast.deals.features import FeaturePlan, matrix
from revops_xl.engine.forecast.deals.model import Tried
from revops_xl.engine.forecast.deals.snapshots import Fold, to_try
from revops_xl.engine.forecast.deals.training import Training
from revops_xl.model.deal_model import Candidate, Family, Standing
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Closed deals, and deals of the rarer outcome, from which each family is tried; the simplest first.
LEAST: Mapping[Family, tuple[int, int]] = {
    Family.BASE: (10, 1),
    Family.STAGES: (30, 5),
    Family.LOGISTIC: (80, 20),
    Family.BLEND: (300, 60),
    Family.BOOSTING: (300, 60),
}
#: Validation chooses only where it has this many deals to judge by; else the richest family that is tried wins.
FEWEST_JUDGED = 30
#: A richer family must beat a simpler one by this part of the standard error of the difference.
CLEARLY = 0.5


def choose_chance(
    work: Training, families: Sequence[Family], validation: Sequence[Fold]
) -> tuple[Candidate, tuple[Standing, ...], Tried]:
    """Fit every candidate before each cut, and see how it does on what closed next."""
    said: dict[Candidate, list[Floats]] = {}
    rows, numbers = [], []
    for number, fold in enumerate(validation):
        snapshots = to_try(work.deals, fold)
        x, y = work.learned(fold.cut, ENOUGH_TO_COMPARE)
        if not len(snapshots.row) or len(np.unique(y)) < 2:
            continue
        seen = matrix(work.plan, work.deals.take(snapshots.row), snapshots.at, work.deals)
        rows.append(snapshots.row)
        numbers.append(np.full(len(snapshots.row), float(number)))
        here: dict[Candidate, Floats] = {}
        for family in sorted(families, key=lambda each: each == Family.BLEND):  # it is made of the others
            if family == Family.BLEND:
                beside = here[Candidate(Family.LOGISTIC, BLENDED_PENALTY)]
                for candidate in [c for c in here if c.family == Family.BOOSTING]:
                    mixed = blended([here[candidate], beside])
                    said.setdefault(Candidate(family, candidate.strength), []).append(mixed)
                continue
            for candidate, found in _compare(family, work.plan, x, y, seen):
                here[candidate] = found
                said.setdefault(candidate, []).append(found)
    if not rows or sum(map(len, rows)) < FEWEST_JUDGED:
        richest = Candidate(families[-1], _default_strength(families[-1]))
        return richest, (Standing(richest, np.nan, chosen=True),), Tried.none()
    row, numbered = np.concatenate(rows), np.concatenate(numbers)
    won = work.deals.is_won[row]
    losses = {candidate: log_loss(np.concatenate(found), won) for candidate, found in said.items()}
    best = [min((c for c in losses if c.family is family), key=lambda c: losses[c].mean()) for family in families]
    chosen = best[0]
    for candidate in sorted(best[1:], key=lambda c: list(LEAST).index(c.family)):
        gain = losses[chosen] - losses[candidate]
        if gain.mean() > CLEARLY * gain.std() / np.sqrt(len(gain)):
            chosen = candidate
    standings = tuple(Standing(c, float(losses[c].mean()), chosen=c == chosen) for c in best)
    return chosen, standings, Tried.of(row, numbered, np.concatenate(said[chosen]))


def not_tried(closed: int, rarer: int, families: Sequence[Family]) -> list[Standing]:
    """Families that need more than there is."""
    found = []
    for family, (count, rare) in LEAST.items():
        if family in families:
            continue
        why = "the stage says nothing about the outcome, or too much"
        if closed < count or rarer < rare:
            why = f"needs {count} closed deals, {rare} of them of the rarer outcome; there are {closed:,} and {rarer:,}"
        found.append(Standing(Candidate(family), np.nan, chosen=False, why_not=why))
    return found


def _default_strength(family: Family) -> float:
    return {Family.LOGISTIC: PENALTIES[1], Family.BOOSTING: 100, Family.BLEND: 100}.get(family, 0.0)


def _compare(family: Family, plan: FeaturePlan, x: Floats, y: Bools, seen: Floats) -> list[tuple[Candidate, Floats]]:
    """Probabilities of one family at every strength."""
    if family == Family.BOOSTING:
        model = fit(classifier(Candidate(family, ROUNDS), plan), x, y)
        stages = [np.clip(p[:, 1], 0.001, 0.999) for p in model.staged_predict_proba(seen)]
        return [(Candidate(family, rounds), stages[rounds - 1]) for rounds in range(2 * STEP, ROUNDS + 1, STEP)]
    if family == Family.LOGISTIC:
        return [
            (Candidate(family, strength), probability(model, shown))
            for strength, model, shown in penalties(plan, x, y, seen)
        ]
    candidate = Candidate(family)
    return [(candidate, probability(fit(classifier(candidate, plan), x, y), seen))]
