"""Features of a deal as they stood on a day: what the user has entered, and what can be derived without looking ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revops_xl.engine.forecast.deals.history import Outcomes, record
from revops_xl.model.deals import Deals, Feature, FeatureKind
from revops_xl.model.money import Floats

#: A text seen in fewer closed deals joins the others.
RARE = 10
#: A column of more texts than this counts by the win rate of each text so far as well.
MANY_LEVELS = 24
#: Texts of a column, the most frequent ones, that a model can tell apart; boosting takes at most 255.
MOST_LEVELS = 250
SO_FAR, REP, ACCOUNT = ": win rate so far", "Rep", "Account"
OTHER, MISSING = "(other)", "(blank)"
AMOUNT, AGE, QUARTER = "Amount", "Age (days)", "Quarter created"
REP_RATE, REP_CLOSED = "Rep's win rate so far", "Rep's closed deals so far"
ACCOUNT_RATE, ACCOUNT_CLOSED, ACCOUNT_VALUE = (
    "Account's win rate so far",
    "Account's closed deals so far",
    "Account's revenue so far",
)
REP_PROBABILITY, REGION = "Rep probability", "Region"


@dataclass(frozen=True)
class FeaturePlan:
    """Which columns a model reads, and how; learned from the closed deals.

    Attributes:
        names: Columns in order.
        kinds: What each is made of.
        levels: Per column, the texts that have a code of their own; () for numbers.
        by_history: Text columns that count as the win rate of each text so far.
        stage: The column of the stage; "" if it is not read, or by history.
    """

    names: tuple[str, ...]
    kinds: tuple[FeatureKind, ...]
    levels: tuple[tuple[str, ...], ...]
    by_history: tuple[str, ...]
    stage: str = ""

    @property
    def is_text(self) -> npt.NDArray[np.bool_]:
        """Which columns hold codes."""
        return np.array([bool(levels) for levels in self.levels], dtype=bool)


def raw_columns(deals: Deals) -> list[Feature]:
    """Everything a deal is known by that does not depend on the day: what is entered, the branch, the quarter of creation."""
    region = Feature(
        REGION,
        FeatureKind.TEXT,
        np.where(deals.region.codes < 0, np.nan, deals.region.codes),
        tuple(deals.region.names),
    )
    quarter = np.where(np.isnan(deals.created), np.nan, deals.calendar.quarter_of(deals.created) % 4)
    return [
        Feature(AMOUNT, FeatureKind.NUMBER, deals.amount),
        Feature(REP_PROBABILITY, FeatureKind.NUMBER, deals.rep_probability),
        deals.stage,
        region,
        Feature(QUARTER, FeatureKind.TEXT, quarter, ("Q1", "Q2", "Q3", "Q4")),
        *deals.features,
    ]  # fmt: skip


def make_plan(deals: Deals, allowed: set[str]) -> FeaturePlan:
    """Decide how each allowed column is read.

    Args:
        deals: Closed deals to learn from.
        allowed: Names of columns that may be used.
    """
    names: list[str] = []
    kinds: list[FeatureKind] = []
    levels: list[tuple[str, ...]] = []
    by_history: list[str] = []
    for column in raw_columns(deals):
        if column.name not in allowed:
            continue
        if column.kind == FeatureKind.TEXT:
            codes = column.values[~np.isnan(column.values)].astype(np.int64)
            counts = np.bincount(codes, minlength=len(column.levels))
            common = [column.levels[i] for i in np.flatnonzero(counts >= RARE).tolist()]
            if len(common) > MANY_LEVELS:
                by_history.append(column.name)
                names.append(column.name + SO_FAR)
                kinds.append(FeatureKind.NUMBER)
                levels.append(())
                common = list(_most(column.levels, counts))
            levels.append((*sorted(common), OTHER))
        else:
            levels.append(())
        names.append(column.name)
        kinds.append(column.kind)
    for name, coded in ((REP, deals.rep), (ACCOUNT, deals.account)):
        counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.names))
        if (counts >= RARE).sum() > 1:
            names.append(name)
            kinds.append(FeatureKind.TEXT)
            levels.append((*sorted(_most(tuple(coded.names), counts)), OTHER))
    derived = [AGE, REP_RATE, REP_CLOSED, ACCOUNT_RATE, ACCOUNT_CLOSED, ACCOUNT_VALUE]
    names += derived
    kinds += [FeatureKind.NUMBER] * len(derived)
    levels += [()] * len(derived)
    stage = deals.stage.name if deals.stage.name in names and deals.stage.name not in by_history else ""
    return FeaturePlan(tuple(names), tuple(kinds), tuple(levels), tuple(by_history), stage)


def _most(names: tuple[str, ...], counts: npt.NDArray[np.intp]) -> tuple[str, ...]:
    """The most frequent texts, none rarer than RARE."""
    common = np.flatnonzero(counts >= RARE)
    return tuple(names[i] for i in common[np.argsort(-counts[common], kind="stable")][:MOST_LEVELS].tolist())


def outcomes_of(deals: Deals) -> tuple[Outcomes, Deals]:
    """The closed deals as a history, by the day each was closed; one that was closed on no known day has no place in it."""
    closed = deals.take(deals.is_closed & ~np.isnan(deals.close))
    won = closed.is_won.astype(np.float64)
    return Outcomes(closed.close, won, np.where(closed.is_won, np.nan_to_num(closed.won_amount), 0.0)), closed


def matrix(plan: FeaturePlan, deals: Deals, at: Floats, past: Deals) -> Floats:
    """Features of deals as they stood on a day each.

    Args:
        plan: Columns.
        deals: The deals.
        at: The day each is looked at; NaN: its creation.
        past: Closed deals; only what closed before the day counts.

    Returns:
        One row per deal; texts as codes, NaN where missing.
    """
    outcomes, closed = outcomes_of(past)
    moment = np.where(np.isnan(at), deals.created, at)
    deals = deals.on(moment)
    columns = {column.name: column for column in raw_columns(deals)}
    columns |= people(deals)
    histories = {name + SO_FAR: name for name in plan.by_history}
    found = np.full((len(deals), len(plan.names)), np.nan)
    for i, name in enumerate(plan.names):
        column = columns.get(histories.get(name, name))
        if column is None:
            continue
        if name in histories:
            theirs = next(each for each in raw_columns(closed) if each.name == column.name)
            found[:, i] = _rate_so_far(outcomes, theirs, column, moment)
        elif plan.levels[i]:
            found[:, i] = _codes(column, plan.levels[i])
        elif column.kind == FeatureKind.DATE:
            found[:, i] = column.values - deals.created
        else:
            found[:, i] = column.values
    place = {name: i for i, name in enumerate(plan.names)}
    found[:, place[AGE]] = np.maximum(moment - deals.created, 0)
    rep = record(outcomes, *_together(closed.rep.names, closed.rep.codes, deals.rep.names, deals.rep.codes), moment)
    account = record(
        outcomes,
        *_together(closed.account.names, closed.account.codes, deals.account.names, deals.account.codes),
        moment,
    )
    found[:, place[REP_RATE]], found[:, place[REP_CLOSED]] = rep.rate, rep.closed
    found[:, place[ACCOUNT_RATE]], found[:, place[ACCOUNT_CLOSED]] = account.rate, account.closed
    found[:, place[ACCOUNT_VALUE]] = account.value
    return found


def people(deals: Deals) -> dict[str, Feature]:
    """Rep and account of each deal, as texts."""
    return {
        name: Feature(name, FeatureKind.TEXT, np.where(coded.codes < 0, np.nan, coded.codes), tuple(coded.names))
        for name, coded in ((REP, deals.rep), (ACCOUNT, deals.account))
    }


def _together(
    names: list[str], codes: npt.NDArray[np.int32], asked_names: list[str], asked: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Codes of two tables by one numbering."""
    if names is asked_names:
        return codes.astype(np.int64), asked.astype(np.int64)
    number = {name: i for i, name in enumerate(names)}
    translate = np.array([*(number.setdefault(name, len(number)) for name in asked_names), -1], dtype=np.int64)
    return codes.astype(np.int64), translate[asked]


def _codes(column: Feature, levels: tuple[str, ...]) -> Floats:
    """Codes by the model's levels: known texts their own, others one together, blank NaN."""
    number = {level: float(i) for i, level in enumerate(levels)}
    if column.kind != FeatureKind.TEXT:  # the column held texts when the model was made
        return np.where(np.isnan(column.values), np.nan, number[OTHER])
    translate = np.array([*(number.get(level, number[OTHER]) for level in column.levels), np.nan])
    return translate[np.where(np.isnan(column.values), len(column.levels), column.values).astype(np.int64)]


def _rate_so_far(outcomes: Outcomes, theirs: Feature, column: Feature, at: Floats) -> Floats:
    """Win rate of each deal's text up to the day."""

    def codes(feature: Feature) -> npt.NDArray[np.int32]:
        return np.where(np.isnan(feature.values), -1, feature.values).astype(np.int32)

    groups, asked = _together(list(theirs.levels), codes(theirs), list(column.levels), codes(column))
    return record(outcomes, groups, asked, at).rate
