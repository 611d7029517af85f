"""What a run leaves behind: result tables and a row of the run log, saved in one go, or nothing."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from revops_xl.errors import PlanError, Problem
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.book import checks, run_log, summary
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.version import __version__
from revops_xl.workbook.file.address import MAX_ROWS
from revops_xl.workbook.file.intake import admit
from revops_xl.workbook.file.save import FileState, refuse_busy
from revops_xl.workbook.writing.write import write_tables

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Results:
    """What a run produced.

    Attributes:
        path: The workbook with the results.
        outcome: Everything that was computed, as arrays.
        tables: Result tables by name.
        failed: Names of the checks that failed or alarmed.
        stale: Parts that were left as they are and are not those of the inputs.
    """

    path: Path
    outcome: Outcome
    tables: dict[str, ResultTable]
    failed: tuple[str, ...]
    stale: tuple[str, ...] = ()

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
        return {part: figures for part, figures in summary.summary(self.outcome).items() if part not in self.stale}

    @property
    def lines(self) -> list[str]:
        """The same as sentences."""
        return summary.lines(self.summary)

    @property
    def quotas(self) -> pd.DataFrame:
        """One row per node, as an outline."""
        return self.frame("Quotas")


@dataclass(frozen=True)
class Place:
    """Where a plan is read and where its results go, and what stood there before.

    Attributes:
        source: The plan workbook.
        target: The workbook with the results.
        before: State of both files when the run began.
    """

    source: Path
    target: Path
    before: tuple[FileState, ...]

    @classmethod
    def of(cls, plan_path: str | Path, out_path: str | Path | None) -> Place:
        """Look at both files; PlanError if the plan is none, or the results cannot be saved there."""
        source = Path(plan_path)
        target = Path(out_path) if out_path is not None else source
        admit(source)  # what the file is comes before what the results are called
        kind = source.suffix.lower()
        if kind not in {".xlsx", ".xlsm"}:
            message = "is a workbook, but not called so"
            raise PlanError([Problem(source.name, "", message, f"Name it {source.stem}.xlsx.")])
        if target.suffix.lower() != kind:
            message = f"the plan is {kind}, so the results are saved as {kind}"
            raise PlanError([Problem(target.name, "", message, f"Name it {target.stem.rstrip('.')}{kind}.")])
        refuse_busy(target)
        return cls(source, target, (FileState.of(source), FileState.of(target)))


@dataclass(frozen=True)
class LogEntry:
    """Who runs what, when: None stands for the clock, and for the user."""

    now: dt.datetime | None
    who: str | None
    what: str


def write_results(
    place: Place,
    outcome: Outcome,
    tables: Sequence[ResultTable],
    log: RawTable | None,
    entry: LogEntry,
    *,
    backup: bool,
) -> Results:
    """Write result tables and a row of the run log.

    Raises:
        PlanError: A table cannot take its rows, or the file cannot be saved.
    """
    everything, failed = with_log(outcome, tables, log, entry)
    write_tables(place.source, place.target, everything, unchanged=place.before, backup=backup)
    return Results(place.target, outcome, {table.table.name: table for table in everything}, failed)


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
