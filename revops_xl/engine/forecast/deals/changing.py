"""Columns that change while a deal is open: closed deals show their last value, open ones one on the way to it.

A closed deal's number of meetings, or its stage, is that of its end. Such a column is recognised by what it does: deals that
are open now differ in it from deals of their age that were open at past quarter ends, as the column says of them today. It still
orders open deals better than nothing (its level is that of the ages), so it is read, and named; a history makes it exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.engine.forecast.deals.alone import auc_alone, groups_of
from revops_xl.engine.forecast.deals.features import AMOUNT, QUARTER, REGION, raw_columns
from revops_xl.model.deals import Deals, FeatureKind

#: Columns that do not change, or without which nothing can be said.
EXEMPT = frozenset({AMOUNT, QUARTER, REGION})
#: Part of the pairs of a deal open now and one open then that the column tells apart, beyond one half.
TOLD_APART = 0.06
#: So many standard errors it must be at least.
SURE = 4.0
AGE_GROUPS, QUARTERS = 4, 4
#: Deals open now, and open then, from which an age group says something.
LEAST_NOW, LEAST_THEN = 15, 30


def changing(deals: Deals, names: Sequence[str], as_of: float) -> dict[str, str]:
    """Columns in which deals that are open now differ from those that were open then, with the reason.

    Args:
        deals: All deals.
        names: Columns to look at.
        as_of: The day of the forecast.
    """
    now = np.flatnonzero(deals.is_open & ~np.isnan(deals.created))
    running = deals.calendar.quarter_at(as_of)
    rows, days = [now], [np.full(len(now), as_of)]
    for quarter in range(running - QUARTERS + 1, running + 1):
        day = deals.calendar.quarter_start(quarter)
        rows.append(np.flatnonzero((deals.created < day) & ~(deals.is_closed & (deals.close < day))))
        days.append(np.full(len(rows[-1]), day))
    there = deals.take(np.concatenate(rows)).on(np.concatenate(days))
    is_now = np.arange(len(there)) < len(now)
    if len(now) < LEAST_NOW or len(there) - len(now) < LEAST_THEN:
        return {}
    age = np.concatenate(days) - there.created
    group = np.searchsorted(np.quantile(age[is_now], np.linspace(0, 1, AGE_GROUPS + 1)[1:-1]), age)
    found = {}
    for column in raw_columns(there):
        if column.name in EXEMPT or column.name not in names:
            continue
        parts, weights = [], []
        values = column.values - there.created if column.kind == FeatureKind.DATE else column.values
        places = groups_of(column, values)
        for k in range(AGE_GROUPS):
            here = group == k
            late, before = int(is_now[here].sum()), int((~is_now[here]).sum())
            if late >= LEAST_NOW and before >= LEAST_THEN:
                parts.append(auc_alone(places[here], is_now[here]))
                weights.append(late * before / (late + before))
        apart = float(np.average(parts, weights=weights)) - 0.5 if parts else 0.0
        if apart > max(TOLD_APART, SURE / np.sqrt(12 * max(sum(weights), 1.0))):
            found[column.name] = (
                f"seems to change while a deal is open: deals open now differ in it from deals of their age that were open in the last year (told apart in {0.5 + apart:.0%} of pairs)"
            )
    return found
