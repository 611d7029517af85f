"""Packets as files: names that every system can open, and a folder that is complete or not there."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pathvalidate import sanitize_filename

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file.file_names import name_fault, twin
from revops_xl.workbook.file.save import alone, sync_folder

#: Longest name of a file without its suffix, in bytes: mail programs and folders add a lot in front.
LONGEST_NAME = 100
#: Which file belongs to which node.
MAP_FILE = "packets.csv"
#: Characters that are not seen, or mean nothing everywhere: controls, marks of direction, private use, surrogates.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


def file_names(nodes: Sequence[str]) -> list[str]:
    """A name for each node's files, without suffix: legal on every system, and different even where case is ignored.

    A name depends on the node and on whether others would get the same, not on their order.

    Example:
        >>> file_names(["EMEA West", "../A:B", "CON"])
        ['EMEA West', '_A_B', 'CON_']
    """
    plain = [_plain(node) for node in nodes]
    counts: dict[str, int] = {Path(MAP_FILE).stem: 1}
    for name in plain:
        counts[_folded(name)] = counts.get(_folded(name), 0) + 1
    return [
        f"{name[: LONGEST_NAME // 2].rstrip(' .')} {_tail(node)}" if counts[_folded(name)] > 1 else name
        for name, node in zip(plain, nodes, strict=True)
    ]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _plain(node: str) -> str:
    """What is left of a node's name without everything that some system forbids, or that misleads."""
    text = unicodedata.normalize("NFC", node)
    seen = "".join("_" if unicodedata.category(char) in _UNSEEN else char for char in text)
    safe = str(sanitize_filename(seen, replacement_text="_", platform="universal"))
    safe = re.sub(r"\s+", " ", safe).strip(" .~$'")
    while len(safe.encode()) > LONGEST_NAME:
        safe = safe[:-1]
    safe = safe.rstrip(" .")
    usable = any(char.isalnum() for char in safe) and name_fault(Path(f"{safe}.xlsx")) is None
    return safe if usable else f"packet {_tail(node)}"


def _tail(node: str) -> str:
    """A few letters that tell a node apart."""
    return hashlib.sha256(node.encode("utf-8", "surrogatepass")).hexdigest()[:8]


class PacketFolder:
    """A folder that is being filled beside its place."""

    def __init__(self, target: Path, temporary: Path) -> None:
        self.target, self.temporary = target, temporary

    def add(self, name: str, content: bytes) -> None:
        """Write a file and make sure that it is on the disk."""
        place = self.temporary / name
        place.parent.mkdir(exist_ok=True)
        with place.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """Put the folder in its place: from now on all of it is there."""
        sync_folder(self.temporary)
        if self.target.exists() and os.name == "nt":
            self.target.rmdir()  # elsewhere a folder replaces an empty one at once
        self.temporary.replace(self.target)
        sync_folder(self.target.parent)


@contextmanager
def packet_folder(target: Path) -> Iterator[PacketFolder]:
    """A folder for packets: whatever goes wrong before `finish`, nothing of it is left.

    Args:
        target: A folder that does not exist, or is empty.

    Raises:
        PlanError: It cannot be made, it has files already, the disk is full, or another run is making it.
    """
    target = target.absolute()
    refuse_taken(target)
    with alone(target):
        prefix = f".{target.name[:40]}.revops-packets-"
        for leftover in target.parent.glob(f"{_literal(prefix)}*"):
            shutil.rmtree(leftover, ignore_errors=True)  # of a run that was killed; nobody else can be at it now
        try:
            temporary = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
            temporary.chmod(0o755)
            try:
                yield PacketFolder(target, temporary)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
        except OSError as error:
            message = f"could not be saved: {error.strerror or error}"
            raise PlanError([Problem(target.name, "", message, "No packet was made.")]) from error


def refuse_taken(target: Path) -> None:
    """Refuse a folder that packets cannot go into.

    Raises:
        PlanError: Names the folder and the reason.
    """
    fault = name_fault(target)
    if fault is not None:
        raise PlanError([fault])
    reason, fix = "", "Name a folder that does not exist yet."
    if not target.parent.is_dir():
        reason, fix = f"the folder {target.parent} does not exist", "Create it first."
    elif target.is_symlink() or (target.exists() and not target.is_dir()):
        reason = "is a file or a link; packets need a folder of their own"
    elif target.is_dir() and any(target.iterdir()):
        reason = "the folder has files in it already, and packets replace nothing"
    elif not target.exists() and (other := twin(target)) is not None:
        reason = f'there is "{other.name}" already, which is the same name on Windows and Mac'
    elif not os.access(target.parent, os.W_OK):
        reason, fix = f"the folder {target.parent} is read-only", "Save elsewhere."
    if reason:
        raise PlanError([Problem(target.name, "", reason, fix)])


def _literal(text: str) -> str:
    """A text for a pattern of file names that matches itself."""
    return re.sub(r"([*?\[])", r"[\1]", text)
