"""A plan computed and shown: inputs to outcome, outcome to result tables. No files, no spreadsheet program."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from revops_xl.engine.evaluate import evaluate as compute
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.tables.book import checks, dashboard
from revops_xl.tables.book.catalog import RESULT_SHEETS
from revops_xl.tables.book.fitting import fit_of, fitted
from revops_xl.tables.quotas.live import LIVE_ROWS, in_the_way
from revops_xl.tables.schema.check import BAD, WARNING
from revops_xl.tables.schema.declare import snake
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.deal_store import valued


def evaluate(plan: Plan) -> Outcome:
    """Everything the inputs allow, and whether quotas can be formulas.

    Raises:
        PlanError: What the cascade, or an accepted adjustment, cannot do; limits of territories that clash.
    """
    outcome = compute(plan, valued, most_live_rows=LIVE_ROWS)
    why = in_the_way(plan.settings, plan.not_for_formulas, outcome.quotas, outcome.steps)
    return replace(outcome, steps=None, values_because=why) if why else outcome


def render(outcome: Outcome, stale: Collection[str] = (), headlines: RawTable | None = None) -> list[ResultTable]:
    """Every result table but the run log; Checks says what of it the workbook does not have yet.

    Args:
        outcome: What was computed.
        stale: Parts that stay in the workbook as an earlier run left them: Checks says so instead of judging them.
        headlines: The headlines as they stand, for the figures of these parts.
    """
    results = _results(outcome)
    fit = fit_of(results, outcome.plan.known_tables)
    checked = checks.render(outcome, stale, fit)
    status, figures = (
        dashboard.render_status(outcome, checked),
        dashboard.render_headlines(outcome, checked, stale, headlines),
    )
    return fitted([*results, checked, status, figures], fit)


def _results(outcome: Outcome) -> list[ResultTable]:
    """What was computed, before it is checked: the tables of every part."""
    return [table for sheet in RESULT_SHEETS if sheet.part is not None for table in sheet.render(outcome)]


def remarks(checked: ResultTable) -> list[dict[str, str]]:
    """The checks that warn, alarm or fail, as plain texts."""
    names = [column.name for column in checks.TABLE.columns]
    rows = zip(*(checked.values(name) for name in names), strict=True)
    shown = ("Status", "Check", "Where", "What to do")
    found = [{snake(name): str(row[names.index(name)]) for name in shown} for row in rows]
    return [remark for remark in found if remark["status"] in {WARNING, *BAD}]
