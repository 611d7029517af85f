"""Colours by meaning, as rules that a spreadsheet follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter.utility

from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed


def by_formula(
    canvas: Canvas, placed: Placed, columns: Sequence[tuple[str, str]], formula: str, look: Mapping[str, Any]
) -> None:
    """Colour column spans where a formula over the row holds; {NAME} stands for that column's cell."""
    row = placed.first_body
    for name in placed.table.headers:
        cell = xlsxwriter.utility.xl_rowcol_to_cell(row, placed.column(name), col_abs=True)
        formula = formula.replace(f"{{{name}}}", cell)
    spans = [
        xlsxwriter.utility.xl_range(row, placed.column(first), placed.last_body, placed.column(last))
        for first, last in columns
    ]
    rule = {"type": "formula", "criteria": f"={formula}", "format": canvas.format(look), "multi_range": " ".join(spans)}
    canvas.sheet.conditional_format(spans[0], rule)


#: The top levels of an outline.
SHADES: dict[int, dict[str, Any]] = {0: {"bg_color": "#C9D6E6"}, 1: {"bg_color": styles.TOTAL_FILL}}


def indent(depth: int) -> str:
    """A number format that shows a text indented."""
    return f'"{" " * 4 * depth}"@'


def words_of(canvas: Canvas, placed: Placed, column: str, colors: Mapping[Any, tuple[str, str]]) -> None:
    """Colour the words of a column, ink and ground; the word itself says the same to who sees no colours."""
    for word, (ink, ground) in colors.items():
        by_formula(
            canvas, placed, [(column, column)], f'{{{column}}}="{word}"', {"bg_color": ground, "font_color": ink}
        )
