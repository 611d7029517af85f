"""What ICs have reached: the history columns of Hierarchy, and how long their periods are."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.attainability import History
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.plan_period import PlanPeriod
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.column_lists import expand
from revops_xl.tables.schema.periods import LENGTHS, key, unsettled
from revops_xl.tables.schema.typed import TypedTable

#: Columns that hold history unless the setting names others.
DEFAULT = ("*_Attainment",)
_SHORT = {f"Q{i}": ("Q", i) for i in range(1, 5)} | {f"H{i}": ("H", i) for i in (1, 2)}
_SHORT |= {
    name: ("M", i)
    for i, name in enumerate(("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), start=1)
}  # fmt: skip


def columns(
    patterns: Sequence[str] | None, people: TypedTable, levels: Sequence[str]
) -> tuple[list[str], Sequence[str]]:
    """The history columns, and the patterns of the setting that match none."""
    available = hierarchy.metric_columns(people.raw.headers, levels)
    found, unmatched = expand(patterns or DEFAULT, available)
    return found, unmatched if patterns else []


def read(names: Sequence[str], people: TypedTable, period: PlanPeriod | None, entered: float) -> History | None:
    """What ICs have reached; None without columns.

    Args:
        names: The columns, oldest first.
        people: The table Hierarchy.
        period: What the plan covers; None: a year.
        entered: How many columns are as long as the plan; NaN: read from their headers.
    """
    if not names:
        return None
    spoken = [name.rpartition("_")[0] or name for name in names]
    if all(kind is None or kind[0] == "Y" for kind in map(period_of, names)):
        spoken = []  # of years only the length counts
    for rows, what, fix in unsettled(spoken, people.calendar, people.plan_month):
        cells = ", ".join(people.raw.header_cell(names[row]) for row in rows[:3])
        people.problems.append(Problem(people.raw.sheet, cells, what, fix))
    values = np.array([people.numbers(name, hierarchy.METRIC) for name in names])
    kinds = [kind for name in names if (kind := period_of(name, people.calendar)) is not None]
    found = {kind[0] for kind in kinds}
    clear = len(found) == 1 and len(kinds) == len(names) == len(set(kinds))
    months = LENGTHS[found.pop()] if clear else 0
    length = period.months if period is not None else 12
    per_plan = entered if not np.isnan(entered) else length / months if months else float(len(names))
    if not clear:
        kinds = [("", 0, 0)] * len(names)
    return History(
        values,
        tuple(names),
        per_plan,
        months,
        tuple(part - 1 for _, part, _ in kinds),
        tuple(y for _, _, y in kinds),
        people.calendar,
    )


def period_of(header: str, calendar: Calendar = CALENDAR_YEAR) -> tuple[str, int, int] | None:
    """Kind, number and year (0: not said) of the period that a header names; None if it names none.

    Example:
        >>> period_of("2025-Q3_Attainment"), period_of("Q1_Attainment"), period_of("Mar 2026"), period_of("Seats")
        (('Q', 3, 2025), ('Q', 1, 0), ('M', 3, 2026), None)
    """
    pieces = re.split(r"[_ ]+", header)
    tries = [header, *pieces, *(" ".join(pieces[i : i + 2]) for i in range(len(pieces) - 1))]
    for text in tries:
        if text.upper() in _SHORT:
            kind, part = _SHORT[text.upper()]
            return kind, ((part - 1 - calendar.shift) % 12 + 1 if kind == "M" else part), 0
        found = key(text, calendar) if re.search(r"\d", text) else None
        if found is not None and found[0] == "Y" and not re.search(r"\d{4}|FY", text, re.IGNORECASE):
            continue  # a number is no year
        if found is not None and found[0] in LENGTHS:
            return found[0], found[2], found[1]
    return None
