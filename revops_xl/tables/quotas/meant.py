"""Checks of what metric columns seem to hold: totals copied to each rep, years where quarters are meant."""

from __future__ import annotations

import re

import numpy as np

from revops_xl.model.inputs import MetricData
from revops_xl.model.money import Floats
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.evidence.scales import two_scales
from revops_xl.tables.schema.check import WARNING, Check, named, some

#: Teams of so many reps are looked at; a value that two share says little.
FEWEST_REPS = 3
#: A column is made of others if there are so many with it.
FEWEST_PARTS = 3
#: A smaller value that everybody has is a rate or a count.
LARGE_COPY = 1000.0
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
        checks += [*_copied_totals(result, data), *_years(result, data), *_scales(result, data), *_made_of_others(data)]
    return checks


def copied_to_teams(result: QuotaPlan, name: str, values: Floats) -> list[Check]:
    """Teams in which every IC has one and the same value: their total, perhaps, written to each.

    Args:
        result: The plan.
        name: What the values are.
        values: One per IC, in tree order.
    """
    tree = result.inputs.tree
    ics = np.flatnonzero(tree.is_ic)
    teams, place = np.unique(tree.parent[ics], return_inverse=True)
    large = np.bincount(place, minlength=len(teams)) >= FEWEST_REPS
    low, high = _extremes(np.nan_to_num(values), place, len(teams))
    same = large & (low == high) & (low != 0)
    if large.sum() < 2 or same.sum() < 2 or same.sum() <= MOST_TEAMS * large.sum():
        return []
    if len(set(low[same].tolist())) > 1:
        advice = f"Every rep of these teams has the same {name}, and teams differ: a team's total may have been copied to each of its reps. Write each rep's own value."
        where = some(tree, teams[same].tolist())
        return [Check(f"One value for a whole team in {name}", WARNING, int(same.sum()), None, where, advice)]
    if same.sum() == large.sum() and low.min() >= LARGE_COPY:
        advice = (
            f"Every rep has the same {name}, {low[same][0]:,.0f}: the company's total may have been copied to each."
        )
        return [Check(f"One value for everybody in {name}", WARNING, int(same.sum()), None, name, advice)]
    return []


def _scales(result: QuotaPlan, data: MetricData) -> list[Check]:
    """Columns whose numbers are on two scales."""
    row = result.inputs.tree.row[result.inputs.tree.is_ic]
    checks = []
    for i, name in enumerate(data.columns):
        values = data.periods[i][row]
        found = None if data.boolean[i] else two_scales(values)
        if found is None:
            continue
        few, many = sorted((found.small, found.large), key=len)
        shown = ", ".join(f"{values[each]:,g}" for each in few[:3])
        advice = f"{name} holds {shown} beside {values[many[0]]:,g} and the like, about {found.factor:,.0f} times as {'large' if few == found.small else 'small'}: write all in one unit."
        checks.append(Check(f"Two scales in {name}", WARNING, len(few), None, name, advice))
    return checks


def _made_of_others(data: MetricData) -> list[Check]:
    """A column that is the sum or the mean of the metric's others: what it says would count twice."""
    amounts = [i for i, flag in enumerate(data.boolean.tolist()) if not flag]
    if len(amounts) < FEWEST_PARTS:
        return []
    values = np.nan_to_num(data.periods[amounts])
    for i in reversed(range(len(amounts))):
        others = np.delete(values, i, axis=0)
        busy = (others != 0).sum(axis=0) >= 2
        if busy.sum() < FEWEST_REPS:
            continue
        for word, figure in (("sum", others.sum(axis=0)), ("mean", others.mean(axis=0))):
            if np.allclose(values[i][busy], figure[busy], rtol=1e-6, atol=0.006):
                name = data.columns[amounts[i]]
                advice = f"{name} is the {word} of the other columns of {data.metric.name} in every row, so all of it counts twice. List the other columns in Metrics."
                return [Check(f"{name} is the {word} of the others", WARNING, int(busy.sum()), None, name, advice)]
    return []


def _copied_totals(result: QuotaPlan, data: MetricData) -> list[Check]:
    return [
        check
        for i, name in enumerate(data.columns)
        if not data.boolean[i]
        for check in copied_to_teams(result, name, data.periods[i][result.inputs.tree.row[result.inputs.tree.is_ic]])
    ]


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
