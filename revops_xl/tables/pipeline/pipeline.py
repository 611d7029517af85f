"""The pipeline of each IC: the columns of Hierarchy that the setting Pipeline columns names, added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.column_lists import expand
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.typed import TypedTable

PIPELINE = Column("pipeline", Kind.MONEY, "Pipeline of an IC.", unit="currency", minimum=0, maximum=1e15)


def columns(patterns: Sequence[str], people: TypedTable, levels: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns that the setting names, and the patterns that match none."""
    return expand(patterns, hierarchy.metric_columns(people.raw.headers, levels))


def read(names: Sequence[str], people: TypedTable, tree: OrgTree) -> Floats:
    """Pipeline of each placement in tree order, in currency: the sum of the columns, divided by the split.

    NaN for teams, and for ICs of whom every column is blank: not known is not 0.
    """
    values = np.array([people.numbers(name, PIPELINE) for name in names])
    total = np.where(np.isnan(values).all(axis=0), np.nan, np.nansum(values, axis=0))
    return np.where(tree.is_ic, total[np.maximum(tree.row, 0)] * tree.split, np.nan)
