"""What territories could bring: learned from what they, and others like them, have reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from revops_xl.engine.common.threads import one_thread
from revops_xl.model.money import Floats, to_cents
from revops_xl.model.territories import (
    FEATURES,
    FOREST_FROM,
    LINEAR_FROM,
    FeatureEffect,
    PotentialModel,
    PotentialTrial,
    Territories,
    TerritoryPotential,
)

#: Folds of the validation, and how often territories are dealt out anew.
FOLDS, REPEATS = 5, 3
#: The first columns are sizes: what is 0 there is not known.
SIZES = 3
#: A less simple model has to make at most so much of the simpler one's squared error.
CLEARLY_BETTER = 0.95
SHUFFLES, TREES = 5, 100
#: Strengths of the ridge that are tried, on standardised columns.
RIDGE = np.logspace(-2, 3, 16)


@dataclass(frozen=True)
class _Learned:
    """A fitted model: predictions for rows of features."""

    predict: Callable[[Floats], Floats]


Fit = Callable[[Floats, Floats], _Learned]


def potential(territories: Territories, interval: float, seed: int) -> TerritoryPotential:
    """Expected achievement of each territory, with a prediction interval.

    The model is chosen by repeated cross-validation among: historical revenue times the mean ratio of achievement to
    history, ridge regression of amounts or of logarithms, and a random forest. A less simple one has to be clearly better.
    Below LINEAR_FROM territories with a known achievement nothing is learned and historical revenue stands for the
    potential; below FOREST_FROM no forest is tried. Intervals come from the errors on territories that were not seen. What
    was learned from the same territories is kept while the program runs.

    Args:
        territories: What is known.
        interval: Chance that an achievement lies between low and high.
        seed: Same seed, same folds and trees.
    """
    count = int(np.isfinite(territories.actual).sum())
    if count < LINEAR_FROM:
        reason = f"{count} territories with a known achievement; a model needs {LINEAR_FROM}"
        nothing = np.full(len(territories), np.nan)
        return TerritoryPotential(territories, territories.history, nothing, nothing, (), (), count, 0, reason)
    learned = _learned(territories.features.tobytes(), territories.actual.tobytes(), interval, seed)
    reason = f"{count} territories; a forest needs {FOREST_FROM}" if count < FOREST_FROM else ""
    value, low, high = (each.copy() for each in learned.amounts)
    return TerritoryPotential(
        territories, value, low, high, learned.trials, learned.effects, count, learned.filled, reason
    )


@dataclass(frozen=True)
class _Said:
    """What was learned from territories: value, low and high of each, and how."""

    amounts: tuple[Floats, Floats, Floats]
    trials: tuple[PotentialTrial, ...]
    effects: tuple[FeatureEffect, ...]
    filled: int


@lru_cache(maxsize=16)
def _learned(given: bytes, reached: bytes, interval: float, seed: int) -> _Said:
    actual = np.frombuffer(reached)
    plain = np.frombuffer(given).reshape(len(actual), len(FEATURES))
    known = np.isfinite(actual)
    features, filled = _filled(plain)
    target, inputs = actual[known], features[known]
    candidates = _candidates(inputs, target, seed)
    with one_thread():
        folds = _folds(len(target), seed)
        unseen = {model: _out_of_fold(fit, inputs, target, folds) for model, fit in candidates.items()}
        error = {model: float(np.mean((said - target) ** 2)) for model, said in unseen.items()}
        chosen = _choose(error)
        learned = candidates[chosen](inputs, target)
        value = np.maximum(learned.predict(features), 0.0)
        effects = _effects(candidates[chosen], inputs, target, folds[:1], learned, seed) if chosen is not PotentialModel.RATIO else ()  # fmt: skip
    value = np.where(np.isnan(plain).all(axis=1), np.nan, value)
    low, high = _intervals(target, unseen[chosen], value, interval)
    variance = float(np.var(target))
    trials = tuple(
        PotentialTrial(model, float(np.sqrt(e)), 1 - e / variance if variance else 0.0, model is chosen)
        for model, e in sorted(error.items(), key=lambda entry: entry[1])
    )
    return _Said((to_cents(value), to_cents(low), to_cents(high)), trials, effects, filled)


def _filled(features: Floats) -> tuple[Floats, int]:
    """Blank cells, and sizes of 0, as the median of their column; columns that are blank throughout as 0.

    A territory with no revenue so far is new, not worthless.
    """
    blank = np.isnan(features)
    blank[:, :SIZES] |= features[:, :SIZES] <= 0
    filled = features.copy()
    for column in range(features.shape[1]):
        seen = features[~blank[:, column], column]
        filled[blank[:, column], column] = np.median(seen) if len(seen) else 0.0
    used = ~blank.all(axis=0)
    return filled, int((blank | np.isnan(features))[:, used].sum())


def _candidates(inputs: Floats, target: Floats, seed: int) -> dict[PotentialModel, Fit]:
    """The simplest first."""
    found: dict[PotentialModel, Fit] = {}
    if (inputs[:, 0] > 0).all():
        found[PotentialModel.RATIO] = _ratio
    found[PotentialModel.LINEAR] = _ridge
    if (target > 0).all() and (inputs[:, :SIZES] > 0).all():
        found[PotentialModel.LOG_LINEAR] = _log_ridge
    if len(target) >= FOREST_FROM:
        found[PotentialModel.FOREST] = lambda x, y: _forest(x, y, seed)
    return found


def _ratio(inputs: Floats, target: Floats) -> _Learned:
    ratio = float(target.sum() / inputs[:, 0].sum())
    return _Learned(lambda rows: rows[:, 0] * ratio)


def _regression(inputs: Floats, target: Floats) -> Any:
    from sklearn.linear_model import RidgeCV  # noqa: PLC0415  (slow to start)
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    return make_pipeline(StandardScaler(), RidgeCV(RIDGE)).fit(inputs, target)


def _ridge(inputs: Floats, target: Floats) -> _Learned:
    size = float(np.abs(target).mean()) or 1.0
    model = _regression(inputs, target / size)
    return _Learned(lambda rows: np.asarray(model.predict(rows)) * size)


def _logs(rows: Floats) -> Floats:
    """Sizes as logarithms; rates as they are."""
    return np.concatenate([np.log(rows[:, :SIZES]), rows[:, SIZES:]], axis=1)


def _log_ridge(inputs: Floats, target: Floats) -> _Learned:
    """Linear in logarithms; the mean of what it leaves out corrects that a mean of logarithms is too small."""
    model = _regression(_logs(inputs), np.log(target))
    smear = float(np.mean(target / np.exp(np.asarray(model.predict(_logs(inputs))))))
    return _Learned(lambda rows: np.exp(np.asarray(model.predict(_logs(rows)))) * smear)


def _forest(inputs: Floats, target: Floats, seed: int) -> _Learned:
    from sklearn.ensemble import RandomForestRegressor  # noqa: PLC0415  (slow to start)

    model = RandomForestRegressor(TREES, min_samples_leaf=2, max_features=0.5, random_state=seed).fit(inputs, target)
    return _Learned(lambda rows: np.asarray(model.predict(rows)))


def _folds(count: int, seed: int) -> list[npt.NDArray[np.int64]]:
    """Per repeat, the fold of each territory."""
    dice = np.random.default_rng(seed)
    return [dice.permutation(np.arange(count) % FOLDS) for _ in range(REPEATS)]


def _out_of_fold(fit: Fit, inputs: Floats, target: Floats, folds: list[npt.NDArray[np.int64]]) -> Floats:
    """What a model says about territories it was not fitted on, a row a repeat."""
    said = np.zeros((len(folds), len(target)))
    for repeat, fold in enumerate(folds):
        for part in range(FOLDS):
            out = fold == part
            said[repeat, out] = np.maximum(fit(inputs[~out], target[~out]).predict(inputs[out]), 0.0)
    return said


def _choose(error: dict[PotentialModel, float]) -> PotentialModel:
    """The simplest that no other clearly beats."""
    chosen = next(iter(error))
    for model, value in error.items():
        if value < CLEARLY_BETTER * error[chosen]:
            chosen = model
    return chosen


def _effects(
    fit: Fit, inputs: Floats, target: Floats, folds: list[npt.NDArray[np.int64]], learned: _Learned, seed: int
) -> tuple[FeatureEffect, ...]:
    """What shuffling a column on unseen territories costs, and which way the column pulls."""
    dice = np.random.default_rng(seed)
    variance = float(np.var(target)) or 1.0
    added = np.zeros(inputs.shape[1])
    for fold in folds:
        for part in range(FOLDS):
            out = fold == part
            model = fit(inputs[~out], target[~out])
            plain = float(((model.predict(inputs[out]) - target[out]) ** 2).sum())
            for column in range(inputs.shape[1]):
                for _ in range(SHUFFLES):
                    shuffled = inputs[out].copy()
                    shuffled[:, column] = dice.permutation(shuffled[:, column])
                    added[column] += float(((model.predict(shuffled) - target[out]) ** 2).sum()) - plain
    added /= SHUFFLES * len(folds) * len(target) * variance
    effects = []
    for column, name in enumerate(FEATURES):
        lower, upper = inputs.copy(), inputs.copy()
        lower[:, column], upper[:, column] = np.quantile(inputs[:, column], [0.25, 0.75])
        change = float((learned.predict(upper) - learned.predict(lower)).mean())
        effects.append(FeatureEffect(name, max(float(added[column]), 0.0), round(change, 2)))
    return tuple(sorted(effects, key=lambda each: -each.importance))


def _intervals(target: Floats, unseen: Floats, value: Floats, interval: float) -> tuple[Floats, Floats]:
    """Around each potential, as far below and above as achievements of unseen territories were from theirs.

    Distances are counted in a power of the size, from the same for all to in proportion, by which large and small
    territories are equally far off. The quantiles count one territory more than there is, so they hold for a new one
    (conformal prediction); where there are too few for the interval, the farthest distances are used.

    Args:
        target: What was reached.
        unseen: Shape (repeats, territories): what was said without having seen it.
        value: The potentials.
        interval: Chance that an achievement lies between.
    """
    middle = max(float(unseen.mean()), 1e-9)
    size = np.maximum(unseen, 1e-3 * middle) / middle
    off = target - unseen
    power = _power(size, np.abs(off))
    scores = off / size**power
    beyond = (1 - interval) / 2
    count = target.size
    # the rank among the territories, for each repeat; then the middle of the repeats
    below, above = int(np.floor((count + 1) * beyond)), int(np.ceil((count + 1) * (1 - beyond)))
    ranked = np.sort(scores, axis=1)
    near = float(np.median(ranked[:, max(below, 1) - 1]))
    far = float(np.median(ranked[:, min(above, count) - 1]))
    scale = (np.maximum(value, 1e-3 * middle) / middle) ** power
    return np.maximum(value + np.minimum(near, 0.0) * scale, 0.0), value + np.maximum(far, 0.0) * scale


def _power(size: Floats, distance: Floats) -> float:
    """With which power of the size distances grow, 0 to 1."""
    x, y = np.log(size.ravel()), np.log(np.maximum(distance.ravel(), 1e-6 * max(float(distance.max()), 1e-12)))
    spread = float(np.var(x))
    slope = float(np.mean((x - x.mean()) * (y - y.mean())) / spread) if spread > 0 else 0.0
    return min(max(slope, 0.0), 1.0)
