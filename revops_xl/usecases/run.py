"""From plan file to plan file: read, parse, compute, render, write. The one place that shows it all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from revops_xl.engine.evaluate import STEPS
from revops_xl.engine.quotas.weights import suggested_weights, values_or_blank
from revops_xl.errors import PlanError, Problem
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.model.results import Explanation, SuggestedWeight
from revops_xl.tables.book import checks, headlines, run_log
from revops_xl.tables.book.catalog import PARTS
from revops_xl.tables.book.kept import stale_parts
from revops_xl.tables.book.plan import INPUT_TABLES, parse
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.deal_history import record, remembered
from revops_xl.usecases.evaluate import evaluate, remarks, render
from revops_xl.usecases.explain import explanation
from revops_xl.usecases.outputs import LogEntry, Results, refuse_too_many, with_log, write_results
from revops_xl.usecases.port import PlanBook
from revops_xl.workbook.file import sandbox
from revops_xl.workbook.plan_file import PlanFile

Progress = Callable[[str], None]
LOG, HEADLINES = run_log.TABLE.name, headlines.HEADLINES.name
#: Tables that other commands fill, which Start counts.
LEDGERS = ("Packets", "Requests")
STAGES = ("reading", "checking", *STEPS, "results", "writing")


def read(book: PlanBook, also: Collection[str] = ()) -> RawBook:
    """The input tables, the run log, and further tables."""
    return book.read({table.name for table in INPUT_TABLES} | {LOG, *also})


def parsed(book: RawBook) -> Plan:
    """The tables as a plan.

    Raises:
        PlanError: With every problem of the workbook.
    """
    plan, problems = parse(book, dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1))  # it may be tomorrow somewhere
    if plan is None or problems:
        raise PlanError(problems)
    return remembered(plan, book.path)


def computed(book: PlanBook, progress: Progress = lambda _: None) -> Outcome:
    """Read, check and compute a plan without writing anything.

    Raises:
        PlanError: With every problem of the workbook.
    """
    progress("reading")
    raw = read(book)
    progress("checking")
    plan = parsed(raw)
    return evaluate(plan, progress)


def compute(path: Path, progress: Progress = lambda _: None) -> Outcome:
    """`computed`, of a plan file."""
    return computed(PlanFile(path, path), progress)


def check_of(book: PlanBook, progress: Progress = lambda _: None) -> list[dict[str, str]]:
    """Everything that a run does but write.

    Returns:
        The checks that warn, alarm or fail.

    Raises:
        PlanError: What a run would refuse.
    """
    progress("reading")
    raw = read(book)
    made = produce(raw, progress=progress)
    if isinstance(book, PlanFile):
        tables, _ = with_log(made.outcome, made.tables, raw.tables.get(LOG), LogEntry(None, None, "check"))
        book.try_to_write(tables)
    return remarks(made.checks)


def check(path: Path) -> list[dict[str, str]]:
    """`check_of`, of a plan file."""
    return check_of(PlanFile(path, path))


def check_from_outside(path: Path) -> list[dict[str, str]]:
    """`check` for a file that somebody else sent: in a process with limits, and refused if it can run or fetch anything."""
    return sandbox.call("revops_xl.usecases.run:check_here", {"path": str(path)}, path.name)  # type: ignore[no-any-return]


def check_here(path: str) -> list[dict[str, str]]:
    """What `check_from_outside` does in the other process."""
    return check_of(PlanFile(Path(path), Path(path), outside=True))


def run(
    plan_path: str | Path,
    out_path: str | Path | None = None,
    *,
    only: Collection[str] = (),
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
        only: Parts to write, of "quotas", "commits", "pipeline", "forecast" and "planning"; the others stay as they are, and Checks says if
            they are not those of the inputs. Empty: all.
        now: Time for the run log, in UTC; None: the clock.
        who: Name for the run log; None: the user.
        what: Command for the run log.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: With every problem; nothing was written. Also if quotas are to stay that are not those of the inputs.
        ValueError: There is no such part.
    """
    refuse_unknown(only)
    file = PlanFile.of(plan_path, out_path, backup=backup)
    return replace(run_of(file, LogEntry(now, who, what), only=only, progress=progress), path=file.target)


def run_of(
    book: PlanBook, entry: LogEntry, *, only: Collection[str] = (), progress: Progress = lambda _: None
) -> Results:
    """Run a plan, wherever it is open.

    Raises:
        PlanError: As `run`.
    """
    refuse_unknown(only)
    progress("reading")
    raw = read(book, also_read(only))
    entry = replace(entry, now=entry.now or dt.datetime.now(dt.UTC))
    made = produce(raw, only=only, progress=progress, when=entry.now)
    shown = " ".join([entry.what, *(f"--only {part}" for part in PARTS if part in only)])
    progress("writing")
    results = write_results(book, made.outcome, made.tables, raw.tables.get(LOG), replace(entry, what=shown))
    return replace(results, stale=made.stale, history=record(made.outcome, raw.path, book.home))


@dataclass(frozen=True)
class Production:
    """What a run makes of the tables of a workbook, before anything is written.

    Attributes:
        outcome: Everything that was computed.
        tables: Result tables to write, all but the run log.
        stale: Parts that are left as they are and are not those of the inputs.
    """

    outcome: Outcome
    tables: tuple[ResultTable, ...]
    stale: tuple[str, ...]

    @property
    def checks(self) -> ResultTable:
        """The table Checks."""
        return next(table for table in self.tables if table.table.name == checks.TABLE.name)


def produce(
    book: RawBook,
    *,
    only: Collection[str] = (),
    progress: Progress = lambda _: None,
    when: dt.datetime | None = None,
) -> Production:
    """Check and compute the tables of a workbook, wherever it is open: what a run does between reading and writing.

    Args:
        book: The input tables, and those that `also_read` names.
        only: Parts to write; empty: all.
        progress: Called with the name of each stage as it begins.
        when: Time of the run, in UTC; None: the clock.

    Raises:
        PlanError: With every problem; also if quotas are to stay that are not those of the inputs.
    """
    left_out = _left_out(only)
    progress("checking")
    plan = parsed(book)
    refuse_too_many(plan)
    outcome = evaluate(plan, progress)
    progress("results")
    there = {name: book.tables[name] for name in (HEADLINES, *LEDGERS) if name in book.tables}
    tables = render(outcome, (), there, when)
    stale = stale_parts(PARTS, left_out, book.tables, tables)
    if "quotas" in stale:
        refuse_other_quotas(book.tables.get("Quotas"), book.name)
    if stale:
        tables = render(outcome, stale, there, when)
    kept = {name for part in left_out for name in PARTS[part]}
    return Production(outcome, tuple(table for table in tables if table.table.name not in kept), stale)


def refuse_unknown(only: Collection[str]) -> None:
    """A part that there is not is a slip of the program."""
    unknown = sorted(set(only) - PARTS.keys())
    if unknown:
        raise ValueError(f"only has {', '.join(unknown)}; the parts are {', '.join(PARTS)}")


def also_read(only: Collection[str]) -> list[str]:
    """Result tables that a run of some parts has to read: those that stay, to see whether they still hold."""
    return [HEADLINES, *LEDGERS, *(name for part in _left_out(only) for name in PARTS[part])]


def _left_out(only: Collection[str]) -> list[str]:
    return [part for part in PARTS if only and part not in only]


def refuse_other_quotas(there: RawTable | None, name: str) -> NoReturn:
    """Refuse to leave quotas in a workbook that are not those of its inputs: the checks would speak of others."""
    message = "the quotas in the workbook are not those of its inputs, so the other parts cannot be written beside them"
    where = there.sheet if there is not None else name
    raise PlanError([Problem(where, "", message, "Run everything, or add --only quotas.")])


def explain_of(book: PlanBook, node: str, progress: Progress = lambda _: None) -> Explanation:
    """Why a node, or a deal, has its number.

    Raises:
        PlanError: The plan is refused, or nothing, or too much, is called so.
    """
    return explanation(computed(book, progress), node)


def explain_node(path: Path, node: str) -> Explanation:
    """`explain_of`, of a plan file."""
    return explain_of(PlanFile(path, path), node)


def weights_of(book: PlanBook, target: str | None = None) -> Sequence[SuggestedWeight]:
    """What the data say about the weights; the target is a blend metric, None the first."""
    plan = parsed(read(book))
    if target is None:
        return suggested_weights(plan.inputs)
    names = [data.metric.name for data in plan.inputs.blend]
    if target not in names:
        raise PlanError(
            [Problem("--target", "", f'no blend metric is called "{target}"', f"They are {', '.join(names)}.")]
        )
    return suggested_weights(plan.inputs, values_or_blank(plan.inputs.blend[names.index(target)]))


def weights(path: Path, target: str | None = None) -> Sequence[SuggestedWeight]:
    """`weights_of`, of a plan file."""
    return weights_of(PlanFile(path, path), target)
