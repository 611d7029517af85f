"""Open deals with what they are worth, and why, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revops_xl.engine.forecast.deals.ages import age_rates
from revops_xl.engine.forecast.deals.bookkeeping import days_say_when
from revops_xl.engine.forecast.deals.calibration import fence_of
from revops_xl.engine.forecast.deals.drivers import Drivers, drivers
from revops_xl.engine.forecast.deals.features import (
    ACCOUNT_RATE,
    AGE,
    REP_RATE,
    SO_FAR,
    FeaturePlan,
    matrix,
    people,
    raw_columns,
)
from revops_xl.engine.forecast.deals.model import OUTER, FittedDealModel
from revops_xl.engine.forecast.deals.snapshots import dated, to_learn
from revops_xl.engine.forecast.deals.values import Values
from revops_xl.engine.forecast.timing import Timing, by_age, by_close_date
from revops_xl.model.deal_model import Effect, Family, Parts
from revops_xl.model.deals import Deals, FeatureKind, Ints
from revops_xl.model.forecast import (
    HIGH_RISK,
    IN_TIME,
    MEDIUM_RISK,
    YEAR_QUARTERS,
    ForecastRules,
    RiskFlag,
    ScoredDeals,
)
from revops_xl.model.money import Floats, to_cents

#: Parts of a probability below this, in points, are not worth a word.
LEAST_POINTS = 0.5
MOST_DRIVERS = 3
#: Rank correlation of a feature and its part from which its direction is told.
CLEAR = 0.3
#: Deals that stand for the usual deal.
USUAL_DEALS = 500
BY_REP = "the rep's own probability: too few closed deals to learn from"
NOBODY = "neither the model nor the rep gives a probability"
#: Won deals from which, without any lost one, chances within the forecast are learned.
ENOUGH_WINS = 20
OVERALL = "the overall win rate: no column tells more"


def score(
    model: FittedDealModel | None, deals: Deals, rules: ForecastRules, as_of: float, past: Deals | None = None
) -> tuple[ScoredDeals, tuple[Effect, ...]]:
    """Score the open deals, the weightiest first: by the larger of what rep and model expect.

    Args:
        model: Learned from closed deals; None: the reps' own probabilities and amounts are taken.
        deals: All deals.
        rules: Spread of amounts.
        as_of: The day of the forecast.
        past: Closed deals to look back at; None: those among the deals.

    Returns:
        The scores, and what drives the model overall, the strongest first.
    """
    effects: tuple[Effect, ...] = ()
    why: Parts | None = None
    rows = np.flatnonzero(deals.is_open)
    ours = deals.take(rows)
    past = deals if past is None else past
    quarters = max(rules.quarters, YEAR_QUARTERS)
    timing = None
    if model is None:
        chance, values = ours.rep_probability, _entered(ours, rules.amount_spread)
        words = [NOBODY if np.isnan(each) else BY_REP for each in chance.tolist()]
        fence = fence_of(deals.amount)
        found = _without_losses(ours, past, as_of, quarters)
        if found is not None:
            chance, timing = found
            words = [IN_TIME] * len(ours)
    else:
        x = model.features(ours, past, as_of)
        values = model.values(x, ours, rules.amount_spread)
        chance = model.chance(x)
        words, effects, why = _explained(model, past, ours, x)
        fence = model.calibration.fence
        timing = model.timing(x, ours, chance, as_of, quarters)
    if timing is None:
        timing = by_close_date(ours, past, as_of, quarters)
    values = values.or_entered(ours.amount, ours.amount < 0)  # a downsell brings what it says
    # whole hundredths of a percent, so that probability x value as shown is what is added up
    chance = np.round(chance, 4)
    mean, lower, upper = (to_cents(each) for each in (values.mean, values.lower, values.upper))
    rep_value = to_cents(ours.rep_probability * ours.amount)
    model_value = to_cents(np.nan_to_num(chance * mean))
    weight = np.fmax(np.nan_to_num(rep_value), model_value)
    order = np.lexsort((ours.ids.astype(str), -model_value, -weight))
    quarter = ours.calendar.quarter_of(timing.close) - ours.calendar.quarter_at(as_of)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(values.low > 0, np.log(values.high / values.low) / OUTER, 0.0)
    gap = np.round(ours.rep_probability - chance, 6)
    tells = model is not None and model.candidate.family != Family.BASE
    scored = ScoredDeals(
        row=rows[order],
        rep_probability=ours.rep_probability[order],
        probability=chance[order],
        value=mean[order],
        lower=lower[order],
        upper=upper[order],
        spread=np.nan_to_num(spread[order]),
        rep_value=rep_value[order],
        model_value=model_value[order],
        close=timing.close[order],
        moved=timing.moved[order],
        quarter=np.maximum(quarter[order], 0),
        won_in=_won_in(chance, timing.shares)[order],
        flag=tuple(_flag(each) if tells else RiskFlag.UNKNOWN for each in gap[order].tolist()),
        drivers=tuple(words[i] for i in order.tolist()),
        large=np.asarray(np.nan_to_num(mean[order]) > fence),
        parts=_in_order(why, order) if why is not None else None,
    )
    return scored, effects


def _without_losses(ours: Deals, past: Deals, as_of: float, quarters: int) -> tuple[Floats, Timing] | None:
    """Where nobody records losses: chances to be won within the forecast, for whether a deal is ever won cannot be learned."""
    if past.is_won.sum() < ENOUGH_WINS or past.is_won.sum() < past.is_closed.sum() or not days_say_when(past):
        return None
    rates = age_rates(past, as_of + 1, fewest_lost=0)
    if rates is None:
        return None
    known = as_of + 1 - ours.created
    age = np.where(np.isnan(known), np.nanmedian(known) if (~np.isnan(known)).any() else 0.0, known)
    ever = rates.ever(age)
    timing = by_age(ours, rates, age, ever, as_of, quarters)
    chance = ever * timing.shares.sum(axis=1)
    shares = np.divide(
        timing.shares * ever[:, None], chance[:, None], out=np.zeros_like(timing.shares), where=chance[:, None] > 0
    )
    return chance, replace(timing, shares=shares)


def _won_in(chance: Floats, shares: Floats) -> Floats:
    """Chances by quarter in millionths, rounded so that no sum over quarters exceeds the chance."""
    won_by = np.round(np.nan_to_num(chance)[:, None] * np.minimum(np.cumsum(shares, axis=1), 1.0), 6)
    return np.round(np.diff(won_by, axis=1, prepend=0.0), 6)


def _flag(gap: float) -> RiskFlag:
    """By how far the rep's probability is above the model's."""
    if gap != gap:  # noqa: PLR0124  (NaN)
        return RiskFlag.UNKNOWN
    if gap >= HIGH_RISK:
        return RiskFlag.HIGH
    if gap >= MEDIUM_RISK:
        return RiskFlag.MEDIUM
    return RiskFlag.UPSIDE if gap <= -MEDIUM_RISK else RiskFlag.NONE


def _entered(deals: Deals, spread: float) -> Values:
    """The amounts as entered, with the spread of the settings."""
    amount = np.where(deals.amount > 0, deals.amount, np.nan)
    quartile, outer = np.exp(0.6744897501960817 * spread), np.exp(1.2815515655446004 * spread)
    return Values(amount, amount / quartile, amount * quartile, amount / outer, amount * outer)


def parts(model: FittedDealModel, deals: Deals, x: Floats) -> Drivers:
    """Shapley values of each deal's probability against deals as they usually stand."""
    ordered = dated(deals.in_order())
    taken = to_learn(ordered, model.as_of + 1)
    picked = np.unique(np.linspace(0, len(taken.row) - 1, USUAL_DEALS).astype(np.int64))
    usual = matrix(model.plan, ordered.take(taken.row[picked]), taken.at[picked], ordered)
    alone = model.candidate.family == Family.STAGES
    moving = [i for i, name in enumerate(model.plan.names) if not alone or name == model.plan.stage]
    return drivers(model.chance, x, usual, moving)


def _in_order(why: Parts, order: Ints) -> Parts:
    return Parts(why.names, tuple(why.texts[i] for i in order.tolist()), why.points[order], why.usual)


def _explained(
    model: FittedDealModel, deals: Deals, ours: Deals, x: Floats
) -> tuple[list[str], tuple[Effect, ...], Parts | None]:
    """The largest parts of each deal in words, the effect of each feature, and all parts."""
    if model.candidate.family == Family.BASE or not len(ours):
        return [OVERALL] * len(ours), (), None
    found = parts(model, deals, x)
    speaker = _Texts(model.plan, ours)
    texts = tuple(
        tuple(speaker.text(row, column, value) for column, value in enumerate(values))
        for row, values in enumerate(x.tolist())
    )
    rank = np.argsort(-np.abs(found.parts), axis=1, kind="stable")[:, :MOST_DRIVERS]
    words = []
    for row, columns in enumerate(rank.tolist()):
        points = [(column, 100 * float(found.parts[row, column])) for column in columns]
        named = [f"{texts[row][column]} {points_of(p)}" for column, p in points if abs(p) >= LEAST_POINTS]
        words.append(", ".join(named) or "as usual")
    return words, _effects(model.plan, x, found.parts), Parts(model.plan.names, texts, found.parts, found.usual)


def _effects(plan: FeaturePlan, x: Floats, parts: Floats) -> tuple[Effect, ...]:
    from scipy.stats import rankdata  # noqa: PLC0415

    points = np.round(100 * np.abs(parts).mean(axis=0), 4)  # the last bits would follow the order of the rows
    found = []
    for column in np.argsort(-points, kind="stable").tolist():
        known = ~np.isnan(x[:, column])
        direction = 0
        if (
            not plan.levels[column]
            and known.sum() > 2
            and np.ptp(x[known, column]) > 0
            and np.ptp(parts[known, column]) > 0
        ):
            together = float(np.corrcoef(rankdata(x[known, column]), rankdata(parts[known, column]))[0, 1])
            direction = 0 if abs(together) < CLEAR else int(np.sign(together))
        found.append(Effect(plan.names[column], float(points[column]), direction))
    return tuple(found)


def points_of(points: float) -> str:
    """Percentage points with their sign, as people write them.

    Example:
        >>> points_of(-18.2)
        '−18 pts'
    """
    return f"{'+' if points > 0 else '−'}{abs(points):.0f} pts"


class _Texts:
    """Values of features as a person says them."""

    def __init__(self, plan: FeaturePlan, deals: Deals) -> None:
        self.plan = plan
        self.columns = {column.name: column for column in raw_columns(deals)} | people(deals)

    def text(self, row: int, column: int, value: float) -> str:
        """One feature of one deal."""
        name, kind = self.plan.names[column], self.plan.kinds[column]
        entered = self.columns.get(name)
        if entered is not None and np.isnan(entered.values[row]):
            return f"{name} blank"
        if np.isnan(value):
            return f"{name} not known"
        if entered is not None and entered.levels:
            return f"{name} {entered.levels[int(entered.values[row])]}"
        if kind == FeatureKind.FLAG:
            return name if value else f"no {name}"
        if entered is not None and entered.kind == FeatureKind.DATE:
            return f"{name} {np.datetime64(int(entered.values[row]), 'D')}"
        if name in {REP_RATE, ACCOUNT_RATE} or name.endswith(SO_FAR):
            return f"{name} {value:.0%}"
        if name == AGE:
            return f"{value:,.0f} days old"
        return f"{name} {value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{name} {value:.3g}"
