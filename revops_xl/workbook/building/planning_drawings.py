"""The charts of quota planning, each above its figures."""

from __future__ import annotations

from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.building.chart_look import MARK, MONEY_LABEL, chart_of, insert, money_axis
from revops_xl.workbook.writing.alt_texts import naming

#: Row of the tornado on the sheet Sensitivity, below its table.
TORNADO_ROW = 22


def baseline_chart(canvas: Canvas, data: Placed) -> None:
    """Bookings, and the forecast between its bounds."""
    chart = chart_of(canvas, "line", "Bookings and what history supports")
    for column, label, color, dash in (
        ("Booked", "Booked", styles.DATA, "solid"),
        ("Seen ahead", "Forecast", MARK, "solid"),
        ("Band low", "Low", styles.FORECAST, "dash"),
        ("Band high", "High", styles.FORECAST, "dash"),
    ):
        chart.add_series(
            {
                "name": label,
                "categories": data.body_of("Booked period"),
                "values": data.body_of(column),
                "line": {"color": color, "width": 2.0 if dash == "solid" else 1.25, "dash_type": dash},
            }
        )
    chart.set_x_axis({"num_font": {"size": 9, "rotation": -45}, "label_position": "low"})
    chart.set_y_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Lines: bookings of the past, the forecast of the next periods, and the interval around it."
    insert(canvas, chart, data, text)


def phasing_chart(canvas: Canvas, data: Placed) -> None:
    """What the ICs carry in each period."""
    chart = chart_of(canvas, "column", "IC quotas by period")
    chart.add_series(
        {
            "name": "IC quotas",
            "categories": data.body_of("Phased period"),
            "values": data.body_of("Phased quota"),
            "fill": {"color": styles.DATA},
            "gap": 80,
            "data_labels": {"value": True, "num_format": MONEY_LABEL},
        }
    )
    chart.set_y_axis(money_axis())
    chart.set_legend({"none": True})
    insert(canvas, chart, data, "Columns: sum of the ICs' quotas in each quarter or month of the plan.")


def attainability_chart(canvas: Canvas, data: Placed) -> None:
    """Columns for what history reaches, marks for what is healthy."""
    chart = chart_of(canvas, "column", "Attainability by branch: history against quota")
    branches = data.body_of("Judged branch")
    chart.add_series(
        {
            "name": "Attainability",
            "categories": branches,
            "values": data.body_of("Branch attainability"),
            "fill": {"color": styles.FORECAST},
            "gap": 80,
            "data_labels": {"value": True, "num_format": "0%", "position": "inside_base"},
        }
    )
    marks = canvas.book.add_chart({"type": "line"})
    for column, label, color in (("Healthy from", "Healthy from", styles.INK), ("Healthy to", "to", styles.FORECAST)):
        marks.add_series(
            {
                "name": label,
                "categories": branches,
                "values": data.body_of(column),
                "line": {"none": True},
                "marker": {"type": "long_dash", "size": 22, "fill": {"color": color}, "border": {"color": color}},
            }
        )
    chart.combine(marks)
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    chart.set_y_axis({"num_format": "0%", "major_gridlines": gridlines, "min": 0})
    chart.set_legend({"position": "bottom"})
    text = "Columns: historical average / quota of each branch right below the top node; marks: the healthy range."
    insert(canvas, chart, data, text)


def tornado(canvas: Canvas, data: Placed) -> None:
    """How far each assumption moves the share of reps at quota, on the sheet Sensitivity."""
    chart = chart_of(canvas, "bar", "Reps at quota: what moves it, in points")
    for column, label, color in (("Swing low", "Low case", styles.PRIOR), ("Swing high", "High case", styles.DATA)):
        chart.add_series(
            {
                "name": label,
                "categories": data.body_of("Driver"),
                "values": data.body_of(column),
                "fill": {"color": color},
                "gap": 40,
                "overlap": 100,
            }
        )
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "label_position": "low"})
    chart.set_x_axis({"num_format": "+0%;-0%;0%", "major_gridlines": gridlines})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 900, "height": 420})
    text = "Bars: change of the share of reps expected at quota, the strongest assumption on top."
    canvas.sheet.insert_chart(
        TORNADO_ROW, 0, chart, {"description": naming(text, data.table.name), "object_position": 2}
    )
