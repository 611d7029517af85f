"""The charts of the forecast, each above its figures."""

from __future__ import annotations

from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.building.chart_look import MARK, MONEY_LABEL, chart_of, insert, money_axis
from revops_xl.workbook.writing.alt_texts import naming

#: Row of the reliability chart on the sheet of the model report, below the table beside which it stands.
RELIABILITY_ROW = 17
#: Row of the chart of past quarters on the sheet of the forecast.
PAST_ROW = 14


def quarter_chart(canvas: Canvas, data: Placed) -> None:
    """Stacked columns, with marks for the total and its interval."""
    chart = chart_of(canvas, "column_stacked", "Revenue forecast by quarter, with its interval")
    quarters = data.body_of("Forecast quarter")
    for column, label, color in (
        ("Quarter deals", "Deals", styles.DATA),
        ("Quarter unseen", "Unseen", styles.FORECAST),
    ):
        chart.add_series(
            {"name": label, "categories": quarters, "values": data.body_of(column), "fill": {"color": color}, "gap": 80}
        )
    marks = canvas.book.add_chart({"type": "line"})
    for column, label, kind, size in (
        ("Quarter total", "Total", "diamond", 7),
        ("Quarter low", "Low", "long_dash", 16),
        ("Quarter high", "High", "long_dash", 16),
    ):
        marks.add_series(
            {
                "name": label,
                "categories": quarters,
                "values": data.body_of(column),
                "line": {"none": True},
                "marker": {"type": kind, "size": size, "fill": {"color": MARK}, "border": {"color": MARK}},
            }
        )
    chart.combine(marks)
    chart.set_y_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    text = (
        "Stacked columns: revenue of each quarter in the Baseline, from open deals and unseen; whiskers: low and high."
    )
    insert(canvas, chart, data, text)


def scenario_chart(canvas: Canvas, data: Placed) -> None:
    """The year of each scenario beside what may be spent of it."""
    chart = chart_of(canvas, "column", "The year by scenario, and the safe OpEx")
    for column, label, color in (
        ("Year total", "Year forecast", styles.DATA),
        ("Year OpEx", "Safe OpEx", styles.FORECAST),
    ):
        chart.add_series(
            {
                "name": label,
                "categories": data.body_of("Year scenario"),
                "values": data.body_of(column),
                "fill": {"color": color},
                "gap": 80,
                "data_labels": {"value": True, "num_format": MONEY_LABEL},
            }
        )
    chart.set_y_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Columns: the year's forecast in each scenario, beside what may safely be spent."
    insert(canvas, chart, data, text)


def risk_chart(canvas: Canvas, data: Placed) -> None:
    """What reps expect beside what the model expects."""
    chart = chart_of(canvas, "column", "Open deals by branch: reps against model")
    for column, label, color in (("Reps expect", "Reps", styles.PRIOR), ("Model expects", "Model", styles.DATA)):
        chart.add_series(
            {
                "name": label,
                "categories": data.body_of("Risk branch"),
                "values": data.body_of(column),
                "fill": {"color": color},
                "gap": 80,
            }
        )
    chart.set_y_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Columns: what reps expect of the open deals of each branch, beside what the model expects."
    insert(canvas, chart, data, text)


def deal_chart(canvas: Canvas, data: Placed) -> None:
    """The weightiest deals."""
    chart = chart_of(canvas, "bar", "Top open deals: reps against model")
    for column, label, color in (("Deal by rep", "Rep", styles.PRIOR), ("Deal by model", "Model", styles.DATA)):
        chart.add_series(
            {
                "name": label,
                "categories": data.body_of("Top deal"),
                "values": data.body_of(column),
                "fill": {"color": color},
                "gap": 40,
            }
        )
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Bars: the open deals of which most is expected, by the rep and by the model."
    insert(canvas, chart, data, text)


def reliability(canvas: Canvas, data: Placed) -> None:
    """Predicted against won, on the sheet of the model report."""
    chart = canvas.book.add_chart({"type": "scatter"})
    predicted = data.body_of("Predicted")
    series = (
        ("Won", "Won", {"type": "circle", "size": 7, "fill": {"color": styles.DATA}, "border": {"color": styles.DATA}}, {"none": True}),
        ("Right", "Predicted", {"type": "none"}, {"color": styles.FORECAST, "width": 1.5}),
        ("Low", "Low", {"type": "none"}, {"color": styles.FORECAST, "width": 1, "dash_type": "dash"}),
        ("High", "High", {"type": "none"}, {"color": styles.FORECAST, "width": 1, "dash_type": "dash"}),
    )  # fmt: skip
    for label, column, marker, line in series:
        chart.add_series(
            {"name": label, "categories": predicted, "values": data.body_of(column), "marker": marker, "line": line}
        )
    font = {"name": styles.FONT, "size": 13, "bold": True, "color": styles.DATA}
    chart.set_title({"name": "Reliability: predicted against won", "name_font": font})
    chart.set_chartarea({"border": {"color": styles.LINE}})
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    axis = {"num_format": "0%", "min": 0, "max": 1, "major_gridlines": gridlines}
    chart.set_x_axis(axis | {"name": "Predicted"})
    chart.set_y_axis(axis | {"name": "Won"})
    chart.set_legend({"position": "bottom"})
    text = "Points: part of the deals of each group that was won, against its mean probability; on the line is right; dashed: bounds of chance."
    chart.set_size({"width": 620, "height": 420})
    canvas.sheet.insert_chart(
        RELIABILITY_ROW, 0, chart, {"description": naming(text, data.table.name), "object_position": 2}
    )


def said_against_came(canvas: Canvas, data: Placed) -> None:
    """What past quarters and regions were forecast to bring, with the interval, and what they brought."""
    chart = canvas.book.add_chart({"type": "column"})
    parts = data.body_of("Name")
    for column, label, color in (("Predicted", "Said", styles.FORECAST), ("Actual", "Came", styles.DATA)):
        chart.add_series(
            {"name": label, "categories": parts, "values": data.body_of(column), "fill": {"color": color}, "gap": 80}
        )
    marks = canvas.book.add_chart({"type": "line"})
    for column in ("Low", "High"):
        marks.add_series(
            {
                "name": column,
                "categories": parts,
                "values": data.body_of(column),
                "line": {"none": True},
                "marker": {"type": "long_dash", "size": 14, "fill": {"color": MARK}, "border": {"color": MARK}},
            }
        )
    point = {"type": "diamond", "size": 9, "fill": {"color": "white"}, "border": {"color": styles.DATA}}
    reps = {"name": "Reps, where kept", "categories": parts, "values": data.body_of("Reps")}
    marks.add_series(reps | {"line": {"none": True}, "marker": point})
    chart.combine(marks)
    font = {"name": styles.FONT, "size": 13, "bold": True, "color": styles.DATA}
    chart.set_title({"name": "Said against came: past quarters, then regions", "name_font": font})
    chart.set_chartarea({"border": {"color": styles.LINE}})
    chart.set_y_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Columns: what the deals open at its start were forecast to bring in each past quarter, and what they brought; marks: low and high; diamonds: what the reps said then, where past runs kept it."
    chart.set_size({"width": 620, "height": 420})
    beside = len(canvas.declared.tables[0].columns) + 1  # below Budget, which has a row a scenario
    canvas.sheet.insert_chart(
        PAST_ROW, beside, chart, {"description": naming(text, data.table.name), "object_position": 2, "x_offset": 6}
    )
