"""All input tables of a plan to one model, with every problem of the workbook at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from revops_xl.engine.capacity import has_history, row_values
from revops_xl.engine.hedge import resolve_hedges
from revops_xl.engine.weights import suggest
from revops_xl.errors import Problem
from revops_xl.model.inputs import MetricData, NewHires, QuotaInputs
from revops_xl.model.money import Floats
from revops_xl.model.results import SuggestedWeight
from revops_xl.model.settings import PlanSettings
from revops_xl.tables import forecast_inputs, hierarchy, levels, metrics, overrides, settings, thresholds
from revops_xl.tables.declare import Table
from revops_xl.tables.near_duplicates import near_duplicates
from revops_xl.tables.number_text import NumberLocale
from revops_xl.tables.raw import CellColumn, RawBook
from revops_xl.tables.typed import TypedTable

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
        idle: Rows of the tables that this version does not use.
        digest: Same inputs, same digest.
    """

    settings: PlanSettings
    inputs: QuotaInputs
    notes: tuple[Problem, ...]
    rows: Mapping[str, int]
    idle: Mapping[str, int]
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

    def missing(self, table: Table, sheet: str) -> None:
        """Say that a table which a plan cannot do without is missing or has no rows."""
        raw = self.book.tables.get(table.name)
        if raw is None:
            message = f"the workbook has no table {table.name}"
            self.problems.append(Problem(sheet, "", message, "Start from `revops-xl new`, and copy your rows in."))
        elif not len(raw):
            self.problems.append(Problem(raw.sheet, raw.header_cell(), f"table {table.name} has no rows", table.help))


def parse(book: RawBook) -> tuple[Plan | None, list[Problem]]:
    """Type and check everything; the plan is None when there are problems."""
    problems: list[Problem] = []
    locale = settings.number_locale(book.tables.get("Settings"), problems)
    tables = _Tables(book, locale, problems)
    found = settings.parse(book.tables.get("Settings"), locale, problems)

    levels_typed, people = tables.typed(levels.LEVELS), tables.typed(hierarchy.TABLE)
    if levels_typed is None:
        tables.missing(levels.LEVELS, "Levels")
    if people is None:
        tables.missing(hierarchy.TABLE, "Hierarchy")
    for table in IDLE_TABLES[1:]:
        idle = tables.typed(table)
        if idle is not None:
            idle.check_types()
    declared = metrics.parse(metrics_typed := tables.typed(metrics.TABLE))
    if levels_typed is None or people is None:
        return None, problems
    named = levels.parse_levels(levels_typed, people.raw.headers)
    if named is None:
        return None, problems
    people.check_types(c.name for c in hierarchy.TABLE.columns if c.name not in {"New hire", "Split %"})
    data = hierarchy.parse(people, named.names)
    if data is None:
        _types_only(tables)
        return None, problems
    blend, gates = metrics.resolve(declared, metrics_typed, data, named.names, problems)
    if found is not None:
        _check_new_hires(found, data, book, problems)
    tree = data.tree
    node_hedges_typed, overrides_typed = tables.typed(levels.NODE_HEDGES), tables.typed(overrides.TABLE)
    node_hedges = levels.parse_node_hedges(node_hedges_typed, tree) if node_hedges_typed is not None else {}
    unit = found.unit if found is not None else None
    fixed = overrides.parse(overrides_typed, tree, unit) if overrides_typed is not None else []
    thresholds_typed = tables.typed(thresholds.TABLE)
    if thresholds_typed is not None:
        thresholds.check(thresholds_typed, tree)
    if problems or found is None:
        return None, problems
    inputs = QuotaInputs(
        tree=tree,
        target=found.target,
        unit=found.unit,
        blend=tuple(blend),
        gates=tuple(gates),
        hedges=resolve_hedges(tree, found.default_hedge, named.hedges, node_hedges),
        fixed=tuple(fixed),
        new_hires=found.new_hires,
        new_hire_flags=data.new_hire,
        gate_fallback=found.gate_fallback,
    )
    rows = {name: len(raw) for name, raw in book.tables.items()}
    idle_rows = {table.name: rows[table.name] for table in IDLE_TABLES if table.name in rows}
    notes = near_duplicates(people, named.names)
    return Plan(found, inputs, tuple(notes), rows, idle_rows, digest(book)), problems


def _types_only(tables: _Tables) -> None:
    """Without a tree nodes cannot be looked up, but every other cell can still be checked."""
    for table in (levels.NODE_HEDGES, overrides.TABLE, thresholds.TABLE):
        typed = tables.typed(table)
        if typed is not None:
            typed.check_types()


def _check_new_hires(
    found: PlanSettings, data: hierarchy.Hierarchy, book: RawBook, problems: list[Problem]
) -> None:
    """Flag and rule answer one question, so only one of them may be given."""
    raw = book.tables["Settings"]
    if found.new_hires is NewHires.FLAG and not data.has_flags:
        names = [str(text).strip().lower() for text in raw.column("Setting")]
        cell = raw.cell(names.index("new hires"), "Value")
        problems.append(
            Problem(raw.sheet, cell, 'New hires is "flag", but Hierarchy has no column "New hire"', "Add it, or choose a rule.")
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


def suggested_weights(inputs: QuotaInputs, target: Floats | None = None) -> list[SuggestedWeight]:
    """What the data say about the weights of the blend metrics.

    Args:
        inputs: The plan.
        target: What to correlate with, per row of Hierarchy; None: the first blend metric, who then keeps its weight.
    """
    values = [values_or_blank(data) for data in inputs.blend]
    declared = [data.metric for data in inputs.blend]
    if target is not None:
        return suggest(declared, values, target)
    if not values:
        return []
    first = inputs.blend[0].metric
    lead = SuggestedWeight(
        first.name,
        first.direction,
        first.weight,
        float("nan"),
        int(has_history(inputs.blend[0]).sum()),
        first.weight,
        None,
        "the first metric: the others are compared with it",
    )
    return [lead, *suggest(declared[1:], values[1:], values[0])]


def values_or_blank(data: MetricData) -> Floats:
    """One value per row of Hierarchy; NaN where every period is blank."""
    return np.where(has_history(data), row_values(data), np.nan)


def digest(book: RawBook) -> str:
    """A fingerprint of every input cell."""
    state = hashlib.sha256()
    for table in sorted(INPUT_TABLES, key=lambda table: table.name):
        raw = book.tables.get(table.name)
        if raw is not None:
            state.update(repr((raw.name, raw.headers, len(raw))).encode())
            for column in raw.columns:
                state.update(_column_bytes(column))
    return state.hexdigest()[:16]


def _column_bytes(column: CellColumn) -> bytes:
    if isinstance(column, np.ndarray):
        return column.tobytes()
    if set(map(type, column)) <= {float}:
        return np.array(column).tobytes()
    return "\x1f".join(map(repr, column)).encode()

