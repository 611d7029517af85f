"""Columns of names that rows are looked up by."""

from __future__ import annotations

from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.typed import TypedTable


def unique_names(typed: TypedTable, column: str) -> tuple[str, ...]:
    """Names, each once: a spreadsheet looks rows up by them, without regard to case."""
    texts = typed.texts(column)
    typed.check_required(column)
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        if text is not None and first.setdefault(text.casefold(), row) != row:
            before = typed.raw.row_text(first[text.casefold()])
            typed.problem(row, column, f'"{text}" is listed twice, first in row {before}', "Keep one, or rename it.")
    return tuple("" if is_blank(text) else str(text) for text in texts)
