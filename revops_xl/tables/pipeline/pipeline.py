"""The pipeline of each IC: the columns of Hierarchy that the setting Pipeline columns names, added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.column_lists import expand
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.typed import TypedTable

#: A column is the sum of others if there are so many, and if it is so in so many rows.
FEWEST_COLUMNS, FEWEST_ROWS = 3, 3
PIPELINE = Column("pipeline", Kind.MONEY, "Pipeline of an IC.", unit="currency", minimum=0, maximum=1e15)


def columns(patterns: Sequence[str], people: TypedTable, levels: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns that the setting names, and the patterns that match none."""
    return expand(patterns, hierarchy.metric_columns(people.raw.headers, levels))


def read(names: Sequence[str], people: TypedTable, tree: OrgTree) -> Floats:
    """Pipeline of each placement in tree order, in currency: the sum of the columns, divided by the split.

    NaN for teams, and for ICs of whom every column is blank: not known is not 0.
    """
    values = np.array([people.numbers(name, PIPELINE) for name in names])
    _refuse_sum_of_others(names, people, np.nan_to_num(values))
    total = np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))
    return np.where(tree.is_ic, total[np.maximum(tree.row, 0)] * tree.split_now, np.nan)


def _refuse_sum_of_others(names: Sequence[str], people: TypedTable, values: Floats) -> None:
    """A total among the pipeline columns would count all of it twice."""
    if len(names) < FEWEST_COLUMNS:
        return
    for i, name in enumerate(names):
        others = np.delete(values, i, axis=0)
        busy = (others != 0).sum(axis=0) >= 2
        if busy.sum() >= FEWEST_ROWS and np.allclose(values[i][busy], others.sum(axis=0)[busy], rtol=1e-6, atol=0.006):
            message = f'"{name}" is the sum of the other pipeline columns, which would count twice'
            fix = 'List the others alone in the setting "Pipeline columns", or this one alone.'
            people.problems.append(Problem(people.raw.sheet, people.raw.header_cell(name), message, fix))
            return
