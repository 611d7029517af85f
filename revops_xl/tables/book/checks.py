"""Sheet Checks: every identity and every warning, one row each; the sums are live formulas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from revops_xl.model.outcome import Outcome
from revops_xl.tables.book.fitting import Fit
from revops_xl.tables.book.input_checks import identity_checks, input_checks
from revops_xl.tables.commits.checks import commit_checks
from revops_xl.tables.currencies.checks import currency_checks
from revops_xl.tables.forecast.checks import forecast_checks
from revops_xl.tables.overlays.overlay_quotas import overlay_checks
from revops_xl.tables.pipeline.checks import pipeline_checks
from revops_xl.tables.planning.checks import planning_checks
from revops_xl.tables.quotas.checks import quota_checks
from revops_xl.tables.schema.check import BAD, NOTE, STATUSES, WARNING, Check, named, quoted
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, Tone, Words
from revops_xl.tables.schema.result import Formula, ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

#: How much a status matters.
_RANK = {status: rank for rank, status in enumerate(STATUSES)}
TABLE = Table(
    "Checks",
    "Every identity and every warning. OK and Note need nothing; Warning deserves a look; Failed and Alarm need action.",
    (
        Column("Check", Kind.TEXT, "What is checked.", width=44, wrap=True),
        Column("Status", Kind.TEXT, "OK, Note, Warning, Alarm or Failed.", width=11),
        Column("Value", Kind.NUMBER, "What was found.", width=13, number_format="[>=1]#,##0;[=0]0;0.0000"),
        Column(
            "Tolerance",
            Kind.NUMBER,
            "How far the value may be from 0, or its limit.",
            width=12,
            number_format="General",
            hidden=True,
        ),
        Column("Where", Kind.TEXT, "Sheet, cell or node, as a link to the first.", width=38, wrap=True),
        Column("What to do", Kind.TEXT, "What it means and what to do about it.", width=74, wrap=True),
    ),
    result=True,
    keys=("Check",),
)


def render(outcome: Outcome, stale: Collection[str] = (), fit: Fit | None = None) -> ResultTable:
    """All checks of a run, the worst first.

    Args:
        outcome: What was computed.
        stale: Parts whose sheets stay as an earlier run left them, with other results than these.
        fit: What the workbook lacks of the results.
    """
    plan, result = outcome.plan, outcome.quotas
    checks = [
        *quota_checks(plan, result),
        *identity_checks(outcome),
        *(left_alone("Commit review") if "commits" in stale else commit_checks(outcome)),
        *(left_alone("Pipeline health") if "pipeline" in stale else pipeline_checks(outcome)),
        *(left_alone("Forecast") if "forecast" in stale else forecast_checks(outcome)),
        *(left_alone("Planning") if "planning" in stale else planning_checks(outcome)),
        *currency_checks(outcome),
        *overlay_checks(outcome),
        *input_checks(plan),
        *_lacking(fit or Fit()),
    ]
    rows = [check.row for check in checks]
    return ResultTable.of_rows(TABLE, sorted(rows, key=lambda row: -_RANK[_status(row)]))


def linked(table: ResultTable, place: Callable[[str], tuple[Any, str]]) -> ResultTable:
    """The checks, each with a link to what it names, as its Where.

    Args:
        table: The checks.
        place: The address, a text or a formula, of what a text names, and its label; None for nothing in the workbook.
    """

    def link(text: str) -> Formula | str:
        address = place(text)[0] if text else None
        if address is None:
            return text
        target = address.text if isinstance(address, Formula) else quoted(address)
        return Formula(f"HYPERLINK({target},{quoted(text)})", text)

    return ResultTable.of_columns(
        TABLE, {**table.by_header(), "Where": [link(str(text or "")) for text in table.values("Where")]}
    )


def _status(row: Mapping[str, Any]) -> str:
    status = row["Status"]
    return str(status.value if isinstance(status, Formula) else status)


def _lacking(fit: Fit) -> list[Check]:
    """What an older workbook gets, and what it has no room for."""
    rows = []
    if fit.added:
        advice = "The workbook did not have them: it is older than they are, or somebody deleted them. They were added; everything else stayed where it was."
        rows.append(Check("Tables and columns added", NOTE, len(fit.added), None, named(fit.added), advice))
    if fit.left_out:
        advice = "Another table stands right beside these, so these columns were not written. Move that table, then run again."
        rows.append(Check("Columns without room", WARNING, len(fit.left_out), None, named(fit.left_out), advice))
    return rows


def left_alone(sheet: str) -> list[Check]:
    """What is to be said of a sheet that an earlier run has left."""
    advice = (
        "This run wrote other parts only, and the inputs have changed since this sheet was written. Run everything."
    )
    return [Check(f"{sheet} is not that of the inputs", WARNING, None, None, sheet, advice)]


def failed(table: ResultTable) -> list[str]:
    """Names of the checks that failed or alarmed."""
    pairs = zip(table.values("Check"), table.values("Status"), strict=True)
    return [str(name) for name, status in pairs if status in BAD]


SHEET = ResultSheet(
    "Checks",
    "What ties and what deserves a look",
    (TABLE,),
    look=(
        Words.of(TABLE.name, "Status", STATUSES),
        Highlight(TABLE.name, (("Where", "Where"),), "_xlfn.ISFORMULA({Where})", Tone.LINK),
    ),
)
