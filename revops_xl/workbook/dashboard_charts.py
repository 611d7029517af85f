"""The charts of the dashboard, and where the tables behind them stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from revops_xl.tables.declare import COVERAGE, QUOTIENT
from revops_xl.workbook import styles
from revops_xl.workbook.canvas import Canvas, Placed

#: Row of the headers of the tables behind the dashboard's charts.
DATA_ROW = 66
_POSITIONS = {
    "Branches": (DATA_ROW, 0),
    "TopICs": (DATA_ROW, 4),
    "BranchCoverage": (DATA_ROW, 8),
    "BiasByManager": (DATA_ROW, 13),
}


def position(table: str) -> tuple[int, int] | None:
    """Where a table stands that does not stand at the top of its sheet."""
    return _POSITIONS.get(table)


def draw(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Draw the charts over the tables behind them."""
    branches, top = placed["Branches"], placed["TopICs"]
    canvas.write(DATA_ROW - 1, 0, "Behind the charts", styles.BOLD)
    chart = _chart(canvas, "column", "Quota by branch: base against hedged")
    for column, label, color in (
        ("Branch base quota", "Base", "#8FA8C4"),
        ("Branch quota", "Hedged", styles.HEADER_FILL),
    ):
        chart.add_series(
            {
                "name": label,
                "categories": branches.body_of("Branch"),
                "values": branches.body_of(column),
                "fill": {"color": color},
                "gap": 80,
            }
        )
    chart.set_y_axis(_money_axis())
    chart.set_legend({"position": "bottom"})
    _insert(
        canvas, chart, (6, 0), (740, 380), "Columns: quota of each branch right below the top node, base beside hedged."
    )

    audit = _chart(canvas, "column", "Over-assignment by level")
    audit.add_series(
        {
            "name": "Over-assignment",
            "categories": placed["HedgeAudit"].body_of("Level"),
            "values": placed["HedgeAudit"].body_of("Over-assignment %"),
            "fill": {"color": "#C77C02"},
            "gap": 80,
            "data_labels": {"value": True, "num_format": "0.0%"},
        }
    )
    audit.set_y_axis(
        {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": styles.LINE}}, "min": 0}
    )
    audit.set_legend({"none": True})
    _insert(
        canvas, audit, (6, 5), (740, 380), "Columns: how far the hedged total of each level exceeds its base total."
    )

    bars = _chart(canvas, "bar", "Largest IC quotas")
    bars.add_series(
        {
            "name": "Quota",
            "categories": top.body_of("Top IC"),
            "values": top.body_of("IC quota"),
            "fill": {"color": styles.HEADER_FILL},
            "gap": 40,
        }
    )
    bars.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    bars.set_x_axis(_money_axis())
    bars.set_legend({"none": True})
    _coverage_chart(canvas, placed["BranchCoverage"])
    _bias_chart(canvas, placed["BiasByManager"])
    _insert(canvas, bars, (46, 0), (1520, 370), "Bars: the fifteen largest quotas of ICs, the largest first.")


def _coverage_chart(canvas: Canvas, data: Placed) -> None:
    """Columns for what is there, marks for what is needed."""
    chart = _chart(canvas, "column", "Coverage by branch against its thresholds")
    branches = data.body_of("Covered branch")
    chart.add_series(
        {
            "name": "Coverage",
            "categories": branches,
            "values": data.body_of("Branch coverage"),
            "fill": {"color": "#8FA8C4"},
            "gap": 80,
            "data_labels": {"value": True, "num_format": COVERAGE, "position": "inside_base"},
        }
    )
    marks = canvas.book.add_chart({"type": "line"})
    for column, label, color in (("Branch healthy", "Healthy", "#2E7D32"), ("Branch at risk", "At risk", "#C62828")):
        marks.add_series(
            {
                "name": label,
                "categories": branches,
                "values": data.body_of(column),
                "line": {"none": True},
                "marker": {
                    "type": "long_dash",
                    "size": 22,
                    "fill": {"color": color},
                    "border": {"color": color},
                },
            }
        )
    chart.combine(marks)
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    chart.set_y_axis({"num_format": COVERAGE, "major_gridlines": gridlines, "min": 0})
    chart.set_legend({"position": "bottom"})
    text = (
        "Columns: pipeline / quota of each branch right below the top node; marks: its healthy and at-risk thresholds."
    )
    _insert(canvas, chart, (26, 0), (740, 380), text)


def _bias_chart(canvas: Canvas, data: Placed) -> None:
    """Bars from 1: to the right who closes more than committed, to the left who closes less."""
    chart = _chart(canvas, "bar", "Bias by manager: closed for each 1 committed")
    for column, color in (("Sandbagger", "#3F6FA8"), ("Neutral", "#7FB285"), ("Happy ears", "#C77C02")):
        chart.add_series(
            {
                "name": column,
                "categories": data.body_of("Committing manager"),
                "values": data.body_of(column),
                "fill": {"color": color},
                "gap": 30,
                "overlap": 100,
            }
        )
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "label_position": "low"})
    chart.set_x_axis({"num_format": QUOTIENT, "major_gridlines": gridlines, "crossing": 1})
    chart.set_legend({"position": "bottom"})
    text = "Bars from 1: managers who close more than they commit to the right, who close less to the left."
    _insert(canvas, chart, (26, 5), (740, 380), text)


def _money_axis() -> dict[str, Any]:
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    return {"num_format": '[>=1000000]0.0,,"M";[>=1000]0,"k";0', "major_gridlines": gridlines, "min": 0}


def _chart(canvas: Canvas, kind: str, title: str) -> Any:
    chart = canvas.book.add_chart({"type": kind})
    chart.set_title(
        {"name": title, "name_font": {"name": styles.FONT, "size": 13, "bold": True, "color": styles.HEADER_FILL}}
    )
    chart.set_chartarea({"border": {"color": styles.LINE}})
    return chart


def _insert(canvas: Canvas, chart: Any, at: tuple[int, int], size: tuple[int, int], alt_text: str) -> None:
    chart.set_size({"width": size[0], "height": size[1]})
    canvas.sheet.insert_chart(*at, chart, {"description": alt_text, "object_position": 2})
