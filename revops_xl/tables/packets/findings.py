"""What a returned packet says: what is not as it was sent, and what is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops_xl.tables.packets import form
from revops_xl.tables.packets.content import Packet
from revops_xl.tables.schema.raw import CellError, NotCalculated

Sheets = Mapping[str, Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sent.

    Attributes:
        kind: altered, added, removed, twice, unreadable or note.
        sheet: Where it stands in the returned file.
        row: What row it is about.
        column: Header.
        sent: As it was sent.
        returned: As it came back.
    """

    kind: str
    sheet: str
    row: str
    column: str
    sent: str
    returned: str


@dataclass(frozen=True)
class Ask:
    """A request of the manager.

    Attributes:
        kind: re-split, override or commit.
        node: Whom it is about.
        now: The number that it replaces; None: there is none.
        asked: The number asked for.
        reason: In the manager's words.
    """

    kind: str
    node: str
    now: float | None
    asked: float
    reason: str


@dataclass
class Returned:
    """What a returned file says.

    Attributes:
        packet: What was sent, from the seal; None: the file is no packet, or its seal is broken.
        packet_id: Name of the packet on the seal; "" without one.
        refused: Why nothing of it can be taken; "" if it can.
        findings: What is not as it was sent.
        asks: Requests.
        comments: Comments by whom they are about.
        off: Sum of the differences between what teams are handed down and what they carry.
    """

    packet: Packet | None = None
    packet_id: str = ""
    refused: str = ""
    findings: list[Finding] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    off: float = 0.0

    @property
    def altered(self) -> list[Finding]:
        """Locked cells that were changed."""
        return [finding for finding in self.findings if finding.kind == "altered"]

    @property
    def unclear(self) -> list[Finding]:
        """Entries that cannot be read, or that stand where nothing is looked for."""
        return [finding for finding in self.findings if finding.kind in {"unreadable", "added"}]

    @property
    def says(self) -> tuple[Any, ...]:
        """Everything that the manager entered, to tell two returns apart."""
        asks = sorted((ask.kind, ask.node, ask.asked, ask.reason) for ask in self.asks)
        return tuple(asks), tuple(sorted(self.comments.items()))


def key_text(value: Any) -> str:
    """A key, or another text, as a cell holds it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int) else ""


def same(sent: Any, returned: Any) -> bool:
    """Whether a cell says what was sent, as any program writes it."""
    if sent in ("", None):
        return returned in ("", None)
    if isinstance(sent, int | float):
        if not isinstance(returned, int | float) or isinstance(returned, bool):
            return False
        return math.isclose(sent, returned, rel_tol=1e-9, abs_tol=1e-9)
    return (
        bool(key_text(returned) == str(sent).strip()) if not isinstance(returned, CellError | NotCalculated) else False
    )


def entered_text(value: Any) -> str:
    """An entered text, one line and no longer than can be entered."""
    if value in ("", None) or isinstance(value, CellError | NotCalculated):
        return ""
    text = " ".join(key_text(value).split()) if not isinstance(value, bool) else str(value)
    return "".join(char for char in text if char.isprintable())[: form.LONGEST_TEXT]


def shown(value: Any) -> str:
    """A cell as the findings show it."""
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.text
    if isinstance(value, NotCalculated):
        return f"a formula that was not calculated: {value.formula}"[:200]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.15g}"
    return str(value)[:200]
