"""The models that compete: base rate, regularised logistic regression, gradient boosting, and the mean of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from revops_xl.engine.forecast.deals.features import FeaturePlan
from revops_xl.model.deal_model import Candidate, Family
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Most rounds of boosting that validation may choose.
ROUNDS = 300
#: Rounds are compared in steps.
STEP = 10
PENALTIES = (0.03, 0.1, 0.3, 1.0)
#: Deals that are learned from while models are compared; more change their rank no more.
ENOUGH_TO_COMPARE = 20_000


#: Strength of the logistic regression in a blend.
BLENDED_PENALTY = 0.1


class Blend:
    """The mean of some classifiers on the scale of log odds: where they err apart, their mean errs less."""

    def __init__(self, models: list[Any]) -> None:
        self.models = models
        self.classes_: Any = None

    def fit(self, x: Floats, y: Bools) -> Blend:
        """Fit each."""
        for model in self.models:
            fit(model, x, y)
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, x: Floats) -> Floats:
        """Chances of both outcomes."""
        won = blended([np.clip(model.predict_proba(x)[:, 1], 0.001, 0.999) for model in self.models])
        return np.column_stack([1 - won, won])


def blended(chances: Sequence[Floats]) -> Floats:
    """Mean on the scale of log odds."""
    odds = np.mean([np.log(chance / (1 - chance)) for chance in chances], axis=0)
    return np.asarray(1 / (1 + np.exp(-odds)))


def classifier(candidate: Candidate, plan: FeaturePlan) -> Any:
    """An unfitted classifier for the columns of a plan."""
    match candidate.family:
        case Family.LOGISTIC:
            from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  (a second that most commands do not need)
            from sklearn.pipeline import make_pipeline  # noqa: PLC0415

            return make_pipeline(_prepared(plan), LogisticRegression(C=candidate.strength, max_iter=500))
        case Family.STAGES:
            from sklearn.compose import make_column_transformer  # noqa: PLC0415
            from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
            from sklearn.pipeline import make_pipeline  # noqa: PLC0415
            from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415

            stage = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
            at = [plan.names.index(plan.stage)]
            return make_pipeline(make_column_transformer((stage, at)), LogisticRegression(C=1.0, max_iter=500))
        case Family.BLEND:
            return Blend(
                [
                    classifier(Candidate(Family.BOOSTING, candidate.strength), plan),
                    classifier(Candidate(Family.LOGISTIC, BLENDED_PENALTY), plan),
                ]
            )
        case Family.BOOSTING:
            from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

            return HistGradientBoostingClassifier(**_boosting(candidate.strength, plan))
        case _:
            from sklearn.dummy import DummyClassifier  # noqa: PLC0415

            return DummyClassifier(strategy="prior")


def penalties(plan: FeaturePlan, x: Floats, y: Bools, seen: Floats) -> Iterator[tuple[float, Any, Any]]:
    """Logistic regressions of every strength on columns that are prepared once, and the other rows prepared likewise."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    prepared = fit(_prepared(plan), x, y)
    learned, shown = prepared.transform(x), prepared.transform(seen)
    model = LogisticRegression(max_iter=500, warm_start=True)
    for strength in PENALTIES:
        yield strength, model.set_params(C=strength).fit(learned, y), shown


def regressor(candidate: Candidate, plan: FeaturePlan) -> Any:
    """An unfitted regressor for the columns of a plan; the base rate is the mean."""
    match candidate.family:
        case Family.LOGISTIC:
            from sklearn.linear_model import Ridge  # noqa: PLC0415
            from sklearn.pipeline import make_pipeline  # noqa: PLC0415

            return make_pipeline(_prepared(plan), Ridge(alpha=1 / candidate.strength))
        case Family.BOOSTING:
            from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

            return HistGradientBoostingRegressor(**_boosting(candidate.strength, plan))
        case _:
            from sklearn.dummy import DummyRegressor  # noqa: PLC0415

            return DummyRegressor(strategy="mean")


def _boosting(rounds: float, plan: FeaturePlan) -> dict[str, Any]:
    return {
        "max_iter": int(rounds),
        "learning_rate": 0.05,
        "max_features": 0.3,
        "max_leaf_nodes": 15,
        "min_samples_leaf": 20,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": 0,
        "categorical_features": plan.is_text if plan.is_text.any() else None,
    }


def _prepared(plan: FeaturePlan) -> Any:
    """Numbers on a scale on which outliers are no giants, texts as switches, blanks as a switch of their own."""
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler  # noqa: PLC0415

    texts, numbers = np.flatnonzero(plan.is_text), np.flatnonzero(~plan.is_text)
    ranks = QuantileTransformer(n_quantiles=100, output_distribution="normal", subsample=100_000, random_state=0)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), ranks, StandardScaler()), numbers),
            ("texts", OneHotEncoder(handle_unknown="ignore"), texts),
        ],
        sparse_threshold=1.0,
    )  # fmt: skip


def fit(model: Any, x: Floats, y: Floats | Bools) -> Any:
    """Fit, without remarks on what is known: few deals have fewer quantiles, and the optimum is near enough."""
    import warnings  # noqa: PLC0415

    blank = np.isnan(x).all(axis=0)
    if blank.any():  # boosting cannot cut a column without any number
        x = np.where(blank, 0.0, x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x, y)


def probability(model: Any, x: Floats) -> Floats:
    """Chance to win, 0.1 % to 99.9 %: nobody knows more."""
    if not x.shape[0]:
        return np.zeros(0)
    classes = list(model.classes_)
    if len(classes) == 1:
        return np.full(x.shape[0], 0.999 if classes[0] else 0.001)
    return np.asarray(np.clip(model.predict_proba(x)[:, classes.index(1)], 0.001, 0.999))
