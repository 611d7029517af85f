"""Sheet Hierarchy: one row per IC, from the top node down, with history and everything known about the IC."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.model.inputs import Metric, MetricData
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.org_build import build_tree
from revops_xl.model.org_faults import find_faults, names_at_several_levels
from revops_xl.tables.evidence.placeholders import is_ditto, is_placeholder
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.typed import TypedTable

TABLE = Table(
    "Hierarchy",
    "One row per rep (IC, individual contributor): the path from the top node to the rep, then any number of metric and pipeline columns.",
    (
        Column("New hire", Kind.BOOLEAN, "TRUE for a new hire; read when the setting New hires is flag.", optional=True, width=10),
        Column("Split %", Kind.PERCENT, "Share of the IC on this row, for an IC with several managers; adds up to 100 %.", optional=True, unit="%", above=0, maximum=1, width=9),
        Column("Tier", Kind.TEXT, "Tier of the IC, from the table Tiers.", optional=True, width=13),
        Column("Start date", Kind.DATE, "First day in the role.", optional=True, unit="date", width=12),
        Column("End date", Kind.DATE, "Last day in the role, if the person leaves during the plan.", optional=True, unit="date", width=12),
        Column("Capacity", Kind.NUMBER, "Working capacity, 1 for full time.", optional=True, unit="FTE", minimum=0, maximum=1e6, width=10),
        Column("OTE", Kind.MONEY, "On-target earnings for the period.", optional=True, unit="currency", minimum=0, width=13, number_format=WHOLE_MONEY),
        Column("Territory", Kind.TEXT, "Territory of the IC, from the table Territories.", optional=True, width=14),
        Column("Email", Kind.TEXT, "Where the packet of this person goes.", optional=True, width=30),
        Column("From", Kind.DATE, "First day of the person in this place; blank: the Start date. A move is two rows of one person with days.", optional=True, unit="date", width=12),
        Column("To", Kind.DATE, "Last day in this place; blank: the End date.", optional=True, unit="date", width=12),
        Column("Backfill of", Kind.TEXT, "The person whose seat this row fills: both are one seat, and in between it is vacant.", optional=True, width=16),
    ),
    free_columns="level columns (named on the sheet Levels), metric columns and pipeline columns",
    totals="summed",
)  # fmt: skip
SHEET = Sheet("Hierarchy", "Who reports to whom, and their history", (TABLE,))

#: Metric columns that were read: values, and whether they are TRUE/FALSE.
Cache = dict[str, tuple[Floats, bool]]
METRIC = Column("metric", Kind.NUMBER, "A value per IC.", optional=True, minimum=-1e15, maximum=1e15)


@dataclass(frozen=True)
class Hierarchy:
    """The typed table.

    Attributes:
        tree: The org.
        typed: The table, for reading metric columns and naming cells.
        new_hire: Per row, flagged as new.
        has_flags: Whether the column New hire is there.
    """

    tree: OrgTree
    typed: TypedTable
    new_hire: Bools
    has_flags: bool


def parse(
    typed: TypedTable,
    levels: Sequence[str],
    metrics: Collection[str] = (),
    moved: Floats | None = None,
    now: Floats | None = None,
) -> Hierarchy | None:
    """Read path, flags and splits; None when the structure has faults.

    Args:
        typed: The table.
        levels: Level columns, root first.
        metrics: Columns that metrics read.
        moved: Part of a person who moves that each row is; NaN for the others.
        now: Part of such a person that is there on the day that counts; NaN for the others.
    """
    before = len(typed.problems)
    columns = [typed.coded(level) for level in levels]
    _refuse_placeholders(typed, levels, columns)
    split = typed.numbers("Split %") if typed.has("Split %") else np.full(len(typed), np.nan)
    moves = moved is not None and not np.isnan(moved).all()
    if moved is not None and moves:
        split = np.where(np.isnan(moved), split, moved)
    flags = _new_hire_flags(typed)
    shared = names_at_several_levels(columns)
    for fault in find_faults(levels, columns, split, shared):
        message = re.sub(r"\{row:(\d+)\}", lambda match: typed.raw.row_text(int(match[1])), fault.message)
        typed.problem(fault.row, levels[fault.level], message, fault.fix)
    if len(typed.problems) > before:
        return None
    shares = np.where(np.isnan(split), 1.0, split)
    tree = build_tree(levels, columns, shares, shared)
    if now is not None and moves:
        here = np.where(np.isnan(now), shares, now)
        tree = replace(tree, now=np.where(tree.is_ic, here[np.maximum(tree.row, 0)], 1.0))
    own = ({*metrics} if moves else {*TABLE.headers, *metrics}) - {"Split %", "Email"}
    _check_splits_agree(typed, columns[-1], [header for header in typed.raw.headers if header in own])
    return Hierarchy(tree, typed, flags, typed.has("New hire"))


def _refuse_placeholders(typed: TypedTable, levels: Sequence[str], columns: Sequence[Coded]) -> None:
    """Signs that stand for a name, or for the name above: they would be nodes, and put people together who are not."""
    for level, column in zip(levels, columns, strict=True):
        for code, name in enumerate(column.names):
            if not (is_ditto(name) or is_placeholder(name)):
                continue
            rows = np.flatnonzero(column.codes == code).tolist()
            if not rows:
                continue
            fix = "Write the name of the node"
            if is_ditto(name):
                typed.refuse(rows, level, f"'{name}' means the name above", fix + ".")
            else:
                ending = (
                    ", or delete the row."
                    if level == levels[-1]
                    else ", or clear the cell if the branch skips the level."
                )
                typed.refuse(rows, level, f'"{name}" is no name', fix + ending)


def _new_hire_flags(typed: TypedTable) -> Bools:
    if not typed.has("New hire"):
        return np.zeros(len(typed), dtype=bool)
    return np.array([flag is True for flag in typed.flags("New hire")], dtype=bool)


def _check_splits_agree(typed: TypedTable, ic: Coded, headers: Sequence[str]) -> None:
    """A split IC is one person: what is said of it must be the same on each of its rows."""
    if len(ic.names) == len(ic.codes):
        return
    counts = np.bincount(ic.codes)
    for code in np.flatnonzero(counts > 1).tolist():
        first, *others = np.flatnonzero(ic.codes == code).tolist()
        for header in headers:
            column = typed.cells(header)
            for row in others:
                mine, theirs = column[row], column[first]
                if mine != theirs and not (is_blank(mine) and is_blank(theirs)):
                    typed.problem(
                        row,
                        header,
                        f'{header} of the split IC "{ic.names[code]}" differs from row {typed.raw.row_text(first)}',
                        "Write the value of the whole person on each of its rows; the split divides it.",
                    )


def metric_columns(headers: Sequence[str], levels: Sequence[str]) -> list[str]:
    """Headers that may hold a metric: neither a level nor one of the columns with a meaning of its own."""
    own = set(TABLE.headers) - {"Capacity", "OTE"} | set(levels)
    return [header for header in headers if header not in own]


def read_metric(typed: TypedTable, metric: Metric, columns: Sequence[str], cache: Cache | None = None) -> MetricData:
    """A metric's periods; a column that several metrics read is read, and complained about, once.

    A column is boolean when it holds TRUE/FALSE, or nothing but 0 and 1 with a 1 among them: then 0 is data.
    """
    cache = {} if cache is None else cache
    for name in columns:
        if name not in cache:
            cache[name] = typed.numbers_or_flags(name, TABLE.column(name) if name in TABLE.headers else METRIC)
    periods = np.array([cache[name][0] for name in columns], dtype=np.float64).reshape(len(columns), len(typed))
    flags = np.array([cache[name][1] for name in columns], dtype=bool)
    return MetricData(metric, tuple(columns), periods, flags | [*map(_zero_and_one, periods)])


def _zero_and_one(period: Floats) -> bool:
    """Whether nothing but 0, 1 and blanks is there, and at least one 1; the first rows tell for most columns."""
    for part in (period[:100], period):
        if not ((part == 0) | (part == 1) | np.isnan(part)).all():
            return False
    return bool((period == 1).any())
