"""A plan computed and shown: inputs to outcome, outcome to result tables. No files, no spreadsheet program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from revops_xl.engine.evaluate import evaluate as compute
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import KnownTable, Plan
from revops_xl.tables.book import checks, headlines, profiles
from revops_xl.tables.book.catalog import RESULT_SHEETS, TABLES, sheet_of
from revops_xl.tables.book.fitting import fit_of, fitted, without
from revops_xl.tables.book.reading import page
from revops_xl.tables.quotas.live import LIVE_ROWS, in_the_way
from revops_xl.tables.schema.check import BAD, WARNING
from revops_xl.tables.schema.declare import snake
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.deal_store import valued


def evaluate(plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Outcome:
    """Everything the inputs allow, and whether quotas can be formulas.

    Raises:
        PlanError: What the cascade, or an accepted adjustment, cannot do; limits of territories that clash.
    """
    outcome = compute(plan, valued, most_live_rows=LIVE_ROWS, progress=progress)
    why = in_the_way(plan.settings, plan.not_for_formulas, outcome.quotas, outcome.steps)
    return replace(outcome, steps=None, values_because=why) if why else outcome


def render(
    outcome: Outcome,
    stale: Collection[str] = (),
    there: Mapping[str, RawTable] | None = None,
    when: dt.datetime | None = None,
    *,
    whole: bool = False,
) -> list[ResultTable]:
    """Every result table but the run log; Checks says what of it the workbook does not have yet.

    Args:
        outcome: What was computed.
        stale: Parts that stay in the workbook as an earlier run left them: Checks says so instead of judging them.
        there: Result tables as they stand: the headlines, for the figures of these parts, and those that no run fills.
        when: Time of the run, in UTC; None: the clock.
        whole: All tables, whatever the workbook has.
    """
    there = there or {}
    known = {} if whole else outcome.plan.known_tables
    never = profiles.never_added(outcome, known) if known else set()
    results = [table for table in _results(outcome) if table.table.name not in never]
    fit = fit_of(results, known)
    checked = checks.render(outcome, stale, fit)
    moment = when or dt.datetime.now(dt.UTC)
    where = _where(results, known)
    checked = checks.linked(checked, where.place)
    pages = page.render(outcome, checked, moment, where, _rows(there), stale)
    status = headlines.render_status(outcome, checked)
    figures = headlines.render_headlines(outcome, checked, stale, there.get(headlines.HEADLINES.name))
    written = [*results, checked, *pages, status, figures]
    if known:
        there_after = known.keys() | {table.table.name for table in written if len(table)}
        written = without(written, TABLES.keys() - there_after)
    return fitted(written, fit)


def _where(results: Sequence[ResultTable], known: Mapping[str, KnownTable]) -> page.Where:
    """Where each table stands, or will."""
    added = {table.table.name for table in results if len(table)} | {checks.TABLE.name}
    here = [name for name in (known.keys() | added if known else TABLES.keys()) if name in TABLES]
    places = {name: known.get(name) or KnownTable(sheet_of(name), TABLES[name].headers) for name in here}
    quotas = next(table for table in results if table.table.name == "Quotas")
    rows: dict[str, int] = {}
    for row, node in enumerate(quotas.values("Node"), start=1):
        rows.setdefault(str(node), row)
    return page.Where(places, rows)


def _rows(there: Mapping[str, RawTable]) -> dict[str, int]:
    return {name: len(table) for name, table in there.items()}


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
