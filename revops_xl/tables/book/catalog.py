"""Every sheet of the plan workbook, in order."""

from __future__ import annotations

from typing import Any

from revops_xl.model.parts import Part
from revops_xl.tables.book import checks, dashboard, run_log, setting_list, settings
from revops_xl.tables.commits import charts as commit_charts
from revops_xl.tables.commits import commit_review, commits
from revops_xl.tables.forecast import charts as forecast_charts
from revops_xl.tables.forecast import cohorts, deals, forecast, model_report, scored_deals
from revops_xl.tables.packets import ledger as packet_ledger
from revops_xl.tables.packets import returns, roll_up
from revops_xl.tables.pipeline import charts as pipeline_charts
from revops_xl.tables.pipeline import pipeline_health, thresholds
from revops_xl.tables.planning import (
    attainability,
    baseline,
    bookings,
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
from revops_xl.tables.schema.result_sheet import DASHBOARD, ResultSheet

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
)
#: What a run, or another command, fills: a new sheet is a file of its own and a line here.
RESULT_SHEETS: tuple[ResultSheet, ...] = (
    dashboard.SHEET,
    quota_charts.CHARTS,
    pipeline_charts.CHARTS,
    commit_charts.CHARTS,
    forecast_charts.CHARTS,
    planning_charts.CHARTS,
    quotas.SHEET,
    cascade.SHEET,
    hedge_audit.SHEET,
    commit_review.SHEET,
    pipeline_health.SHEET,
    forecast.SHEET,
    scored_deals.SHEET,
    model_report.SHEET,
    baseline.SHEET,
    phasing.SHEET,
    capacity.SHEET,
    potential.SHEET,
    attainability.HEALTH_SHEET,
    attainability.SHEET,
    optimum.SHEET,
    sensitivity.SHEET,
    packet_ledger.SHEET,
    returns.SHEET,
    returns.REQUEST_SHEET,
    roll_up.SHEET,
    checks.SHEET,
    run_log.SHEET,
)


def _dashboard() -> Sheet:
    """The figures, and what is behind the charts of every part."""
    on_it = [sheet for sheet in RESULT_SHEETS if sheet.name == DASHBOARD]
    return Sheet(DASHBOARD, dashboard.SHEET.help, tuple(table for sheet in on_it for table in sheet.tables))


SHEETS: tuple[Sheet, ...] = (
    dashboard.START_SHEET,
    *INPUT_SHEETS,
    _dashboard(),
    *(sheet for sheet in RESULT_SHEETS if sheet.name != DASHBOARD),
    HELP_SHEET,
)
#: Every table by name.
TABLES: dict[str, Table] = {table.name: table for sheet in SHEETS for table in sheet.tables}
#: Names of the tables of each part, in order.
PARTS: dict[str, tuple[str, ...]] = {
    str(part): tuple(table.name for sheet in RESULT_SHEETS if sheet.part is part for table in sheet.tables)
    for part in Part
}


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
