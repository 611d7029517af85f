"""Every sheet of the plan workbook, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from revops_xl.model.parts import Part
from revops_xl.tables.book import checks, run_log, setting_list, settings
from revops_xl.tables.book.reading import sheets as reading
from revops_xl.tables.commits import charts as commit_charts
from revops_xl.tables.commits import commit_review, commits
from revops_xl.tables.currencies import local_quotas, rates
from revops_xl.tables.forecast import charts as forecast_charts
from revops_xl.tables.forecast import cohorts, deals, forecast, model_report, scored_deals
from revops_xl.tables.imports import memory
from revops_xl.tables.overlays import overlay_quotas, overlays
from revops_xl.tables.packets import ledger as packet_ledger
from revops_xl.tables.packets import returns, roll_up
from revops_xl.tables.pipeline import charts as pipeline_charts
from revops_xl.tables.pipeline import pipeline_health, thresholds
from revops_xl.tables.planning import (
    absences,
    attainability,
    baseline,
    bookings,
    by_period,
    capacity,
    optimum,
    phasing,
    potential,
    sensitivity,
    territories,
)
from revops_xl.tables.planning import charts as planning_charts
from revops_xl.tables.quotas import cascade, hedge_audit, hierarchy, levels, metrics, overrides, quotas
from revops_xl.tables.quotas import charts as quota_charts
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.result_sheet import ResultSheet

HELP = Table(
    "Help",
    "Every column of every table.",
    (
        Column("Sheet", Kind.TEXT, "Where the template puts the table.", width=14),
        Column("Table", Kind.TEXT, "Name of the table.", width=16),
        Column("Column", Kind.TEXT, "Header.", width=20),
        Column("Holds", Kind.TEXT, "Kind of value.", width=14),
        Column("Unit", Kind.TEXT, "Unit.", width=10),
        Column("Needed", Kind.TEXT, "Whether a row, or the table, can do without it.", width=16),
        Column("Meaning", Kind.TEXT, "What it means.", width=90),
    ),
)
HELP_SHEET = Sheet("Help", "Every column of every table", (HELP,))
#: Sheets behind the others, which open hidden.
MACHINERY = frozenset({"Cascade", "Imports", "Run log", "Help"})

INPUT_SHEETS: tuple[Sheet, ...] = (
    settings.SHEET,
    hierarchy.SHEET,
    levels.SHEET,
    metrics.SHEET,
    thresholds.SHEET,
    overrides.SHEET,
    commits.SHEET,
    deals.SHEET,
    cohorts.SHEET,
    bookings.SHEET,
    territories.SHEET,
    absences.SHEET,
    overlays.SHEET,
    rates.SHEET,
)
#: What a run, or another command, fills: a new sheet is a file of its own and a line here.
RESULT_SHEETS: tuple[ResultSheet, ...] = (
    reading.SUMMARY_SHEET,
    reading.START_SHEET,
    quotas.SHEET,
    overlay_quotas.SHEET,
    checks.SHEET,
    local_quotas.SHEET,
    hedge_audit.SHEET,
    pipeline_health.SHEET,
    pipeline_charts.CHARTS,
    commit_review.SHEET,
    commit_charts.CHARTS,
    forecast.SHEET,
    forecast_charts.CHARTS,
    scored_deals.SHEET,
    forecast_charts.DEAL_CHARTS,
    model_report.SHEET,
    attainability.HEALTH_SHEET,
    attainability.SHEET,
    planning_charts.BRANCHES_CHART,
    phasing.SHEET,
    by_period.SHEET,
    planning_charts.BARS_CHART,
    capacity.SHEET,
    baseline.SHEET,
    planning_charts.LINE_CHART,
    potential.SHEET,
    optimum.SHEET,
    sensitivity.SHEET,
    packet_ledger.SHEET,
    returns.REQUEST_SHEET,
    roll_up.SHEET,
    returns.SHEET,
    cascade.SHEET,
    memory.SHEET,
    run_log.SHEET,
    quota_charts.CHARTS,
)


def _sheets() -> tuple[Sheet, ...]:
    """Every sheet once: what people read and do, what they fill in, and at the end what works behind."""
    whole: dict[str, ResultSheet] = {}
    for sheet in (each for each in RESULT_SHEETS if not each.kept):
        before = whole.get(sheet.name)
        whole[sheet.name] = sheet if before is None else replace(before, tables=(*before.tables, *sheet.tables), look=(*before.look, *sheet.look))  # fmt: skip
    results = list(whole.values())
    behind = [sheet for sheet in results if sheet.name in MACHINERY]
    return (*(sheet for sheet in results if sheet.name not in MACHINERY), *INPUT_SHEETS, *behind, HELP_SHEET)


SHEETS = _sheets()
#: The part of a run that fills each table.
PART_OF = {table.name: str(sheet.part) for sheet in RESULT_SHEETS if sheet.part is not None for table in sheet.tables}
#: Tables of earlier versions, which go on where a workbook has them.
KEPT = frozenset(table.name for sheet in RESULT_SHEETS if sheet.kept for table in sheet.tables)
#: Every table by name.
TABLES: dict[str, Table] = {table.name: table for sheet in SHEETS for table in sheet.tables}
#: Names of the tables of each part, in order.
PARTS: dict[str, tuple[str, ...]] = {
    str(part): tuple(table.name for sheet in RESULT_SHEETS if sheet.part is part for table in sheet.tables)
    for part in Part
}


def sheet_of(table: str) -> str:
    """The sheet on which a table is declared; "" for one of an earlier version."""
    return next((sheet.name for sheet in SHEETS if any(each.name == table for each in sheet.tables)), "")


def need(table: Table, column: Column) -> str:
    """Whether a column is needed, in a word or two."""
    if table.result:
        return "result"
    if column.required:
        return "in every row"
    return "optional column" if column.optional else "may be blank"


def help_rows() -> list[tuple[str, ...]]:
    """Rows of the help sheet."""
    rows: list[tuple[str, ...]] = []
    for sheet in SHEETS:
        for table in sheet.tables:
            rows += [
                (sheet.name, table.name, column.name, column.kind.value, column.unit, need(table, column), column.help)
                for column in table.columns
            ]
            if table.free_columns:
                rows.append((sheet.name, table.name, "(any other)", "any", "", "optional column", table.free_columns))
    return rows


def schema() -> dict[str, Any]:
    """Sheets, tables, columns and settings as plain values, so that other tools can build a plan."""
    return {
        "sheets": [
            {"name": sheet.name, "meaning": sheet.help, "tables": [_table(table) for table in sheet.tables]}
            for sheet in SHEETS
        ],
        "settings": [
            {
                **_column(setting.column),
                "default": setting.default,
                "defined_name": setting.defined_name,
                "used": setting.used,
            }
            for setting in setting_list.SETTINGS
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "meaning": table.help,
        "result": table.result,
        "other_columns": table.free_columns or None,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "type": column.kind.value, "meaning": column.help}
    entry |= {"required": column.required, "optional": column.optional}
    extra = {
        "unit": column.unit or None,
        "choices": list(column.choices) or None,
        "minimum": column.minimum,
        "above": column.above,
        "maximum": column.maximum,
    }
    return entry | {key: value for key, value in extra.items() if value is not None}
