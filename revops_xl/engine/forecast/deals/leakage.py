"""Columns that would tell a model what it must not know: found, named, and left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revops_xl.engine.forecast.deals.alone import auc_alone, groups_of
from revops_xl.engine.forecast.deals.changing import changing
from revops_xl.engine.forecast.deals.features import AMOUNT, REP_PROBABILITY, raw_columns
from revops_xl.model.deal_model import ColumnUse, Use
from revops_xl.model.deals import Deals, Feature, FeatureKind
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

#: Share of true pairs that one column alone orders rightly, from which it must have seen the outcome.
TOO_GOOD = 0.95
#: Below this a column is no better than chance alone.
NO_ORDER = 0.52
#: A value whose deals all ended alike is a giveaway if it holds this part of that outcome …
GIVEAWAY_PART = 0.1
#: … and if so many of the other outcome were to be expected among its deals.
GIVEAWAY_EXPECTED = 12.0
PURE = 0.995
#: Open deals that have a value this part as often as closed ones show that it comes before the outcome.
AS_OFTEN = 0.3
#: Days around closing in which an event is part of it.
NEAR_DAYS = 3
#: Rank correlation with the length of the cycle from which a number is made of it.
FOLLOWS = 0.95
#: Open deals below which nothing is concluded from what they lack.
FEW_OPEN = 10
#: Chance below which a lack is no accident.
NO_ACCIDENT = 1e-4
#: A text column is a name or a note if more than this part of its deals have a text of their own.
OWN_TEXTS = 0.5


def examine(deals: Deals, as_of: float) -> tuple[ColumnUse, ...]:
    """Look at every entered column.

    Args:
        deals: Closed and open deals.
        as_of: The day they are looked at.
    """
    found = tuple(_examine(column, deals, as_of) for column in raw_columns(deals))
    moving = changing(deals, [each.name for each in found if each.use == Use.USED], as_of)
    return tuple(
        replace(each, why=f"{each.why}; {moving[each.name]}", changes=True) if each.name in moving else each
        for each in found
    )


def _examine(column: Feature, deals: Deals, as_of: float) -> ColumnUse:
    closed, won = deals.is_closed, deals.is_won
    values, there = column.values, ~np.isnan(column.values)
    name = column.name
    if not there[closed].any():
        return ColumnUse(name, Use.USELESS, "blank in every closed deal")
    distinct = len(np.unique(values[closed & there]))
    if distinct == 1 and there[closed].all():
        return ColumnUse(name, Use.USELESS, f"the same in every closed deal: {_shown(column, values[closed][0])}")
    # a name or a note: its texts say nothing, but whether there is one may
    named = column.kind == FeatureKind.TEXT and distinct > max(OWN_TEXTS * there[closed].sum(), 50)
    rules = (_only_closed,) if named else (_only_closed, _other_texts, _stage_of_ending, _after_closing, _cycle)
    for rule in rules:
        why = rule(column, deals, as_of)
        if why:
            return ColumnUse(name, Use.LEAK, why)
    outcome = won[closed]
    groups = groups_of(column, values[closed])
    why = _giveaway(column, values[closed], outcome, values[deals.is_open])
    if why:
        return ColumnUse(name, Use.LEAK, why)
    if named:
        return ColumnUse(name, Use.USELESS, f"{distinct:,} different texts: a name or a note")
    auc = auc_alone(groups, outcome)
    if auc >= TOO_GOOD:
        return ColumnUse(
            name, Use.LEAK, f"orders {auc:.1%} of won and lost deals rightly alone: it has seen the outcome", auc
        )
    if name == REP_PROBABILITY:
        why = (
            f"the rep's own view, beside which the model's stands; orders {auc:.0%} of won and lost deals rightly alone"
        )
        return ColumnUse(name, Use.APART, why, auc)
    if auc < NO_ORDER:
        return ColumnUse(name, Use.USED, "says nothing about the outcome alone", auc)
    return ColumnUse(name, Use.USED, f"orders {auc:.0%} of won and lost deals rightly alone", auc)


def _only_closed(column: Feature, deals: Deals, _: float) -> str:
    """Filled when a deal closes."""
    there, still_open = ~np.isnan(column.values), deals.is_open
    count = int(still_open.sum())
    filled = float(there[deals.is_closed].mean())
    among_open = int(there[still_open].sum())
    if count < FEW_OPEN or among_open > 0.02 * filled * count or (1 - filled) ** count > NO_ACCIDENT:
        return ""
    if column.name in {AMOUNT, REP_PROBABILITY}:
        return f"blank in open deals ({count:,}), so nothing learned from it could be used"
    return f"filled in {filled:.0%} of the closed deals and in {among_open} of {count:,} open ones: known only after the outcome"


def _other_texts(column: Feature, deals: Deals, _: float) -> str:
    """Closed deals hold texts that open ones never have."""
    if column.kind != FeatureKind.TEXT:
        return ""
    there = ~np.isnan(column.values)
    ours, theirs = column.values[deals.is_open & there], column.values[deals.is_closed & there]
    if len(ours) < FEW_OPEN or float(np.isin(ours, theirs).mean()) >= 0.05:
        return ""
    common = _shown(column, float(np.bincount(theirs.astype(np.int64)).argmax()))
    return f"closed deals hold other texts than open ones (most often {common}): written when a deal closes"


def _stage_of_ending(column: Feature, deals: Deals, _: float) -> str:
    """Nearly all won deals stand in one stage because that is where winning ends."""
    if column is not deals.stage and column.name != deals.stage.name:
        return ""
    there = ~np.isnan(column.values)
    won, still_open = column.values[deals.is_won & there].astype(np.int64), column.values[deals.is_open & there]
    if len(won) < FEW_OPEN or len(still_open) < FEW_OPEN:
        return ""
    counts = np.bincount(won)
    last = int(counts.argmax())
    if counts[last] < 0.9 * len(won) or float((still_open == last).mean()) >= 0.7:
        return ""
    return f"{counts[last] / len(won):.0%} of the won deals stand in {_shown(column, last)}: the stage they ended in, not one they were won from"


def _after_closing(column: Feature, deals: Deals, as_of: float) -> str:
    """A date that comes with or after the closing, and never lies ahead for open deals."""
    if column.kind != FeatureKind.DATE:
        return ""
    known = deals.is_closed & ~np.isnan(column.values) & ~np.isnan(deals.close)
    if known.sum() < FEW_OPEN:
        return ""
    late = column.values[known] - deals.close[known]
    still_open = column.values[deals.is_open & ~np.isnan(column.values)]
    if float((late == 0).mean()) >= 0.5:
        return "mostly the day of closing itself"
    lives = deals.close[known] - deals.created[known]
    if float((np.abs(late) <= NEAR_DAYS).mean()) >= 0.8 and np.nanquantile(lives, 0.75) > 5 * NEAR_DAYS:
        return "nearly always within three days of closing"
    planned = len(still_open) >= FEW_OPEN and float((still_open > as_of).mean()) > 0.05
    if float((late >= 0).mean()) >= 0.5 and len(still_open) >= FEW_OPEN and not planned:
        return "mostly a day after closing, which an open deal does not have yet"
    return ""


def _cycle(column: Feature, deals: Deals, _: float) -> str:
    """The time from creation to closing."""
    if column.kind != FeatureKind.NUMBER:
        return ""
    known = deals.is_closed & ~np.isnan(column.values) & ~np.isnan(deals.close) & ~np.isnan(deals.created)
    if known.sum() < FEW_OPEN:
        return ""
    from scipy.stats import spearmanr  # noqa: PLC0415

    cycle = deals.close[known] - deals.created[known]
    if np.ptp(cycle) <= 2 or np.ptp(column.values[known]) == 0:
        return ""
    alike = float((np.abs(column.values[known] - cycle) <= 1).mean()) >= 0.8
    if not alike and (known.sum() < 50 or abs(float(spearmanr(column.values[known], cycle)[0])) < FOLLOWS):
        return ""
    return "follows the days from creation to closing, which an open deal does not have yet"


def _giveaway(column: Feature, values: Floats, won: Bools, still_open: Floats) -> str:
    """One value, or being blank or filled, after which all deals ended alike; unless open deals have it as often."""
    there = ~np.isnan(values)
    groups: list[tuple[str, Bools, Bools]] = [
        ("a blank cell", ~there, np.isnan(still_open)),
        ("any entry", there, ~np.isnan(still_open)),
    ]
    if there.any():
        distinct, counts = np.unique(values[there], return_counts=True)
        often = distinct[np.argsort(-counts, kind="stable")][:12].tolist()
        groups += [(_shown(column, value), values == value, still_open == value) for value in often]
    for text, here, theirs in groups:
        if len(theirs) >= FEW_OPEN and theirs.mean() >= AS_OFTEN * here.mean():
            continue  # deals without an outcome have it too, so it is not written with the outcome
        count = int(here.sum())
        if not 0 < count < len(values):
            continue
        for outcome, word in ((won, "won"), (~won, "lost")):
            ended = int(outcome[here].sum())
            pure = ended >= PURE * count and ended >= GIVEAWAY_PART * outcome.sum()
            if pure and count * float((~outcome).mean()) >= GIVEAWAY_EXPECTED:
                return f"{text}: {ended:,} of {count:,} such deals were {word}, so it is written with the outcome"
    return ""


def _shown(column: Feature, value: float) -> str:
    """A value as a person reads it."""
    if column.kind == FeatureKind.TEXT:
        return f'"{column.levels[int(value)]}"'
    if column.kind == FeatureKind.FLAG:
        return "TRUE" if value else "FALSE"
    if column.kind == FeatureKind.DATE:
        return str(np.datetime64(int(value), "D"))
    return f"{value:,.15g}"
