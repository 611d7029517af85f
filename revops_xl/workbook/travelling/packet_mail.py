"""A draft of the e-mail that a packet goes out with; sending it is up to the user's mail program."""

from __future__ import annotations

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
    about = _line(_about(packet))
    return (
        "Hello,\n\n"
        f"attached are the quotas of {_line(packet.node)} ({about}).\n\n"
        "Please open the workbook; its first sheet says what to do. Propose other quotas inside your team, ask for what your "
        "team cannot move by itself, enter your commit, save, and reply with the file, under any name. If you agree, "
        "send it back as it is.\n\n"
        f"Packet {packet.id}, version {packet.version}.\n"
    )


def _about(packet: Packet) -> str:
    return packet.plan if packet.period in packet.plan else f"{packet.plan} {packet.period}"


def _line(text: str) -> str:
    """Text on one line, so that it cannot begin another header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
