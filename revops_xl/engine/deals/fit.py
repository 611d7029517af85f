"""Fitting the deal model: candidates compared in the order of time, the best one corrected, tried on the last deals, and fitted to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from revops_xl.engine.deals.calibration import calibrate, fence_of, log_loss
from revops_xl.engine.deals.candidates import (
    BLENDED_PENALTY,
    ENOUGH_TO_COMPARE,
    PENALTIES,
    ROUNDS,
    STEP,
    TREES,
    blended,
    classifier,
    fit,
    one_thread,
    probability,
)
from revops_xl.engine.deals.features import AMOUNT, Plan, make_plan, matrix
from revops_xl.engine.deals.leakage import examine
from revops_xl.engine.deals.model import NO_CORRECTION, DealModel, Tried
from revops_xl.engine.deals.snapshots import Fold, dated, folds, to_learn, to_try
from revops_xl.engine.deals.values import FEWEST_WON, ValueModel, learn, scatter
from revops_xl.model.deal_model import Candidate, Family, Form, Standing, Use, ValueStanding
from revops_xl.model.deals import Deals
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Closed deals, and deals of the rarer outcome, from which each family is tried.
LEAST: Mapping[Family, tuple[int, int]] = {
    Family.BASE: (10, 1),
    Family.STAGES: (30, 5),
    Family.LOGISTIC: (80, 20),
    Family.BLEND: (300, 60),
    Family.BOOSTING: (300, 60),
    Family.FOREST: (300, 60),
}
#: Validation chooses only where it has this many deals to judge by; else the richest family that is tried wins.
FEWEST_JUDGED = 30
#: A richer family must beat a simpler one by this part of the standard error of the difference.
CLEARLY = 0.5
#: A won deal that is a larger part of all of them is cut to the fence, whatever validation says.
DECISIVE = 0.2
#: A forest compares well with this many deals; it is fitted to all if it is chosen.
FOREST_COMPARES = 10_000


def fit_deals(deals: Deals, as_of: float) -> DealModel | None:
    """Learn from the closed deals, in one thread: several would wait for each other on a busy machine.

    Args:
        deals: Open and closed deals.
        as_of: The day they are looked at.

    Returns:
        The model; None with fewer than ten closed deals, or if all of them ended alike.
    """
    with one_thread():
        return _fit_deals(deals, as_of)


def _fit_deals(deals: Deals, as_of: float) -> DealModel | None:
    deals = dated(deals.in_order())
    closed = deals.is_closed
    won = int(deals.is_won.sum())
    rarer = min(won, int(closed.sum()) - won)
    if closed.sum() < LEAST[Family.BASE][0] or not rarer:
        return None
    uses = examine(deals, as_of)
    plan = make_plan(deals.take(closed), {use.name for use in uses if use.use == Use.USED})
    families = [
        f
        for f, (count, rare) in LEAST.items()
        if closed.sum() >= count and rarer >= rare and (f != Family.STAGES or plan.stage)
    ]
    validation, last = folds(deals.close[closed])
    work = _Work(deals, plan, next(use for use in uses if use.name == AMOUNT).use != Use.LEAK)
    chosen, standings, tried = _choose(work, families, validation)
    value, blank, value_standings = _choose_value(work, validation, last)
    tried = _with_values(work, tried, validation, value, blank)
    held_out = None
    if last is not None and len(to_try(deals, last).row):
        correction = (
            calibrate(tried.probability, deals.is_won[tried.row], tried.value, tried.fold)
            if len(tried.row)
            else NO_CORRECTION
        )
        alone = _with_values(work, _try(work, chosen, last, len(validation)), [last], value, blank)
        held_out = alone.corrected(correction)
        tried = tried.and_then(alone)
    correction = (
        calibrate(tried.probability, deals.is_won[tried.row], tried.value, tried.fold)
        if len(tried.row)
        else NO_CORRECTION
    )
    x, y = work.learned(as_of + 1)
    return DealModel(
        plan=plan,
        columns=uses,
        candidate=chosen,
        classifier=fit(classifier(chosen, plan), x, y),
        calibration=correction,
        value=work.value_model(value, np.inf, tried),
        blank_value=work.value_model(blank, np.inf, tried) if blank is not None else None,
        standings=(*standings, *_not_tried(int(closed.sum()), rarer, families)),
        value_standings=value_standings,
        tried=tried.corrected(correction),
        held_out=held_out,
        rate=float(deals.is_won[closed].mean()),
        closed=int(closed.sum()),
        as_of=as_of,
        has_won_amounts=deals.has_won_amounts,
    )


def _not_tried(closed: int, rarer: int, families: Sequence[Family]) -> list[Standing]:
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


@dataclass(frozen=True)
class _Form:
    """A form of the value with what learns it."""

    form: Form
    family: Family = Family.BASE
    capped: bool = False


@dataclass(frozen=True)
class _Work:
    """The deals, the columns, and what is asked of both."""

    deals: Deals
    plan: Plan
    amount_counts: bool

    def learned(self, cut: float, most: int = 0) -> tuple[Floats, Bools]:
        """Features and outcomes of what closed before the cut; the last ones if there are more than asked for."""
        taken = to_learn(self.deals, cut)
        row, at = taken.row, taken.at
        if most and len(row) > most:
            keep = np.sort(np.argsort(self.deals.close[row], kind="stable")[-most:])
            row, at = row[keep], at[keep]
        return matrix(self.plan, self.deals.take(row), at, self.deals), self.deals.is_won[row]

    def amount(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        """The amount where it may be used."""
        return self.deals.amount[rows] if self.amount_counts else np.full(len(rows), np.nan)

    def value_features(self, x: Floats) -> Floats:
        """Without the amount, where it is what the model is to say."""
        if self.deals.has_won_amounts or AMOUNT not in self.plan.names:
            return x
        blind = x.copy()
        blind[:, self.plan.names.index(AMOUNT)] = np.nan
        return blind

    def won_before(self, cut: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Won deals with a value that closed before the cut."""
        deals = self.deals
        return np.flatnonzero(deals.is_won & (deals.close < cut) & (deals.won_amount > 0))

    def value_model(self, wanted: _Form, cut: float, tried: Tried | None = None) -> ValueModel:
        """Learn a form; with deals that were tried also its scatter."""
        rows = self.won_before(cut)
        if tried is None and len(rows) > ENOUGH_TO_COMPARE:
            rows = rows[np.sort(np.argsort(self.deals.close[rows], kind="stable")[-ENOUGH_TO_COMPARE:])]
        actual = self.deals.won_amount[rows]
        x = self.value_features(matrix(self.plan, self.deals.take(rows), self.deals.created[rows], self.deals))
        fence = fence_of(actual) if wanted.capped else np.inf
        found = learn(wanted.form, wanted.family, self.plan, x, self.amount(rows), actual, fence=fence)
        if tried is None or wanted.form == Form.ENTERED:
            return found
        seen = self.deals.is_won[tried.row]
        theirs = (
            tried.blank_value
            if wanted.form in {Form.LOG, Form.OVERALL} and self.amount_counts and not self.deals.has_won_amounts
            else tried.value
        )
        return replace(found, scatter=scatter(theirs[seen], self.deals.won_amount[tried.row][seen]))


def _try(work: _Work, candidate: Candidate, fold: Fold, number: int) -> Tried:
    x, y = work.learned(fold.cut)
    snapshots = to_try(work.deals, fold)
    seen = matrix(work.plan, work.deals.take(snapshots.row), snapshots.at, work.deals)
    said = probability(fit(classifier(candidate, work.plan), x, y), seen)
    return Tried.of(snapshots.row, number, said)


def _choose(
    work: _Work, families: Sequence[Family], validation: Sequence[Fold]
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


def _default_strength(family: Family) -> float:
    return {Family.LOGISTIC: PENALTIES[1], Family.FOREST: TREES, Family.BOOSTING: 100, Family.BLEND: 100}.get(
        family, 0.0
    )


def _compare(family: Family, plan: Plan, x: Floats, y: Bools, seen: Floats) -> list[tuple[Candidate, Floats]]:
    """Probabilities of one family at every strength."""
    if family == Family.BOOSTING:
        model = fit(classifier(Candidate(family, ROUNDS), plan), x, y)
        stages = [np.clip(p[:, 1], 0.001, 0.999) for p in model.staged_predict_proba(seen)]
        return [(Candidate(family, rounds), stages[rounds - 1]) for rounds in range(2 * STEP, ROUNDS + 1, STEP)]
    strengths = {Family.LOGISTIC: PENALTIES, Family.FOREST: (TREES,)}.get(family, (0.0,))
    if family == Family.FOREST:
        x, y = x[-FOREST_COMPARES:], y[-FOREST_COMPARES:]
    return [
        (candidate, probability(fit(classifier(candidate, plan), x, y), seen))
        for candidate in (Candidate(family, strength) for strength in strengths)
    ]


def _choose_value(
    work: _Work, validation: Sequence[Fold], last: Fold | None
) -> tuple[_Form, _Form | None, tuple[ValueStanding, ...]]:
    """The form of the value, and the form for deals without an amount; chosen on won deals that came later."""
    enough = len(work.won_before(last.cut if last is not None else np.inf)) >= FEWEST_WON
    free = [_Form(Form.OVERALL)] + ([_Form(Form.LOG, f) for f in (Family.LOGISTIC, Family.BOOSTING)] if enough else [])
    if not work.amount_counts:
        best, standings = _best_form(work, free, validation)
        return best, None, standings
    blank, standings = _best_form(work, free, validation)
    if not work.deals.has_won_amounts:
        return _Form(Form.ENTERED), blank, standings
    models = (
        [_Form(form, f) for form in (Form.RATIO, Form.LOG) for f in (Family.LOGISTIC, Family.BOOSTING)]
        if enough
        else []
    )
    best, more = _best_form(work, [_Form(Form.SHARE), *models], validation)
    return best, blank, more


def _best_form(
    work: _Work, forms: Sequence[_Form], validation: Sequence[Fold]
) -> tuple[_Form, tuple[ValueStanding, ...]]:
    """Smallest squared error of values cut to the fence; then whether large deals are better cut while learning."""
    fence = fence_of(work.deals.won_amount[work.won_before(np.inf)])
    said: dict[_Form, list[tuple[Floats, Floats]]] = {}

    def attempt(wanted: Sequence[_Form]) -> None:
        for fold in validation:
            later = to_try(work.deals, fold).row
            rows = later[work.deals.won_amount[later] > 0]
            if not len(rows) or len(work.won_before(fold.cut)) < LEAST[Family.BASE][0]:
                continue
            x = work.value_features(matrix(work.plan, work.deals.take(rows), work.deals.created[rows], work.deals))
            for form in wanted:
                mean = work.value_model(form, fold.cut).mean(x, work.amount(rows))
                there = ~np.isnan(mean)
                said.setdefault(form, []).append((mean[there], work.deals.won_amount[rows][there]))

    attempt(forms)
    if not said:
        return forms[0], ()

    def error(form: _Form) -> float:
        found, actual = (np.concatenate(each) for each in zip(*said[form], strict=True))
        return float(np.sqrt(np.mean((np.minimum(found, fence) - np.minimum(actual, fence)) ** 2)))

    def bias(form: _Form) -> float:
        return float(
            np.mean([np.sum(found) / np.sum(actual) - 1 for found, actual in said[form] if np.sum(actual) > 0])
        )

    best = min(forms, key=error)
    capped = _Form(best.form, best.family, capped=True)
    attempt([capped])
    brought = work.deals.won_amount[work.won_before(np.inf)]
    free = brought.max() <= DECISIVE * brought.sum()  # else one deal would decide what all others are worth
    best = min((best, capped), key=lambda form: (round(abs(bias(form)), 3), form.capped)) if free else capped
    shown = sorted(
        (form for form in said if form == best or form not in {capped, _Form(capped.form, capped.family)}), key=error
    )
    return best, tuple(ValueStanding(f.form, f.family, f.capped, error(f), bias(f), chosen=f == best) for f in shown)


def _with_values(work: _Work, tried: Tried, validation: Sequence[Fold], value: _Form, blank: _Form | None) -> Tried:
    """Expected values of deals that were tried, by models that had not seen them."""
    mean, blank_mean = np.full(len(tried.row), np.nan), np.full(len(tried.row), np.nan)
    numbers = np.unique(tried.fold).tolist()
    for number, fold in zip(numbers, validation[-len(numbers) :] if numbers else (), strict=False):
        here = tried.fold == number
        rows = tried.row[here]
        if len(work.won_before(fold.cut)) < LEAST[Family.BASE][0]:
            continue
        x = work.value_features(matrix(work.plan, work.deals.take(rows), work.deals.created[rows], work.deals))
        mean[here] = work.value_model(value, fold.cut).mean(x, work.amount(rows))
        if blank is not None:
            blank_mean[here] = work.value_model(blank, fold.cut).mean(x, work.amount(rows))
            mean[here] = np.where(np.isnan(mean[here]), blank_mean[here], mean[here])
    return tried.with_values(mean, blank_mean)
