"""Sheets Returns and Requests: what came back of each packet, and what is asked in it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revops_xl.errors import Problem
from revops_xl.tables.packets.findings import Ask, Finding
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.look import Highlight, InSight, Tone, Words
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import Formula, ResultTable, this_row
from revops_xl.tables.schema.result_sheet import ResultSheet

TAKEN, ALTERED, UNCLEAR, REFUSED, OLDER, DUPLICATE, CONFLICT, DECIDED, MISSING = (
    "taken", "altered", "unclear", "refused", "older version", "duplicate", "conflict", "decided", "not returned",
)  # fmt: skip
#: What a file of the current packet can be.
READ = frozenset({TAKEN, ALTERED, UNCLEAR, DUPLICATE, CONFLICT, DECIDED})
#: What deserves a look before anything is taken from it.
ODD = frozenset({ALTERED, UNCLEAR, REFUSED, CONFLICT})
ACCEPT, REJECT = "accept", "reject"
OPEN, IN_FORCE, REJECTED, REPLACED = "open", "in force", "rejected", "replaced"
COMMIT, RE_SPLIT = "commit", "re-split"

RETURNS = Table(
    "Returns",
    "One row per returned file, and one for each packet that has not come back.",
    (
        Column("File", Kind.TEXT, "Name of the file; blank: not returned.", width=30),
        Column("Packet", Kind.TEXT, "Packet on its last sheet.", width=15),
        Column("Node", Kind.NODE, "Whose packet it is.", width=24),
        Column("Version", Kind.INTEGER, "Version of the packet.", width=9),
        Column("Status", Kind.TEXT, "taken; altered: locked cells were changed; unclear: an entry cannot be read; conflict: two returns differ; decided: and nothing of it is open; refused; older version; duplicate; not returned.", width=14),
        Column("Requests", Kind.INTEGER, "Requests and commits in it.", width=10),
        Column("Comments", Kind.INTEGER, "Comments in it.", width=10),
        Column("Altered", Kind.INTEGER, "Locked cells that were changed.", width=9),
        Column("Does not add up by", Kind.MONEY, "Differences between what teams are handed down and what they carry, with the proposals.", unit="currency", width=16),
        Column("What", Kind.TEXT, "Why it is not taken, or what to look at.", width=60),
        Column("Fingerprint", Kind.TEXT, "Of the file: the same file is the same return.", width=18),
        Column("Entries", Kind.TEXT, "Fingerprint of what was entered: two returns that say the same.", width=18),
        Column("Read", Kind.TIME, "When it was read, in UTC.", unit="UTC", width=17),
    ),
    result=True,
    keys=("File", "Packet", "Fingerprint"),
)  # fmt: skip
DETAILS = Table(
    "ReturnDetails",
    "Comments, and everything that is not as it was sent.",
    (
        Column("File", Kind.TEXT, "Name of the file.", width=30),
        Column("Packet", Kind.TEXT, "Packet.", width=15),
        Column("Finding", Kind.TEXT, "comment; altered; added; removed; twice; unreadable; note.", width=12),
        Column("Where", Kind.TEXT, "Sheet and cell of the returned file.", width=22),
        Column("About", Kind.TEXT, "Row that it is about.", width=26),
        Column("Column", Kind.TEXT, "Header.", width=16),
        Column("Sent", Kind.TEXT, "As it was sent.", width=40),
        Column("Returned", Kind.TEXT, "As it came back.", width=60),
    ),
    result=True,
    keys=("File", "Where", "About", "Column", "Returned"),
)

REQUESTS = Table(
    "Requests",
    "What managers ask for. Enter a decision, then collect again: accepted re-splits that add up become adjustments, other requests overrides, commits rows of Commits.",
    (
        Column("Request", Kind.TEXT, "Name of the request.", width=12),
        Column("From", Kind.NODE, "Whose packet it stands in.", width=22),
        Column("Kind", Kind.TEXT, "re-split: a proposal inside the team. override: another amount. commit.", width=11),
        Column("Node", Kind.NODE, "Whom it is about.", width=24),
        Column("Now", Kind.MONEY, "The number it replaces, as sent.", unit="currency", width=16),
        Column("Asked", Kind.MONEY, "The number asked for.", unit="currency", width=16),
        Column("Difference", Kind.MONEY, "Asked less now.", unit="currency", width=15, number_format='+#,##0.00;[Red]-#,##0.00;"–"'),
        Column("Reason", Kind.TEXT, "In the manager's words.", width=44),
        Column("Conflict", Kind.TEXT, "Other requests for the same number.", width=34),
        Column("Decision", Kind.CHOICE, "accept or reject; blank: not decided. Commits of a file that came back as it should are accepted.", choices=(ACCEPT, REJECT), width=12, entry=True),
        Column("State", Kind.TEXT, "open, in force, rejected; replaced: by a later one.", width=11),
        Column("File", Kind.TEXT, "Where it stands.", width=30),
        Column("Packet", Kind.TEXT, "Packet.", width=15),
    ),
    result=True,
    keys=("Request",),
)  # fmt: skip


@dataclass(frozen=True)
class Return:
    """A row of Returns."""

    file: str
    packet: str
    node: str
    version: int | None
    status: str
    requests: int = 0
    comments: int = 0
    altered: int = 0
    off: float = 0.0
    what: str = ""
    fingerprint: str = ""
    entries: str = ""
    read: Any = None

    @property
    def row(self) -> dict[str, Any]:
        """The row by header."""
        missing = self.status == MISSING
        return {
            "File": self.file,
            "Packet": self.packet,
            "Node": self.node,
            "Version": self.version,
            "Status": self.status,
            "Requests": None if missing else self.requests,
            "Comments": None if missing else self.comments,
            "Altered": None if missing else self.altered,
            "Does not add up by": None if missing else self.off,
            "What": self.what,
            "Fingerprint": self.fingerprint,
            "Entries": self.entries,
            "Read": self.read,
        }


@dataclass(frozen=True)
class Request:
    """A row of Requests."""

    key: str
    origin: str
    kind: str
    node: str
    now: float | None
    asked: float
    reason: str
    file: str
    packet: str
    conflict: str = ""
    decision: str = ""
    state: str = OPEN

    @property
    def row(self) -> dict[str, Any]:
        """The row by header."""
        now = this_row(REQUESTS.name, "Now")
        difference = Formula(
            f'IF({now}="","",ROUND({this_row(REQUESTS.name, "Asked")}-{now},6))',
            "" if self.now is None else round(self.asked - self.now, 6),
        )
        return {
            "Request": self.key,
            "From": self.origin,
            "Kind": self.kind,
            "Node": self.node,
            "Now": self.now,
            "Asked": self.asked,
            "Difference": difference,
            "Reason": self.reason,
            "Conflict": self.conflict,
            "Decision": self.decision or None,
            "State": self.state,
            "File": self.file,
            "Packet": self.packet,
        }

    @property
    def about(self) -> tuple[bool, str]:
        """The number that it would set: a commit or a quota, of whom."""
        return self.kind == COMMIT, self.node


def request_of(ask: Ask, origin: str, packet: str, file: str, *, well: bool) -> Request:
    """A request as it comes in.

    Args:
        ask: What is asked.
        origin: Node of the packet.
        packet: The packet.
        file: Name of the file.
        well: The file is as it should be, so a commit needs no decision.
    """
    said = "\x1f".join((packet, ask.kind, ask.node, repr(ask.asked)))
    key = "r" + hashlib.sha256(said.encode()).hexdigest()[:9]
    decision = ACCEPT if well and ask.kind == COMMIT else ""
    return Request(key, origin, ask.kind, ask.node, ask.now, ask.asked, ask.reason, file, packet, "", decision)


def read_returns(raw: RawTable | None) -> list[Return]:
    """Returns that were read before; those that are missing are told anew."""
    found = []
    for row in _rows(raw, RETURNS):
        if row["Fingerprint"]:
            version = row["Version"]
            found.append(
                Return(
                    file=_text(row["File"]),
                    packet=_text(row["Packet"]),
                    node=_text(row["Node"]),
                    version=int(version) if isinstance(version, int | float) else None,
                    status=_text(row["Status"]),
                    requests=_count(row["Requests"]),
                    comments=_count(row["Comments"]),
                    altered=_count(row["Altered"]),
                    off=float(row["Does not add up by"]) if isinstance(row["Does not add up by"], int | float) else 0.0,
                    what=_text(row["What"]),
                    fingerprint=_text(row["Fingerprint"]),
                    entries=_text(row["Entries"]),
                    read=row["Read"],
                )
            )
    return found


def read_details(raw: RawTable | None) -> list[dict[str, Any]]:
    """Details that were told before."""
    return list(_rows(raw, DETAILS))


def read_requests(raw: RawTable | None, problems: list[Problem]) -> list[Request]:
    """Requests with what is decided about them."""
    found = []
    for number, row in enumerate(_rows(raw, REQUESTS)):
        decision = _text(row["Decision"]).strip().lower()
        asked = row["Asked"]
        if decision not in {"", ACCEPT, REJECT} and raw is not None:
            message = f'Decision is "{row["Decision"]}"'
            problems.append(
                Problem(raw.sheet, raw.cell(number, "Decision"), message, f"Write {ACCEPT} or {REJECT}, or clear it.")
            )
        if not isinstance(asked, int | float) or isinstance(asked, bool) or not row["Request"]:
            continue  # a row that was spoiled; the file can be collected again
        now = float(row["Now"]) if isinstance(row["Now"], int | float) else None
        found.append(
            Request(
                _text(row["Request"]), _text(row["From"]), _text(row["Kind"]), _text(row["Node"]), now, float(asked),
                _text(row["Reason"]), _text(row["File"]), _text(row["Packet"]), "", decision, _text(row["State"]).strip().lower() or OPEN,
            )
        )  # fmt: skip
    return found


def _rows(raw: RawTable | None, table: Table) -> Iterable[dict[str, Any]]:
    if raw is None or not set(table.headers) <= set(raw.headers):
        return
    for values in zip(*(raw.column(name) for name in table.headers), strict=True):
        yield dict(zip(table.headers, values, strict=True))


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def render_returns(returns: Sequence[Return]) -> ResultTable:
    """Rows of Returns."""
    return ResultTable.of_rows(RETURNS, (each.row for each in returns))


def render_requests(requests: Sequence[Request]) -> ResultTable:
    """Rows of Requests."""
    return ResultTable.of_rows(REQUESTS, (each.row for each in requests))


def render_details(rows: Sequence[dict[str, Any]]) -> ResultTable:
    """Rows of ReturnDetails."""
    return ResultTable.of_rows(DETAILS, rows)


def details_of(
    file: str, packet: str, findings: Sequence[Finding], comments: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What deserves to be told of one file."""
    blank = dict.fromkeys(DETAILS.headers, "") | {"File": file, "Packet": packet}
    rows = [blank | {"Finding": "comment", "About": about, "Returned": text} for about, text in comments.items()]
    rows += [
        blank
        | {
            "Finding": each.kind,
            "Where": each.sheet,
            "About": each.row,
            "Column": each.column,
            "Sent": each.sent,
            "Returned": each.returned,
        }
        for each in findings
    ]
    return rows


def when(moment: dt.datetime) -> dt.datetime:
    """A moment as the tables show it."""
    return moment.replace(tzinfo=None, microsecond=0)


SHEET = ResultSheet(
    "Returns",
    "What came back of the packets",
    (RETURNS, DETAILS),
    look=(
        Words(
            RETURNS.name,
            "Status",
            {
                TAKEN: Tone.GOOD,
                MISSING: Tone.QUIET,
                DUPLICATE: Tone.QUIET,
                OLDER: Tone.WATCH,
                ALTERED: Tone.WATCH,
                CONFLICT: Tone.WATCH,
                UNCLEAR: Tone.WATCH,
                DECIDED: Tone.GOOD,
                REFUSED: Tone.ACT,
            },
        ),
        Words(DETAILS.name, "Finding", {"altered": Tone.WATCH, "removed": Tone.ACT, "twice": Tone.ACT}),
    ),
)
REQUEST_SHEET = ResultSheet(
    "Requests",
    "What managers ask for, and what is decided",
    (REQUESTS,),
    look=(
        Words(
            REQUESTS.name,
            "State",
            {OPEN: Tone.WATCH, IN_FORCE: Tone.GOOD, REJECTED: Tone.QUIET, REPLACED: Tone.QUIET},
        ),
        Highlight(REQUESTS.name, (("Conflict", "Conflict"),), '{Conflict}<>""', Tone.ACT),
        InSight(REQUESTS.name, "Now"),
    ),
)
