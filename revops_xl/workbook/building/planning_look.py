"""What the sheets of quota planning have beside their tables."""

from __future__ import annotations

from collections.abc import Mapping

from revops_xl.model.attainability import Risk
from revops_xl.model.territories import Alternative
from revops_xl.tables.planning.baseline import AHEAD
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.building.color_rules import SHADES, by_formula, indent, words_of
from revops_xl.workbook.building.planning_drawings import tornado


def baseline(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """The verdict on the target, unusual periods, and those that lie ahead."""
    flag = placed["BaselineForecast"]
    by_formula(canvas, flag, [("Flag", "Flag")], '{Flag}<>""', {"bg_color": styles.WARN})
    by_formula(canvas, flag, [("Period", "Kind")], f'{{Kind}}="{AHEAD}"', {"bg_color": styles.BLUISH})
    by_formula(canvas, placed["BaselineMethods"], [("Method", "Chosen")], '{Chosen}="yes"', {"bg_color": styles.GOOD})
    verdicts = {
        "within what history supports": styles.GOOD,
        "above what history supports": styles.WARN,
        "below what history supports": styles.WARN,
    }
    words_of(canvas, placed["TargetRange"], "Verdict", verdicts)  # fmt: skip


def phasing(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Teams bold."""
    phasing = placed["Phasing"]
    by_formula(canvas, phasing, [("Level", "Month 12")], '({IC}=FALSE)*({Node}<>"")', {"bold": True})


def capacity(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Seats that are not filled or not ramped up, and base quotas that they cannot carry."""
    seats = placed["Capacity"]
    by_formula(canvas, seats, [("Present", "Ramp")], '({Present}<>"")*(({Present}<1)+({Ramp}<1)>0)', {"bg_color": styles.NOTE})  # fmt: skip
    over = '({Base quota}<>"")*({Productive quota}>0)*({Base quota}>1.25*{Productive quota})'
    by_formula(canvas, seats, [("Base less productive", "Base less productive")], over, {"bg_color": styles.WARN})


def potential(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """The chosen model."""
    by_formula(canvas, placed["PotentialModels"], [("Model", "Chosen")], '{Chosen}="yes"', {"bg_color": styles.GOOD})


def attainability(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """An outline as in Quotas; each cell meets one rule only."""
    judged = placed["Attainability"]
    risks = {Risk.LOW: styles.GOOD, Risk.MEDIUM: styles.NOTE, Risk.HIGH: styles.WARN, Risk.VERY_HIGH: styles.BAD}
    words_of(canvas, judged, "Risk", risks)
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": indent(depth)} | SHADES.get(depth, {})
        look |= {"bold": True} if depth in SHADES else {}
        by_formula(canvas, judged, [("Node", "Node")], f'({{Depth}}={depth})*({{Node}}<>"")', look)
    for depth, shade in SHADES.items():
        rest = [("Level", "Level"), ("Parent", "Growth required"), ("Expected", "Quota : potential")]
        by_formula(canvas, judged, rest, f'({{Depth}}={depth})*({{Node}}<>"")', {"bold": True, **shade})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, judged.column("Parent"))


def plan_health(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Within, below or above what is aimed at."""
    words = {"within": styles.GOOD, "below": styles.WARN, "above": styles.NOTE}
    words_of(canvas, placed["PlanHealth"], "Health", words)


def optimum(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Quotas that a limit holds."""
    optimum = placed["Optimum"]
    for name in map(str, Alternative):
        at_limit = f'({{{name}}}<>"")*(({{{name}}}>={{Most}})+({{{name}}}<={{Least}})*({{Least}}>0)>0)'
        by_formula(canvas, optimum, [(name, name)], at_limit, {"bg_color": styles.NOTE})


def sensitivity(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """The tornado."""
    tornado(canvas, placed["Sensitivity"])
