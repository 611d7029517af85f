"""A plan computed and shown: inputs to outcome, outcome to result tables. No files, no spreadsheet program."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from revops_xl.engine.evaluate import evaluate as compute
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.tables.book import checks, dashboard
from revops_xl.tables.book.absent import absent, without
from revops_xl.tables.book.catalog import PARTS, RESULT_SHEETS
from revops_xl.tables.quotas.live import LIVE_ROWS, in_the_way
from revops_xl.tables.schema.check import BAD, WARNING
from revops_xl.tables.schema.declare import snake
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.deal_store import valued

#: Tables that a workbook may lack: Checks says so, and the others are written.
OPTIONAL = frozenset(name for part, names in PARTS.items() if part != "quotas" for name in names) | {"Cascade"}


def evaluate(plan: Plan) -> Outcome:
    """Everything the inputs allow, and whether quotas can be formulas.

    Raises:
        PlanError: What the cascade, or an accepted adjustment, cannot do; limits of territories that clash.
    """
    outcome = compute(plan, valued, most_live_rows=LIVE_ROWS)
    why = in_the_way(plan.settings, plan.not_for_formulas, outcome.quotas, outcome.steps, plan.tables)
    return replace(outcome, steps=None, values_because=why) if why else outcome


def render(
    outcome: Outcome,
    stale: Collection[str] = (),
    headlines: RawTable | None = None,
    *,
    everything: bool = False,
) -> list[ResultTable]:
    """Every result table but the run log; without those that the workbook does not have, if the plan can do without.

    Args:
        outcome: What was computed.
        stale: Parts that stay in the workbook as an earlier run left them: Checks says so instead of judging them.
        headlines: The headlines as they stand, for the figures of these parts.
        everything: Whatever the workbook has.
    """
    results = _results(outcome)
    missing = () if everything else absent(results, outcome.plan.tables, OPTIONAL)
    checked = checks.render(outcome, stale, missing)
    status, figures = dashboard.render_status(checked), dashboard.render_headlines(outcome, checked, stale, headlines)
    return without([*results, checked, status, figures], missing)


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
