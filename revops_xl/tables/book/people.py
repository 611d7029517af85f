"""Hierarchy, Levels and Metrics together: who there is, and what is read of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from revops_xl.model.inputs import MetricData
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import PresenceRules, Tenure
from revops_xl.tables.book import settings
from revops_xl.tables.book.slips import refuse_unmatched
from revops_xl.tables.pipeline import pipeline
from revops_xl.tables.planning import absences
from revops_xl.tables.quotas import hierarchy, levels, metrics
from revops_xl.tables.quotas.blank_levels import with_labels
from revops_xl.tables.quotas.dated_rows import dated_rows, refuse_two_histories
from revops_xl.tables.schema.book_tables import BookTables
from revops_xl.tables.schema.typed import TypedTable


@dataclass(frozen=True)
class People:
    """Who there is, and which columns of Hierarchy are read for what.

    Attributes:
        typed: The table Hierarchy.
        levels: Names and hedges of the levels.
        org: The tree, and what stands beside it.
        blend: Metrics that make the shares.
        gates: Metrics that decide who gets a share.
        pipeline: Pipeline columns.
        kept: Rows of the table as it was read that are rows of the tree, in order.
        tenure: Days of the rows; None: nobody comes, goes, moves or is away.
    """

    typed: TypedTable
    levels: levels.OrgLevels
    org: hierarchy.Hierarchy
    blend: Sequence[MetricData]
    gates: Sequence[MetricData]
    pipeline: Sequence[str]
    kept: Sequence[int]
    tenure: Tenure | None

    @property
    def metric_columns(self) -> set[str]:
        """Columns that metrics read."""
        return {column for metric in (*self.blend, *self.gates) for column in metric.columns}


def read_people(
    tables: BookTables, period: PlanPeriod | None, rules: PresenceRules, day: float = float("nan")
) -> People | None:
    """Hierarchy, Levels, Metrics and Absences; None where there is no org to be read.

    Args:
        tables: The tables.
        period: What the plan covers; None: not known.
        rules: How people who come, go and are away count.
        day: On which deals and pipeline are looked at; NaN: the first of the plan.
    """
    book, problems = tables.book, tables.problems
    declared_in = tables.typed(metrics.TABLE)
    declared = metrics.parse(declared_in)
    typed = tables.needed(hierarchy.TABLE, "Hierarchy")
    listed = tables.needed(levels.LEVELS, "Levels")
    named = levels.parse_levels(listed, typed.raw.headers) if listed is not None and typed is not None else None
    if typed is None or listed is None or named is None:
        return None
    typed = with_labels(typed, named.names, settings.cell_of(book.tables.get("Settings"), "Blank levels"), tables.notes)
    own = [c.name for c in hierarchy.TABLE.columns if c.name not in {"New hire", "Split %", *named.names}]
    typed.check_types(own)
    of_seat = metrics.seat_columns(declared, typed.raw.headers, named.names)
    dated = dated_rows(typed, named.names, period, rules, of_seat, day)
    typed = dated.typed
    blend, gates = metrics.resolve(declared, declared_in, typed, named.names, problems)
    read = {column for metric in (*blend, *gates) for column in metric.columns}
    patterns = settings.listed_columns(book.tables.get("Settings"), "Pipeline columns")
    columns, unmatched = pipeline.columns(patterns, typed, named.names)
    refuse_unmatched(unmatched, book, problems)
    refuse_two_histories(dated, sorted(({*read, *columns} - of_seat) & set(typed.raw.headers)))
    org = hierarchy.parse(typed, named.names, {*read, *columns} - of_seat, dated.split, dated.now)
    if org is None:
        return None
    levels.refuse_idle_hedges(listed, named, org.tree)
    tenure = _with_absences(tables, org, dated.tenure, rules, known=period is not None)
    return People(typed, named, org, blend, gates, columns, dated.kept, tenure)


def _with_absences(
    tables: BookTables, org: hierarchy.Hierarchy, tenure: Tenure | None, rules: PresenceRules, *, known: bool
) -> Tenure | None:
    """The days of the rows with absences; None where nobody has any."""
    away = tables.typed(absences.TABLE)
    if away is None:
        return tenure
    if not known:
        fix = "Fill in the setting Period, such as FY 2027, or Plan start."
        away.refuse(range(len(away)), "From", "people are away, and it is not known what the plan covers", fix)
        return tenure
    blank = np.full(len(org.typed), np.nan)
    whole = tenure if tenure is not None else Tenure(blank, blank, rules=rules, weight=_split_weights(org.typed))
    return replace(whole, absences=absences.parse(away, org.tree, whole))


def _split_weights(typed: TypedTable) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Split % of each row, 1 without one."""
    split = typed.numbers("Split %") if typed.has("Split %") else np.full(len(typed), np.nan)
    return np.where(np.isnan(split), 1.0, split)
