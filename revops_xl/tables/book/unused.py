"""Inputs that are filled in but that nothing in this version reads: listed, so that nobody believes they count."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from revops_xl.errors import Problem
from revops_xl.tables.book.setting_list import SETTINGS
from revops_xl.tables.evidence.header_names import called
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import CellError, RawBook

#: How alike two headers are without their numbers that belong to one measure.
ALIKE = 0.85


def unused_inputs(
    book: RawBook, read_columns: Collection[str], parts: Collection[str], tables: Iterable[Table]
) -> list[tuple[str, str]]:
    """(where, what) for each group of unused inputs.

    Args:
        book: The raw tables.
        read_columns: Columns of Hierarchy that the plan reads.
        parts: Parts of a run, beside the quota plan, that have inputs: "pipeline", "commits", "forecast", "planning".
        tables: Declarations of the input tables.
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
            if (not setting.used or (setting.part and not set(setting.part.split()) & set(parts)))
            and not is_blank(values.get(setting.name))
            and values[setting.name] != setting.default
        ]
        if changed:
            found.append((settings.sheet, ", ".join(changed)))
    read = {
        table.name: frozenset(table.headers)
        for table in tables
        if not table.free_columns and table.name not in {"Settings", "Hierarchy", "Overrides"}
    }
    for table, ignored in (
        *read.items(),
        ("Hierarchy", frozenset(read_columns)),
        ("Overrides", frozenset({"Node", "Amount", "Basis", "Reason", *(["Lock"] if "pipeline" in parts else [])})),
    ):
        raw = book.tables.get(table)
        if raw is None:
            continue
        columns = [
            header
            for header in raw.headers
            if header not in ignored
            and not (table == "Hierarchy" and header.lower().endswith("email"))  # packets go there
            and not all(map(is_blank, raw.column(header)))
        ]
        if columns:
            found.append((raw.sheet, ", ".join(columns)))
    return found


def called_otherwise(book: RawBook, tables: Iterable[Table], read_columns: Collection[str]) -> list[Problem]:
    """Columns that carry another program's name of an optional column of ours, which the table lacks.

    Args:
        book: The raw tables.
        tables: Declarations of the tables that were read.
        read_columns: Columns of Hierarchy that the plan reads.
    """
    found = []
    for table in tables:
        raw = book.tables.get(table.name)
        if raw is None:
            continue
        for column in table.columns:
            if not column.optional or column.name in raw.headers:
                continue
            for header in called(table.name, column.name, raw.headers):
                own = header in table.headers or (table.name == "Hierarchy" and header in read_columns)
                if not own and not all(map(is_blank, raw.column(header))):
                    message = f'"{header}" is not read as "{column.name}", though other programs call it so'
                    fix = f'Rename it to "{column.name}" if that is what it holds.'
                    found.append(Problem(raw.sheet, raw.header_cell(header), message, fix))
    return found


def nearly_read(book: RawBook, read_columns: Collection[str]) -> list[Problem]:
    """Columns of Hierarchy that are not read, and are called nearly as one that is: a quarter would drop out of the history.

    Args:
        book: The raw tables.
        read_columns: Columns that the plan reads.
    """
    raw = book.tables.get("Hierarchy")
    if raw is None:
        return []
    families = {_family(name): name for name in sorted(read_columns) if name in raw.headers}
    found = []
    for header in raw.headers:
        if header in read_columns or all(map(is_blank, raw.column(header))):
            continue
        like = difflib.get_close_matches(_family(header), list(families), n=1, cutoff=ALIKE)
        if like and re.search(r"\d", header) and re.search(r"\d", families[like[0]]):
            message = f'"{header}" is not read, though "{families[like[0]]}" is'
            fix = "Name both in the same way, or list the columns in Metrics or in the setting Pipeline columns."
            found.append(Problem(raw.sheet, raw.header_cell(header), message, fix))
    return found


def _family(header: str) -> str:
    """A header without its numbers, blanks and signs: what the columns of a measure have in common."""
    return re.sub(r"[\W\d_]", "", header.casefold())


def unread_errors(book: RawBook, tables: Iterable[Table], read_columns: Collection[str]) -> list[Problem]:
    """Error cells in columns that nothing reads: they harm no number, but nobody wants them unseen.

    Args:
        book: The raw tables.
        tables: Declarations of the tables that were read.
        read_columns: Columns of Hierarchy that the plan reads.
    """
    found = []
    for table in tables:
        raw = book.tables.get(table.name)
        if raw is None or not raw.has_odd:
            continue
        for header in raw.headers:
            if header in table.headers or (table.name == "Hierarchy" and header in read_columns):
                continue
            rows = [row for row, value in enumerate(raw.column(header)) if isinstance(value, CellError)]
            if rows:
                more = f" and {len(rows) - 1:,} more" if len(rows) > 1 else ""
                error = raw.column(header)[rows[0]].text
                message = f'the column "{header}", which is not read, shows the error {error}{more}'
                found.append(
                    Problem(raw.sheet, raw.cell(rows[0], header), message, "Mend the formula, or clear the cell.")
                )
    return found
