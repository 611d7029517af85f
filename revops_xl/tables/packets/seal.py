"""The seal of a packet: what was sent, as text on its last sheet."""

from __future__ import annotations

import json
import re
from collections import defaultdict

from revops_xl.tables.packets import form
from revops_xl.tables.packets.content import FORM, Packet, fixed_texts
from revops_xl.tables.packets.findings import Returned, Sheets
from revops_xl.tables.packets.places import filled_cells

#: How a piece of the seal is marked: the packet, and which piece it is.
MARK = re.compile(rf"{form.SEAL} ([0-9a-f]{{12}}) (\d+/\d+)")


def sealed_text(sheets: Sheets, returned: Returned) -> str | None:
    """The sealed text, put together from its pieces."""
    pieces: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sheet, number, column, cell in filled_cells(sheets):
        mark = MARK.fullmatch(cell) if isinstance(cell, str) else None
        if mark is not None:
            behind = [text for text in sheets[sheet][number][column + 1 :] if isinstance(text, str) and text]
            pieces[mark[1], mark[2]].add(behind[0] if behind else "")
    ids = {packet for packet, _ in pieces}
    if not ids:
        returned.refused = "not a packet: the lines of its last sheet are missing"
        return None
    if len(ids) > 1 or any(len(texts) > 1 for texts in pieces.values()):
        returned.refused = "two packets in one file"
        return None
    returned.packet_id = ids.pop()
    order = sorted(pieces, key=lambda key: (len(key[1]), key[1]))
    return "".join(next(iter(pieces[key])) for key in order)


def packet_of(sealed: str) -> Packet | None:
    """What was sent; None if it was packed otherwise."""
    content = json.loads(sealed)
    if content.pop("form") != FORM:
        return None
    texts = content.pop("texts")
    decimals = None
    packet = Packet(
        content["node"], content["level"], "", content["plan"], content["period"], content["currency"], decimals,
        content["unit"], tuple(content["team"]), tuple(content["commits"]), content["version"],
        content["due"], tuple(content["earlier"]), tuple(content.get("beside", ())),
    )  # fmt: skip
    return packet if texts == fixed_texts(packet) else None
