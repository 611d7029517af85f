"""Checks of what metric columns seem to hold: totals copied to each rep, years where quarters are meant."""

from __future__ import annotations

import re

import numpy as np

from revops_xl.model.inputs import MetricData
from revops_xl.model.money import Floats
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.schema.check import WARNING, Check, named, some

#: Teams of so many reps are looked at; a value that two share says little.
FEWEST_REPS = 3
#: Part of these teams in which everybody has the same value.
MOST_TEAMS = 0.5
#: A column that adds up to as much of the target is a year, not a quarter; and not ten years.
YEAR_FROM, YEAR_TO = 0.6, 1.7
_PART_OF_A_YEAR = re.compile(
    r"(?<![a-z])(?:q|h|m|w|p)\s*\d|quarter|month|week|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE
)


def meant_checks(result: QuotaPlan) -> list[Check]:
    """What deserves a look of the blend metrics' columns."""
    checks = []
    for data in result.inputs.blend:
        if data.derived or data.metric.weight == 0 or data.boolean.all():
            continue
        checks += [*_copied_totals(result, data), *_years(result, data)]
    return checks


def _copied_totals(result: QuotaPlan, data: MetricData) -> list[Check]:
    """Teams in which every rep has one and the same value: their total, perhaps, written to each."""
    tree = result.inputs.tree
    ics = np.flatnonzero(tree.is_ic)
    parent, row = tree.parent[ics], tree.row[ics]
    teams, place = np.unique(parent, return_inverse=True)
    large = np.bincount(place, minlength=len(teams)) >= FEWEST_REPS
    if large.sum() < 2:
        return []
    checks = []
    for i, name in enumerate(data.columns):
        if data.boolean[i]:
            continue
        values = np.nan_to_num(data.periods[i][row])
        low, high = _extremes(values, place, len(teams))
        same = large & (low == high) & (low != 0)
        if same.sum() >= 2 and same.sum() > MOST_TEAMS * large.sum() and len(set(low[same].tolist())) > 1:
            advice = f"Every rep of these teams has the same {name}, and teams differ: a team's total may have been copied to each of its reps. Write each rep's own value."
            where = some(tree, teams[same].tolist())
            checks.append(Check(f"One value for a whole team in {name}", WARNING, int(same.sum()), None, where, advice))
    return checks


def _extremes(
    values: Floats, place: np.ndarray[tuple[int, ...], np.dtype[np.intp]], count: int
) -> tuple[Floats, Floats]:
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, place, values)
    np.maximum.at(high, place, values)
    return low, high


def _years(result: QuotaPlan, data: MetricData) -> list[Check]:
    """Columns that each add up to about the target, and are not called parts of a year."""
    amounts = [i for i, flag in enumerate(data.boolean.tolist()) if not flag]
    if (
        len(amounts) < 2
        or data.metric.aggregation != "sum"
        or any(_PART_OF_A_YEAR.search(name) for name in data.columns)
    ):
        return []
    totals = np.nansum(data.periods[amounts], axis=1) / result.inputs.target
    if not ((totals >= YEAR_FROM) & (totals <= YEAR_TO)).all():
        return []
    shown = ", ".join(f"{data.columns[i]} {total:.0%}" for i, total in zip(amounts, totals.tolist(), strict=True))
    advice = f"Each column adds up to about the target ({shown}): whole years side by side, where the periods of one year are meant? Shares are those of the sum of all; name the years in the headers, such as 2025, or choose the columns in Metrics."
    return [
        Check(
            f"Columns of {data.metric.name} look like years", WARNING, len(amounts), None, named(data.columns), advice
        )
    ]
