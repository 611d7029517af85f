"""Collecting packets: what came back is read, shown, and, where it is accepted, put in force."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from revops_xl.engine.evaluate import STEPS
from revops_xl.engine.packets.bottom_up import bottom_up
from revops_xl.errors import PlanError, Problem
from revops_xl.model.money import Unit
from revops_xl.tables.packets import ledger as packet_ledger
from revops_xl.tables.packets import returns, returns_judged, roll_up
from revops_xl.tables.packets.decided_inputs import not_fitting, with_decisions
from revops_xl.tables.packets.decisions import decided, to_apply
from revops_xl.tables.packets.findings import Finding, Returned
from revops_xl.tables.packets.returned_packet import read_packet
from revops_xl.tables.packets.returns import Request, Return
from revops_xl.tables.schema.raw import RawBook
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.evaluate import evaluate
from revops_xl.usecases.outputs import LogEntry, Results, user, write_results
from revops_xl.usecases.port import PlanBook
from revops_xl.usecases.run import LOG, Production, Progress, parsed, produce, read
from revops_xl.workbook.plan_file import PlanFile
from revops_xl.workbook.travelling.returned import Sheets, fingerprint, read_returned

STAGES = ("reading", "reading returns", "checking", *STEPS, "results", "writing")
#: Tables of packets.
TABLES = (
    packet_ledger.TABLE.name,
    returns.RETURNS.name,
    returns.DETAILS.name,
    returns.REQUESTS.name,
    roll_up.TABLE.name,
)
#: What stands beside packets in a folder of ours: drafts, and the list.
_BESIDE = {".eml", ".csv"}


@dataclass(frozen=True)
class File:
    """A returned file.

    Attributes:
        name: As it is called.
        fingerprint: Of its bytes.
        content: Its cells, or why it was refused.
    """

    name: str
    fingerprint: str
    content: Sheets | PlanError


@dataclass(frozen=True)
class Collection:
    """What collecting makes of the tables of a plan, before anything is written.

    Attributes:
        production: The plan with what was accepted.
        tables: All result tables, those of the packets, and the changed tables of inputs.
        returns: What came back, and what did not.
        requests: What is asked, with its state.
        applied: Requests that came in force by this.
    """

    production: Production
    tables: tuple[ResultTable, ...]
    returns: tuple[Return, ...]
    requests: tuple[Request, ...]
    applied: tuple[Request, ...]


@dataclass(frozen=True, repr=False)
class Collected(Results):
    """What collecting did.

    Attributes:
        returns: What came back, and what did not.
        requests: What is asked, with its state.
        applied: Requests that came in force by this.
    """

    returns: tuple[Return, ...] = ()
    requests: tuple[Request, ...] = ()
    applied: tuple[Request, ...] = ()


def collect(
    plan_path: str | Path,
    returned: Sequence[str | Path] = (),
    out_path: str | Path | None = None,
    *,
    now: dt.datetime | None = None,
    who: str | None = None,
    backup: bool = False,
    progress: Progress = lambda _: None,
) -> Collected:
    """Read returned packets into a plan, put what is accepted in force, and run the plan.

    Each file is recognised by its seal and its rows by their keys, whatever it is called and whoever saved it. It is read
    in a limited process. What is asked becomes a row of Requests; with the decision `accept` the next collection puts it
    in force. Collecting a file twice is collecting it once.

    Args:
        plan_path: The plan workbook with the ledger.
        returned: Files, or folders of files; none: only what was accepted is put in force.
        out_path: Where to save the workbook; None: into the plan itself.
        now: Time for returns and run log, in UTC; None: the clock.
        who: Name for the run log; None: the user.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: The plan is refused, a decision is none, or what was accepted does not fit; nothing was written. A
            returned file that is refused is a row of Returns instead.
    """
    file = PlanFile.of(plan_path, out_path, backup=backup)
    paths = files_in(returned, {file.source.resolve(), file.target.resolve()})
    return replace(collect_into(file, paths, LogEntry(now, who, ""), progress=progress), path=file.target)


def collect_into(
    book: PlanBook, paths: Sequence[Path], entry: LogEntry, *, progress: Progress = lambda _: None
) -> Collected:
    """Collect files into a plan, wherever it is open.

    Args:
        book: The plan.
        paths: The returned files.
        entry: Who does it, when; what it says stands before the command in the run log.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: As `collect`.
    """
    moment, name = entry.now or dt.datetime.now(dt.UTC), entry.who or user()
    progress("reading")
    raw = read(book, TABLES)
    progress("reading returns")
    files = [
        File(path.name, fingerprint(path), content) for path, content in zip(paths, read_returned(paths), strict=True)
    ]
    made = collection(raw, files, moment=moment, progress=progress)
    progress("writing")
    what = f"{entry.what} collect: {len(files)} files, {len(made.applied)} accepted".strip()
    outcome = made.production.outcome
    written = write_results(book, outcome, made.tables, raw.tables.get(LOG), LogEntry(moment, name, what))
    return Collected(
        written.path, written.outcome, written.tables, written.failed, (), made.returns, made.requests, made.applied
    )


def files_in(returned: Sequence[str | Path], but: set[Path]) -> list[Path]:
    """The files that are meant: those named, and all of named folders but drafts and lists, in the order of their names.

    Raises:
        PlanError: There is no such file, or a folder has no workbook.
    """
    found: list[Path] = []
    problems = []
    for path in map(Path, returned):
        if path.is_dir():
            inside = sorted(
                each
                for each in path.rglob("*")
                if each.is_file() and each.suffix.lower() not in _BESIDE and not each.name.startswith(("~$", "."))
            )
            if not inside:
                problems.append(Problem(str(path), "", "the folder has no workbook in it"))
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            problems.append(Problem(str(path), "", "there is no such file"))
    if problems:
        raise PlanError(problems)
    return [path for path in dict.fromkeys(found) if path.resolve() not in but]


def collection(
    book: RawBook, files: Sequence[File], *, moment: dt.datetime, progress: Progress = lambda _: None
) -> Collection:
    """Collect into the tables of a plan, wherever it is open.

    Raises:
        PlanError: As `collect`.
    """
    ledger = packet_ledger.read(book.tables.get(packet_ledger.TABLE.name))
    before = book.tables
    plan = parsed(book)
    read_now = [_read(file, ledger, plan.inputs.unit, moment) for file in files]
    new_returns = [each for each, _, _ in read_now]
    judged = returns_judged.with_status(_all_returns(returns.read_returns(before.get("Returns")), new_returns), ledger)
    problems: list[Problem] = []
    raw_requests = before.get("Requests")
    known = returns.read_requests(raw_requests, problems)
    if problems:
        raise PlanError(problems)
    status = {each.fingerprint: each.status for each in judged}
    incoming = _requests(read_now, status)
    undecided = {each.packet: True for each in judged if each.status in returns.ODD}
    requests = returns_judged.merged(known, incoming, undecided)
    applied = to_apply(requests, raw_requests)
    try:
        changed, written = with_decisions(book, evaluate(plan).quotas, applied) if applied else (book, [])
        made = produce(changed, progress=progress)
    except PlanError as error:
        if not applied:
            raise
        raise PlanError(not_fitting(error, applied, raw_requests)) from error
    requests = returns_judged.with_conflicts(decided(requests, applied))
    judged = returns_judged.settled(judged, requests)
    details = _details(returns.read_details(before.get("ReturnDetails")), read_now)
    return Collection(
        made,
        (
            *made.tables,
            *written,
            returns.render_returns(judged),
            returns.render_details(details),
            returns.render_requests(requests),
            _roll_up(made, ledger, judged, requests),
        ),
        tuple(judged),
        tuple(requests),
        tuple(applied),
    )


def _read(
    file: File, ledger: Sequence[packet_ledger.Sent], unit: Unit | None, moment: dt.datetime
) -> tuple[Return, Returned, File]:
    """What one file says, and its row of Returns as a file of its own."""
    if isinstance(file.content, PlanError):
        why = "; ".join(f"{each.message}. {each.fix}".strip() for each in file.content.problems)
        found = Returned(refused=why)
    else:
        found = read_packet(file.content, {sent.packet: sent.digest for sent in ledger})
        _refuse_fractions(found, unit)
    sent = next((each for each in ledger if each.packet == found.packet_id), None)
    status = returns.TAKEN
    for kind, holds in (
        (returns.UNCLEAR, found.unclear),
        (returns.ALTERED, found.altered),
        (returns.REFUSED, found.refused),
    ):
        status = kind if holds else status
    entries = hashlib.sha256(repr(found.says).encode()).hexdigest()[:16]
    row = Return(
        file.name,
        found.packet_id,
        sent.node if sent is not None else "",
        sent.version if sent is not None else None,
        status,
        len(found.asks),
        len(found.comments),
        len(found.altered),
        found.off,
        found.refused or _told(found),
        file.fingerprint,
        entries,
        returns.when(moment),
    )
    return row, found, file


def _told(returned: Returned) -> str:
    """The first thing that is not as it should be, and how many more there are."""
    odd = [*returned.altered, *returned.unclear]
    if not odd:
        return ""
    first = odd[0]
    said = f"{first.sheet or first.row}: {first.sent or 'nothing'} became {first.returned or 'blank'}"
    if first.kind != "altered":
        said = f"{' '.join(filter(None, (first.sheet, first.row)))}: {first.returned}{f' ({first.sent} is needed)' if first.sent else ''}"
    return f"{said}{f', and {len(odd) - 1} more' if len(odd) > 1 else ''}."


def _refuse_fractions(returned: Returned, unit: Unit | None) -> None:
    """A quota that is no whole multiple of the rounding unit could not tie."""
    if unit is None:
        return
    for ask in list(returned.asks):
        if ask.kind != returns.COMMIT and unit.exactly(ask.asked) is None:
            returned.asks.remove(ask)
            needed = f"a whole multiple of {unit.size:f}"
            returned.findings.append(Finding("unreadable", "", ask.node, ask.kind, needed, f"{ask.asked:,.15g}"))


def _all_returns(before: Sequence[Return], new: Sequence[Return]) -> list[Return]:
    """What was read before and now; a file that is read again takes its own place. Refusals are told once."""
    by_print = {each.fingerprint: each for each in before if each.status != returns.REFUSED}
    for each in new:
        earlier = by_print.get(each.fingerprint)
        by_print[each.fingerprint] = (
            replace(each, read=earlier.read, file=earlier.file) if earlier is not None else each
        )
    return list(by_print.values())


def _requests(read_now: Sequence[tuple[Return, Returned, File]], status: dict[str, str]) -> list[Request]:
    found = []
    for row, said, file in read_now:
        how = status.get(row.fingerprint)
        if how in returns.READ - {returns.DUPLICATE}:
            well = how == returns.TAKEN
            found += [returns.request_of(ask, row.node, row.packet, file.name, well=well) for ask in said.asks]
    return found


def _details(
    before: Sequence[dict[str, Any]], read_now: Sequence[tuple[Return, Returned, File]]
) -> list[dict[str, Any]]:
    """Details told before, but for the files that were read now, and theirs."""
    now = {(row.file, row.packet) for row, _, _ in read_now}
    kept = [row for row in before if (row["File"], row["Packet"]) not in now]
    for row, said, file in read_now:
        kept += returns.details_of(file.name, row.packet, said.findings, said.comments)
    return list({tuple(row.items()): row for row in kept}.values())


def _roll_up(
    made: Production, ledger: Sequence[packet_ledger.Sent], judged: Sequence[Return], requests: Sequence[Request]
) -> ResultTable:
    plan = made.outcome.quotas
    tree = plan.inputs.tree
    asked = roll_up.asked_of(tree, requests)
    of_ics = np.where(np.isnan(asked), plan.quota, asked)
    top_down = tree.roll_up(np.where(tree.is_ic, plan.quota, 0.0))
    rolled = bottom_up(tree, of_ics, np.where(tree.is_ic, np.nan, asked), plan.quota, top_down)
    current = made.outcome.plan.commits
    committed = (
        dict(zip(current.current.managers, current.current.commit.tolist(), strict=True)) if current is not None else {}
    )
    return roll_up.render(made.outcome, rolled, ledger, judged, committed)
