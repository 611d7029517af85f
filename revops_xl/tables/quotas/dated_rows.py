"""Rows of Hierarchy with days: moves, joiners and leavers, open seats, and vacancies that somebody fills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.model.presence import PresenceRules, Span, Tenure
from revops_xl.tables.evidence.open_seats import is_open_seat
from revops_xl.tables.quotas.moves import BACKFILL, END, FROM, LONG_AGO, SPLIT, START, TO, moves, on_day, parts_of
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.typed import TypedTable

#: Columns that differ between the rows of a person who moves.
OF_THE_SEAT = (FROM, TO, BACKFILL, START, END, SPLIT, "Tier", "Capacity", "OTE", "Territory", "Email")


@dataclass
class DatedRows:
    """Hierarchy with its days settled.

    Attributes:
        typed: The table, one row a seat: two rows of one person under one manager are one, rows outside the plan are gone.
        kept: Rows of the table as it was read, in order.
        tenure: Days of the rows; None: no row has any.
        split: Part of a person who moves that each row is, by days of the plan; NaN for the others.
        now: Part of such a person that each row is on the day that counts; NaN for the others.
        merged: Rows of the source that are the same seat as an earlier one.
        source: The table with all its rows.
    """

    typed: TypedTable
    kept: list[int]
    tenure: Tenure | None = None
    split: Floats = field(default_factory=lambda: np.zeros(0))
    now: Floats = field(default_factory=lambda: np.zeros(0))
    merged: dict[int, int] = field(default_factory=dict)
    source: TypedTable | None = None


def dated_rows(
    typed: TypedTable,
    levels: Sequence[str],
    period: PlanPeriod | None,
    rules: PresenceRules,
    seat_columns: Collection[str] = (),
    day: float = float("nan"),
) -> DatedRows:
    """Settle who is where on which days; what has two readings is a problem.

    Args:
        typed: The table Hierarchy.
        levels: Level columns, the ICs' last.
        period: What the plan covers; None: not known.
        rules: How presence counts.
        seat_columns: Columns of metrics that follow the seat, not the person.
        day: On which deals and pipeline are looked at; NaN: the first of the plan.
    """
    count = len(typed)
    plain = DatedRows(typed, list(range(count)), None, np.full(count, np.nan), np.full(count, np.nan))
    if not set(levels) <= set(typed.raw.headers):
        return plain
    begin, end = _days(typed, levels, FROM, START), _days(typed, levels, TO, END)
    weighing = _weighing(typed, levels)
    typed = _numbered(typed, levels, begin)
    names = [text or "" for text in typed.texts(levels[-1])]
    before = len(typed.problems)
    _refuse_backwards(typed, begin, end)
    groups = _several(names)
    known = ~np.isnan(begin) | ~np.isnan(end)
    if period is None:
        _refuse_unknown_period(typed, levels)
    split = typed.numbers(SPLIT) if typed.has(SPLIT) else np.full(count, np.nan)
    moved, now = np.full(count, np.nan), np.full(count, np.nan)
    dated = {name: rows for name, rows in groups.items() if known[rows].any()}
    merged, gaps = moves(typed, levels, dated, (begin, end, split), period)
    for rows in dated.values():
        weighing[[row for row in rows if np.isnan(split[row])]] = True
    if len(typed.problems) > before:
        return replace(plain, typed=typed)
    for row, into in merged.items():
        end[into] = end[row]
    gaps = [replace(gap, row=merged.get(gap.row, gap.row)) for gap in gaps]
    vacancies = _vacancies(typed, names, begin, end, merged) if BACKFILL not in levels else []
    outside = _outside(typed, end, period, {span.row for span in vacancies})
    kept = [row for row in range(count) if row not in merged and row not in outside]
    place = {row: i for i, row in enumerate(kept)}
    if period is not None:
        first_day = float(period.edges[0])
        by_row: dict[int, list[Span]] = defaultdict(list)
        for gap in gaps:
            by_row[gap.row].append(gap)
        for rows in groups.values():
            here = [row for row in rows if row in place and known[row]]
            if len(here) > 1 and np.isnan(split[here]).all():
                moved[here] = parts_of(here, begin, end, by_row, period)
                now[here] = on_day(here, begin, first_day if np.isnan(day) else day)
    tenure = None
    if known.any() or vacancies:
        tenure = Tenure(
            begin[kept],
            end[kept],
            tuple(replace(gap, row=place[gap.row]) for gap in gaps if gap.row in place and gap.row in merged.values()),
            tuple(replace(each, row=place[each.row]) for each in vacancies if each.row in place),
            (),
            np.where(np.isnan(split), 1.0, split)[kept],
            rules,
            weighing[kept],
        )
    fills = typed.has(BACKFILL) and bool(seat_columns)
    fresh = (
        typed
        if len(kept) == count and not groups and not fills
        else _filled(typed, levels, names, groups, kept, seat_columns)
    )
    return DatedRows(fresh, kept, tenure, moved[kept], now[kept], merged, typed)


def refuse_two_histories(found: DatedRows, columns: Collection[str]) -> None:
    """What metrics read is the person's: two rows of one seat say the same, or only one of them says it."""
    if found.source is None:
        return
    for row, first in found.merged.items():
        for header in columns:
            cells = found.source.cells(header)
            if not is_blank(cells[row]) and not is_blank(cells[first]) and cells[row] != cells[first]:
                where = found.source.raw.row_text(first)
                what = f"{header} differs from row {where}, and both are the same person under the same manager"
                found.source.problem(row, header, what, "Write the value of the whole person on one of the rows.")


def _weighing(typed: TypedTable, levels: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows whose days count in the quota of the year: those with From or To, and open seats.

    Start date and End date alone are about ramp and capacity, which the metric Effective capacity reads.
    """
    found = np.array([name is not None and is_open_seat(name) for name in typed.texts(levels[-1])], dtype=bool)
    for name in (FROM, TO):
        if typed.has(name) and name not in levels:
            found |= typed.filled(name)
    return found


def _refuse_unknown_period(typed: TypedTable, levels: Sequence[str]) -> None:
    """Days say nothing while it is not known what the plan covers."""
    for name in (FROM, TO):
        rows = np.flatnonzero(typed.filled(name)).tolist() if typed.has(name) and name not in levels else []
        if rows:
            fix = "Fill in the setting Period, such as FY 2027, or Plan start."
            typed.refuse(rows, name, f"{name} is filled in, and it is not known what the plan covers", fix)
            return


def _days(typed: TypedTable, levels: Sequence[str], first: str, second: str) -> Floats:
    """Days of one column, where it is blank of another."""
    found = np.full(len(typed), np.nan)
    for name in (first, second):
        if typed.has(name) and name not in levels:
            days = np.array([to_days(day) for day in typed.dates(name)], dtype=np.float64)
            found = np.where(np.isnan(found), days, found)
    return found


def _numbered(typed: TypedTable, levels: Sequence[str], begin: Floats) -> TypedTable:
    """Open seats that share a name get one each, in the order in which they begin."""
    names = typed.texts(levels[-1])
    alike: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        if name is not None and is_open_seat(name):
            alike[name.strip().casefold()].append(row)
    again = {row: names[row] for rows in alike.values() if len(rows) > 1 for row in rows}
    if not again:
        return typed
    upper = [typed.texts(level) for level in levels[:-1]]
    above = {row: next((column[row] for column in reversed(upper) if column[row]), "") for row in again}
    counts: dict[tuple[str, str], int] = defaultdict(int)
    called = {}
    for row in sorted(again, key=lambda row: (np.nan_to_num(begin[row], nan=LONG_AGO), row)):
        word = str(again[row]).strip()
        counts[word.casefold(), str(above[row])] += 1
        called[row] = f"{word} ({above[row]}) {counts[word.casefold(), str(above[row])]}"
    rows = sorted(called)
    typed.note(rows, levels[-1], f'each row with "{str(again[rows[0]]).strip()}" is a seat of its own: {called[rows[0]]} and so on')  # fmt: skip
    columns = {levels[-1]: [called.get(row, cell) for row, cell in enumerate(typed.cells(levels[-1]))]}
    if typed.has(SPLIT):  # it divides one person, and these are several
        columns[SPLIT] = [None if row in called else cell for row, cell in enumerate(typed.cells(SPLIT))]
    return _with_columns(typed, columns)


def _with_columns(typed: TypedTable, columns: dict[str, list[object]], kept: Sequence[int] | None = None) -> TypedTable:
    """The table with other cells in some columns, and of some rows only."""
    raw = typed.raw
    cells = [columns.get(header, list(raw.column(header))) for header in raw.headers]
    rows = np.asarray(raw.rows)
    if kept is not None:
        cells = [[column[row] for row in kept] for column in cells]
        rows = rows[list(kept)]
    fresh = TypedTable(replace(raw, columns=tuple(cells), rows=rows), typed.table, typed.locale, typed.problems, typed.notes)  # fmt: skip
    fresh.plan_month, fresh.calendar = typed.plan_month, typed.calendar
    return fresh


def _several(names: Sequence[str]) -> dict[str, list[int]]:
    """Names on several rows."""
    found: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        if name:
            found[name].append(row)
    return {name: rows for name, rows in found.items() if len(rows) > 1}


def _refuse_backwards(typed: TypedTable, begin: Floats, end: Floats) -> None:
    for row in np.flatnonzero(end < begin).tolist():
        name = TO if typed.has(TO) and not is_blank(typed.cells(TO)[row]) else END
        other = FROM if typed.has(FROM) and not is_blank(typed.cells(FROM)[row]) else START
        what = f"{name} {to_date(end[row])} is before {other} {to_date(begin[row])}"
        typed.problem(row, name, what, "Correct one of them.")


def _vacancies(
    typed: TypedTable, names: Sequence[str], begin: Floats, end: Floats, merged: dict[int, int]
) -> list[Span]:
    """Days between somebody's last one and the first one of who follows in the seat."""
    if not typed.has(BACKFILL):
        return []
    last = {name: row for row, name in enumerate(names) if row not in merged}
    found = []
    filled: dict[int, int] = {}
    for row, name in enumerate(typed.texts(BACKFILL)):
        if name is None:
            continue
        if name not in last or last[name] == row:
            typed.problem(row, BACKFILL, f'no other row names "{name}"', "Write the name as it stands in Hierarchy.")
            continue
        before = last[name]
        if filled.setdefault(before, row) != row:
            what = f'the seat of "{name}" is filled by row {typed.raw.row_text(filled[before])} already'
            typed.problem(row, BACKFILL, what, "A seat has one successor: correct one of them.")
        elif np.isnan(end[before]):
            what = f'"{name}" in row {typed.raw.row_text(before)} has no last day'
            typed.problem(row, BACKFILL, what, f"Fill in {TO} there.")
        elif np.isnan(begin[row]) or begin[row] <= end[before]:
            since = "has no first day" if np.isnan(begin[row]) else f"begins on {to_date(begin[row])}"
            what = f'it {since}, and "{name}" is in the seat until {to_date(end[before])}'
            typed.problem(row, BACKFILL, what, f"Correct {FROM}.")
        elif begin[row] - 1 > end[before]:
            found.append(Span(before, end[before] + 1, begin[row] - 1))
    return found


def _outside(typed: TypedTable, end: Floats, period: PlanPeriod | None, vacant: Collection[int]) -> set[int]:
    """Rows that end before the plan begins: they have no part in it."""
    if period is None:
        return set()
    first = period.edges[0]
    gone = [row for row in np.flatnonzero(end < first).tolist() if row not in vacant]
    if gone and len(gone) == len(typed):
        column = next((each for each in (TO, END) if typed.has(each)), typed.raw.headers[0])
        typed.refuse(gone, column, f"everybody is gone before the plan begins on {to_date(first)}", "Correct the days, or the plan's Period.")  # fmt: skip
    elif gone:
        column = next((each for each in (TO, END) if typed.has(each)), typed.raw.headers[0])
        typed.note(gone, column, f"they end before the plan begins on {to_date(first)}, so they are left out")
        return set(gone)
    return set()


def _filled(
    typed: TypedTable,
    levels: Sequence[str],
    names: Sequence[str],
    groups: dict[str, list[int]],
    kept: Sequence[int],
    seat_columns: Collection[str],
) -> TypedTable:
    """The rows that are kept; what is known of a person stands on each row, what belongs to the seat goes to who follows."""
    columns: dict[str, list[object]] = {}
    last = {name: row for row, name in enumerate(names)}
    follows = typed.texts(BACKFILL) if typed.has(BACKFILL) else [None] * len(names)
    for header in typed.raw.headers:
        if header in levels or header in OF_THE_SEAT or header in typed.table.headers:
            continue
        cells = list(typed.cells(header))
        if header in seat_columns:
            for row, name in enumerate(follows):
                if name is not None and is_blank(cells[row]):
                    cells[row] = cells[last[name]]
        else:
            for rows in groups.values():
                known = [cells[row] for row in rows if not is_blank(cells[row])]
                for row in rows:
                    cells[row] = known[0] if known and is_blank(cells[row]) else cells[row]
        columns[header] = cells
    return _with_columns(typed, columns, kept)
