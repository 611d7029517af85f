"""All input tables of a plan to one model, with every problem of the workbook at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.inputs import Fixed, NewHires, QuotaInputs, resolve_hedges
from revops_xl.model.money import Unit
from revops_xl.model.org import OrgTree
from revops_xl.model.settings import PlanSettings
from revops_xl.tables import forecast_inputs, hierarchy, levels, metrics, overrides, settings, thresholds
from revops_xl.tables.declare import Table
from revops_xl.tables.freshness import watch_formula
from revops_xl.tables.near_duplicates import near_duplicates
from revops_xl.tables.number_text import NumberLocale
from revops_xl.tables.raw import Cells, RawBook, Remark
from revops_xl.tables.typed import TypedTable
from revops_xl.tables.unused import unread_errors, unused_inputs

IDLE_TABLES: tuple[Table, ...] = (
    thresholds.TABLE,
    *(table for sheet in forecast_inputs.SHEETS for table in sheet.tables),
)
INPUT_TABLES: tuple[Table, ...] = (
    settings.TABLE,
    hierarchy.TABLE,
    levels.LEVELS,
    levels.NODE_HEDGES,
    metrics.TABLE,
    overrides.TABLE,
    *IDLE_TABLES,
)


@dataclass(frozen=True)
class Plan:
    """A plan that can be computed.

    Attributes:
        settings: Typed settings.
        inputs: What the cascade needs.
        notes: Things to look at that do not stop a run, such as near-duplicate names.
        rows: Rows of each input table that is in the workbook.
        missing: Input tables of this version that are not in the workbook.
        named: Texts that name nodes, by table.
        idle: Rows of the tables that this version does not use.
        unused: Filled inputs that nothing reads, as (where, what).
        remarks: What deserves to be known about the workbook itself.
        watch: Formula over the inputs that is 0 while they are as they were at the run.
        digest: Same inputs, same digest.
    """

    settings: PlanSettings
    inputs: QuotaInputs
    notes: tuple[Problem, ...]
    rows: Mapping[str, int]
    missing: tuple[str, ...]
    named: Mapping[str, tuple[str, ...]]
    idle: Mapping[str, int]
    unused: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]
    watch: str
    digest: str


@dataclass
class _Tables:
    """The raw tables with what it takes to type them."""

    book: RawBook
    locale: NumberLocale
    problems: list[Problem] = field(default_factory=list)

    def typed(self, table: Table) -> TypedTable | None:
        """A table that is there, has its columns and has rows; None otherwise."""
        raw = self.book.tables.get(table.name)
        if raw is None:
            return None
        typed = TypedTable(raw, table, self.locale, self.problems)
        return typed if typed.check_headers() and len(raw) else None

    def check_types(self, table: Table) -> None:
        """Check the cells of a table that is there."""
        typed = self.typed(table)
        if typed is not None:
            typed.check_types()

    def needed(self, table: Table, sheet: str) -> TypedTable | None:
        """A table that a plan cannot do without; None, and a problem, when it is missing or has no rows."""
        typed = self.typed(table)
        raw = self.book.tables.get(table.name)
        if raw is None:
            message = f"the workbook has no table {table.name}"
            self.problems.append(Problem(sheet, "", message, "Start from `revops-xl new`, and copy your rows in."))
        elif not len(raw):
            self.problems.append(Problem(raw.sheet, raw.header_cell(), f"table {table.name} has no rows", table.help))
        return typed


def parse(book: RawBook) -> tuple[Plan | None, list[Problem]]:
    """Type and check everything; the plan is None when there are problems."""
    problems: list[Problem] = []
    if not {"Settings", "Hierarchy", "Levels"} & book.tables.keys():
        fix = f"Add one: revops-xl new --into {book.name}"
        return None, [Problem(book.name, "", "the workbook has no plan: no table Settings, Hierarchy or Levels", fix)]
    locale = settings.number_locale(book.tables.get("Settings"), problems)
    tables = _Tables(book, locale, problems)
    _refuse_rows_below(book, problems)
    found = settings.parse(book.tables.get("Settings"), locale, problems)
    declared_in = tables.typed(metrics.TABLE)
    declared = metrics.parse(declared_in)
    for table in IDLE_TABLES[1:]:
        tables.check_types(table)

    people = tables.needed(hierarchy.TABLE, "Hierarchy")
    listed = tables.needed(levels.LEVELS, "Levels")
    named = levels.parse_levels(listed, people.raw.headers) if listed is not None and people is not None else None
    data = None
    if people is not None and named is not None:
        people.check_types([c.name for c in hierarchy.TABLE.columns if c.name not in {"New hire", "Split %"}])
        blend, gates = metrics.resolve(declared, declared_in, people, named.names, problems)
        read = {column for metric in (*blend, *gates) for column in metric.columns}
        data = hierarchy.parse(people, named.names, read)
    if people is None or named is None or data is None:
        # Without a tree nodes cannot be looked up, but every other cell can still be checked.
        for table in (levels.NODE_HEDGES, overrides.TABLE, thresholds.TABLE):
            tables.check_types(table)
        return None, problems

    if listed is not None:
        levels.refuse_idle_hedges(listed, named, data.tree)
    _check_pipeline(book, people, named.names, problems)
    if found is not None:
        _check_new_hires(found, data, book, problems)
    hedges, fixed = _decisions(tables, data.tree, found.unit if found is not None else None)
    if problems or found is None:
        return None, problems
    inputs = QuotaInputs(
        tree=data.tree,
        target=found.target,
        unit=found.unit,
        blend=tuple(blend),
        gates=tuple(gates),
        hedges=resolve_hedges(data.tree, found.default_hedge, named.hedges, hedges),
        fixed=tuple(fixed),
        new_hires=found.new_hires,
        new_hire_flags=data.new_hire,
        gate_fallback=found.gate_fallback,
    )
    rows = {name: len(raw) for name, raw in book.tables.items()}
    idle = {table.name: rows[table.name] for table in IDLE_TABLES if table.name in rows}
    columns = {*named.names, "New hire", "Split %", *read}
    notes = [*near_duplicates(people, named.names), *_beside(book), *unread_errors(book, INPUT_TABLES, columns)]
    return Plan(
        settings=found,
        inputs=inputs,
        notes=tuple(notes),
        rows=rows,
        missing=tuple(t.name for t in INPUT_TABLES if t.used and t.name not in book.tables),
        named={
            table.name: tuple(map(str, book.tables[table.name].column("Node")))
            for table in (overrides.TABLE, levels.NODE_HEDGES, thresholds.TABLE)
            if table.name in book.tables
        },
        idle=idle,
        unused=tuple(unused_inputs(book, columns)),
        remarks=book.remarks,
        watch=watch_formula(book, named.names[-1], (*blend, *gates)),
        digest=digest(book),
    ), problems


def _refuse_rows_below(book: RawBook, problems: list[Problem]) -> None:
    """A row typed below a table that did not grow would be left out: say so."""
    for table in INPUT_TABLES:
        raw = book.tables.get(table.name)
        if raw is not None and raw.below:
            message = f"this row stands right below table {table.name} and is not part of it, so it would not be read"
            fix = "Drag the corner of the table over it, or leave a blank row in between."
            problems.append(Problem(raw.sheet, raw.below, message, fix))


def _beside(book: RawBook) -> list[Problem]:
    """A column typed beside a table that did not grow: it may be a note, so it is listed."""
    return [
        Problem(
            raw.sheet,
            raw.beside,
            f"this column stands right beside table {table.name} and is not part of it",
            "Drag the corner of the table over it if it should be.",
        )
        for table in INPUT_TABLES
        if (raw := book.tables.get(table.name)) is not None and raw.beside
    ]


def _decisions(tables: _Tables, tree: OrgTree, unit: Unit | None) -> tuple[dict[int, float], list[Fixed]]:
    """What was decided about single nodes: hedges and overrides; thresholds are checked on the way."""
    hedged, overridden, limited = map(tables.typed, (levels.NODE_HEDGES, overrides.TABLE, thresholds.TABLE))
    if limited is not None:
        thresholds.check(limited, tree)
    hedges = levels.parse_node_hedges(hedged, tree) if hedged is not None else {}
    return hedges, overrides.parse(overridden, tree, unit) if overridden is not None else []


def _check_pipeline(book: RawBook, people: TypedTable, level_names: tuple[str, ...], problems: list[Problem]) -> None:
    """The pipeline columns are not used yet, but a name that matches nothing is a slip already."""
    raw = book.tables.get("Settings")
    names = (
        [str(text).lower() for text in raw.column("Setting")] if raw is not None and "Setting" in raw.headers else []
    )
    if raw is None or "pipeline columns" not in names:
        return
    row = names.index("pipeline columns")
    patterns = metrics.split_list(str(raw.column("Value")[row] or ""))
    for pattern in metrics.expand(patterns or (), hierarchy.metric_columns(people.raw.headers, level_names))[1]:
        message = f'Pipeline columns: no column of Hierarchy matches "{pattern}"'
        problems.append(Problem(raw.sheet, raw.cell(row, "Value"), message, "Correct it, or clear the setting."))


def _check_new_hires(found: PlanSettings, data: hierarchy.Hierarchy, book: RawBook, problems: list[Problem]) -> None:
    """Flag and rule answer one question, so only one of them may be given."""
    raw = book.tables["Settings"]
    if found.new_hires is NewHires.FLAG and not data.has_flags:
        names = [str(text).strip().lower() for text in raw.column("Setting")]
        cell = raw.cell(names.index("new hires"), "Value")
        problems.append(
            Problem(
                raw.sheet,
                cell,
                'New hires is "flag", but Hierarchy has no column "New hire"',
                "Add it, or choose a rule.",
            )
        )
    flagged = np.flatnonzero(data.new_hire).tolist()
    if found.new_hires is not NewHires.FLAG and flagged:
        rule = next(text for text, rule in settings.NEW_HIRE_RULES.items() if rule is found.new_hires)
        data.typed.problem(
            flagged[0],
            "New hire",
            f'{len(flagged)} ICs are flagged as new, but the setting New hires is "{rule}"',
            'Set it to "flag", or clear the flags: they answer the same question.',
        )


def digest(book: RawBook) -> str:
    """A fingerprint of every input cell."""
    state = hashlib.sha256()
    for table in sorted(INPUT_TABLES, key=lambda table: table.name):
        raw = book.tables.get(table.name)
        if raw is not None:
            state.update(repr((raw.name, raw.headers, len(raw))).encode())
            for header in raw.headers:
                state.update(_column_bytes(raw.column(header)))
    return state.hexdigest()[:16]


def _column_bytes(column: Cells) -> bytes:
    if isinstance(column, np.ndarray):
        return column.tobytes()
    if set(map(type, column)) <= {float}:
        return np.array(column).tobytes()
    return "\x1f".join(map(repr, column)).encode()
