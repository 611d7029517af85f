"""A packet that came back: recognised by its seal, compared with what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from revops_xl.tables.packets.compare import compare
from revops_xl.tables.packets.content import digest_of
from revops_xl.tables.packets.findings import Returned, Sheets
from revops_xl.tables.packets.seal import packet_of, sealed_text


def read_packet(sheets: Sheets, digests: Mapping[str, str]) -> Returned:
    """Read a returned file.

    Args:
        sheets: Its cells.
        digests: Digest of the sealed content of each packet that the ledger knows.
    """
    found = Returned()
    sealed = sealed_text(sheets, found)
    if sealed is None:
        return found
    digest = digest_of(sealed)
    if found.packet_id not in digests:
        found.refused = "wrong plan: the ledger of this plan has no such packet"
    elif digest != digests[found.packet_id]:
        found.refused = "forged: the lines on the last sheet are not those that were sent"
    packet = packet_of(sealed) if not found.refused else None
    if packet is None:
        found.refused = found.refused or "made by another version of revops-xl, which packs otherwise"
        return found
    found.packet = packet
    compare(sheets, packet, found)
    return found
