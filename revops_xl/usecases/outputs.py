"""What a run leaves behind: result tables and a row of the run log, saved in one go, or nothing."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from revops_xl.errors import PlanError, Problem
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.book import checks, figures, run_log
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.port import PlanBook
from revops_xl.version import __version__
from revops_xl.workbook.file.address import MAX_ROWS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Results:
    """What a run produced.

    Attributes:
        path: The workbook with the results; of one that is open in a spreadsheet program, its name.
        outcome: Everything that was computed, as arrays.
        tables: Result tables by name.
        failed: Names of the checks that failed or alarmed.
        stale: Parts that were left as they are and are not those of the inputs.
        history: The file beside the workbook to which this run added what deals say; None: nothing was new.
    """

    path: Path
    outcome: Outcome
    tables: dict[str, ResultTable]
    failed: tuple[str, ...]
    stale: tuple[str, ...] = ()
    history: Path | None = field(default=None, kw_only=True)

    @property
    def plan(self) -> QuotaPlan:
        """The quotas with their accepted adjustments, as arrays."""
        return self.outcome.quotas

    def __repr__(self) -> str:
        return f"Results({str(self.path)!r}, tables {', '.join(self.tables)}, {len(self.failed)} checks failed)"

    def frame(self, name: str) -> pd.DataFrame:
        """A result table as a DataFrame with snake_case columns; the name is the table's in the workbook, such as "HedgeAudit"."""
        from revops_xl.frames.common.convert import to_frame  # noqa: PLC0415  (pandas, when it is asked for)

        if name not in self.tables:
            raise KeyError(f"no result table {name!r}; there are {', '.join(self.tables)}")
        return to_frame(self.tables[name])

    @property
    def summary(self) -> dict[str, Any]:
        """Headline figures of the commit review, the pipeline, the forecast and planning, as far as they ran."""
        return {part: known for part, known in figures.figures(self.outcome).items() if part not in self.stale}

    @property
    def lines(self) -> list[str]:
        """The same as sentences."""
        kept = [f"What the deals say today is kept in {self.history.name}."] if self.history is not None else []
        return figures.lines(self.summary) + kept

    @property
    def quotas(self) -> pd.DataFrame:
        """One row per node, as an outline."""
        return self.frame("Quotas")


@dataclass(frozen=True)
class LogEntry:
    """Who runs what, when: None stands for the clock, and for the user."""

    now: dt.datetime | None
    who: str | None
    what: str


def write_results(
    book: PlanBook, outcome: Outcome, tables: Sequence[ResultTable], log: RawTable | None, entry: LogEntry
) -> Results:
    """Write result tables and a row of the run log.

    Raises:
        PlanError: A table cannot take its rows, or the workbook cannot be saved.
    """
    everything, failed = with_log(outcome, tables, log, entry)
    book.write(everything)
    return Results(Path(book.name), outcome, {table.table.name: table for table in everything}, failed)


def with_log(
    outcome: Outcome, tables: Sequence[ResultTable], log: RawTable | None, entry: LogEntry
) -> tuple[list[ResultTable], tuple[str, ...]]:
    """The tables with the run log and its new row, and the names of the checks that failed or alarmed."""
    failed = tuple(checks.failed(next(table for table in tables if table.table is checks.TABLE)))
    moment, name = entry.now or dt.datetime.now(dt.UTC), entry.who or user()
    logged = run_log.render(log, moment, __version__, name, entry.what, outcome.plan.digest, len(failed))
    return [*tables, logged], failed


def refuse_too_many(plan: Plan) -> None:
    """Refuse a plan whose nodes have no room on a sheet, before it is computed."""
    nodes = len(plan.inputs.tree)
    if nodes >= MAX_ROWS:
        message = f"the plan has {nodes:,} nodes; a sheet has {MAX_ROWS:,} rows"
        fix = "Plan branches in workbooks of their own, or use `export`."
        raise PlanError([Problem("Quotas", "", message, fix)])


def user() -> str:
    """Who is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
