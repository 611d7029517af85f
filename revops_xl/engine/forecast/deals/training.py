"""The deals that a model learns from, the columns it reads, and what is asked of both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from revops_xl.engine.forecast.deals.calibration import fence_of
from revops_xl.engine.forecast.deals.candidates import ENOUGH_TO_COMPARE, classifier, fit, probability
from revops_xl.engine.forecast.deals.features import AMOUNT, FeaturePlan, matrix
from revops_xl.engine.forecast.deals.model import Tried
from revops_xl.engine.forecast.deals.snapshots import Fold, to_learn, to_try
from revops_xl.engine.forecast.deals.values import ValueModel, learn, scatter
from revops_xl.model.deal_model import Candidate, Family, Form
from revops_xl.model.deals import Deals, Ints
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools


@dataclass(frozen=True)
class ValueForm:
    """A form of the value with what learns it."""

    form: Form
    family: Family = Family.BASE
    capped: bool = False


@dataclass(frozen=True)
class Training:
    """The deals, the columns, and what is asked of both."""

    deals: Deals
    plan: FeaturePlan
    amount_counts: bool
    _models: dict[tuple[ValueForm, float, bool], ValueModel] = field(default_factory=dict, compare=False)

    def learned(self, cut: float, most: int = 0) -> tuple[Floats, Bools]:
        """Features and outcomes of what closed before the cut; the last ones if there are more than asked for."""
        taken = to_learn(self.deals, cut)
        row, at = taken.row, taken.at
        if most and len(row) > most:
            keep = np.sort(np.argsort(self.deals.close[row], kind="stable")[-most:])
            row, at = row[keep], at[keep]
        return matrix(self.plan, self.deals.take(row), at, self.deals), self.deals.is_won[row]

    def amount(self, rows: Ints) -> Floats:
        """The amount where it may be used."""
        return self.deals.amount[rows] if self.amount_counts else np.full(len(rows), np.nan)

    def value_features(self, x: Floats) -> Floats:
        """Without the amount, where it is what the model is to say."""
        if self.deals.has_won_amounts or AMOUNT not in self.plan.names:
            return x
        blind = x.copy()
        blind[:, self.plan.names.index(AMOUNT)] = np.nan
        return blind

    def won_before(self, cut: float) -> Ints:
        """Won deals with a value that closed before the cut."""
        deals = self.deals
        return np.flatnonzero(deals.is_won & (deals.close < cut) & (deals.won_amount > 0))

    def value_model(self, wanted: ValueForm, cut: float, seen: tuple[float, ...] | None = None) -> ValueModel:
        """Learn a form: from the last deals while forms are compared, and from all with the scatter that was seen then."""
        key = (wanted, cut, seen is None)
        if key not in self._models:
            self._models[key] = self._value_model(wanted, cut, few=seen is None)
        found = self._models[key]
        return found if seen is None or wanted.form == Form.ENTERED else replace(found, scatter=seen)

    def _value_model(self, wanted: ValueForm, cut: float, *, few: bool) -> ValueModel:
        rows = self.won_before(cut)
        if few and len(rows) > ENOUGH_TO_COMPARE:
            rows = rows[np.sort(np.argsort(self.deals.close[rows], kind="stable")[-ENOUGH_TO_COMPARE:])]
        actual = self.deals.won_amount[rows]
        x = self.value_features(matrix(self.plan, self.deals.take(rows), self.deals.created[rows], self.deals))
        fence = fence_of(actual) if wanted.capped else np.inf
        return learn(wanted.form, wanted.family, self.plan, x, self.amount(rows), actual, fence=fence)

    def scatter_of(self, wanted: ValueForm, tried: Tried) -> tuple[float, ...]:
        """How what won deals brought scattered around the values of a form that had not seen them."""
        seen = self.deals.is_won[tried.row]
        theirs = (
            tried.blank_value
            if wanted.form in {Form.LOG, Form.OVERALL} and self.amount_counts and not self.deals.has_won_amounts
            else tried.value
        )
        return scatter(theirs[seen], self.deals.won_amount[tried.row][seen])

    def try_once(self, candidate: Candidate, fold: Fold, number: int) -> Tried:
        """Forecast what closed in a fold by what was known before it."""
        x, y = self.learned(fold.cut)
        snapshots = to_try(self.deals, fold)
        seen = matrix(self.plan, self.deals.take(snapshots.row), snapshots.at, self.deals)
        said = probability(fit(classifier(candidate, self.plan), x, y), seen)
        return Tried.of(snapshots.row, number, said)
