"""Several rows of one person: a move, a gap, a split; and what cannot be meant."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import Span
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.days import to_date
from revops_xl.tables.schema.typed import TypedTable

FROM, TO, BACKFILL, START, END, SPLIT = "From", "To", "Backfill of", "Start date", "End date", "Split %"
_TOLERANCE = 1e-9
LONG_AGO, FOREVER = -1e7, 1e7
#: Texts of the levels above each row's IC.
Paths = Sequence[tuple[str | None, ...]]


def moves(
    typed: TypedTable,
    levels: Sequence[str],
    groups: dict[str, list[int]],
    days: tuple[Floats, Floats, Floats],
    period: PlanPeriod | None,
) -> tuple[dict[int, int], list[Span]]:
    """Rows that are the same seat as an earlier one, and days between two rows of a person; overlaps are problems."""
    begin, end, split = days
    merged: dict[int, int] = {}
    gaps: list[Span] = []
    paths = list(zip(*(typed.texts(level) for level in levels[:-1]), strict=True)) if groups else []
    since = np.nan_to_num(begin, nan=LONG_AGO).tolist()
    for name, rows in groups.items():
        apart = _apart(rows, begin, end)
        if not np.isnan(split[rows]).any() and not (apart and abs(float(split[rows].sum()) - 1) <= _TOLERANCE):
            _refuse_split_days(typed, name, rows, days, period)
            continue
        if not np.isnan(split[rows]).all() and apart:
            typed.note(
                rows,
                SPLIT,
                f"{name} is in one place at a time, so each row has the whole person on its days, whatever {SPLIT} says",
            )
            split[rows] = np.nan
        rows.sort(key=lambda row: (since[row], row))
        if not _refuse_overlap(typed, levels, name, (rows, paths), begin, end):
            gaps += _gaps(typed, name, rows, begin, end)
            _one_seat(typed, paths, rows, merged)
    return merged, gaps


def _place(path: tuple[str | None, ...]) -> str:
    """The node right above a row."""
    return next((name for name in reversed(path) if name), "")


def _refuse_overlap(
    typed: TypedTable,
    levels: Sequence[str],
    name: str,
    where: tuple[Sequence[int], Paths],
    begin: Floats,
    end: Floats,
) -> bool:
    """Rows of one person that are in force on the same day, without a split; whether there are any."""
    wrong = False
    rows, paths = where
    for one, other in pairwise(rows):
        if end[one] < begin[other]:
            continue
        wrong = True
        until = f"until {to_date(end[one])}" if not np.isnan(end[one]) else "without an end"
        since = f"from {to_date(begin[other])}" if not np.isnan(begin[other]) else "without a beginning"
        places = _place(paths[one]), _place(paths[other])
        what = f"{name} is in {places[0]} (row {typed.raw.row_text(one)}) {until} and in {places[1]} {since}"
        column = next((each for each in (FROM, START) if typed.has(each)), levels[-1])
        typed.problem(other, column, what, f"End one before the other begins ({TO}, {FROM}), or give both a {SPLIT}.")
    return wrong


def _apart(rows: Sequence[int], begin: Floats, end: Floats) -> bool:
    """Whether no two rows are in force on the same day."""
    order = sorted(rows, key=lambda row: LONG_AGO if begin[row] != begin[row] else float(begin[row]))
    return all(end[one] < begin[other] for one, other in pairwise(order))  # blanks compare as False


def _refuse_split_days(
    typed: TypedTable,
    name: str,
    rows: Sequence[int],
    days: tuple[Floats, Floats, Floats],
    period: PlanPeriod | None,
) -> None:
    """On every day of the plan the splits of a person add up to 100 %, or the person is not there."""
    if period is None:
        return
    begin, end, split = (each[list(rows)] for each in days)
    begin, end = np.nan_to_num(begin, nan=LONG_AGO), np.nan_to_num(end, nan=FOREVER)
    first, after = period.edges[0], period.edges[-1]
    changes = np.unique(np.concatenate([[first], begin, end + 1]))
    for day in changes[(changes >= first) & (changes < after)].tolist():
        total = float(split[(begin <= day) & (day <= end)].sum())
        if total and abs(total - 1) > _TOLERANCE:
            what = f"on {to_date(day)} the splits of {name} add up to {total:.10g} of 1"
            fix = f"Rows with days that do not overlap need no {SPLIT}: clear it. Else make them add up to 100 % on each day."
            typed.refuse(rows, SPLIT, what, fix)
            return


def _gaps(typed: TypedTable, name: str, rows: Sequence[int], begin: Floats, end: Floats) -> list[Span]:
    """Days between two rows of a person on which nobody is there; told, because they may be a leave."""
    found = []
    for one, other in pairwise(rows):
        first, last = end[one] + 1, begin[other] - 1
        if first <= last:
            found.append(Span(one, first, last))
            what = f"{name} is in no seat from {to_date(first)} to {to_date(last)}, between two rows: no quota falls on these days"
            typed.note([one, other], next((each for each in (FROM, START) if typed.has(each)), typed.raw.headers[0]), what, "If it is a leave, write one row and enter it in Absences: then it is seen who carries the quota.")  # fmt: skip
    return found


def _one_seat(typed: TypedTable, paths: Paths, rows: Sequence[int], merged: dict[int, int]) -> None:
    """Rows of one person under the same manager are one seat, with a gap or without."""
    seen: dict[tuple[str | None, ...], int] = {}
    for row in rows:
        first = seen.setdefault(paths[row], row)
        if first == row:
            continue
        merged[row] = first
        for header in ("Tier", "Capacity", "OTE", "Territory"):
            if typed.has(header) and (mine := typed.cells(header)[row]) != (theirs := typed.cells(header)[first]) and not (is_blank(mine) and is_blank(theirs)):  # fmt: skip
                what = f"{header} differs from row {typed.raw.row_text(first)}, and both are the same seat: the same person under the same manager"
                typed.problem(row, header, what, "Give the second row a name of its own, such as Ann Lee (Enterprise), or write the same value.")  # fmt: skip


def parts_of(
    rows: Sequence[int], begin: Floats, end: Floats, gaps: dict[int, list[Span]], period: PlanPeriod
) -> Floats:
    """Part of the days that a person is in the plan which each row is."""
    first, after = period.calendar.starts(np.array([period.first, period.first + period.months])).tolist()
    days = []
    for row in rows:
        opened = first if begin[row] != begin[row] else max(float(begin[row]), first)
        closed = after if end[row] != end[row] else min(float(end[row]) + 1, after)
        away = sum(max(min(gap.last + 1, closed) - max(gap.first, opened), 0.0) for gap in gaps.get(row, ()))
        days.append(max(closed - opened - away, 0.0))
    whole = sum(days)
    return np.array(days) / whole if whole else np.full(len(rows), 1 / len(rows))


def on_day(rows: Sequence[int], begin: Floats, day: float) -> Floats:
    """1 for the row in which a person is on a day, or was last; the first of them before all begin."""
    since = {row: LONG_AGO if begin[row] != begin[row] else float(begin[row]) for row in rows}
    here = max([row for row in rows if since[row] <= day] or rows[:1], key=lambda row: since[row])
    return np.array([float(row == here) for row in rows])
