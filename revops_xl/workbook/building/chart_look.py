"""What every chart has in common: size, fonts, axes, and the grid of the dashboard."""

from __future__ import annotations

from typing import Any

from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas

#: Charts stand on a grid: size in pixels, first row, rows of cells a chart takes.
SIZE, FIRST_ROW, ROWS_A_CHART = (740, 380), 6, 20
MARK = "#C77C02"
MONEY_LABEL = '[>=1000000]0.0,,"M";[>=1000]0,"k";0'


def money_axis() -> dict[str, Any]:
    """An axis of amounts, from 0."""
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    return {"num_format": MONEY_LABEL, "major_gridlines": gridlines, "min": 0}


def chart_of(canvas: Canvas, kind: str, title: str) -> Any:
    """A chart of a kind, such as "column" or "column_stacked", with its title."""
    name, _, variant = kind.partition("_")
    chart = canvas.book.add_chart({"type": name, "subtype": variant} if variant else {"type": name})
    chart.set_title(
        {"name": title, "name_font": {"name": styles.FONT, "size": 13, "bold": True, "color": styles.HEADER_FILL}}
    )
    chart.set_chartarea({"border": {"color": styles.LINE}})
    return chart


def insert(canvas: Canvas, chart: Any, at: tuple[int, int], alt_text: str) -> None:
    """Place a chart on the grid of charts: row and column of it."""
    chart.set_size({"width": SIZE[0], "height": SIZE[1]})
    row, column = FIRST_ROW + ROWS_A_CHART * at[0], (SIZE[0] + 20) * at[1]
    canvas.sheet.insert_chart(row, 0, chart, {"description": alt_text, "object_position": 2, "x_offset": column})
