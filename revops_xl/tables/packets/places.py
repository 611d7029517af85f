"""Where the tables of a packet stand in a returned file: found by their headers, rows by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops_xl.tables.packets import form
from revops_xl.tables.packets.findings import Finding, Returned, Sheets, key_text, shown
from revops_xl.tables.schema.declare import Table

#: Part of a table's headers by which it is found.
_ENOUGH = 0.6


@dataclass(frozen=True)
class Found:
    """A table in a returned sheet: where its headers stand, and its rows by key."""

    sheet: str
    header_row: int
    columns: Mapping[str, int]
    rows: Mapping[str, tuple[int, Mapping[str, Any]]]


def filled_cells(sheets: Sheets) -> Iterator[tuple[str, int, int, Any]]:
    """Every cell that holds something: sheet, row and column from 0, value."""
    for sheet, rows in sheets.items():
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell not in ("", None):
                    yield sheet, number, column, cell


def find_table(sheets: Sheets, table: Table, returned: Returned, used: set[tuple[str, int, int]]) -> list[Found]:
    """Every place where most headers of a table stand in one row."""
    places = []
    for sheet, rows in sheets.items():
        for number, row in enumerate(rows):
            texts = [cell if isinstance(cell, str) else "" for cell in row]
            columns = {name: texts.index(name) for name in table.headers if name in texts}
            if len(columns) >= _ENOUGH * len(table.headers) and form.KEYS[table.name] in columns:
                places.append(_rows(sheet, rows, number, table, columns, returned, used))
    others = [place for place in places if places and place is not places[0]]
    for place in others:
        returned.findings.append(Finding("twice", place.sheet, table.name, "", f"once, on {places[0].sheet}", "again"))
    return places


def _rows(
    sheet: str,
    rows: Sequence[Sequence[Any]],
    header: int,
    table: Table,
    columns: Mapping[str, int],
    returned: Returned,
    used: set[tuple[str, int, int]],
) -> Found:
    """The rows below headers, by key."""
    key_column = columns[form.KEYS[table.name]]
    by_key: dict[str, tuple[int, Mapping[str, Any]]] = {}
    used.update((sheet, header, column) for column in columns.values())
    last = min(len(rows), header + 1 + form.ROWS.get(table.name, len(rows)))
    for number in range(header + 1, last):
        row = rows[number]
        values = {name: row[column] if column < len(row) else "" for name, column in columns.items()}
        key = key_text(row[key_column] if key_column < len(row) else "")
        filled = {name: value for name, value in values.items() if value not in ("", None)}
        if not filled:
            continue
        used.update((sheet, number, columns[name]) for name in filled)
        if not key:
            text = ", ".join(f"{name} {shown(value)}" for name, value in filled.items())
            returned.findings.append(Finding("added", sheet, f"row {number + 1}", "", "", text))
        elif key in by_key:
            returned.findings.append(Finding("twice", sheet, key, "", f"once, in row {by_key[key][0] + 1}", f"row {number + 1}"))  # fmt: skip
        else:
            by_key[key] = (number, values)
    return Found(sheet, header, columns, by_key)
