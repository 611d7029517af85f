"""All input tables of a plan to one model, with every problem of the workbook at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.commits import CommitRules
from revops_xl.model.inputs import Adjustment, Fixed, MetricData, NewHires, QuotaInputs, resolve_hedges
from revops_xl.model.money import Unit
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.pipeline import PipelineInputs
from revops_xl.model.plan import DealInputs, Plan, PlanningParts
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.book import setting_list, settings
from revops_xl.tables.book.digest import digest
from revops_xl.tables.book.freshness import watch
from revops_xl.tables.book.unused import unread_errors, unused_inputs
from revops_xl.tables.commits import commits
from revops_xl.tables.forecast import cohorts, deals
from revops_xl.tables.pipeline import pipeline, thresholds
from revops_xl.tables.planning import bookings, planning, territories
from revops_xl.tables.quotas import adjustments, hierarchy, levels, metrics, overrides
from revops_xl.tables.quotas.live import cells_in_the_way
from revops_xl.tables.schema.book_tables import BookTables
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.near_duplicates import near_duplicates
from revops_xl.tables.schema.raw import RawBook
from revops_xl.tables.schema.typed import TypedTable

#: Tables of quota planning.
PLANNING_TABLES: tuple[Table, ...] = (
    bookings.BOOKINGS,
    bookings.SHARES,
    territories.TERRITORIES,
    territories.TIERS,
    territories.CURVES,
)
INPUT_TABLES: tuple[Table, ...] = (
    settings.TABLE,
    hierarchy.TABLE,
    levels.LEVELS,
    levels.NODE_HEDGES,
    metrics.TABLE,
    overrides.TABLE,
    adjustments.TABLE,
    thresholds.TABLE,
    commits.HISTORY,
    commits.COMMITS,
    deals.DEALS,
    deals.TELEMETRY,
    cohorts.COHORTS,
    cohorts.SCENARIOS,
    *PLANNING_TABLES,
)
#: Tables whose rows name nodes.
NODE_TABLES: tuple[Table, ...] = (
    levels.NODE_HEDGES,
    overrides.TABLE,
    adjustments.TABLE,
    thresholds.TABLE,
    commits.HISTORY,
    commits.COMMITS,
    deals.DEALS,
)


def parse(book: RawBook, today: dt.date | None = None) -> tuple[Plan | None, list[Problem]]:
    """Type and check everything; the plan is None when there are problems.

    Args:
        book: The raw tables.
        today: No deal may have been created or closed after it; None: not checked.
    """
    problems: list[Problem] = []
    if not {"Settings", "Hierarchy", "Levels"} & book.tables.keys():
        fix = f"Add one: revops-xl new --into {book.name}"
        return None, [Problem(book.name, "", "the workbook has no plan: no table Settings, Hierarchy or Levels", fix)]
    locale = settings.number_locale(book.tables.get("Settings"), problems)
    tables = BookTables(book, locale, problems)
    _refuse_rows_below(book, problems)
    found = settings.parse(book.tables.get("Settings"), locale, problems)
    declared_in = tables.typed(metrics.TABLE)
    declared = metrics.parse(declared_in)

    people = tables.needed(hierarchy.TABLE, "Hierarchy")
    listed = tables.needed(levels.LEVELS, "Levels")
    named = levels.parse_levels(listed, people.raw.headers) if listed is not None and people is not None else None
    data = None
    if people is not None and named is not None:
        people.check_types(
            [c.name for c in hierarchy.TABLE.columns if c.name not in {"New hire", "Split %", *named.names}]
        )
        blend, gates = metrics.resolve(declared, declared_in, people, named.names, problems)
        read = {column for metric in (*blend, *gates) for column in metric.columns}
        patterns = settings.listed_columns(book.tables.get("Settings"), "Pipeline columns")
        pipeline_columns, unmatched = pipeline.columns(patterns, people, named.names)
        _refuse_unmatched(unmatched, book, problems)
        data = hierarchy.parse(people, named.names, {*read, *pipeline_columns})
    if people is None or named is None or data is None:
        # Without a tree nodes cannot be looked up, but every other cell can still be checked.
        for table in (*NODE_TABLES, *PLANNING_TABLES):
            tables.check_types(table)
        return None, problems

    if listed is not None:
        levels.refuse_idle_hedges(listed, named, data.tree)
    if found is not None:
        _check_new_hires(found, data, book, problems)
    pipelines = pipeline.read(pipeline_columns, people, data.tree) if pipeline_columns else None
    decided = _decisions(tables, data.tree, found.unit if found is not None else None)
    limits = thresholds.parse(tables.typed(thresholds.TABLE), data.tree)
    closed = _deals(tables, data.tree, found, today)
    outlook = cohorts.parse(tables.typed(cohorts.COHORTS), tables.typed(cohorts.SCENARIOS))
    rules = found.commit_rules if found is not None else CommitRules()
    committed = commits.parse(tables.typed(commits.HISTORY), tables.typed(commits.COMMITS), data.tree, rules)
    ahead = _planning(tables, people, named.names, found, (*blend, *gates))
    problems[:] = dict.fromkeys(problems)  # a cell that is read twice is wrong once
    if problems or found is None or ahead is None:
        return None, problems
    inputs = QuotaInputs(
        tree=data.tree,
        target=found.target,
        unit=found.unit,
        blend=tuple(blend),
        gates=tuple(gates),
        hedges=resolve_hedges(data.tree, found.default_hedge, named.hedges, decided.hedges),
        fixed=tuple(decided.fixed),
        new_hires=found.new_hires,
        new_hire_flags=data.new_hire,
        gate_fallback=found.gate_fallback,
        adjustments=tuple(decided.adjustments),
    )
    coverage = (
        PipelineInputs(
            pipelines,
            limits,
            decided.locked,
            found.redistribute,
            found.max_change,
            closed.closed if closed is not None else None,
        )
        if pipelines is not None
        else None
    )
    rows = {name: len(raw) for name, raw in book.tables.items()}
    parts = [name for name, used in (("pipeline", coverage), ("commits", committed)) if used is not None]
    if len(outlook.cohorts.names) or (closed is not None and closed.deals.is_open.any()):
        parts.append("forecast")
    if planning.has_inputs(ahead.inputs):
        parts.append("planning")
    columns = {*named.names, "New hire", "Split %", *read, *pipeline_columns, *ahead.columns}
    notes = [
        *near_duplicates(people, named.names),
        *(closed.notes if closed is not None else ()),
        *_beside(book),
        *unread_errors(book, INPUT_TABLES, columns),
    ]
    return Plan(
        settings=found,
        inputs=inputs,
        pipeline=coverage,
        pipeline_columns=tuple(pipeline_columns),
        deals=closed,
        outlook=outlook,
        commits=committed,
        planning=ahead,
        notes=tuple(notes),
        rows=rows,
        missing=tuple(t.name for t in INPUT_TABLES if t.name not in book.tables),
        named={
            table.name: tuple(map(str, book.tables[table.name].column("Node")))
            for table in (overrides.TABLE, levels.NODE_HEDGES, adjustments.TABLE, thresholds.TABLE)
            if table.name in book.tables
        },
        unused=tuple(unused_inputs(book, columns, parts, INPUT_TABLES)),
        remarks=book.remarks,
        standing=book.standing,
        watch=watch(
            book,
            named.names[-1],
            [*pipeline_columns, *read_in_order(people.raw.headers, blend, gates), *ahead.columns],
            {"Default_hedge": found.default_hedge} | ({} if found.target_is_text else {"Target": found.target}),
        ),
        not_for_formulas=cells_in_the_way(book, data.tree),
        digest=digest(book, INPUT_TABLES),
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


@dataclass(frozen=True)
class _Decisions:
    """What was decided about single nodes."""

    hedges: Mapping[int, float]
    fixed: list[Fixed]
    locked: Bools
    adjustments: list[Adjustment]


def _decisions(tables: BookTables, tree: OrgTree, unit: Unit | None) -> _Decisions:
    hedged, overridden, accepted = map(tables.typed, (levels.NODE_HEDGES, overrides.TABLE, adjustments.TABLE))
    fixed, locked = (
        overrides.parse(overridden, tree, unit) if overridden is not None else ([], np.zeros(len(tree), dtype=bool))
    )
    return _Decisions(
        levels.parse_node_hedges(hedged, tree) if hedged is not None else {},
        fixed,
        locked,
        adjustments.parse(accepted, tree, unit) if accepted is not None else [],
    )


def _deals(tables: BookTables, tree: OrgTree, found: PlanSettings | None, today: dt.date | None) -> DealInputs | None:
    """The deals; None without any."""
    sold, usage = tables.typed(deals.DEALS), tables.typed(deals.TELEMETRY)
    wanted = found.cohort_column if found is not None else ""
    if sold is None:
        return None
    if wanted and not sold.has(wanted):
        tables.problems.append(_no_cohort_column(tables.book, wanted))
    as_of = found.forecast_rules.as_of if found is not None else None
    return deals.parse(sold, usage, tree, cohort=wanted or None, as_of=as_of, today=today)


def _no_cohort_column(book: RawBook, wanted: str) -> Problem:
    raw = book.tables["Settings"]
    row = [str(text).strip().lower() for text in raw.column("Setting")].index("cohort column")
    message = f'Cohort column: Deals has no column "{wanted}"'
    return Problem(raw.sheet, raw.cell(row, "Value"), message, "Correct it, or clear the setting.")


def read_in_order(headers: Sequence[str], *metrics_read: Sequence[MetricData]) -> list[str]:
    """Columns of Hierarchy that metrics read, each once."""
    read = (column for group in metrics_read for data in group for column in data.columns)
    return [column for column in dict.fromkeys(read) if column in headers]


def _planning(
    tables: BookTables,
    people: TypedTable,
    levels_named: Sequence[str],
    found: PlanSettings | None,
    metrics_read: Sequence[MetricData],
) -> PlanningParts | None:
    """What quota planning reads."""
    raw = tables.book.tables.get("Settings")
    if raw is None:
        return None
    booked, shares, places, tiers, curves = map(tables.typed, PLANNING_TABLES)
    sources = planning.Sources(people, levels_named, booked, shares, places, tiers, curves)
    declared = tables.book.tables.get("Metrics")

    def where(metric: str) -> tuple[str, str]:
        if declared is None or "Metric" not in declared.headers or metric not in list(declared.column("Metric")):
            return "Metrics", ""
        return declared.sheet, declared.cell(list(declared.column("Metric")).index(metric), "Metric")

    return planning.parse(sources, raw, found, settings.listed_columns(raw, "History columns"), metrics_read, where)


def _refuse_unmatched(patterns: Sequence[str], book: RawBook, problems: list[Problem]) -> None:
    """A pipeline column that is not there is a slip."""
    raw = book.tables.get("Settings")
    if raw is None:
        return
    for pattern in patterns:
        row = [str(text).strip().lower() for text in raw.column("Setting")].index("pipeline columns")
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
        rule = next(text for text, rule in setting_list.NEW_HIRE_RULES.items() if rule is found.new_hires)
        data.typed.problem(
            flagged[0],
            "New hire",
            f'{len(flagged)} ICs are flagged as new, but the setting New hires is "{rule}"',
            'Set it to "flag", or clear the flags: they answer the same question.',
        )
