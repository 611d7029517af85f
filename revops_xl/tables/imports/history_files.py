"""Results of people who are in the plan: a column a period, or a row a person and period."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from revops_xl.errors import Problem
from revops_xl.model.calendar import Calendar
from revops_xl.model.wording import counted
from revops_xl.tables.imports import reporting_lines as lines
from revops_xl.tables.imports.columns import renamed
from revops_xl.tables.imports.draft import PERIOD, Draft
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.imports.results import ATTAINMENT, result_column, says_when, settings_for
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema import periods
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import Column, Kind
from revops_xl.tables.schema.typed import TypedTable

_AMOUNT = "Amount"


def history_file(draft: Draft) -> Proposal:
    """Results for the rows that Hierarchy has."""
    raw, known = draft.raw, draft.known
    named = {column: header for header, column in draft.names("People", (lines.PERSON, lines.PERSON_ID)).items()}
    rep = known.levels[-1] if known.levels else ""
    person = next((h for h in raw.headers if h == rep), "") or named.get(rep) or named.get(lines.PERSON) or named.get(lines.PERSON_ID) or ""  # fmt: skip
    if not rep:
        draft.refuse("history needs people, and Hierarchy has none", "Import the people first, or name both files at once.", "")  # fmt: skip
    if not person:
        draft.lacks(lines.PERSON, "the name of the reps")
    if draft.problems:
        return Proposal(raw.sheet, "Hierarchy", (), tuple(draft.told), problems=tuple(draft.problems))
    said = draft.asked.said(raw.headers)
    wide = {h: name for h in raw.headers if h != person and (name := said.get(h) or result_column(raw, h, known))}
    wide = {h: name for h, name in wide.items() if name not in {PERIOD, _AMOUNT, rep}}
    when = next((h for h in raw.headers if said.get(h) == PERIOD), "") or next(filter(says_when, raw.headers), "")
    amount = next((h for h in raw.headers if said.get(h) == _AMOUNT), "") or next(iter(wide), "")
    if when and amount:
        return _long(draft, person, when, amount)
    columns = [
        draft.column(h, rep if h == person else wide.get(h, ""), "the reps" if h == person else "" if h in wide else draft.not_asked_for(h))
        for h in raw.headers
    ]  # fmt: skip
    ours = draft.rows(renamed(raw, "Hierarchy", columns), hierarchy.TABLE, {person: rep, **wide})
    taken = [each.column for each in columns if each.column]
    numbers = [name for name in taken if name != rep]
    proposal = draft.proposal(ours, hierarchy.TABLE, columns, taken, keys=(rep,), numbers=numbers)
    return replace(proposal, only_known=True, settings=settings_for(numbers))


def _long(draft: Draft, person: str, when: str, amount: str) -> Proposal:
    """A row a person and period, added up to a column a period."""
    raw, rep = draft.raw, draft.known.levels[-1]
    roles = {
        person: (rep, "the reps"),
        when: (PERIOD, "a column each"),
        amount: (_AMOUNT, "added up by rep and period"),
    }
    columns = [draft.column(h, *roles.get(h, ("", draft.not_asked_for(h)))) for h in raw.headers]
    ours = draft.rows(renamed(raw, "Hierarchy", columns), hierarchy.TABLE, {h: role[0] for h, role in roles.items()})
    notes: list[Problem] = []
    typed = TypedTable(ours, hierarchy.TABLE, draft.known.locale, draft.problems, notes)
    values = typed.numbers(_AMOUNT, Column(_AMOUNT, Kind.MONEY, "", minimum=-1e15, maximum=1e15)).tolist()
    names, at = typed.coded(rep).texts(), [_period(cell, draft.known.calendar) for cell in ours.column(PERIOD)]
    sums: dict[str, dict[str, float]] = {}
    for name, period, value in zip(names, at, values, strict=True):
        if name and period and value == value:  # noqa: PLR0124  (NaN is blank)
            mine = sums.setdefault(name, {})
            mine[period] = round(mine.get(period, 0.0) + value, 6)
    times = sorted({each for each in at if each}, key=lambda each: _time(each, draft.known.calendar))
    draft.told += [f"{note.cell}: {note.message}" for note in notes]
    draft.told.append(
        f"{counted(len(ours), 'row')} added up to {counted(len(sums), 'rep')} and {counted(len(times), 'period')}"
    )
    table: dict[str, Any] = {rep: list(sums)}
    table |= {f"{period}{ATTAINMENT}": [mine.get(period) for mine in sums.values()] for period in times}
    problems = tuple(dict.fromkeys(draft.problems))
    return Proposal(raw.sheet, "Hierarchy", tuple(columns), tuple(draft.told), table, (rep,), problems=problems, only_known=True)  # fmt: skip


def _time(period: str, calendar: Calendar) -> tuple[int, int, str]:
    found = periods.key(period, calendar)
    return (found[1], found[2], period) if found is not None else (0, 0, period)


def _period(cell: Any, calendar: Calendar) -> str:
    """The period of a cell; of a day its month."""
    if is_blank(cell):
        return ""
    if isinstance(cell, dt.date):
        return f"{cell.year}-{cell.month:02}"
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    found = periods.key(text, calendar)
    return calendar.period_name(periods.first_of(found)) if found is not None and found[0] == "M" else text
