"""Every sheet of the plan workbook, in order."""

from __future__ import annotations

from typing import Any

from revops_xl.tables.book import checks, dashboard, run_log, setting_list, settings
from revops_xl.tables.commits import commit_review, commits
from revops_xl.tables.forecast import cohorts, deals, forecast, model_report, scored_deals
from revops_xl.tables.packets import ledger as packet_ledger
from revops_xl.tables.packets import returns, roll_up
from revops_xl.tables.pipeline import pipeline_health, thresholds
from revops_xl.tables.planning import bookings, territories
from revops_xl.tables.planning import results as planning_results
from revops_xl.tables.quotas import cascade, hedge_audit, hierarchy, levels, metrics, overrides, quotas
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table

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

SHEETS: tuple[Sheet, ...] = (
    dashboard.START_SHEET,
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
    dashboard.SHEET,
    quotas.SHEET,
    cascade.SHEET,
    hedge_audit.SHEET,
    commit_review.SHEET,
    pipeline_health.SHEET,
    forecast.SHEET,
    scored_deals.SHEET,
    model_report.SHEET,
    *planning_results.SHEETS,
    packet_ledger.SHEET,
    returns.SHEET,
    returns.REQUEST_SHEET,
    roll_up.SHEET,
    checks.SHEET,
    run_log.SHEET,
    HELP_SHEET,
)


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
