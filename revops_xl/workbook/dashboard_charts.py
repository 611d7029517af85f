"""The charts of the dashboard, and where the tables behind them stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from revops_xl.tables.declare import COVERAGE, QUOTIENT
from revops_xl.workbook import styles
from revops_xl.workbook.canvas import Canvas, Placed

#: Charts stand on a grid: size in pixels, first row, rows of cells a chart takes.
SIZE, FIRST_ROW, ROWS_A_CHART = (740, 380), 6, 20
#: Row of the chart on the sheet of the model report, below the table beside which it stands.
RELIABILITY_ROW = 17
#: Row of the chart on the sheet Sensitivity, below its table.
TORNADO_ROW = 22
MARK = "#C77C02"
MONEY_LABEL = '[>=1000000]0.0,,"M";[>=1000]0,"k";0'
#: Row of the headers of the tables behind the dashboard's charts.
DATA_ROW, MORE_DATA_ROW, PLANNING_ROW = 86, 134, 182
_POSITIONS = {
    "Branches": (DATA_ROW, 0),
    "TopICs": (DATA_ROW, 4),
    "BranchCoverage": (DATA_ROW, 8),
    "BiasByManager": (DATA_ROW, 13),
    "QuarterForecast": (MORE_DATA_ROW, 0),
    "ScenarioYear": (MORE_DATA_ROW, 7),
    "RegionRisk": (MORE_DATA_ROW, 11),
    "TopDeals": (MORE_DATA_ROW, 15),
    "BaselineLine": (PLANNING_ROW, 0),
    "PhasingBars": (PLANNING_ROW, 6),
    "AttainBranches": (PLANNING_ROW, 9),
}


def position(table: str) -> tuple[int, int] | None:
    """Where a table stands that does not stand at the top of its sheet."""
    return _POSITIONS.get(table)


def draw(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Draw the charts over the tables behind them; the printed page has the charts alone."""
    canvas.sheet.print_area(0, 0, DATA_ROW - 2, len(placed["Headlines"].table.headers) - 1)
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
    _insert(canvas, chart, (0, 0), "Columns: quota of each branch right below the top node, base beside hedged.")

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
    _insert(canvas, audit, (0, 1), "Columns: how far the hedged total of each level exceeds its base total.")

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
    _insert(canvas, bars, (2, 0), "Bars: the fifteen largest quotas of ICs, the largest first.")
    _quarter_chart(canvas, placed["QuarterForecast"])
    _scenario_chart(canvas, placed["ScenarioYear"])
    _risk_chart(canvas, placed["RegionRisk"])
    _deal_chart(canvas, placed["TopDeals"])
    _baseline_chart(canvas, placed["BaselineLine"])
    _phasing_chart(canvas, placed["PhasingBars"])
    _attainability_chart(canvas, placed["AttainBranches"])


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
    _insert(canvas, chart, (1, 0), text)


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
    _insert(canvas, chart, (1, 1), text)


def _quarter_chart(canvas: Canvas, data: Placed) -> None:
    """Stacked columns, with marks for the total and its interval."""
    chart = _chart(canvas, "column_stacked", "Revenue forecast by quarter, with its interval")
    quarters = data.body_of("Forecast quarter")
    for column, label, color in (
        ("Quarter deals", "Deals", styles.HEADER_FILL),
        ("Quarter unseen", "Unseen", "#8FA8C4"),
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
    chart.set_y_axis(_money_axis())
    chart.set_legend({"position": "bottom"})
    text = (
        "Stacked columns: revenue of each quarter in the Baseline, from open deals and unseen; whiskers: low and high."
    )
    _insert(canvas, chart, (0, 2), text)


def _scenario_chart(canvas: Canvas, data: Placed) -> None:
    """The year of each scenario beside what may be spent of it."""
    chart = _chart(canvas, "column", "The year by scenario, and the safe OpEx")
    for column, label, color in (
        ("Year total", "Year forecast", styles.HEADER_FILL),
        ("Year OpEx", "Safe OpEx", "#7FB285"),
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
    chart.set_y_axis(_money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Columns: the year's forecast in each scenario, beside what may safely be spent."
    _insert(canvas, chart, (1, 2), text)


def _risk_chart(canvas: Canvas, data: Placed) -> None:
    """What reps expect beside what the model expects."""
    chart = _chart(canvas, "column", "Open deals by branch: reps against model")
    for column, label, color in (("Reps expect", "Reps", "#C77C02"), ("Model expects", "Model", styles.HEADER_FILL)):
        chart.add_series(
            {
                "name": label,
                "categories": data.body_of("Risk branch"),
                "values": data.body_of(column),
                "fill": {"color": color},
                "gap": 80,
            }
        )
    chart.set_y_axis(_money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Columns: what reps expect of the open deals of each branch, beside what the model expects."
    _insert(canvas, chart, (2, 1), text)


def _deal_chart(canvas: Canvas, data: Placed) -> None:
    """The weightiest deals."""
    chart = _chart(canvas, "bar", "Top open deals: reps against model")
    for column, label, color in (("Deal by rep", "Rep", "#C77C02"), ("Deal by model", "Model", styles.HEADER_FILL)):
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
    chart.set_x_axis(_money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Bars: the open deals of which most is expected, by the rep and by the model."
    _insert(canvas, chart, (2, 2), text)


def _baseline_chart(canvas: Canvas, data: Placed) -> None:
    """Bookings, and the forecast between its bounds."""
    chart = _chart(canvas, "line", "Bookings and what history supports")
    for column, label, color, dash in (
        ("Booked", "Booked", styles.HEADER_FILL, "solid"),
        ("Seen ahead", "Forecast", MARK, "solid"),
        ("Band low", "Low", "#8FA8C4", "dash"),
        ("Band high", "High", "#8FA8C4", "dash"),
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
    chart.set_y_axis(_money_axis())
    chart.set_legend({"position": "bottom"})
    text = "Lines: bookings of the past, the forecast of the next periods, and the interval around it."
    _insert(canvas, chart, (3, 0), text)


def _phasing_chart(canvas: Canvas, data: Placed) -> None:
    """What the ICs carry in each period."""
    chart = _chart(canvas, "column", "IC quotas by period")
    chart.add_series(
        {
            "name": "IC quotas",
            "categories": data.body_of("Phased period"),
            "values": data.body_of("Phased quota"),
            "fill": {"color": styles.HEADER_FILL},
            "gap": 80,
            "data_labels": {"value": True, "num_format": MONEY_LABEL},
        }
    )
    chart.set_y_axis(_money_axis())
    chart.set_legend({"none": True})
    _insert(canvas, chart, (3, 1), "Columns: sum of the ICs' quotas in each quarter or month of the plan.")


def _attainability_chart(canvas: Canvas, data: Placed) -> None:
    """Columns for what history reaches, marks for what is healthy."""
    chart = _chart(canvas, "column", "Attainability by branch: history against quota")
    branches = data.body_of("Judged branch")
    chart.add_series(
        {
            "name": "Attainability",
            "categories": branches,
            "values": data.body_of("Branch attainability"),
            "fill": {"color": "#8FA8C4"},
            "gap": 80,
            "data_labels": {"value": True, "num_format": "0%", "position": "inside_base"},
        }
    )
    marks = canvas.book.add_chart({"type": "line"})
    for column, label, color in (("Healthy from", "Healthy from", "#2E7D32"), ("Healthy to", "to", "#7FB285")):
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
    _insert(canvas, chart, (3, 2), text)


def tornado(canvas: Canvas, data: Placed) -> None:
    """How far each assumption moves the share of reps at quota, on the sheet Sensitivity."""
    chart = _chart(canvas, "bar", "Reps at quota: what moves it, in points")
    for column, label, color in (("Swing low", "Low case", "#C77C02"), ("Swing high", "High case", "#3F6FA8")):
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
    canvas.sheet.insert_chart(TORNADO_ROW, 0, chart, {"description": text, "object_position": 2})


def reliability(canvas: Canvas, data: Placed) -> None:
    """Predicted against won, on the sheet of the model report."""
    chart = canvas.book.add_chart({"type": "scatter"})
    predicted = data.body_of("Predicted")
    series = (
        ("Won", "Won", {"type": "circle", "size": 7, "fill": {"color": styles.HEADER_FILL}, "border": {"color": styles.HEADER_FILL}}, {"none": True}),
        ("Right", "Predicted", {"type": "none"}, {"color": "#7FB285", "width": 1.5}),
        ("Low", "Low", {"type": "none"}, {"color": "#8FA8C4", "width": 1, "dash_type": "dash"}),
        ("High", "High", {"type": "none"}, {"color": "#8FA8C4", "width": 1, "dash_type": "dash"}),
    )  # fmt: skip
    for label, column, marker, line in series:
        chart.add_series(
            {"name": label, "categories": predicted, "values": data.body_of(column), "marker": marker, "line": line}
        )
    font = {"name": styles.FONT, "size": 13, "bold": True, "color": styles.HEADER_FILL}
    chart.set_title({"name": "Reliability on the hold-out: predicted against won", "name_font": font})
    chart.set_chartarea({"border": {"color": styles.LINE}})
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    axis = {"num_format": "0%", "min": 0, "max": 1, "major_gridlines": gridlines}
    chart.set_x_axis(axis | {"name": "Predicted"})
    chart.set_y_axis(axis | {"name": "Won"})
    chart.set_legend({"position": "bottom"})
    text = "Points: part of the deals of each group that was won, against its mean probability; on the line is right; dashed: bounds of chance."
    chart.set_size({"width": 620, "height": 420})
    canvas.sheet.insert_chart(RELIABILITY_ROW, 0, chart, {"description": text, "object_position": 2})


def _money_axis() -> dict[str, Any]:
    gridlines = {"visible": True, "line": {"color": styles.LINE}}
    return {"num_format": MONEY_LABEL, "major_gridlines": gridlines, "min": 0}


def _chart(canvas: Canvas, kind: str, title: str) -> Any:
    name, _, variant = kind.partition("_")
    chart = canvas.book.add_chart({"type": name, "subtype": variant} if variant else {"type": name})
    chart.set_title(
        {"name": title, "name_font": {"name": styles.FONT, "size": 13, "bold": True, "color": styles.HEADER_FILL}}
    )
    chart.set_chartarea({"border": {"color": styles.LINE}})
    return chart


def _insert(canvas: Canvas, chart: Any, at: tuple[int, int], alt_text: str) -> None:
    """Place a chart on the grid of charts: row and column of it."""
    chart.set_size({"width": SIZE[0], "height": SIZE[1]})
    row, column = FIRST_ROW + ROWS_A_CHART * at[0], (SIZE[0] + 20) * at[1]
    canvas.sheet.insert_chart(row, 0, chart, {"description": alt_text, "object_position": 2, "x_offset": column})
