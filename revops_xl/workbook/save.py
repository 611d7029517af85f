"""Saving whole or not at all: a temporary file beside the target, flushed, verified, then put in its place."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from revops_xl.errors import PlanError, Problem


def refuse_busy(path: Path) -> None:
    """Refuse a target that is open in Excel, read-only, or in a folder that is missing or read-only.

    Called before anything is computed, so that nobody waits for a result that cannot be saved.
    """
    if not path.parent.is_dir():
        raise PlanError([Problem(path.name, "", f"the folder {path.parent} does not exist", "Create it first.")])
    lock = path.with_name(f"~${path.name}")
    if lock.exists():
        holder = _holder(lock)
        who = f" by {holder}" if holder else ""
        raise PlanError(
            [Problem(path.name, "", f"the workbook is open{who}", f"Close it, or delete {lock.name} if it is not.")]
        )
    if path.is_dir():
        raise PlanError([Problem(path.name, "", "is a folder; a file name is needed")])
    writable = os.access(path, os.W_OK) and path.stat().st_mode & 0o222 if path.exists() else True
    if not writable:
        raise PlanError([Problem(path.name, "", "the file is read-only", "Save to another name.")])
    if not os.access(path.parent, os.W_OK):
        raise PlanError([Problem(path.name, "", f"the folder {path.parent} is read-only", "Save elsewhere.")])


def _holder(lock: Path) -> str:
    """Name of the person in Excel's lock file: a length byte, then the name."""
    try:
        content = lock.read_bytes()
    except OSError:
        return ""
    return content[1 : 1 + content[0]].decode("cp1252", "replace").strip() if content else ""


def save(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a workbook file atomically.

    Args:
        path: Target; an old file stays as it is until the new one is complete and verified.
        write: Writes the content to a binary file.

    Raises:
        PlanError: The disk is full, or the target cannot be replaced; the old file is untouched.
    """
    path = path.resolve()  # a link stays a link, and its file is replaced
    refuse_busy(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        _verify(temporary)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        raise PlanError(
            [Problem(path.name, "", f"could not be saved: {error.strerror or error}", "The old file is as it was.")]
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _verify(path: Path) -> None:
    """Read every part back: a checksum that does not match means the disk lost something."""
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
    if broken is not None:
        raise OSError(None, f"part {broken} was not written correctly")


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system has such a thing."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
