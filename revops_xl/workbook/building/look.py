"""Drawing the declared look of a sheet's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from revops_xl.tables.schema.look import Drawing, Highlight, InSight, Look, Outline, Tone, TopNode, Words
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.building.color_rules import SHADES, by_formula, indent, words_of
from revops_xl.workbook.building.forecast_drawings import (
    deal_chart,
    quarter_chart,
    reliability,
    risk_chart,
    said_against_came,
    scenario_chart,
)
from revops_xl.workbook.building.planning_drawings import attainability_chart, baseline_chart, phasing_chart, tornado
from revops_xl.workbook.building.weekly_drawings import bias_chart, coverage_chart

TONES = {
    Tone.GOOD: styles.FINE,
    Tone.WATCH: styles.WATCH,
    Tone.ACT: styles.ACT,
    Tone.QUIET: styles.NONE,
    Tone.OTHER: (styles.INK, styles.FORECAST),
}
CHARTS: dict[str, Callable[[Canvas, Placed], None]] = {
    "reliability": reliability,
    "said against came": said_against_came,
    "tornado": tornado,
    "coverage": coverage_chart,
    "bias": bias_chart,
    "forecast by quarter": quarter_chart,
    "year by scenario": scenario_chart,
    "reps against model": risk_chart,
    "largest deals": deal_chart,
    "bookings": baseline_chart,
    "phasing": phasing_chart,
    "history behind quota": attainability_chart,
}


def paint(canvas: Canvas, placed: Mapping[str, Placed], look: Look) -> None:
    """Draw one element of a look, if its table is there."""
    table = placed.get(look.table)
    if table is None:
        return
    match look:
        case Words():
            words_of(canvas, table, look.column, {word: TONES[tone] for word, tone in look.tones.items()})
        case Highlight():
            by_formula(canvas, table, look.columns, look.where, _colors(look.tone) if look.tone else {"bold": True})
        case Outline():
            _outline(canvas, table, look)
        case TopNode():
            by_formula(canvas, table, look.columns, '({Parent}="")*({Node}<>"")', {"bold": True, **SHADES[0]})
        case InSight():
            canvas.sheet.freeze_panes(HEADER_ROW + 1, table.column(look.before))
            if look.on_paper:
                canvas.sheet.repeat_columns(0, table.column(look.before) - 1)
        case Drawing():
            CHARTS[look.chart](canvas, table)


def _colors(tone: Tone) -> dict[str, Any]:
    if tone is Tone.LINK:
        return styles.LINK
    ink, ground = TONES[tone]
    return {"font_color": ink, "bg_color": ground}


def _outline(canvas: Canvas, table: Placed, look: Outline) -> None:
    """Each cell meets one rule only, because not every program combines several; so Node has rules of its own."""
    node, filled = [("Node", "Node")], '({Node}<>"")'
    for depth in range(styles.INDENT_DEPTHS + 1):
        here, at_depth = f"({{Depth}}={depth})", {"num_format": indent(depth)} | SHADES.get(depth, {})
        if look.teams:
            by_formula(canvas, table, node, f"{look.teams}*{here}", {"bold": True, **at_depth})
            if depth:
                by_formula(canvas, table, node, f"{look.ics}*{here}", {"num_format": at_depth["num_format"]})
        else:
            bold: dict[str, Any] = {"bold": True} if depth in SHADES else {}
            by_formula(canvas, table, node, f"{here}*{filled}", at_depth | bold)
    for depth, shade in SHADES.items():
        here = f"({{Depth}}={depth})"
        formula = f"{look.teams}*{here}" if look.teams else f"{here}*{filled}"
        by_formula(canvas, table, look.rest, formula, {"bold": True, **shade})
    if look.teams:
        by_formula(canvas, table, look.rest, look.teams, {"bold": True})
