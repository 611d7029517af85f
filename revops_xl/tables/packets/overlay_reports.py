"""What an overlay, or a manager of overlays, gets: its quota, its periods and whom it covers, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from revops_xl.model.outcome import Outcome
from revops_xl.tables.overlays import overlay_quotas
from revops_xl.tables.planning import by_period
from revops_xl.tables.schema.declare import Sheet
from revops_xl.tables.schema.result import ResultTable

QUOTA = Sheet("Your quota", "What you carry, beside the plan, and what is credited to you", (overlay_quotas.QUOTAS,))
PERIODS = Sheet("By period", "Your quota by month or quarter, with its running total", (by_period.TABLE,))
COVERED = Sheet("You cover", "The reps whom you cover", (overlay_quotas.COVER,))
SHEETS = (QUOTA, PERIODS, COVERED)
#: What would say how large the plan is.
_OF_THE_PLAN = ("Of direct quota",)


def names(outcome: Outcome) -> list[str]:
    """Who gets one: overlays, and managers of overlays who are no nodes with a packet of their own."""
    view, tree = outcome.overlays, outcome.quotas.inputs.tree
    known = set(tree.references.names)
    return [row.name for row in view.rows if row.name not in known] if view is not None else []


def tables_of(outcome: Outcome, name: str) -> dict[str, ResultTable]:
    """The rows of one of them: its own, and of a manager those of the overlays who report to it."""
    view = outcome.overlays
    mine = {row.name for row in view.overlays if name in (row.name, row.reports_to)} if view is not None else set()
    quotas, covered = overlay_quotas.render(outcome)
    periods = by_period.render(outcome)
    found = (
        _some(quotas, lambda row: row["Overlay"] in {name, *mine}, _OF_THE_PLAN),
        _some(periods, lambda row: row["Level"] == by_period.OVERLAY and row["Node"] in mine, ("Place",)),
        _some(covered, lambda row: row["Overlay"] in mine),
    )
    return {table.table.name: table for table in found}


def _some(table: ResultTable, wanted: Callable[[dict[str, Any]], bool], blank: Sequence[str] = ()) -> ResultTable:
    """Some rows as values, with some columns blank."""
    headers = table.table.headers
    rows = (dict(zip(headers, cells, strict=True)) for cells in zip(*map(table.values, headers), strict=True))
    return ResultTable.of_rows(table.table, [{**row, **dict.fromkeys(blank)} for row in rows if wanted(row)])
