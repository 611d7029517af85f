"""From plan file to plan file: read, parse, compute, render, write. The one place that shows it all."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import revops_xl
from revops_xl.engine.cascade import cascade
from revops_xl.engine.explain import explain
from revops_xl.engine.hedge import audit_levels
from revops_xl.engine.weights import suggested_weights, values_or_blank
from revops_xl.errors import PlanError, Problem
from revops_xl.frames.api import find_node
from revops_xl.model.results import Explanation, QuotaPlan, SuggestedWeight
from revops_xl.tables import checks, dashboard, hedge_audit, quotas, run_log
from revops_xl.tables.declare import snake
from revops_xl.tables.plan import INPUT_TABLES, Plan, parse
from revops_xl.tables.raw import RawBook, RawTable
from revops_xl.tables.result import ResultTable
from revops_xl.workbook import sandbox
from revops_xl.workbook.address import MAX_ROWS
from revops_xl.workbook.intake import admit
from revops_xl.workbook.read import read_book
from revops_xl.workbook.save import FileState, refuse_busy
from revops_xl.workbook.write import check_tables, write_tables

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]
STAGES = ("reading", "checking", "computing", "writing")


@dataclass(frozen=True, repr=False)
class Results:
    """What a run produced.

    Attributes:
        path: The workbook with the results.
        plan: The computed plan, as arrays.
        tables: Result tables by name.
        failed: Names of the checks that failed or alarmed.
    """

    path: Path
    plan: QuotaPlan
    tables: dict[str, ResultTable]
    failed: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Results({str(self.path)!r}, tables {', '.join(self.tables)}, {len(self.failed)} checks failed)"

    def frame(self, name: str) -> pd.DataFrame:
        """A result table as a DataFrame with snake_case columns; the name is the table's in the workbook, such as "HedgeAudit"."""
        from revops_xl.frames.convert import to_frame  # noqa: PLC0415  (pandas, when it is asked for)

        if name not in self.tables:
            raise KeyError(f"no result table {name!r}; there are {', '.join(self.tables)}")
        return to_frame(self.tables[name])

    @property
    def quotas(self) -> pd.DataFrame:
        """One row per node, as an outline."""
        return self.frame("Quotas")


def read(path: Path, *, outside: bool = False) -> tuple[RawBook, RawTable | None]:
    """The input tables, and the run log as it stands; a file from outside may carry nothing that can run."""
    book = read_book(path, {table.name for table in INPUT_TABLES} | {run_log.TABLE.name}, outside=outside)
    log = book.tables.pop(run_log.TABLE.name, None)
    return book, log


def load(path: Path, progress: Progress = lambda _: None, *, outside: bool = False) -> tuple[Plan, RawTable | None]:
    """Read and check a plan.

    Raises:
        PlanError: With every problem of the workbook.
    """
    progress("reading")
    book, log = read(path, outside=outside)
    progress("checking")
    plan, problems = parse(book)
    if plan is None or problems:
        raise PlanError(problems)
    return plan, log


def compute(path: Path, progress: Progress = lambda _: None) -> tuple[Plan, QuotaPlan]:
    """Read, check and cascade a plan without writing anything."""
    plan, _ = load(path, progress)
    progress("computing")
    return plan, cascade(plan.inputs)


def render(plan: Plan, result: QuotaPlan) -> list[ResultTable]:
    """Every result table but the run log."""
    checked = checks.render(plan, result)
    return [
        quotas.render(result),
        hedge_audit.render_audit(audit_levels(result), result.inputs.unit),
        hedge_audit.render_weights(suggested_weights(result.inputs)),
        checked,
        dashboard.render_status(checked),
        dashboard.render_headlines(plan.settings, result, checked),
        dashboard.render_branches(result),
        dashboard.render_top(result),
    ]


def check(path: Path) -> list[dict[str, str]]:
    """Everything that a run does but save.

    Returns:
        The checks that warn, alarm or fail.

    Raises:
        PlanError: What a run would refuse.
    """
    return _check(path, outside=False)


def check_from_outside(path: Path) -> list[dict[str, str]]:
    """`check` for a file that somebody else sent: in a process with limits, and refused if it can run or fetch anything."""
    return sandbox.call("revops_xl.flow:check_here", {"path": str(path)}, path.name)  # type: ignore[no-any-return]


def check_here(path: str) -> list[dict[str, str]]:
    """What `check_from_outside` does in the other process."""
    return _check(Path(path), outside=True)


def _check(path: Path, *, outside: bool) -> list[dict[str, str]]:
    plan, log = load(path, outside=outside)
    result = cascade(plan.inputs)
    entry = run_log.render(log, dt.datetime.now(dt.UTC), revops_xl.__version__, _user(), "check", plan.digest, 0)
    check_tables(path, [*render(plan, result), entry])
    return remarks(plan, result)


def remarks(plan: Plan, result: QuotaPlan) -> list[dict[str, str]]:
    """The checks that warn, alarm or fail, as plain texts."""
    table = checks.render(plan, result)
    names = [column.name for column in checks.TABLE.columns]
    rows = zip(*(table.values(name) for name in names), strict=True)
    shown = ("Status", "Check", "Where", "What to do")
    found = [{snake(name): str(row[names.index(name)]) for name in shown} for row in rows]
    return [remark for remark in found if remark["status"] in {checks.WARNING, *checks.BAD}]


def run(
    plan_path: str | Path,
    out_path: str | Path | None = None,
    *,
    now: dt.datetime | None = None,
    who: str | None = None,
    what: str = "run",
    backup: bool = False,
    progress: Progress = lambda _: None,
) -> Results:
    """Run a plan workbook: everything its inputs allow.

    Args:
        plan_path: The plan workbook.
        out_path: Where to save the workbook with the results; None: into the plan itself.
        now: Time for the run log, in UTC; None: the clock.
        who: Name for the run log; None: the user.
        what: Command for the run log.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: With every problem; nothing was written.
    """
    source = Path(plan_path)
    target = Path(out_path) if out_path is not None else source
    admit(source)  # what the file is comes before what the results are called
    kind = source.suffix.lower()
    if kind not in {".xlsx", ".xlsm"}:
        raise PlanError([Problem(source.name, "", "is a workbook, but not called so", f"Name it {source.stem}.xlsx.")])
    if target.suffix.lower() != kind:
        message = f"the plan is {kind}, so the results are saved as {kind}"
        raise PlanError([Problem(target.name, "", message, f"Name it {target.stem.rstrip('.')}{kind}.")])
    refuse_busy(target)
    before = (FileState.of(source), FileState.of(target))
    plan, log = load(source, progress)
    if len(plan.inputs.tree) >= MAX_ROWS:
        message = f"the plan has {len(plan.inputs.tree):,} nodes; a sheet has {MAX_ROWS:,} rows"
        fix = "Plan branches in workbooks of their own, or use `export`."
        raise PlanError([Problem("Quotas", "", message, fix)])
    progress("computing")
    result = cascade(plan.inputs)
    tables = render(plan, result)
    failed = tuple(checks.failed(next(table for table in tables if table.table is checks.TABLE)))
    moment = now or dt.datetime.now(dt.UTC)
    entry = run_log.render(log, moment, revops_xl.__version__, who or _user(), what, plan.digest, len(failed))
    progress("writing")
    write_tables(source, target, [*tables, entry], unchanged=before, backup=backup)
    return Results(target, result, {table.table.name: table for table in [*tables, entry]}, failed)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def explain_node(path: Path, node: str) -> Explanation:
    """Why a node of a plan file has its number.

    Raises:
        PlanError: The plan is refused, or nothing, or too much, is called so.
    """
    _, result = compute(path)
    return explain(result, find_node(result, node))


def weights(path: Path, target: str | None = None) -> Sequence[SuggestedWeight]:
    """What the data say about the weights; the target is a blend metric, None the first."""
    plan, _ = load(path)
    if target is None:
        return suggested_weights(plan.inputs)
    names = [data.metric.name for data in plan.inputs.blend]
    if target not in names:
        raise PlanError(
            [Problem("--target", "", f'no blend metric is called "{target}"', f"They are {', '.join(names)}.")]
        )
    return suggested_weights(plan.inputs, values_or_blank(plan.inputs.blend[names.index(target)]))
