"""The charts of pipeline and commits, each above its figures."""

from __future__ import annotations

from revops_xl.tables.schema.declare import COVERAGE, QUOTIENT
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.building.chart_look import chart_of, insert


def coverage_chart(canvas: Canvas, data: Placed) -> None:
    """Columns for what is there, marks for what is needed."""
    chart = chart_of(canvas, "column", "Coverage by branch against its thresholds")
    branches = data.body_of("Covered branch")
    chart.add_series(
        {
            "name": "Coverage",
            "categories": branches,
            "values": data.body_of("Branch coverage"),
            "fill": {"color": styles.FORECAST},
            "gap": 80,
            "data_labels": {"value": True, "num_format": COVERAGE, "position": "inside_base"},
        }
    )
    marks = canvas.book.add_chart({"type": "line"})
    for column, label, color in (
        ("Branch healthy", "Healthy", styles.INK),
        ("Branch at risk", "At risk", styles.PRIOR),
    ):
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
    insert(canvas, chart, data, text)


def bias_chart(canvas: Canvas, data: Placed) -> None:
    """Bars from 1: to the right who closes more than committed, to the left who closes less."""
    chart = chart_of(canvas, "bar", "Bias by manager: closed per 1.00 committed")
    for column, color in (("Sandbagger", styles.DATA), ("Neutral", styles.FORECAST), ("Happy ears", styles.PRIOR)):
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
    insert(canvas, chart, data, text)
