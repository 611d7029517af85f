"""The charts of the dashboard, and where the tables behind them stand."""

from __future__ import annotations

from collections.abc import Mapping

from revops_xl.tables.schema.declare import COVERAGE, QUOTIENT
from revops_xl.workbook.building import forecast_drawings, planning_drawings, styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.building.chart_look import chart_of, insert, money_axis

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
    """Draw the charts over the tables behind them that are there; the printed page has the charts alone."""
    if "Headlines" in placed:
        canvas.sheet.print_area(0, 0, DATA_ROW - 2, len(placed["Headlines"].table.headers) - 1)
    canvas.write(DATA_ROW - 1, 0, "Behind the charts", styles.BOLD)
    charts = (
        ("Branches", _branch_chart),
        ("HedgeAudit", _audit_chart),
        ("BranchCoverage", _coverage_chart),
        ("BiasByManager", _bias_chart),
        ("TopICs", _top_chart),
        ("QuarterForecast", forecast_drawings.quarter_chart),
        ("ScenarioYear", forecast_drawings.scenario_chart),
        ("RegionRisk", forecast_drawings.risk_chart),
        ("TopDeals", forecast_drawings.deal_chart),
        ("BaselineLine", planning_drawings.baseline_chart),
        ("PhasingBars", planning_drawings.phasing_chart),
        ("AttainBranches", planning_drawings.attainability_chart),
    )
    for table, chart in charts:
        if table in placed:
            chart(canvas, placed[table])


def _branch_chart(canvas: Canvas, branches: Placed) -> None:
    chart = chart_of(canvas, "column", "Quota by branch: base against hedged")
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
    chart.set_y_axis(money_axis())
    chart.set_legend({"position": "bottom"})
    insert(canvas, chart, (0, 0), "Columns: quota of each branch right below the top node, base beside hedged.")


def _audit_chart(canvas: Canvas, audited: Placed) -> None:
    audit = chart_of(canvas, "column", "Over-assignment by level")
    audit.add_series(
        {
            "name": "Over-assignment",
            "categories": audited.body_of("Level"),
            "values": audited.body_of("Over-assignment %"),
            "fill": {"color": "#C77C02"},
            "gap": 80,
            "data_labels": {"value": True, "num_format": "0.0%"},
        }
    )
    audit.set_y_axis(
        {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": styles.LINE}}, "min": 0}
    )
    audit.set_legend({"none": True})
    insert(canvas, audit, (0, 1), "Columns: how far the hedged total of each level exceeds its base total.")


def _top_chart(canvas: Canvas, top: Placed) -> None:
    bars = chart_of(canvas, "bar", "Largest IC quotas")
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
    bars.set_x_axis(money_axis())
    bars.set_legend({"none": True})
    insert(canvas, bars, (2, 0), "Bars: the fifteen largest quotas of ICs, the largest first.")


def _coverage_chart(canvas: Canvas, data: Placed) -> None:
    """Columns for what is there, marks for what is needed."""
    chart = chart_of(canvas, "column", "Coverage by branch against its thresholds")
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
    insert(canvas, chart, (1, 0), text)


def _bias_chart(canvas: Canvas, data: Placed) -> None:
    """Bars from 1: to the right who closes more than committed, to the left who closes less."""
    chart = chart_of(canvas, "bar", "Bias by manager: closed per 1.00 committed")
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
    insert(canvas, chart, (1, 1), text)
