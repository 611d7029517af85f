"""Which model of the value: every form learned before some days, and judged by won deals that closed next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.forecast.deals.calibration import fence_of
from revops_xl.engine.forecast.deals.features import matrix
from revops_xl.engine.forecast.deals.model import Tried
from revops_xl.engine.forecast.deals.snapshots import Fold, to_try
from revops_xl.engine.forecast.deals.training import Training, ValueForm
from revops_xl.engine.forecast.deals.values import FEWEST_WON
from revops_xl.model.deal_model import Family, Form, ValueStanding
from revops_xl.model.money import Floats

#: Won deals from which a form is learned at all.
FEWEST_TO_LEARN = 10
#: A won deal that is a larger part of all of them is cut to the fence, whatever validation says.
DECISIVE = 0.2


def choose_value(
    work: Training, validation: Sequence[Fold], last: Fold | None
) -> tuple[ValueForm, ValueForm | None, tuple[ValueStanding, ...]]:
    """The form of the value, and the form for deals without an amount; chosen on won deals that came later."""
    enough = len(work.won_before(last.cut if last is not None else np.inf)) >= FEWEST_WON
    free = [ValueForm(Form.OVERALL)] + (
        [ValueForm(Form.LOG, f) for f in (Family.LOGISTIC, Family.BOOSTING)] if enough else []
    )
    if not work.amount_counts:
        best, standings = _best_form(work, free, validation)
        return best, None, standings
    blank, standings = _best_form(work, free, validation)
    if not work.deals.has_won_amounts:
        return ValueForm(Form.ENTERED), blank, standings
    models = (
        [ValueForm(form, f) for form in (Form.RATIO, Form.LOG) for f in (Family.LOGISTIC, Family.BOOSTING)]
        if enough
        else []
    )
    best, more = _best_form(work, [ValueForm(Form.SHARE), *models], validation)
    return best, blank, more


def _best_form(
    work: Training, forms: Sequence[ValueForm], validation: Sequence[Fold]
) -> tuple[ValueForm, tuple[ValueStanding, ...]]:
    """Smallest squared error of values cut to the fence; then whether large deals are better cut while learning."""
    fence = fence_of(work.deals.won_amount[work.won_before(np.inf)])
    said: dict[ValueForm, list[tuple[Floats, Floats]]] = {}

    def attempt(wanted: Sequence[ValueForm]) -> None:
        for fold in validation:
            later = to_try(work.deals, fold).row
            rows = later[work.deals.won_amount[later] > 0]
            if not len(rows) or len(work.won_before(fold.cut)) < FEWEST_TO_LEARN:
                continue
            x = work.value_features(matrix(work.plan, work.deals.take(rows), work.deals.created[rows], work.deals))
            for form in wanted:
                mean = work.value_model(form, fold.cut).mean(x, work.amount(rows))
                there = ~np.isnan(mean)
                said.setdefault(form, []).append((mean[there], work.deals.won_amount[rows][there]))

    attempt(forms)
    if not said:
        return forms[0], ()

    def error(form: ValueForm) -> float:
        found, actual = (np.concatenate(each) for each in zip(*said[form], strict=True))
        return float(np.sqrt(np.mean((np.minimum(found, fence) - np.minimum(actual, fence)) ** 2)))

    def bias(form: ValueForm) -> float:
        return float(
            np.mean([np.sum(found) / np.sum(actual) - 1 for found, actual in said[form] if np.sum(actual) > 0])
        )

    best = min(forms, key=error)
    capped = ValueForm(best.form, best.family, capped=True)
    attempt([capped])
    brought = work.deals.won_amount[work.won_before(np.inf)]
    free = brought.max() <= DECISIVE * brought.sum()  # else one deal would decide what all others are worth
    best = min((best, capped), key=lambda form: (round(abs(bias(form)), 3), form.capped)) if free else capped
    shown = sorted(
        (form for form in said if form == best or form not in {capped, ValueForm(capped.form, capped.family)}),
        key=error,
    )
    return best, tuple(ValueStanding(f.form, f.family, f.capped, error(f), bias(f), chosen=f == best) for f in shown)


def with_values(
    work: Training, tried: Tried, folds: Sequence[Fold], value: ValueForm, blank: ValueForm | None
) -> Tried:
    """Expected values of deals that were tried, by models that had not seen them; folds by their number."""
    mean, blank_mean = np.full(len(tried.row), np.nan), np.full(len(tried.row), np.nan)
    for number in np.unique(tried.fold).tolist():
        fold = folds[int(number)]
        here = tried.fold == number
        rows = tried.row[here]
        if len(work.won_before(fold.cut)) < FEWEST_TO_LEARN:
            continue
        x = work.value_features(matrix(work.plan, work.deals.take(rows), work.deals.created[rows], work.deals))
        mean[here] = work.value_model(value, fold.cut).mean(x, work.amount(rows))
        if blank is not None:
            blank_mean[here] = work.value_model(blank, fold.cut).mean(x, work.amount(rows))
            mean[here] = np.where(np.isnan(mean[here]), blank_mean[here], mean[here])
    return tried.with_values(mean, blank_mean)
