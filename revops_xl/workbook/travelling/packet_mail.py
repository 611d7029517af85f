"""A draft of the e-mail that a packet goes out with; sending it is up to the user's mail program."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP

from revops_xl.tables.packets.content import Packet

_TYPE = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
#: Characters of a subject that every mail program shows.
_LONGEST_SUBJECT = 150


def draft(packet: Packet, file_name: str, workbook: bytes) -> bytes:
    """An .eml file with recipient, subject, text and the workbook; the same packet gives the same bytes.

    It has no sender and no date: the mail program that opens it adds both. The header X-Unsent makes Outlook open it as
    a message to be sent.

    Args:
        packet: Whose it is.
        file_name: Name of the attachment.
        workbook: The attachment.
    """
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    if packet.email:
        message["To"] = packet.email
    message["Subject"] = _line(f"Quota packet: {packet.node}, {_about(packet)}")[:_LONGEST_SUBJECT].rstrip()
    message.set_content(_text(packet), cte="quoted-printable")
    message.add_attachment(workbook, maintype=_TYPE[0], subtype=_TYPE[1], filename=file_name)
    message.set_boundary(f"=_revops_xl_{packet.digest}")
    return message.as_bytes()


def _text(packet: Packet) -> str:
    top = packet.team[0]
    until = f"Please reply with the file by {_line(packet.due)}." if packet.due else "Please reply with the file."
    return (
        f"Hello {_line(greeted(packet))},\n\n"
        f"the quota of {_line(packet.node)} for {_line(_about(packet))} is {top['Quota']:,.0f} {_line(packet.currency)}. {until}\n\n"
        "- Agree? Choose “I agree” on the first sheet.\n"
        "- Another split? Enter quotas beside the names until the line above them says that it adds up.\n"
        "- Another amount? Ask for it on the sheet Requests, with the reason.\n\n"
        f"Packet {packet.id}, version {packet.version}.\n"
    )


def greeted(packet: Packet) -> str:
    """How the recipient is addressed: by the name in the address, else as the team is called.

    An address such as ada.lopez@example.com names somebody; sales@example.com does not.
    """
    parts = re.split(r"[._-]+", packet.email.partition("@")[0])
    person = len(parts) in {2, 3} and all(part.isalpha() and len(part) > 1 for part in parts)
    return " ".join(part.capitalize() for part in parts) if person else packet.node


def _about(packet: Packet) -> str:
    return packet.plan if packet.period in packet.plan else f"{packet.plan} {packet.period}"


def _line(text: str) -> str:
    """Text on one line, so that it cannot begin another header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
