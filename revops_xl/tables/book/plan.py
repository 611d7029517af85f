"""All input tables of a plan to one model, with every problem of the workbook at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.commits import CommitRules
from revops_xl.model.inputs import Adjustment, Fixed, Metric, QuotaInputs, resolve_hedges
from revops_xl.model.money import Unit
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.parts import Part
from revops_xl.model.pipeline import PipelineInputs
from revops_xl.model.plan import CommitInputs, DealInputs, Outlook, Plan, PlanningParts
from revops_xl.model.presence import PresenceRules
from revops_xl.model.rates import PlanMoney, Rates
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.book import settings
from revops_xl.tables.book.digest import digest
from revops_xl.tables.book.people import People, read_people
from revops_xl.tables.book.slips import (
    check_new_hires,
    columns_beside,
    no_cohort_column,
    refuse_rows_below,
)
from revops_xl.tables.book.unused import called_otherwise, nearly_read, unread_errors, unused_inputs
from revops_xl.tables.book.watched import watch
from revops_xl.tables.commits import commits
from revops_xl.tables.currencies import rates
from revops_xl.tables.currencies.convert import in_plan_currency, smallest_coin
from revops_xl.tables.evidence.names import tidy_name
from revops_xl.tables.forecast import cohorts, deals
from revops_xl.tables.overlays import overlays
from revops_xl.tables.pipeline import pipeline, thresholds
from revops_xl.tables.planning import absences, bookings, planning, territories
from revops_xl.tables.quotas import adjustments, hierarchy, levels, metrics, overrides
from revops_xl.tables.quotas.live import cells_in_the_way
from revops_xl.tables.schema.alike import grouped
from revops_xl.tables.schema.book_tables import BookTables
from revops_xl.tables.schema.column_lists import split_list
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.near_duplicates import near_duplicates
from revops_xl.tables.schema.nodes import refuse_strangers
from revops_xl.tables.schema.raw import RawBook, RawTable

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
    rates.TABLE,
    absences.TABLE,
    overlays.OVERLAYS,
    overlays.CREDITS,
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
    start = settings.cell_of(book.tables.get("Settings"), "Plan start")
    tables = BookTables(book, locale, problems, plan_month=start.month if isinstance(start, dt.date) else None)
    tables.calendar = settings.calendar(book.tables.get("Settings"), locale, problems)
    refuse_rows_below(book, INPUT_TABLES, problems)
    money = _Money.of(tables)
    chosen = settings.parse(book.tables.get("Settings"), locale, problems, tables.notes)
    told = book.tables.get("Settings")
    period = planning.plan_period(told, chosen, []) if told is not None else None
    as_of = chosen.forecast_rules.as_of if chosen is not None else None
    counting = chosen.presence if chosen is not None else PresenceRules()
    people = read_people(tables, period, counting, float("nan") if as_of is None else as_of)
    if money is not None and people is not None:
        money.codes = tuple(money.codes[row] for row in people.kept) if money.codes else ()
    if people is None:
        # Without a tree nodes cannot be looked up, but every other cell can still be checked.
        names = _names(book)
        for table in (*NODE_TABLES, *PLANNING_TABLES):
            typed = tables.typed(table)
            if typed is not None:
                typed.check_types()
                if names and table in NODE_TABLES and typed.has("Node"):
                    refuse_strangers(typed, names)
        problems[:] = grouped(problems)
        return None, problems
    tree = people.org.tree
    if chosen is not None:
        check_new_hires(chosen, people.org, book, problems)
    decided = _decisions(tables, tree, chosen.unit if chosen is not None else None)
    limits = thresholds.parse(tables.typed(thresholds.TABLE), tree)
    closed = _deals(tables, tree, chosen, today)
    outlook = cohorts.parse(tables.typed(cohorts.COHORTS), tables.typed(cohorts.SCENARIOS))
    rules = chosen.commit_rules if chosen is not None else CommitRules()
    committed = commits.parse(tables.typed(commits.HISTORY), tables.typed(commits.COMMITS), tree, rules)
    ahead = _planning(tables, people, chosen)
    covering = overlays.parse(
        tables.typed(overlays.OVERLAYS),
        tables.typed(overlays.CREDITS),
        tree,
        closed.deals if closed is not None else None,
        union=chosen is None or chosen.overlay_union,
    )
    pipelines = pipeline.read(people.pipeline, people.typed, tree) if people.pipeline else None
    problems[:] = grouped(problems)  # a cell that is read twice is wrong once
    if problems or chosen is None or ahead is None:
        return None, problems
    coverage = None
    if pipelines is not None:
        won_and_lost = closed.closed if closed is not None else None
        coverage = PipelineInputs(
            pipelines, limits, decided.locked, chosen.redistribute, chosen.max_change, won_and_lost
        )
    return Plan(
        settings=chosen,
        inputs=_quota_inputs(chosen, people, decided),
        pipeline=coverage,
        pipeline_columns=tuple(people.pipeline),
        deals=closed,
        outlook=outlook,
        commits=committed,
        planning=ahead,
        money=money.of_plan() if money is not None else None,
        overlays=covering,
        people_rows=tuple(int(row) for row in people.typed.raw.rows),
        **_about(book, people, closed, _parts_in_use(coverage, committed, closed, outlook, ahead), ahead, tables),
    ), problems


@dataclass
class _Money:
    """Amounts of other currencies, while the tables are read.

    Attributes:
        rates: Rates of exchange.
        tables: The tables.
        money: Columns of Hierarchy that hold money, or do not, where the plan says so.
        codes: Currency of each row of Hierarchy; "" for the plan's.
        converted: Amounts that were converted, by table and currency.
    """

    rates: Rates
    tables: BookTables
    money: Mapping[str, bool]
    codes: tuple[str, ...] = ()
    converted: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: BookTables) -> _Money | None:
        """From now on tables are read in the plan's currency; None where there are no rates."""
        told = tables.book.tables.get(settings.TABLE.name)
        dated = str(settings.cell_of(told, "Exchange rates") or "").strip().casefold() == rates.DATED
        raw = tables.book.tables.get(rates.TABLE.name)
        known = rates.parse(raw, tables.locale, dated=dated, problems=tables.problems, notes=tables.notes)
        if known is None:
            return None
        found = cls(known, tables, _said_to_be_money(tables.book))
        tables.convert = found.convert
        return found

    def convert(self, raw: RawTable, table: Table) -> RawTable:
        """A table in the plan's currency; what cannot be converted is a problem."""
        if table.name in {rates.TABLE.name, settings.TABLE.name}:
            return raw
        found = in_plan_currency(raw, table, self.tables, self.rates, self.money)
        if table.name == hierarchy.TABLE.name:
            self.codes = found.codes
        self.converted.update({(table.name, code): count for code, count in found.rows.items()})
        return found.raw

    def of_plan(self) -> PlanMoney:
        """The same for the plan."""
        raw = self.tables.book.tables.get(settings.TABLE.name)
        unit = settings.cell_of(raw, "Local unit")
        fixed = Unit.of(unit) if isinstance(unit, int | float) and unit > 0 else None
        units = {code: fixed or smallest_coin(code) for code in {self.rates.plan, *self.codes} - {""}}
        return PlanMoney(self.rates, self.codes, self.converted, units)


def _said_to_be_money(book: RawBook) -> dict[str, bool]:
    """Columns of Hierarchy of which Metrics says whether they hold money."""
    listed = book.tables.get(metrics.TABLE.name)
    people = book.tables.get(hierarchy.TABLE.name)
    if listed is None or people is None or not {"Money", "Metric"} <= set(listed.headers):
        return {}
    found: dict[str, bool] = {}
    for name, columns, says in zip(
        listed.column("Metric"), listed.column("Columns") if "Columns" in listed.headers else [None] * len(listed), listed.column("Money"), strict=True
    ):  # fmt: skip
        if isinstance(says, bool):
            metric = Metric(str(name), columns=split_list(str(columns)) if columns else None)
            matched, _ = metrics.matching_columns(metric, people.headers)
            found.update(dict.fromkeys(matched, says))
    return found


def _names(book: RawBook) -> set[str]:
    """Names that Hierarchy has in its level columns, whatever else is wrong with it."""
    people, listed = book.tables.get("Hierarchy"), book.tables.get("Levels")
    if people is None or listed is None or "Level" not in listed.headers:
        return set()
    columns = [str(level) for level in listed.column("Level") if str(level) in people.headers]
    return {tidy_name(str(cell)) for column in columns for cell in people.column(column) if cell}


def _quota_inputs(chosen: PlanSettings, people: People, decided: _Decisions) -> QuotaInputs:
    """What the cascade needs."""
    tree = people.org.tree
    return QuotaInputs(
        tree=tree,
        target=chosen.target,
        unit=chosen.unit,
        blend=tuple(people.blend),
        gates=tuple(people.gates),
        hedges=resolve_hedges(tree, chosen.default_hedge, people.levels.hedges, decided.hedges),
        fixed=tuple(decided.fixed),
        new_hires=chosen.new_hires,
        new_hire_flags=people.org.new_hire,
        gate_fallback=chosen.gate_fallback,
        adjustments=tuple(decided.adjustments),
    )


def _parts_in_use(
    coverage: PipelineInputs | None,
    committed: CommitInputs | None,
    closed: DealInputs | None,
    outlook: Outlook,
    ahead: PlanningParts,
) -> list[str]:
    """Parts beside quotas for which there are inputs."""
    in_use = {
        Part.PIPELINE: coverage is not None,
        Part.COMMITS: committed is not None,
        Part.FORECAST: bool(len(outlook.cohorts.names)) or (closed is not None and bool(closed.deals.is_open.any())),
        Part.PLANNING: planning.has_inputs(ahead.inputs),
    }
    return [str(part) for part, used in in_use.items() if used]


def _about(
    book: RawBook,
    people: People,
    closed: DealInputs | None,
    parts: Sequence[str],
    ahead: PlanningParts,
    tables: BookTables,
) -> dict[str, Any]:
    """What Checks has to say of the inputs, and what formulas and the run log need to know of them."""
    names, read = people.levels.names, people.metric_columns
    columns = {*names, "New hire", "Split %", *read, *people.pipeline, *ahead.columns}
    return {
        "readings": tuple(dict.fromkeys(tables.notes)),
        "notes": (
            *dict.fromkeys(tables.warnings),
            *near_duplicates(people.typed, names),
            *(closed.notes if closed is not None else ()),
            *columns_beside(book, INPUT_TABLES),
            *unread_errors(book, INPUT_TABLES, columns),
            *called_otherwise(book, INPUT_TABLES, columns),
            *nearly_read(book, columns),
        ),
        "rows": {name: len(raw) for name, raw in book.tables.items()},
        "missing": tuple(table.name for table in INPUT_TABLES if table.name not in book.tables),
        "named": {
            table.name: tuple(map(str, book.tables[table.name].column("Node")))
            for table in (overrides.TABLE, levels.NODE_HEDGES, adjustments.TABLE, thresholds.TABLE)
            if table.name in book.tables
        },
        "unused": tuple(unused_inputs(book, columns, parts, INPUT_TABLES)),
        "remarks": book.remarks,
        "known_tables": book.known_tables,
        "watch": watch(book, columns, {table.name: table.headers for table in INPUT_TABLES}),
        "not_for_formulas": cells_in_the_way(book, people.org.tree),
        "digest": digest(book, INPUT_TABLES),
    }


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


def _deals(
    tables: BookTables, tree: OrgTree, plan_settings: PlanSettings | None, today: dt.date | None
) -> DealInputs | None:
    """The deals; None without any."""
    sold, usage = tables.typed(deals.DEALS), tables.typed(deals.TELEMETRY)
    wanted = plan_settings.cohort_column if plan_settings is not None else ""
    if sold is None:
        return None
    if wanted and not sold.has(wanted):
        tables.problems.append(no_cohort_column(tables.book, wanted))
    as_of = plan_settings.forecast_rules.as_of if plan_settings is not None else None
    return deals.parse(sold, usage, tree, cohort=wanted or None, as_of=as_of, today=today)


def _planning(tables: BookTables, people: People, chosen: PlanSettings | None) -> PlanningParts | None:
    """What quota planning reads."""
    raw = tables.book.tables.get("Settings")
    if raw is None:
        return None
    booked, shares, places, tiers, curves = map(tables.typed, PLANNING_TABLES)
    sources = planning.Sources(people.typed, people.levels.names, booked, shares, places, tiers, curves, people.tenure)
    declared = tables.book.tables.get("Metrics")

    def where(metric: str) -> tuple[str, str]:
        if declared is None or "Metric" not in declared.headers or metric not in list(declared.column("Metric")):
            return "Metrics", ""
        return declared.sheet, declared.cell(list(declared.column("Metric")).index(metric), "Metric")

    listed = settings.listed_columns(raw, "History columns")
    return planning.parse(sources, raw, chosen, listed, (*people.blend, *people.gates), where)
