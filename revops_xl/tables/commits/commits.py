"""Sheet Commits: what managers commit, and what became of earlier commits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.bounds import LARGEST
from revops_xl.model.commits import CommitHistory, CommitRules, CurrentCommits
from revops_xl.model.org import OrgTree
from revops_xl.model.plan import CommitInputs
from revops_xl.tables.schema.declare import WHOLE_MONEY, Column, Kind, Sheet, Table
from revops_xl.tables.schema.near_duplicates import likeness
from revops_xl.tables.schema.periods import Periods, read_periods
from revops_xl.tables.schema.typed import TypedTable

HISTORY = Table(
    "CommitHistory",
    "What each manager committed and what was closed, one row per manager and period.",
    (
        Column("Manager", Kind.NODE, "The manager: a node, as in Hierarchy.", required=True, width=22),
        Column("Period", Kind.TEXT, "The period, for example Q1 2026 or Mar 2026.", required=True, width=12),
        Column("Commit", Kind.MONEY, "What was committed.", required=True, unit="currency", minimum=0, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
        Column("Actual", Kind.MONEY, "What was closed; blank while the period is open.", unit="currency", minimum=-LARGEST, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
        Column("Machine forecast", Kind.MONEY, "What was forecast without the manager at the time, if it is known: from twelve of them the weight of machine forecasts is learned.", optional=True, unit="currency", minimum=0, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
    ),
    totals="named",
)  # fmt: skip
COMMITS = Table(
    "Commits",
    "The current commit of each manager, one row per manager.",
    (
        Column("Manager", Kind.NODE, "The manager: a node, as in Hierarchy.", required=True, width=22),
        Column("Commit", Kind.MONEY, "The current commit.", required=True, unit="currency", minimum=0, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
        Column("Machine forecast", Kind.MONEY, "A forecast to blend with; blank: what the deals say, if there is a model of them.", optional=True, unit="currency", minimum=0, maximum=LARGEST, width=15, number_format=WHOLE_MONEY),
    ),
    totals="named",
)  # fmt: skip
SHEET = Sheet("Commits", "Commits and what became of them", (HISTORY, COMMITS))


@dataclass
class _Managers:
    """Names of managers as they are looked up: a node by its reference, anybody else by the text."""

    tree: OrgTree | None
    nodes: dict[str, list[int]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def read(self, typed: TypedTable) -> list[str | None]:
        """The column Manager."""
        found: list[str | None] = []
        known: dict[str, str | None] = {}
        for row, text in enumerate(typed.texts("Manager")):
            if text is not None and text not in known:
                known[text] = self._look_up(typed, row, text)
            found.append(known[text] if text is not None else None)
        typed.check_required("Manager")
        return found

    def _look_up(self, typed: TypedTable, row: int, text: str) -> str | None:
        if self.tree is None:
            return text
        where = f"{typed.raw.sheet}!{typed.raw.cell(row, 'Manager')}"
        try:
            positions = self.tree.find(text)
        except LookupError as error:
            typed.problem(row, "Manager", f'"{text}" names nodes of several levels', f"Write {error}.")
            return None
        self.cells[likeness(text.rpartition(": ")[2])].setdefault(text, where)
        if not positions:
            self.unknown.setdefault(text, where)
            return text
        name = self.tree.reference(positions[0])
        self.nodes[name] = positions
        return name

    def alike(self) -> list[Problem]:
        """Names that look the same and are kept apart, in both tables, and against Hierarchy for unknown ones."""
        if self.tree is None or not self.unknown:
            return []
        for position, name in enumerate(self.tree.names.tolist()):
            key = likeness(name)
            if key in self.cells and not self.tree.is_ic[position]:
                self.cells[key].setdefault(self.tree.reference(position), "Hierarchy")
        problems = []
        for spellings in self.cells.values():
            strange = [text for text in spellings if text in self.unknown]
            if strange and len(spellings) > 1:
                listed = ", ".join(f'"{text}" ({where})' for text, where in spellings.items())
                sheet, _, cell = spellings[strange[0]].rpartition("!")
                message = f"managers whose names look alike are kept apart: {listed}"
                problems.append(Problem(sheet, cell, message, "Use one spelling if they are the same."))
        return problems


def parse(
    history: TypedTable | None, current: TypedTable | None, tree: OrgTree | None, rules: CommitRules
) -> CommitInputs | None:
    """Read both tables; None when neither has rows.

    Managers are found in the tree by `OrgTree.find`; a name that is no node is kept, because people leave. Without
    a tree every name stands for itself.
    """
    if history is None and current is None:
        return None
    managers = _Managers(tree)
    past, zeros, periods = _history(history, managers)
    return CommitInputs(
        past,
        _current(current, managers),
        rules,
        managers.nodes,
        managers.unknown,
        zeros,
        periods is None or periods.dated,
        periods is not None and periods.mixed,
        tuple(managers.alike()),
        all(_is_plain(typed, managers) for typed in (history, current) if typed is not None),
    )


def _is_plain(typed: TypedTable, managers: _Managers) -> bool:
    """Whether SUMIFS reads the table as we do."""
    if managers.tree is None:
        return False
    written = {text for spellings in managers.cells.values() for text in spellings}
    amounts = [column.name for column in typed.table.columns if column.kind is Kind.MONEY and typed.has(column.name)]
    return written <= managers.nodes.keys() | managers.unknown.keys() and not any(
        isinstance(cell, str) and cell for name in amounts for cell in typed.cells(name)
    )


def _history(typed: TypedTable | None, managers: _Managers) -> tuple[CommitHistory, tuple[str, ...], Periods | None]:
    empty = np.zeros(0)
    if typed is None:
        none = np.zeros(0, dtype=np.int32)
        return CommitHistory((), (), (), none, none, empty, empty), (), None
    names = managers.read(typed)
    periods = read_periods(typed, "Period")
    commits, actuals = typed.numbers("Commit"), typed.numbers("Actual")
    typed.check_required("Period")
    typed.check_required("Commit")
    distinct = tuple(sorted({name for name in names if name is not None}))
    number = {name: i for i, name in enumerate(distinct)}
    first: dict[tuple[str, int], int] = {}
    rows = []
    for row, (name, period) in enumerate(zip(names, periods.index, strict=True)):
        if name is None or period < 0:
            continue
        before = first.setdefault((name, period), row)
        if before != row:
            what = f'{periods.names[period]} of "{name}" is listed twice, first in row {typed.raw.row_text(before)}'
            typed.problem(row, "Period", what, "Keep one, or add them up.")
        rows.append(row)
    closed_zero = np.flatnonzero((commits == 0) & ~np.isnan(actuals)).tolist()
    return (
        CommitHistory(
            distinct,
            periods.names,
            periods.times,
            np.array([number[names[row] or ""] for row in rows], dtype=np.int32),
            np.array([periods.index[row] for row in rows], dtype=np.int32),
            commits[rows],
            actuals[rows],
            typed.numbers("Machine forecast")[rows] if typed.has("Machine forecast") else None,
        ),
        tuple(f"{typed.raw.sheet}!{typed.raw.cell(row, 'Commit')}" for row in closed_zero),
        periods,
    )


def _current(typed: TypedTable | None, managers: _Managers) -> CurrentCommits:
    if typed is None:
        return CurrentCommits((), np.zeros(0), np.zeros(0))
    names = managers.read(typed)
    commits = typed.numbers("Commit")
    machine = typed.numbers("Machine forecast") if typed.has("Machine forecast") else np.full(len(typed), np.nan)
    typed.check_required("Commit")
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        if name is not None and first.setdefault(name, row) != row:
            before = typed.raw.row_text(first[name])
            typed.problem(row, "Manager", f'"{name}" is listed twice, first in row {before}', "Keep one.")
    order = sorted(first)
    rows = [first[name] for name in order]
    return CurrentCommits(tuple(order), commits[rows], machine[rows])
