"""What a caller of the planning functions gives, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from revops_xl.errors import Problem
from revops_xl.frames.common.convert import Given
from revops_xl.frames.common.given import is_number, typed_table
from revops_xl.frames.quotas import Cascade
from revops_xl.model.money import Floats, Unit
from revops_xl.model.verdicts import USUAL_LIMITS, ChanceLimits
from revops_xl.tables.planning import bookings as booking_tables
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.typed import TypedTable

UNUSUAL = (booking_tables.KEEP, booking_tables.REPLACE)


def typed_loosely(frame: Given, table: Table, name: str, problems: list[Problem]) -> TypedTable | None:
    """A DataFrame as a declared table of which columns that no row needs may be missing."""
    loose = replace(table, columns=tuple(replace(each, optional=not each.required) for each in table.columns))
    return typed_table(frame, loose, name, problems)


def check_unusual(name: str, value: str, problems: list[Problem]) -> None:
    """What happens to unusual bookings, or a problem."""
    if value not in UNUSUAL:
        problems.append(Problem(name, "", f"{value!r} is not one of {', '.join(UNUSUAL)}"))


def present_quotas(present: object, names: Sequence[str], problems: list[Problem]) -> Floats:
    """Present quota by territory; NaN where nothing is given at all."""
    if present is None:
        return np.full(len(names), np.nan)
    try:
        given = dict(present)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        problems.append(Problem("present", "", "amounts by territory are needed, such as {'North': 100}"))
        return np.zeros(len(names))
    for name, value in given.items():
        if name not in names:
            problems.append(Problem("present", "", f'no territory is called "{name}"'))
        elif not is_number(value) or not 0 <= float(value) < np.inf:
            problems.append(Problem("present", "", f"{name}: {value!r} where an amount of 0 or more is needed"))
    return np.array([float(given[name]) if is_number(given.get(name)) else 0.0 for name in names])


def unit_of(unit: object, problems: list[Problem]) -> Unit | None:
    """The rounding unit; a problem if it is none."""
    if unit is None:
        return None
    try:
        return Unit.of(unit)  # type: ignore[arg-type]
    except ValueError as error:
        problems.append(Problem("unit", "", str(error)))
        return None


def ratios_of(ratio: object, problems: list[Problem]) -> tuple[float, float]:
    """The least and the most of quota : OTE."""
    if isinstance(ratio, tuple | list) and len(ratio) == 2 and all(map(is_number, ratio)) and 0 <= ratio[0] <= ratio[1]:
        return float(ratio[0]), float(ratio[1])
    problems.append(
        Problem("ote_ratio", "", f"{ratio!r} where two numbers are needed, the smaller first, such as (4, 6)")
    )
    return 4.0, 6.0


def limits_of(verdicts: object, problems: list[Problem]) -> ChanceLimits:
    """The chances at which verdicts change."""
    if isinstance(verdicts, tuple | list) and len(verdicts) == 3 and all(map(is_number, verdicts)):
        backed, ambitious, stretch = (float(each) for each in verdicts)
        if 0 <= stretch <= ambitious <= backed <= 1:
            return ChanceLimits(backed, ambitious, stretch)
    needed = "three chances of 0 to 1 are needed, the largest first, such as (0.8, 0.5, 0.2)"
    problems.append(Problem("verdicts", "", f"{verdicts!r} where {needed}"))
    return USUAL_LIMITS


def patterns_of(history: object, problems: list[Problem]) -> tuple[str, ...]:
    """Names of history columns."""
    if isinstance(history, str):
        return (history,)
    if isinstance(history, Sequence) and all(isinstance(name, str) for name in history):
        return tuple(history)
    problems.append(Problem("history", "", f"{history!r} where names of columns are needed"))
    return ()


def refuse_other_hierarchy(plan: Cascade, people: TypedTable, problems: list[Problem]) -> None:
    """The table has to be the one that was cascaded, row by row."""
    tree = plan.plan.inputs.tree
    rows, level = int(tree.row.max()) + 1, tree.levels[-1]
    if len(people) != rows:
        problems.append(Problem("hierarchy", "", f"{len(people)} rows, but the plan was cascaded from {rows}"))
        return
    node = np.flatnonzero(tree.is_ic)
    names = people.texts(level) if people.has(level) else []
    if not names or any(names[int(tree.row[i])] != tree.names[i] for i in node.tolist()):
        text = f'its column "{level}" is not that of the plan, row by row'
        problems.append(Problem("hierarchy", "", text, "Pass the table that was cascaded."))
