"""Saving whole or not at all: a temporary file beside the target, flushed, verified, then put in its place."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from filelock import FileLock, Timeout

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file.file_names import name_fault, twin
from revops_xl.workbook.file.zip_entry import verify

#: Another program that looks at a file for a moment (a virus scanner, an indexer) is waited for: seconds.
_PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8)


@dataclass(frozen=True)
class FileState:
    """What a file was when it was looked at, to notice that somebody saved it since."""

    path: Path
    stamp: tuple[int, int, int] | None

    @classmethod
    def of(cls, path: Path) -> Self:
        """The file now; it may not exist."""
        path = path.resolve()
        if not path.exists():
            return cls(path, None)
        status = path.stat()
        return cls(path, (status.st_mtime_ns, status.st_size, status.st_ino))

    def refuse_change(self) -> None:
        """Refuse to go on if the file is not what it was.

        Raises:
            PlanError: Somebody saved, replaced or deleted it.
        """
        if FileState.of(self.path) != self:
            message = "the file was saved by somebody else in the meantime"
            raise PlanError([Problem(self.path.name, "", message, "Run again: nothing of that was overwritten.")])


def refuse_busy(path: Path) -> None:
    """Refuse a target that is open in Excel, read-only, misnamed, or in a folder that is missing or read-only.

    Called before anything is computed, so that nobody waits for a result that cannot be saved.
    """
    problem = _obstacle(path)
    if problem is not None:
        raise PlanError([problem])


def _obstacle(path: Path) -> Problem | None:
    name = path.name
    fault = name_fault(path)
    if fault is not None:
        return fault
    if not path.parent.is_dir():
        return Problem(name, "", f"the folder {path.parent} does not exist", "Create it first.")
    locks = (path.with_name(f"~${name}"), path.with_name(f".~lock.{name}#"))
    for lock in filter(_is_there, locks):
        holder = _holder(lock)
        who = f" by {holder}" if holder else ""
        return Problem(name, "", f"the workbook is open{who}", f"Close it, or delete {lock.name} if it is not.")
    if path.is_dir():
        return Problem(name, "", "is a folder; a file name is needed")
    if path.exists():
        if not os.access(path, os.W_OK) or not path.stat().st_mode & 0o222:
            return Problem(name, "", "the file is read-only", "Save to another name.")
    elif (other := twin(path)) is not None:
        message = f'the folder has a file "{other.name}", which is the same name on Windows and Mac'
        return Problem(name, "", message, "Choose another name, or that one.")
    if not os.access(path.parent, os.W_OK):
        return Problem(name, "", f"the folder {path.parent} is read-only", "Save elsewhere.")
    return None


def _is_there(lock: Path) -> bool:
    """Whether there is such a file; a name that is longer than names can be is none."""
    try:
        return lock.exists()
    except OSError:
        return False


def _holder(lock: Path) -> str:
    """Name of the person in a lock file: in Excel's a length byte, then the name; in LibreOffice's before the comma."""
    try:
        content = lock.read_bytes()
    except OSError:
        return ""
    if lock.name.startswith(".~lock."):
        return content.decode("utf-8", "replace").partition(",")[0].strip()
    return content[1 : 1 + content[0]].decode("cp1252", "replace").strip() if content else ""


def backup_path(path: Path) -> Path:
    """Where the file before the run is kept.

    Example:
        >>> backup_path(Path("plan.xlsx")).name
        'plan.backup.xlsx'
    """
    return path.with_name(f"{path.stem}.backup{path.suffix}")


def save(
    path: Path,
    write: Callable[[BinaryIO], None],
    *,
    unchanged: tuple[FileState, ...] = (),
    backup: bool = False,
    verify: bool = True,
) -> None:
    """Write a workbook file atomically.

    Args:
        path: Target; an old file stays as it is until the new one is complete and verified.
        write: Writes the content to a binary file.
        unchanged: Files that must still be what they were.
        backup: Keep the old file beside the new one; it replaces the backup of the run before.
        verify: Read the new file before it takes the place of the old one; False: it is no workbook.

    Raises:
        PlanError: The disk is full, the target cannot be replaced, or somebody else saves; the old file is untouched.
    """
    path = path.resolve()  # a link stays a link, and its file is replaced
    refuse_busy(path)
    with alone(path):
        _remove_leftovers(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            if verify:
                _verify(temporary)
            _like_the_old_one(temporary, path)
            for state in unchanged:
                state.refuse_change()
            if backup and path.exists():
                _keep(path)
            _put(temporary, path)
        except OSError as error:
            reason = error.strerror or str(error)
            if isinstance(error, PermissionError):
                reason += "; another program holds the file"
            message = f"could not be saved: {reason}"
            raise PlanError([Problem(path.name, "", message, "The old file is as it was.")]) from error
        finally:
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Only one process of this user saves a file, or a folder, at a time; the system frees the lock if that process dies."""
    key = hashlib.sha256(os.fsencode(path)).hexdigest()[:24]
    folder = _lock_folder()
    try:
        with FileLock(folder / f"{key}.lock", timeout=0):
            yield
    except Timeout as error:
        message = f"another run is saving this {'workbook' if path.suffix else 'folder'} right now"
        raise PlanError([Problem(path.name, "", message, "Wait for it, then run again.")]) from error


def _lock_folder() -> Path:
    """A folder of this user's, where nobody else can put anything."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_RUNTIME_DIR") or Path.home() / ".cache"
    folder = Path(home) / "revops-xl"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK)
    except (OSError, RuntimeError):
        usable = False
    return folder if usable else Path(tempfile.mkdtemp(prefix="revops-xl-"))


def _prefix(path: Path) -> str:
    """Temporary files say which file and which machine they belong to."""
    whose = hashlib.sha256(platform.node().encode() + os.fsencode(path)).hexdigest()[:12]
    return f".{path.stem[:40]}.revops-{whose}-"


def _remove_leftovers(path: Path) -> None:
    """Temporary files of a run that was killed on this machine; nobody else can be writing them now."""
    for leftover in path.parent.iterdir():
        if leftover.name.startswith(_prefix(path)) and leftover.suffix == ".tmp":
            leftover.unlink(missing_ok=True)


def _keep(path: Path) -> None:
    """The old file under its backup's name; whole, whatever happens."""
    temporary = path.with_name(f"{_prefix(path)}backup.tmp")
    try:
        try:
            os.link(path, temporary)
        except OSError:  # a file system without links
            shutil.copy2(path, temporary)
        _put(temporary, backup_path(path))
    finally:
        temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> None:
    for seconds in _PATIENCE:
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    temporary.replace(path)


def _like_the_old_one(temporary: Path, path: Path) -> None:
    """Rights, owner and attributes of the file that is replaced, as far as the system allows."""
    if not path.exists():
        temporary.chmod(0o666 & ~umask())
        return
    old = path.stat()
    if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (temporary.stat().st_uid, temporary.stat().st_gid):
        with suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(old.st_mode & 0o777)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(path):
                os.setxattr(temporary, name, os.getxattr(path, name))


def umask() -> int:
    """What new files are not allowed."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _verify(path: Path) -> None:
    """Read every part back: a checksum that does not match means the disk lost something."""
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            try:
                verify(file, entry)
            except zipfile.BadZipFile as error:
                raise OSError(None, f"part {entry.filename} was not written correctly") from error


def sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system has such a thing."""
    if os.name != "posix":
        return
    with suppress(OSError):  # the file is saved; some file systems cannot do more
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
