"""What a sheet has beside its tables: instructions, legend, colours by meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter.utility

from revops_xl.model.attainability import Risk
from revops_xl.model.commits import Bias
from revops_xl.model.deal_model import Use
from revops_xl.model.forecast import RiskFlag
from revops_xl.model.pipeline import Role, Status
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE
from revops_xl.model.territories import Alternative
from revops_xl.tables.baseline import AHEAD
from revops_xl.tables.commit_review import INCOMPLETE
from revops_xl.workbook import styles
from revops_xl.workbook.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.dashboard_charts import draw
from revops_xl.workbook.forecast_drawings import reliability
from revops_xl.workbook.planning_drawings import tornado

STEPS = (
    (
        "Fill in",
        "Settings (the target), Hierarchy (one row an IC), Levels, Metrics; Overrides and NodeHedges where decided.",
    ),
    (
        "Every week",
        "Commits, and pipeline columns of Hierarchy (named in Settings): Commit review and Pipeline health come with the next run.",
    ),
    ("Check", "revops-xl check PLAN.xlsx lists every problem with its cell. Nothing is changed."),
    (
        "Run",
        "revops-xl run PLAN.xlsx fills the result sheets. Your own sheets stay as they are.",
    ),
    (
        "Forecast",
        "Deals, open and closed, with any columns that describe them; Cohorts for what no deal stands for yet: Forecast, Scored deals, Model report.",
    ),
    (
        "Plan",
        "Bookings, Territories, Tiers; Tier, Start date, OTE and Territory in Hierarchy: Baseline, Phasing, Capacity, Potential, Attainability, Optimum, Sensitivity.",
    ),
    (
        "Decide",
        "revops-xl accept PLAN.xlsx puts a proposed redistribution in force (AcceptedAdjustments, on the sheet Overrides).",
    ),
    ("Ask why", 'revops-xl explain PLAN.xlsx "NODE" shows how one number came about, step by step.'),
    (
        "Look up",
        "The sheet Help says what every column means. Tables may be moved, sorted, filtered, and given columns of your own.",
    ),
)


def decorate(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """Add what belongs to this sheet."""
    actions = {
        "Start": _start,
        "Dashboard": _dashboard,
        "Quotas": _quotas,
        "Hedge audit": _hedge_audit,
        "Commit review": _commit_review,
        "Pipeline health": _pipeline_health,
        "Checks": _checks,
        "Scored deals": _scored_deals,
        "Forecast": _forecast,
        "Model report": _model_report,
        "Baseline": _baseline,
        "Phasing": _phasing,
        "Capacity": _capacity,
        "Plan health": _plan_health,
        "Attainability": _attainability,
        "Optimum": _optimum,
        "Potential": _potential,
        "Sensitivity": _sensitivity,
    }
    action = actions.get(canvas.declared.name)
    if action is not None:
        action(canvas, placed)


def _start(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    row = placed["PlanStatus"].last_body + 2
    canvas.write(row, 0, "How it works", styles.BOLD)
    for i, (what, text) in enumerate(STEPS, start=1):
        canvas.write(row + i, 0, f"{i}  {what}", styles.BOLD)
        canvas.write(row + i, 1, text, styles.BODY)
    row += len(STEPS) + 2
    canvas.write(row, 0, "Colours", styles.BOLD)
    legend = (
        ("input", {"font_color": styles.BLUE, "bg_color": styles.INPUT_FILL}, "Yours to fill in."),
        ("result", {"font_color": styles.INK}, "Written by a run; typing here is lost with the next one."),
        ("OK", {"bg_color": styles.GOOD}, "Holds."),
        ("Warning", {"bg_color": styles.WARN}, "Deserves a look; over-assignment above 25 %."),
        ("Failed, Alarm", {"bg_color": styles.BAD}, "Needs action; over-assignment from 40 %."),
    )
    for i, (word, look, text) in enumerate(legend, start=1):
        canvas.write(row + i, 0, word, styles.BODY | look)
        canvas.write(row + i, 1, text, styles.BODY)
    status = placed["PlanStatus"]
    _color_counts(canvas, status, "Failed", styles.BAD)
    _color_counts(canvas, status, "Warnings", styles.WARN)
    canvas.sheet.set_column(0, 0, 44)


def _color_counts(canvas: Canvas, placed: Placed, column: str, color: str) -> None:
    at = placed.column(column)
    rule = {"type": "cell", "criteria": ">", "value": 0, "format": canvas.format({"bg_color": color})}
    canvas.sheet.conditional_format(placed.first_body, at, placed.last_body, at, rule)


def _by_formula(
    canvas: Canvas, placed: Placed, columns: Sequence[tuple[str, str]], formula: str, look: Mapping[str, Any]
) -> None:
    """Colour column spans where a formula over the row holds; {NAME} stands for that column's cell."""
    row = placed.first_body
    for name in placed.table.headers:
        cell = xlsxwriter.utility.xl_rowcol_to_cell(row, placed.column(name), col_abs=True)
        formula = formula.replace(f"{{{name}}}", cell)
    spans = [
        xlsxwriter.utility.xl_range(row, placed.column(first), placed.last_body, placed.column(last))
        for first, last in columns
    ]
    rule = {"type": "formula", "criteria": f"={formula}", "format": canvas.format(look), "multi_range": " ".join(spans)}
    canvas.sheet.conditional_format(spans[0], rule)


#: The top levels of an outline.
_SHADES: dict[int, dict[str, Any]] = {0: {"bg_color": "#C9D6E6"}, 1: {"bg_color": styles.TOTAL_FILL}}


def _indent(depth: int) -> str:
    """A number format that shows a text indented."""
    return f'"{" " * 4 * depth}"@'


def _quotas(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """An outline: teams bold, the top levels shaded, nodes indented by depth, over-assignment coloured.

    Each cell meets one rule only, because not every program combines several; so Node has rules of its own.
    """
    quotas = placed["Quotas"]
    over = [("Over-assignment %", "Over-assignment %")]
    _by_formula(
        canvas,
        quotas,
        over,
        '({Over-assignment %}<>"")*({Over-assignment %}>=' + f"{ALARM_FROM})",
        {"bg_color": styles.BAD},
    )
    _by_formula(
        canvas,
        quotas,
        over,
        '({Over-assignment %}<>"")*({Over-assignment %}>' + f"{WARN_ABOVE})",
        {"bg_color": styles.WARN},
    )
    team = '({IC}=FALSE)*({Node}<>"")'
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": _indent(depth)} | _SHADES.get(depth, {})
        here = f"({{Depth}}={depth})"
        _by_formula(canvas, quotas, [("Node", "Node")], f"{team}*{here}", {"bold": True, **look})
        if depth:
            _by_formula(canvas, quotas, [("Node", "Node")], f"({{IC}}=TRUE)*{here}", {"num_format": look["num_format"]})
    rest = [("Level", "Level"), ("Parent", "Rule")]
    for depth, shade in _SHADES.items():
        _by_formula(canvas, quotas, rest, f"{team}*({{Depth}}={depth})", {"bold": True, **shade})
    _by_formula(canvas, quotas, rest, team, {"bold": True})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, quotas.column("Parent"))


def _commit_review(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    labels = {
        Bias.SANDBAGGER: styles.BLUISH,
        Bias.NEUTRAL: styles.GOOD,
        Bias.HAPPY_EARS: styles.WARN,
        Bias.NO_HISTORY: styles.NOTE,
    }
    _words(canvas, placed["CommitReview"], "Label", labels)
    roll_up = placed["CommitRollUp"]
    incomplete = f'ISNUMBER(SEARCH("{INCOMPLETE} ",{{Counts as}}))'
    _by_formula(canvas, roll_up, [("Counts as", "Counts as")], incomplete, {"bg_color": styles.WARN})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, 1)


def _pipeline_health(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """An outline as in Quotas; each cell meets one rule only."""
    health = placed["PipelineHealth"]
    statuses = {
        Status.HEALTHY: styles.GOOD,
        Status.MODERATE: styles.NOTE,
        Status.AT_RISK: styles.WARN,
        Status.CRITICAL: styles.BAD,
    }
    _words(canvas, health, "Status", statuses)
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": _indent(depth)} | _SHADES.get(depth, {})
        look |= {"bold": True} if depth in _SHADES else {}
        _by_formula(canvas, health, [("Node", "Node")], f'({{Depth}}={depth})*({{Node}}<>"")', look)
    for depth, shade in _SHADES.items():
        rest = [("Level", "Level"), ("Parent", "At risk"), ("Gap to healthy", "Thresholds from")]
        _by_formula(canvas, health, rest, f'({{Depth}}={depth})*({{Node}}<>"")', {"bold": True, **shade})
    roles = {Role.DONOR: styles.WARN, Role.RECEIVER: styles.GOOD, Role.LOCKED: styles.NOTE}
    _words(canvas, placed["QuotaAdjustments"], "Role", roles)


def _words(canvas: Canvas, placed: Placed, column: str, colors: Mapping[Any, str]) -> None:
    """Colour the words of a column; the word itself says the same to who sees no colours."""
    for word, color in colors.items():
        _by_formula(canvas, placed, [(column, column)], f'{{{column}}}="{word}"', {"bg_color": color})


def _scored_deals(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    flags = {RiskFlag.HIGH: styles.BAD, RiskFlag.MEDIUM: styles.WARN, RiskFlag.UPSIDE: styles.GOOD}
    _words(canvas, placed["ScoredDeals"], "Risk flag", flags)
    canvas.sheet.freeze_panes(HEADER_ROW + 1, 1)


def _forecast(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    allocation = placed["RiskAllocation"]
    outermost = [("Level", "Level"), ("Node", "Node"), ("Parent", "Machine forecast")]
    _by_formula(canvas, allocation, outermost, '({Parent}="")*({Node}<>"")', {"bold": True, **_SHADES[0]})


def _model_report(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _by_formula(canvas, placed["ModelChoice"], [("Candidate", "Chosen")], '{Chosen}="yes"', {"bg_color": styles.GOOD})
    _by_formula(canvas, placed["ModelColumns"], [("Use", "Use")], f'{{Use}}="{Use.LEAK}"', {"bg_color": styles.WARN})
    _words(canvas, placed["DollarBias"], "In interval", {"yes": styles.GOOD, "no": styles.WARN})
    reliability(canvas, placed["Reliability"])


def _baseline(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    flag = placed["BaselineForecast"]
    _by_formula(canvas, flag, [("Flag", "Flag")], '{Flag}<>""', {"bg_color": styles.WARN})
    _by_formula(canvas, flag, [("Period", "Kind")], f'{{Kind}}="{AHEAD}"', {"bg_color": styles.BLUISH})
    _by_formula(canvas, placed["BaselineMethods"], [("Method", "Chosen")], '{Chosen}="yes"', {"bg_color": styles.GOOD})
    verdicts = {
        "within what history supports": styles.GOOD,
        "above what history supports": styles.WARN,
        "below what history supports": styles.WARN,
    }
    _words(canvas, placed["TargetRange"], "Verdict", verdicts)  # fmt: skip


def _phasing(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    phasing = placed["Phasing"]
    _by_formula(canvas, phasing, [("Level", "Month 12")], '({IC}=FALSE)*({Node}<>"")', {"bold": True})
    months = phasing.column("Month 1"), phasing.column("Month 12")
    canvas.sheet.set_column(*months, 14, None, {"level": 1, "hidden": True})  # folded: press + above the last column
    canvas.sheet.set_column(months[1] + 1, months[1] + 1, None, None, {"collapsed": True})


def _capacity(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    seats = placed["Capacity"]
    _by_formula(canvas, seats, [("Present", "Ramp")], '({Present}<>"")*(({Present}<1)+({Ramp}<1)>0)', {"bg_color": styles.NOTE})  # fmt: skip
    over = '({Base quota}<>"")*({Productive quota}>0)*({Base quota}>1.25*{Productive quota})'
    _by_formula(canvas, seats, [("Base less productive", "Base less productive")], over, {"bg_color": styles.WARN})


def _potential(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _by_formula(canvas, placed["PotentialModels"], [("Model", "Chosen")], '{Chosen}="yes"', {"bg_color": styles.GOOD})


def _attainability(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """An outline as in Quotas; each cell meets one rule only."""
    judged = placed["Attainability"]
    risks = {Risk.LOW: styles.GOOD, Risk.MEDIUM: styles.NOTE, Risk.HIGH: styles.WARN, Risk.VERY_HIGH: styles.BAD}
    _words(canvas, judged, "Risk", risks)
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": _indent(depth)} | _SHADES.get(depth, {})
        look |= {"bold": True} if depth in _SHADES else {}
        _by_formula(canvas, judged, [("Node", "Node")], f'({{Depth}}={depth})*({{Node}}<>"")', look)
    for depth, shade in _SHADES.items():
        rest = [("Level", "Level"), ("Parent", "Growth required"), ("Expected", "Quota : potential")]
        _by_formula(canvas, judged, rest, f'({{Depth}}={depth})*({{Node}}<>"")', {"bold": True, **shade})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, judged.column("Parent"))


def _plan_health(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    words = {"within": styles.GOOD, "below": styles.WARN, "above": styles.WARN}
    _words(canvas, placed["PlanHealth"], "Health", words)


def _optimum(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    optimum = placed["Optimum"]
    for name in map(str, Alternative):
        at_limit = f'({{{name}}}<>"")*(({{{name}}}>={{Most}})+({{{name}}}<={{Least}})*({{Least}}>0)>0)'
        _by_formula(canvas, optimum, [(name, name)], at_limit, {"bg_color": styles.NOTE})


def _sensitivity(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    tornado(canvas, placed["Sensitivity"])


def _hedge_audit(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _statuses(canvas, placed["HedgeAudit"], "Verdict")


def _checks(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _statuses(canvas, placed["Checks"], "Status")


def _statuses(canvas: Canvas, placed: Placed, column: str) -> None:
    colors = {"OK": styles.GOOD, "Note": styles.NOTE, "Warning": styles.WARN, "Alarm": styles.BAD, "Failed": styles.BAD}
    _words(canvas, placed, column, colors)


def _dashboard(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _color_counts(canvas, placed["Headlines"], "Checks failed", styles.BAD)
    draw(canvas, placed)
