"""Taking a proposed redistribution over into the plan, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools, OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.model.pipeline import SMALLEST_CHANGE
from revops_xl.tables.book import settings
from revops_xl.tables.quotas import adjustments
from revops_xl.tables.schema.nodes import find_node
from revops_xl.tables.schema.raw import RawBook
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.evaluate import evaluate, render
from revops_xl.usecases.outputs import LogEntry, Results, refuse_too_many, user, write_results
from revops_xl.usecases.port import PlanBook
from revops_xl.usecases.run import LOG, Progress, parsed, read
from revops_xl.workbook.plan_file import PlanFile


@dataclass(frozen=True, repr=False)
class Accepted(Results):
    """What accepting did.

    Attributes:
        added: ICs whose quota changes now and did not before.
        changed: ICs whose quota changes by another amount than before.
        withdrawn: ICs whose quota changed before and does not now, and rows that could not be used any more.
    """

    added: int = 0
    changed: int = 0
    withdrawn: int = 0

    @property
    def in_force(self) -> int:
        """How many ICs have a changed quota."""
        return len(self.outcome.plan.inputs.adjustments)


def accept(
    plan_path: str | Path,
    out_path: str | Path | None = None,
    *,
    nodes: Collection[str] = (),
    withdraw: bool = False,
    now: dt.datetime | None = None,
    who: str | None = None,
    backup: bool = False,
    progress: Progress = lambda _: None,
) -> Accepted:
    """Put the proposed redistribution in force: write it into AcceptedAdjustments, and run the plan with it.

    What was accepted before in the same teams is replaced, whether or not it still fits the plan, so accepting twice
    is accepting once.

    Args:
        plan_path: The plan workbook.
        out_path: Where to save the workbook; None: into the plan itself.
        nodes: Teams, or nodes above teams; empty: all.
        withdraw: Take the accepted adjustments of these teams back instead.
        now: Time for the run log, in UTC; None: the clock.
        who: Name for the run log and the reason; None: the user.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: With every problem; nothing was written.
    """
    named = (nodes,) if isinstance(nodes, str) else tuple(nodes)
    file = PlanFile.of(plan_path, out_path, backup=backup)
    accepted = accept_in(file, LogEntry(now, who, ""), nodes=named, withdraw=withdraw, progress=progress)
    return replace(accepted, path=file.target)


def accept_in(
    book: PlanBook,
    entry: LogEntry,
    *,
    nodes: Collection[str] = (),
    withdraw: bool = False,
    progress: Progress = lambda _: None,
) -> Accepted:
    """Accept in a plan, wherever it is open.

    Args:
        book: The plan.
        entry: Who does it, when; what it says stands before the command in the run log.
        nodes: As in `accept`.
        withdraw: As in `accept`.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: As `accept`.
    """
    moment, name = entry.now or dt.datetime.now(dt.UTC), entry.who or user()
    progress("reading")
    raw = read(book)
    taken = take_over(raw, nodes=nodes, withdraw=withdraw, moment=moment, who=name, progress=progress)
    progress("writing")
    what = f"{entry.what} {command(nodes, withdraw=withdraw)}".strip()
    written = write_results(book, taken.outcome, taken.tables, raw.tables.get(LOG), LogEntry(moment, name, what))
    counts = taken.added, taken.changed, taken.withdrawn
    return Accepted(written.path, taken.outcome, written.tables, written.failed, (), *counts)


def command(nodes: Collection[str], *, withdraw: bool) -> str:
    """What the run log says was done."""
    return " ".join(["accept", *(["--withdraw"] if withdraw else []), *nodes])


@dataclass(frozen=True)
class TakenOver:
    """What accepting makes of the tables of a workbook, before anything is written.

    Attributes:
        outcome: The plan with the adjustments in force.
        tables: Result tables, and AcceptedAdjustments.
        added: ICs whose quota changes now and did not before.
        changed: ICs whose quota changes by another amount than before.
        withdrawn: ICs whose quota changed before and does not now, and rows that could not be used any more.
    """

    outcome: Outcome
    tables: tuple[ResultTable, ...]
    added: int
    changed: int
    withdrawn: int


def take_over(
    book: RawBook,
    *,
    nodes: Collection[str] = (),
    withdraw: bool = False,
    moment: dt.datetime,
    who: str,
    progress: Progress = lambda _: None,
) -> TakenOver:
    """Accept, or take back, the proposal of a workbook's tables, wherever it is open.

    Raises:
        PlanError: With every problem.
    """
    raw = book.tables.get(adjustments.TABLE.name) or adjustments.none_yet()
    progress("checking")
    plan = parsed(adjustments.without_rows(book, raw))
    refuse_too_many(plan)
    proposal = evaluate(plan, progress)
    tree = plan.inputs.tree
    chosen = _chosen(tree, nodes)
    if not withdraw:
        _refuse_without_proposal(proposal, book.name)
    locale = settings.number_locale(book.tables.get("Settings"), [])
    others = adjustments.of_other_teams(raw, tree, chosen) if nodes else adjustments.no_rows(raw)
    if len(others):
        parsed(adjustments.with_rows(book, others))  # what stays must fit, and is refused by the cell where it stands
    change = proposal.moved.change if proposal.moved is not None and not withdraw else np.zeros(len(tree))
    reason = f"Pipeline redistribution, accepted {moment:%Y-%m-%d} by {who}"
    table = adjustments.render(tree, change, chosen, others, raw, locale, reason)
    outcome = evaluate(parsed(adjustments.with_rendered(book, raw, table)))
    before, _, gone = adjustments.stated(raw, tree, locale)
    added, changed, withdrawn = _difference(before, outcome)
    return TakenOver(outcome, (*render(outcome), table), added, changed, withdrawn + gone)


def _chosen(tree: OrgTree, nodes: Collection[str]) -> Bools:
    """The ICs at and below the named nodes; everybody if none is named."""
    if not nodes:
        return tree.is_ic
    chosen = np.zeros(len(tree), dtype=bool)
    problems: list[Problem] = []
    for name in nodes:
        try:
            positions = find_node(tree, name)
        except PlanError as error:
            problems += error.problems
            continue
        if tree.is_ic[positions[0]]:
            message = f'"{name}" is an IC; a redistribution is accepted for whole teams'
            problems.append(Problem("node", "", message, "Name its manager."))
        chosen[positions] = True
    if problems:
        raise PlanError(problems)
    return tree.everybody_below(chosen) & tree.is_ic


def _refuse_without_proposal(outcome: Outcome, name: str) -> None:
    inputs = outcome.plan.pipeline
    if inputs is None:
        message = "no redistribution is proposed: the setting Pipeline columns is blank"
        raise PlanError([Problem(name, "", message, "Name the pipeline columns of Hierarchy.")])
    if not inputs.redistribute:
        message = "no redistribution is proposed: the setting Adjustment mode is flag only"
        raise PlanError([Problem(name, "", message, "Set it to redistribute.")])


def _difference(before: Floats, outcome: Outcome) -> tuple[int, int, int]:
    """How many changes are new, other than before, and gone."""
    after = np.zeros(len(before)) if outcome.quotas.accepted is None else outcome.quotas.accepted
    had, has = np.abs(before) > SMALLEST_CHANGE, np.abs(after) > SMALLEST_CHANGE
    other = np.abs(after - before) > SMALLEST_CHANGE
    return int((has & ~had).sum()), int((has & had & other).sum()), int((had & ~has).sum())
