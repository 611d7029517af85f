"""Sheet Checks: every identity and every warning, one row each; the sums are live formulas."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from revops_xl.model.outcome import Outcome
from revops_xl.tables.book.input_checks import identity_checks, input_checks
from revops_xl.tables.commits.checks import commit_checks
from revops_xl.tables.forecast.checks import forecast_checks
from revops_xl.tables.pipeline.checks import pipeline_checks
from revops_xl.tables.planning.checks import planning_checks
from revops_xl.tables.quotas.checks import quota_checks
from revops_xl.tables.schema.check import BAD, STATUS_TONES, WARNING, Check, named
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import Words
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

TABLE = Table(
    "Checks",
    "Every identity and every warning. OK and Note need nothing; Warning deserves a look; Failed and Alarm need action.",
    (
        Column("Check", Kind.TEXT, "What is checked.", width=46),
        Column("Status", Kind.TEXT, "OK, Note, Warning, Alarm or Failed.", width=11),
        Column("Value", Kind.NUMBER, "What was found.", width=18, number_format="[>=1]#,##0;[=0]0;0.0000"),
        Column(
            "Tolerance",
            Kind.NUMBER,
            "How far the value may be from 0, or its limit.",
            width=12,
            number_format="General",
        ),
        Column("Where", Kind.TEXT, "Sheet, cell or node.", width=58),
        Column("What to do", Kind.TEXT, "What it means and what to do about it.", width=78),
    ),
    result=True,
    keys=("Check",),
)


def render(outcome: Outcome, stale: Collection[str] = (), missing: Sequence[str] = ()) -> ResultTable:
    """All checks of a run.

    Args:
        outcome: What was computed.
        stale: Parts whose sheets stay as an earlier run left them, with other results than these.
        missing: Result tables that the workbook does not have.
    """
    plan, result = outcome.plan, outcome.quotas
    checks = [
        *quota_checks(plan, result),
        *identity_checks(outcome),
        *(left_alone("Commit review") if "commits" in stale else commit_checks(outcome)),
        *(left_alone("Pipeline health") if "pipeline" in stale else pipeline_checks(outcome)),
        *(left_alone("Forecast") if "forecast" in stale else forecast_checks(outcome)),
        *(left_alone("Planning") if "planning" in stale else planning_checks(outcome)),
        *input_checks(plan),
        *_not_written(missing),
    ]
    return ResultTable.of_rows(TABLE, (check.row for check in checks))


def _not_written(missing: Sequence[str]) -> list[Check]:
    """Results for which the workbook has no table."""
    if not missing:
        return []
    advice = "The workbook has no such tables, so these results were not written: it is older than they are, or somebody deleted them. `revops-xl new` makes a workbook that has all."
    return [Check("Result tables missing", WARNING, len(missing), None, named(missing), advice)]


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
    look=(Words(TABLE.name, "Status", STATUS_TONES),),
)
