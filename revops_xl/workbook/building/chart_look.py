"""What every chart has in common: size, fonts, axes, and where it stands."""

from __future__ import annotations

from typing import Any

from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.writing.alt_texts import naming

#: Size in pixels, and the rows that it takes.
SIZE, ROWS = (620, 340), 19
#: Tables that a chart stands above; the other charts stand below their table.
ABOVE = frozenset(
    {
        "BranchCoverage",
        "BiasByManager",
        "QuarterForecast",
        "ScenarioYear",
        "RegionRisk",
        "TopDeals",
        "BaselineLine",
        "PhasingBars",
        "AttainBranches",
    }
)
MARK = styles.INK
MONEY_LABEL = '[>=1000000]0.0,," m";[>=1000]0," k";0'
AXIS_LABEL = '[>=10000000]0,," m";[>=1000000]0.0,," m";#,##0'


def money_axis() -> dict[str, Any]:
    """An axis of amounts, from 0."""
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    return {"num_format": AXIS_LABEL, "major_gridlines": gridlines, "min": 0}


def chart_of(canvas: Canvas, kind: str, title: str) -> Any:
    """A chart of a kind, such as "column" or "column_stacked", with its title."""
    name, _, variant = kind.partition("_")
    chart = canvas.book.add_chart({"type": name, "subtype": variant} if variant else {"type": name})
    chart.set_title({"name": title, "name_font": {"name": styles.FONT, "size": 13, "bold": True, "color": styles.INK}})
    chart.set_chartarea({"border": {"color": styles.LINE}})
    return chart


def insert(canvas: Canvas, chart: Any, data: Placed, alt_text: str) -> None:
    """Place a chart above its figures."""
    chart.set_size({"width": SIZE[0], "height": SIZE[1]})
    options = {"description": naming(alt_text, data.table.name), "object_position": 2}
    canvas.sheet.insert_chart(data.header - ROWS, data.left, chart, options)
