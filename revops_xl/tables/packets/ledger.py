"""Sheet Packets: which packets were made of the plan; what comes back is recognised by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from revops_xl.tables.packets.content import Packet
from revops_xl.tables.schema.declare import Column, Kind, Table
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.result_sheet import ResultSheet

TABLE = Table(
    "Packets",
    "The packets that were made: by the digest what comes back is recognised, and what was changed in it.",
    (
        Column("Packet", Kind.TEXT, "Name of the packet, as in its last sheet.", width=16),
        Column("Node", Kind.NODE, "Whose team it holds.", width=28),
        Column("Level", Kind.TEXT, "Level of the node.", width=12),
        Column("Version", Kind.INTEGER, "Counts the packets of the node; only the newest is taken back.", width=9),
        Column("Recipient", Kind.TEXT, "Address of the e-mail draft; blank: none is known.", width=30),
        Column("File", Kind.TEXT, "Name of the workbook.", width=34),
        Column("Digest", Kind.TEXT, "Fingerprint of everything in it that is locked.", width=36),
        Column("Made", Kind.TIME, "When, in UTC.", unit="UTC", width=18),
        Column("Made by", Kind.TEXT, "By whom.", width=18),
    ),
    result=True,
    keys=("Packet",),
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A row of the ledger."""

    packet: str
    node: str
    level: str
    version: int
    recipient: str
    file: str
    digest: str
    made: object
    made_by: str

    @property
    def row(self) -> dict[str, object]:
        """The row by header."""
        return {
            "Packet": self.packet,
            "Node": self.node,
            "Level": self.level,
            "Version": self.version,
            "Recipient": self.recipient,
            "File": self.file,
            "Digest": self.digest,
            "Made": self.made,
            "Made by": self.made_by,
        }


def read(raw: RawTable | None) -> list[Sent]:
    """The ledger of a plan; rows that somebody has spoiled are left out."""
    if raw is None or not set(TABLE.headers) <= set(raw.headers):
        return []
    found = []
    for values in zip(*(raw.column(name) for name in TABLE.headers), strict=True):
        packet, node, level, version, recipient, file, digest, made, made_by = values
        if isinstance(version, int | float) and version >= 1 and packet and node and digest:
            found.append(
                Sent(
                    _text(packet),
                    _text(node),
                    _text(level),
                    int(version),
                    _text(recipient),
                    _text(file),
                    _text(digest),
                    made,
                    _text(made_by),
                )
            )
    return found


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def newest(ledger: Sequence[Sent]) -> dict[str, Sent]:
    """The newest packet of each node."""
    found: dict[str, Sent] = {}
    for sent in ledger:
        if sent.node not in found or found[sent.node].version < sent.version:
            found[sent.node] = sent
    return found


def with_versions(packets: Sequence[Packet], ledger: Sequence[Sent]) -> list[Packet]:
    """Each packet with its version: that of the newest one if the content is the same, else the next."""
    last = newest(ledger)
    found = []
    for packet in packets:
        before = last.get(packet.node)
        version = before.version if before is not None else 0
        same = replace(packet, version=version)
        found.append(
            same if before is not None and same.digest == before.digest else replace(packet, version=version + 1)
        )
    return found


def render(
    ledger: Sequence[Sent], packets: Sequence[Packet], files: Mapping[str, str], when: dt.datetime, who: str
) -> ResultTable:
    """The ledger with the packets that are new in it.

    Args:
        ledger: As it stands.
        packets: That were made.
        files: Names of their workbooks, by packet.
        when: Now, in UTC.
        who: The user.
    """
    known = {sent.packet: number for number, sent in enumerate(ledger)}
    rows = list(ledger)
    for packet in packets:
        made = when.replace(tzinfo=None, microsecond=0)
        sent = Sent(packet.id, packet.node, packet.level, packet.version, packet.email, files[packet.id], packet.digest, made, who)  # fmt: skip
        if packet.id in known:  # the same content: it was made before
            rows[known[packet.id]] = replace(rows[known[packet.id]], recipient=packet.email, file=files[packet.id])
        else:
            rows.append(sent)
    return ResultTable.of_rows(TABLE, (sent.row for sent in rows))


SHEET = ResultSheet("Packets", "What was sent to managers", (TABLE,))
