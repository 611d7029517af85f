"""What a sheet has beside its tables: instructions, legend, colours by meaning."""

from __future__ import annotations

from collections.abc import Mapping

from revops_xl.tables.schema.result_sheet import DASHBOARD, ResultSheet
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.building.dashboard_charts import draw
from revops_xl.workbook.building.look import paint

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
    own = {"Start": _start, DASHBOARD: _dashboard}.get(canvas.declared.name)
    if own is not None:
        own(canvas, placed)
    if isinstance(canvas.declared, ResultSheet):
        for look in canvas.declared.look:
            paint(canvas, placed, look)


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


def _dashboard(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    if "Headlines" in placed:
        _color_counts(canvas, placed["Headlines"], "Checks failed", styles.BAD)
    draw(canvas, placed)
