"""Packets: one workbook and one draft of an e-mail per manager, and a row of the plan's ledger for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from revops_xl.engine.evaluate import STEPS
from revops_xl.errors import PlanError, Problem
from revops_xl.model.outcome import Outcome
from revops_xl.tables.packets import ledger as packet_ledger
from revops_xl.tables.packets import overlay_reports, returns
from revops_xl.tables.packets.content import Packet, contents
from revops_xl.tables.packets.recipients import addresses, chosen, without_packet
from revops_xl.tables.schema.csv_text import csv_bytes
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.outputs import LogEntry, Results, user, write_results
from revops_xl.usecases.port import PlanBook
from revops_xl.usecases.run import LOG, Progress, produce, read
from revops_xl.workbook.building.packet_book import packet_bytes
from revops_xl.workbook.building.report_book import report_bytes
from revops_xl.workbook.plan_file import PlanFile
from revops_xl.workbook.travelling.packet_files import MAP_FILE, PacketFolder, file_names, packet_folder, refuse_taken
from revops_xl.workbook.travelling.packet_mail import draft

#: Columns of Requests that tell what became of one, and how many a packet tells.
_TOLD, _MOST_TOLD = ("From", "Node", "Asked", "State", "Decision"), 3
#: Folder, inside that of the packets, of what overlays get.
OVERLAYS = "overlays"
STAGES = ("reading", "checking", *STEPS, "making packets", "writing")


@dataclass(frozen=True, repr=False)
class Made(Results):
    """What making packets did.

    Attributes:
        folder: Where they are.
        packets: What was made, in the order of the outline.
        files: Name of each one's workbook.
        without: ICs whom no packet holds.
        reports: Overlays and managers of overlays, who get a workbook to read.
    """

    folder: Path = Path()
    packets: tuple[Packet, ...] = ()
    files: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    @property
    def unaddressed(self) -> list[str]:
        """Nodes whose recipient is not known, so their drafts have none."""
        return [packet.node for packet in self.packets if not packet.email]


def make_packets(
    plan_path: str | Path,
    folder: str | Path,
    *,
    level: str | None = None,
    nodes: Sequence[str] = (),
    due: dt.date | None = None,
    now: dt.datetime | None = None,
    who: str | None = None,
    backup: bool = False,
    progress: Progress = lambda _: None,
) -> Made:
    """Run a plan, and make a packet for each team of a level, or for each named one.

    A packet holds the team's own rows and its quota as handed down, nothing of anybody else. All packets are made, or
    none. The plan gets the results, and a row of Packets for each packet that is new.

    Args:
        plan_path: The plan workbook; the ledger goes into it.
        folder: Where the packets go; it does not exist yet, or is empty.
        level: Every team of this level; None: the level above the ICs, if no nodes are named.
        nodes: Teams by name.
        due: Day by which answers are asked for; None: none is said.
        now: Time for ledger and run log, in UTC; None: the clock.
        who: Name for both; None: the user.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: With every problem; no packet was made.
    """
    file = PlanFile.of(plan_path, None, backup=backup)
    entry = LogEntry(now, who, "")
    made = make_packets_of(file, Path(folder), entry, level=level, nodes=nodes, due=due, progress=progress)
    return replace(made, path=file.target)


def make_packets_of(
    book: PlanBook,
    folder: Path,
    entry: LogEntry,
    *,
    level: str | None = None,
    nodes: Sequence[str] = (),
    due: dt.date | None = None,
    progress: Progress = lambda _: None,
) -> Made:
    """Make packets of a plan, wherever it is open.

    Args:
        book: The plan.
        folder: As in `make_packets`.
        entry: Who does it, when; what it says stands before the command in the run log.
        level: As in `make_packets`.
        nodes: As in `make_packets`.
        due: As in `make_packets`.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: As `make_packets`.
    """
    moment, name = entry.now or dt.datetime.now(dt.UTC), entry.who or user()
    refuse_taken(folder)
    progress("reading")
    raw = read(book, [packet_ledger.TABLE.name, returns.REQUESTS.name])
    made = make_from(raw, level=level, nodes=nodes, due=due, moment=moment, who=name, progress=progress)
    what = " ".join(filter(None, [entry.what, "packets", *(["--level", level] if level else []), *nodes]))
    with packet_folder(folder) as out:
        progress("making packets")
        made.fill(out)
        progress("writing")
        # The ledger first: rows of packets that were never made do no harm, packets without a row would be strangers.
        written = write_results(book, made.outcome, made.tables, raw.tables.get(LOG), LogEntry(moment, name, what))
        out.finish()
    return Made(
        written.path,
        written.outcome,
        written.tables,
        written.failed,
        (),
        folder,
        made.packets,
        made.files,
        made.without,
        made.reports,
    )


@dataclass(frozen=True)
class Contents:
    """What packets are made of, before anything is written.

    Attributes:
        outcome: The computed plan.
        tables: All result tables, and the ledger.
        packets: In the order of the outline.
        files: Name of each one's workbook.
        without: ICs whom no packet holds.
        reports: Names of overlays and their managers, each of whom gets a workbook to read.
    """

    outcome: Outcome
    tables: tuple[ResultTable, ...]
    packets: tuple[Packet, ...]
    files: tuple[str, ...]
    without: tuple[str, ...]
    reports: tuple[str, ...] = ()

    def fill(self, out: PacketFolder) -> None:
        """Write workbooks, drafts, and the list of who got which."""
        rows: list[tuple[object, ...]] = [("packet", "node", "level", "version", "recipient", "file", "digest")]
        for packet, file in zip(self.packets, self.files, strict=True):
            content = packet_bytes(packet)
            out.add(file, content)
            out.add(f"{Path(file).stem}.eml", draft(packet, file, content))
            rows.append((packet.id, packet.node, packet.level, packet.version, packet.email, file, packet.digest))
        for name, file in zip(self.reports, file_names(list(self.reports)), strict=True):
            place = f"{OVERLAYS}/{file}.xlsx"
            tables = overlay_reports.tables_of(self.outcome, name)
            sheets = [sheet for sheet in overlay_reports.SHEETS if len(tables[sheet.tables[0].name])]
            out.add(place, report_bytes(f"Quota of {name}", sheets, tables))
            rows.append(("", name, "Overlay", "", "", place, ""))
        out.add(MAP_FILE, csv_bytes(rows))


def make_from(
    book: RawBook,
    *,
    level: str | None = None,
    nodes: Sequence[str] = (),
    due: dt.date | None = None,
    moment: dt.datetime,
    who: str,
    progress: Progress = lambda _: None,
) -> Contents:
    """The packets of the tables of a plan, wherever it is open.

    Raises:
        PlanError: As `make_packets`.
    """
    ledger = packet_ledger.read(book.tables.get(packet_ledger.TABLE.name))
    made = produce(book, progress=progress)
    tree = made.outcome.quotas.inputs.tree
    teams = chosen(tree, level, nodes)
    packets = packet_ledger.with_versions(_contents(made.outcome, book, teams, due), ledger)
    files = [f"{each}.xlsx" for each in file_names([packet.node for packet in packets])]
    by_packet = {packet.id: file for packet, file in zip(packets, files, strict=True)}
    table = packet_ledger.render(ledger, packets, by_packet, moment, who)
    return Contents(
        made.outcome,
        (*made.tables, table),
        tuple(packets),
        tuple(files),
        tuple(without_packet(tree, teams)),
        tuple(overlay_reports.names(made.outcome)) if not nodes else (),
    )


def _rows_of(raw: RawTable, rows: Sequence[int]) -> RawTable:
    """The rows of Hierarchy that are rows of the tree: not totals, not a second row of one seat."""
    place = {int(number): i for i, number in enumerate(raw.rows)}
    kept = [place[row] for row in rows]
    return replace(raw, columns=tuple([list(raw.column(h))[i] for i in kept] for h in raw.headers), rows=list(rows))


def _contents(outcome: Outcome, book: RawBook, teams: Sequence[int], due: dt.date | None) -> list[Packet]:
    problems: list[Problem] = []
    emails = addresses(
        outcome.quotas.inputs.tree, _rows_of(book.tables["Hierarchy"], outcome.plan.people_rows), teams, problems
    )
    if problems:
        raise PlanError(problems)
    until = f"{due:%A} {due.day} {due:%B %Y}" if due is not None else ""
    return contents(outcome, teams, emails, until, _earlier(book))


def _earlier(book: RawBook) -> dict[str, tuple[str, ...]]:
    """What became of earlier requests, by the node that made them."""
    table = book.tables.get(returns.REQUESTS.name)
    found: dict[str, list[str]] = {}
    if table is None or not set(_TOLD) <= set(table.headers):
        return {}
    for node, whom, asked, state, decision in zip(*(table.column(name) for name in _TOLD), strict=True):
        if not isinstance(asked, int | float) or not node:
            continue
        became = str(state or decision or "open")
        found.setdefault(str(node), []).append(f"You asked for {asked:,.0f} for {whom}: {became}.")
    return {node: tuple(texts[-_MOST_TOLD:]) for node, texts in found.items()}
