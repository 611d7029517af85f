"""Sheet Absences: who is away when, and who carries the quota meanwhile."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from revops_xl.model.org import OrgTree
from revops_xl.model.presence import Absence, Bearer, Tenure
from revops_xl.tables.schema.days import to_date, to_days
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.typed import TypedTable

TABLE = Table(
    "Absences",
    "Days on which somebody in Hierarchy is away: leave, illness, a sabbatical.",
    (
        Column("Person", Kind.NODE, "The IC, as in Hierarchy.", required=True, width=24),
        Column("From", Kind.DATE, "First day away.", required=True, width=12),
        Column("To", Kind.DATE, "Last day away.", required=True, width=12),
        Column("Relief", Kind.PERCENT, "Part of the quota of these days that is not carried; blank: all of it.", optional=True, unit="%", minimum=0, maximum=1, width=9),
        Column("Bearer", Kind.TEXT, "Who carries it instead: manager, team, nobody, or the name of a node; blank: as the setting Relieved quota says.", optional=True, width=24),
        Column("Reason", Kind.TEXT, "Why; for people.", optional=True, width=30),
    ),
)  # fmt: skip
SHEET = Sheet("Absences", "Who is away when", (TABLE,))
_RULES = {str(each): each for each in (Bearer.MANAGER, Bearer.TEAM, Bearer.NOBODY)}
_LONG_AGO, _FOREVER = -1e7, 1e7


def parse(typed: TypedTable | None, tree: OrgTree, tenure: Tenure) -> tuple[Absence, ...]:
    """Read the absences; what is wrong is a problem."""
    if typed is None:
        return ()
    for needed in ("Person", "From", "To"):
        typed.check_required(needed)
    first, last = (np.array([to_days(day) for day in typed.dates(each)], dtype=np.float64) for each in ("From", "To"))
    relief = typed.numbers("Relief") if typed.has("Relief") else np.full(len(typed), np.nan)
    bearers: list[str | None] = list(typed.texts("Bearer")) if typed.has("Bearer") else [None] * len(typed)
    found: dict[int, Absence] = {}
    for row, name in enumerate(typed.texts("Person")):
        if name is None or np.isnan(first[row]) or np.isnan(last[row]):
            continue
        if last[row] < first[row]:
            what = f"To {to_date(last[row])} is before From {to_date(first[row])}"
            typed.problem(row, "To", what, "Correct one of them.")
            continue
        seat = _seat(typed, row, name, tree, tenure, (first[row], last[row]))
        bearer = _bearer(typed, row, bearers[row], tree)
        if seat < 0 or bearer is None:
            continue
        rule, node = bearer
        part = 1.0 if np.isnan(relief[row]) else float(relief[row])
        found[row] = Absence(seat, float(first[row]), float(last[row]), part, rule, node)
    _refuse_overlaps(typed, found)
    _refuse_away_bearers(typed, found, tree)
    return tuple(found.values())


def _seat(typed: TypedTable, row: int, name: str, tree: OrgTree, tenure: Tenure, days: tuple[float, float]) -> int:
    """The row of Hierarchy that somebody is away from; -1, and a problem, where there is none."""
    positions = tree.ics_called(name)
    if not positions:
        typed.problem(row, "Person", f'no IC is called "{name}"', "Write the name as it stands in Hierarchy.")
        return -1
    seats = [int(tree.row[position]) for position in positions]
    spans = []
    for seat in seats:
        begin, end = np.nan_to_num(tenure.begin[seat], nan=_LONG_AGO), np.nan_to_num(tenure.end[seat], nan=_FOREVER)
        if begin <= days[0] and days[1] <= end:
            return seat
        spans.append(f"{to_date(begin) if begin > _LONG_AGO else '…'} to {to_date(end) if end < _FOREVER else '…'}")
    what = f"{name} is in the seat {' and '.join(spans)}, and away {to_date(days[0])} to {to_date(days[1])}"
    typed.problem(row, "From", what, "Correct the days; an absence over a move takes a row for each seat.")
    return -1


def _bearer(typed: TypedTable, row: int, text: str | None, tree: OrgTree) -> tuple[Bearer | None, int] | None:
    """The rule or the node that a cell names; None, and a problem, where it names neither."""
    if text is None:
        return None, -1
    if text.strip().lower() in _RULES:
        return _RULES[text.strip().lower()], -1
    try:
        positions = tree.find(text)
    except LookupError as error:
        typed.problem(row, "Bearer", f'"{text}" names nodes of several levels', f"Write {error}.")
        return None
    if len(positions) != 1:
        what = "stands on several rows" if positions else "is no node of Hierarchy"
        typed.problem(row, "Bearer", f'"{text}" {what}', f"Write {', '.join(_RULES)}, or the name of one node.")
        return None
    return None, positions[0]


def _refuse_overlaps(typed: TypedTable, found: dict[int, Absence]) -> None:
    """Two absences of one seat on the same day."""
    order = sorted(found, key=lambda row: (found[row].row, found[row].first))
    for one, other in pairwise(order):
        if found[one].row == found[other].row and found[other].first <= found[one].last:
            what = f"these days overlap those of row {typed.raw.row_text(one)}, until {to_date(found[one].last)}"
            typed.problem(other, "From", what, "Put them together, or correct the days.")


def _refuse_away_bearers(typed: TypedTable, found: dict[int, Absence], tree: OrgTree) -> None:
    """Somebody who is to carry quota while away, too."""
    for row, each in found.items():
        if each.node < 0 or not tree.is_ic[each.node]:
            continue
        seat = int(tree.row[each.node])
        for other in found.values():
            if other.row == seat and other.first <= each.last and each.first <= other.last:
                what = f"{tree.reference(each.node)} is away then, too: {to_date(other.first)} to {to_date(other.last)}"
                typed.problem(row, "Bearer", what, "Name somebody who is there.")
                break
