"""Presence by period: the seat's life, and who is there of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import Presence, Span, Tenure

_LONG_AGO = -1e7


def presence(tenure: Tenure, period: PlanPeriod, season: Floats) -> Presence:
    """How much of each period a seat is there, and somebody in it.

    Args:
        tenure: Days of the rows.
        period: What the plan covers.
        season: Share of the plan that falls on each of its periods.
    """
    edges, whole = period.edges, tenure.rules.whole_months
    begin = np.nan_to_num(tenure.begin, nan=_LONG_AGO)
    end = np.nan_to_num(tenure.end, nan=-_LONG_AGO)
    life = _part(begin, end, edges, whole=whole)
    for span, share in _shares(tenure.gaps, edges, whole=whole):
        life[span.row] -= share
    filled = life.copy()
    for span, share in _shares(tenure.vacancies, edges, whole=whole):
        life[span.row] += share
    gone = np.zeros_like(life)
    away = [replace(each, first=max(each.first, begin[each.row]), last=min(each.last, end[each.row])) for each in tenure.absences]  # fmt: skip
    for span, share in _shares(away, edges, whole=whole):
        gone[span.row] += share * span.relief  # type: ignore[attr-defined]
    return Presence(tenure, np.clip(life, 0.0, 1.0), np.clip(filled - np.minimum(gone, filled), 0.0, 1.0), season)


def _shares(spans: Iterable[Span], edges: Floats, *, whole: bool) -> list[tuple[Span, Floats]]:
    """Part of each period that some days are."""
    return [(span, _part(np.array([span.first]), np.array([span.last]), edges, whole=whole)[0]) for span in spans]


def _part(first: Floats, last: Floats, edges: Floats, *, whole: bool) -> Floats:
    """Part of the days of each period from a first to a last day, both counted; or whether its first day is among them."""
    if whole:
        return ((first[:, None] <= edges[:-1]) & (last[:, None] >= edges[:-1])).astype(np.float64)
    opened, closed = np.maximum(first[:, None], edges[:-1]), np.minimum(last[:, None] + 1, edges[1:])
    return np.asarray(np.maximum(closed - opened, 0.0) / np.diff(edges))
