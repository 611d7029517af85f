"""Taking a proposed redistribution over into the plan, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.flow import (
    LOG,
    LogEntry,
    Place,
    Progress,
    Results,
    evaluate,
    parsed,
    read,
    refuse_too_many,
    render,
    user,
    write_results,
)
from revops_xl.frames.api import find_node
from revops_xl.model.org import Bools
from revops_xl.tables import adjustments
from revops_xl.tables.outcome import Outcome
from revops_xl.tables.raw import RawBook, RawTable
from revops_xl.tables.result import ResultTable


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
) -> Results:
    """Put the proposed redistribution in force: write it into AcceptedAdjustments, and run the plan with it.

    What was accepted before in the same teams is replaced, so accepting twice is accepting once.

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
    moment, name = now or dt.datetime.now(dt.UTC), who or user()
    place = Place.of(plan_path, out_path)
    progress("reading")
    book = read(place.source)
    progress("checking")
    plan = parsed(book)
    refuse_too_many(plan)
    raw = book.tables.get(adjustments.TABLE.name)
    if raw is None:
        message = f"the workbook has no table {adjustments.TABLE.name}, which holds what is accepted"
        raise PlanError([Problem(place.source.name, "", message, "Start from `revops-xl new`, and copy your rows in.")])
    progress("computing")
    before = evaluate(plan)
    chosen = _chosen(before, nodes)
    if not withdraw:
        _refuse_without_proposal(before, place.source.name)
    accepted = _rows(before, chosen, raw, f"Pipeline redistribution, accepted {moment:%Y-%m-%d} by {name}", withdraw)
    changed = _with_rows(book, raw, accepted)
    outcome = evaluate(parsed(changed))
    what = " ".join(["accept", *(["--withdraw"] if withdraw else []), *nodes])
    progress("writing")
    tables = [*render(outcome), accepted]
    entry = LogEntry(moment, name, what)
    return write_results(place, outcome, tables, book.tables.get(LOG), entry, backup=backup)


def _chosen(outcome: Outcome, nodes: Collection[str]) -> Bools:
    """The ICs below the named nodes."""
    tree = outcome.quotas.inputs.tree
    if not nodes:
        return tree.is_ic
    chosen = np.zeros(len(tree), dtype=bool)
    problems: list[Problem] = []
    for name in nodes:
        try:
            positions = find_node(outcome.quotas, name)
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


def _rows(outcome: Outcome, chosen: Bools, raw: RawTable, reason: str, withdraw: bool) -> ResultTable:  # noqa: FBT001
    """The accepted changes: of the chosen ICs as proposed, of the others as they are."""
    plan, tree = outcome.quotas, outcome.quotas.inputs.tree
    in_force = plan.accepted if plan.accepted is not None else np.zeros(len(tree))
    proposed = outcome.moved.change if outcome.moved is not None and not withdraw else np.zeros(len(tree))
    change = np.where(chosen, proposed, in_force)
    reasons = {
        (node, _key(amount)): text
        for node, amount, text in _known_reasons(outcome, raw)
        if not chosen[node] or _key(float(proposed[node])) == _key(amount)
    }
    order = [node for node in tree.outline.tolist() if change[node] != 0]
    return ResultTable.of_rows(
        adjustments.TABLE,
        [
            (
                tree.reference(node),
                tree.reference(int(tree.parent[node])),
                float(change[node]),
                reasons.get((node, _key(float(change[node]))), reason),
            )
            for node in order
        ],
    )


def _key(amount: float) -> str:
    return f"{amount:.6f}"


def _known_reasons(outcome: Outcome, raw: RawTable) -> list[tuple[int, float, str]]:
    """Reasons that stand in the workbook, by IC and change."""
    texts = {f"{raw.sheet}!{raw.cell(row, 'Change')}": raw.column("Reason")[row] for row in range(len(raw))}
    return [
        (entry.node, entry.change, str(texts[entry.where]))
        for entry in outcome.plan.inputs.adjustments
        if texts.get(entry.where)
    ]


def _with_rows(book: RawBook, raw: RawTable, accepted: ResultTable) -> RawBook:
    """The workbook as it will be, so that the run sees what it would read."""
    headers = accepted.table.headers
    first = raw.header_row + 1
    table = replace(
        raw,
        headers=headers,
        columns=tuple(list(accepted.values(header)) for header in headers),
        rows=range(first, first + len(accepted)),
        below="",
        beside="",
        has_odd=False,
    )
    return replace(book, tables={**book.tables, raw.name: table})
