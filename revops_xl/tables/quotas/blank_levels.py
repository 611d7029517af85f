"""Blank levels of Hierarchy: a branch that skips the level, or a label that stands once for its group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from revops_xl.errors import Problem
from revops_xl.tables.evidence.labels import Labels, labels_once
from revops_xl.tables.schema.typed import TypedTable

#: What the setting Blank levels says.
ASK, FILL_DOWN, JAGGED = "ask", "fill down", "jagged"
CHOICES = (ASK, FILL_DOWN, JAGGED)


def with_labels(typed: TypedTable, levels: Sequence[str], decided: object, notes: list[Problem]) -> TypedTable:
    """Hierarchy with the labels that stand once per group on each of its rows.

    Args:
        typed: The table.
        levels: Level columns, the top first.
        decided: The setting Blank levels as it stands.
        notes: Gets what was filled down.
    """
    upper = [level for level in levels[:-1] if level in typed.raw.headers]
    if len(upper) < len(levels) - 1 or levels[-1] not in typed.raw.headers or not len(typed):
        return typed
    columns = {level: typed.texts(level) for level in (*upper, levels[-1])}
    if all(all(columns[level]) for level in upper):
        return typed
    choice = str(decided or "").strip().lower()
    found = labels_once(columns, fill={FILL_DOWN: True, JAGGED: False}.get(choice))
    settled = True
    for level, verdict in found.verdicts.items():
        rows = found.filled.get(level, ())
        if verdict is Labels.TWO_READINGS:
            settled = False
            _refuse(typed, level, rows, found.columns[level])
        elif verdict is Labels.ONCE and rows:
            first = f'{level} of row {typed.raw.row_text(rows[0])} is read as "{found.columns[level][rows[0]]}"'
            typed.note(rows, level, f"labels of {level} stand once per group and are filled down: {first}")
    if not settled:
        return typed
    headers = typed.raw.headers
    filled = {level for level, verdict in found.verdicts.items() if verdict is Labels.ONCE}
    raw = replace(
        typed.raw,
        columns=tuple(
            found.columns[header] if header in filled else column
            for header, column in zip(headers, typed.raw.columns, strict=True)
        ),
    )
    fresh = TypedTable(raw, typed.table, typed.locale, typed.problems, notes)
    fresh.plan_month, fresh.calendar = typed.plan_month, typed.calendar
    return fresh


def _refuse(typed: TypedTable, level: str, rows: Sequence[int], filled: Sequence[str | None]) -> None:
    above, below = filled[rows[0]], typed.raw.row_text(rows[0])
    message = f'{level} is blank in row {below}: it may mean "{above}", written once for its group, or that the branch skips {level}'
    fix = f'Set "Blank levels" on the sheet Settings to "{FILL_DOWN}" or "{JAGGED}", or write {level} into each row.'
    typed.refuse(rows, level, message, fix)
