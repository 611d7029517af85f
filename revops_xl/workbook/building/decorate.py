"""What a sheet has beside its tables: instructions, legend, colours by meaning."""

from __future__ import annotations

from collections.abc import Mapping

from revops_xl.model.commits import Bias
from revops_xl.model.deal_model import Use
from revops_xl.model.forecast import RiskFlag
from revops_xl.model.pipeline import Role, Status
from revops_xl.model.results import ALARM_FROM, WARN_ABOVE
from revops_xl.tables.commits.commit_review import INCOMPLETE
from revops_xl.workbook.building import planning_look, styles, travel_look
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.building.color_rules import SHADES, by_formula, indent, words_of
from revops_xl.workbook.building.dashboard_charts import draw
from revops_xl.workbook.building.forecast_drawings import reliability

STEPS = (
    (
        "Fill in",
        "Settings (the target), Hierarchy (one row per rep), Levels, Metrics; Overrides and NodeHedges where decided.",
    ),
    (
        "Every week",
        "Commits, and pipeline columns of Hierarchy (named in Settings): Commit review and Pipeline health come with the next run.",
    ),
    (
        "Check",
        "Check on the RevOps tab (or menu), or revops-xl check PLAN.xlsx: every problem with its cell. Results stay.",
    ),
    (
        "Run",
        "Run all, or revops-xl run PLAN.xlsx, fills the result sheets. Your own sheets stay as they are.",
    ),
    (
        "Forecast",
        "Deals, open and closed, with any columns that describe them; Cohorts for what no deal stands for yet: Forecast, Scored deals, Model report.",
    ),
    (
        "Plan",
        "Bookings, Territories, Tiers; Tier, Start date, OTE, Territory in Hierarchy: Plan health, and the sheets from Baseline to Sensitivity.",
    ),
    (
        "Decide",
        "Accept, or revops-xl accept PLAN.xlsx, puts a proposed redistribution in force (AcceptedAdjustments, on the sheet Overrides).",
    ),
    (
        "Send",
        "Packets, or revops-xl packets PLAN.xlsx -o DIR: one workbook and e-mail draft per manager. Collect reads them back; decide on the sheet Requests.",
    ),
    (
        "Ask why",
        'Explain selection, or revops-xl explain PLAN.xlsx "NODE", shows how one number came about, step by step.',
    ),
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
        "Baseline": planning_look.baseline,
        "Phasing": planning_look.phasing,
        "Capacity": planning_look.capacity,
        "Plan health": planning_look.plan_health,
        "Attainability": planning_look.attainability,
        "Optimum": planning_look.optimum,
        "Potential": planning_look.potential,
        "Sensitivity": planning_look.sensitivity,
        "Cascade": travel_look.cascade,
        "Returns": travel_look.returned,
        "Requests": travel_look.requests,
        "Roll-up": travel_look.roll_up,
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


def _quotas(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """An outline: teams bold, the top levels shaded, nodes indented by depth, over-assignment coloured.

    Each cell meets one rule only, because not every program combines several; so Node has rules of its own.
    """
    quotas = placed["Quotas"]
    over = [("Over-assignment %", "Over-assignment %")]
    by_formula(
        canvas,
        quotas,
        over,
        '({Over-assignment %}<>"")*({Over-assignment %}>=' + f"{ALARM_FROM})",
        {"bg_color": styles.BAD},
    )
    by_formula(
        canvas,
        quotas,
        over,
        '({Over-assignment %}<>"")*({Over-assignment %}>' + f"{WARN_ABOVE})",
        {"bg_color": styles.WARN},
    )
    team = '({IC}=FALSE)*({Node}<>"")'
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": indent(depth)} | SHADES.get(depth, {})
        here = f"({{Depth}}={depth})"
        by_formula(canvas, quotas, [("Node", "Node")], f"{team}*{here}", {"bold": True, **look})
        if depth:
            by_formula(canvas, quotas, [("Node", "Node")], f"({{IC}}=TRUE)*{here}", {"num_format": look["num_format"]})
    rest = [("Level", "Level"), ("Parent", "Rule")]
    for depth, shade in SHADES.items():
        by_formula(canvas, quotas, rest, f"{team}*({{Depth}}={depth})", {"bold": True, **shade})
    by_formula(canvas, quotas, rest, team, {"bold": True})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, quotas.column("Parent"))


def _commit_review(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    labels = {
        Bias.SANDBAGGER: styles.BLUISH,
        Bias.NEUTRAL: styles.GOOD,
        Bias.HAPPY_EARS: styles.WARN,
        Bias.NO_HISTORY: styles.NOTE,
    }
    words_of(canvas, placed["CommitReview"], "Label", labels)
    roll_up = placed["CommitRollUp"]
    incomplete = f'ISNUMBER(SEARCH("{INCOMPLETE} ",{{Counts as}}))'
    by_formula(canvas, roll_up, [("Counts as", "Counts as")], incomplete, {"bg_color": styles.WARN})
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
    words_of(canvas, health, "Status", statuses)
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": indent(depth)} | SHADES.get(depth, {})
        look |= {"bold": True} if depth in SHADES else {}
        by_formula(canvas, health, [("Node", "Node")], f'({{Depth}}={depth})*({{Node}}<>"")', look)
    for depth, shade in SHADES.items():
        rest = [("Level", "Level"), ("Parent", "At risk"), ("Gap to healthy", "Thresholds from")]
        by_formula(canvas, health, rest, f'({{Depth}}={depth})*({{Node}}<>"")', {"bold": True, **shade})
    roles = {Role.DONOR: styles.WARN, Role.RECEIVER: styles.GOOD, Role.LOCKED: styles.NOTE}
    words_of(canvas, placed["QuotaAdjustments"], "Role", roles)


def _scored_deals(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    flags = {RiskFlag.HIGH: styles.BAD, RiskFlag.MEDIUM: styles.WARN, RiskFlag.UPSIDE: styles.GOOD}
    words_of(canvas, placed["ScoredDeals"], "Risk flag", flags)
    canvas.sheet.freeze_panes(HEADER_ROW + 1, 1)


def _forecast(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    allocation = placed["RiskAllocation"]
    outermost = [("Level", "Level"), ("Node", "Node"), ("Parent", "Machine forecast")]
    by_formula(canvas, allocation, outermost, '({Parent}="")*({Node}<>"")', {"bold": True, **SHADES[0]})


def _model_report(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    by_formula(canvas, placed["ModelChoice"], [("Candidate", "Chosen")], '{Chosen}="yes"', {"bg_color": styles.GOOD})
    by_formula(canvas, placed["ModelColumns"], [("Use", "Use")], f'{{Use}}="{Use.LEAK}"', {"bg_color": styles.WARN})
    words_of(canvas, placed["DollarBias"], "In interval", {"yes": styles.GOOD, "no": styles.WARN})
    reliability(canvas, placed["Reliability"])


def _hedge_audit(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _statuses(canvas, placed["HedgeAudit"], "Verdict")


def _checks(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _statuses(canvas, placed["Checks"], "Status")


def _statuses(canvas: Canvas, placed: Placed, column: str) -> None:
    colors = {"OK": styles.GOOD, "Note": styles.NOTE, "Warning": styles.WARN, "Alarm": styles.BAD, "Failed": styles.BAD}
    words_of(canvas, placed, column, colors)


def _dashboard(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    _color_counts(canvas, placed["Headlines"], "Checks failed", styles.BAD)
    draw(canvas, placed)
