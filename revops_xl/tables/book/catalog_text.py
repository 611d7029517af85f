"""The declarations as text: for the terminal, and as tables in Markdown."""

from __future__ import annotations

from revops_xl.tables.book import catalog, setting_list
from revops_xl.tables.schema.declare import Column, Table


def plain() -> str:
    """Sheets, tables and columns, indented."""
    lines = []
    for sheet in catalog.SHEETS:
        lines.append(f"{sheet.name}: {sheet.help}")
        for table in sheet.tables:
            lines.append(f"  {table.name}: {table.help}")
            lines += [f"    {column.name} ({_kind(column)}): {column.help}" for column in table.columns]
    lines.append("Settings")
    lines += [
        f"  {setting.name} (default {setting_list.shown_default(setting)}): {setting.column.help}"
        for setting in setting_list.SETTINGS
    ]
    return "\n".join(lines)


def markdown() -> str:
    """Two tables: one of the sheets, one of the settings."""
    rows = ["| sheet | table | columns |", "|---|---|---|"]
    for sheet in catalog.SHEETS:
        rows += [f"| {sheet.name} | `{table.name}` | {_columns(table)} |" for table in sheet.tables]
    rows += ["", "| setting | default | meaning |", "|---|---|---|"]
    for setting in setting_list.SETTINGS:
        note = "" if setting.used else " *(not used by this version)*"
        rows.append(f"| {setting.name} | {setting_list.shown_default(setting)} | {setting.column.help}{note} |")
    return "\n".join(rows)


def _columns(table: Table) -> str:
    names = [f"[{column.name}]" if column.optional else column.name for column in table.columns]
    free = f"; {table.free_columns}" if table.free_columns else ""
    return ", ".join(names) + free


def _kind(column: Column) -> str:
    return f"{column.kind}, {column.unit}" if column.unit else str(column.kind)
