"""Inputs that are filled in but that nothing in this version reads: listed, so that nobody believes they count."""

from __future__ import annotations

from collections.abc import Collection

from revops_xl.tables.raw import RawBook
from revops_xl.tables.settings import SETTINGS
from revops_xl.tables.typed import is_blank


def unused_inputs(book: RawBook, read_columns: Collection[str]) -> list[tuple[str, str]]:
    """(where, what) for each group of unused inputs.

    Args:
        book: The raw tables.
        read_columns: Columns of Hierarchy that the plan reads.
    """
    found = []
    settings = book.tables.get("Settings")
    if settings is not None:
        values = {
            str(name).strip(): value
            for name, value in zip(settings.column("Setting"), settings.column("Value"), strict=True)
        }
        changed = [
            f"{setting.name} = {values[setting.name]}"
            for setting in SETTINGS
            if not setting.used and not is_blank(values.get(setting.name)) and values[setting.name] != setting.default
        ]
        if changed:
            found.append((settings.sheet, ", ".join(changed)))
    for table, ignored in (
        ("Hierarchy", frozenset(read_columns)),
        ("Overrides", frozenset({"Node", "Amount", "Basis", "Reason"})),
    ):
        raw = book.tables.get(table)
        if raw is None:
            continue
        columns = [
            header for header in raw.headers if header not in ignored and not all(map(is_blank, raw.column(header)))
        ]
        if columns:
            found.append((raw.sheet, ", ".join(columns)))
    return found
